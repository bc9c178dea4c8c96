"""The judge of a connection finds events that are missing, doubled or in the wrong order."""

import pytest

from client.changes import Event
from loadtests.chaos.violations import Kind, Violations
from loadtests.chaos.wire import WireJudge
from protocol.events import ConversationEvent, MemberEvent, MessageEvent, ResyncEvent
from tests.unit.chaos.test_oracle import ANNA, BEN, KEY, conversation, message
from tests.unit.client.builders import hello

TWICE, ORDER, GAP = Kind.WIRE_TWICE, Kind.WIRE_ORDER, Kind.WIRE_GAP
LEFT, OWN = Kind.WIRE_LEFT, Kind.WIRE_OWN


class Wire:
    """One device on the bare wire."""

    def __init__(self):
        self.violations = Violations()
        self.judge = WireJudge("listener", BEN, self.violations)
        self.opens(resumed=False)

    def opens(self, **fields):
        given = {"server_time": "2026-11-20T22:00:00.000Z", "offset": "1-0", **fields}
        self.judge.opened(hello(**given))

    def tells(self, *revs, prev_rev=None, of=None):
        """Messages as they were when the event was made, or those of rev `of`."""
        for rev in revs:
            told = message(rev - 1, rev=of or rev)
            d = MessageEvent(told, rev, rev - 1 if prev_rev is None else prev_rev)
            self.judge.take(Event("message.created", d, f"{KEY}.{rev}", f"{rev}-0"))

    def updates(self, rev):
        d = ConversationEvent(conversation(rev=rev), rev, rev - 1)
        self.judge.take(Event("conversation.updated", d, f"{KEY}.{rev}"))

    def creates(self, rev, of=None):
        d = ConversationEvent(conversation(rev=of or rev), rev, rev - 1)
        self.judge.take(Event("conversation.created", d, f"{KEY}.{rev}.c"))

    def moves(self, name, rev, user_id=BEN):
        d = MemberEvent(KEY, user_id, "member", rev, rev - 1)
        self.judge.take(Event(f"member.{name}", d, f"{KEY}.{rev}"))

    def resyncs(self, *keys):
        self.judge.take(Event("resync", ResyncEvent(list(keys) or None)))

    def sends(self, *client_ids):
        for client_id in client_ids:
            self.judge.sends(KEY, client_id)

    def replies(self, rev):
        self.judge.acknowledged(message(rev - 1, rev=rev))

    def refuses(self, rev, *, for_good=False):
        self.judge.refused(KEY, f"client-{rev - 1}", for_good=for_good)

    @property
    def found(self):
        return {kind: count for kind, count in self.violations.counts.items() if count}


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


# Who leaves.


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


# A connection that sends itself.


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
