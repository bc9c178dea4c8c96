"""The real repositories on a real database, and what they show of it."""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Sequence
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from protocol.bus import unpack
from protocol.errors import RequestError
from protocol.limits import Limits
from protocol.objects import Conversation, Message
from storage.bus.publisher import Publication, Publisher
from storage.conversations.members import ConversationChanges
from storage.conversations.reader import ConversationReader
from storage.database.change_call import ChangeCalls
from storage.database.postgres import connect_pool
from storage.messages.changes import MessageChanges
from storage.messages.reader import MessageReader, MessageRows
from storage.messages.receipts import ReceiptSettings, ReceiptWriter
from storage.messages.writer import MessageWriter, WriterSettings
from storage.outbox.published import PublishedRows
from storage.people.blocks import Blocks
from tests.integration.unread.oracle import Refusal

STATEMENT_TIMEOUT_MS = 10_000
LOCK_TIMEOUT_MS = 5_000
GROUP_MAX = 256
WITHOUT_REV = ("receipt", "conversation.settings", "unread.changed")
"""Kinds of outbox rows that name no change of a conversation."""


class _Kept(Publisher):
    """Keeps what the writers publish; to them nothing is ever published, so their rows stay."""

    def __init__(self) -> None:
        self.publications: list[Publication] = []

    def publish(self, publications, done=None) -> None:  # noqa: ARG002  # nothing is ever done
        self.publications.extend(publications)


class Ground:
    """The repositories that change messages, members and watermarks, and their readers."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", dsn: str) -> None:
        self.pool = pool
        self._kept = _Kept()
        rows = MessageRows(lambda file_id: (str(file_id), "never"), Limits())
        calls = ChangeCalls(pool, lambda: None, lock_timeout_ms=LOCK_TIMEOUT_MS)
        self.messages = MessageReader(pool, rows)
        self.conversations = ConversationReader(pool, rows)
        self.changes = MessageChanges(calls)
        self.members = ConversationChanges(calls, max_participants=50, max_direct_a_day=50)
        self.blocks = Blocks(calls, max_blocks=50)
        owner = uuid4()
        self.moved: list[tuple[UUID, UUID]] = []
        """(user, conversation) of each read watermark that the writer says has moved."""
        self.writer = MessageWriter(
            WriterSettings(dsn, owner, GROUP_MAX, LOCK_TIMEOUT_MS, STATEMENT_TIMEOUT_MS),
            self.messages,
            self._kept,
            PublishedRows(pool, owner),
        )
        self.receipts = ReceiptWriter(
            ReceiptSettings(
                dsn,
                owner,
                GROUP_MAX,
                STATEMENT_TIMEOUT_MS,
                lambda user, conversation: self.moved.append((user, conversation)),
            ),
            self._kept,
            PublishedRows(pool, owner),
        )

    def published(self) -> dict[UUID, list[int]]:
        """Takes the revs that the writers have published, in order, by conversation."""
        revs: dict[UUID, list[int]] = defaultdict(list)
        for publication in self._kept.publications:
            event = unpack(publication.body)
            if event.rev:
                revs[UUID(event.conversation_id.decode())].append(int(event.rev))
        self._kept.publications.clear()
        return revs

    async def revs_told(self) -> dict[UUID, set[int]]:
        """Takes the outbox: the revs that it tells of, by conversation."""
        rows = await self.pool.fetch(
            """
            with taken as (delete from outbox returning *)
            select conversation_ids, revs from taken
            where consumer = 'realtime' and kind <> all ($1::text[])
            """,
            list(WITHOUT_REV),
        )
        revs: dict[UUID, set[int]] = defaultdict(set)
        for row in rows:
            for conversation_id, rev in zip(row["conversation_ids"], row["revs"], strict=True):
                revs[conversation_id].add(rev)
        return revs

    async def views(self, user: UUID, talks: Sequence[UUID]) -> dict[UUID, Conversation]:
        """The conversations as the user sees them."""
        return await self.conversations.for_user(user, talks)

    async def history(self, talk: UUID) -> list[Message]:
        """All messages of a conversation, whoever may see it."""
        return await self.messages.range(talk, 1, 2**31 - 1)


@contextlib.asynccontextmanager
async def ground_on(dsn: str) -> AsyncIterator[Ground]:
    """The repositories with their writers at work."""
    pool = await connect_pool(dsn, size=6, statement_timeout_ms=STATEMENT_TIMEOUT_MS)
    ground = Ground(pool, dsn)
    tasks = [asyncio.create_task(writer.run()) for writer in (ground.writer, ground.receipts)]
    try:
        yield ground
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        await pool.close()


async def code_of(command: Awaitable[object]) -> Refusal:
    """What the command is refused with, or None."""
    try:
        await command
    except RequestError as error:
        return error.code
    return None


async def verdict_of(command: Awaitable[Any]) -> Any:
    """The answer, or the code that refuses it."""
    try:
        return await command
    except RequestError as error:
        return error.code
