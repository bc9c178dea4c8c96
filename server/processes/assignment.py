"""The assignment that the supervisor sends to a worker: one message over the socket between them.

It contains passwords and keys, so it is not on the command line or in the environment. The two
listening sockets of the worker are sent with it.
"""

import contextlib
import socket
from collections.abc import Mapping
from pathlib import Path

import msgspec

from server.listening import WorkerPlace

READY = b"+"
"""Sent by a worker once it serves."""

ASK = b"?"
"""Sent by the supervisor at intervals, to ask a serving worker whether it is alive."""

ALIVE = b"."
"""The answer, sent by the worker's event loop. Sent once unasked, after `READY`, it means that the
worker may be asked: a worker of older code takes any byte for the supervisor's end.
"""

_MESSAGE_BYTES = 65_536
_DOORS = 2
_QUESTIONS_BYTES = 4096


class Assignment(msgspec.Struct, frozen=True):
    """`settings` are strings by field name, as from flags."""

    worker: str
    settings: Mapping[str, str]
    figures: str


def give(control: socket.socket, assignment: Assignment, ws: int, http: int) -> None:
    """Send it with both sockets. Raises `OSError` if the worker has ended."""
    message = msgspec.json.encode(assignment)
    socket.send_fds(control, [len(message).to_bytes(4, "big") + message], [ws, http])


def take(control: socket.socket) -> tuple[Assignment, WorkerPlace] | None:
    """Wait for it; None if the supervisor ends first."""
    data, descriptors, _flags, _address = socket.recv_fds(control, _MESSAGE_BYTES, _DOORS)
    if not data:
        return None
    size = int.from_bytes(data[:4], "big")
    while len(data) < 4 + size:
        more = control.recv(_MESSAGE_BYTES)
        if not more:
            return None
        data += more
    assignment = msgspec.json.decode(data[4:], type=Assignment)
    ws, http = (socket.socket(fileno=descriptor) for descriptor in descriptors)
    return assignment, WorkerPlace(assignment.worker, ws, http, Path(assignment.figures))


def answer(control: socket.socket) -> bool:
    """Answer the supervisor's questions; False if it has ended. Does not block."""
    try:
        if not control.recv(_QUESTIONS_BYTES, socket.MSG_DONTWAIT):
            return False
        control.send(ALIVE, socket.MSG_DONTWAIT)
    except BlockingIOError:
        return True  # Nothing is asked, or many answers are unread, so that one more is not needed.
    except OSError:
        return False
    return True


def has_answered(control: socket.socket) -> bool:
    """Whether the worker has answered since the last call. Does not block."""
    try:
        return bool(control.recv(_QUESTIONS_BYTES, socket.MSG_DONTWAIT))
    except OSError:
        return False


def ask(control: socket.socket) -> None:
    """Ask the worker whether it is alive. Does not block if it does not read."""
    with contextlib.suppress(OSError):
        control.send(ASK, socket.MSG_DONTWAIT)
