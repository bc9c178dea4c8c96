"""An HTTP connection of aiohttp that is not waited for without end.

aiohttp reads and answers; what is added here is the time that headers, a body, the next request
and the taking of an answer may take, what a body may be on the wire, and the count of sockets
(`server/doors`).
"""

import array
import asyncio
import contextlib
import fcntl
import sys
import termios
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import structlog
from aiohttp import hdrs, web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.streams import StreamReader
from aiohttp.web_request import BaseRequest

from protocol.errors import ErrorCode, RequestError
from server.doors.budget import HeldSocket, SocketBudget, Wait
from server.doors.by_address import SocketsByAddress
from server.http.problems import problem
from server.http.route_helpers import SECURITY
from server.http.sliced import SLICE_BYTES, SlicedHandler
from server.ws.client_address import Network, is_trusted

log = structlog.get_logger()

_END = b"Connection: close\r\nContent-Length: 0\r\n\r\n"
_TOO_SLOW = b"HTTP/1.1 408 Request Timeout\r\n" + _END
_TOO_MANY = b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1\r\n" + _END
_REASON_CHARS = 120
# Bytes that the kernel has not sent, or that the peer's has not confirmed.
_ASK_UNSENT = termios.TIOCOUTQ if sys.platform == "linux" else None


class BodyTooSlowError(TimeoutError):
    """Whoever reads the body is told that no more of it comes."""


@dataclass(frozen=True, slots=True)
class BodyPace:
    """How slow a body may be: `total_s` in all, and from `grace_s` on `bytes_per_s` on average."""

    grace_s: float
    total_s: float
    bytes_per_s: float

    def is_too_slow(self, seconds: float, size: int) -> bool:
        """Whether so many bytes in so many seconds are too few."""
        return seconds > self.total_s or seconds > self.grace_s + size / self.bytes_per_s


@dataclass(frozen=True, slots=True)
class BodyBounds:
    """How long a body may be: `body_bytes`, or what `by_path` says of a path."""

    body_bytes: int
    by_path: Mapping[str, int] = field(default_factory=dict)

    def on_the_wire(self, path: str) -> int:
        """With the frames of its chunks, and with what came in one slice with its beginning."""
        return 2 * self.by_path.get(path, self.body_bytes) + SLICE_BYTES


@dataclass(frozen=True, slots=True)
class HttpSockets:
    """What the connections of a door are counted and held to."""

    budget: SocketBudget
    by_address: SocketsByAddress
    pace: BodyPace
    bounds: BodyBounds
    trusted_proxies: Sequence[Network] = ()


