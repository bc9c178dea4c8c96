"""The order of one conversation, as one person's bare wire is told it. Pure.

An order begins with the rev that the connection resumed with, with `conversation.created`, or with
its first event. From there on every event follows on what is held, each comes once, and none is of
a lower rev. What is missing in between is announced, and then the order begins anew. A message that
the connection itself has sent is held by its reply, at its place among the events.

Whoever has left is told nothing until `conversation.created`, and no object that was told before
was changed after the leaving.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from client.state.ranges import Ranges
from loadtests.chaos.judges.violations import Kind

Found = tuple[Kind, str]


class Told(NamedTuple):
    """What an event says of a conversation, as far as its order is concerned."""

    rev: int
    prev_rev: int
    object_rev: int = 0
    """The rev of the message or the conversation that it carries."""
    may_repeat: bool = False
    """Whether the connection was resumed, or a `resync` has come."""
    is_same: bool = False
    """Whether its `eid` has come on this connection before."""
    is_synced: bool = False
    """Whether it is from before the sync that the hello asked for: that brings what is missing."""


@dataclass(slots=True)
class Order:
    """One conversation over all connections of a listener."""

    held: int | None = None
    """Everything up to here was told or sent; None where no order has begun."""
    left: int | None = None
    """The rev at which the person left; None where he is a member, or nothing is known."""
    repeated: int = 0
    """Events that came again, as they may after a resume."""
    is_synced: bool = False
    """Whether the last event was from before a sync: a client would hold more than `held`."""
    in_flight: int = 0
    """Sends of this connection that are neither stored nor refused for good, as far as is known."""
    _last: int | None = None
    """The rev of the last event, or that with which the order began: nothing below it may come."""
    _newest: int = 0
    """The highest rev of an object told since the order began."""
    _seen: Ranges = field(default_factory=Ranges)
    _own: set[int] = field(default_factory=set)
    """Revs that are held by replies; the events before them may come again after a resync."""
    _unproved: set[int] = field(default_factory=set)
    """Revs that are missing, or are sends whose replies are still to come."""
    _unknown: int = 0
    """Repeated sends that were answered: the reply does not say at which rev they were stored."""

    def begin_anew(self) -> None:
        """A sync brings what is missing: nothing is known of the order, nor of membership.

        What is held by replies stays so.
        """
        self.held = self.left = self._last = None
        self.is_synced = False
        self._newest = self._unknown = 0
        self._unproved.clear()

    def resumed(self) -> None:
        """Another connection goes on, without the sync that was asked for and not done."""
        if self.is_synced:
            self.begin_anew()
        self._last = self.held
        self.in_flight = 0
        self._unproved.clear()

    def take(self, told: Told) -> Iterator[Found]:
        """An event of the conversation, other than the beginning of it."""
        if self._is_known(told):
            yield from self._again(told)
        elif self.left is not None:
            yield Kind.WIRE_LEFT, f"rev {told.rev} came after leaving at {self.left}"
            # What follows on it has the same cause.
            self.left, self.held, self._last = None, told.rev, told.rev
        else:
            yield from self._follow(told)

    def create(self, told: Told) -> Iterator[Found]:
        """`conversation.created`: with the whole of it nothing before is needed."""
        least = self._last if self.left is None else self.left + 1
        if self._is_known(told):
            yield from self._again(told)
        elif least is not None and told.rev < least:
            yield Kind.WIRE_ORDER, f"created at rev {told.rev} came after {least}"
        else:
            self.left, self.held, self._last = None, told.rev, told.rev
            self.is_synced = False
            self._newest = told.object_rev
            self._unproved.clear()
            self._seen.add(told.rev)
            self._absorb()

    def leave(self, told: Told) -> Iterator[Found]:
        """`member.left` of the person."""
        is_known = self._is_known(told)
        yield from self.take(told)
        if is_known or self.left is not None:
            return
        if self._newest > told.rev:
            words = f"an object of rev {self._newest} came to who left at {told.rev}"
            yield Kind.WIRE_LEFT, words
        self.begin_anew()
        # Those after it were sent by one who was taken in again, and has not been told so yet.
        self._own = {rev for rev in self._own if rev > told.rev}
        self.left = told.rev

    def reply(self, rev: int, *, is_first_try: bool) -> Iterator[Found]:
        """A send of this connection was answered; the message is of `rev`."""
        self._unproved.discard(rev)
        self._seen.add(rev)
        # Of a person who was taken in again and has not been told so yet, it follows on that.
        if self.left is None or rev > self.left:
            self._own.add(rev)
            self._absorb()
        if not is_first_try and self.held is not None:
            self._unknown += 1
        yield from self.answered()

    def answered(self) -> Iterator[Found]:
        """A send of this connection has its answer for good."""
        self.in_flight = max(0, self.in_flight - 1)
        if not self.in_flight and self._unproved:
            missing, self._unproved = self._unproved, set()
            yield from self._miss(missing)

    def _is_known(self, told: Told) -> bool:
        """Whether it has come before. After a resync it may be where the order begins anew."""
        if told.is_same and not told.may_repeat:
            return True
        known = self.left if self.held is None else self.held
        is_again = told.may_repeat and (told.is_same or told.rev in self._seen)
        return is_again and known is not None and told.rev <= known

    def _again(self, told: Told) -> Iterator[Found]:
        if told.may_repeat:
            self.repeated += 1
        else:
            yield Kind.WIRE_TWICE, f"rev {told.rev} came twice"

    def _follow(self, told: Told) -> Iterator[Found]:
        held, rev = self.held, told.rev
        self._newest = max(self._newest, told.object_rev)
        if self._last is not None and rev < self._last:
            yield Kind.WIRE_ORDER, f"rev {rev} came after {self._last}"
            return
        if held is not None and told.prev_rev > held:
            missing = set(range(held + 1, told.prev_rev + 1)) - self._own
            if told.is_synced or self.is_synced:
                pass
            elif self.in_flight:
                self._unproved |= missing
            else:
                yield from self._miss(missing)
        self._last = rev
        self.held = rev if held is None else max(rev, held)
        self.is_synced = told.is_synced
        self._seen.add(min(told.prev_rev + 1, rev) if held is not None else rev, rev)
        self._absorb()

    def _miss(self, missing: set[int]) -> Iterator[Found]:
        excused = min(self._unknown, len(missing))
        self._unknown -= excused
        if len(missing) > excused:
            words = f"revs {_short(sorted(missing))} were left out without a resync"
            yield Kind.WIRE_GAP, words

    def _absorb(self) -> None:
        """What is held by replies follows on."""
        if self.held is None:
            return
        while self.held + 1 in self._own:
            self.held += 1


def _short(revs: list[int]) -> str:
    return str(revs[0]) if len(revs) == 1 else f"{revs[0]} to {revs[-1]}"
