"""What is done again and again: rows that say when, and locks that say by whom.

A lock is an advisory one, of a connection that is open for the time of one run: PostgreSQL releases
it as soon as the process dies, and the row is due as it was. Another process does it then.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import asyncpg
import orjson

from storage.database.bounded import database_within
from storage.database.postgres import connect, losses_told
from storage.database.queries import load_queries
from storage.outbox.process_lease import KEEPALIVE
from storage.outbox.rows import Connection

_SQL = load_queries("database/schedules")

CALL_S = 5.0
_CALL_MS = 5_000


class Times(NamedTuple):
    """When something is due that has no row yet, and the latest that one with a row may be."""

    first: datetime
    latest: datetime


class Standing(NamedTuple):
    """How something stands; `late_s` is below zero for what is not due yet."""

    name: str
    late_s: float
    failures: int
    is_ready: bool
    """It is due, and no process is at it."""


class ShownSchedule(NamedTuple):
    """What an operator sees of a row."""

    name: str
    next_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    result: Mapping[str, Any]
    failures: int


@dataclass(frozen=True, slots=True)
class Turn:
    """The right to do something, as long as the connection lasts."""

    name: str
    failures: int
    """How often it has failed in a row before."""
    connection: asyncpg.Connection

    @contextlib.asynccontextmanager
    async def watched(self, scope: asyncio.Timeout) -> AsyncIterator[None]:
        """Ends the scope when the connection is lost within the block: the right is another's."""

        def lost(_connection: object) -> None:
            scope.reschedule(asyncio.get_running_loop().time())

        self.connection.add_termination_listener(lost)
        try:
            yield
        finally:
            self.connection.remove_termination_listener(lost)

    async def now(self) -> datetime:
        """The time by PostgreSQL's clock. Raises one of `UNAVAILABLE`, as all methods do."""
        with losses_told():
            now: datetime = await self.connection.fetchval(_SQL["now"])
        return now

    async def end(self, result: Mapping[str, Any], failures: int, next_at: datetime) -> None:
        """Keep what came of it, and when it is due again."""
        with losses_told():
            told = orjson.dumps(result).decode()
            await self.connection.execute(_SQL["end"], self.name, told, failures, next_at)


class ScheduleStore:
    """The rows. Methods raise `RequestError` (`unavailable`) while PostgreSQL does not answer."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", dsn: str) -> None:
        self._pool = pool
        self._dsn = dsn

    async def declare(self, times: Callable[[datetime], Mapping[str, Times]]) -> None:
        """Add rows that lack; `times` says by the present time when each is due."""
        async with database_within(CALL_S):
            given = times(await self._pool.fetchval(_SQL["now"]))
            columns = zip(*((name, *given[name]) for name in given), strict=True)
            await self._pool.execute(_SQL["declare"], *(list(column) for column in columns))

    async def look(self, names: Sequence[str]) -> list[Standing]:
        """How those of these names stand."""
        async with database_within(CALL_S):
            rows = await self._pool.fetch(_SQL["look"], names)
        return [Standing(**row) for row in rows]

    @contextlib.asynccontextmanager
    async def turn(self, name: str) -> AsyncIterator[Turn | None]:
        """The turn to do something that is due; None where it is another's.

        Raises one of `UNAVAILABLE`, or what the server says.
        """
        with losses_told():
            connection = await connect(self._dsn, _CALL_MS, **KEEPALIVE)
        try:
            with losses_told():
                failures = None
                if await connection.fetchval(_SQL["take"], name):
                    failures = await connection.fetchval(_SQL["begin"], name)
            if failures is None:
                yield None
                return
            yield Turn(name, failures, connection)
        finally:
            connection.terminate()


async def list_schedules(connection: Connection) -> list[ShownSchedule]:
    """All rows, by name."""
    rows = await connection.fetch(_SQL["list"])
    return [
        ShownSchedule(
            started_at=row["last_started_at"],
            ended_at=row["last_ended_at"],
            name=row["name"],
            next_at=row["next_at"],
            result=orjson.loads(row["last_result"] or "{}"),
            failures=row["failures"],
        )
        for row in rows
    ]


async def ask_for(connection: Connection, names: Sequence[str]) -> list[str]:
    """Make some due at once; the names of those that there are."""
    return [row["name"] for row in await connection.fetch(_SQL["ask"], names)]
