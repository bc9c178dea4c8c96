"""Views and searches are counted in memory and written in groups: no write a view.

What a process that dies has not yet written, some seconds of views, is lost; nothing stands on it.
"""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

import asyncpg
import structlog

from protocol.errors import RequestError
from storage.database.bounded import database_within
from storage.database.queries import load_queries

log = structlog.get_logger()

FLUSH_S = 5.0
WAITING = 10_000
"""Views that wait at most; further ones are not counted."""
_WRITE_S = 5.0
_SQL = load_queries("resources/view_counts")


class View(NamedTuple):
    """Somebody looked at something."""

    entity_type: str
    entity_id: UUID
    viewer_id: UUID | None
    ip: str | None
    user_agent: str | None
    referrer: str | None
    at: datetime


class Searched(NamedTuple):
    """Somebody searched for something."""

    user_id: UUID
    search_type: str
    query: str
    filters: str
    results_count: int


class Views:
    """What waits to be written."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", flush_s: float = FLUSH_S) -> None:
        self._pool = pool
        self._flush_s = flush_s
        self._views: dict[tuple[str, UUID, object], View] = {}
        self._searches: list[Searched] = []

    def seen(self, view: View) -> None:
        """Count a view; one viewer's repeats within a flush are one."""
        if len(self._views) < WAITING:
            self._views[view.entity_type, view.entity_id, view.viewer_id or view.ip] = view

    def searched(self, search: Searched) -> None:
        """Remember what a person searched for."""
        if len(self._searches) < WAITING:
            self._searches.append(search)

    async def run(self) -> None:
        """Write what waits, every few seconds, and once more at the end."""
        try:
            while True:
                await asyncio.sleep(self._flush_s)
                await self.flush()
        finally:
            await self.flush()

    async def flush(self) -> None:
        """Write what waits; what cannot be written now is given up."""
        views, self._views = list(self._views.values()), {}
        searches, self._searches = self._searches, []
        try:
            async with database_within(_WRITE_S):
                if views:
                    await self._pool.execute(_SQL["count"], *_columns(views))
                if searches:
                    await self._pool.execute(_SQL["searched"], *_columns(searches))
        except RequestError as error:
            log.warning("views_not_counted", views=len(views), reason=error.code)


def now() -> datetime:
    """The time of a view."""
    return datetime.now(UTC)


def _columns(rows: Sequence[tuple[object, ...]]) -> list[list[object]]:
    return [list(column) for column in zip(*rows, strict=True)]
