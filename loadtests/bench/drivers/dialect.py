"""What a load driver must know of one kind of server; all else is one program for all kinds."""

from typing import Protocol

from loadtests.bench.drivers.wire import Connection

CONTENT = "The draft of the second page is in the folder, have a look tonight? %012x"
"""What people write, with the number of the command that sends it."""

NEVER = b"\0"
"""The start of no payload: for what a server does not have."""

_MARK = CONTENT.partition("%")[0][-10:].encode()


class RefusedError(Exception):
    """The server answered a command, or a connection, with an error."""


class Commands(Protocol):
    """The commands of one member in one conversation."""

    def message(self, command_id: int) -> bytes:
        """Send `CONTENT` with this number."""

    def receipt(self, command_id: int, seq: int) -> bytes:
        """Mark read up to a message. `NotImplementedError` where there are no receipts."""


class Dialect(Protocol):
    """How one kind of server is spoken to, told by the first bytes of what it says.

    Read by position, not parsed: a run that meets anything else stops for want of progress rather
    than measuring something else.
    """

    reply: bytes
    """What acknowledges a command begins so."""
    delivery: bytes
    """What brings a message to the others begins so."""
    receipt: bytes
    """What tells the sender that it was read begins so, or `NEVER`."""
    ping: bytes
    """A whole payload that is to be answered with `pong`, or `NEVER`."""
    pong: bytes
    is_gapless: bool
    """Whether the messages of a conversation are numbered without gaps."""

    def connect(self, url: str, credential: str) -> Connection:
        """A connection that is let in. Raises `RefusedError`, `ConnectionLostError`, `OSError`."""

    def commands(self, conversation_id: str) -> Commands:
        """The commands of one member there."""

    def command_id_of(self, reply: bytes) -> int:
        """The command that is acknowledged. Raises `RefusedError` for an error."""

    def number_of(self, delivery: bytes) -> int:
        """The server's number of the message, greater than those before it in its conversation."""


def sent_number(delivery: bytes) -> int:
    """The number of the command that sent what is delivered: the end of its `CONTENT`."""
    start = delivery.index(_MARK) + len(_MARK)
    return int(delivery[start : start + 12], 16)


def number_behind(mark: bytes, payload: bytes) -> int:
    """The number between `mark` and the next comma."""
    start = payload.index(mark) + len(mark)
    return int(payload[start : payload.index(b",", start)])
