"""Going on from a log, against a model of what the log holds and what the client has."""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from protocol import resume
from protocol.bus import LEAVES_ROUTE, BusEvent
from protocol.resume import Logged, Replay, Replayed, replay, replay_conversation

NAMES = ("a", "b", "c")
TOP = 8


def change(name: str, rev: int, *, kind: str = "", d: bytes = b"{}") -> BusEvent:
    """A change of a conversation; `kind` is `created`, `left`, or nothing special."""
    return BusEvent(
        b"conversation.created" if kind == "created" else b"message.created",
        f"{name}.{rev}{kind[:1]}".encode(),
        name.encode(),
        str(rev).encode(),
        route=LEAVES_ROUTE if kind == "left" else b"",
        d=d,
    )


def other(number: int, name: str = "", d: bytes = b"{}") -> BusEvent:
    """A durable event without a rev: a notification, or an own receipt in a conversation."""
    return BusEvent(b"notification.created", f"n.{number}".encode(), name.encode(), d=d)


@dataclass
class Case:
    """A log, the place in it from which a client goes on, and the revs that it holds."""

    entries: list[Logged]
    revs: dict[str, int]
    place: str = "0-0"

    def after(self, name: str) -> list[BusEvent]:
        """The log's changes of one conversation, in the order of the log."""
        events = [entry.event for entry in self.entries]
        return [one for one in events if one.conversation_id == name.encode() and one.rev]


@st.composite
def cases(draw: st.DrawFn, *, references: bool = True, restarts: bool = True) -> Case:
    """Revs in any order, some twice, some lost, some as references; other events in between."""
    events: list[BusEvent] = []
    kinds = st.sampled_from(["", "", "", "created", "left"]) if restarts else st.just("")
    for name in NAMES:
        # What comes twice is the same change: a rev is of one.
        kind_of = draw(st.lists(kinds, min_size=TOP, max_size=TOP))
        for rev in draw(st.lists(st.integers(1, TOP), max_size=12)):
            kind = kind_of[rev - 1]
            is_reference = references and draw(st.integers(0, 9)) == 0
            events.append(change(name, rev, kind=kind, d=b"" if is_reference else b"{}"))
    events += [other(n, draw(st.sampled_from(["", "a"]))) for n in range(draw(st.integers(0, 3)))]
    # Mostly as they were committed, as it is in life.
    if draw(st.booleans()):
        events.sort(key=lambda one: int(one.rev or 0))
    else:
        events = draw(st.permutations(events))
    entries = [Logged(f"{number}-0", event) for number, event in enumerate(events, 1)]
    named = draw(st.sets(st.sampled_from(NAMES)))
    return Case(entries, {name: draw(st.integers(0, TOP)) for name in sorted(named)})


def run(case: Case) -> Replay:
    told = replay(case.entries, case.revs, case.place)
    assert told is not None
    return told


def of(told: list[Replayed], name: str) -> list[BusEvent]:
    return [one.event for one in told if one.event.conversation_id == name.encode()]


def restarts_at(event: BusEvent) -> bool:
    return event.ev == b"conversation.created"


@given(cases())
def test_what_is_told_runs_on_from_what_is_held_each_once(case: Case) -> None:
    """From the rev held, from the least in the log, or from where the conversation comes whole."""
    told = run(case).events
    for name in NAMES:
        held = case.revs.get(name)
        restarts = {int(one.rev) for one in case.after(name) if restarts_at(one)}
        eids = []
        for event in (one for one in of(told, name) if one.rev):
            rev = int(event.rev)
            assert held is None or rev in {held, held + 1} or (rev > held and rev in restarts)
            held = rev
            eids.append(event.eid)
        assert len(set(eids)) == len(eids)
    eids = [one.event.eid for one in told if not one.event.rev]
    assert len(set(eids)) == len(eids)


