"""What becomes of a group of stored messages: the answers to the senders, and the events."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

import asyncpg
import msgspec

from protocol.bus import FOLLOWS, BusEvent, pack
from protocol.objects import Message
from protocol.text import Time, format_time, optional_id
from storage.bus.publisher import DURABLE, OWN, Publication
from storage.bus.routes import routed
from storage.messages.pending import Pending

NO_CONNECTION = "-"
"""The origin of a message that came over HTTP: everybody is told of it."""

Ref = tuple[UUID, int]
"""A message by its conversation and seq."""

_encode = msgspec.json.Encoder().encode


def needs_loading(pending: Pending, row: asyncpg.Record) -> bool:
    """True when the message is not wholly known from the request: a repeat, or with attachments."""
    if row["verdict"] == "repeat":
        return True
    return row["verdict"] == "ok" and bool(pending.request.attachments)


def messages_of(
    group: Sequence[Pending], rows: Sequence[asyncpg.Record], loaded: Mapping[Ref, Message]
) -> list[Message | None]:
    """The message that answers each row; None for a refused one."""
    messages: list[Message | None] = []
    created_at, at = None, ""
    for pending, row in zip(group, rows, strict=True):
        if needs_loading(pending, row):
            messages.append(loaded.get((pending.conversation_id, row["seq"])))
        elif row["verdict"] == "ok":
            # Most of a group shares one time, and writing it down is dear.
            if row["created_at"] != created_at:
                created_at = row["created_at"]
                at = format_time(created_at)
            messages.append(_new_message(pending, row, at))
        else:
            messages.append(None)
    return messages


def _new_message(pending: Pending, row: asyncpg.Record, created_at: Time) -> Message:
    request = pending.request
    mentions = row["mentions"]
    return Message(
        id=str(row["id"]),
        conversation_id=str(pending.conversation_id),
        seq=row["seq"],
        rev=row["rev"],
        sender_id=str(pending.sender_id),
        client_id=str(pending.client_id),
        type=request.type,
        content=request.content,
        created_at=created_at,
        parent_id=optional_id(request.parent_id),
        mentions=[str(user) for user in mentions] if mentions else [],
    )


def message_eid(conversation_id: bytes, rev: bytes) -> bytes:
    """The name of a change of a message: the same, whoever publishes it."""
    return b"%b.%b" % (conversation_id, rev)


def message_event(
    ev: str, message: Message, rev: int, origin: str = "", *, follows: bool = False
) -> BusEvent:
    """`message.created` or `message.updated` at `rev`; `follows` as `protocol.bus.FOLLOWS`."""
    conversation_id, number = message.conversation_id.encode(), b"%d" % rev
    d = b'{"message":%b,"rev":%b,"prev_rev":%d}' % (_encode(message), number, rev - 1)
    eid = message_eid(conversation_id, number)
    key = FOLLOWS if follows else b""
    return BusEvent(ev.encode(), eid, conversation_id, number, origin.encode(), key, b"", d)


class Sent(NamedTuple):
    """A new message whose sender's connection has it by its reply."""

    sender_id: str
    event: BusEvent


def publications_of(
    group: Sequence[Pending],
    rows: Sequence[asyncpg.Record],
    messages: Sequence[Message | None],
) -> tuple[list[Publication], list[Sent]]:
    """The events of a group's new messages, in its order, and those sent over connections.

    The sender's own log is appended always; its channel is published to only if another of its
    connections is open, which over HTTP any is.
    """
    publications: list[Publication] = []
    sent: list[Sent] = []
    routes: dict[UUID, tuple[list[str], str, bool]] = {}
    for pending, row, message in zip(group, rows, messages, strict=True):
        if message is None or row["verdict"] != "ok":
            continue
        fanout = row["fanout"]
        if fanout is not None:
            # Told with the first row of each conversation.
            recipients = [str(user) for user in row["recipients"] or ()]
            follows = row["follows"] is True
            routes[pending.conversation_id] = (recipients, fanout, follows)
        else:
            recipients, fanout, follows = routes[pending.conversation_id]
        origin = pending.origin or NO_CONNECTION
        event = message_event("message.created", message, message.rev, origin, follows=follows)
        if pending.origin:
            sent.append(Sent(message.sender_id, event))
        if fanout == "user" and pending.origin:
            sender = message.sender_id
            modes = b"".join([OWN if user == sender else DURABLE for user in recipients])
            publications.append(Publication(pack(event), recipients, modes))
        else:
            publications += routed(event, fanout, recipients)
    return publications, sent
