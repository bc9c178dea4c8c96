"""Rows that a release adds something to: filled in parts, while servers run.

How far each has come is kept in the table `backfills`, so that a process goes on where another
stopped. One process is at a part at a time.
"""

from collections.abc import Awaitable, Callable, Mapping

import asyncpg

from protocol.errors import RequestError
from storage.database.bounded import database_within
from storage.database.postgres import connect
from storage.database.queries import load_queries

_SQL = load_queries("database/backfills")
_OPEN = _SQL["open"]
_STEPS = {name: sql for name, sql in _SQL.items() if name != "open"}

Step = Callable[[int], Awaitable[int | None]]
"""Looks at the next so many rows; how many there were, None if another process is at it."""

STEP_S = 10.0
"""How long one part may take, waiting for a connection included."""


class TooLongError(Exception):
    """PostgreSQL has ended a part that took too long; one of fewer rows may end in time."""


async def open_at(dsn: str) -> list[str]:
    """The names of those that are not done in a database. Raises one of `UNAVAILABLE`."""
    connection = await connect(dsn, round(STEP_S * 1000))
    try:
        return [row["name"] for row in await connection.fetch(_OPEN)]
    finally:
        await connection.close()


class Backfills:
    """What there is to fill. Each step is durable when its method returns.

    Every method raises `RequestError` (`unavailable`) when PostgreSQL does not answer in time.
    """

    def __init__(
        self, pool: "asyncpg.Pool[asyncpg.Record]", others: Mapping[str, Step] | None = None
    ) -> None:
        """`others` are those that take more than a statement, by their names."""
        self._pool = pool
        self._others = dict(others or {})

    async def open(self) -> list[str]:
        """The names of those that are not done, but for those of a later release."""
        async with database_within(STEP_S):
            rows = await self._pool.fetch(_OPEN)
        return [row["name"] for row in rows if row["name"] in _STEPS.keys() | self._others.keys()]

    async def step(self, name: str, limit: int) -> int | None:
        """Look at the next `limit` rows; how many there were, None if another process is at it.

        Raises `TooLongError`, and `asyncpg.LockNotAvailableError` when others hold a row long.
        """
        try:
            if name in self._others:
                return await self._others[name](limit)
            async with database_within(STEP_S):
                seen: int | None = await self._pool.fetchval(_STEPS[name], limit)
        except RequestError as error:
            if isinstance(error.__cause__, asyncpg.QueryCanceledError):
                raise TooLongError(f"{name}: {limit} rows") from error
            raise
        return seen
