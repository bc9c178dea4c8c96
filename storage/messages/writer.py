"""Commits messages in groups: all that waits makes one call, and shares one commit.

While a call runs the next group gathers: a lone message waits for nobody. Conversations whose lock
another writer holds are diverted to lanes of their own, so that they delay nobody else.

What is refused as retryable is sent again. What is held here of the same connection and
conversation is refused with it, wherever it waits, so that it is not stored before it.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol, TypeVar
from uuid import UUID

import asyncpg
import structlog

from protocol.errors import ErrorCode, RequestError
from protocol.objects import Message
from protocol.replies import MessageReply, RepeatedMessage, Settle
from protocol.requests import MessageSend
from storage.bus.publisher import Publisher
from storage.database.group_call import GroupCall
from storage.database.postgres import UNAVAILABLE, is_bad_argument, unavailable
from storage.database.queries import load_queries
from storage.database.verdicts import raise_for
from storage.messages.message_events import (
    Ref,
    Sent,
    messages_of,
    needs_loading,
    publications_of,
)
from storage.messages.pending import Pending, settling, taken_behind
from storage.outbox.published import PublishedRows

log = structlog.get_logger()
T = TypeVar("T")

SEND_SQL = load_queries("messages/writer")["send_messages"]
LANES = 4
"""Connections on which diverted conversations wait for their locks."""
_NO_SUCH_FILE = "message_attachments_file_id_fkey"
"""Violated when the file was removed after it had been found ready."""


class MessageLoader(Protocol):
    """Reads messages in their present state."""

    async def by_refs(self, refs: Sequence[Ref]) -> dict[Ref, Message]:
        """Messages by (conversation, seq); those that are not there are left out."""


@dataclass(frozen=True, slots=True)
class WriterSettings:
    """How a writer groups and waits. `owner` is the process that its outbox rows belong to."""

    dsn: str
    owner: UUID
    group_max: int
    lock_timeout_ms: int
    statement_timeout_ms: int
    unread_notice_s: float = 20.0
    """After so long those who have not read a message are told of the conversation."""
    queue_max: int = 20_000
    observe: Callable[[int, float], None] = lambda _rows, _seconds: None
    stored: Callable[[Sent], None] = lambda _sent: None
    """Told of each new message sent over a connection, once it is in the sender's log: who joins
    the log before it is there must still be told of it, who joins after has read it."""
    sent: Callable[[UUID, str], None] = lambda _client_id, _origin: None
    """Told of each message that a connection sends, by its client id, before it is stored."""
    deferred: Callable[[], None] = lambda: None
    """Told of a group that is left to the relay."""


class MessageWriter:
    """The one writer of messages in a process."""

    def __init__(
        self,
        settings: WriterSettings,
        loader: MessageLoader,
        publisher: Publisher,
        published: PublishedRows,
    ) -> None:
        self._settings = settings
        self._loader = loader
        self._publisher = publisher
        self._published = published
        self._queue: deque[Pending] = deque()
        self._waiting = asyncio.Event()
        self._queue_max = settings.queue_max
        self._diverted: dict[UUID, deque[Pending]] = {}
        self._lanes = asyncio.Semaphore(LANES)
        self._task_group = asyncio.TaskGroup()
        self._call = self._new_call()

    def take(self, request: MessageSend, sender_id: UUID, origin: str, settle: Settle) -> None:
        """Store a message; it is durable when its reply is told, in the order of the calls.

        Told instead is `RequestError` with the verdict on it, `unavailable` when PostgreSQL does
        not answer or the conversation stays locked. Raises that at once when too much waits.
        """
        if len(self._queue) >= self._queue_max:
            raise unavailable()
        pending = Pending(request, sender_id, origin, settle)
        if origin:
            self._settings.sent(pending.client_id, origin)
        self._queue.append(pending)
        self._waiting.set()

    def put(
        self, request: MessageSend, sender_id: UUID, origin: str
    ) -> "asyncio.Future[MessageReply]":
        """As `take`, told by a future."""
        future: asyncio.Future[MessageReply] = asyncio.get_running_loop().create_future()
        self.take(request, sender_id, origin, settling(future))
        return future

    async def run(self) -> None:
        """Commit groups until cancelled; what waits then is answered `unavailable`.

        Raises what goes wrong unexpectedly, in a lane too: those of that group are told of it.
        """
        try:
            async with self._task_group:
                while True:
                    await self._waiting.wait()
                    self._waiting.clear()
                    while self._queue:
                        group = _next_group(self._queue, self._settings.group_max)
                        await self._commit(self._call, group, wait=False)
        finally:
            # Nobody would take from the queue what is put there now.
            self._queue_max = 0
            await self._call.close()
            for lane in [*self._diverted.values(), self._queue]:
                _refuse(lane, unavailable())

    def _new_call(self) -> GroupCall:
        settings = self._settings
        return GroupCall(
            settings.dsn,
            SEND_SQL,
            statement_timeout_ms=settings.statement_timeout_ms,
            **{"parley.run_delay": f"{settings.unread_notice_s} s"},
        )

    async def _commit(self, call: GroupCall, group: list[Pending], *, wait: bool) -> None:
        """Store a group, in halves and their halves down to the row at fault when the call raises.

        Whoever is in the group is answered or diverted, also when this raises.
        """
        parts = [group]
        """The next one is the last."""
        try:
            while parts:
                if self._diverted and not wait:
                    parts[-1] = self._not_diverted(parts[-1])
                if parts[-1]:
                    await self._store(call, parts, wait=wait)
                else:
                    parts.pop()
        except asyncio.CancelledError:
            _refuse_parts(parts, unavailable())
            raise
        except Exception as error:
            # A bug, which ends the process; until then nobody waits in vain.
            _refuse_parts(parts, error)
            raise

    def _not_diverted(self, part: list[Pending]) -> list[Pending]:
        """Put rows of diverted conversations behind those that wait there; what is left."""
        free: list[Pending] = []
        for pending in part:
            lane = self._diverted.get(pending.conversation_id)
            (free if lane is None else lane).append(pending)
        return free

    async def _store(self, call: GroupCall, parts: list[list[Pending]], *, wait: bool) -> None:
        """Store the next part, or refuse it, or put its halves in its place."""
        group, rows_taken = parts[-1], len(parts[-1])
        started = time.perf_counter()
        # Behind a backlog the group is the relay's to publish: then it has no owner.
        owner = None if self._publisher.is_behind else self._settings.owner
        try:
            with self._published.taken() as published:
                how = (owner, published, wait, self._settings.lock_timeout_ms)
                rows = await call.fetch([*_columns(group), *how])
        except asyncpg.LockNotAvailableError:
            # It was waited for in vain: of those who wait in the lane nobody begins anew.
            refused = [pending for part in reversed(parts) for pending in part]
            parts.clear()
            refused += self._taken_from_lane(group[0].conversation_id)
            self._refuse_for_now(refused, parts, RequestError.unavailable("the conversation"))
        except (*UNAVAILABLE, asyncpg.PostgresError) as error:
            if isinstance(error, UNAVAILABLE) and not is_bad_argument(error):
                log.warning("group_unavailable", rows=rows_taken, reason=type(error).__name__)
                self._refuse_for_now(parts.pop(), parts, unavailable())
            else:
                _halve(parts, error)
        else:
            await self._settle(parts, rows, owner)
            self._settings.observe(rows_taken, time.perf_counter() - started)

    def _refuse_for_now(
        self, refused: list[Pending], parts: list[list[Pending]], error: RequestError
    ) -> None:
        """Refuse these as retryable, and all that must not be stored before them."""
        _refuse([*refused, *self._taken_behind(refused, parts)], error)

    def _taken_behind(self, refused: list[Pending], parts: list[list[Pending]]) -> list[Pending]:
        return taken_behind(refused, [*reversed(parts), *self._diverted.values(), self._queue])

    def _taken_from_lane(self, conversation_id: UUID) -> list[Pending]:
        lane = self._diverted.get(conversation_id, deque())
        taken = list(lane)
        lane.clear()
        return taken

    async def _settle(
        self, parts: list[list[Pending]], rows: list[asyncpg.Record], owner: UUID | None
    ) -> None:
        """Answer each row of the next part by its verdict and publish what is stored, in its
        order.
        """
        group = parts[-1]
        loaded = await self._load(group, rows)
        messages = messages_of(group, rows, loaded or {})
        publications, sent = publications_of(group, rows, messages)
        untold: list[Pending] = []
        done = 0
        try:
            for pending, row, message in zip(group, rows, messages, strict=True):
                if message is not None:
                    # What was loaded may be a repeat; most was not.
                    is_repeat = bool(loaded) and row["verdict"] == "repeat"
                    pending.settle(RepeatedMessage(message) if is_repeat else MessageReply(message))
                elif row["verdict"] == "busy":
                    self._divert(pending)
                else:
                    refusal = _refusal(row["verdict"])
                    if refusal.retryable:
                        untold.append(pending)
                    pending.settle(refusal)
                done += 1
        finally:
            # Whoever is left, after a bug, is answered by `_commit`.
            del group[:done]
        _refuse(self._taken_behind(untold, parts), unavailable())
        if publications and owner is None:
            self._settings.deferred()
        elif publications:
            outbox_id: int = rows[0]["outbox_id"]
            # What could not be read is published from the outbox, and the rest once more.
            published = None if loaded is None else outbox_id
            self._publisher.publish(publications, partial(self._are_published, published, sent))

    def _are_published(self, outbox_id: int | None, sent: list[Sent]) -> None:
        for one in sent:
            self._settings.stored(one)
        if outbox_id is not None:
            self._published.add(outbox_id)

    async def _load(
        self, group: list[Pending], rows: list[asyncpg.Record]
    ) -> dict[Ref, Message] | None:
        """Most are made of what is at hand; repeats and those with attachments are read.

        None when they cannot be read now.
        """
        refs = [
            (pending.conversation_id, row["seq"])
            for pending, row in zip(group, rows, strict=True)
            if needs_loading(pending, row)
        ]
        try:
            return await self._loader.by_refs(refs) if refs else {}
        except RequestError as error:
            log.warning("stored_messages_not_read", rows=len(refs), reason=error.code)
            return None

    def _divert(self, pending: Pending) -> None:
        conversation_id = pending.conversation_id
        lane = self._diverted.get(conversation_id)
        if lane is None:
            lane = self._diverted[conversation_id] = deque()
            self._task_group.create_task(self._run_lane(conversation_id, lane))
        lane.append(pending)

    async def _run_lane(self, conversation_id: UUID, lane: deque[Pending]) -> None:
        """Store what waits for one conversation's lock, on a connection that may wait for it."""
        call = self._new_call()
        try:
            async with self._lanes:
                while lane:
                    group = _next_group(lane, self._settings.group_max)
                    await self._commit(call, group, wait=True)
        finally:
            # Without an await between the last look at the lane and here, nothing is left behind.
            del self._diverted[conversation_id]
            _refuse(lane, unavailable())
            await call.close()


