"""Runs of numbers behave as the set of the numbers."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from client.state.ranges import Ranges

number = st.integers(1, 30)
steps = st.lists(st.tuples(st.booleans(), number, number))


def members(ranges):
    return {number for low, high in ranges for number in range(low, high + 1)}


@given(steps)
def test_adding_and_removing_is_that_of_a_set(steps):
    ranges, expected = Ranges(), set()
    for is_added, low, high in steps:
        if is_added:
            ranges.add(low, high)
            expected |= set(range(low, high + 1))
        else:
            ranges.remove(low, high)
            expected -= set(range(low, high + 1))
        assert members(ranges) == expected
        intervals = list(ranges)
        gaps = itertools.pairwise(intervals)
        assert all(before[1] + 1 < after[0] for before, after in gaps)


@given(steps, number, number)
def test_questions(steps, low, high):
    ranges = Ranges(*((a, b) for _, a, b in steps))
    asked = set(range(low, high + 1))
    assert ranges.covers(low, high) == (asked <= members(ranges))
    assert ranges.count(low, high) == len(asked & members(ranges))
    assert members(ranges.within(low, high)) == asked & members(ranges)
    assert (low in ranges) == (low in members(ranges))
    assert bool(ranges) == bool(members(ranges))
    assert not ranges or ranges.lowest == min(members(ranges))
