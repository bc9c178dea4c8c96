"""Making anew what search keeps of texts when the fold has changed: in small batches, resumable.

A batch and the place that it has come to are one transaction, and only one process is at a subject
at a time. Pages of messages that are not made anew yet are read by a search, and listings are
searched by their column of before until the new one is filled. After a batch that PostgreSQL ends
for its length the next one is half as large; a single page that takes too long gets no words.
"""

from collections.abc import Mapping
from typing import NamedTuple
from uuid import UUID

import asyncpg

from storage.database.queries import load_queries
from storage.outbox.rows import Connection

_SQL = load_queries("search/rebuild")

KEYS: Mapping[str, str] = {
    "gigs": "id",
    "jobs": "id",
    "freelancer_profiles": "user_id",
    "reviews": "id",
}
"""Tables with a column of what search keeps, and their keys."""
MESSAGES = "messages"
_FIRST = UUID(int=0)


class Progress(NamedTuple):
    """How far a subject has come; `about` how many rows there are in all."""

    subject: str
    done: int
    about: int
    is_finished: bool


class Batch(NamedTuple):
    """What one step has done: how many rows it has made anew of how many it looked at.

    `is_busy` is true when all that is left is in the hands of others for now.
    """

    subject: str
    renewed: int = 0
    is_busy: bool = False


class SearchRebuild:
    """Takes the rebuild further, a batch a call. Raises what asyncpg raises."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", rows: int) -> None:
        """`rows` is the size of a batch: pages of 32 messages, or listings."""
        self._pool = pool
        self._full = self._rows = rows
        self._is_hopeless = False
        """Whether the next page alone takes too long."""

    async def step(self) -> Batch | None:
        """The next batch; None when nothing is left to do."""
        async with self._pool.acquire() as connection:
            subjects = [row["subject"] for row in await connection.fetch(_SQL["unfinished"])]
            for subject in subjects:
                try:
                    batch = await self._further(connection, subject)
                except asyncpg.QueryCanceledError:
                    if self._rows == 1 and (subject != MESSAGES or self._is_hopeless):
                        raise
                    self._is_hopeless = self._rows == 1
                    self._rows = max(self._rows // 2, 1)
                    return Batch(subject)
                if batch is not None and not batch.is_busy:
                    self._is_hopeless = False
                    self._rows = min(self._rows * 2, self._full)
                    return batch
        return Batch(subjects[0], is_busy=True) if subjects else None

    async def _further(self, connection: Connection, subject: str) -> Batch | None:
        """The next batch of a subject; None while another process is at it."""
        async with connection.transaction():
            place = await connection.fetchrow(_SQL["begin"], subject)
            if place is None:
                return None
            if subject == MESSAGES:
                return await self._pages(connection, place["position"])
            return await self._listings(connection, subject, place["position"])

    async def progress(self) -> list[Progress]:
        """How far each subject has come."""
        async with self._pool.acquire() as connection:
            return [Progress(**row) for row in await connection.fetch(_SQL["progress"])]

    async def _pages(self, connection: Connection, position: str) -> Batch:
        conversation, _, page = position.partition("/")
        above = (UUID(conversation), int(page)) if position else (_FIRST, -1)
        row = await connection.fetchrow(
            _SQL["renew_pages"], *above, self._rows, not self._is_hopeless
        )
        assert row is not None
        if not row["is_ours"]:
            return Batch(MESSAGES, is_busy=True)
        if row["page"] is None:
            await connection.execute(_SQL["finish"], MESSAGES)
            return Batch(MESSAGES)
        place = f"{row['conversation_id']}/{row['page']}"
        await connection.execute(_SQL["proceed"], MESSAGES, place, row["renewed"])
        return Batch(MESSAGES, row["renewed"])

    async def _listings(self, connection: Connection, table: str, position: str) -> Batch:
        above = UUID(position) if position else _FIRST
        row = await connection.fetchrow(_SQL["renew_rows"], table, KEYS[table], above, self._rows)
        assert row is not None
        if not row["is_left"]:
            await connection.execute(_SQL["finish"], table)
            return Batch(table)
        # From the start again for those that others were changing.
        place = str(row["last_key"]) if row["renewed"] else ""
        await connection.execute(_SQL["proceed"], table, place, row["renewed"])
        return Batch(table, row["renewed"], is_busy=not row["renewed"] and not position)


class RenewedColumns:
    """Which tables' new columns are filled, so that searches use them."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._pool = pool
        self._filled = {"skills"}

    async def are_filled(self, table: str) -> bool:
        """Whether the table's column is filled; asked anew until it is."""
        if table not in self._filled and await self._pool.fetchval(_SQL["finished"], table):
            self._filled.add(table)
        return table in self._filled
