"""Explore the model whole and print what was found; takes five minutes and 1 GB."""

import sys
from collections import Counter
from typing import Final

from tests.machines.workflow_model.clocks import DAY
from tests.machines.workflow_model.explore import Graph, by
from tests.machines.workflow_model.invariants import broken
from tests.machines.workflow_model.state import Terms

PARTIES: Final = {"nobody": "", "the client": "client", "the freelancer": "freelancer"}


def main() -> None:
    """Print the counts of the graph, its properties and its largest time."""
    terms = Terms()
    graph = Graph(terms)
    _say(f"{len(graph.states)} states, {graph.edges} moves, {sum(graph.final)} final")
    wrong = Counter(
        sentence
        for place, state in enumerate(graph.states)
        for sentence in broken(state, terms, graph.timers(place))
    )
    _say(f"broken invariants: {dict(wrong)}")
    for name, party in PARTIES.items():
        lost = graph.ending(by(party)).count(0)
        _say(f"states with no way to the end if {name} acts: {lost}")
    _say(f"states from which timers need not end: {graph.bound_to_end(by('')).count(0)}")
    seconds, fired = max(graph.time_to_end(place) for place in range(len(graph.states)))
    _say(f"largest time by timers alone: {seconds / DAY:g} days, {fired} timers")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


main()
