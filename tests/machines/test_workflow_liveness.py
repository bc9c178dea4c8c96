"""Liveness of contract and money, shown on all states of the pure model.

(1) If nobody acts again, timers alone lead to a state in which nothing is held, pending or being
withdrawn and everything is final. (2) So do the timers and the actions of either party, if the
other and staff never act again.
"""

from typing import Final

import pytest

from tests.machines.workflow_model.clocks import DAY, LENGTHS
from tests.machines.workflow_model.explore import Graph, anybody, by
from tests.machines.workflow_model.invariants import broken
from tests.machines.workflow_model.money import there
from tests.machines.workflow_model.state import ENDED, State, Terms

# Together they make 1,120,184 states and 16,226,339 moves, which `python -m
# tests.machines.workflow_model` explores in minutes. These parts take seconds.
PARTS: Final = (
    "disputes offers",
    "disputes amendments cancellations",
    "disputes refunds",
    "amendments refunds withdrawals",
)
LONGEST: Final = 135 * DAY  # nothing handed in for 75 days, then nothing funded for 60
NOBODY: Final = ""
# Each timer, in which part of the model it is missed, and who is then stuck: when nobody acts,
# when only the client acts, when only the freelancer acts.
MISSED: Final = (
    ("acceptance", "", {NOBODY}),
    ("end", "", {NOBODY}),
    ("approve", "", {NOBODY, "freelancer"}),
    ("not_submitted", "", {NOBODY, "client"}),
    ("not_resubmitted", "", {NOBODY}),
    ("clear", "disputes", {NOBODY, "client", "freelancer"}),
    ("refund", "refunds", {NOBODY}),
    ("withdrawal", "refunds withdrawals", {NOBODY, "client"}),
    ("answer", "disputes", {NOBODY}),
    ("mean", "disputes", {NOBODY, "client", "freelancer"}),
)
# These spare people the waiting; all ends without them too.
SPARING: Final = ("amendment", "cancellation", "offer", "escalate")


def graph_of(part: str) -> Graph:
    return Graph(Terms(choices=frozenset(part.split())))


def disputed_again(graph: Graph, place: int) -> set[str]:
    """Who has withdrawn a dispute and raises another, or gets to where they may, by themselves."""
    state = graph.states[place]
    found: set[str] = set()
    for party in state.withdrew:
        for label, target in graph.out(place):
            after = graph.states[target]
            is_raised = label[0] == party and after.dispute and not state.dispute
            forgets = by(party)(label) and party not in after.withdrew and not is_over(after)
            if is_raised or forgets:
                found.add(party)
    return found


def is_over(state: State) -> bool:
    """Whether nothing of it is disputed any more, whoever wants to."""
    return state.status in ENDED and not (state.status == "completed" and there(state))


@pytest.mark.parametrize("part", PARTS)
def test_everything_ends_whoever_falls_silent(part):
    graph = graph_of(part)

    for place, state in enumerate(graph.states):
        assert not broken(state, graph.terms, graph.timers(place)), state
        assert not disputed_again(graph, place), state
    for party in (NOBODY, "client", "freelancer"):
        assert all(graph.ending(by(party))), party
    # Stronger: in whatever order timers fire, none goes in circles and the last one ends it.
    assert all(graph.bound_to_end(by(NOBODY)))
    for timer in SPARING:
        assert all(graph.ending(by(NOBODY, timer))), timer
    assert max(graph.time_to_end(place)[0] for place in range(len(graph.states))) == LONGEST


@pytest.mark.parametrize(("timer", "part", "stuck"), MISSED)
def test_without_one_timer_somebody_is_stuck(timer, part, stuck):
    graph = graph_of(part)
    reached = graph.reachable(anybody(timer))
    assert len(reached) > 1

    found = {
        party
        for party in (NOBODY, "client", "freelancer")
        for ends in [graph.ending(by(party, timer))]
        if not all(ends[place] for place in reached)
    }

    assert found == stuck


def test_every_timer_is_either_missed_or_spares_waiting():
    assert sorted(LENGTHS) == sorted([*(timer for timer, *_ in MISSED), *SPARING])
