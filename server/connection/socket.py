"""A WebSocket connection of `websockets`, whose ordinary frames take a short way.

Nearly all that a client sends is a whole, unfragmented, masked text or binary message in one frame.
That is taken apart here and handed on by a call, without a queue and a task that wakes; the pongs
that we ask for are only heard. All else, the handshake, fragments, pings, closes and whatever is
wrong, goes to the library, in whole frames.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from websockets.asyncio.server import ServerConnection
from websockets.frames import DATA_OPCODES, CloseCode, Frame
from websockets.protocol import OPEN, Event
from websockets.speedups import apply_mask

_ORDINARY = (0x81, 0x82)
"""A whole text or binary message."""
_FIN = 0x80
_MASKED = 0x80
_MEDIUM = 126
_LARGE = 127
_PING = b"\x89\x00"
_PONG = 0x8A

WAITING_MAX = 64
"""Messages that wait for somebody to take them; with more the peer is not read from."""


class Socket(ServerConnection):
    """Messages one by one by `receive`, or to a function by `feed`.

    `last_heard` is the time of the loop at which the peer last sent anything.
    """

    # Beside the library's: a dict of more than thirty attributes takes 1.3 KB.
    __slots__ = (
        "_begins_here",
        "_fragments",
        "_inbox",
        "_is_fragmented",
        "_is_paused",
        "_news",
        "_receiver",
        "_rest",
        "last_heard",
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.last_heard = self.loop.time()
        # A list, though it is read from the front: an empty deque takes as much as all else here.
        self._inbox: list[bytes] = []
        self._receiver: Callable[[bytes], None] | None = None
        self._news: asyncio.Future[None] | None = None
        self._is_paused = False
        self._rest = b""
        self._begins_here = False
        """Whether what comes next is the beginning of a frame, as far as was seen."""
        self._is_fragmented = False
        self._fragments: list[bytes] = []

    def forget_handshake(self) -> None:
        """Let go of the headers of request and response: 4 KB that nobody reads again."""
        for message in (self.request, self.response):
            if message is not None:
                message.headers.clear()

    async def receive(self) -> bytes:
        """The next message. Raises `ConnectionClosed` at the end."""
        while not self._inbox:
            if self.connection_lost_waiter.done():
                raise self.protocol.close_exc
            self._news = self.loop.create_future()
            await self._news
        message = self._inbox.pop(0)
        if self._is_paused:
            self.resume()
        return message

    def feed(self, receiver: Callable[[bytes], None]) -> None:
        """Call this with each message from now on."""
        self._receiver = receiver
        self.resume()

    def pause(self) -> None:
        """Hand on no messages, and read none, until `resume`."""
        if not self._is_paused:
            self._is_paused = True
            self._read(wanted=False)

    def resume(self) -> None:
        """Hand on what waits and what comes, until paused again."""
        self._is_paused = False
        while self._inbox and self._receiver is not None and not self._is_paused:
            self._receiver(self._inbox.pop(0))
        if not self._is_paused:
            self._read(wanted=True)

    def probe(self) -> None:
        """Ask the peer for a sign of life."""
        if self.protocol.state is OPEN and not self.transport.is_closing():
            self.transport.write(_PING)

    def give_up(self) -> None:
        """End the connection with a peer that shows no sign of life."""
        if self.protocol.state is OPEN:
            self.protocol.fail(CloseCode.INTERNAL_ERROR, "keepalive ping timeout")
            self.send_data()
        # It will not answer the close either.
        self.transport.abort()

    # What the transport calls.

    def data_received(self, data: bytes) -> None:
        """Take ordinary frames, and pass on the others whole."""
        self.last_heard = self.loop.time()
        if self.protocol.state is not OPEN:
            self._begins_here = data.endswith(b"\r\n\r\n")
            super().data_received(data)
        elif self._begins_here:
            self._take(self._rest + data if self._rest else data)
        else:
            super().data_received(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell whoever waits for a message."""
        super().connection_lost(exc)
        self._wake()

    def process_event(self, event: Event) -> None:
        """What the library has understood; messages that it put together are handed on here."""
        if self.request is None or not isinstance(event, Frame) or event.opcode not in DATA_OPCODES:
            super().process_event(event)
            return
        self._fragments.append(bytes(event.data))
        if event.fin:
            message, self._fragments = b"".join(self._fragments), []
            self._put(message)

    def _take(self, data: bytes) -> None:
        start, end = 0, len(data)
        while end - start >= 2:
            size = data[start + 1] & ~_MASKED
            body = start + (6 if size < _MEDIUM else 8 if size == _MEDIUM else 14)
            if body > end:
                break
            if size >= _MEDIUM:
                size = int.from_bytes(data[start + 2 : body - 4], "big")
            after = body + size
            if not data[start + 1] & _MASKED or size > self._size_max:
                # Against the protocol: the library says so, and ends the connection.
                self._begins_here = False
                super().data_received(data[start:])
                return
            if after > end:
                break
            if data[start] in _ORDINARY and not self._is_fragmented:
                self._put(apply_mask(data[body:after], data[body - 4 : body]))
            elif data[start] != _PONG or size:  # an empty pong has been heard, and that is all
                self._pass_on(data[start:after])
            start = after
        self._rest = data[start:]

    @property
    def _size_max(self) -> int:
        most = self.protocol.max_message_size
        return 1 << 63 if most is None else most

    def _pass_on(self, whole: bytes) -> None:
        """A control frame, a fragment, or something wrong."""
        if not whole[0] & 0x08:
            self._is_fragmented = not whole[0] & _FIN
        super().data_received(whole)

    def _put(self, message: bytes) -> None:
        if self._receiver is not None and not self._is_paused and not self._inbox:
            self._receiver(message)
            return
        self._inbox.append(message)
        if len(self._inbox) >= WAITING_MAX:
            self.pause()
        self._wake()

    def _wake(self) -> None:
        news, self._news = self._news, None
        if news is not None and not news.done():
            news.set_result(None)

    def _read(self, *, wanted: bool) -> None:
        if self.transport.is_closing():
            return
        if wanted:
            self.transport.resume_reading()
        else:
            self.transport.pause_reading()
