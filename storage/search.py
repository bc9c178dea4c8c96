"""Message search: finding, and keeping the words of pages by what the outbox says has changed."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import asyncpg

from protocol.objects import Message
from storage.bounded import database_within
from storage.messages import READ_S, MessageRows
from storage.queries import load_queries

_SQL = load_queries("search")
_INDEX_S = 30.0


class SearchPosition(NamedTuple):
    """The last message of a page of what was found."""

    created_at: datetime
    conversation_id: UUID
    seq: int


class SearchQuery(NamedTuple):
    """What a user looks for, in all the user's conversations or in one of them."""

    user_id: UUID
    text: str
    conversation_id: UUID | None


class MessageSearch:
    """Finds messages in the conversations that a user is in."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", rows: MessageRows) -> None:
        self._pool = pool
        self._rows = rows

    async def find(
        self, query: SearchQuery, below: SearchPosition | None, limit: int
    ) -> tuple[list[Message], SearchPosition | None]:
        """A page, newest first, and the position to go on from; None at the end.

        Raises `RequestError` (`unavailable`) when PostgreSQL does not answer in time.
        """
        async with database_within(READ_S):
            rows = await self._pool.fetch(
                _SQL["find"],
                query.user_id,
                query.conversation_id,
                query.text,
                *(below or (None, None, None)),
                limit + 1,
            )
        page = rows[:limit]
        following = (
            SearchPosition(page[-1]["hit_at"], page[-1]["hit_conversation_id"], page[-1]["hit_seq"])
            if len(rows) > limit
            else None
        )
        return self._rows.messages(row for row in page if row["id"] is not None), following


class SearchIndex:
    """The outbox's consumer `search`: keeps words of pages, so that a search need not read them."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._pool = pool

    async def index_next(self, limit: int) -> int:
        """Work off at most `limit` rows of the outbox; returns how many there were.

        Claiming and keeping are one transaction: at least once, and repeating does no harm. 0 too
        while another process is at it. Raises `RequestError` (`unavailable`) when PostgreSQL is
        away, and the driver's error when the statement fails; nothing is claimed then.
        """
        async with (
            database_within(_INDEX_S),
            self._pool.acquire() as connection,
            connection.transaction(),
        ):
            if not await connection.fetchval(_SQL["try_to_be_the_indexer"]):
                return 0
            return int(await connection.fetchval(_SQL["keep_words"], limit))