class HttpConnection(SlicedHandler):
    """One connection; its requests are handled as aiohttp does."""

    __slots__ = (
        "_began",
        "_body",
        "_bound",
        "_delay",
        "_has_begun",
        "_held",
        "_is_proxy",
        "_size",
        "_sockets",
        "_unsent",
    )

    def __init__(self, sockets: HttpSockets, manager: web.Server, **options: Any) -> None:
        super().__init__(manager, **options)
        self._sockets = sockets
        self._held: HeldSocket | None = None
        self._is_proxy = False
        self._delay: asyncio.Future[None] | None = None
        self._has_begun = False
        """Whether a part of the next request's headers has come."""
        self._body: StreamReader | None = None
        """That of the request that came last, until it is answered."""
        self._began = 0.0
        self._size = self._bound = 0
        self._unsent = 0

    # What a request tells of its connection.

    def known(self, *, is_known: bool) -> None:
        """Whether the request came with a login."""
        if self._held is not None:
            self._held.known(is_known=is_known)

    def came_from(self, address: str) -> bool:
        """The client's address, from a request's headers; False when that has too many sockets.

        Only a trusted proxy's connection counts by it, and until the request is answered.
        """
        held = self._held
        if not self._is_proxy or held is None:
            return True
        return self._sockets.by_address.admit(held, address)

    async def delay(self, seconds: float) -> None:
        """Answer later, if the peer is still there: a request whose connection ends is cancelled.

        Meanwhile the connection counts as one that is waited for, so that it may have to give its
        place to another.
        """
        held = self._held
        if held is None or not held.is_here:
            return
        held.waits(Wait.REQUEST)
        over = self._delay = self._loop.create_future()
        timer = self._loop.call_later(seconds, _set, over)
        try:
            await over
        finally:
            timer.cancel()
            self._delay = None
            if held.wait is Wait.REQUEST:
                held.works()

    # What the transport calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Count the socket; it may be closed at once."""
        super().connection_made(transport)
        held = self._held = self._sockets.budget.enter(self)
        address = self._address()
        self._is_proxy = is_trusted(address, self._sockets.trusted_proxies)
        if address is not None and not self._is_proxy and held.is_here:
            self._sockets.by_address.add(held, address)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Count it no more."""
        if self._delay is not None:
            self._delay.cancel()
        if self._held is not None:
            self._sockets.by_address.remove(self._held)
            self._held.leave()
        super().connection_lost(exc)

    def parse(self, data: bytes) -> None:
        """Take what came, and see what is waited for now; also called without data."""
        super().parse(data)
        held = self._held
        if held is None or not held.is_here:
            return
        self._see_last()
        body = self._body
        if body is None:
            if data:
                self._has_begun = True
                if held.wait is not Wait.HEADERS:
                    held.waits(Wait.HEADERS)
        elif body.exception() is not None:
            pass  # The body is given up: more bytes change nothing.
        elif not body.is_eof() and self._is_too_long(len(data)):
            self._cut(held, body, web.HTTPRequestEntityTooLarge(self._bound, self._size))
        elif self._paused or self._delay is not None:
            pass  # An answer is not taken, or not given yet.
        elif body.is_eof():
            held.works()
        else:
            self._body_came(held, body)

    def pause_writing(self) -> None:
        """The peer takes less than is written to it."""
        super().pause_writing()
        if self._held is not None:
            self._unsent = self._bytes_unsent()
            self._held.waits(Wait.TAKING)

    def resume_writing(self) -> None:
        """It has taken it."""
        super().resume_writing()
        held = self._held
        if held is not None and held.wait is Wait.TAKING:
            if self._body is None:
                held.waits(Wait.REQUEST)
            else:
                held.works()

    # What aiohttp calls.

    def log_access(self, request: BaseRequest, *_answered: object) -> None:
        """An answer is written: the next request is waited for, if all of this one has come."""
        held = self._held
        if held is None:
            return
        if self._is_proxy:
            self._sockets.by_address.remove(held)
        is_over = self._is_given_up or not request.content.is_eof()
        if is_over and self._link is not None and self._parser is not None:
            announced = request.content_length or 0
            self.part(announced if announced <= self._bound else 0)
            held.waits(Wait.LEAVING)
            return
        self._see_last()
        if not self._messages:
            self._body, self._has_begun = None, False
            if not self._paused:
                held.waits(Wait.REQUEST)

    def handle_error(
        self,
        request: BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """What is not HTTP is answered like every refusal, and takes one line of the log."""
        if status != 400 or not isinstance(exc, HttpProcessingError):
            return super().handle_error(request, status, exc, message)
        lines = (message or "").split("\n", 1)
        reason = lines[0].strip(" :")[:_REASON_CHARS] or type(exc).__name__
        log.info("http_malformed", address=request.remote, reason=reason)
        refusal = RequestError(ErrorCode.BAD_REQUEST, f"this is not HTTP: {reason}")
        request_id = str(uuid4())
        answer = problem(request, refusal, request_id)
        answer.headers.update(SECURITY)
        answer.headers[hdrs.SERVER] = "parley"
        answer.headers["X-Request-Id"] = request_id
        answer.force_close()
        self.give_up()
        return answer

    # What the budget calls.

    def overdue(self, wait: Wait) -> str | None:
        """End what has taken too long, as politely as the peer can be spoken to."""
        held = self._held
        assert held is not None
        match wait:
            case Wait.HEADERS:
                self._leave(held, _TOO_SLOW if self._has_begun else b"")
                return "headers"
            case Wait.BODY if self.is_held:
                held.waits(Wait.BODY)  # It is we who do not read.
                return None
            case Wait.BODY:
                assert self._body is not None
                self._cut(held, self._body, BodyTooSlowError("the body did not arrive in time"))
                return "body"
            case Wait.REQUEST:
                self._leave(held, b"")
                return "idle"
            case Wait.TAKING if self._takes():
                held.waits(Wait.TAKING)
                return None
            case _:
                self._abort()
                return "answer" if wait is Wait.TAKING else None

    def give_way(self) -> None:
        """Another has more need of the place, so that the peer is given no time to read."""
        link, held = self._link, self._held
        assert link is not None
        if link.get_write_buffer_size():
            self._abort()
            return
        if held is not None and held.wait is Wait.HEADERS:
            link.write(_TOO_MANY)
        self.force_close()

    def log_exception(self, *args: Any, **options: Any) -> None:
        """A body that is not HTTP, read on after its answer, is no error of ours."""
        error = options.get("exc_info")
        if isinstance(error, web.RequestPayloadError | HttpProcessingError):
            log.info("http_malformed", address=self._address(), reason=type(error).__name__)
        else:
            super().log_exception(*args, **options)

    def _see_last(self) -> None:
        """Count the body of the request that came last."""
        if self._messages and self._messages[-1][1] is not self._body:
            message, self._body = self._messages[-1]
            url = getattr(message, "url", None)  # What is not HTTP has none.
            self._bound = self._sockets.bounds.on_the_wire("" if url is None else url.path)
            self._began, self._size = self._loop.time(), 0

    def _is_too_long(self, size: int) -> bool:
        self._size += size
        return self._size > self._bound

    def _body_came(self, held: HeldSocket, body: StreamReader) -> None:
        held.waits(Wait.BODY)
        if self._sockets.pace.is_too_slow(held.since - self._began, self._size):
            self._cut(held, body, BodyTooSlowError("the body did not arrive in time"))

    def _resume_reading_for_buffer(self) -> None:
        self._began = self._loop.time()  # The time in which nothing was read is not the peer's.
        super()._resume_reading_for_buffer()

    def _cut(self, held: HeldSocket, body: StreamReader, reason: Exception) -> None:
        # The handler answers, if it reads.
        self.give_up()
        body.set_exception(reason)
        held.waits(Wait.LEAVING)

    def _leave(self, held: HeldSocket, last_words: bytes) -> None:
        if self.transport is not None and last_words:
            self.transport.write(last_words)
            self.part()
        else:
            self.force_close()
        held.waits(Wait.LEAVING)

    def _abort(self) -> None:
        assert self._link is not None
        self.force_close()
        self._link.abort()

    def _address(self) -> str | None:
        peer = None if self._link is None else self._link.get_extra_info("peername")
        return str(peer[0]) if isinstance(peer, tuple) else None

    def _takes(self) -> bool:
        """Whether the peer has taken anything since the last look."""
        before, self._unsent = self._unsent, self._bytes_unsent()
        return self._unsent < before

    def _bytes_unsent(self) -> int:
        assert self._link is not None
        size: int = self._link.get_write_buffer_size()
        connection = self._link.get_extra_info("socket")
        if connection is not None and _ASK_UNSENT is not None:
            answer = array.array("i", [0])
            with contextlib.suppress(OSError):
                fcntl.ioctl(connection.fileno(), _ASK_UNSENT, answer)
                size += answer[0]
        return size


def _set(over: "asyncio.Future[None]") -> None:
    if not over.done():
        over.set_result(None)
