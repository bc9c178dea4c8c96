"""The sockets of a process' doors: what each is waited for, how long, and how many there may be.

A socket without a login costs its sender nothing and the process a descriptor and memory. Those may
hold a share of the room; beyond it the one that has been waited for longest is closed, and so is
each whose deadline has passed. The queues are ordered by time, so that only their beginnings are
looked at, however many sockets there are.
"""

import asyncio
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from enum import IntEnum
from typing import NamedTuple, Protocol

import structlog

from server.doors.descriptors import is_out_of_descriptors

log = structlog.get_logger()

FEW = 8
"""Sockets without a login there may always be, within the spare: somebody has to log in."""
LEAVE_S = 5.0
"""How long a closed socket may take to hand over its last bytes."""
SWEEP_S = 1.0
TOLD_S = 10.0
"""Closed sockets are logged together, at most this often."""
AT_ONCE = 256
"""Sockets that one turn of the event loop closes, so that it takes milliseconds."""


class Wait(IntEnum):
    """What a socket is waited for."""

    HEADERS = 0
    """A whole request, or a WebSocket handshake: from its first moment, whatever trickles in."""
    BODY = 1
    """The next bytes of a request's body."""
    REQUEST = 2
    """The next request, on a connection that is kept alive."""
    TAKING = 3
    """The peer takes what is written to it."""
    HELLO = 4
    """A WebSocket's hello. The session keeps its time."""
    LEAVING = 5
    """The end of a connection that this side has closed."""


class Deadlines(NamedTuple):
    """How long each may take, in seconds, in the order of `Wait`; None where another keeps time."""

    headers_s: float
    body_s: float
    idle_s: float
    taking_s: float
    hello_s: float | None = None
    leaving_s: float | None = LEAVE_S


class Room(NamedTuple):
    """How many sockets there may be in all, and how many of them without a login."""

    sockets: int
    unauthenticated: int


class Owner(Protocol):
    """What a socket belongs to, and who ends it."""

    def overdue(self, wait: Wait) -> str | None:
        """The deadline has passed: the reason, if it is ended for this."""

    def give_way(self) -> None:
        """End at once: another has more need of the place."""


class HeldSocket:
    """One socket, from its first moment to its end or, for a WebSocket, to its login."""

    __slots__ = (
        "_budget",
        "_queue",
        "is_here",
        "is_known",
        "networks",
        "owner",
        "since",
        "turn",
        "wait",
    )

    def __init__(self, budget: "SocketBudget", owner: Owner) -> None:
        self._budget = budget
        self._queue: OrderedDict[HeldSocket, None] | None = None
        self.owner = owner
        self.is_here = True
        self.is_known = False
        """Whether a login came with its last request."""
        self.wait: Wait | None = None
        """None while the server is at work for it."""
        self.since = 0.0
        self.turn = 0
        """The order of waits: the loop's clock is the same for all that one of its turns sees."""
        self.networks: tuple[str, ...] = ()
        """Those that it counts by now."""

    def waits(self, wait: Wait) -> None:
        """From now on it is waited for this; called again, the time begins anew."""
        if self.is_here:
            self.wait = wait
            self._budget.enqueue(self)

    def stand_in(self, queue: "OrderedDict[HeldSocket, None]") -> None:
        """Stand at the end of this queue and in no other; only for `SocketBudget`."""
        if self._queue is not None:
            del self._queue[self]
        queue[self] = None
        self._queue = queue

    def works(self) -> None:
        """Nothing is waited for: the server is at work for it."""
        queue = self._queue
        if queue is not None:
            del queue[self]
            self._queue = self.wait = None

    def known(self, *, is_known: bool) -> None:
        """Whether a login has come with what it asks."""
        if is_known is not self.is_known and self.is_here:
            self._budget.count(self, -1)
            self.is_known = is_known
            self._budget.count(self, 1)
            if self._queue is not None:
                self._budget.enqueue(self)

    def leave(self) -> None:
        """It has ended; repeated calls do nothing."""
        if self.is_here:
            self.works()
            self._budget.count(self, -1)
            self.is_here = False


