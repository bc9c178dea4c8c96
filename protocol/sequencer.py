"""Puts the events of conversations into the order of their revs. Pure: the clock is passed in.

Two writers, or a writer and the relay, can publish one conversation in the wrong order. On each
channel what skips ahead is held until what comes before it has arrived or was fetched; what is old
is dropped.

The order of a conversation begins with the rev that a recipient named, with the event that brings
the whole conversation, or else with its first event. A first event before which another may be
under way (`may_follow`) is held for a while, so that the order can begin with that one. An event
below the beginning was never let through: it is not dropped in silence, `is_missed` tells of it.

Held events keep the channel's mark back: up to `mark` every entry of the log was let through or
dropped, so that whoever goes on from there misses nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")

HELD_MAX = 512
"""Events of one conversation that are held. With more, first events wait no longer; where something
is missing, the recipients are told to sync."""


class Gap(NamedTuple):
    """Changes of a conversation after `rev` that have not arrived."""

    conversation_id: bytes
    rev: int
    is_overfull: bool = False
    """More waits for them than may: they are better given up, and synced by the recipients."""


@dataclass(slots=True)
class _Log(Generic[T]):
    """One conversation: the rev let through, the eids of that rev, what is held by (rev, eid)."""

    rev: int
    eids: tuple[bytes, ...] | None
    """None: all of that rev is known."""
    first: int
    """The order begins with this rev; those below were not let through here."""
    held: dict[tuple[int, bytes], tuple[int, T]] = field(default_factory=dict)
    """With the number under which the place before is kept."""
    expected: int = 0
    """A rev that is known to exist."""
    since: float = 0.0

    @property
    def is_whole(self) -> bool:
        return not self.held and self.expected <= self.rev


@dataclass(slots=True)
class _Beginning(Generic[T]):
    """First events of a conversation, by (rev, eid), that wait for earlier ones."""

    since: float
    held: dict[tuple[int, bytes], tuple[int, T]] = field(default_factory=dict)
    """With the number under which the place before is kept."""
    following: set[int] = field(default_factory=set)
    """The revs before which another may be under way."""


class Sequencer(Generic[T]):
    """The order of one channel, whose log was read up to `place`."""

    def __init__(self, place: str = "") -> None:
        self.place = place
        """The newest entry of the log that has arrived."""
        self._logs: dict[bytes, _Log[T]] = {}
        self._beginnings: dict[bytes, _Beginning[T]] = {}
        self._gapped: set[bytes] = set()
        self._befores: dict[int, str] = {}
        """By arrival: for each held event the place before it. Places only grow."""
        self._arrivals = 0

    @property
    def mark(self) -> str:
        """Up to here every entry was let through or dropped."""
        return next(iter(self._befores.values())) if self._befores else self.place

    @property
    def gapped(self) -> set[bytes]:
        """The conversations of which something is missing, or may be: `due` says when to act."""
        return self._gapped

    def rev_of(self, conversation_id: bytes) -> int | None:
        """The rev let through last; None for a conversation not seen here."""
        log = self._logs.get(conversation_id)
        return None if log is None else log.rev

    def has(self, conversation_id: bytes, rev: int, eid: bytes) -> bool:
        """Whether this change was let through, or is older than what was."""
        log = self._logs.get(conversation_id)
        return log is not None and _is_old(log, rev, eid)

    def is_missed(self, conversation_id: bytes, rev: int) -> bool:
        """Whether a change that arrives now is below the beginning: it was never let through."""
        log = self._logs.get(conversation_id)
        return log is not None and rev < log.first

    def begin(self, conversation_id: bytes, rev: int, now: float) -> list[T]:
        """A recipient holds the conversation at `rev`; an order that has begun stays as it is.

        Returns what may be let through then: held first events are not skipped.
        """
        if conversation_id in self._logs:
            return []
        beginning = self._beginnings.get(conversation_id)
        if beginning is not None:
            rev = min(rev, min(beginning.held)[0] - 1)
        return self.restart(conversation_id, rev, now)

    def restart(self, conversation_id: bytes, rev: int, now: float) -> list[T]:
        """The recipients have all of the conversation up to `rev` now; what may follow on it."""
        log = self._logs.get(conversation_id)
        if log is None:
            log = self._logs[conversation_id] = _Log(rev, None, rev + 1, since=now)
            beginning = self._beginnings.pop(conversation_id, None)
            if beginning is not None:
                log.held = beginning.held
            self._drop_held(log, rev)
        elif rev > log.rev:
            log.rev, log.eids = rev, None
            self._drop_held(log, rev)
        return self._follow_on(conversation_id, log, now)

    def forget(self, conversation_id: bytes) -> None:
        """Its events come by another channel from now on; what waits is dropped."""
        for logs in (self._logs, self._beginnings):
            log = logs.pop(conversation_id, None)
            if log is not None:
                for key in list(log.held):
                    self._release(log, key)
        self._gapped.discard(conversation_id)

    def expect(self, conversation_id: bytes, rev: int, now: float) -> None:
        """The conversation is known to have come to `rev`: without an event, that is a gap."""
        log = self._logs.get(conversation_id)
        if log is not None and rev > max(log.rev, log.expected):
            if log.is_whole:
                log.since = now
            log.expected = rev
            self._gapped.add(conversation_id)

    def arrive(self, place: str) -> None:
        """An entry of the log has arrived: those after it come later."""
        if place:
            self.place = place

    def may_follow(self, conversation_id: bytes, rev: int, now: float) -> None:
        """Before the event of `rev`, which is offered next, another may be under way.

        If it would begin the order, it is held instead, until one arrives before which nothing is
        under way, or `due` lets it through.
        """
        if conversation_id not in self._logs:
            beginning = self._beginnings.setdefault(conversation_id, _Beginning(now))
            beginning.following.add(rev)

    def offer(
        self, conversation_id: bytes, rev: int, eid: bytes, item: T, now: float, place: str = ""
    ) -> list[T]:
        """An event has arrived, as entry `place` of the log; what may be let through, in order."""
        before, self.place = self.place, place or self.place
        log = self._logs.get(conversation_id)
        if log is None:
            if conversation_id in self._beginnings:
                return self._offer_first(conversation_id, (rev, eid), item, before, now)
            self._logs[conversation_id] = _Log(rev, (eid,), rev)
            return [item]
        if rev == log.rev + 1:
            log.rev, log.eids = rev, (eid,)
        elif _is_old(log, rev, eid):
            return []
        elif rev > log.rev:
            if log.is_whole:
                log.since = now
            self._hold(conversation_id, log, (rev, eid), item, before)
            return []
        else:
            _advance(log, rev, eid)
        if conversation_id not in self._gapped:
            return [item]
        return [item, *self._follow_on(conversation_id, log, now)]

    def due(self, now: float, hold_s: float) -> tuple[list[T], list[Gap]]:
        """What has been waited for so long in vain.

        First events, with which their orders begin now; and gaps, which are to be fetched and are
        due again after as long.
        """
        late = [
            name
            for name, one in self._beginnings.items()
            if now - one.since >= hold_s or len(one.held) > HELD_MAX
        ]
        ready: list[T] = []
        for conversation_id in late:
            first = min(self._beginnings[conversation_id].held)[0]
            ready += self.restart(conversation_id, first - 1, now)
        gaps = []
        for conversation_id in self._gapped - self._beginnings.keys():
            log = self._logs[conversation_id]
            is_overfull = len(log.held) > HELD_MAX
            if is_overfull or now - log.since >= hold_s:
                log.since = now
                gaps.append(Gap(conversation_id, log.rev, is_overfull))
        return ready, gaps

    def give_up(self, conversation_id: bytes) -> None:
        """Go on from the newest known, without what is missing; the recipients are told."""
        log = self._logs[conversation_id]
        revs = [log.expected, log.rev, *(rev for rev, _eid in log.held)]
        self.restart(conversation_id, max(revs), 0.0)

    def _offer_first(
        self, conversation_id: bytes, key: tuple[int, bytes], item: T, before: str, now: float
    ) -> list[T]:
        """Hold it with the other first events; begin if nothing is under way before the first."""
        beginning = self._beginnings[conversation_id]
        self._hold(conversation_id, beginning, key, item, before)
        first = min(beginning.held)[0]
        return [] if first in beginning.following else self.restart(conversation_id, first - 1, now)

    def _hold(
        self,
        conversation_id: bytes,
        log: _Log[T] | _Beginning[T],
        key: tuple[int, bytes],
        item: T,
        before: str,
    ) -> None:
        if key in log.held:
            return
        self._arrivals += 1
        self._befores[self._arrivals] = before
        log.held[key] = (self._arrivals, item)
        self._gapped.add(conversation_id)

    def _drop_held(self, log: _Log[T], rev: int) -> None:
        for key in [key for key in log.held if key[0] <= rev]:
            self._release(log, key)

    def _release(self, log: _Log[T] | _Beginning[T], key: tuple[int, bytes]) -> T:
        arrival, item = log.held.pop(key)
        del self._befores[arrival]
        return item

    def _follow_on(self, conversation_id: bytes, log: _Log[T], now: float) -> list[T]:
        """Held events that are in order now."""
        released = list(self._released(log))
        if log.is_whole:
            self._gapped.discard(conversation_id)
        elif released:
            log.since = now
        return released

    def _released(self, log: _Log[T]) -> Iterator[T]:
        while log.held:
            key = min(log.held)
            if key[0] > log.rev + 1:
                return
            item = self._release(log, key)
            if not _is_old(log, *key):
                _advance(log, *key)
                yield item


def _advance(log: _Log[T], rev: int, eid: bytes) -> None:
    if rev == log.rev and log.eids is not None:
        log.eids += (eid,)
    else:
        log.rev, log.eids = rev, (eid,)


def _is_old(log: _Log[T], rev: int, eid: bytes) -> bool:
    return rev < log.rev or (rev == log.rev and (log.eids is None or eid in log.eids))
