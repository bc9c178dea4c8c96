"""Publishes events in groups: one script call appends them to the recipients' logs and publishes.

All events go through one queue in the order in which they are passed in, so the events of a process
keep the order of their commits. A group that Redis refuses is dropped here: its durable events are
still in the outbox, and are published from there later.
"""

import asyncio
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from storage.outbox.leases import LeaseLostError
from storage.redis.client import ScriptCall, call_each, is_split
from storage.redis.keys import conversation_log, shard_key, shard_of, user_log
from storage.redis.scripts import read_script

log = structlog.get_logger()

SCRIPT = read_script("publish")
CALL_S = 5.0
QUEUE_MAX = 10_000
"""Groups that may wait for Redis; one call takes many of them."""

LOG_ENTRIES = 256
LOG_BYTES = 262_144
LOG_KEPT_S = 3600
ENTRY_BYTES = LOG_BYTES // LOG_ENTRIES
"""A longer event is logged as a reference, which bounds the log's size in bytes."""

REFUSED = -1
"""The answer to a relay whose rows another relay has taken."""

DURABLE = b"d"
"""Appended to the user's log and published to the user's channel."""
OWN = b"o"
"""Appended; published only if another connection of the user is open."""
EPHEMERAL = b"e"
"""Published, and not stored."""
MARK = b"w"
"""Published; the newest of each key is kept for clients that resume."""
JOINS = b"j"
"""Like `DURABLE`; the user joins the conversation's channel."""
LEAVES = b"l"
"""Like `DURABLE`; the user leaves the conversation's channel."""
CONVERSATION = b"c"
"""The target is a conversation: appended to its log, published to its channel."""


class Publication(NamedTuple):
    """A body (`protocol.bus`) and its recipients."""

    body: bytes
    targets: Sequence[str]
    """Ids of users, or of a conversation."""
    modes: bytes
    """A mode for each target."""
    repeat_ms: int = 0
    """The longest time since it may have been published before; 0 if it was not. Recipients whose
    log has it since then are skipped."""
    lease: str = ""
    """Of a relay: its owner id and the time of its lease, then the owners whose rows it took and
    the ends of their leases; in microseconds, between spaces. Redis refuses those owners."""


def to_each(targets: Iterable[str], mode: bytes, body: bytes) -> Publication:
    """A body for all of them in one mode."""
    names = list(targets)
    return Publication(body, names, mode * len(names))


class _Batch(NamedTuple):
    publications: list[Publication]
    done: Callable[[], None] | None
    future: "asyncio.Future[bool] | None"
    is_leased: bool = False


class Publisher:
    """Publishes all events of a process."""

    is_behind = False
    """True after Redis has refused something, until the relay has published all waiting rows."""
    refusals = 0
    """How often Redis has refused."""

    def __init__(
        self,
        redis: "Redis",
        *,
        max_entries: int,
        max_bytes: int,
        observe: Callable[[int, float], None] = lambda _entries, _seconds: None,
        dropped: Callable[[str, int], None] = lambda _reason, _events: None,
    ) -> None:
        self._redis = redis
        self._script = redis.register_script(SCRIPT)
        self._max_entries = max_entries
        self._max_bytes = max_bytes
        self._observe = observe
        self._dropped = dropped
        self._queue: deque[_Batch] = deque()
        self._latest_s: deque[float] = deque([0.0], maxlen=100)
        self._relayed_s: deque[float] = deque([0.0], maxlen=20)
        self._waiting = asyncio.Event()

    def publish(
        self, publications: Iterable[Publication], done: Callable[[], None] | None = None
    ) -> None:
        """Queue events; `done` is called once Redis has them, and never if it refuses.

        If the queue is full they are dropped. Events with a `done` are in the outbox too: if older
        ones wait there, they are left to the relay.
        """
        if self.is_behind and done is not None:
            return
        if len(self._queue) >= QUEUE_MAX:
            log.warning("publish_queue_full", batches=len(self._queue))
            self._dropped("queue_full", len(list(publications)))
            self.is_behind = True
            self.refusals += 1
            return
        self._queue.append(_Batch(list(publications), done, None))
        self._waiting.set()

    async def publish_and_wait(self, publications: Iterable[Publication]) -> bool:
        """Publish in turn; returns whether Redis has them.

        A leased batch has a call of its own; raises `LeaseLostError` if another relay has it.
        """
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        batch = list(publications)
        self._queue.append(_Batch(batch, None, future, bool(batch and batch[0].lease)))
        self._waiting.set()
        return await future

    def relayed(self, seconds: float) -> None:
        """The relay published a change this long after its commit."""
        self._relayed_s.append(seconds)

    def slowest_s(self) -> float:
        """The slowest of the recent calls, and of the recent delays of the relay."""
        return max(*self._latest_s, *self._relayed_s)

    async def run(self) -> None:
        """Publish until cancelled; what is queued then is dropped here, and is in the outbox."""
        try:
            while True:
                await self._waiting.wait()
                self._waiting.clear()
                while self._queue:
                    await self._publish_next()
        finally:
            for batch in self._queue:
                _settle(batch, published=False)
            self._queue.clear()

    async def _publish_next(self) -> None:
        batches, publications = self._take()
        published = False
        try:
            for part in _parts(publications, self._max_entries, self._max_bytes):
                await self._call(part)
            published = True
        except LeaseLostError as error:
            # A leased batch has a call of its own.
            for batch in batches:
                if batch.future is not None and not batch.future.done():
                    batch.future.set_exception(error)
        except (RedisError, OSError, TimeoutError) as error:
            log.warning("publish_failed", reason=type(error).__name__, events=len(publications))
            self._dropped("redis", len(publications))
            # Later events must not overtake those that were refused.
            self.is_behind = True
            self.refusals += 1
            batches += self._queue
            self._queue.clear()
        finally:
            for batch in batches:
                _settle(batch, published=published)

    def _take(self) -> tuple[list[_Batch], list[Publication]]:
        """The queued batches, up to the size of one call; a leased batch alone."""
        batches: list[_Batch] = []
        publications: list[Publication] = []
        entries = 0
        while self._queue and entries < self._max_entries:
            if batches and (self._queue[0].is_leased or batches[0].is_leased):
                break
            batch = self._queue.popleft()
            batches.append(batch)
            publications += batch.publications
            entries += sum([len(one.targets) for one in batch.publications])
        return batches, publications

    async def _call(self, part: list[Publication]) -> None:
        started = time.perf_counter()
        part = [publication for publication in part if publication.targets]
        if not part:
            return
        is_cut = is_split(self._redis)
        shards = _shards(part) if is_cut else [part]
        calls = [_script_call(of_one, is_cut=is_cut) for of_one in shards]
        async with asyncio.timeout(CALL_S):
            answers = await call_each(self._redis, self._script, calls)
        if REFUSED in answers:
            raise LeaseLostError
        seconds = time.perf_counter() - started
        self._latest_s.append(seconds)
        self._observe(sum(len(call.keys) for call in calls), seconds)


