"""A format that notes what goes over the wire: the commands sent, and the events received."""

from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import msgspec

from client.connection.frames import JSON, Format, Frame
from client.state.changes import Event
from protocol.replies import HelloReply

T = TypeVar("T")


@dataclass
class Record:
    """What a client has said and heard, in order, over all its connections."""

    sent: list[tuple[str, Any]] = field(default_factory=list)
    """Each command's name and `d`."""
    events: list[Event] = field(default_factory=list)
    hellos: list[HelloReply] = field(default_factory=list)

    @property
    def commands(self) -> list[str]:
        """The names of what was sent."""
        return [op for op, _ in self.sent]

    @property
    def names(self) -> set[str]:
        """The events heard."""
        return {event.name for event in self.events}

    def clear(self) -> None:
        """What comes from now on."""
        self.sent.clear()
        self.events.clear()
        self.hellos.clear()


@dataclass(frozen=True)
class RecordedFormat(Format):
    """Another format, and where what passes is noted."""

    record: Record = field(default_factory=Record)

    def body(self, what: str, raw: msgspec.Raw, shape: type[T]) -> T:
        body = Format.body(self, what, raw, shape)
        if isinstance(body, HelloReply):
            self.record.hellos.append(body)
        return body

    def event(self, frame: Frame) -> Event:
        event = Format.event(self, frame)
        self.record.events.append(event)
        return event


def recorded(form: Format = JSON) -> RecordedFormat:
    """A format whose `record` fills as it is used."""
    fields = {name: getattr(form, name) for name in Format.__dataclass_fields__}
    noted = RecordedFormat(**fields)

    def encode(command: Any) -> bytes:
        noted.record.sent.append((command["op"], command["d"]))
        return form.encode(command)

    return replace(noted, encode=encode)
