"""What a backend of PostgreSQL waits for, seen over a second connection while it waits.

The error of a lock that was not had in time names neither the table nor who has it.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from typing import NamedTuple

import asyncpg

from storage.database.postgres import UNAVAILABLE, connect, losses_told
from storage.database.queries import load_queries

_SQL = load_queries("database/lock_waits")

LOOK_S = 0.1
CALL_MS = 1_000


class Holder(NamedTuple):
    """A backend that is in the way; nothing of what it says to PostgreSQL."""

    pid: int
    application: str
    open_s: float
    """How long its transaction has been open."""


class Wait(NamedTuple):
    """What was waited for, and on whom."""

    wanted: str
    """A table, or PostgreSQL's word for another kind of lock."""
    holders: Sequence[Holder]

    def __str__(self) -> str:
        """For a person who is to do something about it."""
        told = ", ".join(
            f"process {one.pid} ({one.application or 'nameless'}, in a transaction for "
            f"{one.open_s:.0f} s)"
            for one in self.holders
        )
        return f"{self.wanted}, which is held by {told}"


class LockWatch:
    """Keeps the last wait of a backend that was seen.

    A watch that gets no connection sees nothing, and disturbs nobody.
    """

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self.wait: Wait | None = None

    @contextlib.asynccontextmanager
    async def on(self, pid: int) -> AsyncIterator[None]:
        """Look at what the backend `pid` waits for as long as the block lasts."""
        task = asyncio.create_task(self._look(pid))
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])

    async def _look(self, pid: int) -> None:
        await asyncio.sleep(LOOK_S)  # most of what is waited for is there by then
        with contextlib.suppress(*UNAVAILABLE, asyncpg.PostgresError), losses_told():
            connection = await connect(self._dsn, CALL_MS)
            try:
                while True:
                    rows = await connection.fetch(_SQL["waits_of"], pid)
                    if rows:
                        self.wait = _wait(rows)
                    await asyncio.sleep(LOOK_S)
            finally:
                connection.terminate()


def _wait(rows: Sequence[asyncpg.Record]) -> Wait:
    wanted = rows[0]["wanted"]
    holders = [
        Holder(row["pid"], row["application"], row["open_s"])
        for row in rows
        if row["wanted"] == wanted
    ]
    return Wait(wanted, holders)
