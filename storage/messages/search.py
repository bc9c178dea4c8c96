"""Message search: finding, and keeping the words of pages by what the outbox says has changed."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import asyncpg

from protocol.objects import Message
from storage.database.bounded import database_within
from storage.database.queries import load_queries
from storage.messages.reader import READ_S, MessageRows
from storage.outbox.rows import Batch, Connection, OutboxRow, counted_row, whole_ids

_SQL = load_queries("messages/search")


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

    async def suffices(self, text: str) -> bool:
        """Whether a query is long enough to be looked for, as `find` takes it.

        Raises `RequestError` (`unavailable`) when PostgreSQL does not answer in time.
        """
        async with database_within(READ_S):
            return bool(await self._pool.fetchval(_SQL["suffices"], text))

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


async def claim_pages(
    connection: Connection, kinds: Sequence[str], batch: Batch
) -> Sequence[OutboxRow]:
    """The oldest due rows for the index, as `ClaimRows`, without what they refer to.

    None while another process is at it.
    """
    rows = await connection.fetch(_SQL["claim"], kinds, batch.rows, batch.refs)
    return [counted_row(row) for row in rows]


async def keep_words(connection: Connection, rows: Sequence[OutboxRow]) -> None:
    """Keep the words of the pages that rows name, so that a search need not read them.

    Repeating does no harm. Raises `BrokenRowError` for rows that do not name pages.
    """
    await connection.execute(_SQL["keep_words"], whole_ids(rows))
