"""A WebSocket connection of `websockets`, whose ordinary frames take a short way.

Nearly all that a client sends is a whole, unfragmented, masked text or binary message in one frame.
That is taken apart here and handed on by a call, without a queue and a task that wakes; the pongs
that we ask for are only heard. All else, the handshake, fragments, pings, closes and whatever is
wrong, goes to the library, in whole frames.

The library needs some 20 µs for a frame, and one read brings tens of thousands of the smallest: so
each is counted before it is looked at, and a peer that sends too many loses its connection.
"""

import asyncio
from collections.abc import Callable
from typing import Any, NamedTuple

from websockets.asyncio.server import ServerConnection
from websockets.frames import DATA_OPCODES, CloseCode, Frame
from websockets.protocol import CONNECTING, OPEN, Event
from websockets.speedups import apply_mask

from protocol.errors import PROTOCOL_VIOLATED, RATE_IGNORED, TOO_SLOW
from protocol.errors import CloseCode as Close
from server.connection.frame_budget import Allowance, FrameBudget

_ORDINARY = (0x81, 0x82)
"""A whole text or binary message."""
_FIN = 0x80
_MASKED = 0x80
_MEDIUM = 126
_LARGE = 127
_PING = b"\x89\x00"
_PONG = 0x8A
_CLOSE = 0x88
_HEAD_END = b"\r\n\r\n"

WAITING_MAX = 64
"""Messages that wait for somebody to take them; with more the peer is not read from."""
SMALL_READ_BYTES = 256
"""A read of less that completes no frame counts as one: it costs as much. What is left of a long
frame comes in larger pieces."""
REFUSED_S = 1.0
"""A peer that sent too much has this long to read why; it is not read from meanwhile."""


class Allowances(NamedTuple):
    """What a peer may send a second, before it has said hello and after."""

    before_hello: Allowance
    after_hello: Allowance


