"""The clock of workflows, which only an instance for tests moves."""

import datetime as dt
from typing import Any, NamedTuple

import asyncpg

from storage.database.bounded import database_within
from storage.database.queries import load_queries
from storage.workflows.executor import EXECUTION_S

_SQL = load_queries("workflows/timers")


class MovedClock(NamedTuple):
    """The time by the clock of workflows, and how many seconds it is ahead of the database's."""

    now: dt.datetime
    ahead_s: float


class WorkflowClock:
    """The clock, on a pool of connections. Raises `RequestError` when PostgreSQL is away."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._pool = pool

    async def read(self) -> MovedClock:
        """What time it is."""
        async with database_within(EXECUTION_S):
            return await told_clock(self._pool)

    async def advance(self, seconds: float, *, is_jump: bool) -> MovedClock:
        """Move it on; as a jump, pollers take it for one of the machine's clock."""
        async with database_within(EXECUTION_S):
            await self._pool.execute(_SQL["advance"], seconds, is_jump)
            return await told_clock(self._pool)


async def told_clock(connection: Any) -> MovedClock:
    """The clock, as a connection or a pool reads it."""
    row = await connection.fetchrow(_SQL["told_clock"])
    return MovedClock(row["now"], row["ahead_s"])