class SocketBudget:
    """The sockets of all doors of a process. `closed` hears the reason of each that is ended."""

    def __init__(
        self,
        room: Room,
        deadlines: Deadlines,
        closed: Callable[[str], None] = lambda _reason: None,
    ) -> None:
        self._room = room
        self._deadlines = deadlines
        self._closed = closed
        self._now = asyncio.get_running_loop().time
        shortest_s = min(seconds for seconds in deadlines if seconds is not None)
        self._sweep_s = min(SWEEP_S, shortest_s / 4)
        self._queues: list[tuple[OrderedDict[HeldSocket, None], OrderedDict[HeldSocket, None]]]
        self._queues = [(OrderedDict(), OrderedDict()) for _ in Wait]
        self._counts = [0, 0]
        self._turn = 0
        self.each_sweep: list[Callable[[float], None]] = []
        """Called with the present time at each look for what is overdue."""
        self._told: Counter[str] = Counter()
        self._told_at = self._exhausted_at = -TOLD_S

    @property
    def unauthenticated(self) -> int:
        """Sockets without a login."""
        return self._counts[False]

    @property
    def most_unauthenticated(self) -> int:
        """How many there may be now: those with a login leave less."""
        left = max(FEW, self._room.sockets - self._counts[True])
        return min(self._room.unauthenticated, left)

    def enter(self, owner: Owner) -> HeldSocket:
        """A new socket, not counted by any address. It is ended at once where no other waits."""
        held = HeldSocket(self, owner)
        self.count(held, 1)
        held.waits(Wait.HEADERS)
        # Those that the server is at work for may be too many by themselves, since one ceases to be
        # known with a request without a login: once the newcomer has gone, nobody is left to end.
        while held.is_here and self._counts[False] > self.most_unauthenticated:
            self.end(self._longest(is_known=False) or held, "budget")
        while sum(self._counts) > self._room.sockets:
            # Those with a login that are between two requests: their clients connect again.
            longest = self._longest(is_known=True)
            if longest is None:
                break
            self.end(longest, "budget")
        return held

    def end(self, held: HeldSocket, reason: str) -> None:
        """End a socket so that others have a place."""
        self._tell(reason)
        held.owner.give_way()
        held.leave()

    def logged_in(self, held: HeldSocket) -> None:
        """A WebSocket has a login: from now on it is only counted, until `logged_in_left`."""
        if held.is_here:
            held.leave()
        self._counts[True] += 1

    def logged_in_left(self) -> None:
        """One of those has ended."""
        self._counts[True] -= 1

    async def run(self) -> None:
        """End what is overdue, until cancelled."""
        while True:
            ended = sum(1 for _ in self._overdue())
            if is_out_of_descriptors():
                self._exhausted()
            for look in self.each_sweep:
                look(self._now())
            self._log()
            await asyncio.sleep(0.01 if ended >= AT_ONCE else self._sweep_s)

    def enqueue(self, held: HeldSocket) -> None:
        """Put a socket at the end of its queue; only for `HeldSocket`."""
        assert held.wait is not None
        held.stand_in(self._queues[held.wait][held.is_known])
        held.since = self._now()
        self._turn += 1
        held.turn = self._turn

    def count(self, held: HeldSocket, difference: int) -> None:
        """Count a socket in or out; only for `HeldSocket`."""
        self._counts[held.is_known] += difference

    def _longest(self, *, is_known: bool) -> HeldSocket | None:
        """The socket that has been waited for longest."""
        firsts = (next(iter(pair[is_known]), None) for pair in self._queues)
        return min((held for held in firsts if held), key=lambda held: held.turn, default=None)

    def _overdue(self) -> Iterator[HeldSocket]:
        now = self._now()
        left = AT_ONCE
        for wait, deadline_s in zip(Wait, self._deadlines, strict=True):
            if deadline_s is None:
                continue
            for queue in self._queues[wait]:
                while left and queue:
                    held = next(iter(queue))
                    if held.since + deadline_s > now:
                        break
                    left -= 1
                    held.works()
                    reason = held.owner.overdue(wait)
                    if reason is not None:
                        self._tell(reason)
                    yield held

    def _exhausted(self) -> None:
        """Make room, and say that there was none."""
        for _ in range(max(1, self._counts[False] // 10)):
            longest = self._longest(is_known=False)
            if longest is not None:
                self.end(longest, "budget")
        now = self._now()
        if now - self._exhausted_at >= TOLD_S:
            self._exhausted_at = now
            log.error(
                "descriptors_exhausted",
                unauthenticated=self._counts[False],
                authenticated=self._counts[True],
            )

    def _tell(self, reason: str) -> None:
        self._closed(reason)
        self._told[reason] += 1

    def _log(self) -> None:
        now = self._now()
        if self._told and now - self._told_at >= TOLD_S:
            self._told_at = now
            log.info("sockets_closed", unauthenticated=self._counts[False], **self._told)
            self._told.clear()