@given(cases(references=False, restarts=False))
def test_stale_is_what_misses_something(case: Case) -> None:
    stale = run(case).stale
    for name in NAMES:
        there = [int(event.rev) for event in case.after(name)]
        held = case.revs.get(name, min(there, default=0))
        missing = set(range(held + 1, max(there, default=0) + 1)) - set(there)
        assert (name in stale) == bool(missing)


@given(cases(restarts=False))
def test_a_reference_is_missing_unless_it_is_held(case: Case) -> None:
    stale = run(case).stale
    for name, held in case.revs.items():
        newer = [event for event in case.after(name) if int(event.rev) > held]
        whole = {int(event.rev) for event in newer if event.d}
        top = max((int(event.rev) for event in newer), default=held)
        is_missing = bool(set(range(held + 1, top + 1)) - whole)
        # Of one rev both may be there: then it depends on which came first.
        if is_missing or all(event.d for event in newer):
            assert (name in stale) == is_missing


@given(cases())
def test_of_the_others_nothing_is_missing(case: Case) -> None:
    """All entries of conversations that are not stale are told, but for what is old."""
    told = run(case)
    for name in NAMES:
        events = of(told.events, name)
        if name in told.stale:
            assert not events
            continue
        if name in case.revs:
            base = max(
                [case.revs[name]]
                + [int(one.rev) - 1 for one in case.after(name) if restarts_at(one)]
            )
            wanted = {int(one.rev) for one in case.after(name) if int(one.rev) > base}
            assert wanted <= {int(one.rev) for one in events if one.rev}
        if any(one.rev for one in events):
            assert told.revs[name] >= max(int(one.rev or 0) for one in events)
    for entry in case.entries:
        event = entry.event
        if not event.rev and event.conversation_id.decode() not in told.stale:
            assert event in [one.event for one in told.events]


@given(cases(), st.data())
def test_a_replay_that_is_cut_goes_on_from_its_last_mark(case: Case, data: st.DataObject) -> None:
    """What was not read is told by the next one, and all marks lead forward."""
    told = run(case)
    count = data.draw(st.integers(0, len(told.events)))
    read = told.events[:count]
    place = read[-1].at if read else case.place
    assert [number(one.at) for one in told.events] == sorted(number(one.at) for one in told.events)
    revs = dict(case.revs)
    for one in read:
        if one.event.rev:
            revs[one.event.conversation_id.decode()] = int(one.event.rev)
    rest = [entry for entry in case.entries if number(entry.place) > number(place)]
    again = replay(rest, revs, place)
    assert again is not None
    seen = {one.event.eid for one in read} | {one.event.eid for one in again.events}
    for one in told.events:
        name = one.event.conversation_id.decode()
        held = revs.get(name, 0)
        is_held = bool(one.event.rev) and int(one.event.rev) <= held
        assert one.event.eid in seen or is_held or name in again.stale


def number(place: str) -> int:
    return int(place.partition("-")[0])


def test_a_reference_to_no_conversation_cannot_be_made_good() -> None:
    assert replay([Logged("1-0", other(1, d=b""))], {}, "0-0") is None


def test_too_much_is_left_to_a_sync() -> None:
    body = b"x" * (resume.REPLAY_BYTES // 4)
    entries = [Logged(f"{rev}-0", change("a", rev, d=body)) for rev in range(1, 6)]
    assert replay(entries[:4], {"a": 0}, "0-0") is not None
    assert replay(entries, {"a": 0}, "0-0") is None


@given(st.lists(st.integers(1, TOP), unique=True).map(sorted), st.integers(0, TOP))
def test_a_large_conversations_log_runs_on_or_is_of_no_use(there: list[int], rev: int) -> None:
    """Its entries are read after the rev held, in order."""
    entries = [Logged(f"{one}-0", change("a", one)) for one in there if one > rev]
    told = replay_conversation(entries, rev)
    if [int(entry.event.rev) for entry in entries] == list(range(rev + 1, rev + 1 + len(entries))):
        assert told is not None
        assert [one.event for one in told] == [entry.event for entry in entries]
    else:
        assert told is None
