"""The judge of a connection finds events that are missing, doubled or in the wrong order."""

import pytest

from client.changes import Event
from loadtests.chaos.violations import Violations
from loadtests.chaos.wire import WireJudge
from protocol.events import ConversationEvent, MemberEvent, MessageEvent, ResyncEvent
from tests.unit.chaos.test_oracle import BEN, KEY, conversation, message
from tests.unit.client.builders import hello


class Wire:
    """One device that listens."""

    def __init__(self):
        self.violations = Violations()
        self.judge = WireJudge("listener", BEN, self.violations)
        self.opens(resumed=False)

    def opens(self, **fields):
        given = {"server_time": "2026-11-20T22:00:00.000Z", "offset": "1-0", **fields}
        self.judge.opened(hello(**given))

    def tells(self, *revs, prev_rev=None):
        for rev in revs:
            d = MessageEvent(message(rev), rev, rev - 1 if prev_rev is None else prev_rev)
            self.judge.take(Event("message.created", d, f"{KEY}.{rev}", f"{rev}-0"))

    @property
    def count(self):
        return self.violations.counts.total()


@pytest.fixture
def wire():
    return Wire()


def test_all_in_order(wire):
    wire.tells(5, 6, 7)
    wire.tells(9, prev_rev=7)
    assert wire.count == 0
    assert (wire.judge.offset, wire.judge.revs) == ("9-0", {KEY: 9})


def test_an_event_twice(wire):
    wire.tells(5, 6, 6)
    assert wire.count == 1


def test_the_wrong_order(wire):
    wire.tells(5, 7)
    assert wire.count == 1, "a gap"
    wire.tells(6)
    assert wire.count == 2


def test_a_gap_that_was_announced(wire):
    wire.tells(5)
    wire.judge.take(Event("resync", ResyncEvent([KEY])))
    wire.tells(8)
    assert wire.count == 0
    assert wire.judge.offset is None


def test_after_a_resync_an_event_may_come_again(wire):
    wire.tells(5, 6)
    wire.judge.take(Event("resync", ResyncEvent()))
    wire.tells(5, 6, 7)
    assert wire.count == 0


def test_after_a_resume_it_goes_on_and_may_come_again(wire):
    wire.tells(5, 6)
    wire.opens(resumed=True)
    wire.tells(6, 5, 7, 7)
    assert wire.count == 0
    assert wire.judge.repeated == 2, "what equals the rev held is no step back"
    wire.tells(9)
    assert wire.count == 1


def test_after_a_resume_stale_conversations_are_synced(wire):
    wire.tells(5, 6)
    wire.opens(resumed=True, stale=[KEY])
    wire.tells(9)
    assert wire.count == 0


def test_anew_what_the_sync_brings_is_not_judged(wire):
    wire.opens(resumed=False, offset="8-0")
    wire.tells(5, 7, 9)
    assert wire.count == 0
    assert wire.judge.revs == {KEY: 9}


def test_anew_nothing_is_expected(wire):
    wire.tells(5, 6)
    wire.opens(resumed=False)
    wire.tells(9)
    assert wire.count == 0


def test_a_new_member_hears_twice_of_one_rev(wire):
    created = ConversationEvent(conversation(rev=7), 7, 6)
    wire.judge.take(Event("conversation.created", created, f"{KEY}.7.created"))
    wire.judge.take(Event("member.joined", MemberEvent(KEY, BEN, "member", 7, 6), f"{KEY}.7"))
    wire.tells(8)
    assert wire.count == 0


def test_who_left_expects_nothing(wire):
    wire.tells(5)
    wire.judge.take(Event("member.left", MemberEvent(KEY, BEN, "member", 6, 5), f"{KEY}.6"))
    wire.tells(12)
    assert wire.count == 0
