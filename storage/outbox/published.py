"""Outbox rows whose events are published: deleted by the next group, or by a sweep."""

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
"""Rows that no group has deleted within this time are deleted by a sweep."""

AWAY_S = 1.0
"""The pause after a deletion that failed."""


class PublishedRows:
    """Collects ids of rows to delete; a writer's group deletes them, or `run` does."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", owner: UUID) -> None:
        """`owner` is the process that owns the rows."""
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
        """All ids so far, or None, for a call that deletes them; restored if it fails."""
        ids, self._ids = self._ids, []
        try:
            yield ids or None
        except BaseException:
            self._ids += ids
            self._added.set()
            raise

    async def run(self) -> None:
        """Delete until cancelled the rows that no group deletes. A row that stays is published
        again, and logs and sequencers drop its events as duplicates.
        """
        while True:
            await self._added.wait()
            self._added.clear()
            await asyncio.sleep(SWEEP_S)
            await self.sweep()

    async def sweep(self) -> None:
        """Delete now the rows that no group has deleted."""
        if not self._ids:
            return
        try:
            with losses_told(), self.taken() as ids:
                await self._pool.execute(_SQL["delete_published"], ids)
        except UNAVAILABLE as error:
            log.warning("published_rows_kept", rows=len(self._ids), reason=type(error).__name__)
            await asyncio.sleep(AWAY_S)