def _logs(publication: Publication) -> Iterable[str]:
    """The logs of the targets: all are users, or one is a conversation."""
    log_of = conversation_log if publication.modes == CONVERSATION else user_log
    return map(log_of, publication.targets)


def _script_call(part: list[Publication], *, is_cut: bool) -> ScriptCall:
    logs = [name for one in part for name in _logs(one)]
    modes = b"".join([one.modes.upper() if one.repeat_ms else one.modes for one in part])
    counts = ",".join([str(len(one.targets)) for one in part])
    repeat_ms: int | str = max([one.repeat_ms for one in part])
    if part[0].lease:
        # On a single Redis a call has several shards, so the lease has one fixed key.
        shard = shard_of(part[0].targets[0]) if is_cut else 0
        repeat_ms = f"{repeat_ms} {shard_key('lease', shard)} {part[0].lease}"
    bodies = [one.body for one in part]
    return ScriptCall(
        logs, [LOG_ENTRIES, ENTRY_BYTES, LOG_KEPT_S, modes, counts, repeat_ms, *bodies]
    )


def _shards(part: list[Publication]) -> list[list[Publication]]:
    """The same, split so that the targets of each part are of one shard."""
    shards: dict[int, list[Publication]] = defaultdict(list)
    for publication in part:
        numbers: dict[int, list[int]] = defaultdict(list)
        for number, name in enumerate(publication.targets):
            numbers[shard_of(name)].append(number)
        for shard, of_shard in numbers.items():
            shards[shard].append(
                publication._replace(
                    targets=[publication.targets[number] for number in of_shard],
                    modes=bytes(publication.modes[number] for number in of_shard),
                )
            )
    return list(shards.values())


def _settle(batch: _Batch, *, published: bool) -> None:
    if batch.future is not None and not batch.future.done():
        batch.future.set_result(published)
    if published and batch.done is not None:
        batch.done()


def _parts(
    publications: list[Publication], max_entries: int, max_bytes: int
) -> Iterable[list[Publication]]:
    """Split into calls bounded in entries and bytes: Redis serves nothing else during a call."""
    part: list[Publication] = []
    entries = size = 0
    for publication in publications:
        for piece in _pieces(publication, max_entries):
            cost = len(piece.body) * len(piece.targets)
            if part and (entries + len(piece.targets) > max_entries or size + cost > max_bytes):
                yield part
                part, entries, size = [], 0, 0
            part.append(piece)
            entries += len(piece.targets)
            size += cost
    if part:
        yield part


def _pieces(publication: Publication, max_entries: int) -> Iterable[Publication]:
    if len(publication.targets) <= max_entries:
        yield publication
        return
    for start in range(0, len(publication.targets), max_entries):
        end = start + max_entries
        yield publication._replace(
            targets=publication.targets[start:end], modes=publication.modes[start:end]
        )
