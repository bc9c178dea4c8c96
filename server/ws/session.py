"""The life of one connection: hello, commands in order, an expiring token, the end."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import structlog
from websockets.exceptions import ConnectionClosed

from handlers.caller import Caller
from protocol.bus import BusEvent
from protocol.codec import (
    Codec,
    decode_command,
    encode_error,
    may_hold_half_pair,
    refused_half_pair,
    validate,
)
from protocol.errors import (
    DRAINING,
    NO_HELLO,
    SESSION_ENDED,
    TRY_LATER,
    CloseCode,
    Disconnect,
    ErrorCode,
    RequestError,
)
from protocol.events import DrainingEvent
from protocol.limits import Limits
from protocol.objects import LimitsInForce, UnreadTotals, User
from protocol.replies import HelloReply, TokenRefreshReply
from protocol.requests import CommandEnvelope, Hello, MessageSend, TokenRefresh
from protocol.text import format_time
from server.connection.mailbox import Mailbox, WriteTurn
from server.connection.socket import Socket
from server.connection.user_budgets import UserBudgets
from server.delivery.resumer import Opening, Resumer
from server.ws.arrival import Arrival
from server.ws.dispatch import Dispatcher
from server.ws.intake import Intake, IntakeParts
from server.ws.refusals import refusal_of
from server.ws.registry import Registry
from storage.database.ids import cheap
from storage.limits.command_limiter import CommandLimiter
from storage.people.sessions import Session as Login

log = structlog.get_logger()

HALF_PAIR_BYTES = 4_096
"""A longer first frame is not searched for half a surrogate pair."""


@dataclass(frozen=True, slots=True)
class SessionParts:
    """The parts of the process that a connection needs."""

    authenticate: Callable[[str, str], Awaitable[Login]]
    unread: Callable[[UUID], Awaitable[UnreadTotals]]
    dispatcher: Dispatcher
    limiter: CommandLimiter
    registry: Registry
    limits: Limits
    user_budgets: UserBudgets
    heartbeat_s: float
    hello_timeout_s: float
    resumer: Resumer
    finished: Callable[[Codec, BusEvent, str], bytes]
    """An event as a frame, with its `at`."""
    turn: WriteTurn
    refused_send: Callable[[Mailbox, MessageSend], None]
    resumed: Callable[[str], None]
    """Called with the outcome of a request to resume."""
    on_end: Sequence[Callable[[str], None]] = ()


class Session:
    """One connection, from its handshake to its close."""

    __slots__ = (
        "_arrival",
        "_caller",
        "_codec",
        "_expiry",
        "_intake",
        "_login",
        "_mailbox",
        "_parts",
        "_socket",
        "_tasks",
        "close_code",
        "connection_id",
    )

    def __init__(
        self,
        socket: Socket,
        codec: Codec,
        arrival: Arrival,
        parts: SessionParts,
    ) -> None:
        self._socket = socket
        self._codec = codec
        self._arrival = arrival
        self._parts = parts
        self.connection_id = uuid4().hex
        self._mailbox = Mailbox(
            socket, codec, self.connection_id, parts.limits.queue_bytes, self.end, parts.turn
        )
        self._login: Login | None = None
        self._caller: Caller | None = None
        self._expiry: asyncio.TimerHandle | None = None
        self._intake: Intake | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.close_code: int | None = None

    async def run(self) -> None:
        """Serve the connection until either side ends it."""
        try:
            await self._go_on(await self._hello())
            await self._socket.wait_closed()
        except Disconnect as disconnect:
            self._mailbox.close()
            await self._close(disconnect.close)
        except ConnectionClosed:
            pass
        finally:
            self._mailbox.close()
            if self._expiry is not None:
                self._expiry.cancel()
            for hook in self._parts.on_end:
                hook(self.connection_id)
            self._parts.registry.close(self.connection_id)
            if self._intake is not None:
                await self._intake.finish()
            if self._tasks:
                await asyncio.wait(self._tasks)

    def end(self, close: CloseCode) -> None:
        """Close the connection; returns without waiting for the close."""
        if self.close_code is None:
            self._mailbox.close()
            self._spawn(self._close(close))

    @property
    def is_open(self) -> bool:
        """Whether its hello is answered, so that events may follow."""
        return self._mailbox.is_open

    async def drain(self, after_ms: int, within_s: float) -> None:
        """Tell the client when to leave, and serve it as before until then.

        If it is still connected, commands under way are answered, and it is closed with 4005.
        Commands not answered `within_s` by then, the client sends again elsewhere.
        """
        body = self._codec.encode(DrainingEvent(after_ms))
        self._mailbox.send(self._codec.event(b"server.draining", b"", "", body))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(after_ms / 1000):
                await self._socket.wait_closed()
        if self._intake is not None:
            self._intake.stop()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(within_s):
                    await self._intake.idle()
        self.end(DRAINING)

    async def _close(self, close: CloseCode) -> None:
        if self.close_code is None:
            self.close_code = close.code
            try:
                # A peer that does not read does not read the close either.
                async with asyncio.timeout(self._socket.close_timeout):
                    await self._socket.close(close.code, close.reason)
            except TimeoutError:
                self._socket.transport.abort()

    async def _hello(self) -> Opening:
        """Wait for a hello that succeeds; returns where the connection starts.

        Raises `Disconnect` for any other command, and after a timeout. While PostgreSQL is away
        the client gets a retryable error, and may repeat hello on the same connection.
        """
        silence = NO_HELLO
        try:
            async with asyncio.timeout(self._parts.hello_timeout_s):
                while not isinstance(answer := await self._try_hello(), Opening):
                    if not answer.retryable:
                        raise Disconnect(NO_HELLO)
                    silence = TRY_LATER
                return answer
        except TimeoutError:
            raise Disconnect(silence) from None

    async def _try_hello(self) -> Opening | RequestError:
        """Run the first command; returns its refusal if it is refused."""
        payload = await self._socket.receive()
        envelope_id = None
        try:
            envelope = decode_command(self._codec, payload)
            envelope_id = envelope.id
            opening, reply = await self._open(_hello_of(envelope))
        except Disconnect:
            raise
        except Exception as exception:  # noqa: BLE001  # sent to the client as an error
            error = exception
            if envelope_id is None and (half := self._half_pair(payload)):
                envelope_id, error = half
            refusal = refusal_of(error, "hello", self.connection_id)
            self._mailbox.send(encode_error(self._codec, envelope_id, refusal.body()))
            return refusal
        self._mailbox.send(self._codec.reply(envelope_id, self._codec.encode(reply)))
        return opening

    def _half_pair(self, payload: bytes) -> tuple[int, RequestError] | None:
        """What is found by a slow decoder; nobody is there yet who pays for a long frame."""
        if len(payload) > HALF_PAIR_BYTES:
            return None
        if not may_hold_half_pair(payload, is_json=self._codec.is_text):
            return None
        return refused_half_pair(self._codec, payload)

    async def _go_on(self, opening: Opening) -> None:
        """Replay what the client missed, at its pace; then open the mailbox and take commands."""
        replayed = opening.replayed()
        finished = self._parts.finished
        await self._mailbox.replay(finished(self._codec, event, at) for event, at in replayed)
        self._mailbox.open(is_synced=not opening.is_resumed)
        assert self._caller is not None
        parts = IntakeParts(
            self._parts.dispatcher,
            self._parts.limiter,
            self._parts.limits,
            self._refresh,
            self.end,
            self._parts.refused_send,
        )
        self._intake = Intake(self._socket, self._codec, self._mailbox, self._caller, parts)
        self._socket.feed(self._intake.take)

    async def _open(self, request: Hello) -> tuple[Opening, HelloReply]:
        parts = self._parts
        token = request.token or self._arrival.token
        if not token:
            raise RequestError(ErrorCode.UNAUTHENTICATED, "hello needs a token")
        login = await parts.authenticate(token, self._arrival.address)
        self._arrival.said_hello()
        now = asyncio.get_running_loop().time()
        self._socket.share(parts.user_budgets.of(login.user_id, now))
        self._set_login(login)
        await parts.registry.open(login.user_id, self._mailbox)
        opening = await parts.resumer.join(str(login.user_id), self._mailbox, request.resume)
        # A client that resumes has its figures: PostgreSQL is not queried.
        unread = None if opening.is_resumed else await parts.unread(login.user_id)
        if request.resume is not None:
            parts.resumed(opening.outcome)
        log.info("connection_opened", user_id=str(login.user_id), connection=self.connection_id)
        return opening, HelloReply(
            session_id=str(login.session_id),
            user=User(str(login.user_id), login.display_name),
            server_time=format_time(datetime.now(UTC)),
            token_expires_at=format_time(login.expires_at),
            epoch=opening.epoch,
            offset=opening.offset,
            resumed=opening.is_resumed,
            missed=len(opening.events),
            stale=sorted(opening.stale),
            unread=unread,
            limits=limits_in_force(parts.limits),
            heartbeat_s=parts.heartbeat_s,
        )

    def _set_login(self, login: Login) -> None:
        self._login = login
        self._mailbox.session_id = login.session_id
        self._caller = Caller(cheap(login.user_id), login.session_id, self.connection_id)
        if self._expiry is not None:
            self._expiry.cancel()
        left_s = (login.expires_at - datetime.now(UTC)).total_seconds()
        loop = asyncio.get_running_loop()
        self._expiry = loop.call_later(max(0.0, left_s), self.end, SESSION_ENDED)

    async def _refresh(self, request: TokenRefresh) -> TokenRefreshReply:
        assert self._login is not None
        try:
            login = await self._parts.authenticate(request.token, self._arrival.address)
        except RequestError:
            raise
        except Exception as error:  # as for any other command
            raise refusal_of(error, "token.refresh", self.connection_id) from error
        same = (self._login.user_id, self._login.session_id)
        if (login.user_id, login.session_id) != same:
            raise RequestError(ErrorCode.FORBIDDEN, "the token is of another user or login")
        self._set_login(login)
        return TokenRefreshReply(format_time(login.expires_at))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _hello_of(envelope: CommandEnvelope) -> Hello:
    if envelope.op != "hello":
        raise RequestError(ErrorCode.UNAUTHENTICATED, "the first command must be hello")
    return validate(envelope.d, Hello)


def limits_in_force(limits: Limits) -> LimitsInForce:
    """The limits that are sent to a client."""
    return LimitsInForce(
        frame_bytes=limits.frame_bytes,
        content=limits.content_chars,
        attachments=limits.attachments,
        commands_per_s=limits.commands_per_s,
        burst=limits.commands_burst,
        in_flight=limits.in_flight,
        page=limits.page_max,
        watches=limits.watches,
    )
