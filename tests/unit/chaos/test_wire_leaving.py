"""The judge of a connection finds what is told to those who have left."""

import pytest

from loadtests.chaos.judges.violations import Kind
from tests.unit.chaos.test_oracle import ANNA, KEY
from tests.unit.chaos.wires import Wire

ORDER, GAP, LEFT = Kind.WIRE_ORDER, Kind.WIRE_GAP, Kind.WIRE_LEFT


@pytest.fixture
def wire():
    return Wire()


def test_a_new_member_hears_twice_of_one_rev(wire):
    wire.creates(7)
    wire.moves("joined", 7)
    wire.tells(8)
    assert wire.found == {}


def test_who_leaves_is_told_what_came_before(wire):
    wire.tells(5)
    wire.moves("left", 7)
    assert wire.found == {GAP: 1}


def test_who_has_left_is_told_no_message(wire):
    wire.tells(5)
    wire.moves("left", 6)
    wire.tells(7)
    assert wire.found == {LEFT: 1}


@pytest.mark.parametrize("event", ["updates", "moves"])
def test_who_has_left_is_told_of_no_other_change_either(wire, event):
    wire.tells(5)
    wire.moves("left", 6)
    if event == "updates":
        wire.updates(8)
    else:
        wire.moves("left", 9, ANNA)
    assert wire.found == {LEFT: 1}


def test_each_leaving_counts_once(wire):
    wire.tells(5)
    wire.moves("left", 6)
    wire.tells(7, 8, 9)
    assert wire.found == {LEFT: 1}, "what follows has the same cause"


def test_who_has_left_is_told_nothing_late(wire):
    wire.tells(4)
    wire.moves("left", 6)
    wire.tells(5)
    assert wire.found == {GAP: 1, LEFT: 1}


def test_the_leaving_of_another_is_no_end(wire):
    wire.tells(5)
    wire.moves("left", 6, ANNA)
    wire.tells(7)
    assert wire.found == {}


def test_who_comes_back_is_told_from_there_on(wire):
    wire.tells(5)
    wire.moves("left", 6)
    wire.creates(9)
    wire.moves("joined", 9)
    wire.tells(10)
    assert wire.found == {}


def test_coming_back_begins_with_the_creation(wire):
    wire.tells(5)
    wire.moves("left", 6)
    wire.moves("joined", 9)
    wire.creates(9)
    assert wire.found == {LEFT: 1}


def test_the_creation_of_an_earlier_life_opens_nothing(wire):
    wire.tells(5)
    wire.moves("left", 6)
    wire.creates(4)
    wire.tells(7)
    assert wire.found == {ORDER: 1, LEFT: 1}


def test_an_object_changed_after_the_leaving(wire):
    wire.tells(5)
    wire.tells(6, of=9)
    wire.moves("left", 7)
    assert wire.found == {LEFT: 1}


def test_a_conversation_changed_after_the_leaving(wire):
    wire.creates(5, of=8)
    wire.moves("left", 6)
    assert wire.found == {LEFT: 1}


def test_an_object_of_a_later_life_says_nothing_of_an_earlier_leaving(wire):
    wire.tells(5)
    wire.moves("left", 6)
    wire.creates(8, of=12)
    wire.moves("left", 12)
    assert wire.found == {GAP: 1}


def test_after_a_resume_the_leaving_may_come_again(wire):
    wire.tells(5)
    wire.moves("left", 6)
    wire.opens(resumed=True)
    wire.tells(5)
    wire.moves("left", 6)
    assert wire.found == {}
    wire.tells(7)
    assert wire.found == {LEFT: 1}


def test_the_leaving_that_comes_again_is_not_that_of_a_later_life(wire):
    wire.tells(5)
    wire.moves("left", 6)
    wire.creates(8)
    wire.opens(resumed=True)
    wire.moves("left", 6)
    wire.tells(9)
    assert wire.found == {}


def test_after_a_resync_nobody_knows_who_has_left(wire):
    wire.tells(5)
    wire.moves("left", 6)
    wire.resyncs(KEY)
    wire.tells(12)
    assert wire.found == {}


@pytest.mark.parametrize("is_told_first", [True, False])
def test_what_one_sends_who_was_taken_in_again_counts_before_that_is_told(wire, is_told_first):
    wire.tells(5)
    if is_told_first:
        wire.moves("left", 6)
    wire.sends("client-9", "client-10")
    wire.replies(10)
    wire.replies(11)
    if not is_told_first:
        wire.moves("left", 6)
    wire.creates(9)
    wire.tells(12)
    assert wire.found == {}
