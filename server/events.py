"""Events made from the outbox's references: what changed is read as it is now, and told.

A reference names a change by rev; the object in the event may already be at a later one. A client
that applies it by rev ends at the same state: every change's final state, in the order of revs.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from protocol.bus import BusEvent, pack
from protocol.events import (
    ConversationEvent,
    MemberEvent,
    NotificationEvent,
    SessionEvent,
    SettingsEvent,
)
from protocol.objects import Notification
from protocol.text import format_time
from storage.audience import FANOUT_BOUND
from storage.claims import OutboxRow
from storage.conversations import ConversationReader
from storage.message_events import message_event
from storage.messages import MessageReader
from storage.publisher import DURABLE, EPHEMERAL, Publication
from storage.receipts import receipt_event

_encode = msgspec.json.Encoder().encode

NotificationsById = Callable[[Sequence[UUID], Sequence[UUID]], Awaitable[dict[UUID, Notification]]]
"""`(user ids, notification ids)` to the notifications by id."""


class _Reference(NamedTuple):
    """One element of a row's arrays."""

    conversation_id: UUID | None
    seq: int
    rev: int
    user_id: UUID | None


@dataclass(frozen=True, slots=True)
class EventReaders:
    """Where the present state is read."""

    messages: MessageReader
    conversations: ConversationReader
    notifications: NotificationsById
    unread: Callable[[UUID, UUID | None], None]
    """Told of a user, and a conversation, whose unread figures have moved."""