class Socket(ServerConnection):
    """Messages one by one by `receive`, or to a function by `feed`.

    `last_heard` is the time of the loop at which the peer last sent anything. `refused_with` is
    there once the peer has sent too much: the connection then ends by itself.
    """

    # Beside the library's: a dict of more than thirty attributes takes 1.3 KB.
    __slots__ = (
        "_after_hello",
        "_budget",
        "_end",
        "_fragments",
        "_has_said_hello",
        "_head_tail",
        "_inbox",
        "_is_fragmented",
        "_is_paused",
        "_news",
        "_receiver",
        "_rest",
        "_shared",
        "_size_max",
        "_throttle",
        "last_heard",
        "refused_with",
    )

    def __init__(self, *args: Any, allowances: Allowances, **options: Any) -> None:
        super().__init__(*args, **options)
        self.last_heard = self.loop.time()
        self._budget = FrameBudget(allowances.before_hello, self.last_heard)
        self._after_hello = allowances.after_hello
        self._has_said_hello = False
        self._shared: FrameBudget | None = None
        """That of all connections of the person. Those that send beyond it are read later."""
        self._throttle: asyncio.TimerHandle | None = None
        most = self.protocol.max_message_size
        self._size_max = 1 << 63 if most is None else most
        self.refused_with: Close | None = None
        # A list, though it is read from the front: an empty deque takes as much as all else here.
        self._inbox: list[bytes] = []
        self._receiver: Callable[[bytes], None] | None = None
        self._news: asyncio.Future[None] | None = None
        self._is_paused = False
        self._head_tail: bytes | None = b""
        """The last bytes of the request as far as it has come; None when it is whole."""
        self._rest = b""
        """What is not taken apart yet: the beginning of a frame, or all that came while paused."""
        self._is_fragmented = False
        self._fragments: list[bytes] = []
        self._end: asyncio.TimerHandle | None = None

    def forget_handshake(self) -> None:
        """Let go of the headers of request and response: 4 KB that nobody reads again."""
        for message in (self.request, self.response):
            if message is not None:
                message.headers.clear()

    def said_hello(self) -> None:
        """The peer is somebody, and may send what its commands need."""
        self._has_said_hello = True
        self._budget.grant(self._after_hello, self.loop.time())

    def share(self, budget: FrameBudget) -> None:
        """Count bytes also in this one, which the person's other connections have too."""
        self._shared = budget

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
        if self.refused_with is not None:
            return
        self._is_paused = False
        while self._inbox and self._receiver is not None and not self._is_paused:
            self._receiver(self._inbox.pop(0))
        if self._rest and not self._is_paused:
            self._take(self._rest)
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
        now = self.last_heard = self.loop.time()
        budget = self._budget
        budget.bytes_left -= len(data)
        shared = self._shared
        if shared is not None:
            shared.bytes_left -= len(data)
            if shared.bytes_left < 0 and not shared.renew(now):
                self._hold(shared.left_s(now))
        if budget.bytes_left < 0 and not budget.renew(now):
            self._refuse_flood()
        elif self._head_tail is None:
            self._take(self._rest + data if self._rest else data)
            if self._rest and len(data) < SMALL_READ_BYTES:
                self._count_frame()  # ordinary frames come whole, and do not get here
        else:
            self._shake_hands(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell whoever waits for a message."""
        for timer in (self._end, self._throttle):
            if timer is not None:
                timer.cancel()
        super().connection_lost(exc)
        self._wake()

    def process_event(self, event: Event) -> None:
        """What the library has understood; messages that it put together are handed on here."""
        if self.request is None or not isinstance(event, Frame) or event.opcode not in DATA_OPCODES:
            super().process_event(event)
            return
        # One that is empty would be kept at no cost to its sender.
        if event.data:
            self._fragments.append(bytes(event.data))
        if event.fin:
            message, self._fragments = b"".join(self._fragments), []
            self._put(message)

    def _shake_hands(self, data: bytes) -> None:
        """The request, up to its end. A client has to await the answer (RFC 6455, section 4.1)."""
        assert self._head_tail is not None
        seen = self._head_tail + data
        end = seen.find(_HEAD_END) + len(_HEAD_END)
        if end < len(_HEAD_END):
            self._head_tail = seen[1 - len(_HEAD_END) :]
            self._count_frame()
        elif end < len(seen):
            self.transport.abort()
            return
        else:
            self._head_tail = None
        super().data_received(data)

    def _take(self, data: bytes) -> None:
        """Take apart what has come, as far as it is whole and somebody takes it."""
        is_open = self.protocol.state is OPEN
        if not is_open and self._is_over():
            return
        start, end = 0, len(data)
        budget = self._budget
        while end - start >= 2 and not self._is_paused:
            size = data[start + 1] & ~_MASKED
            body = start + (6 if size < _MEDIUM else 8 if size == _MEDIUM else 14)
            if body > end:
                break
            if size >= _MEDIUM:
                size = int.from_bytes(data[start + 2 : body - 4], "big")
            after = body + size
            if not data[start + 1] & _MASKED or size > self._size_max:
                # Against the protocol: the library says so, and ends the connection.
                self._pass_on(data[start:])
                return
            if after > end:
                break
            budget.frames_left -= 1
            if budget.frames_left < 0 and not budget.renew(self.last_heard):
                self._refuse_flood()
                return
            if is_open and data[start] in _ORDINARY and not self._is_fragmented:
                self._put(apply_mask(data[body:after], data[body - 4 : body]))
            elif not self._passed_on(data[start:after], is_open=is_open):
                return
            start = after
        self._rest = data[start:]

    def _is_over(self) -> bool:
        """Whether nothing is expected any more; until then the peer's close is."""
        if self.protocol.eof_sent:
            self._rest = b""
            return True
        if self.protocol.state is CONNECTING:
            self.transport.abort()  # it did not wait for the answer to its request
            return True
        return False

    def _passed_on(self, whole: bytes, *, is_open: bool) -> bool:
        """Pass on what the library needs to know; False when the connection ends with it."""
        if whole[0] == _PONG and not whole[1] & ~_MASKED:
            return True  # it has been heard, and that is all
        if not is_open and whole[0] != _CLOSE:
            return True  # we have closed, and read on only for the answer to that
        self._pass_on(whole)
        return not self.protocol.eof_sent and self.refused_with is None

    def _pass_on(self, whole: bytes) -> None:
        """A control frame, a fragment, or something wrong."""
        if not whole[0] & 0x08:
            self._is_fragmented = not whole[0] & _FIN
        super().data_received(whole)
        if self.transport.is_closing():
            return
        if self.protocol.eof_sent:
            # The peer is to end the connection; one that does not is not waited for long.
            self._rest = b""
            self._abort_in(self.close_timeout or 0.0)
        elif self.transport.get_write_buffer_size() > self.write_limit_high:
            self._refuse(TOO_SLOW)  # it sends pings, and does not take the answers

    def _count_frame(self) -> None:
        self._budget.frames_left -= 1
        if self._budget.frames_left < 0 and not self._budget.renew(self.last_heard):
            self._refuse_flood()

    def _refuse_flood(self) -> None:
        self._refuse(RATE_IGNORED if self._has_said_hello else PROTOCOL_VIOLATED)

    def _refuse(self, close: Close) -> None:
        """Take nothing more, and end the connection without waiting for the peer's close."""
        self._rest = b""
        self._inbox.clear()
        self._fragments.clear()
        self._is_paused = True
        self._read(wanted=False)
        if self.protocol.state is not OPEN:
            self.transport.abort()
            return
        self.refused_with = close
        self.protocol.send_close(close.code, close.reason)
        self.send_data()
        # It is not read from, so that its own close is not seen.
        self._abort_in(REFUSED_S)

    def _abort_in(self, seconds: float) -> None:
        if self._end is None:
            self._end = self.loop.call_later(seconds, self.transport.abort)

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

    def _hold(self, seconds: float) -> None:
        """Read nothing for so long. What has come is taken: others wait for what is to come."""
        if self._throttle is None:
            self._throttle = self.loop.call_later(seconds, self._go_on)
            self._read(wanted=False)

    def _go_on(self) -> None:
        self._throttle = None
        if not self._is_paused:
            self._read(wanted=True)

    def _read(self, *, wanted: bool) -> None:
        if self.transport.is_closing():
            return
        if wanted and self._throttle is None:
            self.transport.resume_reading()
        else:
            self.transport.pause_reading()
