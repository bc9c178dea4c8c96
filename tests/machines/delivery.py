"""Redis and one process in miniature: the logs of a user and of large conversations, and the order
in which one connection is told.

The rules are the server's own (`protocol.sequencer`, `protocol.resume`,
`server.delivery.gap_filler`); around them is as little as makes them run. Logs are trimmed, lost
and made anew, and channels lose what is published.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import msgspec

from client.state.changes import Event
from protocol.bus import LEAVES_ROUTE, BusEvent
from protocol.events import EVENTS, ResyncEvent
from protocol.resume import Logged, replay, replay_conversation
from protocol.sequencer import Sequencer
from server.delivery.gap_filler import events_of, until_departure
from tests.machines.miniature import ME, Miniature, Note, is_told, may_see

Order = Sequencer[BusEvent | None]


@dataclass
class Opened:
    """What a connection begins with."""

    epoch: str
    offset: str
    resumed: bool = False
    stale: list[str] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    marks: list[Event] = field(default_factory=list)


class Delivery:
    """What becomes of what was committed, until it is on one connection's wire."""

    def __init__(self, server: Miniature, tell: Callable[[Event], None]) -> None:
        self._server = server
        self._tell = tell
        self._number = 0
        self._epoch = 0
        self._log: list[Logged] = []
        """The user's log; empty when there is none."""
        self._logs: dict[str, list[Logged]] = {}
        """Of large conversations."""
        self._marks: dict[tuple[str, str], tuple[int, Event]] = {}
        self._order: Order = Sequencer()
        self._orders: dict[str, Order] = {}
        """Of the large conversations whose channels the connection has joined."""
        self._own = b""
        """The eid of what the connection has by a reply."""
        self._held: dict[str, int] = {}
        """The revs that the connection named as it resumed."""
        self.has_lost = False
        self._waiting: list[Logged] = []
        """What was heard since the loss."""
        self.published: list[tuple[Note, BusEvent]] = []

    # A connection.

    def open(self, place: tuple[str, str, dict[str, int]] | None) -> Opened:
        """Joins the log; what is told from now on follows the events of the answer."""
        self._make()
        newest = self._log[-1].place
        self.has_lost, self._waiting = False, []
        self._order, self._orders, self._held = Sequencer(newest), {}, {}
        opened = Opened(str(self._epoch), newest)
        if place is not None and place[0] == opened.epoch:
            self._resume(opened, place[1], place[2])
        for key, log in self._server.logs.items():
            if log.fanout != "user" and ME in log.members:
                self._enter(key)
        return opened

    def _resume(self, opened: Opened, offset: str, revs: dict[str, int]) -> None:
        places = [entry.place for entry in self._log]
        if offset not in places:
            return
        entries = self._log[places.index(offset) + 1 :]
        told = replay(entries, revs, offset)
        assert told is not None
        opened.resumed, opened.offset = True, offset
        opened.events = [_event(one.event, one.at) for one in told.events]
        stale = set(told.stale)
        self._held = told.revs
        for name, rev in told.revs.items():
            self._order.begin(name.encode(), rev, 0.0)
        for key, log in self._server.logs.items():
            if log.fanout != "user" and ME in log.members:
                self._resume_large(opened, stale, key, revs.get(key))
        opened.stale = sorted(stale)
        since = _number(offset)
        opened.marks = [event for at, event in self._marks.values() if at >= since]

    def _resume_large(self, opened: Opened, stale: set[str], key: str, rev: int | None) -> None:
        log = self._logs.get(key, [])
        if not log:
            stale |= {key} if rev is not None else set()
        elif rev is None:
            stale.add(key)
        elif rev < _rev(log):
            missed = replay_conversation([e for e in log if int(e.event.rev) > rev], rev)
            if missed is None:
                stale.add(key)
            else:
                opened.events += [_event(one.event, "") for one in missed]

    # What is published.

    def publish(self, note: Note, *, is_own: bool, is_lost: bool) -> None:
        """Appends and tells; `is_own`: the connection has, or will have, the reply instead."""
        built = note.build()
        event = _bus(built)
        self.published.append((note, event))
        self.has_lost |= is_lost
        key = event.conversation_id.decode()
        self._own = event.eid if is_own else b""
        if not event.eid:
            if event.ev.startswith(b"receipt"):
                self._marks[note.key] = (self._number, _event(event, ""))
            if not is_lost:
                self._hear(Logged("", event))
            return
        log_of = self._server.logs[key] if key else None
        if log_of is not None and not may_see(log_of, built):
            # Nobody is told of it here: what is missing is fetched by the next change.
            return
        if note.is_mine and (not event.rev or self._is_told(event)):
            route = LEAVES_ROUTE if note.leaves and note.fanout != "user" else b""
            entry = self._append(event._replace(route=route))
            if not is_lost and (note.fanout != "user" or not is_own):
                self._hear(entry)
        if note.fanout != "user" and not note.is_personal:
            log = self._logs.setdefault(key, [])
            if not log or int(event.rev) > _rev(log):
                log.append(Logged(f"{event.rev.decode()}-0", event))
            if key in self._orders and not is_lost:
                self._in_order(self._orders[key], Logged("", event))

    def again(self, note: Note, event: BusEvent) -> None:
        """The relay publishes what a writer had published before it died."""
        if note.is_mine and self._is_told(event):
            self._hear(self._append(event))

    def _is_told(self, event: BusEvent) -> bool:
        return is_told(self._server.logs[event.conversation_id.decode()], int(event.rev))

    def has_reply(self, key: str, rev: int) -> None:
        """The connection has its message by the reply: the order goes on."""
        if key in self._orders:
            return
        before = self._order.mark
        eid = f"{key}.{rev}".encode()
        self._deliver(self._order, self._order.offer(key.encode(), rev, eid, None, 0.0), before)

    def _append(self, event: BusEvent) -> Logged:
        """With no log the event has no place."""
        if not self._log:
            return Logged("", event)
        self._number += 1
        self._log.append(Logged(f"{self._number}-0", event))
        return self._log[-1]

    # What arrives.

    def _hear(self, entry: Logged) -> None:
        """After a loss everything waits until the log has been read."""
        if self.has_lost:
            self._waiting.append(entry)
        else:
            self._arrive(entry)

    def _arrive(self, entry: Logged) -> None:
        place, event = entry
        key = event.conversation_id.decode()
        if key in self._orders and event.ev == b"conversation.created":
            # Out and in again: what came before was not all told.
            del self._orders[key]
            self._tell(Event("resync", ResyncEvent([key])))
        if not event.rev:
            self._order.arrive(place)
            self._tell(_event(event, self._order.mark))
        elif key in self._orders:
            self._order.arrive(place)
            self._in_order(self._orders[key], Logged("", event))
        else:
            self._in_order(self._order, entry)

    def _in_order(self, order: Order, entry: Logged) -> None:
        place, event = entry
        name, rev, before = event.conversation_id, int(event.rev), order.mark
        ready: list[BusEvent | None] = []
        if event.ev == b"conversation.created":
            ready += order.restart(name, rev - 1, 0.0)
        if order.is_missed(name, rev):
            order.arrive(place)
            if self._held.get(name.decode(), 0) < rev:
                self._tell(Event("resync", ResyncEvent([name.decode()])))
            return
        item = None if event.eid == self._own else event
        ready += order.offer(name, rev, event.eid, item, 0.0, place)
        self._deliver(order, ready, before)

    def _deliver(self, order: Order, ready: Iterable[BusEvent | None], before: str) -> None:
        ready = list(ready)
        for number, event in enumerate(ready, 1):
            if event is None:
                continue
            name = event.conversation_id.decode()
            self._tell(_event(event, order.mark if number == len(ready) else before))
            if order is not self._order and event.ev == b"member.left" and _person(event) == ME:
                self._orders.pop(name, None)

    # What is missing.

    def fill(self) -> None:
        """Fetches what events have been waiting for."""
        for order in [self._order, *self._orders.values()]:
            for gap in order.due(1.0, 0.0)[1]:
                key = gap.conversation_id.decode()
                log = self._server.logs[key]
                missed, rev = self._server.missed(log, gap.rev), log.rev
                events = None
                if ME in log.members and ME not in missed.arrived:
                    events = events_of(gap.rev, missed)
                elif missed.left_after(ME, gap.rev):
                    events, rev = until_departure(gap.rev, missed, ME)
                if events is None:
                    order.give_up(gap.conversation_id)
                    self._tell(Event("resync", ResyncEvent([key])))
                    continue
                before = order.mark
                following = order.restart(gap.conversation_id, rev, 0.0)
                self._deliver(order, [*events, *following], before)

    def reconcile(self) -> None:
        """The channels have lost something: the log is read from where they had got to."""
        self.has_lost = False
        is_new = not self._log
        self._make()
        places = [entry.place for entry in self._log]
        if is_new or self._order.place not in places:
            self._order = Sequencer(places[-1])
            self._tell(Event("resync", ResyncEvent()))
        else:
            for entry in self._log[places.index(self._order.place) + 1 :]:
                self._arrive(entry)
        waiting, self._waiting = self._waiting, []
        for entry in waiting:
            if not entry.place or _number(entry.place) > _number(places[-1]):
                self._arrive(entry)
        for key, order in self._orders.items():
            if order.rev_of(key.encode()) is None:
                order.begin(key.encode(), self._server.logs[key].rev, 0.0)
                self._tell(Event("resync", ResyncEvent([key])))
            else:
                order.expect(key.encode(), self._server.logs[key].rev, 0.0)

    def cross(self) -> None:
        """Goes over to the channels of conversations that have grown, each at one rev."""
        for key, log in self._server.logs.items():
            if log.fanout == "user" or key in self._orders or ME not in log.members:
                continue
            held = self._order.rev_of(key.encode())
            reached = _rev(self._logs.get(key, []))
            if held is not None and held < reached:
                self._order.expect(key.encode(), reached, 0.0)
                self.fill()
            self._order.forget(key.encode())
            self._enter(key)

    def _enter(self, key: str) -> None:
        """From what has been published by now; of a quiet one, from its next event."""
        log = self._logs.get(key, [])
        order = self._orders[key] = Sequencer()
        if log:
            order.begin(key.encode(), _rev(log), 0.0)
        self._order.forget(key.encode())

    # What becomes of Redis.

    def trim(self, count: int) -> None:
        """The oldest entries go."""
        del self._log[: min(count, len(self._log) - 1)]

    def lose(self) -> None:
        """Everything is gone; what is published until the log is made anew has no place."""
        self._log.clear()
        self._logs.clear()
        self._marks.clear()
        self.has_lost = True

    def _make(self) -> None:
        if not self._log:
            self._epoch += 1
            self._number += 1
            self._log.append(Logged(f"{self._number}-0", BusEvent(b"")))


def _event(event: BusEvent, at: str) -> Event:
    shape: type[Any] = EVENTS[event.ev.decode()]
    eid = event.eid.decode() or None
    d = msgspec.json.decode(event.d, type=shape)
    return Event(event.ev.decode(), d, eid, (at or None) if eid else None)


def _bus(event: Event) -> BusEvent:
    rev = getattr(event.d, "rev", None)
    return BusEvent(
        event.name.encode(),
        (event.eid or "").encode(),
        b"" if rev is None else (event.eid or "").split(".")[0].encode(),
        b"" if rev is None else b"%d" % rev,
        d=msgspec.json.encode(event.d),
    )


def _person(event: BusEvent) -> str:
    person: str = msgspec.json.decode(event.d)["user_id"]
    return person


def _number(place: str) -> int:
    return int(place.partition("-")[0])


def _rev(log: list[Logged]) -> int:
    return int(log[-1].event.rev) if log else 0
