"""Builds events from the outbox's references: what changed is read in its present state.

A reference names a change by rev; the object in the event may already be at a later rev. A client
that applies events by rev still reaches the same final state.
"""

from collections.abc import (
    AsyncGenerator,
    Awaitable,
    Callable,
    Collection,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from protocol.bus import FOLLOWS, BusEvent, pack
from protocol.events import (
    ConversationEvent,
    MemberEvent,
    NotificationEvent,
    SessionEvent,
    SettingsEvent,
)
from protocol.objects import Message, Notification, UnreadTotals
from protocol.text import format_time
from storage.bus.publisher import DURABLE, EPHEMERAL, Publication, to_each
from storage.bus.routes import routed, routed_arrival, routed_departure
from storage.conversations.reader import Audience, Committed, ConversationReader, Member
from storage.messages.message_events import Ref, message_event
from storage.messages.reader import MessageReader
from storage.messages.receipts import receipt_event
from storage.outbox.rows import OutboxRow

SLICE_BYTES = 2_097_152
"""Built before it is published: the views of a group by its thousand members are 150 MB."""

_NOTIFICATIONS_AT_ONCE = 200
"""Read and put into words together: sockets are served in between."""

_MESSAGES = ("message.created", "message.updated")
_NOTIFICATIONS = ("notification.created", "notification.updated")
_ROUTED = (
    *_MESSAGES,
    "conversation.created",
    "conversation.updated",
    "member.joined",
    "member.left",
)

_encode = msgspec.json.Encoder().encode

# What rows have to name: one that names nothing would vanish without a trace.
_OF_MESSAGES = ("conversation_ids", "seqs", "revs")
_OF_CONVERSATIONS = ("conversation_ids", "revs")
_OF_MEMBERS = ("conversation_ids", "revs", "user_ids")
_OF_SETTINGS = ("conversation_ids", "user_ids")
_OF_RECEIPTS = ("conversation_ids", "seqs", "user_ids")
_OF_USERS = ("user_ids",)

UnreadFigures = Callable[[Collection[UUID]], Awaitable[dict[UUID, UnreadTotals]]]
"""What each of these users has not seen."""

NotificationsById = Callable[[Sequence[UUID], Sequence[UUID]], Awaitable[dict[UUID, Notification]]]
"""`(user ids, notification ids)` to the notifications by id."""


class _Reference(NamedTuple):
    """One change: an element of each of a row's arrays."""

    conversation_id: UUID | None
    seq: int
    rev: int
    user_id: UUID | None


class _Known(NamedTuple):
    """What the rows of a batch need, read in one go."""

    messages: dict[Ref, Message]
    audience: dict[UUID, Audience]
    notifications: dict[UUID, Notification]
    totals: dict[UUID, UnreadTotals]
    """Of those who are told of notifications."""


_Build = Callable[[OutboxRow, _Known], Awaitable[Iterable[Publication]]]


@dataclass(frozen=True, slots=True)
class EventReaders:
    """Where the present state is read."""

    messages: MessageReader
    conversations: ConversationReader
    notifications: NotificationsById
    totals: UnreadFigures
    unread: Callable[[UUID, UUID | None], None]
    """Called with a user, and a conversation, whose unread figures have changed."""


class EventBuilder:
    """Builds the publications of outbox rows."""

    def __init__(self, readers: EventReaders) -> None:
        self._readers = readers
        self._builders: dict[str, tuple[_Build, Sequence[str]]] = {
            "message.created": (self._message, _OF_MESSAGES),
            "message.updated": (self._message, _OF_MESSAGES),
            "conversation.created": (self._conversation_created, _OF_MEMBERS),
            "conversation.updated": (self._conversation_updated, _OF_CONVERSATIONS),
            "conversation.settings": (self._settings, _OF_SETTINGS),
            "member.joined": (self._member, _OF_MEMBERS),
            "member.left": (self._member, _OF_MEMBERS),
            "receipt": (self._receipt, _OF_RECEIPTS),
            "notification.created": (self._notification, _OF_USERS),
            "notification.updated": (self._notification, _OF_USERS),
            "session.revoked": (self._session_revoked, _OF_USERS),
            "unread.changed": (self._unread_changed, _OF_USERS),
        }
        """Of each kind its builder, and what its rows have to name."""

    @property
    def kinds(self) -> Collection[str]:
        """The kinds of rows that it builds."""
        return self._builders.keys()

    async def slices(
        self, rows: Sequence[OutboxRow], repeat_ms: Callable[[OutboxRow], int]
    ) -> AsyncGenerator[list[Publication], None]:
        """The events of rows, in their order, in lists of some 2 MB.

        `repeat_ms` returns the `Publication.repeat_ms` of a row. Raises any error of a row that
        cannot be built; the rows before it may then be published again.
        """
        for row in rows:
            row.require(*self._builders[row.kind][1])
        known = await self._read(rows)
        part: list[Publication] = []
        size = 0
        for row in rows:
            repeat = repeat_ms(row)
            for publication in await self._builders[row.kind][0](row, known):
                part.append(publication._replace(repeat_ms=repeat) if repeat else publication)
                size += len(publication.body)
                if size >= SLICE_BYTES:
                    yield part
                    part, size = [], 0
        if part:
            yield part

    async def _read(self, rows: Sequence[OutboxRow]) -> _Known:
        refs: dict[Ref, None] = {}
        committed: dict[UUID, Committed] = {}
        told: dict[UUID, UUID] = {}
        for row in rows:
            if row.kind in _NOTIFICATIONS:
                told |= dict(zip(_ids(row), row.user_ids, strict=True))
            if row.kind in _MESSAGES:
                refs |= dict.fromkeys(zip(row.conversation_ids, row.seqs, strict=True))
            if row.kind in _ROUTED:
                # The earliest rev has the widest audience.
                for conversation_id, rev in zip(row.conversation_ids, row.revs, strict=True):
                    first = committed.get(conversation_id)
                    if first is None or rev < first.rev:
                        at = row.created_at if first is None else min(first.at, row.created_at)
                        committed[conversation_id] = Committed(at, rev)
        return _Known(
            await self._readers.messages.by_refs(list(refs)) if refs else {},
            await self._readers.conversations.audience(committed) if committed else {},
            *await self._told(told),
        )

    async def _told(
        self, owners: Mapping[UUID, UUID]
    ) -> tuple[dict[UUID, Notification], dict[UUID, UnreadTotals]]:
        """Notifications, by their ids, and the figures of their owners."""
        notifications: dict[UUID, Notification] = {}
        totals: dict[UUID, UnreadTotals] = {}
        ids = list(owners)
        for start in range(0, len(ids), _NOTIFICATIONS_AT_ONCE):
            some = ids[start : start + _NOTIFICATIONS_AT_ONCE]
            users = [owners[each] for each in some]
            notifications |= await self._readers.notifications(users, some)
            totals |= await self._readers.totals(set(users))
        return notifications, totals

    async def _message(self, row: OutboxRow, known: _Known) -> list[Publication]:
        publications: list[Publication] = []
        for conversation_id, seq, rev in zip(row.conversation_ids, row.seqs, row.revs, strict=True):
            message = known.messages.get((conversation_id, seq))
            audience = known.audience.get(conversation_id)
            if message is not None and audience is not None:
                event = message_event(row.kind, message, rev, follows=rev != audience.alone_rev)
                publications += _routed(event, audience, message.rev)
        return publications

    async def _conversation_updated(self, row: OutboxRow, known: _Known) -> list[Publication]:
        shared = await self._readers.conversations.shared(row.conversation_ids)
        publications: list[Publication] = []
        for conversation_id, rev in zip(row.conversation_ids, row.revs, strict=True):
            conversation = shared.get(conversation_id)
            audience = known.audience.get(conversation_id)
            if conversation is not None and audience is not None:
                d = _encode(ConversationEvent(conversation, rev, rev - 1))
                event = _following(_event(row.kind, conversation_id, rev, d), audience)
                publications += _routed(event, audience, conversation.rev)
        return publications

    async def _conversation_created(self, row: OutboxRow, known: _Known) -> Iterator[Publication]:
        """Each person's own view, built lazily; the part that all share is encoded once.

        A person who joins later gets `member.joined` right after it. All references of a row are
        of one conversation.
        """
        conversation_id, rev = row.conversation_ids[0], row.revs[0]
        conversations = self._readers.conversations
        shared = (await conversations.shared([conversation_id])).get(conversation_id)
        if shared is None:
            return iter(())
        last_seq = shared.last_seq
        own = await conversations.own_fields(conversation_id, row.user_ids, last_seq, rev)
        start = b'{"conversation":%b,' % _encode(shared)[:-1]
        end = b',"rev":%d,"prev_rev":%d}' % (rev, rev - 1)
        fanout = known.audience[conversation_id].fanout
        joined = await conversations.members(row.conversation_ids, row.user_ids) if rev > 1 else {}

        def events(user_id: UUID) -> Iterator[BusEvent]:
            d = b"%b%b%b" % (start, _encode(own[user_id])[1:], end)
            yield _event(row.kind, conversation_id, rev, d, "c")
            if joined:
                member = joined[conversation_id, user_id]
                yield _member_event("member.joined", conversation_id, user_id, member, rev)

        return (
            publication
            for user_id in row.user_ids
            if user_id in own
            for event in events(user_id)
            for publication in routed_arrival(event, fanout, [str(user_id)])
        )

    async def _settings(self, row: OutboxRow, _known: _Known) -> list[Publication]:
        publications = []
        for one in _references(row):
            assert one.user_id is not None
            assert one.conversation_id is not None
            views = await self._readers.conversations.for_user(one.user_id, [one.conversation_id])
            for conversation in views.values():
                settings = SettingsEvent(conversation)
                # With the conversation named, a reference in a log can be replaced by its sync.
                event = _durable("conversation.settings", f"s.{row.id}", settings, conversation.id)
                publications.append(Publication(event, [str(one.user_id)], DURABLE))
        return publications

    async def _member(self, row: OutboxRow, known: _Known) -> list[Publication]:
        """To the members at that rev; who joined gets it after `conversation.created` instead."""
        members = await self._readers.conversations.members(row.conversation_ids, row.user_ids)
        publications: list[Publication] = []
        for one in _references(row):
            assert one.user_id is not None
            assert one.conversation_id is not None
            conversation_id, person = one.conversation_id, str(one.user_id)
            member = members[conversation_id, one.user_id]
            audience = known.audience[conversation_id]
            event = _following(
                _member_event(row.kind, conversation_id, one.user_id, member, one.rev), audience
            )
            people = audience.of(one.rev)
            if row.kind == "member.joined":
                others = [one for one in people if one != person]
                publications += routed(event, audience.fanout, others)
            else:
                # A person who has joined again since gets only that.
                leaving = [person] if member.is_told(one.rev) else []
                publications += routed_departure(event, audience.fanout, people, leaving)
        return publications

    async def _receipt(self, row: OutboxRow, _known: _Known) -> list[Publication]:
        """To the user's own devices only: for other members receipts are not durable."""
        publications: list[Publication] = []
        read: Sequence[int | None] = row.data["read"]
        for one, read_seq in zip(_references(row), read, strict=True):
            ev, seq = (
                ("receipt.delivered", one.seq) if read_seq is None else ("receipt.read", read_seq)
            )
            user_id = str(one.user_id)
            publications += receipt_event(ev, str(one.conversation_id), user_id, seq, [user_id])
        return publications

    async def _notification(self, row: OutboxRow, known: _Known) -> list[Publication]:
        publications = []
        for user_id, notification_id in zip(row.user_ids, _ids(row), strict=True):
            notification = known.notifications.get(notification_id)
            if notification is not None:
                eid = f"n.{notification_id}.{row.id}"
                event = NotificationEvent(notification, known.totals[user_id])
                body = _durable(row.kind, eid, event)
                publications.append(Publication(body, [str(user_id)], DURABLE))
        return publications

    async def _session_revoked(self, row: OutboxRow, _known: _Known) -> list[Publication]:
        event = SessionEvent(row.data["session_ids"], format_time(row.created_at))
        body = pack(BusEvent(b"session.revoked", d=_encode(event)))
        return [to_each(map(str, row.user_ids), EPHEMERAL, body)]

    async def _unread_changed(self, row: OutboxRow, _known: _Known) -> list[Publication]:
        """Nothing is published here: `UnreadTeller` sends the figures, at most once a second."""
        for one in _references(row):
            if one.user_id is not None:
                self._readers.unread(one.user_id, one.conversation_id)
        return []


def _routed(event: BusEvent, audience: Audience, object_rev: int) -> list[Publication]:
    """An event of an object that is at `object_rev` by now, to those who may see that state.

    If others may listen to the conversation's own channel, nothing is published: each process
    fetches the missing change, and delivers to each user what that user may see.
    """
    rev = int(event.rev)
    publications = routed(event, audience.fanout, audience.of(rev, object_rev))
    if audience.fanout != "user" and audience.lacks(rev, object_rev):
        return []
    return publications


def _following(event: BusEvent, audience: Audience) -> BusEvent:
    return event if int(event.rev) == audience.alone_rev else event._replace(key=FOLLOWS)


def _ids(row: OutboxRow) -> list[UUID]:
    """The notifications that a row names, as many as its users."""
    return [UUID(text) for text in row.data["ids"]]


def _references(row: OutboxRow) -> list[_Reference]:
    count = max(len(row.conversation_ids), len(row.user_ids))

    def element(values: Sequence[Any], index: int, default: Any) -> Any:
        return values[index] if values else default

    return [
        _Reference(
            element(row.conversation_ids, index, None),
            element(row.seqs, index, 0),
            element(row.revs, index, 0),
            element(row.user_ids, index, None),
        )
        for index in range(count)
    ]


def _event(ev: str, conversation_id: UUID, rev: int, d: bytes, suffix: str = "") -> BusEvent:
    """An event of a conversation, by rev; `suffix` distinguishes two of one rev."""
    name = str(conversation_id)
    eid = f"{name}.{rev}.{suffix}" if suffix else f"{name}.{rev}"
    return BusEvent(ev.encode(), eid.encode(), name.encode(), b"%d" % rev, d=d)


def _member_event(
    ev: str, conversation_id: UUID, user_id: UUID, member: Member, rev: int
) -> BusEvent:
    about = (str(conversation_id), str(user_id), member.role, rev, rev - 1, member.display_name)
    return _event(ev, conversation_id, rev, _encode(MemberEvent(*about)))


def _durable(ev: str, eid: str, event: msgspec.Struct, conversation_id: str = "") -> bytes:
    return pack(BusEvent(ev.encode(), eid.encode(), conversation_id.encode(), d=_encode(event)))
