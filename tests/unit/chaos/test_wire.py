"""The judge of a connection finds events that are missing, doubled or in the wrong order."""

import pytest

from loadtests.chaos.judges.violations import Kind
from tests.unit.chaos.test_oracle import KEY
from tests.unit.chaos.wires import Wire

TWICE, ORDER, GAP = Kind.WIRE_TWICE, Kind.WIRE_ORDER, Kind.WIRE_GAP


@pytest.fixture
def wire():
    return Wire()


def test_all_in_order(wire):
    wire.tells(5, 6, 7)
    wire.tells(9, prev_rev=7)
    assert wire.found == {}
    assert (wire.judge.offset, wire.judge.revs) == ("9-0", {KEY: 9})


def test_a_violation_fails_a_run(wire):
    wire.tells(5, 6, 6)
    assert wire.found == {TWICE: 1}
    assert wire.violations


def test_the_wrong_order(wire):
    wire.tells(5, 7)
    assert wire.found == {GAP: 1}
    wire.tells(6)
    assert wire.found == {GAP: 1, ORDER: 1}


def test_what_is_missing_in_the_end(wire):
    wire.tells(5, 6)
    assert wire.judge.behind({KEY: 6, "another": 9}) == []
    assert wire.judge.behind({KEY: 7}) == [KEY]


# Where an order begins.


def test_below_the_first_event_of_a_connection(wire):
    wire.tells(5, 4)
    assert wire.found == {ORDER: 1}


def test_below_the_rev_that_a_connection_resumed_with(wire):
    wire.tells(5)
    wire.opens(resumed=True)
    wire.tells(4)
    assert wire.found == {ORDER: 1}, "it has never come, so it does not come again"


def test_below_the_creation(wire):
    wire.creates(3)
    wire.tells(2)
    assert wire.found == {ORDER: 1}


def test_the_creation_after_what_follows_on_it(wire):
    wire.tells(2)
    wire.creates(1)
    assert wire.found == {ORDER: 1}


def test_an_order_begins_anew_with_the_creation(wire):
    wire.tells(5)
    wire.creates(9)
    wire.tells(10)
    assert wire.found == {}, "with the whole of the conversation nothing before it is needed"


def test_a_connection_that_is_not_resumed_begins_anew(wire):
    wire.tells(5, 6)
    wire.opens(resumed=False, offset="8-0")
    wire.tells(9)
    assert wire.found == {}
    wire.tells(11)
    assert wire.found == {GAP: 1}
    assert wire.judge.revs == {KEY: 11}


def test_what_the_sync_of_a_new_connection_brings_may_be_left_out(wire):
    wire.opens(resumed=False, offset="8-0")
    wire.tells(5, 7, 10)
    assert wire.found == {}, "7 is from before the sync, and so may be 8 and 9"
    wire.tells(12)
    assert wire.found == {GAP: 1}


def test_before_the_sync_of_a_new_connection_there_is_an_order_too(wire):
    wire.opens(resumed=False, offset="8-0")
    wire.tells(7, 6, 7)
    assert wire.found == {ORDER: 1, TWICE: 1}


# What was announced.


def test_a_gap_that_was_announced(wire):
    wire.tells(5)
    wire.resyncs(KEY)
    wire.tells(8)
    assert wire.found == {}
    assert wire.judge.offset is None


def test_a_resync_of_another_conversation_announces_nothing_of_this_one(wire):
    wire.tells(5)
    wire.resyncs("another")
    wire.tells(8, 5)
    assert wire.found == {GAP: 1, TWICE: 1}


def test_a_resync_without_ids_announces_for_all(wire):
    wire.tells(5)
    wire.resyncs()
    wire.tells(8)
    assert wire.found == {}


def test_after_a_resync_an_order_begins_that_is_held_to(wire):
    wire.tells(5)
    wire.resyncs(KEY)
    wire.tells(8, 10, 9)
    assert wire.found == {GAP: 1, ORDER: 1}


def test_after_a_resync_an_event_may_come_again(wire):
    wire.tells(5, 6)
    wire.resyncs()
    wire.tells(5, 6, 7)
    assert wire.found == {}


def test_after_a_resume_it_goes_on_and_may_come_again(wire):
    wire.tells(5, 6)
    wire.opens(resumed=True)
    wire.tells(6, 5, 7, 7)
    assert wire.found == {}
    assert wire.judge.repeated == 3
    wire.tells(9)
    assert wire.found == {GAP: 1}


def test_after_a_resume_stale_conversations_are_synced(wire):
    wire.tells(5, 6)
    wire.opens(resumed=True, stale=[KEY])
    wire.tells(9)
    assert wire.found == {}


def test_the_replay_of_a_stale_conversation_may_leave_something_out(wire):
    wire.opens(resumed=True, stale=[KEY], missed=2)
    wire.tells(5, 7, 9)
    assert wire.found == {}
    wire.tells(11)
    assert wire.found == {GAP: 1}


def test_the_replay_of_another_conversation_leaves_nothing_out(wire):
    wire.tells(5)
    wire.opens(resumed=True, stale=["another"], missed=2)
    wire.tells(6, 8)
    assert wire.found == {GAP: 1}
