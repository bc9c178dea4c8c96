"""The time of a test's database: it stands still until a test moves it on.

Functions of the database, and statements of the server, find `now` and `clock_timestamp` in a
schema that is looked into before PostgreSQL's own. Defaults of columns keep to the real time, which
is before ours.
"""

import datetime as dt
import math

import asyncpg

_MADE = """
create schema moved;
create table moved.clock (at timestamptz not null);
insert into moved.clock values (
    date_trunc('month', pg_catalog.now(), 'UTC') + interval '1 month' - interval '10 minutes');
create function moved.now() returns timestamptz language sql stable
    as 'select at from moved.clock';
create function moved.clock_timestamp() returns timestamptz language sql stable
    as 'select at from moved.clock';
grant usage on schema moved to public;
grant select on moved.clock to public;
select ensure_message_month(at) from moved.clock;
select ensure_message_month(at + interval '1 month') from moved.clock;
select ensure_key_week(at + make_interval(weeks => n)) from moved.clock, generate_series(0, 1) n;
do $$ begin
    execute format('alter database %I set search_path = moved, pg_catalog, public',
                   current_database());
end $$
"""


class Clock:
    """Milliseconds since the beginning, ten minutes before a month ends."""

    def __init__(self, owner: asyncpg.Connection, began_s: float) -> None:
        self._owner = owner
        self._began_s = began_s
        self.at_ms = 0

    @classmethod
    async def of(cls, owner: asyncpg.Connection) -> "Clock":
        """The clock of a database, for all connections made from now on."""
        await owner.execute(_MADE)
        return cls(
            owner, await owner.fetchval("select extract(epoch from at)::float8 from moved.clock")
        )

    async def set(self, at_ms: int) -> None:
        """Move it, be it back: to the beginning of another scenario."""
        await self._owner.execute(
            "update moved.clock set at = to_timestamp(($1::bigint + $2) / 1000.0)",
            int(self._began_s * 1000),
            at_ms,
        )
        self.at_ms = at_ms

    # As the module `time` has them.

    def time(self) -> float:
        return self._began_s + self.at_ms / 1000

    perf_counter = time

    def passed_ms(self, moment: dt.datetime) -> int:
        """An aware time, in whole milliseconds; one between two is the later."""
        return math.ceil(round((moment.timestamp() - self._began_s) * 1000, 2))
