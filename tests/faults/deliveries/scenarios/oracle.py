"""Judges what has left the house by the world as it was when workers looked.

It knows nothing of queues, leases, editions and rows: it asks of each thing that was taken whether
the person had any use for it at that moment, and of each message whether who has not seen it was
told in time.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from tests.faults.deliveries.scenarios.script import Channel
from tests.faults.deliveries.scenarios.world import GROUPS, Said, World

ACTIVE_MS, HOLD_MS, LEASE_MS = 60_000, 600_000, 60_000
WAIT_MS = {"push": 20_000, "email": 120_000}
PAUSE_MS = {"push": 60_000, "email": 86_400_000}
RUN_WAITED_MS = 20_000
TICK_MS = 1
"""So long what workers do at one time may take."""


Address = tuple[int, Channel, str]
"""Who is reached, by which channel, and where."""


class Way(NamedTuple):
    """By which channel somebody is told of a group of messages, and to which address or device."""

    person: int
    channel: Channel
    to: str
    group: str
    talk: int


@dataclass(slots=True)
class Sent:
    """Something was taken. `said` is the message that it quotes, None where it quotes none.
    `names` are whom its title names, `count` of how many messages it tells.

    `is_doubtful`: its worker died, and may not have recorded it. `is_overtaken`: something happened
    while it was on its way. `tells` is up to which seq it tells at most.
    """

    at_ms: int
    way: Way
    said: Said | None
    version: int
    names: set[int]
    count: int
    id: str
    is_doubtful: bool
    is_overtaken: bool
    tells: int = 0
    is_repeated: bool = False
    unseen: list[int] = field(default_factory=list)
    """What was news when it went."""


class Oracle:
    """What was sent of one scenario, and what is wrong about it, in words."""

    def __init__(self, addresses: Sequence[Address]) -> None:
        self._addresses = addresses
        self._sent: list[Sent] = []
        self._held: dict[tuple[Way, int], int] = {}
        """Since when a message and what follows it is held back, for whoever is there."""
        self._deaths: list[int] = []
        self._looks: list[tuple[int, World]] = []
        self.doubled = 0

    @property
    def count(self) -> int:
        """How much was sent."""
        return len(self._sent)

    def judge(self, world: World, one: Sent) -> Iterator[str]:
        """What is wrong about what was sent by who saw this world."""
        yield from (f"{one.at_ms} {one.way}: {why}" for why in self._redundant(world, one))
        self._sent.append(one)

    def died(self, now_ms: int) -> None:
        """A worker has died, and what it had is leased for a while."""
        self._deaths.append(now_ms)

    # Nothing redundant.

    def _redundant(self, world: World, one: Sent) -> Iterator[str]:
        way = one.way
        news = world.news(way.person, way.group, way.talk)
        earlier = [sent for sent in self._sent if sent.way == way]
        if way.person not in world.talks[way.talk].present:
            yield "they have left"
        elif not news:
            yield "there is no news"
        else:
            one.unseen = [said.seq for said in news]
            yield from self._quoted(world, one, news)
            yield from self._told_before(one, news, earlier)
            yield from self._too_early(world, one, earlier)
        if way.person in world.talks[way.talk].muted:
            yield "it is muted"
        if not world.wants[way.person, way.channel]:
            yield "it is not wanted"
        if self._is_there(world, one.at_ms, way.person) and not self._was_held(one):
            yield "they are there"

    def _quoted(self, world: World, one: Sent, news: list[Said]) -> Iterator[str]:
        """What it quotes is news, in its newest words; so many are, and by these people."""
        way, said = one.way, one.said
        if said is None:
            # It is quoted a moment later than it is judged.
            one.tells = max(other.seq for other in news)
            if not one.is_overtaken:
                yield "it quotes nothing"
            return
        one.tells = said.seq
        found = next((other for other in news if other.seq == said.seq), None)
        if found is None:
            yield f"message {said.seq}, which it quotes, is no news"
        elif one.version < found.version or (one.version > found.version and not one.is_overtaken):
            yield f"it quotes message {said.seq} in version {one.version}"
        told = [
            other for other in news
            if other.seq <= said.seq
            and (way.group == "run" or (way.person, way.talk, other.seq) in world.in_inbox)
        ]  # fmt: skip
        if one.count != len(told):
            yield f"it tells of {one.count}, and it is {len(told)}"
        if not one.names <= {other.sender for other in told}:
            yield f"it names {one.names}"

    def _told_before(self, one: Sent, news: list[Said], earlier: list[Sent]) -> Iterator[str]:
        newest = max(said.seq for said in news)
        same = [sent for sent in earlier if sent.id == one.id]
        if one.way.channel == "email" and any(not sent.is_doubtful for sent in same):
            yield "the same mail again"
        if any(s.said and not s.is_doubtful and s.said.seq >= newest for s in earlier):
            yield "told before"
            return
        doubted = [s for s in earlier if s.said and s.is_doubtful and s.said.seq >= newest]
        if not doubted:
            return
        self.doubled += 1
        if not any(sent.id == one.id for sent in doubted):
            yield "told before, by another mail"
        if all(sent.is_repeated for sent in doubted):
            yield "told more often than workers have died"
        next((s for s in doubted if not s.is_repeated), doubted[0]).is_repeated = True

    def _too_early(self, world: World, one: Sent, earlier: list[Sent]) -> Iterator[str]:
        way = one.way
        since_ms = min(said.at_ms for said in world.open(way.person, way.group, way.talk))
        if one.at_ms < since_ms + WAIT_MS[way.channel]:
            yield "too early"
        known = [sent for sent in earlier if not sent.is_doubtful]
        if not known or one.at_ms >= known[-1].at_ms + PAUSE_MS[way.channel] - TICK_MS:
            return
        is_open = any(said.seq in known[-1].unseen for said in world.news(*way[::3], way.talk))
        if way.channel == "push" or way.group == "run" or is_open:
            yield "too soon after the one before"

    def _is_there(self, world: World, now_ms: int, person: int) -> bool:
        acted_ms = world.acted_ms.get(person)
        return acted_ms is not None and now_ms < acted_ms + ACTIVE_MS

    def _was_held(self, one: Sent) -> bool:
        """Whether it may have been held back for as long as it is for whoever is there."""
        way = one.way
        return any(
            at_ms <= one.at_ms - HOLD_MS
            and self._is_there(seen, at_ms, way.person)
            and seen.unseen(way.person, way.group, way.talk)
            for at_ms, seen in self._looks
        )

    # Nothing missing.

    def missing(self, world: World, now_ms: int) -> Iterator[str]:
        """What workers should have sent by now who have done all that was due."""
        for person, channel, to in self._addresses:
            for group in GROUPS:
                for talk in range(len(world.talks)):
                    way = Way(person, channel, to, group, talk)
                    yield from self._untold(world, now_ms, way)

    def _untold(self, world: World, now_ms: int, way: Way) -> Iterator[str]:
        sent = [one for one in self._sent if one.way == way]
        told = max((one.tells for one in sent), default=0)
        due = [
            said for said in world.news(way.person, way.group, way.talk)
            if said.seq > told
            and (way.person, way.talk, said.seq) not in world.excused[way.channel]
            and self._is_due(now_ms, way, said)
        ]  # fmt: skip
        if not due:
            return
        first = due[0].seq
        is_there = self._is_there(world, now_ms, way.person)
        if not is_there or now_ms >= self._held.setdefault((way, first), now_ms) + HOLD_MS:
            yield f"{now_ms} {way}: message {first} is not told"

    def _is_due(self, now_ms: int, way: Way, said: Said) -> bool:
        """Whether it has to be told by now at the latest."""
        since_ms = _seen_ms(way, said)
        if since_ms is None or now_ms < since_ms + _wait_ms(way):
            return False
        last_ms = max((one.at_ms for one in self._sent if one.way == way), default=None)
        if last_ms is not None and now_ms < last_ms + PAUSE_MS[way.channel]:
            return False
        # What a dead worker had is taken by others once its lease has lapsed.
        return not self._deaths or now_ms >= self._deaths[-1] + LEASE_MS

    def looked(self, world: World, now_ms: int) -> None:
        """Workers have looked at this world."""
        self._looks.append((now_ms, world))


def _seen_ms(way: Way, said: Said) -> int | None:
    """Since when it is surely about to be told; None before the consumers have seen it."""
    return said.run_ms if way.group == "run" else said.told_of_ms


def _wait_ms(way: Way) -> int:
    """For how long it waits then, so that it may be read."""
    return WAIT_MS[way.channel] - (RUN_WAITED_MS if way.group == "run" else 0)
