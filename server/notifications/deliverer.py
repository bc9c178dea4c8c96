"""Works the queue of deliveries off: lease, judge, hand over, record.

1. A batch that is due is leased and the lease committed; it is renewed while it is worked on.
2. The whole batch is judged by facts of one moment. What is not to go is recorded at once.
3. The rest is handed over outside of any transaction, a bounded number at a time. A judgement is
   good for a few seconds: what could not begin by then is judged again.
4. A send whose lease is not held for as long as it may take is not begun. What became of sends is
   recorded in groups, each in one statement, and only where the lease is still held.

A process that dies between a provider's answer and the record is the one case in which something
goes out twice; it has the same Message-ID or topic then.
"""

import asyncio
import random
from collections import Counter
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Coroutine,
    Iterable,
    Mapping,
    Sequence,
)
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
import msgspec
import structlog

from protocol.errors import RequestError
from protocol.notifications.judgement import Cancel, Defer, Reason, Send, Suppress, Verdict, judge
from server.notifications.breaker import Breakers
from server.notifications.leases import RENEW_S, Leases
from server.notifications.recorder import Recorder
from server.notifications.sender import Handed, Sender, Tries
from server.telemetry.delivery_metrics import DeliveryMetrics
from storage.notifications.deliveries import LEASE_S, Deliveries, Digested, Outcome, Ref
from storage.notifications.judging import Facts, Judging

log = structlog.get_logger()

GOOD_S = 3.0
"""So long after its moment a judgement may begin a send."""
MARGIN_S = 5.0
"""Beside a send's own time: for recording what became of it."""
_ERROR_CHARS = 300
_FIRST = ("urgent", "high", "normal", "low")

Active = Callable[[Sequence[UUID]], Awaitable[Mapping[UUID, datetime]]]
"""When each person who is active no longer is."""


class Pace(NamedTuple):
    """How much is taken at once, how often it is looked, and how often something is tried."""

    batch: int = 200
    poll_s: float = 1.0
    lanes: int = 2
    tries: Tries = Tries()


PACE = Pace()


