"""A client that stays connected: resume, sync, resend, and come back after every loss."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self, TypeVar
from uuid import uuid4
from weakref import WeakValueDictionary

import aiohttp
import structlog
from websockets.exceptions import WebSocketException

from client.catchup import CatchUp
from client.commands import Commands, Merge
from client.connection.connection import Connection, Dial, open_connection
from client.connection.credentials import Credentials
from client.connection.reconnect import Backoff, Verdict, verdict_on
from client.errors import (
    BadFrame,
    ClientError,
    CommandError,
    ConnectionLost,
    FrameTooLarge,
    ReplyTimeout,
    SessionEnded,
)
from client.presence_requests import PresenceRequests
from client.state.changes import Change, Event
from client.state.client_state import ClientState
from client.subscription import Publisher, Subscription
from protocol.errors import FRAME_TOO_LARGE
from protocol.events import DrainingEvent
from protocol.objects import Message
from protocol.replies import HelloReply, MessageReply, TokenRefreshReply
from protocol.text import Id

log = structlog.get_logger()
T = TypeVar("T")

MAX_TOKENS = 3
"""New tokens in a row that may be refused before the session ends."""
LEAVE_S = 2.0
"""How long a node that drains has to answer what is under way when it is time to go."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a session waits, in seconds."""

    request_s: float = 10.0
    """For one reply, and for a connection to ask on."""
    send_s: float = 60.0
    """For a message to be stored, over as many connections as it takes."""


