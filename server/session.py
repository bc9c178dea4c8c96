"""The life of one connection: hello, commands in order, a credential that runs out, the end."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import structlog
from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from handlers.caller import Caller
from handlers.command import Command
from protocol.bus import BusEvent
from protocol.codec import Codec, decode_command, encode_error, validate
from protocol.errors import (
    DRAINING,
    NO_HELLO,
    PROTOCOL_VIOLATED,
    RATE_IGNORED,
    SESSION_ENDED,
    TRY_LATER,
    CloseCode,
    Disconnect,
    ErrorCode,
    RequestError,
)
from protocol.events import DrainingEvent
from protocol.limits import Limits
from protocol.objects import LimitsInForce, User
from protocol.replies import HelloReply, Reply, TokenRefreshReply, UnreadTotals
from protocol.requests import CommandEnvelope, ConversationRequest, Hello, Request, TokenRefresh
from protocol.text import format_time
from server.dispatch import Dispatcher, Result
from server.joining import Joiner, Opening
from server.lanes import Lanes
from server.mailbox import Mailbox
from server.refusals import refusal_of
from server.registry import Registry
from storage.command_limiter import CommandLimiter
from storage.sessions import Session as Login

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class SessionParts:
    """What a connection needs of its process."""

    authenticate: Callable[[str], Awaitable[Login]]
    unread: Callable[[UUID], Awaitable[UnreadTotals]]
    dispatcher: Dispatcher
    limiter: CommandLimiter
    registry: Registry
    limits: Limits
    heartbeat_s: float
    hello_timeout_s: float
    joiner: Joiner
    finished: Callable[[Codec, BusEvent, str], bytes]
    """An event as a frame, with its `at`."""
    resumed: Callable[[str], None]
    """Told how a request to resume ended."""
    on_end: Sequence[Callable[[str], None]] = ()


class _Accepted(NamedTuple):
    """A command that has passed validation and limits."""

    envelope_id: int
    command: Command
    request: Request
    lane: UUID | None
    """The conversation whose commands keep their order."""
    is_send: bool
    """Sends pipeline."""


class Session:
    """One connection, from its handshake to its close."""

    def __init__(
        self,
        socket: ServerConnection,
        codec: Codec,
        token: str | None,
        parts: SessionParts,
        authenticated: Callable[[], None],
    ) -> None:
        self._socket = socket
        self._codec = codec
        self._token = token
        self._parts = parts
        self._authenticated = authenticated
        self.connection_id = uuid4().hex
        self._mailbox = Mailbox(
            socket, codec, self.connection_id, parts.limits.queue_bytes, self.end
        )
        self._login: Login | None = None
        self._caller: Caller | None = None
        self._expiry: asyncio.TimerHandle | None = None
        self._lanes: Lanes[_Accepted] = Lanes()
        self._in_flight = 0
        self._ended = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._bad_frames = 0
        self._refused = 0
        self._is_leaving = False
        self.close_code: int | None = None

    async def run(self) -> None:
        """Serve the connection until either side ends it."""
        try:
            await self._go_on(await self._hello())
            while True:
                payload = await self._socket.recv(decode=False)
                if not self._is_leaving:
                    await self._accept_frame(payload)
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
            if self._tasks:
                # What was begun ends by itself: all that a handler waits for is bounded.
                await asyncio.wait(self._tasks)

    def end(self, close: CloseCode) -> None:
        """Close the connection from outside, at once for the peer, without waiting here."""
        if self.close_code is None:
            self._mailbox.close()
            self._spawn(self._close(close))

    @property
    def is_open(self) -> bool:
        """Whether its hello is answered, so that events may follow."""
        return self._mailbox.is_open

    async def drain(self, after_ms: int, within_s: float) -> None:
        """Send the client away: it is told when to go, and served as before until then.

        Who is still there is answered what is under way, and closed with 4005. What is not
        answered `within_s` then, the client sends again elsewhere.
        """
        body = self._codec.encode(DrainingEvent(after_ms))
        self._mailbox.send(self._codec.event("server.draining", "", "", body))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(after_ms / 1000):
                await self._socket.wait_closed()
        self._is_leaving = True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                while self._in_flight:
                    self._ended.clear()
                    await self._ended.wait()
        self.end(DRAINING)

    async def _close(self, close: CloseCode) -> None:
        if self.close_code is None:
            self.close_code = close.code
            await self._socket.close(close.code, close.reason)

    async def _hello(self) -> Opening:
        """Who it is, first of all, and where the connection begins.

        Raises `Disconnect` for anything else, and for silence.

        While PostgreSQL is away the client is told to try again, on the same connection.
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
        """The first command, carried out; or why it is refused."""
        payload = await self._socket.recv(decode=False)
        envelope_id = None
        try:
            envelope = decode_command(self._codec, payload)
            envelope_id = envelope.id
            opening, reply = await self._open(_hello_of(envelope))
        except Disconnect:
            raise
        except Exception as error:  # noqa: BLE001  # told to the client by the function that does
            refusal = refusal_of(error, "hello", self.connection_id)
            self._mailbox.send(encode_error(self._codec, envelope_id, refusal.body()))
            return refusal
        self._mailbox.send(self._codec.reply(envelope_id, self._codec.encode(reply)))
        return opening

    async def _go_on(self, opening: Opening) -> None:
        """What the client missed, at its own pace; then what has come meanwhile, and all else."""
        replayed = opening.replayed()
        finished = self._parts.finished
        await self._mailbox.replay(finished(self._codec, event, at) for event, at in replayed)
        self._mailbox.open()

    async def _open(self, request: Hello) -> tuple[Opening, HelloReply]:
        parts = self._parts
        token = request.token or self._token
        if not token:
            raise RequestError(ErrorCode.UNAUTHENTICATED, "hello needs a token")
        login = await parts.authenticate(token)
        self._authenticated()
        self._set_login(login)
        await parts.registry.open(login.user_id, self._mailbox)
        opening = await parts.joiner.join(str(login.user_id), self._mailbox, request.resume)
        # Who goes on has the own figures, and asks nothing of PostgreSQL.
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
        self._caller = Caller(login.user_id, login.session_id, self.connection_id)
        if self._expiry is not None:
            self._expiry.cancel()
        left_s = (login.expires_at - datetime.now(UTC)).total_seconds()
        loop = asyncio.get_running_loop()
        self._expiry = loop.call_later(max(0.0, left_s), self.end, SESSION_ENDED)

    async def _accept_frame(self, payload: bytes) -> None:
        try:
            envelope = decode_command(self._codec, payload)
        except RequestError as error:
            self._mailbox.send(encode_error(self._codec, None, error.body()))
            self._bad_frames += 1
            if self._bad_frames >= self._parts.limits.bad_frames:
                raise Disconnect(PROTOCOL_VIOLATED) from None
            return
        self._bad_frames = 0
        try:
            await self._accept(envelope)
        except RequestError as error:
            self._refuse(envelope.id, error)

    async def _accept(self, envelope: CommandEnvelope) -> None:
        """Check a command, and start it or put it in its lane. Raises `RequestError`."""
        await self._take_tokens(self._parts.dispatcher.cost(envelope.op))
        if envelope.op == "token.refresh":
            reply = await self._refresh(validate(envelope.d, TokenRefresh))
            self._mailbox.send(self._codec.reply(envelope.id, self._codec.encode(reply)))
            return
        if envelope.op == "hello":
            raise RequestError(ErrorCode.CONFLICT, "hello was said already")
        command = self._parts.dispatcher.find(envelope.op)
        request = validate(envelope.d, command.request)
        lane = request.conversation_id if isinstance(request, ConversationRequest) else None
        accepted = _Accepted(envelope.id, command, request, lane, command.start is not None)
        while self._in_flight >= self._parts.limits.in_flight:
            # A peer with too much under way is not read from until something ends.
            self._ended.clear()
            await self._ended.wait()
        self._in_flight += 1
        if lane is None or self._lanes.enter(lane, accepted, is_send=accepted.is_send):
            self._begin(accepted)

    async def _take_tokens(self, cost: float) -> None:
        assert self._caller is not None
        retry_after_s = await self._parts.limiter.take(self._caller.user_id, cost)
        if retry_after_s is None:
            self._refused = 0
            return
        self._refused += 1
        if self._refused >= self._parts.limits.ignored_refusals:
            raise Disconnect(RATE_IGNORED)
        raise RequestError.rate_limited("commands", retry_after_s)

    def _begin(self, accepted: _Accepted) -> None:
        """Start a command: in a queue if that is all its work, else in a task."""
        command = accepted.command
        if command.start is None:
            self._spawn(self._run(accepted))
            return
        assert self._caller is not None
        started = time.perf_counter()
        try:
            future = command.start(self._caller, accepted.request)
        except RequestError as error:
            self._finish(accepted, Result(command, started, error))
        else:
            future.add_done_callback(partial(self._settle, accepted, started))

    async def _run(self, accepted: _Accepted) -> None:
        assert self._caller is not None
        dispatcher = self._parts.dispatcher
        result = await dispatcher.run(accepted.command, self._caller, accepted.request)
        self._finish(accepted, result)

    def _settle(self, accepted: _Accepted, started: float, future: "asyncio.Future[Reply]") -> None:
        error = future.exception()
        answer = future.result() if error is None else error
        assert not isinstance(answer, BaseException) or isinstance(answer, Exception)
        self._finish(accepted, Result(accepted.command, started, answer))

    def _finish(self, accepted: _Accepted, result: Result) -> None:
        """Send the reply, and let go of what waited for the command's end."""
        outcome = self._parts.dispatcher.outcome(result, self._codec, accepted.envelope_id)
        self._mailbox.send(outcome.payload)
        self._leave()
        if accepted.lane is None:
            return
        refuse_sends = outcome.is_retryable and accepted.is_send
        released = self._lanes.leave(accepted.lane, refuse_sends=refuse_sends)
        for refused in released.refuse:
            self._refuse(refused.envelope_id, RequestError.unavailable("the conversation"))
            self._leave()
        for ready in released.start:
            self._begin(ready)

    def _leave(self) -> None:
        self._in_flight -= 1
        self._ended.set()

    async def _refresh(self, request: TokenRefresh) -> TokenRefreshReply:
        assert self._login is not None
        try:
            login = await self._parts.authenticate(request.token)
        except RequestError:
            raise
        except Exception as error:  # as for any other command
            raise refusal_of(error, "token.refresh", self.connection_id) from error
        same = (self._login.user_id, self._login.session_id)
        if (login.user_id, login.session_id) != same:
            raise RequestError(ErrorCode.FORBIDDEN, "the token is of another user or login")
        self._set_login(login)
        return TokenRefreshReply(format_time(login.expires_at))

    def _refuse(self, envelope_id: int, error: RequestError) -> None:
        self._mailbox.send(encode_error(self._codec, envelope_id, error.body()))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _hello_of(envelope: CommandEnvelope) -> Hello:
    if envelope.op != "hello":
        raise RequestError(ErrorCode.UNAUTHENTICATED, "the first command must be hello")
    return validate(envelope.d, Hello)


def limits_in_force(limits: Limits) -> LimitsInForce:
    """What a client should keep to."""
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