class EventBuilder:
    """Makes the publications of one outbox row."""

    def __init__(self, readers: EventReaders) -> None:
        self._readers = readers
        self._builders: dict[str, Callable[[OutboxRow], Awaitable[list[Publication]]]] = {
            "message.created": self._message,
            "message.updated": self._message,
            "conversation.created": self._conversation_created,
            "conversation.updated": self._conversation_updated,
            "conversation.settings": self._settings,
            "member.joined": self._member,
            "member.left": self._member,
            "receipt": self._receipt,
            "notification.created": self._notification,
            "notification.updated": self._notification,
            "session.revoked": self._session_revoked,
            "unread.changed": self._unread_changed,
        }

    async def publications(self, row: OutboxRow) -> list[Publication]:
        """The events of a row, in its order. Raises `LookupError` for a kind that nobody builds."""
        return await self._builders[row.kind](row)

    async def _message(self, row: OutboxRow) -> list[Publication]:
        references = _references(row)
        refs = [(UUID(str(one.conversation_id)), one.seq) for one in references]
        messages = await self._readers.messages.by_refs(refs)
        audience = await self._audience(row)
        return [
            Publication(message_event(row.kind, messages[ref], one.rev), audience[ref[0]])
            for ref, one in zip(refs, references, strict=True)
            if ref in messages and audience.get(ref[0])
        ]

    async def _conversation_updated(self, row: OutboxRow) -> list[Publication]:
        shared = await self._readers.conversations.shared(row.conversation_ids)
        audience = await self._audience(row)
        return [
            Publication(
                _bus("conversation.updated", conversation_id, rev, event), audience[conversation_id]
            )
            for conversation_id, rev in zip(row.conversation_ids, row.revs, strict=True)
            if conversation_id in shared and audience.get(conversation_id)
            for event in [ConversationEvent(shared[conversation_id], rev, rev - 1)]
        ]

    async def _conversation_created(self, row: OutboxRow) -> list[Publication]:
        """To each person the own view."""
        publications = []
        for one in _references(row):
            assert one.user_id is not None
            assert one.conversation_id is not None
            views = await self._readers.conversations.for_user(one.user_id, [one.conversation_id])
            for conversation in views.values():
                event = ConversationEvent(conversation, one.rev, one.rev - 1)
                body = _bus("conversation.created", one.conversation_id, one.rev, event, "c")
                publications.append(Publication(body, [(str(one.user_id), DURABLE)]))
        return publications

    async def _settings(self, row: OutboxRow) -> list[Publication]:
        publications = []
        for one in _references(row):
            assert one.user_id is not None
            assert one.conversation_id is not None
            views = await self._readers.conversations.for_user(one.user_id, [one.conversation_id])
            for conversation in views.values():
                event = _durable(
                    "conversation.settings", f"s.{row.id}", SettingsEvent(conversation)
                )
                publications.append(Publication(event, [(str(one.user_id), DURABLE)]))
        return publications

    async def _member(self, row: OutboxRow) -> list[Publication]:
        """To those who are in it now, and to the person."""
        members = await self._readers.conversations.members(row.conversation_ids, row.user_ids)
        audience = await self._audience(row)
        publications = []
        for one in _references(row):
            assert one.user_id is not None
            assert one.conversation_id is not None
            person = str(one.user_id)
            role, name = members[one.conversation_id, one.user_id]
            event = MemberEvent(str(one.conversation_id), person, role, one.rev, one.rev - 1, name)
            targets = dict(audience.get(one.conversation_id, [])) | {person: DURABLE}
            body = _bus(row.kind, one.conversation_id, one.rev, event)
            publications.append(Publication(body, list(targets.items())))
        return publications

    async def _receipt(self, row: OutboxRow) -> list[Publication]:
        """Only the user's own devices: to the others a receipt is not durable."""
        publications: list[Publication] = []
        read: Sequence[int | None] = row.data["read"]
        for one, read_seq in zip(_references(row), read, strict=True):
            ev, seq = (
                ("receipt.delivered", one.seq) if read_seq is None else ("receipt.read", read_seq)
            )
            user_id = str(one.user_id)
            publications += receipt_event(ev, str(one.conversation_id), user_id, seq, [user_id])
        return publications

    async def _notification(self, row: OutboxRow) -> list[Publication]:
        ids = [UUID(text) for text in row.data["ids"]]
        notifications = await self._readers.notifications(row.user_ids, ids)
        publications = []
        for user_id, notification_id in zip(row.user_ids, ids, strict=True):
            notification = notifications.get(notification_id)
            if notification is not None:
                eid = f"n.{notification_id}.{row.id}"
                body = _durable(row.kind, eid, NotificationEvent(notification))
                publications.append(Publication(body, [(str(user_id), DURABLE)]))
        return publications

    async def _session_revoked(self, row: OutboxRow) -> list[Publication]:
        event = SessionEvent(row.data["session_ids"], format_time(row.created_at))
        body = pack(BusEvent(b"session.revoked", d=_encode(event)))
        return [Publication(body, [(str(user_id), EPHEMERAL) for user_id in row.user_ids])]

    async def _unread_changed(self, row: OutboxRow) -> list[Publication]:
        """Figures are told by the teller, once a second at most."""
        for one in _references(row):
            if one.user_id is not None:
                self._readers.unread(one.user_id, one.conversation_id)
        return []

    async def _audience(self, row: OutboxRow) -> dict[UUID, list[tuple[str, bytes]]]:
        people = await self._readers.conversations.participants_of(set(row.conversation_ids))
        audience = {}
        for conversation_id, user_ids in people.items():
            mode = DURABLE if len(user_ids) <= FANOUT_BOUND else EPHEMERAL
            audience[conversation_id] = [(str(user_id), mode) for user_id in user_ids]
        return audience


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


def _bus(
    ev: str, conversation_id: UUID, rev: int, event: msgspec.Struct, suffix: str = ""
) -> bytes:
    """An event of a conversation, by rev; `suffix` tells apart two of one rev."""
    name = str(conversation_id)
    eid = f"{name}.{rev}.{suffix}" if suffix else f"{name}.{rev}"
    return pack(BusEvent(ev.encode(), eid.encode(), name.encode(), b"%d" % rev, d=_encode(event)))


def _durable(ev: str, eid: str, event: msgspec.Struct) -> bytes:
    return pack(BusEvent(ev.encode(), eid.encode(), d=_encode(event)))