class Session(Commands):
    """A user's client. An async context manager; inside it the session connects by itself.

    `state` is what it holds; a state of an earlier session is gone on with.
    """

    def __init__(
        self,
        credentials: Credentials,
        dial: Dial | None = None,
        *,
        state: ClientState | None = None,
        backoff: Backoff | None = None,
        patience: Patience | None = None,
    ) -> None:
        self.state = state or ClientState()
        self._credentials = credentials
        self._dial = dial or Dial()
        self._backoff = backoff or Backoff()
        self._patience = patience or Patience()
        self._publisher = Publisher()
        self._catch_up = CatchUp(self.state, self._publish)
        self._presence_requests = PresenceRequests(self.state, self._publish, self._backoff)
        self._lanes: WeakValueDictionary[Id, asyncio.Lock] = WeakValueDictionary()
        self._connection: Connection | None = None
        self._ended: ClientError | None = None
        self._back_at: float | None = None
        self._drain = asyncio.Event()
        self._runner: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._runner = asyncio.create_task(self._run())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._runner is not None:
            self._runner.cancel()
            await asyncio.wait([self._runner])

    # For its user.

    @property
    def is_connected(self) -> bool:
        """Whether there is a connection that has said hello."""
        return self._connection is not None and self._connection.is_open

    @property
    def is_ready(self) -> bool:
        """Whether it is connected and everything it holds is up to date."""
        return self.is_connected and not self.state.missed and not self._catch_up.is_due

    def changes(self, limit: int = 10_000) -> Subscription:
        """The changes from now on; the reader may be `limit` behind."""
        return self._publisher.subscribe(limit)

    async def until(self, condition: Callable[[], bool], timeout_s: float = 10.0) -> None:
        """Waits until `condition`, looked at after every frame, holds.

        Raises `TimeoutError`, or `SessionEnded` when the session is over.
        """
        await self._publisher.until(condition, timeout_s)

    async def ready(self, timeout_s: float = 30.0) -> None:
        """Waits until it is connected and up to date. Raises as `until`."""
        await self.until(lambda: self.is_ready, timeout_s)

    async def request(
        self,
        op: str,
        d: object,
        shape: type[T],
        *,
        merge: Merge[T] | None = None,
        timeout_s: float | None = None,
    ) -> T:
        """Carries out one command on the present connection, or the next one.

        `merge` gets the reply and the clock at which it was asked for, at its place between the
        events. Raises `CommandError`, `ReplyTimeout`, `ConnectionLost`, `BadFrame`,
        `FrameTooLarge`, `SessionEnded`.
        """
        patience = self._patience.request_s if timeout_s is None else timeout_s
        connection = await self._connected(patience)
        since = self.state.clock

        def applied(reply: T) -> None:
            if merge is not None:
                self._publish(merge(reply, since) or [])

        return await connection.request(op, d, shape, timeout_s=patience, applied=applied)

    async def send(
        self,
        conversation_id: Id,
        content: str | None = None,
        *,
        client_id: str | None = None,
        **fields: Any,
    ) -> Message:
        """Sends a message and returns it as stored; `fields` are those of `message.send`.

        One at a time a conversation, in the order of the calls; over as many connections as it
        takes, always with the same `client_id`. Raises `CommandError` when it is refused for good,
        `ReplyTimeout` when it is not known to be stored in time, `FrameTooLarge`, `SessionEnded`.
        """
        d = {"conversation_id": conversation_id, "client_id": client_id or str(uuid4()), **fields}
        if content is not None:
            d["content"] = content
        lane = self._lanes.setdefault(conversation_id, asyncio.Lock())
        try:
            async with asyncio.timeout(self._patience.send_s), lane:
                while (message := await self._try_send(d)) is None:
                    pass
                return message
        except TimeoutError:
            raise ReplyTimeout(f"not known to be stored in {self._patience.send_s} s") from None

    async def watch(self, user_ids: Sequence[Id]) -> None:
        """Watches people's presence, on later connections too; it is in `state.ephemeral`."""
        await self._presence_requests.watch(
            user_ids, self._connection if self.is_connected else None
        )

    async def appear(self, status: str, text: str | None = None) -> None:
        """Sets the own presence, on later connections too."""
        connection = self._connection if self.is_connected else None
        await self._presence_requests.appear(status, text, connection)

    # Sending.

    async def _try_send(self, d: dict[str, Any]) -> Message | None:
        """Once; None when it is to be sent again."""
        now = time.monotonic
        try:
            reply = await self.request(
                "message.send",
                d,
                MessageReply,
                merge=lambda answer, _: self.state.sent(answer.message, now()),
            )
        except CommandError as error:
            if not error.retryable:
                raise
            await asyncio.sleep(self._backoff.resend_s(error))
        except ConnectionLost as lost:
            if lost.code == FRAME_TOO_LARGE.code:
                raise FrameTooLarge("message.send: the server refused the frame") from lost
        except ReplyTimeout:
            log.info("send_unanswered", client_id=d["client_id"])
        else:
            return reply.message
        return None

    async def _connected(self, timeout_s: float) -> Connection:
        try:
            await self._publisher.until(lambda: self.is_connected, timeout_s)
        except TimeoutError:
            raise ReplyTimeout(f"no connection within {timeout_s} s") from None
        assert self._connection is not None
        return self._connection

    # Connections, one after the other.

    async def _run(self) -> None:
        reason: ClientError = SessionEnded("closed by its user")
        try:
            await self._reconnect_forever()
        except ClientError as error:
            log.info("session_ended", reason=str(error))
            reason = error
        except Exception as error:  # a bug: those who wait must hear of it, not wait on
            log.exception("session_failed")
            reason = SessionEnded(f"failed: {error!r}")
        finally:
            self._publisher.end(reason)

    async def _reconnect_forever(self) -> None:
        tokens = 0
        while True:
            opened = self._backoff.opened
            end = await self._once()
            verdict = verdict_on(end)
            log.info("connection_ended", reason=str(end), verdict=verdict.value)
            tokens = 0 if self._backoff.opened > opened else tokens
            if verdict is Verdict.STOP:
                raise SessionEnded(f"not to be repeated: {end}") from end
            if verdict is Verdict.NEW_TOKEN:
                tokens += 1
                if tokens > MAX_TOKENS:
                    raise SessionEnded(f"no token is accepted: {end}") from end
                await self._renew()
                continue
            await asyncio.sleep(self._pause_s(verdict))

    def _pause_s(self, verdict: Verdict) -> float:
        back_at, self._back_at = self._back_at, None
        if back_at is not None:
            return max(0.0, back_at - time.monotonic())
        return self._backoff.delay_s(verdict)

    async def _renew(self) -> None:
        while True:
            try:
                await self._credentials.renew()
            except (CommandError, OSError, aiohttp.ClientError, TimeoutError) as error:
                log.info("token_not_renewed", reason=str(error))
                await asyncio.sleep(self._backoff.delay_s(Verdict.AGAIN))
            else:
                return

    async def _once(self) -> Exception:
        """One connection from its opening to its end; returns what ended it."""
        try:
            token = await self._credentials.token()
            connection = await open_connection(self._dial, self._take)
        except (
            CommandError,
            OSError,
            TimeoutError,
            WebSocketException,
            aiohttp.ClientError,
        ) as error:
            return error
        async with connection:
            try:
                hello = await self._hello(connection, token)
                return await self._serve(connection, hello)
            except (CommandError, ReplyTimeout, ConnectionLost, BadFrame) as error:
                return error
            finally:
                if self._connection is not None:
                    self._connection = None
                    self._publish([Change("session.lost")])

    async def _hello(self, connection: Connection, token: str) -> HelloReply:
        place = self.state.resume(time.monotonic())
        d: dict[str, Any] = {"token": token, "client": {"name": "parley", "version": "1"}}
        if place is not None:
            epoch, offset, revs = place
            d["resume"] = {"epoch": epoch, "offset": offset, "revs": revs}

        def applied(hello: HelloReply) -> None:
            self.state.hello(hello)
            connection.frame_bytes = hello.limits.frame_bytes
            self._drain.clear()
            self._connection = connection
            # Before what it brings. Those who wait for a connection go first, in the order in
            # which they began to.
            self._publish([Change("session.opened", hello)])

        return await connection.request(
            "hello", d, HelloReply, timeout_s=self._patience.request_s, applied=applied
        )

    async def _serve(self, connection: Connection, hello: HelloReply) -> Exception:
        """From hello to the end, with all that goes on beside."""
        opened_at = time.monotonic()
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(_beside(connection, work))
                for work in (
                    self._catch_up.run(connection, hello.limits.page),
                    self._presence_requests.tell(connection),
                    self._keep_token(connection, hello),
                    self._leave_when_told(connection),
                )
            ]
            end = await connection.ended()
            for task in tasks:
                task.cancel()
        self._backoff.lasted(time.monotonic() - opened_at)
        return end

    async def _keep_token(self, connection: Connection, hello: HelloReply) -> None:
        """Renews the credential before it runs out, if there is a way."""
        expires, now = hello.token_expires_at, hello.server_time
        while self._credentials.can_renew:
            left = datetime.fromisoformat(expires) - datetime.fromisoformat(now)
            await asyncio.sleep(max(1.0, left.total_seconds() * 0.8))
            token = await self._credentials.renew()
            reply = await connection.request("token.refresh", {"token": token}, TokenRefreshReply)
            now, expires = expires, reply.token_expires_at

    async def _leave_when_told(self, connection: Connection) -> None:
        """The node drains: goes at the time that it named, unless the node ends it itself, when
        what is under way is answered.
        """
        await self._drain.wait()
        assert self._back_at is not None
        await asyncio.sleep(self._back_at - time.monotonic() + LEAVE_S)
        await connection.close()

    # What comes in.

    def _take(self, event: Event) -> None:
        if isinstance(event.d, DrainingEvent):
            self._back_at = time.monotonic() + event.d.reconnect_after_ms / 1000
            self._drain.set()
        self._publish(self.state.apply(event, time.monotonic()))

    def _publish(self, changes: Iterable[Change]) -> None:
        self._publisher.publish(changes)
        self._catch_up.look()


async def _beside(connection: Connection, work: Coroutine[Any, Any, None]) -> None:
    """Work beside a connection: what goes wrong is not its end, but what cannot be read is."""
    try:
        await work
    except BadFrame as error:
        connection.give_up(error)
    except (ClientError, OSError, aiohttp.ClientError, TimeoutError) as error:
        log.info("side_work_ended", reason=str(error))
