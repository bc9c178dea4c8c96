"""A raw-socket HTTP client for a closed loop: keep-alive, requests written beforehand, answers read
no further than their length (RFC 9112).
"""

import re
import socket
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import orjson

from loadtests.bench.drivers.wire import ConnectionLostError

_RECV_BYTES = 65_536
_TIMEOUT_S = 10.0
_length_of = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE).search

Body = dict[str, Any] | None
Request = tuple[str, str, Body] | tuple[str, str, Body, str]
"""Method, path and JSON body; what header fields it has besides, each ended by CRLF."""


class StatusError(Exception):
    """A request was answered with an error."""


class HttpAsker:
    """One person's connection; `next_request` says what is asked next."""

    def __init__(self, url: str, token: str, next_request: Callable[[], Request]) -> None:
        parts = urlsplit(url)
        self._socket = socket.create_connection((parts.hostname, parts.port), _TIMEOUT_S)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.settimeout(0.0)
        self._head = f"Host: {parts.netloc}\r\nAuthorization: Bearer {token}\r\nAccept: */*\r\n"
        self._next_request = next_request
        self._read = b""

    def fileno(self) -> int:
        """The descriptor."""
        return self._socket.fileno()

    def ask(self) -> None:
        """Send the next request."""
        self._socket.send(written(self._head, *self._next_request()))

    def is_answered(self) -> bool:
        """Read what came; True when the answer is whole. Raises `StatusError`."""
        data = self._socket.recv(_RECV_BYTES)
        if not data:
            raise ConnectionLostError("the server closed the connection")
        self._read += data
        head, end, body = self._read.partition(b"\r\n\r\n")
        if not end:
            return False
        length = _length_of(head)
        if length is None:
            raise StatusError(f"an answer without a length: {head!r}")
        if len(body) < int(length[1]):
            return False
        if not head.startswith((b"HTTP/1.1 200", b"HTTP/1.1 201")):
            status = head.partition(b"\r\n")[0]
            raise StatusError(f"{status.decode()}: {body[:400].decode()}")
        self._read = b""
        return True

    def close(self) -> None:
        """End the connection."""
        self._socket.close()


def written(head: str, method: str, path: str, body: Body, own: str = "") -> bytes:
    """A whole request; `head` are the fields that all have, `own` those of this one."""
    if body is None:
        return f"{method} {path} HTTP/1.1\r\n{head}{own}\r\n".encode()
    data = orjson.dumps(body)
    fields = f"{head}{own}Content-Type: application/json\r\nContent-Length: {len(data)}\r\n"
    return f"{method} {path} HTTP/1.1\r\n{fields}\r\n".encode() + data
