"""Who keeps to the allowance of a second is not refused, and nobody gets more than two of them."""

from bisect import bisect_left

from hypothesis import given
from hypothesis import strategies as st

from server.connection.frame_budget import Allowance, FrameBudget

FRAMES = 5
STEPS = st.lists(st.integers(0, 400), min_size=1, max_size=60)
"""Milliseconds from one frame to the next."""


def taken(steps):
    """The times of the frames, in ms, and of each whether it was taken."""
    budget, now, told = FrameBudget(Allowance(FRAMES, 1_000), 0.0), 0, []
    for step in steps:
        now += step
        budget.frames_left -= 1
        told.append((now, budget.frames_left >= 0 or budget.renew(now / 1000)))
    return told


def within_a_second(times):
    """The most that there are in any second."""
    return max(number + 1 - bisect_left(times, now - 999) for number, now in enumerate(times))


@given(STEPS)
def test_no_honest_peer_is_refused(steps):
    told = taken(steps)
    refused = [number for number, (_, is_taken) in enumerate(told) if not is_taken]
    if refused:
        assert within_a_second([now for now, _ in told[: refused[0] + 1]]) > FRAMES


@given(STEPS)
def test_no_peer_gets_more_than_twice_as_much(steps):
    times = [now for now, is_taken in taken(steps) if is_taken]
    assert not times or within_a_second(times) <= 2 * FRAMES + 1


def test_another_allowance_is_whole_at_once():
    budget = FrameBudget(Allowance(1, 1), 0.0)
    budget.frames_left = budget.bytes_left = -1
    budget.grant(Allowance(7, 8), 0.5)
    assert (budget.frames_left, budget.bytes_left) == (7, 8)
    assert not budget.renew(1.4)
    assert budget.renew(1.5)
