"""One call of a function that changes something: bounded in time, repeated after a deadlock."""

from collections.abc import Callable

import asyncpg

from protocol.errors import RequestError
from storage.database.bounded import database_within
from storage.database.postgres import REPEATABLE

ATTEMPTS = 3
"""Times that a call is made whose transaction lost a deadlock or a serialization check."""

CALL_S = 5.0
"""How long a call may take in all, waiting for a connection included."""


class ChangeCalls:
    """Calls of change functions on the pool, each a transaction of its own.

    `wake` is called after a commit that left something in the outbox.
    """

    def __init__(
        self,
        pool: "asyncpg.Pool[asyncpg.Record]",
        wake: Callable[[], None],
        *,
        lock_timeout_ms: int = 500,
    ) -> None:
        self._pool = pool
        self._wake = wake
        self.lock_timeout_ms = lock_timeout_ms

    async def row(self, query: str, *arguments: object) -> asyncpg.Record:
        """The one row that a change function returns; wakes the relay when its verdict is `ok`.

        Raises `RequestError` (`unavailable`) when the conversation stays locked or PostgreSQL does
        not answer in time.
        """
        rows = await self.rows(query, *arguments)
        if rows[0]["verdict"] == "ok":
            self._wake()
        return rows[0]

    async def rows(self, query: str, *arguments: object) -> list[asyncpg.Record]:
        """The rows of any statement that changes something; wakes nobody."""
        async with database_within(CALL_S):
            for attempt in range(1, ATTEMPTS + 1):
                try:
                    return await self._pool.fetch(query, *arguments)
                except asyncpg.LockNotAvailableError as error:
                    raise RequestError.unavailable("the conversation") from error
                except REPEATABLE as error:
                    if attempt == ATTEMPTS:
                        raise RequestError.unavailable("the conversation") from error
        raise AssertionError("the last attempt returns or raises")

    def woken(self) -> None:
        """Tell the relay that the outbox holds something."""
        self._wake()
