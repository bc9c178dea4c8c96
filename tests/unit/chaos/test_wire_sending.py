"""The judge of a connection that sends itself knows what it has by its replies."""

import pytest

from loadtests.chaos.judges.violations import Kind
from tests.unit.chaos.test_oracle import KEY
from tests.unit.chaos.wires import Wire

TWICE, ORDER = Kind.WIRE_TWICE, Kind.WIRE_ORDER
GAP, OWN = Kind.WIRE_GAP, Kind.WIRE_OWN


@pytest.fixture
def wire():
    return Wire()


def test_a_reply_stands_for_the_event(wire):
    wire.tells(5)
    wire.sends("client-5", "client-6")
    wire.replies(6)
    wire.replies(7)
    wire.tells(8)
    assert wire.found == {}
    assert wire.judge.revs == {KEY: 8}


def test_after_a_resync_a_reply_stands_for_the_event_still(wire):
    wire.tells(5)
    wire.sends("client-6")
    wire.replies(7)
    wire.resyncs()
    wire.tells(6)
    wire.tells(8)
    assert wire.found == {}


def test_what_comes_again_after_a_resync_leaves_out_what_the_replies_told(wire):
    wire.tells(5)
    wire.sends("client-5")
    wire.replies(6)
    wire.tells(7)
    wire.resyncs()
    wire.tells(5, 7)
    assert wire.found == {}


def test_what_a_client_would_have_synced_is_not_resumed_with(wire):
    wire.opens(resumed=False, offset="8-0")
    wire.tells(5)
    assert wire.judge.revs == {}
    assert wire.judge.behind({KEY: 7}) == []
    wire.opens(resumed=True)
    wire.tells(9)
    assert wire.found == {}


def test_a_reply_stands_for_its_own_rev_only(wire):
    wire.tells(5)
    wire.sends("client-6")
    wire.replies(7)
    assert wire.judge.revs == {KEY: 5}
    wire.tells(8)
    assert wire.found == {GAP: 1}


def test_a_reply_before_the_events_before_it(wire):
    wire.tells(5)
    wire.sends("client-6")
    wire.replies(7)
    wire.tells(6)
    assert wire.found == {}
    assert wire.judge.revs == {KEY: 7}


def test_a_reply_after_the_event_that_follows(wire):
    wire.tells(5)
    wire.sends("client-5")
    wire.tells(7)
    assert wire.found == {}, "the reply may still come"
    wire.replies(6)
    assert wire.found == {}


def test_a_gap_that_no_reply_fills(wire):
    wire.tells(5)
    wire.sends("client-9")
    wire.tells(7)
    wire.replies(10)
    assert wire.found == {GAP: 1}


def test_a_gap_that_a_refusal_leaves(wire):
    wire.tells(5)
    wire.sends("client-9")
    wire.tells(7)
    wire.refuses(10, for_good=True)
    assert wire.found == {GAP: 1}


def test_the_own_message_after_its_reply(wire):
    wire.tells(5)
    wire.sends("client-5")
    wire.replies(6)
    wire.tells(6)
    assert wire.found == {OWN: 1}


def test_the_own_message_before_its_reply(wire):
    wire.tells(5)
    wire.sends("client-5")
    wire.tells(6)
    assert wire.found == {}
    wire.replies(6)
    assert wire.found == {OWN: 1}


def test_what_another_device_sends_is_told(wire):
    wire.tells(5)
    wire.sends("client-5")
    wire.replies(6)
    wire.tells(7)
    assert wire.found == {}


def test_what_was_refused_may_have_been_stored_and_is_told(wire):
    wire.tells(5)
    wire.sends("client-5")
    wire.refuses(6)
    wire.tells(6)
    wire.sends("client-5")
    wire.replies(6)
    assert wire.found == {}


def test_what_was_refused_and_stored_is_told_by_the_reply_to_the_resend(wire):
    wire.tells(5)
    wire.sends("client-5")
    wire.refuses(6)
    wire.tells(7)
    wire.sends("client-5")
    wire.replies(6)
    wire.tells(8)
    assert wire.found == {}


def test_a_resend_does_not_say_when_it_was_stored(wire):
    wire.tells(5)
    wire.sends("client-5")
    wire.refuses(6)
    wire.sends("client-5")
    wire.replies(6)
    wire.tells(8, prev_rev=7)
    assert wire.found == {}, "7 or 6: one of them is the send"
    wire.tells(10)
    assert wire.found == {GAP: 1}


def test_what_an_earlier_connection_sent_is_told(wire):
    wire.tells(5)
    wire.sends("client-5")
    wire.opens(resumed=True)
    wire.tells(6)
    wire.sends("client-5")
    wire.replies(6)
    assert wire.found == {}


def test_what_was_sent_again_may_be_told_after_its_reply(wire):
    wire.sends("client-5", "client-6")
    wire.opens(resumed=False)
    wire.sends("client-5", "client-6")
    wire.replies(6)
    wire.replies(7)
    wire.tells(5, 6, 7, 8)
    assert wire.found == {}
    wire.tells(6)
    assert wire.found == {TWICE: 1}


def test_below_the_replies_that_a_connection_resumed_with(wire):
    wire.tells(5)
    wire.sends("client-5", "client-6")
    wire.replies(6)
    wire.replies(7)
    wire.opens(resumed=True)
    assert wire.judge.revs == {KEY: 7}
    wire.tells(6)
    assert wire.found == {}, "the log holds the own messages too"
    wire.tells(4)
    assert wire.found == {ORDER: 1}
