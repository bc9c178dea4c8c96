"""Publishes events in groups: one script call appends them to the recipients' logs and publishes.

Everything goes through one queue in the order it was handed over, so that the events of one
process keep the order of their commits. A group that Redis refuses is dropped here: durable events
still stand in the outbox, from where they are published later.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

log = structlog.get_logger()

LOG_PREFIX = "parley:log:"
USER_PREFIX = b"parley:user:"
SCRIPT = (Path(__file__).parent / "lua" / "publish.lua").read_text(encoding="utf-8")
CALL_S = 5.0
QUEUE_MAX = 10_000
"""Groups that wait for Redis; a call takes many of them at once."""

DURABLE = b"d"
OWN = b"o"
EPHEMERAL = b"e"


class Publication(NamedTuple):
    """A body (`protocol.bus`) and whom it is for: (user id, mode)."""

    body: bytes
    targets: Sequence[tuple[str, bytes]]


class _Batch(NamedTuple):
    publications: list[Publication]
    done: Callable[[], None] | None
    future: "asyncio.Future[bool] | None"


class Publisher:
    """The one way of events out of a process."""

    def __init__(
        self,
        redis: "Redis",
        *,
        max_entries: int,
        max_bytes: int,
        observe: Callable[[int, float], None] = lambda _entries, _seconds: None,
        dropped: Callable[[str, int], None] = lambda _reason, _events: None,
    ) -> None:
        self._script = redis.register_script(SCRIPT)
        self._max_entries = max_entries
        self._max_bytes = max_bytes
        self._observe = observe
        self._dropped = dropped
        self._queue: deque[_Batch] = deque()
        self._waiting = asyncio.Event()

    def publish(
        self, publications: Iterable[Publication], done: Callable[[], None] | None = None
    ) -> None:
        """Hand over events; `done` is called once Redis has them, and never if it refuses.

        With too much waiting for Redis they are dropped here.
        """
        if len(self._queue) >= QUEUE_MAX:
            log.warning("publish_queue_full", batches=len(self._queue))
            self._dropped("queue_full", len(list(publications)))
            return
        self._queue.append(_Batch(list(publications), done, None))
        self._waiting.set()

    async def publish_and_wait(self, publications: Iterable[Publication]) -> bool:
        """Publish in turn and tell whether Redis has them."""
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._queue.append(_Batch(list(publications), None, future))
        self._waiting.set()
        return await future

    async def run(self) -> None:
        """Publish until cancelled; what waits then is dropped and stands in the outbox."""
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
        published = True
        try:
            for part in _parts(publications, self._max_entries, self._max_bytes):
                await self._call(part)
        except (RedisError, OSError, TimeoutError) as error:
            published = False
            log.warning("publish_failed", reason=type(error).__name__, events=len(publications))
            self._dropped("redis", len(publications))
        finally:
            for batch in batches:
                _settle(batch, published=published)

    def _take(self) -> tuple[list[_Batch], list[Publication]]:
        """What waits now, up to one call's worth."""
        batches: list[_Batch] = []
        publications: list[Publication] = []
        entries = 0
        while self._queue and entries < self._max_entries:
            batch = self._queue.popleft()
            batches.append(batch)
            publications += batch.publications
            entries += sum(len(publication.targets) for publication in batch.publications)
        return batches, publications

    async def _call(self, part: list[Publication]) -> None:
        started = time.perf_counter()
        part = [publication for publication in part if publication.targets]
        targets = [target for publication in part for target in publication.targets]
        if not targets:
            return
        keys = [LOG_PREFIX + user for user, _mode in targets]
        modes = b"".join(mode for _user, mode in targets)
        counts = ",".join(str(len(publication.targets)) for publication in part)
        args: list[bytes | str] = [modes, counts, *(publication.body for publication in part)]
        async with asyncio.timeout(CALL_S):
            await self._script(keys=keys, args=args)
        self._observe(len(keys), time.perf_counter() - started)


def _settle(batch: _Batch, *, published: bool) -> None:
    if batch.future is not None and not batch.future.done():
        batch.future.set_result(published)
    if published and batch.done is not None:
        batch.done()


def _parts(
    publications: list[Publication], max_entries: int, max_bytes: int
) -> Iterable[list[Publication]]:
    """Cut into calls bounded in entries and bytes; a longer call makes Redis deaf meanwhile."""
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
        yield Publication(publication.body, publication.targets[start : start + max_entries])
