"""A queue of deliveries in memory, driven by the rules under test.

It queues, takes, judges and records as the tables and the workers do: what waits tells the newest;
a worker that dies leaves its lease until that lapses; a lease that is under way is followed by
another delivery.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from protocol.notifications.judgement import (
    Defer,
    Person,
    Send,
    Snapshot,
    Told,
    Way,
    judge,
)
from tests.machines.judgement.scenario import END_S, Event, Scenario

ZERO = datetime(2026, 1, 1, tzinfo=UTC)
WAIT_S = {"push": 20, "email": 120}
AGAIN_S = {"push": 60, "email": 86_400}
LEASE_S, ACTIVE_S, SEND_S = 60, 60, 1


class Sent(NamedTuple):
    """Something left the house: which delivery, and the newest message that it told.

    Not `is_noted`: the worker died before it could record that.
    """

    at_s: int
    channel: str
    group: str
    delivery: int
    newest: int
    is_noted: bool


@dataclass(slots=True)
class Row:
    """A notification: unread as long as it is not settled."""

    group: str
    seqs: list[int]
    changed_s: int
    is_read: bool = False

    @property
    def edition(self) -> int:
        return self.seqs[-1]


@dataclass(slots=True)
class Delivery:
    """A row of the queue; `due_s` None once it is over."""

    id: int
    channel: str
    row: Row
    edition: int
    due_s: int | None
    status: str = "pending"
    held_since_s: int | None = None
    told: int | None = None
    sent_s: int | None = None


@dataclass(slots=True)
class World:
    """The state that a statement on the primary would see."""

    scenario: Scenario
    read: int = 0
    deleted: set[int] = field(default_factory=set)
    plain: set[int] = field(default_factory=set)
    is_muted: bool = False
    has_left: bool = False
    wants: bool = True
    acted_s: int | None = None
    rows: dict[str, Row] = field(default_factory=dict)
    deliveries: list[Delivery] = field(default_factory=list)
    sent: list[Sent] = field(default_factory=list)
    runs_due: list[tuple[int, int]] = field(default_factory=list)
    dies: int | None = None
    """At which point the next worker that takes something dies, as `Event.about`."""


def played(scenario: Scenario) -> World:
    """The world after the whole script, and after all that it had set in motion."""
    world = World(scenario)
    events = list(reversed(scenario.events))
    while True:
        due = [d.due_s for d in world.deliveries if d.due_s is not None]
        moments = [*due, *(at_s for at_s, _ in world.runs_due)]
        if events:
            moments.append(events[-1].at_s)
        if not moments or (now_s := min(moments)) > END_S:
            return world
        if events and events[-1].at_s == now_s:
            _happen(world, events.pop())
            continue
        if world.runs_due and world.runs_due[0][0] == now_s:
            _run(world, *world.runs_due.pop(0))
            continue
        batch = [d for d in world.deliveries if d.due_s is not None and d.due_s <= now_s]
        for delivery in batch:
            _work(world, delivery, now_s)


def _happen(world: World, event: Event) -> None:
    match event.kind:
        case "say":
            world.plain.add(event.about)
            world.runs_due.append((event.at_s + WAIT_S["push"], event.about))
        case "name":
            if not (world.has_left or world.is_muted):
                _store(world, "name", event.about, event.at_s)
        case "read":
            world.read = max([0, *world.plain, *(s for r in world.rows.values() for s in r.seqs)])
            world.acted_s = event.at_s
        case "delete":
            world.deleted.add(event.about)
        case "act":
            world.acted_s = event.at_s
        case "crash":
            world.dies = event.about
        case _:
            _turn(world, event)


def _turn(world: World, event: Event) -> None:
    """What changes whether they want to know; an edit changes what is told, and not whether."""
    match event.kind:
        case "mute":
            world.is_muted = bool(event.about)
        case "leave":
            world.has_left = True
        case "want":
            world.wants = bool(event.about)


def _run(world: World, at_s: int, seq: int) -> None:
    if seq > world.read and not (world.has_left or world.is_muted or seq in world.deleted):
        _store(world, "run", seq, at_s)


def _store(world: World, group: str, seq: int, now_s: int) -> None:
    row = world.rows.get(group)
    if row is None or row.edition <= world.read:
        row = world.rows[group] = Row(group, [], now_s)
    row.seqs = sorted({*row.seqs, seq})
    row.changed_s = now_s
    if not world.wants:
        return
    for channel in WAIT_S:
        _queue(world, channel, row, now_s)


def _queue(world: World, channel: str, row: Row, now_s: int) -> None:
    group = [d for d in world.deliveries if d.channel == channel and d.row.group == row.group]
    urgent = world.scenario.is_urgent
    if any(d.row is row and d.status in {"pending", "deferred"} for d in group) and not urgent:
        return
    if any(d.edition == row.edition for d in group):
        return
    wait_s = WAIT_S[channel] - (WAIT_S["push"] if row.group == "run" else 0)
    again_s = 0 if urgent else _again_s(channel, row, group) or 0
    due_s = max(now_s + wait_s, again_s)
    number = len(world.deliveries)
    world.deliveries.append(Delivery(number, channel, row, row.edition, due_s))


def _again_s(channel: str, row: Row, group: list[Delivery]) -> int | None:
    sent = [d for d in group if d.sent_s is not None]
    if not sent:
        return None
    last = max(sent, key=lambda d: d.edition)
    assert last.sent_s is not None
    if channel == "push" or row.group == "run" or last.row is row:
        return last.sent_s + AGAIN_S[channel]
    return None


def _work(world: World, delivery: Delivery, now_s: int) -> None:
    delivery.status, delivery.due_s = "leased", now_s + LEASE_S
    dies, world.dies = world.dies, None
    if dies == 0:
        return
    row = delivery.row
    verdict = judge(_snapshot(world, delivery, now_s))
    match verdict:
        case Send():
            is_noted = dies is None
            world.sent.append(
                Sent(now_s, delivery.channel, row.group, delivery.id, row.edition, is_noted)
            )
            if dies is not None:
                return
            delivery.status, delivery.due_s = "sent", None
            delivery.told, delivery.sent_s = row.edition, now_s
        case Defer(until, reason):
            if reason == "active_until" and delivery.held_since_s is None:
                delivery.held_since_s = now_s
            delivery.status = "deferred"
            delivery.due_s = int((until - ZERO).total_seconds())
        case _:
            delivery.status, delivery.due_s = "cancelled", None


def _snapshot(world: World, delivery: Delivery, now_s: int) -> Snapshot:
    scenario, row = world.scenario, delivery.row
    group = [
        d for d in world.deliveries
        if d.channel == delivery.channel and d.row.group == row.group and d is not delivery
    ]  # fmt: skip
    told = max((d.told for d in group if d.told is not None), default=0)
    seqs = world.plain if row.group == "run" else row.seqs
    unread = [s for s in seqs if world.read < s <= row.edition]
    live = [s for s in unread if s not in world.deleted]
    fresh = [s for s in live if s > told]
    open_ = ("pending", "deferred", "leased")
    is_replaced = not scenario.is_urgent and (
        any(d.status in open_ and d.edition > delivery.edition for d in group)
        or (bool(live) and not fresh)
    )
    night, acted_s = scenario.night, world.acted_s
    is_night = night is not None and night[0] <= now_s < night[1]
    active = None if acted_s is None else _time(acted_s + ACTIVE_S)
    again_s = _again_s(delivery.channel, row, group)
    return Snapshot(
        channel=delivery.channel,
        category="message",
        priority="urgent" if scenario.is_urgent else "normal",
        now=_time(now_s),
        told=Told(
            is_read=row.edition <= world.read,
            is_deleted=bool(unread) and not live,
            has_left=world.has_left,
            is_muted=world.is_muted,
            is_replaced=is_replaced,
        ),
        person=Person(
            wants=world.wants,
            quiet_until=_time(night[1]) if is_night and night is not None else None,
            snooze_until=_time(scenario.snooze_s) if scenario.snooze_s else None,
            active_until=active if active is not None and active > _time(now_s) else None,
        ),
        way=Way(again_at=None if again_s is None else _time(again_s)),
        held_since=None if delivery.held_since_s is None else _time(delivery.held_since_s),
    )


def _time(at_s: int) -> datetime:
    return ZERO + timedelta(seconds=at_s)
