"""Puts the events of conversations into the order of their revs. Pure: the clock is passed in.

Two writers, or a writer and the relay, can publish one conversation in the wrong order. On each
channel what skips ahead is held until what comes before it has arrived, or for so long; what is old
is dropped. The first event of a conversation sets where it starts, and so does being taken in anew.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(slots=True)
class _Log(Generic[T]):
    """One conversation: the rev delivered, the eids of that rev, and what is held by (rev, eid)."""

    rev: int
    eids: set[bytes]
    held: dict[tuple[int, bytes], T] = field(default_factory=dict)
    since: float = 0.0


class Sequencer(Generic[T]):
    """The order of one channel. `hold_s`: how long an event waits for those before it."""

    def __init__(self, hold_s: float) -> None:
        self._hold_s = hold_s
        self._logs: dict[bytes, _Log[T]] = {}
        self._holding: set[bytes] = set()

    @property
    def is_holding(self) -> bool:
        """True while `release_due` has something to wait for."""
        return bool(self._holding)

    def restart(self, conversation_id: bytes, rev: int) -> None:
        """The recipient now has the whole conversation as of `rev`."""
        log = self._logs.get(conversation_id)
        if log is None:
            self._logs[conversation_id] = _Log(rev, set())
        elif rev > log.rev:
            log.rev, log.eids = rev, set()

    def offer(self, conversation_id: bytes, rev: int, eid: bytes, item: T, now: float) -> list[T]:
        """An event has arrived; what may be delivered now, in order."""
        log = self._logs.get(conversation_id)
        if log is None:
            self._logs[conversation_id] = _Log(rev, {eid})
            return [item]
        if rev < log.rev or (rev == log.rev and eid in log.eids):
            return []
        if rev > log.rev + 1:
            if not log.held:
                log.since = now
                self._holding.add(conversation_id)
            log.held[rev, eid] = item
            return []
        self._advance(log, rev, eid)
        return [item, *self._follow_on(conversation_id, log)] if log.held else [item]

    def release_due(self, now: float) -> list[T]:
        """What has been held long enough, gaps and all: its recipients see them by `prev_rev`."""
        released: list[T] = []
        for conversation_id in list(self._holding):
            log = self._logs[conversation_id]
            if now - log.since >= self._hold_s:
                rev, eid = min(log.held)
                released.append(log.held.pop((rev, eid)))
                self._advance(log, rev, eid)
                released += self._follow_on(conversation_id, log)
                log.since = now
        return released

    def _follow_on(self, conversation_id: bytes, log: _Log[T]) -> Iterator[T]:
        """Held events that are in order now."""
        while log.held:
            rev, eid = min(log.held)
            if rev > log.rev + 1:
                return
            item = log.held.pop((rev, eid))
            if rev > log.rev or (rev == log.rev and eid not in log.eids):
                self._advance(log, rev, eid)
                yield item
        self._holding.discard(conversation_id)

    @staticmethod
    def _advance(log: _Log[T], rev: int, eid: bytes) -> None:
        if rev == log.rev:
            log.eids.add(eid)
        else:
            log.rev, log.eids = rev, {eid}
