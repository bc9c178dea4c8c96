"""What changed since the revs that a client holds: one page, one snapshot.

A page holds whole conversations in the order of their ids, the named ones first, and ends after
the one with which its messages or its conversations reach the page's limit.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

import asyncpg

from protocol.objects import Conversation, Message, Receipt
from protocol.text import Id
from storage.conversations.reader import own_conversation
from storage.database.bounded import database_within
from storage.database.queries import load_queries
from storage.messages.reader import READ_S, MessageRows

_SQL = load_queries("conversations/sync")
_FOR_USER = load_queries("conversations/reader")["for_user"]
_LOWEST = UUID(int=0)

Connection = asyncpg.Connection | asyncpg.pool.PoolConnectionProxy


class SyncPosition(NamedTuple):
    """After which conversation the next page begins, among the named ones or the others."""

    is_named: bool
    after: UUID


@dataclass(frozen=True, slots=True)
class SyncQuestion:
    """What is asked: changes since the rev `held` of each named conversation."""

    user_id: UUID
    held: Mapping[UUID, int]
    only_named: bool
    receipts_of_unnamed: bool
    start: SyncPosition | None
    limit: int


@dataclass(slots=True)
class SyncPage:
    """A part of the answer, as PROTOCOL's `sync` names it; `following` is None at the end."""

    conversations: list[Conversation] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)
    synced: dict[Id, int] = field(default_factory=dict)
    truncated: dict[Id, int] = field(default_factory=dict)
    gone: list[Id] = field(default_factory=list)
    reset: list[Id] = field(default_factory=list)
    following: SyncPosition | None = None


class _Head(NamedTuple):
    """A named conversation as it stands; `held` is 0 where the client is to load it anew."""

    id: UUID
    rev: int
    last_seq: int
    held: int
    is_reset: bool

    @property
    def changed_at_most(self) -> int:
        """A rev changes one message, or with a reply two."""
        return 2 * (self.rev - self.held)


class SyncReader:
    """Answers `sync` from PostgreSQL."""

    def __init__(
        self, pool: "asyncpg.Pool[asyncpg.Record]", rows: MessageRows, messages_max: int
    ) -> None:
        """`messages_max`: the most changed messages of one conversation that are sent."""
        self._pool = pool
        self._rows = rows
        self._messages_max = messages_max

    async def page(self, question: SyncQuestion) -> SyncPage:
        """One page. Raises `RequestError` (`unavailable`) when PostgreSQL is away."""
        async with (
            database_within(READ_S),
            self._pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            return await self._page(connection, question)

    async def _page(self, connection: Connection, question: SyncQuestion) -> SyncPage:
        page = SyncPage()
        named: list[UUID] = []
        if question.start is None or question.start.is_named:
            named = await self._named(connection, question, page)
        unnamed: list[UUID] = []
        if page.following is None and not question.only_named:
            room = question.limit - len(named)
            if len(page.messages) >= question.limit:
                room = 0
            unnamed = await self._unnamed(connection, question, page, room)
        rows = await connection.fetch(_FOR_USER, question.user_id, named + unnamed)
        by_id = {row["c_id"]: row for row in rows}
        for conversation_id in named + unnamed:
            row = by_id[conversation_id]
            conversation = own_conversation(row, self._rows)
            page.conversations.append(conversation)
            if question.receipts_of_unnamed or conversation_id in question.held:
                page.receipts += _receipts(conversation, row["c_fanout"], str(question.user_id))
        return page

    async def _named(
        self, connection: Connection, question: SyncQuestion, page: SyncPage
    ) -> list[UUID]:
        """Adds named conversations to the page and returns those that the user sees."""
        after = _LOWEST if question.start is None else question.start.after
        waiting = [name for name in sorted(question.held) if question.start is None or name > after]
        batch = waiting[: question.limit]
        heads = await self._heads(connection, question, batch)
        visible: list[UUID] = []
        done = 0
        while done < len(batch) and len(page.messages) < question.limit:
            part = _part(batch[done:], heads, 2 * question.limit, self._messages_max)
            changes = await self._changes(connection, [heads[i] for i in part if i in heads])
            for conversation_id in part:
                if len(page.messages) >= question.limit:
                    break
                done += 1
                if conversation_id in heads:
                    visible.append(conversation_id)
                    self._add(page, heads[conversation_id], changes[conversation_id])
                else:
                    page.gone.append(str(conversation_id))
        if done < len(waiting):
            page.following = SyncPosition(is_named=True, after=waiting[done - 1])
        return visible

    async def _heads(
        self, connection: Connection, question: SyncQuestion, names: list[UUID]
    ) -> dict[UUID, _Head]:
        heads = {}
        for row in await connection.fetch(_SQL["heads"], question.user_id, names):
            held = question.held[row["id"]]
            is_ahead = held > row["rev"]
            heads[row["id"]] = _Head(
                row["id"], row["rev"], row["last_seq"], 0 if is_ahead else held, is_ahead
            )
        return heads

    async def _changes(
        self, connection: Connection, heads: Iterable[_Head]
    ) -> dict[UUID, list[asyncpg.Record]]:
        """Changed messages by conversation, newest first, one more than may be sent."""
        asked = [head for head in heads if head.rev > head.held and head.last_seq]
        changes: dict[UUID, list[asyncpg.Record]] = defaultdict(list)
        if not asked:
            return changes
        most = self._messages_max + 1
        rows = await connection.fetch(
            _SQL["changes"],
            [head.id for head in asked],
            [head.held for head in asked],
            # A message takes a rev, so that no more than these can be new.
            [max(head.last_seq - min(head.rev - head.held, most), 0) for head in asked],
            most,
        )
        for row in rows:
            changes[row["conversation_id"]].append(row)
        return changes

    def _add(self, page: SyncPage, head: _Head, rows: list[asyncpg.Record]) -> None:
        name = str(head.id)
        page.synced[name] = head.rev
        if head.is_reset:
            page.reset.append(name)
        rows.sort(key=lambda row: row["seq"])
        sent = rows[-self._messages_max :]
        if len(sent) < len(rows):
            page.truncated[name] = sent[0]["seq"]
        page.messages += self._rows.messages(sent)

    async def _unnamed(
        self, connection: Connection, question: SyncQuestion, page: SyncPage, room: int
    ) -> list[UUID]:
        """Conversations that are not named, as many as there is room for."""
        start = question.start
        after = _LOWEST if start is None or start.is_named else start.after
        rows = await connection.fetch(
            _SQL["unnamed"], question.user_id, after, list(question.held), room + 1
        )
        found: list[UUID] = [row["conversation_id"] for row in rows[:room]]
        if len(rows) > room:
            page.following = SyncPosition(is_named=False, after=found[-1] if found else after)
        return found


def _part(
    names: list[UUID], heads: Mapping[UUID, _Head], enough: int, messages_max: int
) -> list[UUID]:
    """The first of `names`, up to the one with which `enough` messages may have changed."""
    expected = 0
    for count, name in enumerate(names, 1):
        if name in heads:
            expected += min(heads[name].changed_at_most, messages_max)
        if expected >= enough:
            return names[:count]
    return names


def _receipts(conversation: Conversation, fanout: str, viewer: Id) -> list[Receipt]:
    """Everyone's watermarks; in a large conversation the viewer's own, as its events are."""
    return [
        Receipt(
            conversation.id,
            participant.user_id,
            participant.last_read_seq,
            participant.last_delivered_seq,
        )
        for participant in conversation.participants
        if fanout == "user" or participant.user_id == viewer
    ]
