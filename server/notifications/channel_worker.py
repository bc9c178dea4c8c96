"""Delivers by one channel: leases what is due, has it judged, hands it over, records the result.

1. No more is leased than can be sent soon, the most urgent first; the lease is committed.
2. The batch is judged by facts of one moment. What is not to go is recorded at once.
3. The rest waits for a slot. With the slot held it is composed and sent, outside of any
   transaction: if its judgement is a few seconds old at most, its provider is not left alone, and
   its lease is held for as long as the send may take. What waited too long is judged again.
4. What became of sends is recorded in groups, and only where the lease is still held.

So something goes out twice only where a process dies, or is cut off from PostgreSQL for longer than
a lease, between the provider's answer and the record; it has the same Message-ID or topic then.
"""

import asyncio
import contextlib
import datetime as dt
import random
from typing import NamedTuple

import asyncpg
import structlog

from protocol.errors import RequestError
from protocol.notifications.judgement import Reason
from server.notifications import outcomes
from server.notifications.batch_judge import BatchJudge
from server.notifications.breaker import Breakers
from server.notifications.leases import Leases
from server.notifications.recorder import Recorder
from server.notifications.send_queue import Judged, SendQueue
from server.notifications.sender import Handed, Sender, Tries
from server.telemetry.delivery_metrics import DeliveryMetrics
from storage.notifications.deliveries import Deliveries, Digested, Outcome, Ref

log = structlog.get_logger()

ANSWER_S = 1.0
"""A send ends by itself in its own time: it is ended so long after that, and then by a fault."""
MARGIN_S = 5.0
"""Beside a send's own time a lease is held for so long: for recording what became of it."""
LAPSES = 8
"""Leases of one delivery that lapse with their workers, before it is given up."""
SHARE_WAIT = dt.timedelta(seconds=10)
"""Until what found its person's slots taken is judged again."""


class Pace(NamedTuple):
    """At most how many are leased at once, how often it is looked for them, and how long something
    is tried.
    """

    batch: int = 200
    poll_s: float = 1.0
    tries: Tries = Tries()


class Shared(NamedTuple):
    """What the channels of a process have in common."""

    queue: Deliveries
    leases: Leases
    recorder: Recorder
    breakers: Breakers
    metrics: DeliveryMetrics


