"""Who may see whom: presence and typing are shown between people who both wrote."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg

from protocol.errors import RequestError
from storage.database.bounded import database_within
from storage.database.queries import load_queries
from storage.messages.reader import READ_S

_SQL = load_queries("conversations/audience")

FANOUT_BOUND = 32
"""People up to whom receipts of others and typing are shown."""


class Audience:
    """Raises `RequestError` (`unavailable`) when PostgreSQL does not answer in time."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._pool = pool

    async def typing(self, conversation_id: UUID, user_id: UUID) -> list[UUID]:
        """Who may see the user typing. Raises `not_found` for a stranger to the conversation."""
        async with database_within(READ_S):
            row = await self._pool.fetchrow(_SQL["typing"], conversation_id, user_id, FANOUT_BOUND)
        if row is None:
            raise RequestError.not_found("conversation")
        return row["user_ids"] or []

    async def visible(self, viewer_id: UUID, user_ids: Sequence[UUID]) -> set[UUID]:
        """Of `user_ids`, those whose presence the viewer may see."""
        async with database_within(READ_S):
            rows = await self._pool.fetch(_SQL["visible"], viewer_id, list(user_ids))
        return {row["user_id"] for row in rows}
