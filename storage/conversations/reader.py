"""Reading conversations: as a member sees them, as everyone does, the inbox, and what is unread."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import asyncpg
import msgspec

from protocol.objects import Conversation, Participant
from protocol.text import format_time, optional_id, optional_time
from storage.database.bounded import database_within
from storage.database.queries import load_queries
from storage.messages.reader import READ_S, MessageRows

_SQL = load_queries("conversations/reader")
SNAPSHOT_CHARS = 250

_decode_participants = msgspec.json.Decoder(list[Participant]).decode


class Member(NamedTuple):
    """What a conversation's people are shown of one of them."""

    role: str
    display_name: str
    joined_rev: int
    left_rev: int | None

    def is_told(self, rev: int) -> bool:
        """Whether a change of this rev is told to the member."""
        return self.joined_rev <= rev and (self.left_rev is None or rev <= self.left_rev)


class Committed(NamedTuple):
    """What was committed to a conversation: when first, and the least rev."""

    at: datetime
    rev: int


class Audience(NamedTuple):
    """Where a conversation's events go (`storage.bus.routes`), and to whom by their revs."""

    fanout: str
    people: Sequence[tuple[str, int, int]]
    """User ids, each with the first and the last rev that it is told of. Of a conversation whose
    own channel tells it, only those who have left, or came in since."""
    alone_rev: int
    """The last change that the relay tells of, if no other was made in the 5 s before; else 0."""

    def of(self, rev: int, object_rev: int = 0) -> list[str]:
        """Whom to tell of `rev` by their own channels, by an object that stands at `object_rev`."""
        if self.fanout == "conversation":
            return []
        return [
            user_id
            for user_id, first, last in self.people
            if first <= rev <= last and object_rev <= last
        ]

    def lacks(self, rev: int, object_rev: int) -> bool:
        """Whether somebody is to be told of `rev`, but may not see an object of `object_rev`.

        Who came in after `rev` may have left before that, and not have been told so yet.
        """
        return object_rev > rev and any(
            rev < first or rev <= last < object_rev for _user_id, first, last in self.people
        )


class OwnFields(msgspec.Struct, frozen=True):
    """What a member sees for itself of a conversation: the last fields of `Conversation`."""

    last_read_seq: int
    unread: int
    is_muted: bool
    is_archived: bool
    is_pinned: bool


class Moment(NamedTuple):
    """When a page was read: PostgreSQL's clock, and the snapshot that says what it did not see."""

    at: datetime
    snapshot: str


class InboxPosition(NamedTuple):
    """Where a page of the inbox ended: its last conversation and that one's last activity.

    After the last page come those that have moved up since `began`. When these are many, they are
    paged in turn: then `since` is the `began` of the pages before.
    """

    active_at: datetime
    conversation_id: UUID
    began: Moment | None = None
    since: Moment | None = None


def shared_conversation(row: asyncpg.Record, messages: MessageRows) -> Conversation:
    """The conversation of a row of `shown_conversations`."""
    participants = row["c_participants"]
    return Conversation(
        id=str(row["c_id"]),
        type=row["c_type"],
        status=row["c_status"],
        title=row["c_title"],
        job_id=optional_id(row["c_job_id"]),
        contract_id=optional_id(row["c_contract_id"]),
        participants=_decode_participants(participants) if participants else [],
        last_seq=row["c_last_seq"],
        rev=row["c_rev"],
        last_message=None if row["id"] is None else messages.message(row),
        last_message_at=optional_time(row["c_last_message_at"]),
        created_at=format_time(row["c_created_at"]),
    )


def own_conversation(row: asyncpg.Record, messages: MessageRows) -> Conversation:
    """The conversation of a row of `own_conversations`: with the viewer's own fields."""
    return msgspec.structs.replace(
        shared_conversation(row, messages),
        last_read_seq=row["own_last_read_seq"],
        unread=row["own_unread"],
        is_muted=row["own_is_muted"],
        is_archived=row["own_is_archived"],
        is_pinned=row["own_is_pinned"],
    )


def _position(last: asyncpg.Record, began: Moment | None, since: Moment | None) -> InboxPosition:
    """The position behind the last row of a page that began and follows as its cursor said."""
    if last["has_moved"]:
        # Those that moved are paged from here, and what moves meanwhile comes after them.
        began, since = None, began
    return InboxPosition(
        last["active_at"],
        last["c_id"],
        began or Moment(last["read_at"], _short(last["snapshot"])),
        since,
    )


def _short(snapshot: str) -> str:
    """A snapshot that fits into a cursor: with many transactions, one that sees none of them."""
    if len(snapshot) <= SNAPSHOT_CHARS:
        return snapshot
    oldest = snapshot.partition(":")[0]
    return f"{oldest}:{oldest}:"


