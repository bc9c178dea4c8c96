"""What processes tell each other through Redis: an event, its `d` finished, and what it is about.

A body is a few short fields and the `d` as JSON, parted by the unit separator, which JSON text
cannot hold. The log's entry id is put in front by the script that publishes.
"""

from typing import NamedTuple

SEPARATOR = b"\x1f"
_FIELDS = 8

JOINS_ROUTE = b"+"
LEAVES_ROUTE = b"-"

FOLLOWS = b"~"
"""An earlier change of the conversation may still be under way, by another publisher."""


class BusEvent(NamedTuple):
    """An event between processes. Empty fields are b""."""

    ev: bytes
    eid: bytes = b""
    """Empty for events that are not durable."""
    conversation_id: bytes = b""
    rev: bytes = b""
    origin: bytes = b""
    """The connection that has the reply instead."""
    key: bytes = b""
    """What this event is the newest state of: of one key only the newest is kept. Of a change of a
    conversation: `FOLLOWS`, or nothing."""
    route: bytes = b""
    """Whether the conversation's own channel is the recipient's from here on, or no longer."""
    d: bytes = b""
    """The event's `d`, as JSON; empty in a log that holds only a reference to the change."""


def pack(event: BusEvent) -> bytes:
    """The event as one body."""
    return SEPARATOR.join(event)


def unpack(body: bytes) -> BusEvent:
    """A body as its event. Raises `ValueError` when it is not one."""
    parts = body.split(SEPARATOR, _FIELDS - 1)
    if len(parts) != _FIELDS:
        raise ValueError("not a body of an event")
    return BusEvent(*parts)
