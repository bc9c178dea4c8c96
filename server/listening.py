"""Where a process listens: how many may wait there, and a worker's place among others."""

import contextlib
import errno
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

BACKLOG = 1024
"""Connections that wait at a door to be accepted: all clients of a dead node come at once."""


@dataclass(frozen=True, slots=True)
class WorkerPlace:
    """A worker's place among those of one supervisor: its name, its doors, where figures meet."""

    worker: str
    ws: socket.socket
    http: socket.socket
    figures: Path


class NotListeningError(RuntimeError):
    """A door cannot be opened; the message is one line that names the settings."""


@contextlib.contextmanager
def listening(host: str, port: int, name: str, host_name: str = "PARLEY_HOST") -> Iterator[None]:
    """Around opening a door: why that fails. `name` is the setting of its port.

    Raises `NotListeningError`.
    """
    try:
        yield
    except OSError as error:
        raise NotListeningError(_why(error, host, port, (name, host_name))) from error


def _why(error: OSError, host: str, port: int, names: tuple[str, str]) -> str:
    name, host_name = names
    if error.errno == errno.EADDRINUSE:
        return (
            f"port {port} of {host} is taken, perhaps by another Parley: end what listens there, "
            f"or set {name} to another port (0 takes any free one)"
        )
    if error.errno == errno.EACCES:
        return f"port {port} of {host} is not this user's to take: set {name} to one above 1023"
    return f"cannot listen on {host}, port {port} ({error}): correct {host_name} or {name}"
