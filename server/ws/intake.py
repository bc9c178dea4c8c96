"""The commands of one open connection: from frames to handlers, in order, and to replies."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

import structlog

from handlers.caller import Caller
from protocol.codec import (
    HALF_PAIR_COST,
    Codec,
    decode_command,
    encode_error,
    may_hold_half_pair,
    refused_half_pair,
    validate,
)
from protocol.errors import (
    PROTOCOL_VIOLATED,
    RATE_IGNORED,
    CloseCode,
    Disconnect,
    ErrorCode,
    RequestError,
)
from protocol.limits import Limits
from protocol.replies import Reply, TokenRefreshReply
from protocol.requests import CommandEnvelope, ConversationRequest, MessageSend, TokenRefresh
from server.connection.mailbox import Mailbox
from server.connection.socket import Socket
from server.ws.dispatch import Dispatcher, Run
from server.ws.lanes import Lanes, Released
from server.ws.refused_sends import RefusedSends
from storage.limits.command_limiter import CommandLimiter

log = structlog.get_logger()

BROKEN = CloseCode(1011, "internal error", reconnect=True)


@dataclass(frozen=True, slots=True)
class IntakeParts:
    """The parts of the process and the connection that commands need."""

    dispatcher: Dispatcher
    limiter: CommandLimiter
    limits: Limits
    refresh: Callable[[TokenRefresh], Awaitable[TokenRefreshReply]]
    end: Callable[[CloseCode], None]
    refused_send: Callable[[Mailbox, MessageSend], None]
    """Called for a send that the client has to repeat."""


class Intake:
    """Takes the frames of an authenticated connection.

    While a frame waits for another system, or the limit of commands under way is reached, the
    socket is paused, so that the next frames wait in the peer.
    """

    __slots__ = (
        "_bad_frames",
        "_caller",
        "_codec",
        "_ended",
        "_in_flight",
        "_is_held",
        "_is_stopped",
        "_lanes",
        "_mailbox",
        "_parts",
        "_position",
        "_refused",
        "_refused_sends",
        "_socket",
        "_tasks",
    )

    def __init__(
        self, socket: Socket, codec: Codec, mailbox: Mailbox, caller: Caller, parts: IntakeParts
    ) -> None:
        self._socket = socket
        self._codec = codec
        self._mailbox = mailbox
        self._caller = caller
        self._parts = parts
        self._lanes: Lanes[Run] = Lanes()
        self._refused_sends: RefusedSends[int, UUID] = RefusedSends(parts.limits.refused_send_s)
        self._position = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._in_flight = 0
        self._is_held = False
        self._is_stopped = False
        self._bad_frames = 0
        self._refused = 0
        self._ended: asyncio.Future[None] | None = None

    def take(self, payload: bytes) -> None:
        """A frame has arrived."""
        if self._is_stopped:
            return
        try:
            self._take(payload)
        except Disconnect as disconnect:
            self.stop()
            self._parts.end(disconnect.close)
        except Exception as error:  # noqa: BLE001  # a bug ends this connection, and no other
            self._break("frame_failed", error)

    def _break(self, event: str, error: Exception) -> None:
        log.error(event, connection=self._caller.connection_id, exc_info=error)
        self.stop()
        self._parts.end(BROKEN)

    def stop(self) -> None:
        """Take no more commands; those under way end by themselves."""
        self._is_stopped = True

    async def idle(self) -> None:
        """Wait until no command is under way."""
        while self._in_flight:
            self._ended = asyncio.get_running_loop().create_future()
            await self._ended

    async def finish(self) -> None:
        """Stop, and wait until all tasks have ended: each of their waits has a timeout."""
        self.stop()
        if self._tasks:
            await asyncio.wait(self._tasks)

    def _take(self, payload: bytes) -> None:
        try:
            envelope = decode_command(self._codec, payload)
        except RequestError as error:
            if may_hold_half_pair(payload, is_json=self._codec.is_text):
                self._look_for_half_pair(payload, error)
            else:
                self._refuse_frame(error)
            return
        self._bad_frames = 0
        cost = self._parts.dispatcher.cost(envelope.op)
        if not self._parts.limiter.take_leased(self._caller.user_id, cost):
            self._wait_for(self._take_tokens(envelope, cost))
            return
        self._refused = 0
        self._accept(envelope)

    def _refuse_frame(self, error: RequestError) -> None:
        """A frame of which nothing is understood."""
        self._mailbox.send(encode_error(self._codec, None, error.body()))
        self._bad_frames += 1
        if self._bad_frames >= self._parts.limits.bad_frames:
            raise Disconnect(PROTOCOL_VIOLATED)

    def _look_for_half_pair(self, payload: bytes, error: RequestError) -> None:
        """Name the command and the field if it is that; it costs tokens, as it is slow."""
        if self._parts.limiter.take_leased(self._caller.user_id, HALF_PAIR_COST):
            self._refuse_half_pair(payload, error)
        else:
            self._wait_for(self._pay_for_half_pair(payload, error))

    async def _pay_for_half_pair(self, payload: bytes, error: RequestError) -> None:
        if await self._parts.limiter.take(self._caller.user_id, HALF_PAIR_COST) is None:
            self._refuse_half_pair(payload, error)
        else:
            self._refuse_frame(error)

    def _refuse_half_pair(self, payload: bytes, error: RequestError) -> None:
        found = refused_half_pair(self._codec, payload)
        if found is None:
            self._refuse_frame(error)
        else:
            self._bad_frames = 0
            self._refuse(*found)

    def _accept(self, envelope: CommandEnvelope) -> None:
        """Check a command, and start it or queue it in its lane."""
        if envelope.op == "token.refresh":
            self._wait_for(self._refresh(envelope))
            return
        try:
            run = self._checked(envelope)
        except RequestError as error:
            self._refuse(envelope.id, error)
            return
        if self._refused_sends.in_force and (late := self._out_of_turn(run)):
            self._refuse(envelope.id, self._parts.dispatcher.not_started(run, late))
            return
        self._in_flight += 1
        if self._in_flight >= self._parts.limits.in_flight:
            # The peer is not read from until one of its commands ends.
            self._socket.pause()
        lane = run.lane
        if lane is None or self._lanes.enter(lane, run, is_send=run.command.is_pipelined):
            self._begin(run)

    def _checked(self, envelope: CommandEnvelope) -> Run:
        if envelope.op == "hello":
            raise RequestError(ErrorCode.CONFLICT, "hello was said already")
        command = self._parts.dispatcher.find(envelope.op)
        request = validate(envelope.d, command.request)
        lane = request.conversation_id.int if isinstance(request, ConversationRequest) else None
        self._position += 1
        return Run(envelope.id, command, request, lane, self._position)

    def _out_of_turn(self, run: Run) -> RequestError | None:
        """The refusal of a send if an earlier one must be repeated first."""
        send = run.request
        if not isinstance(send, MessageSend):
            return None
        now, key = time.perf_counter(), send.conversation_id.int
        after = self._refused_sends.before(key, send.client_id, run.position, now)
        return None if after is None else RequestError.out_of_turn(str(after))

    def _in_turn(self, run: Run, error: RequestError) -> RequestError:
        """The error to send for a command that is refused as retryable: for a send, `error` if the
        client has to repeat this one first, otherwise `out_of_turn`.
        """
        send = run.request
        if not isinstance(send, MessageSend):
            return error
        now, key = time.perf_counter(), send.conversation_id.int
        after = self._refused_sends.add(key, send.client_id, run.position, now)
        self._parts.refused_send(self._mailbox, send)
        return error if after is None else RequestError.out_of_turn(str(after))

    def _wait_for(self, work: Coroutine[Any, Any, None]) -> None:
        """Take the next frame only when this is done."""
        self._is_held = True
        self._socket.pause()
        self._spawn(self._held(work))

    async def _held(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Disconnect as disconnect:
            self.stop()
            self._parts.end(disconnect.close)
        finally:
            self._is_held = False
            self._go_on()

    async def _take_tokens(self, envelope: CommandEnvelope, cost: float) -> None:
        retry_after_s = await self._parts.limiter.take(self._caller.user_id, cost)
        if retry_after_s is None:
            self._refused = 0
            self._accept(envelope)
            return
        self._refused += 1
        if self._refused >= self._parts.limits.ignored_refusals:
            raise Disconnect(RATE_IGNORED)
        error = RequestError.rate_limited("commands", retry_after_s)
        self._refuse(envelope.id, self._without_token(envelope, error))

    def _without_token(self, envelope: CommandEnvelope, error: RequestError) -> RequestError:
        """The error to send for a command without a token. A valid send is recorded as refused,
        since later ones may get a token; an invalid one would be refused again in any case.
        """
        dispatcher = self._parts.dispatcher
        try:
            if not dispatcher.find(envelope.op).is_pipelined:
                return error
            run = self._checked(envelope)
        except RequestError:
            return error
        refusal = self._in_turn(run, error)
        return error if refusal is error else dispatcher.not_started(run, refusal)

    async def _refresh(self, envelope: CommandEnvelope) -> None:
        try:
            reply = await self._parts.refresh(validate(envelope.d, TokenRefresh))
        except RequestError as error:
            self._refuse(envelope.id, error)
        else:
            self._mailbox.send(self._codec.reply(envelope.id, self._codec.encode(reply)))

    def _begin(self, run: Run) -> None:
        """Start a command: in a queue if its row has a `start`, otherwise in a task."""
        run.started = time.perf_counter()
        if run.command.is_activity:
            self._parts.dispatcher.acted[self._caller.user_id] = run.started
        if run.command.start is None:
            self._spawn(self._run(run))
            return
        try:
            run.command.start(self._caller, run.request, partial(self._settle, run))
        except RequestError as error:
            self._finish(run, error)

    async def _run(self, run: Run) -> None:
        self._finish(run, await self._parts.dispatcher.run(run, self._caller))

    def _settle(self, run: Run, answer: Reply | Exception) -> None:
        """Called by a queue with the result; an error here must not reach others of the group."""
        try:
            self._finish(run, answer)
        except Exception as error:  # noqa: BLE001  # a bug ends this connection, and no other
            self._break("reply_failed", error)

    def _finish(self, run: Run, answer: Reply | Exception) -> None:
        """Send the reply, and release the commands that waited for this one."""
        refuse_sends = False
        if isinstance(answer, Exception):
            refusal = self._parts.dispatcher.refusal(run, answer)
            if refusal.retryable and run.command.is_pipelined:
                refuse_sends = True
                refusal = self._in_turn(run, refusal)
            self._refuse(run.command_id, refusal)
        else:
            self._mailbox.send(self._parts.dispatcher.reply(run, answer, self._codec))
        self._leave()
        if run.lane is not None:
            self._release(self._lanes.leave(run.lane, refuse_sends=refuse_sends))

    def _release(self, released: Released[Run]) -> None:
        """Refuse or start commands that have waited in a lane."""
        for run in released.refuse:
            refusal = self._in_turn(run, RequestError.unavailable("the conversation"))
            self._refuse(run.command_id, self._parts.dispatcher.not_started(run, refusal))
            self._leave()
        for run in released.start:
            # A full queue may have refused the one before it, in this loop.
            if self._refused_sends.in_force and (late := self._out_of_turn(run)):
                run.started = time.perf_counter()
                self._finish(run, late)
            else:
                self._begin(run)

    def _leave(self) -> None:
        self._in_flight -= 1
        if self._ended is not None and not self._ended.done():
            self._ended.set_result(None)
        if self._in_flight == self._parts.limits.in_flight - 1:
            asyncio.get_running_loop().call_soon(self._go_on)

    def _go_on(self) -> None:
        if not self._is_held and self._in_flight < self._parts.limits.in_flight:
            self._socket.resume()

    def _refuse(self, envelope_id: int, error: RequestError) -> None:
        self._mailbox.send(encode_error(self._codec, envelope_id, error.body()))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
