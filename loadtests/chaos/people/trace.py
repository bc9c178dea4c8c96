"""A line for each frame that a client takes in: what it was told, and when."""

import time
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import TypeVar

import msgspec

from client.connection.frames import Format, Frame
from client.state.changes import Event
from protocol.events import ConversationEvent, MemberEvent, MessageEvent, ResyncEvent
from protocol.replies import HelloReply, MessagePage, MessageReply, SyncReply

T = TypeVar("T")

Write = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class TracedFormat(Format):
    """A format that tells of everything it has read."""

    name: str
    write: Write

    def event(self, frame: Frame) -> Event:
        """An event, told."""
        event = Format.event(self, frame)
        self._tell(f"{event.name} at {event.at}: {_words(event.d)}")
        return event

    def body(self, what: str, raw: msgspec.Raw, shape: type[T]) -> T:
        """The body of a reply, told."""
        body = Format.body(self, what, raw, shape)
        if what.startswith("the reply"):
            self._tell(f"{what.removeprefix('the ')}: {_words(body)}")
        return body

    def _tell(self, words: str) -> None:
        now = time.time()
        moment = datetime.fromtimestamp(now, UTC).strftime("%H:%M:%S.%f")[:12]
        self.write(f"{moment} {self.name} {words}")


def traced(form: Format, name: str, write: Write | None) -> Format:
    """`form`, told of under `name`; as it is when nobody writes."""
    if write is None:
        return form
    parts = [getattr(form, part.name) for part in fields(form)]
    return TracedFormat(*parts, name=name, write=write)  # type: ignore[misc]  # its fields, in order


def _words(body: object) -> str:
    match body:
        case MessageEvent() | ConversationEvent() | MemberEvent():
            words = _change(body)
        case MessageReply(message=message):
            words = f"{message.conversation_id} seq {message.seq}@{message.rev}"
        case ResyncEvent(conversation_ids=ids):
            words = str(ids)
        case HelloReply():
            place = f"{body.epoch} {body.offset}"
            words = f"resumed {body.resumed} missed {body.missed} stale {body.stale} {place}"
        case SyncReply():
            revs = {item.id: item.rev for item in body.conversations}
            seqs = [f"{item.conversation_id} {item.seq}@{item.rev}" for item in body.messages]
            words = f"synced {body.synced} shown {revs} {seqs} {body.truncated} {body.gone}"
        case MessagePage():
            words = str([f"{item.seq}@{item.rev}" for item in body.messages])
        case _:
            words = ""
    return words


def _change(d: MessageEvent | ConversationEvent | MemberEvent) -> str:
    revs = f"{d.prev_rev}-{d.rev}"
    match d:
        case MessageEvent(message=message):
            return f"{message.conversation_id} {revs} seq {message.seq}@{message.rev}"
        case ConversationEvent(conversation=shown):
            people = ",".join(person.user_id[-4:] for person in shown.participants)
            return f"{shown.id} {revs} shown at {shown.rev} {people}"
        case MemberEvent():
            return f"{d.conversation_id} {revs} {d.user_id}"