class Deliverer:
    """The worker of one process; any number of processes may run one."""

    def __init__(
        self,
        stores: tuple[Deliveries, Judging],
        senders: Mapping[str, Sender],
        active: Active,
        metrics: DeliveryMetrics,
        pace: Pace = PACE,
    ) -> None:
        """`senders` are those of the channels. What goes by a channel without one is judged only
        when there is one again. Raises `ValueError` for one that takes longer than a lease is held
        by the time it is renewed.
        """
        for channel, sender in senders.items():
            if sender.timeout_s + MARGIN_S > LEASE_S - RENEW_S:
                raise ValueError(f"{channel}: {sender.timeout_s:g} s are more than a lease is held")
        self._queue, self._judging = stores
        self._senders = senders
        self._active = active
        self._metrics = metrics
        self._pace = pace
        self._breakers = Breakers(lambda: asyncio.get_running_loop().time())
        self._slots = {c: asyncio.Semaphore(sender.at_once) for c, sender in senders.items()}

    async def run(self) -> None:
        """Work until cancelled. Neither a bad delivery nor a server that is away ends it."""
        async with asyncio.TaskGroup() as group:
            for _ in range(self._pace.lanes):
                group.create_task(self._lane())
            group.create_task(self._watch())

    async def _lane(self) -> None:
        while True:
            is_more = False
            try:
                is_more = await self.turn() >= self._pace.batch
            except RequestError as error:
                log.warning("deliveries_wait", reason=str(error.code))
            except Exception:  # whatever is wrong with a batch, others may be well
                log.exception("deliveries_failed")
            if not is_more:
                # Processes that began together must not all look at once.
                await asyncio.sleep(self._pace.poll_s * random.uniform(0.5, 1.5))  # noqa: S311  # no secret

    async def _watch(self) -> None:
        while True:
            try:
                self._metrics.oldest_due(await self._queue.oldest_due_s())
            except (RequestError, asyncpg.PostgresError) as error:
                log.warning("deliveries_not_seen", reason=type(error).__name__)
            await asyncio.sleep(10 * self._pace.poll_s)

    async def turn(self) -> int:
        """Lease a batch and work it off; how many were leased.

        Raises `RequestError` where PostgreSQL is away, and what asyncpg raises.
        """
        clock = asyncio.get_running_loop().time
        taken_at = clock()
        refs = await self._queue.claim(self._pace.batch)
        if not refs:
            return 0
        leases = Leases(self._queue, refs, taken_at, clock)
        recorder = Recorder(self._queue, leases, self._metrics)
        async with _beside(leases.keep), _beside(recorder.run):
            left = leases.refs
            while left:
                again = await self._worked_off(left, leases, recorder)
                # What is recorded counts for the caps.
                await recorder.done()
                left = [ref for ref in again if leases.held_s(ref)]
        return len(refs)

    async def _worked_off(
        self, refs: Sequence[Ref], leases: Leases, recorder: Recorder
    ) -> list[Ref]:
        """Judge these and send what is to go; those that are to be judged again."""
        judged_at = asyncio.get_running_loop().time()
        facts = await self._facts(refs, recorder)
        leases.over(set(refs) - {one.ref for one in facts})
        going = []
        for one, verdict in await self._judged(facts):
            if isinstance(verdict, Send):
                going.append(one)
            else:
                recorder.put(one.channel, _outcome(one, verdict))
        written: dict[UUID, object] = {}
        for channel, sender in self._senders.items():
            batch = [one for one in going if one.channel == channel]
            if batch:
                written |= await sender.written(batch)
        again: list[Ref] = []

        async def one_by_one(queue: Iterable[Facts]) -> None:
            for one in queue:
                if asyncio.get_running_loop().time() > judged_at + GOOD_S:
                    again.append(one.ref)
                    continue
                await self._sent(one, written.get(one.ref.id), leases, recorder)

        async with asyncio.TaskGroup() as group:
            for channel, sender in self._senders.items():
                queue = iter([one for one in going if one.channel == channel])
                for _ in range(min(sender.at_once, len(going))):
                    group.create_task(one_by_one(queue))
        return again

    async def _facts(self, refs: Sequence[Ref], recorder: Recorder) -> list[Facts]:
        """The facts of these; one whose facts cannot be read is given up, and keeps no other."""
        try:
            return await self._judging.facts(refs)
        except RequestError:
            raise
        except Exception as error:  # halved down to the one at fault
            if len(refs) > 1:
                half = len(refs) // 2
                return [
                    *await self._facts(refs[:half], recorder),
                    *await self._facts(refs[half:], recorder),
                ]
            log.exception("delivery_not_judged", delivery=str(refs[0].id))
            outcome = Outcome(
                ref=refs[0], status="dead", reason=Reason.FAILED, error=_short(repr(error))
            )
            recorder.put("", outcome)
            return []

    async def _judged(self, facts: Sequence[Facts]) -> list[tuple[Facts, Verdict]]:
        active = await self._active([one.ref.user_id for one in facts])
        shut: set[UUID] = set()
        for channel, sender in self._senders.items():
            shut |= set(await sender.unreachable([o for o in facts if o.channel == channel]))
        judged: list[tuple[Facts, Verdict]] = []
        going: Counter[tuple[UUID, str]] = Counter()
        for one in sorted(facts, key=lambda one: _FIRST.index(one.priority)):
            counted = (one.ref.user_id, one.channel)
            is_full = going[counted] >= one.cap_left
            verdict = self._verdict(one, active.get(one.ref.user_id), one.ref.id in shut, is_full)
            if isinstance(verdict, Send) and one.category != "security":
                going[counted] += 1
            judged.append((one, verdict))
        return judged

    def _verdict(
        self,
        one: Facts,
        active_until: datetime | None,
        is_shut: bool,  # noqa: FBT001  # what was found out beside the facts
        is_full: bool,  # noqa: FBT001
    ) -> Verdict:
        sender = self._senders.get(one.channel)
        if sender is None:
            return Defer(one.now + timedelta(hours=1), Reason.SWITCHED_OFF)
        waits_s = self._breakers.waits_s(sender.provider(one))
        snapshot = one.snapshot
        way = snapshot.way
        return judge(
            msgspec.structs.replace(
                snapshot,
                person=msgspec.structs.replace(snapshot.person, active_until=active_until),
                way=msgspec.structs.replace(
                    way,
                    is_suppressed=way.is_suppressed or is_shut,
                    capped_until=one.cap_free_at if is_full else None,
                    back_at=one.now + timedelta(seconds=waits_s) if waits_s else None,
                ),
            )
        )

    async def _sent(self, one: Facts, written: object, leases: Leases, recorder: Recorder) -> None:
        """Hand one over, if its lease is held for long enough."""
        sender = self._senders[one.channel]
        if one.attempts and self._pace.tries.are_over(one.channel, one.attempts):
            # Whoever has tried it so often did not live to say what came of it.
            recorder.put(one.channel, self._given_up(one, "tried too often", 0))
            return
        if written is None or isinstance(written, Exception):
            failed = Handed(state="retry", error=repr(written))
            recorder.put(one.channel, self._again(one, failed))
            return
        async with self._slots[one.channel]:
            if leases.held_s(one.ref) < sender.timeout_s + MARGIN_S:
                log.warning("delivery_not_begun", delivery=str(one.ref.id))
                # Not at once: what is the matter with the lease may last.
                later = one.now + timedelta(seconds=MARGIN_S)
                recorder.put(one.channel, Outcome(ref=one.ref, status="deferred", next_at=later))
                return
            recorder.put(one.channel, await self._handed(one, written, sender))

    async def _handed(self, one: Facts, written: object, sender: Sender) -> Outcome:
        clock, provider = asyncio.get_running_loop().time, sender.provider(one)
        if waits_s := self._breakers.waits_s(provider):
            until = one.now + timedelta(seconds=waits_s)
            return Outcome(ref=one.ref, status="deferred", reason=Reason.FAILED, next_at=until)
        self._breakers.begins(provider)
        began = clock()
        try:
            async with asyncio.timeout(sender.timeout_s):
                handed = await sender.send(one, written)
        except Exception as error:  # a bug in one must not keep the others waiting
            log.exception("delivery_failed", delivery=str(one.ref.id))
            handed = Handed(state="retry", answered=False, error=repr(error))
        self._breakers.ended(provider, well=handed.answered)
        self._metrics.sent(one.channel, clock() - began)
        match handed.state:
            case "sent":
                return Outcome(
                    ref=one.ref,
                    status="sent",
                    reason=Reason.SENT,
                    tries=1,
                    message_id=handed.message_id,
                    told=one.tells,
                    carried=[item.id for item in one.items] if one.is_digest else (),
                )
            case "retry":
                return self._again(one, handed)
            case "unreachable":
                return Outcome(
                    ref=one.ref,
                    status="suppressed",
                    reason=handed.reason,
                    tries=1,
                    message_id=handed.message_id,
                    error=_short(handed.error),
                )
            case "refused":
                return self._given_up(one, handed.error, 1)

    def _again(self, one: Facts, handed: Handed) -> Outcome:
        limits, told = self._pace.tries, int(handed.is_try)
        tries = one.attempts + told
        if told and limits.are_over(one.channel, tries):
            return self._given_up(one, handed.error, 1)
        jitter = random.random()  # noqa: S311  # no secret
        return Outcome(
            ref=one.ref,
            status="deferred",
            reason=Reason.FAILED,
            tries=told,
            # A provider that takes nothing is away for all, and not after many tries of this one.
            next_at=one.now + limits.pause(tries * told, handed.retry_after_s, jitter),
            message_id=handed.message_id,
            error=_short(handed.error),
        )

    def _given_up(self, one: Facts, error: str | None, tries: int) -> Outcome:
        log.error(
            "delivery_given_up",
            delivery=str(one.ref.id),
            channel=one.channel,
            do="parley deliveries replay",
        )
        return Outcome(
            ref=one.ref, status="dead", reason=Reason.FAILED, tries=tries, error=_short(error)
        )


def _outcome(one: Facts, verdict: Cancel | Defer | Suppress) -> Outcome | Digested:
    match verdict:
        case Cancel(Reason.DIGEST):
            assert one.digest_at is not None
            return Digested(one.ref, one.digest_at)
        case Cancel(reason):
            return Outcome(ref=one.ref, status="cancelled", reason=reason)
        case Suppress(reason):
            return Outcome(ref=one.ref, status="suppressed", reason=reason)
        case Defer(until, reason):
            held = one.now if reason is Reason.ACTIVE_UNTIL else None
            return Outcome(
                ref=one.ref, status="deferred", reason=reason, next_at=until, held_since=held
            )


def _short(error: str | None) -> str | None:
    return None if error is None else error[:_ERROR_CHARS]


@asynccontextmanager
async def _beside(run: Callable[[], Coroutine[Any, Any, None]]) -> AsyncIterator[None]:
    """Run something until the block ends."""
    async with asyncio.TaskGroup() as group:
        task = group.create_task(run())
        try:
            yield
        finally:
            task.cancel()
