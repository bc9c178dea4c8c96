"""What one channel is to send: judged deliveries that wait for a slot, and those under way.

The most urgent goes first. A person gets a few of the slots, and so do, together, all providers
that have not answered yet, of which a person gets one: who has registered devices at services that
accept a request and never answer holds up pushes of their own, and nobody else's.
"""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

from protocol.notifications.rendering import Rendered
from storage.notifications.judging import Facts

GOOD_S = 3.0
"""So long after its moment a judgement may begin a send."""
AHEAD_S = 1.0
PERSON_SLOTS = 4
UNPROVEN_SHARE = 4
"""One in so many slots is for providers that have not answered yet."""
_PRIORITIES = ("urgent", "high", "normal", "low")


def by_priority(facts: Facts) -> int:
    """What is more urgent comes first."""
    return _PRIORITIES.index(facts.priority)


class Judged(NamedTuple):
    """A delivery that is to go: its facts as of `judged_at`, and the words of what it tells."""

    facts: Facts
    words: Sequence[Rendered]
    provider: str
    judged_at: float


class SendQueue:
    """Of one channel of a process. Times are those of `clock`."""

    def __init__(
        self, slots: int, most: int, is_proven: Callable[[str], bool], clock: Callable[[], float]
    ) -> None:
        """`slots` may be under way, and at most `most` wait."""
        self._slots = slots
        self._most = most
        self._unproven_slots = max(1, slots // UNPROVEN_SHARE)
        self._is_proven = is_proven
        self._clock = clock
        self._waiting: list[Judged] = []
        self._under_way: dict[UUID, Judged] = {}
        self._ended_at: deque[float] = deque()

    @property
    def room(self) -> int:
        """How many more may be leased: there wait as many as will go within a second."""
        return self._slots + self._ahead() - len(self._waiting) - len(self._under_way)

    @property
    def is_low(self) -> bool:
        """Whether half of those that may wait are gone: judging others is worth a statement."""
        return 2 * self.room >= self._ahead()

    def put(self, judged: Iterable[Judged]) -> None:
        """Let these wait, each behind all that are as urgent."""
        self._waiting = sorted([*self._waiting, *judged], key=lambda one: by_priority(one.facts))

    def is_good(self, judged_at: float) -> bool:
        """Whether a judgement of that moment may still begin a send."""
        return self._clock() <= judged_at + GOOD_S

    def begin(self) -> Judged | None:
        """The next that may go now, which has a slot until it has `ended`; None for none."""
        if len(self._under_way) >= self._slots:
            return None
        for place, judged in enumerate(self._waiting):
            if self.is_good(judged.judged_at) and self.has_share(judged):
                del self._waiting[place]
                self._under_way[judged.facts.ref.id] = judged
                return judged
        return None

    def ended(self, judged: Judged) -> None:
        """Its slot is free again."""
        del self._under_way[judged.facts.ref.id]
        self._ended_at.append(self._clock())

    def has_share(self, judged: Judged) -> bool:
        """Whether its person and its provider may take one more slot."""
        person, under_way = judged.facts.ref.user_id, self._under_way.values()
        own = [one for one in under_way if one.facts.ref.user_id == person]
        if len(own) >= PERSON_SLOTS:
            return False
        if self._is_proven(judged.provider):
            return True
        unproven = [one for one in under_way if not self._is_proven(one.provider)]
        return len(unproven) < self._unproven_slots and not any(one in own for one in unproven)

    def take_stale(self) -> list[Judged]:
        """Take out those whose judgement is too old by now."""
        stale = [one for one in self._waiting if not self.is_good(one.judged_at)]
        self._waiting = [one for one in self._waiting if self.is_good(one.judged_at)]
        return stale

    def take_all(self) -> list[Judged]:
        """Take out all that wait."""
        taken, self._waiting = self._waiting, []
        return taken

    def _ahead(self) -> int:
        """How many may wait: as many as were sent within the last second, or can be at once."""
        while self._ended_at and self._ended_at[0] < self._clock() - AHEAD_S:
            self._ended_at.popleft()
        return min(max(self._slots, len(self._ended_at)), self._most)
