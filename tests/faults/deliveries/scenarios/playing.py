"""Plays a scenario on the real tables and in the oracle's world, side by side."""

import copy
from collections.abc import Collection, Sequence
from uuid import UUID

import asyncpg

from storage.people.activity import Activity
from tests.faults.deliveries.scenarios.consumers import Consumers
from tests.faults.deliveries.scenarios.doing import Doing
from tests.faults.deliveries.scenarios.looking import named_in, wrong_in
from tests.faults.deliveries.scenarios.oracle import TICK_MS, Address, Oracle, Sent, Way
from tests.faults.deliveries.scenarios.receivers import Taken
from tests.faults.deliveries.scenarios.script import END_MS, PEOPLE, Event, Fate, Scenario
from tests.faults.deliveries.scenarios.stage import Stage
from tests.faults.deliveries.scenarios.workers import Workers
from tests.faults.deliveries.scenarios.world import World


class Played:
    """One scenario. `door` hears of commands; workers ask another node who is there."""

    def __init__(
        self,
        stage: Stage,
        workers: Workers,
        door: Activity,
        owner: asyncpg.Connection,
        scenario: Scenario,
    ) -> None:
        self._stage, self._workers, self._door, self._owner = stage, workers, door, owner
        self._scenario = scenario
        self._fates, self._behind = list(scenario.fates), list(scenario.behind)
        self.world = World()
        self._consumers = Consumers(self.world)
        self._seen: dict[UUID, World] = {}
        """By which world each delivery was judged last."""
        self._doing = Doing(stage, self.world, door)
        self.oracle = Oracle([])
        self.wrong: list[str] = []
        """All that went wrong, in words."""

    async def play(self) -> None:
        """To the end; what goes wrong is told by `wrong`."""
        await self._stage.begin(self._owner, self._scenario.devices)
        addresses: list[Address] = [(one, "email", self._address(one)) for one in range(PEOPLE)]
        for one, devices in enumerate(self._stage.devices):
            addresses += [(one, "push", device) for device in devices]
        self.oracle = Oracle(addresses)
        for step in self._scenario.steps:
            await self._until(step.at_ms)
            await self._happen(step.events, is_consumed=step.is_consumed)
            if step.is_worked:
                await self._work()
        await self._until(END_MS, is_over=True)
        await self._consume()
        for person in range(PEOPLE):
            await self._look(person)

    async def _until(self, at_ms: int, *, is_over: bool = False) -> None:
        """Time passes. Where workers are prompt they look whenever something is due."""
        while self._scenario.is_prompt or is_over:
            is_due, next_ms = await self._stage.next_ms(self._owner)
            if not is_due:
                if next_ms is None or next_ms >= at_ms:
                    break
                await self._stage.clock.set(next_ms)
            await self._work()
            if self.wrong:
                return
        await self._stage.clock.set(at_ms)

    async def _work(self) -> None:
        """Consumers and workers look, and it goes with the worker as it is to go."""
        scenario, now_ms = self._scenario, self._stage.clock.at_ms
        fate = self._fates.pop(0) if self._fates else None
        is_behind = self._behind.pop(0) if self._behind else False
        if not is_behind:
            await self._consume()
        self._prepare(fate)
        before = len(self._workers.watch.taken)
        is_dead = await self._workers.turn(scenario.workers, scenario.batch, self._judged)
        is_overtaken = fate is not None and fate.kind == "meanwhile"
        for taken in self._workers.watch.taken[before:]:
            sent = self._sent(taken, is_doubtful=is_dead, is_overtaken=is_overtaken)
            self.wrong += self.oracle.judge(self._seen[taken.delivery], sent)
        if is_dead:
            self.oracle.died(now_ms)
        elif not is_behind:
            self.wrong += self.oracle.missing(self.world, now_ms)

    def _judged(self, deliveries: Collection[UUID]) -> None:
        """Workers read now what they judge these by."""
        self._consumers.judged()
        seen = copy.deepcopy(self.world)
        self._seen |= dict.fromkeys(deliveries, seen)
        self.oracle.looked(seen, self._stage.clock.at_ms)

    def _prepare(self, fate: Fate | None) -> None:
        if fate is None:
            return
        if fate.kind != "meanwhile":
            self._workers.watch.doom(fate.kind, fate.number)
            return

        async def happens() -> None:
            async with self._workers.still:
                # Nothing happens in the same millisecond as what was consumed before.
                await self._stage.clock.set(self._stage.clock.at_ms + TICK_MS)
                await self._happen(fate.events, is_consumed=True)

        self._workers.watch.meanwhile(happens)

    async def _consume(self) -> None:
        await self._stage.consume()
        self._consumers.consumed(self._stage.clock.at_ms)

    def _address(self, person: int) -> str:
        return f"{self._stage.people[person]}@example.org"

    def _sent(self, taken: Taken, *, is_doubtful: bool, is_overtaken: bool) -> Sent:
        if taken.channel == "email":
            person = next(one for one in range(PEOPLE) if self._address(one) == taken.to)
        else:
            person = next(i for i, some in enumerate(self._stage.devices) if taken.to in some)
        talk = self._stage.talks.index(UUID(taken.talk))
        number, version = taken.said or (0, 0)
        return Sent(
            at_ms=self._stage.clock.at_ms,
            way=Way(person, taken.channel, taken.to, taken.group, talk),
            said=self.world.find(number),
            version=version,
            names=named_in(taken.title),
            count=taken.of,
            id=taken.id,
            is_doubtful=is_doubtful,
            is_overtaken=is_overtaken,
        )

    # What people do and see.

    async def _happen(self, events: Sequence[Event], *, is_consumed: bool) -> None:
        looks = [event.who for event in events if event.kind == "look"]
        for event in events:
            if event.kind != "look":
                await self._doing.do(event)
        await self._door.publish()
        if is_consumed or looks:
            await self._consume()
        for person in looks:
            await self._look(person)

    async def _look(self, person: int) -> None:
        shown = await self._stage.look(person)
        wrong = wrong_in(shown, self.world, person, self._stage.talks)
        self.wrong += (f"{self._stage.clock.at_ms} {why}" for why in wrong)
