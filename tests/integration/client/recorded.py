"""A format that notes what goes over the wire: the commands sent, and the events received."""

from dataclasses import dataclass, field, replace
from typing import Any

from client.changes import Event
from client.frames import JSON, Format, Frame


@dataclass
class Record:
    """What a client has said and heard, in order, over all its connections."""

    commands: list[str] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)

    @property
    def names(self) -> set[str]:
        """The events heard."""
        return {event.name for event in self.events}

    def clear(self) -> None:
        """What comes from now on."""
        self.commands.clear()
        self.events.clear()


@dataclass(frozen=True)
class RecordedFormat(Format):
    """Another format, and where what passes is noted."""

    record: Record = field(default_factory=Record)

    def event(self, frame: Frame) -> Event:
        event = Format.event(self, frame)
        self.record.events.append(event)
        return event


def recorded(form: Format = JSON) -> RecordedFormat:
    """A format whose `record` fills as it is used."""
    fields = {name: getattr(form, name) for name in Format.__dataclass_fields__}
    noted = RecordedFormat(**fields)

    def encode(command: Any) -> bytes:
        noted.record.commands.append(command["op"])
        return form.encode(command)

    return replace(noted, encode=encode)
