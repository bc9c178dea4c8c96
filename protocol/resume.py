"""Whether and how a connection goes on from the log: the rules, without Redis. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from protocol.bus import FOLLOWS, BusEvent
from protocol.sequencer import Sequencer

REPLAY_BYTES = 1_048_576
"""A longer replay is no cheaper than a sync, and holds up everything newer."""


class Logged(NamedTuple):
    """An entry of a log."""

    place: str
    event: BusEvent


class Replayed(NamedTuple):
    """An event told again, with the mark up to which everything is told by then."""

    at: str
    event: BusEvent


@dataclass(slots=True)
class Replay:
    """What a connection missed, in order, and the conversations that it has to sync."""

    events: list[Replayed] = field(default_factory=list)
    stale: set[str] = field(default_factory=set)
    revs: dict[str, int] = field(default_factory=dict)
    """Where the conversations stand afterwards."""
    firsts: dict[str, int] = field(default_factory=dict)
    """With which rev those begin of which the client holds none."""
    tops: dict[str, int] = field(default_factory=dict)
    """Up to which rev the log goes of those that are stale: the sync goes at least as far."""


def replay(entries: Sequence[Logged], revs: Mapping[str, int], place: str) -> Replay | None:
    """What follows `place` in the log, for a client that holds `revs`; None if it must sync.

    The events of a conversation run on from the rev held, or from the least one here when none was
    named; one that has a gap, or of which the log holds only a reference, is stale. A reference to
    something else cannot be made good by conversations.
    """
    firsts = {name: rev for name, rev in _firsts(entries).items() if name not in revs}
    told = Replay(stale=_overtaking(entries, firsts), firsts=firsts)
    sequencer: Sequencer[BusEvent] = Sequencer(place)
    for name, rev in revs.items():
        sequencer.begin(name.encode(), rev, 0.0)
    for name, rev in firsts.items():
        sequencer.begin(name.encode(), rev - 1, 0.0)
    size = 0
    for entry in entries:
        event = entry.event
        if not event.d and not event.conversation_id:
            return None
        before = sequencer.mark
        ready = _in_order(sequencer, entry, told)
        told.events += [Replayed(before, one) for one in ready[:-1]]
        told.events += [Replayed(sequencer.mark, one) for one in ready[-1:]]
        size += sum(len(one.d) for one in ready)
        if size > REPLAY_BYTES:
            return None
    told.stale |= {name.decode() for name in sequencer.gapped}
    for _place, event in entries:
        name = event.conversation_id.decode()
        if name in told.stale and event.rev:
            told.tops[name] = max(int(event.rev), told.tops.get(name, 0))
    # They are synced whole; a part of them could say that the conversation was left, and no more.
    told.events = [one for one in told.events if _name(one) not in told.stale]
    for key in {entry.event.conversation_id for entry in entries} | {
        name.encode() for name in revs
    }:
        rev_held = sequencer.rev_of(key)
        if rev_held is not None and key.decode() not in told.stale:
            told.revs[key.decode()] = rev_held
    return told


def replay_conversation(entries: Sequence[Logged], rev: int) -> list[Replayed] | None:
    """The same for the log of one large conversation; None if it does not run on from `rev`."""
    events = []
    for entry in entries:
        if int(entry.event.rev) != rev + 1 or not entry.event.d:
            return None
        rev += 1
        events.append(Replayed("", entry.event))
    return events


def _name(told: Replayed) -> str:
    return told.event.conversation_id.decode()


def _firsts(entries: Sequence[Logged]) -> dict[str, int]:
    """Where the order of each conversation begins without a rev held: the log is all here."""
    firsts: dict[str, int] = {}
    for _place, event in entries:
        if event.rev:
            name, rev = event.conversation_id.decode(), int(event.rev)
            firsts[name] = min(rev, firsts.get(name, rev))
    return firsts


def _overtaking(entries: Sequence[Logged], firsts: Mapping[str, int]) -> set[str]:
    """The conversations whose first event here may have overtaken an earlier one, such as the one
    by which the client knows of them.
    """
    return {
        event.conversation_id.decode()
        for _place, event in entries
        if event.key == FOLLOWS and int(event.rev) == firsts.get(event.conversation_id.decode())
    }


def _in_order(sequencer: Sequencer[BusEvent], entry: Logged, told: Replay) -> list[BusEvent]:
    place, event = entry
    name = event.conversation_id.decode()
    if name in told.stale:
        sequencer.arrive(place)
        return []
    if not event.d:
        sequencer.arrive(place)
        rev_told = int(event.rev or 0)
        if not (rev_told and sequencer.has(event.conversation_id, rev_told, event.eid)):
            told.stale.add(name)
        return []
    if not event.rev:
        sequencer.arrive(place)
        return [event]
    rev, ready = int(event.rev), []
    if event.ev == b"conversation.created":
        # With the whole conversation the recipient needs nothing before it.
        ready = sequencer.restart(event.conversation_id, rev - 1, 0.0)
    return ready + sequencer.offer(event.conversation_id, rev, event.eid, event, 0.0, place)
