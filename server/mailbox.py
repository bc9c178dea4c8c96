"""The writing end of one connection: frames gathered and written once per turn of the loop.

A finished frame goes straight to the transport: a system call is most of what a delivery costs, and
the library's own path adds half of that again. The library still writes pings, pongs and closes.
"""

import asyncio
from collections.abc import Callable
from uuid import UUID

from websockets.asyncio.server import ServerConnection
from websockets.protocol import State

from protocol.codec import Codec
from protocol.errors import TOO_SLOW, CloseCode

_SMALL = 126
_MEDIUM = 1 << 16


def frame(payload: bytes, *, is_text: bool) -> bytes:
    """A whole unmasked message in one WebSocket frame (RFC 6455, section 5.2)."""
    opcode = 0x81 if is_text else 0x82
    size = len(payload)
    if size < _SMALL:
        return bytes((opcode, size)) + payload
    if size < _MEDIUM:
        return bytes((opcode, _SMALL)) + size.to_bytes(2, "big") + payload
    return bytes((opcode, 127)) + size.to_bytes(8, "big") + payload


class Mailbox:
    """What a connection is sent. Until `open` it holds back events, so that they follow the reply
    to `hello`; a peer that does not read loses the connection, and nobody else notices.
    """

    def __init__(
        self,
        socket: ServerConnection,
        codec: Codec,
        connection_id: str,
        queue_bytes: int,
        end: Callable[[CloseCode], None],
    ) -> None:
        self.codec = codec
        self.connection_id = connection_id
        self.origin = connection_id.encode()
        self.session_id: UUID | None = None
        self.end = end
        self._socket = socket
        self._queue_bytes = queue_bytes
        self._chunks: list[bytes] = []
        self._held: list[tuple[str, bytes]] | None = []
        self._is_closed = False

    def send(self, payload: bytes) -> None:
        """Write a reply or an envelope of this connection's own."""
        self.write(frame(payload, is_text=self.codec.is_text))

    def deliver(self, at: str, finished: bytes) -> None:
        """Write a finished frame of an event, or hold it until the connection is open."""
        if self._held is None:
            self.write(finished)
        else:
            self._held.append((at, finished))

    def open(self, offset: str) -> None:
        """Let go of what was held, but for durable events up to `offset`: a sync tells them."""
        held, self._held = self._held or [], None
        position = _entry(offset)
        for at, finished in held:
            if not at or _entry(at) > position:
                self.write(finished)

    @property
    def is_open(self) -> bool:
        """Whether events are written as they come."""
        return self._held is None

    def write(self, finished: bytes) -> None:
        """Write a finished frame at the end of this turn of the loop."""
        if self._is_closed:
            return
        if not self._chunks:
            asyncio.get_running_loop().call_soon(self._flush)
        self._chunks.append(finished)

    def close(self) -> None:
        """Write nothing more; what is gathered goes out first."""
        self._flush()
        self._is_closed = True

    @property
    def waiting_bytes(self) -> int:
        """Bytes that the peer has not taken yet."""
        return self._socket.transport.get_write_buffer_size()

    def _flush(self) -> None:
        if not self._chunks or self._is_closed:
            return
        chunks, self._chunks = self._chunks, []
        if self._socket.state is not State.OPEN:
            return
        # What a peer has not taken counts, not what is written now: a long reply may pass.
        if self.waiting_bytes > self._queue_bytes:
            self._is_closed = True
            self.end(TOO_SLOW)
            return
        self._socket.transport.write(chunks[0] if len(chunks) == 1 else b"".join(chunks))


def _entry(offset: str) -> tuple[int, int]:
    """A stream's entry id as numbers; they do not compare as text."""
    milliseconds, _, number = offset.partition("-")
    return (int(milliseconds or 0), int(number or 0))
