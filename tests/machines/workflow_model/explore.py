"""The graph of all states, breadth first, and what can be shown on it."""

import gc
from array import array
from collections.abc import Callable, Iterable

from tests.machines.workflow_model.clocks import GATES, LENGTHS, clocks
from tests.machines.workflow_model.moves import first, is_final, moves
from tests.machines.workflow_model.state import Clock, Move, State, Terms

Label = tuple[str, Clock | None]  # who moves, and of a timer which
Chosen = Callable[[Label], bool]


class Graph:
    """All states that can be reached, with timers in any order and guards of time both ways.

    That is more than time allows: what holds for every such state and order holds for the true
    ones.
    """

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self.states: list[State] = [first(terms)]
        self.labels: list[Label] = []
        self._begins = array("l", [0])
        self._targets = array("l")
        self._kinds = array("l")
        self._explore()
        self.final = [is_final(state) for state in self.states]

    @property
    def edges(self) -> int:
        """How many moves there are in all."""
        return len(self._targets)

    def _explore(self) -> None:
        places = {self.states[0]: 0}
        labels: dict[Label, int] = {}
        # Nothing here is ever garbage: collecting would only go through all states again.
        gc.disable()
        try:
            self._breadth_first(places, labels)
        finally:
            gc.enable()
        self.labels = list(labels)

    def _breadth_first(self, places: dict[State, int], labels: dict[Label, int]) -> None:
        for state in self.states:
            for move, after in moves(state, self.terms):
                place = places.setdefault(after, len(self.states))
                if place == len(self.states):
                    self.states.append(after)
                self._targets.append(place)
                self._kinds.append(labels.setdefault(_label(move), len(labels)))
            self._begins.append(len(self._targets))

    def out(self, place: int) -> Iterable[tuple[Label, int]]:
        """The moves of one state: label and the place of the state after it."""
        for edge in range(self._begins[place], self._begins[place + 1]):
            yield self.labels[self._kinds[edge]], self._targets[edge]

    def timers(self, place: int) -> set[Clock]:
        """The timers that may fire in a state."""
        return {label[1] for label, _ in self.out(place) if label[1] is not None}

    def reachable(self, chosen: Chosen) -> list[int]:
        """The places that are reached from the start by chosen moves."""
        wanted = [chosen(label) for label in self.labels]
        seen = bytearray(len(self.states))
        seen[0] = 1
        found = [0]
        for place in found:
            for edge in range(self._begins[place], self._begins[place + 1]):
                target = self._targets[edge]
                if wanted[self._kinds[edge]] and not seen[target]:
                    seen[target] = 1
                    found.append(target)
        return found

    def ending(self, chosen: Chosen) -> bytearray:
        """For each place whether chosen moves can lead from it to a final state (backward)."""
        before, _ = self._reversed(chosen)
        ends = bytearray(self.final)
        found = [place for place, final in enumerate(self.final) if final]
        for place in found:
            for source in before[place]:
                if not ends[source]:
                    ends[source] = 1
                    found.append(source)
        return ends

    def bound_to_end(self, chosen: Chosen) -> bytearray:
        """For each place whether chosen moves, in whatever order, must end in a final state."""
        before, open_moves = self._reversed(chosen)
        bound = bytearray(self.final)
        found = [place for place, final in enumerate(self.final) if final]
        for place in found:
            for source in before[place]:
                open_moves[source] -= 1
                if open_moves[source] == 0 and not bound[source]:
                    bound[source] = 1
                    found.append(source)
        return bound

    def _reversed(self, chosen: Chosen) -> tuple[list[list[int]], list[int]]:
        wanted = [chosen(label) for label in self.labels]
        before: list[list[int]] = [[] for _ in self.states]
        leaving = [0] * len(self.states)
        for place in range(len(self.states)):
            for edge in range(self._begins[place], self._begins[place + 1]):
                if wanted[self._kinds[edge]]:
                    before[self._targets[edge]].append(place)
                    leaving[place] += 1
        return before, leaving

    def time_to_end(self, place: int) -> tuple[int, int]:
        """Seconds and timers until all is final if nobody acts and every clock has just begun."""
        now, fired = 0, 0
        ends: dict[Clock, int] = {}
        while not self.final[place]:
            running, _ = clocks(self.states[place])
            ends = {
                clock: ends.get(clock, now + LENGTHS[clock.kind])
                for clock in running
                if clock.kind not in GATES
            }
            ways = {label[1]: target for label, target in self.out(place) if by_timer(label)}
            if None in ways:  # the provider answers at once
                place = ways[None]
                continue
            clock = min((each for each in ways if each), key=lambda each: (ends[each], each))
            now, fired, place = ends[clock], fired + 1, ways[clock]
        return now, fired


def _label(move: Move) -> Label:
    return (move.party, move.after if move.party == "timer" else None)


def by_timer(label: Label) -> bool:
    """Timers, and the provider, who counts as answering."""
    return label[0] in {"timer", "provider"}


def by(party: str, without: str = "") -> Chosen:
    """The moves of a party ("": of nobody) and of all timers but one kind."""

    def chosen(label: Label) -> bool:
        if label[1] is not None and label[1].kind == without:
            return False
        return by_timer(label) or label[0] == party

    return chosen


def anybody(without: str = "") -> Chosen:
    """All moves but those of one kind of timer."""
    return lambda label: label[1] is None or label[1].kind != without
