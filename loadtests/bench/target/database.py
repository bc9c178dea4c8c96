"""The database of the server under load: what is put there beforehand, and what it counts.

Writing people and histories straight into the tables takes seconds where the wire takes hours.
"""

import asyncio
import datetime as dt
import hashlib
import secrets
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import asyncpg
import orjson

from loadtests.bench.target.accounts import Login
from loadtests.bench.target.instance import Instance

Connection = asyncpg.Connection
Result = TypeVar("Result")

_CONNECT_S = 10.0
_FILL_S = 3_600.0
_LASTS_S = 86_400.0

_TRANSACTIONS = """
select xact_commit + xact_rollback from pg_stat_database where datname = current_database()
"""
_PEOPLE = """
with person as (
    insert into users (display_name, kind)
    select 'Person ' || $3 || ' ' || n, 'both' from generate_series(1, cardinality($1::bytea[])) n
    returning id
), numbered as (
    select id, row_number() over () as n from person
), private as (
    insert into user_private (user_id, email) select id, id || '@example.com' from person
)
insert into sessions (user_id, access_hash, access_expires_at, refresh_hash, refresh_expires_at)
select p.id, given.access, clock_timestamp() + $4, given.refresh, clock_timestamp() + $4
from unnest($1::bytea[], $2::bytea[]) with ordinality as given(access, refresh, n)
join numbered p using (n)
returning user_id, access_hash
"""


def url(server: Instance) -> str:
    """Where the server's own PostgreSQL is, for its owner."""
    kept: dict[str, str] = orjson.loads((server.data_dir / "servers.json").read_bytes())
    return kept.get("owner_database_url") or kept["database_url"]


def work(server: Instance, do: Callable[[Connection], Awaitable[Result]]) -> Result:
    """Do something on a connection of the database's owner."""
    return work_at(url(server), do)


def work_at(address: str, do: Callable[[Connection], Awaitable[Result]]) -> Result:
    """Do something on a connection to the database that is there."""

    async def connected() -> Result:
        connection = await asyncpg.connect(address, timeout=_CONNECT_S, command_timeout=_FILL_S)
        try:
            return await do(connection)
        finally:
            await connection.close(timeout=_CONNECT_S)

    return asyncio.run(connected())


def people(server: Instance, count: int) -> list[Login]:
    """So many new people who are logged in for a day; no password is hashed, as they have none."""
    return people_at(url(server), count)


def people_at(address: str, count: int) -> list[Login]:
    """As `people`, of the Parley whose database is there."""

    async def put(connection: Connection) -> list[Login]:
        tokens = [secrets.token_urlsafe(32) for _ in range(count)]
        by_hash = {hashlib.sha256(token.encode()).digest(): token for token in tokens}
        refresh = [secrets.token_bytes(32) for _ in tokens]
        run = secrets.token_hex(3)
        rows = await connection.fetch(
            _PEOPLE, list(by_hash), refresh, run, dt.timedelta(seconds=_LASTS_S)
        )
        until = time.time() + _LASTS_S
        return [Login(str(row[0]), by_hash[row[1]], until) for row in rows]

    return work_at(address, put)


def transactions(server: Instance) -> int:
    """Transactions so far; each of its processes may tell of its own up to 10 s late."""

    async def count(connection: Connection) -> int:
        total: int = await connection.fetchval(_TRANSACTIONS)
        return total

    return work(server, count)
