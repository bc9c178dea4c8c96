"""What processes tell each other through Redis: an event, its `d` finished, and what it is about.

A body is a few short fields and the `d` as JSON, parted by the unit separator, which JSON text
cannot hold. The log's entry id is put in front by the script that publishes.
"""

from typing import NamedTuple

SEPARATOR = b"\x1f"
_FIELDS = 6


class BusEvent(NamedTuple):
    """An event between processes. Empty fields are b""."""

    ev: bytes
    eid: bytes
    """Empty for events that are not durable."""
    conversation_id: bytes
    rev: bytes
    origin: bytes
    """The connection that has the reply instead."""
    d: bytes
    """The event's `d`, as JSON."""


def pack(event: BusEvent) -> bytes:
    """The event as one body."""
    return SEPARATOR.join(event)


def unpack(body: bytes) -> BusEvent:
    """A body as its event. Raises `ValueError` when it is not one."""
    parts = body.split(SEPARATOR, _FIELDS - 1)
    if len(parts) != _FIELDS:
        raise ValueError("not a body of an event")
    return BusEvent(*parts)
