"""A raw-socket WebSocket client that costs a load driver as little as one can: frames by hand, no
event loop, one `recv` and one `send` a message (RFC 6455).

Connections are opened blocking, one after the other, and then served by the driver's `epoll`. The
masking key is zero, which leaves the payload as it is: masking protects proxies from web pages, and
the server unmasks all the same.
"""

import base64
import contextlib
import hashlib
import os
import socket
import struct
from collections.abc import Mapping
from urllib.parse import urlsplit

_ACCEPT_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_TEXT = 0x81
_CLOSE = 0x88
_PING = 0x89
_PONG = 0x8A
_MASKED = 0x80
_SMALL = 126
_MEDIUM = 1 << 16
_RECV_BYTES = 16_384
_HEAD_BYTES = 65_536

_small_head = struct.Struct(">BBI").pack
_medium_head = struct.Struct(">BBHI").pack
_large_head = struct.Struct(">BBQI").pack
_medium_size = struct.Struct(">H").unpack_from
_large_size = struct.Struct(">Q").unpack_from


class ConnectionLostError(Exception):
    """The server refused or ended a connection; the message says how."""


def frame(payload: bytes, first_byte: int = _TEXT) -> bytes:
    """A whole message of a client in one frame, text by default."""
    size = len(payload)
    if size < _SMALL:
        return _small_head(first_byte, _MASKED | size, 0) + payload
    if size < _MEDIUM:
        return _medium_head(first_byte, _MASKED | _SMALL, size, 0) + payload
    return _large_head(first_byte, _MASKED | 127, size, 0) + payload


class Connection:
    """One WebSocket; text messages only, as JSON is spoken here."""

    __slots__ = ("_rest", "_socket")

    def __init__(self, opened: socket.socket, rest: bytes = b"") -> None:
        self._socket = opened
        self._rest = rest

    @classmethod
    def open(
        cls, url: str, headers: Mapping[str, str] | None = None, *, timeout_s: float = 10.0
    ) -> "Connection":
        """Connect and shake hands. Raises `ConnectionLostError` when refused, `OSError`."""
        parts = urlsplit(url)
        if parts.scheme != "ws" or parts.hostname is None:
            raise ValueError(f"not a ws:// URL: {url}")
        host, port = parts.hostname, parts.port or 80
        opened = socket.create_connection((host, port), timeout=timeout_s)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            return cls(opened, _shake_hands(opened, url, headers or {}))
        except BaseException:
            opened.close()
            raise

    @classmethod
    def begin(cls, url: str) -> "Connection":
        """Begin to connect, waiting for nothing; `shake_hands` follows when it can be written."""
        parts = urlsplit(url)
        opened = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        opened.settimeout(0.0)
        opened.connect_ex((parts.hostname, parts.port or 80))
        return cls(opened)

    def begin_handshake(self, url: str, headers: Mapping[str, str]) -> None:
        """Ask for the upgrade. Raises `OSError` when the connection was refused."""
        error = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if error:
            raise OSError(error, os.strerror(error))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        request, _digest = _upgrade(url, headers)
        self._socket.send(request)

    def end_handshake(self) -> bool:
        """Read the answer; False when it is not whole yet. Raises `ConnectionLostError`."""
        data = self._socket.recv(_RECV_BYTES)
        if not data:
            raise ConnectionLostError("the server ended the handshake")
        head, end, self._rest = (self._rest + data).partition(b"\r\n\r\n")
        if not end:
            self._rest = head
            return False
        if b" 101 " not in head.partition(b"\r\n")[0] + b" ":
            raise ConnectionLostError(f"the handshake was refused: {head[:80]!r}")
        return True

    def cut(self) -> None:
        """End the connection by a reset, as a network that fails does."""
        linger = struct.pack("ii", 1, 0)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self._socket.close()

    def fileno(self) -> int:
        """The descriptor, for `epoll`."""
        return self._socket.fileno()

    def set_blocking(self, timeout_s: float | None) -> None:
        """Wait up to `timeout_s` in `receive`; None: not at all, the driver polls."""
        self._socket.settimeout(timeout_s or 0.0)

    def send(self, payload: bytes) -> None:
        """Send one text message. Raises `ConnectionLostError` when the server reads too slowly."""
        self._write(frame(payload))

    def receive(self) -> list[bytes]:
        """The payloads of the messages that one read brings, which may be none.

        Answers pings. Raises `ConnectionLostError` at the end, `BlockingIOError` or `TimeoutError`
        when nothing came.
        """
        data = self._socket.recv(_RECV_BYTES)
        if not data:
            raise ConnectionLostError("the server closed the connection")
        if self._rest:
            data = self._rest + data
        payloads: list[bytes] = []
        start, end = 0, len(data)
        while start + 2 <= end:
            body = start + 2
            size = data[start + 1]
            if size >= _SMALL:
                body += 2 if size == _SMALL else 8
                if body > end:
                    break
                of_size = _medium_size if size == _SMALL else _large_size
                (size,) = of_size(data, start + 2)
            after = body + size
            if after > end:
                break
            if data[start] == _TEXT:
                payloads.append(data[body:after])
            else:
                self._control(data[start], data[body:after])
            start = after
        self._rest = data[start:]
        return payloads

    def close(self) -> None:
        """End the connection with a close frame, without waiting for the answer."""
        with contextlib.suppress(OSError, ConnectionLostError):
            self._write(frame(struct.pack(">H", 1000), _CLOSE))
        self._socket.close()

    def _control(self, first_byte: int, payload: bytes) -> None:
        if first_byte == _PING:
            self._write(frame(payload, _PONG))
        elif first_byte == _CLOSE:
            code = int.from_bytes(payload[:2], "big")
            reason = payload[2:].decode(errors="replace")
            raise ConnectionLostError(f"the server closed the connection: {code} {reason}".rstrip())
        elif first_byte != _PONG:
            raise ConnectionLostError(f"a frame that this driver does not read: {first_byte:#x}")

    def _write(self, finished: bytes) -> None:
        # With one message in flight the socket's buffer is empty: what does not fit is a fault.
        if self._socket.send(finished) != len(finished):
            raise ConnectionLostError("the server does not read what it is sent")


def _upgrade(url: str, headers: Mapping[str, str]) -> tuple[bytes, bytes]:
    """The request for an upgrade, and the digest that accepts it."""
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    key = base64.b64encode(os.urandom(16))
    lines = [
        f"GET {target} HTTP/1.1",
        f"Host: {parts.hostname}:{parts.port or 80}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {key.decode()}",
        "Sec-WebSocket-Version: 13",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    digest = hashlib.sha1(key + _ACCEPT_GUID, usedforsecurity=False).digest()
    return ("\r\n".join(lines) + "\r\n\r\n").encode(), base64.b64encode(digest)


def _shake_hands(opened: socket.socket, url: str, headers: Mapping[str, str]) -> bytes:
    """Upgrade the connection; what came behind the answer already. Raises as `Connection.open`."""
    request, digest = _upgrade(url, headers)
    opened.sendall(request)
    answer = b""
    while b"\r\n\r\n" not in answer:
        data = opened.recv(_RECV_BYTES)
        if not data or len(answer) > _HEAD_BYTES:
            raise ConnectionLostError("the server ended the handshake")
        answer += data
    head, _, rest = answer.partition(b"\r\n\r\n")
    status, _, fields = head.partition(b"\r\n")
    if b" 101 " not in status + b" " or digest not in fields:
        raise ConnectionLostError(f"the handshake was refused: {status.decode(errors='replace')}")
    return rest
