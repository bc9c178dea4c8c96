"""Where a process listens: how many may wait there, and a worker's place among others."""

import contextlib
import errno
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BACKLOG = 1024
"""Connections that wait at a door to be accepted: all clients of a dead node come at once."""


@dataclass(frozen=True, slots=True)
class WorkerPlace:
    """A worker's place among those of one supervisor: its name, its doors, where figures meet."""

    worker: str
    ws: socket.socket
    http: socket.socket
    figures: Path


@dataclass(slots=True)
class SocketPort:
    """The port of the socket's door: as it is set, then as it is."""

    number: int


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


def see_free(host: str, port: int, name: str, host_name: str = "PARLEY_HOST") -> None:
    """Open the door and close it again, to tell early that it cannot be opened.

    Raises `NotListeningError`. Port 0 is any free one, which there is.
    """
    if port:
        with listening(host, port, name, host_name):
            bound(*address_of(host, port)).close()


def address_of(host: str, port: int) -> tuple[int, Any]:
    """The family and address to bind to. Raises `OSError` where the host has none."""
    found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, *_, address = found[0]
    return family, address


def bound(family: int, address: Any, *, share: bool = False) -> socket.socket:
    """A socket with this address, which others that share it may have too."""
    door = socket.socket(family, socket.SOCK_STREAM)
    try:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if share:
            door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if family == socket.AF_INET6:
            door.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        door.bind(address)
    except OSError:
        door.close()
        raise
    return door


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
