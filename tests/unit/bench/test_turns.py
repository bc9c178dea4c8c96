"""Pairs that take turns: one message in flight, and nothing that goes unnoticed."""

import pytest

from loadtests.bench.drivers import turns as module
from loadtests.bench.drivers.turns import StalledError, Turns
from tests.unit.bench.room import DIALECT, FIRST_ID, Ends, acknowledge, deliver, heard


@pytest.fixture
def ends():
    made = Ends(2)
    yield made
    made.close()


@pytest.fixture
def turns(ends, monkeypatch):
    monkeypatch.setattr(module, "_DRAIN_S", 0.2)
    made = Turns(DIALECT)
    made.add(ends.ours, "room", 0)
    made.begin()
    assert heard(ends.theirs[0]) == 1
    yield made
    made.close()


def test_the_next_is_sent_when_the_last_has_arrived_and_is_acknowledged(turns, ends):
    one, other = ends.theirs
    deliver(other, FIRST_ID)
    assert len(turns.run(0.05).to_received) == 1
    assert heard(other) == 0
    acknowledge(one, FIRST_ID)
    turns._serve(turns.counts.began + 0.1)
    assert heard(other) == 1
    assert len(turns.counts.to_reply) == 1
    assert turns.sent == 2


def test_the_acknowledgement_may_come_first(turns, ends):
    one, other = ends.theirs
    acknowledge(one, FIRST_ID)
    deliver(other, FIRST_ID)
    counts = turns.run(0.05)
    assert (len(counts.to_received), len(counts.to_reply)) == (1, 1)
    assert heard(other) == 1


def test_what_comes_again_is_noticed(turns, ends):
    one, other = ends.theirs
    acknowledge(one, FIRST_ID)
    deliver(other, FIRST_ID, number=5)
    deliver(other, FIRST_ID, number=5)
    with pytest.raises(StalledError, match="message 5 came after message 5"):
        turns.run(0.05)


@pytest.mark.parametrize("is_acknowledged", [True, False])
def test_a_turn_that_is_lost_is_noticed(turns, ends, is_acknowledged):
    one, other = ends.theirs
    if is_acknowledged:
        acknowledge(one, FIRST_ID)
    else:
        deliver(other, FIRST_ID)
    with pytest.raises(StalledError, match="1 of 1 pairs lost their turn"):
        turns.end()


def test_all_comes_to_an_end(turns, ends):
    one, other = ends.theirs
    acknowledge(one, FIRST_ID)
    deliver(other, FIRST_ID)
    turns.end()
    assert turns.sent == 1
