"""One WebSocket connection: commands with their replies, events in the order they come."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self, TypeVar

import structlog
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from client.connection.frames import JSON, Format, Frame
from client.errors import (
    BadFrame,
    CommandError,
    ConnectionLost,
    ErrorReply,
    FrameTooLarge,
    ReplyTimeout,
)
from client.state.changes import Event

log = structlog.get_logger()
T = TypeVar("T")

MAX_FRAME_BYTES = 64 * 1024 * 1024
"""The largest frame taken from the server: a page of large conversations, with room."""
CLOSE_S = 2.0
"""How long the closing handshake may take."""
ABNORMAL = 1006


@dataclass(frozen=True, slots=True)
class Dial:
    """Where and how to connect; times in seconds."""

    url: str = "ws://127.0.0.1:8765/v1/ws"
    format: Format = JSON
    token: str | None = None
    """For the handshake's Authorization header; it may come in `hello` instead."""
    open_timeout_s: float = 10.0
    ping_s: float | None = 20.0
    """Pings the server this often and gives it as long to answer; None: never."""


@dataclass(slots=True)
class _Waiting:
    """A command that has no reply yet."""

    op: str
    shape: type[Any]
    applied: Callable[[Any], None] | None
    reply: asyncio.Future[Any]


class Connection:
    """An open connection. Events go to `on_event`, called in order from the reading task."""

    def __init__(
        self, socket: ClientConnection, form: Format, on_event: Callable[[Event], None]
    ) -> None:
        self._socket = socket
        self._format = form
        self._on_event = on_event
        self._last_id = 0
        self._waiting: dict[int, _Waiting] = {}
        self._ended: asyncio.Future[ConnectionLost | BadFrame] = (
            asyncio.get_running_loop().create_future()
        )
        self.frame_bytes: int | None = None
        """The server's limit, once known; larger frames are not sent."""
        self._reader = asyncio.create_task(self._read())

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def request(
        self,
        op: str,
        d: object,
        shape: type[T],
        *,
        timeout_s: float = 10.0,
        applied: Callable[[T], None] | None = None,
    ) -> T:
        """Sends a command and returns its reply's `d`.

        `applied` is called with the reply at its place between the events, before any later frame
        is looked at. Raises `CommandError`, `ReplyTimeout`, `ConnectionLost`, `BadFrame`,
        `FrameTooLarge`.
        """
        if self._ended.done():
            raise self._ended.result()
        self._last_id = number = self._last_id + 1
        frame = self._format.encode({"id": number, "op": op, "d": d})
        if self.frame_bytes is not None and len(frame) > self.frame_bytes:
            raise FrameTooLarge(f"{op}: {len(frame)} bytes, the limit is {self.frame_bytes}")
        reply: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting[number] = _Waiting(op, shape, applied, reply)
        try:
            async with asyncio.timeout(timeout_s):
                with contextlib.suppress(ConnectionClosed):  # the reader tells, with the code
                    await self._socket.send(frame, text=self._format.is_text)
                return await reply
        except TimeoutError:
            raise ReplyTimeout(f"{op} was not answered within {timeout_s} s") from None
        finally:
            self._waiting.pop(number, None)

    @property
    def is_open(self) -> bool:
        """Whether commands can still be sent."""
        return not self._ended.done()

    async def ended(self) -> ConnectionLost | BadFrame:
        """Waits for the end of the connection and returns its reason, without raising it."""
        return await asyncio.shield(self._ended)

    async def close(self, code: int = 1000) -> None:
        """Closes the connection, within a bounded time; commands under way fail."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_S):
                await self._socket.close(code)
        self._reader.cancel()
        await asyncio.wait([self._reader])
        self._end(ConnectionLost(code, "closed here"))

    def give_up(self, reason: BadFrame) -> None:
        """Ends the connection because of what it brought."""
        self._end(reason)

    async def _read(self) -> None:
        reason: ConnectionLost | BadFrame = ConnectionLost(ABNORMAL)
        try:
            while True:
                self._take(self._format.frame(await self._socket.recv(decode=False)))
        except ConnectionClosed as closed:
            received = closed.rcvd
            if received is not None:
                reason = ConnectionLost(received.code, received.reason)
        except BadFrame as error:
            reason = error
            await self._socket.close(1002)
        except Exception as error:  # a bug of a receiver must not look like the network
            log.exception("receiver_failed")
            reason = BadFrame(f"a frame could not be taken in: {error!r}")
        finally:
            self._end(reason)

    def _take(self, frame: Frame) -> None:
        if frame.ev is not None:
            self._on_event(self._format.event(frame))
            return
        if frame.re is None:
            message = frame.error.message if frame.error is not None else ""
            log.warning("frame_refused_by_server", message=message)
            return
        waiting = self._waiting.pop(frame.re, None)
        if waiting is not None:
            self._answer(waiting, frame, frame.error)

    def _answer(self, waiting: _Waiting, frame: Frame, error: ErrorReply | None) -> None:
        if waiting.reply.done():
            return
        if error is not None:
            waiting.reply.set_exception(CommandError(waiting.op, error))
            return
        try:
            body = self._format.body(f"the reply to {waiting.op}", frame.d, waiting.shape)
        except BadFrame as unreadable:
            waiting.reply.set_exception(unreadable)
            return
        if waiting.applied is not None:
            waiting.applied(body)
        waiting.reply.set_result(body)

    def _end(self, reason: ConnectionLost | BadFrame) -> None:
        if not self._ended.done():
            self._ended.set_result(reason)
        for waiting in self._waiting.values():
            if not waiting.reply.done():
                waiting.reply.set_exception(reason)


async def open_connection(dial: Dial, on_event: Callable[[Event], None]) -> Connection:
    """Connects; the first command must be `hello`.

    Raises `OSError`, `TimeoutError` and the handshake errors of websockets (`InvalidStatus` when
    the server refuses).
    """
    headers = {} if dial.token is None else {"Authorization": f"Bearer {dial.token}"}
    socket = await connect(
        dial.url,
        subprotocols=[Subprotocol(dial.format.subprotocol)],
        additional_headers=headers,
        compression=None,
        proxy=None,
        open_timeout=dial.open_timeout_s,
        ping_interval=dial.ping_s,
        ping_timeout=dial.ping_s,
        close_timeout=CLOSE_S,
        max_size=MAX_FRAME_BYTES,
    )
    return Connection(socket, dial.format, on_event)