class ConversationReader:
    """Conversations as they are now.

    Every method raises `RequestError` (`unavailable`) when PostgreSQL does not answer in time.
    """

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", rows: MessageRows) -> None:
        self._pool = pool
        self._rows = rows

    async def for_user(
        self, user_id: UUID, conversation_ids: Collection[UUID]
    ) -> dict[UUID, Conversation]:
        """The user's own view; conversations that the user may not see are absent."""
        rows = await self._fetch("for_user", user_id, list(conversation_ids))
        return {row["c_id"]: own_conversation(row, self._rows) for row in rows}

    async def shared(self, conversation_ids: Collection[UUID]) -> dict[UUID, Conversation]:
        """What everyone in them sees alike, without any viewer's own fields."""
        rows = await self._fetch("shared", list(conversation_ids))
        return {row["c_id"]: shared_conversation(row, self._rows) for row in rows}

    async def own_fields(
        self, conversation_id: UUID, user_ids: Sequence[UUID], last_seq: int, rev: int
    ) -> dict[UUID, OwnFields]:
        """What these members see each for themselves, of a view that ends at `last_seq`.

        Those who came in after `rev` are left out.
        """
        rows = await self._fetch("own_fields", conversation_id, user_ids, last_seq, rev)
        return {
            row["user_id"]: OwnFields(
                row["last_read_seq"],
                row["unread"],
                row["is_muted"],
                row["is_archived"],
                row["is_pinned"],
            )
            for row in rows
        }

    async def audience(self, committed: Mapping[UUID, Committed]) -> dict[UUID, Audience]:
        """Whom to tell what was committed to conversations."""
        times = [one.at for one in committed.values()]
        revs = [one.rev for one in committed.values()]
        rows = await self._fetch("audience", list(committed), times, revs)
        return {
            row["id"]: Audience(
                row["fanout"],
                [
                    (str(user_id), first, last)
                    for user_id, first, last in zip(
                        row["user_ids"], row["joined_revs"], row["left_revs"], strict=True
                    )
                ],
                row["alone_rev"],
            )
            for row in rows
        }

    async def members(
        self, conversation_ids: Sequence[UUID], user_ids: Sequence[UUID]
    ) -> dict[tuple[UUID, UUID], Member]:
        """Members by (conversation, user), those too who have left; element i belongs to i."""
        rows = await self._fetch("members", list(conversation_ids), list(user_ids))
        return {
            (row["conversation_id"], row["user_id"]): Member(
                row["role"], row["display_name"], row["joined_rev"], row["left_rev"]
            )
            for row in rows
        }

    async def visible_last_seq(self, user_id: UUID, conversation_id: UUID) -> int | None:
        """The last seq of a conversation; None when it is absent or the user is not in it."""
        rows = await self._fetch("visible_last_seq", user_id, conversation_id)
        return rows[0]["last_seq"] if rows else None

    async def inbox(
        self,
        user_id: UUID,
        below: InboxPosition | None,
        limit: int,
        *,
        is_archived: bool = False,
        kind: str | None = None,
    ) -> tuple[list[Conversation], InboxPosition | None]:
        """A page, newest activity first, and the position to go on from; None at the end.

        Either the archived conversations or the others; `kind` leaves out other types. None is
        missed that moves up between the pages: it comes after the last one, perhaps again.
        """
        began, since = None, None
        if below is None:
            rows = await self._fetch("inbox", user_id, is_archived, kind, limit + 1)
        else:
            active_at, last_id, began, since = below
            moments = (*(began or (None, None)), *(since or (None, None)))
            rows = await self._fetch(
                "inbox_after",
                user_id,
                is_archived,
                kind,
                active_at,
                last_id,
                limit + 1,
                *moments,
            )
        page = rows[:limit]
        following = _position(page[-1], began, since) if len(rows) > limit else None
        return [own_conversation(row, self._rows) for row in page], following

    async def unread_totals(self, user_ids: Collection[UUID]) -> dict[UUID, int]:
        """Unread messages a user, muted and archived conversations left out."""
        rows = await self._fetch("unread_totals", list(user_ids))
        return dict.fromkeys(user_ids, 0) | {row["user_id"]: row["unread"] for row in rows}

    async def unread_of(self, pairs: Collection[tuple[UUID, UUID]]) -> dict[tuple[UUID, UUID], int]:
        """Unread messages by (user, conversation); those the user is not in are absent."""
        rows = await self._fetch(
            "unread_of",
            [user_id for user_id, _conversation in pairs],
            [conversation_id for _user, conversation_id in pairs],
        )
        return {(row["user_id"], row["conversation_id"]): row["unread"] for row in rows}

    async def _fetch(self, query: str, *arguments: object) -> list[asyncpg.Record]:
        async with database_within(READ_S):
            return await self._pool.fetch(_SQL[query], *arguments)