def _next_group(queue: deque[Pending], most: int) -> list[Pending]:
    """What is next in a queue, up to a repetition of what is in the group already: that one finds
    the first one stored.
    """
    group: list[Pending] = []
    keys: set[tuple[UUID, UUID]] = set()
    while queue and len(group) < most:
        pending = queue[0]
        key = (pending.conversation_id, pending.client_id)
        if key in keys:
            break
        queue.popleft()
        keys.add(key)
        group.append(pending)
    return group


def _refusal(verdict: str) -> RequestError:
    try:
        raise_for(verdict)
    except RequestError as error:
        return error
    # It is stored, but cannot be told now: sent again, it answers as a repeat.
    return unavailable()


def _halve(parts: list[list[Pending]], error: Exception) -> None:
    """Put the halves of the next part in its place, or refuse the one row that is at fault."""
    group = parts.pop()
    if len(group) == 1:
        # Not the error's own words: they quote the row.
        reason = getattr(error, "constraint_name", None) or type(error).__name__
        if reason == _NO_SUCH_FILE:
            _refuse(group, _refusal("invalid_attachment"))
            return
        log.error("message_refused_by_database", reason=reason)
        _refuse(group, RequestError(ErrorCode.INTERNAL, "the message could not be stored"))
        return
    middle = len(group) // 2
    parts += [group[middle:], group[:middle]]


def _refuse(group: Iterable[Pending], error: Exception) -> None:
    for pending in group:
        pending.settle(error)


def _refuse_parts(parts: list[list[Pending]], error: Exception) -> None:
    for part in reversed(parts):
        _refuse(part, error)


def _columns(group: list[Pending]) -> list[object]:
    requests = [pending.request for pending in group]
    return [
        [pending.conversation_id for pending in group],
        [pending.sender_id for pending in group],
        [pending.client_id for pending in group],
        [pending.request_hash for pending in group],
        [request.type for request in requests],
        [request.content for request in requests],
        _unless_empty([request.parent_id for request in requests]),
        _unless_empty([_array(request.mentions) for request in requests]),
        _unless_empty([_array([f.file_id for f in request.attachments]) for request in requests]),
    ]


def _unless_empty(column: list[T | None]) -> list[T | None] | None:
    """None for a column of Nones, which is read the same: asyncpg looks at every element."""
    return column if any(column) else None


def _array(ids: list[UUID]) -> str | None:
    """A uuid[] literal: arrays of arrays would have to be rectangular."""
    return "{" + ",".join(map(str, ids)) + "}" if ids else None