class ChannelWorker:
    """The worker of one channel; any number of processes may run one."""

    def __init__(
        self, channel: str, sender: Sender, judge: BatchJudge, shared: Shared, pace: Pace
    ) -> None:
        self._channel = channel
        self._sender = sender
        self._judge = judge
        self._shared = shared
        self._pace = pace
        self._clock = asyncio.get_running_loop().time
        self._queue = SendQueue(sender.at_once, pace.batch, shared.breakers.is_proven, self._clock)
        self._unjudged: list[Ref] = []
        self._at_once = pace.batch
        """So many are judged at once, for now."""
        self._stopping, self._has_room = asyncio.Event(), asyncio.Event()

    def stop(self) -> None:
        """Lease and begin nothing any more."""
        self._stopping.set()
        self._has_room.set()

    async def run(self) -> None:
        """Work until stopped; then end once all that was begun has ended.

        Neither a bad delivery nor a server that is away ends it.
        """
        async with asyncio.TaskGroup() as group:
            while not self._stopping.is_set():
                self._has_room.clear()
                more = await self._turn(group)
                if not (more and self._queue.is_low):
                    await self._pause(self._has_room if more else self._stopping)
            self._give_back()
        await self._sender.note()

    async def _pause(self, unless: asyncio.Event) -> None:
        # Processes that began together must not all look at once.
        pause_s = self._pace.poll_s * random.uniform(0.5, 1.5)  # noqa: S311  # no secret
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(pause_s):
                await unless.wait()

    async def _turn(self, group: asyncio.TaskGroup) -> bool:
        """Lease, judge and begin; whether there may be more that is due."""
        try:
            await self._sender.note()
            self._take_stale()
            room = min(self._pace.batch, self._queue.room - len(self._unjudged))
            claimed = await self._claimed(room) if room > 0 else 0
            await self._judge_all()
        except (RequestError, asyncpg.PostgresError) as error:
            log.warning("deliveries_wait", channel=self._channel, reason=type(error).__name__)
            return False
        except Exception:  # whatever is wrong by now, it may be well a moment later
            log.exception("deliveries_failed", channel=self._channel)
            return False
        self._begin(group)
        # Of what it asks for a part is for what many get at once, and comes short without that.
        return claimed > 0 or room <= 0 or bool(self._unjudged)

    async def _claimed(self, most: int) -> int:
        """Lease what is due, at most so many; how many there were."""
        taken_at = self._clock()
        refs = await self._shared.queue.claim(self._channel, most)
        self._shared.leases.add(refs, taken_at)
        for ref in refs:
            if ref.lapses < LAPSES:
                self._unjudged.append(ref)
            else:
                self._record(outcomes.never_told(ref))
        return len(refs)

    async def _judge_all(self) -> None:
        """Judge what is leased and not judged, and let wait what is to go.

        Where a judgement takes as long as it is good for, nothing of it would ever be begun: the
        next is of half as many.
        """
        leases = self._shared.leases
        leases.over(ref for ref in self._unjudged if not leases.held_s(ref))
        self._unjudged = [ref for ref in self._unjudged if leases.held_s(ref)]
        if not self._unjudged:
            return
        began, refs = self._clock(), self._unjudged[: self._at_once]
        batch = await self._judge.judge(refs)
        self._unjudged = self._unjudged[len(refs) :]
        is_good = self._queue.is_good(began)
        self._at_once = (
            min(2 * self._at_once, self._pace.batch) if is_good else max(1, len(refs) // 2)
        )
        leases.over(batch.lost)
        for outcome in batch.others:
            self._record(outcome)
        self._queue.put(batch.sends)

    def _take_stale(self) -> None:
        for judged in self._queue.take_stale():
            if self._queue.has_share(judged):
                self._unjudged.append(judged.facts.ref)
            else:
                until = judged.facts.now + SHARE_WAIT
                self._record(outcomes.deferred(judged.facts, until, Reason.CAPPED))

    def _give_back(self) -> None:
        for ref in (*self._unjudged, *(one.facts.ref for one in self._queue.take_all())):
            self._record(outcomes.given_back(ref))

    def _begin(self, group: asyncio.TaskGroup) -> None:
        while not self._stopping.is_set() and (judged := self._queue.begin()) is not None:
            group.create_task(self._send(judged, group))

    async def _send(self, judged: Judged, group: asyncio.TaskGroup) -> None:
        try:
            self._record(await self._outcome(judged))
        finally:
            self._queue.ended(judged)
        self._begin(group)
        if self._queue.is_low:
            self._has_room.set()

    async def _outcome(self, judged: Judged) -> Outcome:
        """Hand one over, if it may be begun; its slot is held."""
        one, sender = judged.facts, self._sender
        if waits_s := self._shared.breakers.waits_s(judged.provider, one.ref.user_id):
            until = one.now + dt.timedelta(seconds=waits_s)
            return outcomes.deferred(one, until, Reason.FAILED)
        if self._shared.leases.held_s(one.ref) < sender.timeout_s + MARGIN_S:
            log.warning("delivery_not_begun", delivery=str(one.ref.id))
            # Not at once: what is the matter with the lease may last.
            return outcomes.given_back(one.ref, one.now + dt.timedelta(seconds=MARGIN_S))
        try:
            composed = sender.compose(one, judged.words)
        except Exception as error:  # it is no fault of the provider's
            log.exception("delivery_not_composed", delivery=str(one.ref.id))
            handed = Handed(state="retry", error=repr(error))
        else:
            handed = await self._handed(judged, composed)
        return outcomes.handed_over(one, handed, self._pace.tries)

    async def _handed(self, judged: Judged, composed: object) -> Handed:
        sender, breakers = self._sender, self._shared.breakers
        began = breakers.begins(judged.provider, judged.facts.ref.user_id)
        try:
            async with asyncio.timeout(sender.timeout_s + ANSWER_S):
                handed = await sender.send(judged.facts, composed)
        except Exception as error:  # a bug in one must not keep the others waiting
            log.exception("delivery_failed", delivery=str(judged.facts.ref.id))
            handed = Handed(state="retry", answered=False, error=repr(error))
        if handed.answered:
            breakers.answered(judged.provider, began)
        else:
            breakers.failed(judged.provider, handed.pause_s)
        self._shared.metrics.sent(self._channel, self._clock() - began)
        return handed

    def _record(self, outcome: Outcome | Digested) -> None:
        self._shared.recorder.put(self._channel, outcome)
