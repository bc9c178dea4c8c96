"""Workers of the queue: the server's deliverer and senders, before receivers of a test's own.

They see how far they get. What they judge by is read while nothing else happens, so that it is
known of each thing that is sent which world its judgement saw.
"""

import asyncio
from collections.abc import Callable, Collection, Sequence
from functools import partial
from uuid import UUID

import asyncpg
from prometheus_client import CollectorRegistry

from server.notifications.batch_judge import Active
from server.notifications.channel_worker import Pace
from server.notifications.deliverer import Deliverer
from server.notifications.mailing import MailDesk, Mailing
from server.notifications.pushing import Pushing
from server.notifications.sender import Handed, Sender
from server.notifications.telling import told
from server.telemetry.delivery_metrics import DeliveryMetrics
from storage.database.change_call import ChangeCalls
from storage.mail.composing import Sender as From
from storage.notifications.deliveries import Deliveries, Outcome, Ref
from storage.notifications.judging import Facts, Judging
from storage.notifications.rendering import Renderer
from storage.push.devices import PushDevices
from tests.faults.deliveries.scenarios.receivers import UNDER_WAY, Mailbox, PushService, Watch

POLL_S = 0.002
_DUE = "select exists (select from notification_deliveries where next_attempt_at <= now())"
Seen = Callable[[Collection[UUID]], None]
"""Is told of deliveries that are judged, in that moment."""
_FROM = From("parley@example.org", "Parley", "https://parley.example")


class _Queue(Deliveries):
    """The queue as one worker sees it, who may die with what it has of it."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", watch: Watch) -> None:
        super().__init__(pool)
        self._watch = watch
        self._busy = {"email", "push"}
        self._held: set[UUID] = set()
        self.is_idle = asyncio.Event()
        """Nothing is due by any channel, and what was is recorded."""

    async def claim(self, channel: str, most: int) -> list[Ref]:
        taken = await super().claim(channel, most)
        self._held |= {ref.id for ref in taken}
        if taken:
            self._busy.add(channel)
            await self._watch.reached("claimed")
        else:
            self._busy.discard(channel)
        self._rests()
        return taken

    async def record(self, outcomes: Sequence[Outcome]) -> set[UUID]:
        if outcomes:
            await self._watch.reached("recording")
        kept = await super().record(outcomes)
        if outcomes:
            await self._watch.reached("recorded")
        self._held -= {one.ref.id for one in outcomes}
        self._rests()
        return kept

    def _rests(self) -> None:
        if not self._busy and not self._held:
            self.is_idle.set()


class _Judging(Judging):
    """Tells of which deliveries it reads the facts, in the moment in which it does."""

    def __init__(
        self,
        pool: "asyncpg.Pool[asyncpg.Record]",
        still: asyncio.Lock,
        seen: Seen,
    ) -> None:
        super().__init__(pool)
        self._still = still
        self._seen = seen

    async def facts(self, refs: Sequence[Ref]) -> list[Facts]:
        async with self._still:
            found = await super().facts(refs)
            self._seen([ref.id for ref in refs])
            return found


class _Named:
    """A sender that says to its receiver which delivery it is that comes."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender
        self.timeout_s, self.at_once = sender.timeout_s, sender.at_once
        self.provider, self.unreachable = sender.provider, sender.unreachable
        self.compose, self.note = sender.compose, sender.note

    async def send(self, facts: Facts, composed: object) -> Handed:
        UNDER_WAY.set(facts.ref.id)
        return await self._sender.send(facts, composed)


class Workers:
    """Any number of them, one after another or at once. `still` is held while something happens."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", active: Active) -> None:
        self.watch = Watch()
        self.still = asyncio.Lock()
        self._pool = pool
        self._people = active, partial(told, Renderer(pool))
        self._metrics = DeliveryMetrics(CollectorRegistry())
        devices = PushDevices(ChangeCalls(pool, lambda: None), most=10)
        self._senders: dict[str, Sender] = {
            "email": _Named(Mailing(Mailbox(self.watch), _desk())),
            "push": _Named(Pushing(PushService(self.watch), devices, at_once=4)),
        }

    async def turn(self, number: int, batch: int, seen: Seen) -> bool:
        """So many work at once until nothing is due, or one dies and all with it; whether so."""
        is_dead = False
        while not is_dead and await self._pool.fetchval(_DUE):
            is_dead = await self._round(number, batch, seen)
        self.watch.spare()
        return is_dead

    async def _round(self, number: int, batch: int, seen: Seen) -> bool:
        works = [asyncio.create_task(self._work(batch, seen)) for _ in range(number)]
        death = asyncio.create_task(self.watch.died.wait())
        alive = set(works)
        while alive and not death.done():
            ended, _ = await asyncio.wait([*alive, death], return_when=asyncio.FIRST_COMPLETED)
            alive -= ended
        is_dead = death.done()
        for task in (*alive, death):
            task.cancel()
        ends = await asyncio.gather(*works, death, return_exceptions=True)
        for end in ends:
            if isinstance(end, Exception):
                raise end
        return is_dead

    async def _work(self, batch: int, seen: Seen) -> None:
        queue = _Queue(self._pool, self.watch)
        worker = Deliverer(
            (queue, _Judging(self._pool, self.still, seen)),
            self._senders,
            self._people,
            self._metrics,
            Pace(batch=batch, poll_s=POLL_S),
        )
        async with asyncio.TaskGroup() as group:
            group.create_task(worker.run())
            await queue.is_idle.wait()
            await worker.stop()


def _desk() -> MailDesk:
    async def stopped(addresses: Collection[object]) -> list[bool]:
        return [False] * len(addresses)

    async def note(_: object) -> None:
        """Nothing is kept of addresses."""

    return MailDesk(
        sender=_FROM,
        message_id=lambda delivery, _: f"<{delivery}@example.org>",
        unsubscribe_url=lambda *_: None,
        stopped=stopped,
        note=note,
    )
