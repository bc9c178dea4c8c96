"""Outbox rows whose events are published: deleted by the next group, or soon without one."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import asyncpg
import structlog

from storage.database.postgres import UNAVAILABLE, losses_told
from storage.database.queries import load_queries

log = structlog.get_logger()
_SQL = load_queries("outbox/outbox")

SWEEP_S = 0.2
"""Rows that no group has taken along for this long are deleted on their own."""

AWAY_S = 1.0
"""The pause after a deletion that failed."""


class PublishedRows:
    """Collects ids of rows to delete; a writer takes them along, or `run` deletes them."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", owner: UUID) -> None:
        """`owner` is the process that the rows belong to."""
        self._pool = pool
        self.owner = owner
        self._ids: list[int] = []
        self._added = asyncio.Event()

    def add(self, outbox_id: int) -> None:
        """The events of this row are published."""
        self._ids.append(outbox_id)
        self._added.set()

    @contextmanager
    def taken(self) -> Iterator[list[int] | None]:
        """All ids so far, for a call that deletes them, None for none; back again if it fails."""
        ids, self._ids = self._ids, []
        try:
            yield ids or None
        except BaseException:
            self._ids += ids
            self._added.set()
            raise

    async def run(self) -> None:
        """Delete what no group takes along, until cancelled. A row kept is published again, and
        its events are dropped by those who have them.
        """
        while True:
            await self._added.wait()
            self._added.clear()
            await asyncio.sleep(SWEEP_S)
            await self.sweep()

    async def sweep(self) -> None:
        """Delete now what no group has taken along."""
        if not self._ids:
            return
        try:
            with losses_told(), self.taken() as ids:
                await self._pool.execute(_SQL["delete_published"], ids)
        except UNAVAILABLE as error:
            log.warning("published_rows_kept", rows=len(self._ids), reason=type(error).__name__)
            await asyncio.sleep(AWAY_S)
