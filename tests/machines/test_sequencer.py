"""The sequencer: in order, each once, whatever the order of arrival."""

from hypothesis import given
from hypothesis import strategies as st

from protocol.sequencer import Sequencer

HOLD_S = 0.25


def offer(sequencer: Sequencer[int], rev: int, now: float = 0.0, eid: bytes = b"") -> list[int]:
    return sequencer.offer(b"c", rev, eid, rev, now)


def test_what_skips_ahead_waits_for_what_comes_before() -> None:
    sequencer: Sequencer[int] = Sequencer(HOLD_S)
    assert offer(sequencer, 1) == [1]
    assert offer(sequencer, 4) == []
    assert offer(sequencer, 3) == []
    assert sequencer.is_holding
    assert offer(sequencer, 2) == [2, 3, 4]
    assert not sequencer.is_holding


def test_what_is_old_is_dropped() -> None:
    sequencer: Sequencer[int] = Sequencer(HOLD_S)
    assert offer(sequencer, 5) == [5]
    assert offer(sequencer, 5) == []
    assert offer(sequencer, 4) == []


def test_two_events_of_one_rev_both_pass_once() -> None:
    sequencer: Sequencer[int] = Sequencer(HOLD_S)
    assert offer(sequencer, 5, eid=b"created") == [5]
    assert offer(sequencer, 5, eid=b"joined") == [5]
    assert offer(sequencer, 5, eid=b"joined") == []


def test_a_hold_ends() -> None:
    sequencer: Sequencer[int] = Sequencer(HOLD_S)
    offer(sequencer, 1, now=0.0)
    offer(sequencer, 3, now=1.0)
    offer(sequencer, 6, now=1.1)
    assert sequencer.release_due(1.2) == []
    assert sequencer.release_due(1.3) == [3]
    assert sequencer.release_due(1.4) == []
    assert sequencer.release_due(1.6) == [6]
    assert not sequencer.is_holding


def test_being_taken_in_anew_sets_the_start() -> None:
    sequencer: Sequencer[int] = Sequencer(HOLD_S)
    offer(sequencer, 3)
    sequencer.restart(b"c", 20)
    assert offer(sequencer, 21) == [21]


def test_conversations_do_not_wait_for_each_other() -> None:
    sequencer: Sequencer[int] = Sequencer(HOLD_S)
    offer(sequencer, 1)
    assert offer(sequencer, 3) == []
    assert sequencer.offer(b"other", 9, b"", 9, 0.0) == [9]


@given(st.permutations(range(2, 20)), st.lists(st.integers(1, 19), max_size=20))
def test_any_order_with_repeats_comes_out_in_order_each_once(
    arrivals: list[int], repeats: list[int]
) -> None:
    sequencer: Sequencer[int] = Sequencer(HOLD_S)
    out = offer(sequencer, 1)
    for number, rev in enumerate(arrivals):
        out += offer(sequencer, rev)
        if number < len(repeats):
            out += offer(sequencer, repeats[number])
    assert out == list(range(1, 20))


@given(st.lists(st.integers(2, 30), unique=True, min_size=1))
def test_with_gaps_the_order_still_holds(arrivals: list[int]) -> None:
    sequencer: Sequencer[int] = Sequencer(HOLD_S)
    out = offer(sequencer, 1)
    now = 0.0
    for rev in arrivals:
        now += 0.01
        out += offer(sequencer, rev, now)
    while sequencer.is_holding:
        now += HOLD_S
        out += sequencer.release_due(now)
    assert out == sorted(set(out))
    assert set(out) <= {1, *arrivals}
