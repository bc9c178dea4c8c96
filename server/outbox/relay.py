"""Publishes the outbox: what handlers changed, and what writers could not publish themselves.

Rows are leased in one statement, published, and deleted. If a relay dies, the next one takes them;
events that may have been published already are looked up in the logs, and dropped if found. Redis
refuses a relay whose lease has ended: the relay that took its rows has recorded that in Redis.

Any relay that is woken takes rows that were just committed. Rows that have waited are a backlog:
one relay at a time publishes the oldest of it, and meanwhile no newer event is published.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from typing import TypeVar

import asyncpg

from protocol.errors import RequestError
from server.outbox.claiming import Leased, Taken
from server.outbox.consumer import Observe, OutboxConsumer, Pace
from server.outbox.event_builder import EventBuilder
from storage.bus.publisher import Publisher
from storage.database.postgres import losses_told
from storage.outbox.failed_rows import OutboxFailures
from storage.outbox.leases import Claim, RowLeases
from storage.outbox.published import PublishedRows
from storage.outbox.rows import Batch, OutboxRow

T = TypeVar("T")

CONSUMER = "realtime"
BATCH = Batch(rows=256, refs=2_000)
"""A row may name one change or a thousand."""
PROBE = Batch(rows=1, refs=1)
"""After Redis has refused: one row shows whether it is back."""

POLL_S = 0.5
"""How often to look for rows that writers, dead or alive, have left."""
TURN_S = 0.05
"""The pause while another process publishes the backlog, or Redis is not connected."""
BACKOFF_S = 0.5
PACE = Pace(BATCH, POLL_S, retry_s=BACKOFF_S, retry_max_s=BACKOFF_S)
RENEW_S = 0.5
"""A lease older than this is renewed before the next slice is published."""

OLD_S = 1.0
"""Older rows may have been published by a relay whose lease PostgreSQL has lost."""
SLACK_S = 5.0
"""Added for the time until Redis looks, which it measures by another clock."""
BACKLOG_S = 3.0
"""Older rows that others have taken are a backlog that nothing here may overtake."""

_SHUT = Taken(pause_s=TURN_S, is_deaf=True)


class Relay:
    """The realtime consumer of the outbox; `wake` after a commit makes it look at once.

    While `is_listening` returns False, rows wait: a process without a subscription to Redis would
    publish events that its own connections miss.
    """

    def __init__(
        self,
        pool: "asyncpg.Pool[asyncpg.Record]",
        builder: EventBuilder,
        publisher: Publisher,
        published: PublishedRows,
        is_listening: Callable[[], bool],
        observe: Observe = lambda _consumer, _seconds: None,
    ) -> None:
        self._is_listening = is_listening
        self._builder = builder
        self._publisher = publisher
        self._published = published
        self._leases = RowLeases(pool, published.owner, CONSUMER)
        failures = OutboxFailures(pool, CONSUMER, builder.kinds)
        self._leased = Leased(pool, failures, self._leases, self._tell, self._told)
        self.consumer = OutboxConsumer(CONSUMER, self, failures, PACE, observe)
        self.wake = self.consumer.wake
        """To be called after a commit whose events only the relay publishes."""
        self.run = self.consumer.run
        """Publish until cancelled."""
        self._turn = asyncio.Lock()
        self._next_poll = 0.0
        self._is_refused = False
        """Whether Redis has refused the last publication."""
        self._is_first = True

    async def turn(self, kinds: Sequence[str], batch: Batch) -> Taken:
        """Publish a batch: waiting rows each half second and in a backlog, otherwise new ones."""
        if not self._is_listening():
            return _SHUT
        async with self._turn:
            clock = asyncio.get_running_loop().time
            if self._publisher.is_behind or clock() >= self._next_poll:
                taken = await self._publish_waiting(kinds, batch)
                if not taken.is_more:
                    self._next_poll = clock() + POLL_S
                if self._publisher.is_behind:
                    return taken._replace(pause_s=TURN_S, is_deaf=True)
                return taken._replace(is_more=True)
            taken = await self._publish_fresh(kinds, batch)
            return taken._replace(pause_s=max(self._next_poll - clock(), 0.0))

    async def trial(self, kinds: Sequence[str], batch: Batch) -> Taken:
        """Publish a row of a paused kind."""
        if not self._is_listening():
            return _SHUT
        async with self._turn:
            with losses_told():
                claim = await self._leases.waiting(kinds, batch)
            self._is_first = True
            return await self._leased.work_off(claim)

    async def publish_waiting(self) -> None:
        """Publish all waiting rows, oldest first, unless another process does.

        Raises `RequestError` (`unavailable`) when Redis refuses or PostgreSQL does not answer, and
        the errors in `UNAVAILABLE` and `REPEATABLE`; unpublished rows stay in the outbox.
        """
        async with self._turn:
            consumer = self.consumer
            while (await self._publish_waiting(consumer.claimed_kinds, consumer.batch)).is_more:
                pass

    async def _publish_waiting(self, kinds: Sequence[str], batch: Batch) -> Taken:
        # Own rows were not published either: the publisher has dropped them.
        own = self._published.owner if self._publisher.is_behind else None
        refusals = self._publisher.refusals
        with losses_told():
            if own is not None:
                await self._published.sweep()
            waits, is_backlog = await self._leases.look(kinds, own, BACKLOG_S)
            if not waits or not await self._leases.take_turn():
                self._publisher.is_behind = is_backlog or (waits and self._publisher.is_behind)
                return Taken()
            if self._is_refused:
                batch, self._is_refused = PROBE, False
            claim = await self._leases.waiting(kinds, batch, own)
        try:
            taken = await self._leased.work_off(claim)
        except Exception:
            self._is_first = True
            raise
        if taken.is_lost:
            return taken
        is_more = batch.is_filled(claim.rows)
        # After a full batch come only rows that no relay has started on.
        self._is_first = not is_more or batch != BATCH
        with losses_told():
            # Deleted at once: other relays would take them for the backlog.
            await self._published.sweep()
            if not is_more:
                await self._leases.give_back(())
                # Events that Redis refused meanwhile wait in the outbox too.
                self._publisher.is_behind = self._publisher.refusals > refusals
        return taken._replace(is_more=is_more)

    async def _publish_fresh(self, kinds: Sequence[str], batch: Batch) -> Taken:
        started = time.perf_counter()
        with losses_told():
            claim = await self._leases.fresh(kinds, batch)
        self._is_first = True
        taken = await self._leased.work_off(claim)
        if taken.rows > taken.failed:
            self._publisher.relayed(taken.oldest_s + time.perf_counter() - started)
        return taken._replace(is_more=batch.is_filled(claim.rows))

    async def _tell(self, claim: Claim, rows: Sequence[OutboxRow]) -> None:
        """Build the events of rows and publish them, slice by slice.

        Raises `RequestError` when Redis refuses, `LeaseLostError` when another relay has the rows.
        """
        is_part = len(rows) < len(claim.rows)

        def repeat_ms(row: OutboxRow) -> int:
            # A part of a batch follows an attempt that may have published some of it.
            is_old = self._is_first and row.age_s > OLD_S
            may_be = row.owner is not None or is_old or is_part or row.tries > 0
            return round((row.age_s + SLACK_S) * 1000) if may_be else 0

        fences = {row.owner: row.fence for row in sorted(claim.rows, key=lambda row: row.fence)}
        fences.pop(None, None)
        words = "".join(f" {owner} {until}" for owner, until in fences.items())
        renewed_at = time.monotonic()
        async with aclosing(self._builder.slices(rows, repeat_ms)) as slices:
            while True:
                part = await self._kept(claim, anext(slices, None))
                if part is None:
                    return
                if time.monotonic() - renewed_at > RENEW_S:
                    await self._leases.renew(claim)
                    renewed_at = time.monotonic()
                lease = f"{self._leases.owner} {claim.leased_at}{words}"
                if not await self._publisher.publish_and_wait(
                    [one._replace(lease=lease) for one in part]
                ):
                    self._is_refused = True
                    raise RequestError.unavailable("Redis")

    async def _kept(self, claim: Claim, building: Awaitable[T]) -> T:
        """Wait for a slice to be built, and renew the lease meanwhile."""
        task = asyncio.ensure_future(building)
        try:
            while not (await asyncio.wait([task], timeout=RENEW_S))[0]:
                await self._leases.renew(claim)
            return task.result()
        finally:
            if not task.done():
                task.cancel()
                await asyncio.wait([task])
            # Where the lease could not be kept, nobody asks for what the task raised.
            if not task.cancelled():
                task.exception()

    async def _told(self, rows: Sequence[OutboxRow]) -> None:
        for row in rows:
            self._published.add(row.id)
