"""What should have happened in a scenario, told from its script and what left the house alone.

It knows nothing of queues, leases, editions and rules: it asks of each thing that was sent whether
the person had any use for it at that second, and of each message whether the person who never saw
it was told.
"""

from collections.abc import Iterator

from tests.machines.judgement.delivering import Sent
from tests.machines.judgement.scenario import END_S, Event, Scenario

HOLD_S, ACTIVE_S = 600, 60
GRACE_S = {"push": 20, "email": 120}
PAUSE_S = {"push": 60, "email": 86_400}


def faults(scenario: Scenario, sent: list[Sent]) -> list[str]:
    """All that went wrong, in words; doubles of one delivery are none."""
    return [*_redundant(scenario, sent), *_missing(scenario, sent)]


def _before(scenario: Scenario, at_s: int, *kinds: str) -> Iterator[Event]:
    return (e for e in scenario.events if e.at_s <= at_s and e.kind in kinds)


def _is_on(scenario: Scenario, kind: str, at_s: int, *, default: bool) -> bool:
    state = default
    for event in _before(scenario, at_s, kind):
        state = bool(event.about)
    return state


def _unread(scenario: Scenario, at_s: int, group: str) -> list[Event]:
    """The messages of a group, deleted or not, that the person has not read at a second."""
    reads = [i for i, e in enumerate(scenario.events) if e.kind == "read" and e.at_s <= at_s]
    since = reads[-1] + 1 if reads else 0
    kind = "say" if group == "run" else "name"
    return [e for e in scenario.events[since:] if e.kind == kind and e.at_s <= at_s]


def _unseen(scenario: Scenario, at_s: int, group: str) -> list[Event]:
    """Those of them that are still there."""
    gone = {e.about for e in _before(scenario, at_s, "delete")}
    return [e for e in _unread(scenario, at_s, group) if e.about not in gone]


def _redundant(scenario: Scenario, sent: list[Sent]) -> Iterator[str]:
    for index, one in enumerate(sent):
        at_s, what = one.at_s, f"{one.channel} of {one.group} at {one.at_s}"
        earlier = [
            s for s in sent[:index]
            if s.channel == one.channel and s.group == one.group and s.is_noted
        ]  # fmt: skip
        known = max((s.newest for s in earlier), default=0)
        unseen = _unseen(scenario, at_s, one.group)
        if not unseen:
            yield f"{what}: nothing is unread"
        elif not scenario.is_urgent and all(e.about <= known for e in unseen):
            yield f"{what}: told before"
        elif at_s < min(e.at_s for e in _unread(scenario, at_s, one.group)) + GRACE_S["push"]:
            yield f"{what}: too early"
        yield from (f"{what}: {why}" for why in _unwelcome(scenario, one, earlier))


def _unwelcome(scenario: Scenario, one: Sent, earlier: list[Sent]) -> Iterator[str]:
    at_s = one.at_s
    if any(_before(scenario, at_s, "leave")):
        yield "they have left"
    if _is_on(scenario, "mute", at_s, default=False):
        yield "it is muted"
    if not _is_on(scenario, "want", at_s, default=True):
        yield "it is not wanted"
    recent = [e for e in _before(scenario, at_s, "act", "read") if e.at_s > at_s - ACTIVE_S]
    if recent and not _was_long_active(scenario, at_s):
        yield "they are there"
    if scenario.is_urgent:
        return
    if scenario.night and scenario.night[0] <= at_s < scenario.night[1]:
        yield "they sleep"
    if at_s < scenario.snooze_s:
        yield "they snooze"
    if earlier and one.group == "run" and at_s - earlier[-1].at_s < PAUSE_S[one.channel]:
        yield "it was told just now"


def _was_long_active(scenario: Scenario, at_s: int) -> bool:
    """Whether they were about for so long that what was held for them may have come due."""
    first = min(e.at_s for e in _before(scenario, at_s, "act", "read"))
    return at_s - first >= HOLD_S - ACTIVE_S


def _missing(scenario: Scenario, sent: list[Sent]) -> Iterator[str]:
    # Who turned something away meanwhile, was rightly not told.
    if any(e.kind == "leave" or (e.kind, e.about) in {("mute", 1), ("want", 0)}
           for e in scenario.events):  # fmt: skip
        return
    for group in ("run", "name"):
        for message in _unseen(scenario, END_S, group):
            for channel, grace_s in GRACE_S.items():
                least_s = message.at_s if group == "run" else message.at_s - grace_s
                if not any(
                    s.channel == channel and s.group == group and s.newest >= message.about
                    and s.at_s >= least_s
                    for s in sent
                ):  # fmt: skip
                    yield f"{channel} of {group}: message {message.about} is not told"
