"""Publishes the outbox: what handlers changed, and what writers could not publish themselves.

Rows are leased in one statement, published, and deleted. A relay that dies leaves them to the next,
and what may have been published already is looked for in the logs, and dropped there. A relay that
is too late is refused by Redis: whoever took its rows has left word there.

What was just committed is taken by any relay that is woken. What has waited is a backlog: one relay
at a time takes the oldest of it, and meanwhile nothing is published past it.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from typing import TypeVar

import asyncpg

from protocol.errors import RequestError
from server.outbox.consumer import Observe, OutboxConsumer, Pace
from server.outbox.event_builder import EventBuilder
from server.outbox.forms import Leased, Taken
from storage.bus.publisher import Publisher
from storage.database.postgres import losses_told
from storage.outbox.failures import OutboxFailures
from storage.outbox.leases import Claim, RowLeases
from storage.outbox.published import PublishedRows
from storage.outbox.rows import Batch, OutboxRow

T = TypeVar("T")

CONSUMER = "realtime"
BATCH = Batch(rows=256, refs=2_000)
"""A row may name one change or a thousand."""
PROBE = Batch(rows=1, refs=1)
"""Once Redis has refused: one row will tell that it is back."""

POLL_S = 0.5
"""How often to look for what writers, dead or alive, have left behind."""
TURN_S = 0.05
"""The pause while another process is at the backlog, or nothing is heard of Redis."""
BACKOFF_S = 0.5
PACE = Pace(BATCH, POLL_S, retry_s=BACKOFF_S, retry_max_s=BACKOFF_S)
RENEW_S = 0.5
"""A lease older than this is renewed before the next slice is published."""

OLD_S = 1.0
"""What has waited longer may have been published by a relay whose lease PostgreSQL has lost."""
SLACK_S = 5.0
"""For the time until it is looked for, which counts by another clock."""
BACKLOG_S = 3.0
"""What has waited longer, taken by others, is a backlog that nothing here may overtake."""

_SHUT = Taken(pause_s=TURN_S, is_deaf=True)


class Relay:
    """The realtime consumer of the outbox; `wake` after a commit makes it look at once.

    While `is_listening` says no, rows wait: a process that cannot hear Redis yet would publish past
    its own connections.
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
        """Something was committed that only the relay publishes."""
        self.run = self.consumer.run
        """Publish until cancelled."""
        self._turn = asyncio.Lock()
        self._next_poll = 0.0
        self._is_refused = False
        """Whether Redis has refused what was last told of."""
        self._is_first = True

    async def turn(self, kinds: Sequence[str], batch: Batch) -> Taken:
        """Publish a batch: what waits, each half second and behind a backlog, or what is fresh."""
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
        """Publish all that waits, oldest first, unless another process is at it.

        Raises `RequestError` (`unavailable`) when Redis refuses, or PostgreSQL does not answer, and
        what `UNAVAILABLE` and `REPEATABLE` name; what is not published then stays where it is.
        """
        async with self._turn:
            consumer = self.consumer
            while (await self._publish_waiting(consumer.claimed_kinds, consumer.batch)).is_more:
                pass

    async def _publish_waiting(self, kinds: Sequence[str], batch: Batch) -> Taken:
        # What was handed to the publisher before it fell behind is not published either.
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
        # Behind as much as a relay takes there is only what none had begun.
        self._is_first = not is_more or batch != BATCH
        with losses_told():
            # Deleted at once: to the others it would look like more of the backlog.
            await self._published.sweep()
            if not is_more:
                await self._leases.give_back(())
                # What Redis refused meanwhile waits in the outbox too.
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

        Raises `RequestError` when Redis refuses, `LeaseLostError` when another has taken them.
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
        """Wait for what is built, and keep the lease meanwhile."""
        task = asyncio.ensure_future(building)
        try:
            while not (await asyncio.wait([task], timeout=RENEW_S))[0]:
                await self._leases.renew(claim)
            return task.result()
        finally:
            if not task.done():
                task.cancel()
                await asyncio.wait([task])

    async def _told(self, rows: Sequence[OutboxRow]) -> None:
        for row in rows:
            self._published.add(row.id)
