"""What the supervisor gives a worker to do: one message over the socket between the two.

Passwords and keys stand in it, so it is neither on the command line nor in the environment. The two
sockets that the worker is to accept from travel with it.
"""

import contextlib
import socket
from collections.abc import Mapping
from pathlib import Path

import msgspec

from server.listening import WorkerPlace

READY = b"+"
"""What a worker says once it serves."""

ASK = b"?"
"""What the supervisor asks a worker that serves, again and again."""

ALIVE = b"."
"""The answer, given by the worker's event loop. Given unasked once, after `READY`, it says that the
worker answers: one of older code takes any byte for the supervisor's end.
"""

_MESSAGE_BYTES = 65_536
_DOORS = 2
_QUESTIONS_BYTES = 4096


class Assignment(msgspec.Struct, frozen=True):
    """`settings` are texts by the names of fields, as flags give them."""

    worker: str
    settings: Mapping[str, str]
    figures: str


def give(control: socket.socket, assignment: Assignment, ws: int, http: int) -> None:
    """Send it with both doors. Raises `OSError` when the worker is gone."""
    message = msgspec.json.encode(assignment)
    socket.send_fds(control, [len(message).to_bytes(4, "big") + message], [ws, http])


def take(control: socket.socket) -> tuple[Assignment, WorkerPlace] | None:
    """Wait for it; None when the supervisor ends before."""
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
    """Answer what the supervisor has asked; False when it has ended. Waits for nothing."""
    try:
        if not control.recv(_QUESTIONS_BYTES, socket.MSG_DONTWAIT):
            return False
        control.send(ALIVE, socket.MSG_DONTWAIT)
    except BlockingIOError:
        return (
            True  # Nothing is asked, or so many answers wait to be read that one more says nothing.
        )
    except OSError:
        return False
    return True


def has_answered(control: socket.socket) -> bool:
    """Whether the worker has answered since the last call; waits for nothing."""
    try:
        return bool(control.recv(_QUESTIONS_BYTES, socket.MSG_DONTWAIT))
    except OSError:
        return False


def ask(control: socket.socket) -> None:
    """Ask the worker whether it is alive; one that reads nothing is not waited for."""
    with contextlib.suppress(OSError):
        control.send(ASK, socket.MSG_DONTWAIT)
