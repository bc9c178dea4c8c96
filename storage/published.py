"""Outbox rows whose events are published: deleted by the next group, or soon without one."""

import asyncio

import asyncpg
import structlog

from storage.postgres import UNAVAILABLE, losses_told
from storage.queries import load_queries

log = structlog.get_logger()
_SQL = load_queries("outbox")

SWEEP_S = 0.2
"""Rows that no group has taken along for this long are deleted on their own."""


class PublishedRows:
    """Collects ids of rows to delete; a writer takes them along, or `run` deletes them."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._pool = pool
        self._ids: list[int] = []
        self._added = asyncio.Event()

    def add(self, outbox_id: int) -> None:
        """The events of this row are published."""
        self._ids.append(outbox_id)
        self._added.set()

    def take(self) -> list[int] | None:
        """All ids so far, for a group call that deletes them; None for none."""
        if not self._ids:
            return None
        ids, self._ids = self._ids, []
        return ids

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
        ids = self.take()
        if ids is None:
            return
        try:
            with losses_told():
                await self._pool.execute(_SQL["delete_published"], ids)
        except UNAVAILABLE as error:
            log.warning("published_rows_kept", rows=len(ids), reason=type(error).__name__)
