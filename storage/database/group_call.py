"""A prepared call of a group function on a connection of its own, reopened when it is lost."""

import asyncio
from collections.abc import Sequence
from typing import Any

import asyncpg
import structlog

from storage.database.postgres import (
    LATE,
    REPEATABLE,
    UNAVAILABLE,
    connect,
    is_bad_argument,
    losses_told,
    see_role,
)

log = structlog.get_logger()

ATTEMPTS = 3
"""Times that a group is tried when its connection is lost or it deadlocks."""


class GroupCall:
    """One statement on one connection, called by one task at a time."""

    def __init__(
        self, dsn: str, statement: str, *, statement_timeout_ms: int, **settings: str
    ) -> None:
        """`settings` are further ones of the connection, by PostgreSQL's names."""
        self._dsn = dsn
        self._settings = settings
        self._text = statement
        self._timeout_ms = statement_timeout_ms
        self._connection: asyncpg.Connection | None = None
        self._statement: Any = None

    async def open(self) -> None:
        """Connect and prepare. Raises one of `UNAVAILABLE`."""
        connection = await connect(self._dsn, self._timeout_ms, **self._settings)
        try:
            await see_role(connection)
            self._statement = await connection.prepare(self._text)
        except BaseException:
            connection.terminate()
            raise
        self._connection = connection

    async def close(self) -> None:
        """End the connection, waiting for nothing."""
        connection, self._connection, self._statement = self._connection, None, None
        if connection is not None:
            connection.terminate()

    async def fetch(self, arguments: Sequence[object]) -> list[asyncpg.Record]:
        """The rows of one call.

        A connection lost, also at commit, and a deadlock repeat the same call: what had been
        stored answers `repeat`. Raises one of `UNAVAILABLE` when it stays away, and what the
        statement raises.
        """
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with losses_told():
                    if self._connection is None or self._connection.is_closed():
                        await self.open()
                    return await self._fetch(arguments)
            except REPEATABLE:
                if attempt == ATTEMPTS:
                    raise
            except UNAVAILABLE as error:
                if is_bad_argument(error) or isinstance(error, asyncpg.DiskFullError):
                    raise
                await self.close()
                if attempt == ATTEMPTS or isinstance(error, LATE):
                    raise
                log.warning("group_connection_lost", reason=type(error).__name__)
                await asyncio.sleep(0.05 * attempt)
            except asyncio.CancelledError:
                await self.close()
                raise
        raise AssertionError("the last attempt returns or raises")

    async def _fetch(self, arguments: Sequence[object]) -> list[asyncpg.Record]:
        rows: list[asyncpg.Record] = await self._statement.fetch(*arguments)
        return rows
