"""The oracle finds each planted error, and nothing in a run without one."""

import tracemalloc
from uuid import uuid4

import msgspec
import pytest

from client.state.changes import Change
from loadtests.chaos.judges.oracle import CONTENT, Member, Oracle, Reaction
from loadtests.chaos.judges.told import DeviceRecord
from loadtests.chaos.judges.violations import Kind, Violations
from protocol.events import ConversationEvent, MemberEvent, MessageEvent
from protocol.objects import Conversation, Message, Participant

KEY, ANNA, BEN = "c", "anna", "ben"


def message(seq, *, rev=None, **fields):
    return Message(
        id=fields.pop("id", f"m{seq}"),
        conversation_id=KEY,
        seq=seq,
        rev=seq + 1 if rev is None else rev,
        sender_id=ANNA,
        client_id=fields.pop("client_id", f"client-{seq}"),
        type="text",
        content=fields.pop("content", f"text {seq}"),
        created_at="2026-11-20T22:03:00.123Z",
        **fields,
    )


def conversation(*, last_seq=0, rev=1, members=(ANNA, BEN), read=0):
    people = [Participant(one, "member", read, read) for one in members]
    return Conversation(
        *(KEY, "direct", "open", None, None, None, people),
        *(last_seq, rev, None, None, "2026-11-20T22:00:00.000Z"),
    )


class Run:
    """One conversation, one device that listens."""

    def __init__(self):
        self.violations = Violations()
        self.oracle = Oracle(self.violations)
        self.record = DeviceRecord("device", BEN, self.violations)
        self.meets(conversation())

    def meets(self, shown, rev=1, origin="event"):
        event = ConversationEvent(shown, rev, rev - 1)
        self.record.take(Change("conversation.created", event, KEY, origin))

    def stores(self, *seqs):
        for seq in seqs:
            self.oracle.stored(message(seq))

    def tells(self, *seqs, origin="event", rev=None, told_at=None):
        for seq in seqs:
            told = message(seq, rev=rev)
            at_rev = told_at or told.rev
            event = MessageEvent(told, at_rev, at_rev - 1)
            taken = self.record.take(Change("message.created", event, KEY, origin))
            assert taken == told
            self.oracle.heard(told)

    def loses_sight(self, name="member.left"):
        left = MemberEvent(KEY, BEN, "member", 9, 8) if name == "member.left" else None
        self.record.take(Change(name, left, KEY))

    def judged(self, top=100):
        self.oracle.judge_told(self.record, KEY, top)
        return self.violations.summary()

    def ended(self, *messages, members=(ANNA, BEN), read=0):
        self.oracle.judge_history(KEY, messages)
        self.oracle.judge_conversation(conversation(members=members, read=read))
        return self.violations.summary()


@pytest.fixture
def run():
    return Run()


def test_a_run_without_an_error(run):
    run.stores(1, 2, 3)
    run.tells(1, 2, 3)
    assert run.judged() == {}
    assert run.ended(message(1), message(2), message(3)) == {}


# What a device was told.


def test_a_message_that_was_never_told_is_lost(run):
    run.stores(1, 2, 3)
    run.tells(1, 3)
    assert run.judged() == {"lost": 1}
    assert run.judged() == {"lost": 1}, "each counts once"
    assert "seq 2" in run.violations.told[Kind.LOST][0]


def test_what_was_acknowledged_since_is_not_lost_yet(run):
    run.stores(1, 2)
    run.tells(1)
    assert run.judged(top=1) == {}


def test_a_message_told_twice_is_duplicated(run):
    run.stores(1, 2)
    run.tells(1, 2, 1)
    assert run.judged() == {"duplicated": 1}


def test_a_message_told_after_a_later_one_is_reordered(run):
    run.stores(1, 2, 3)
    run.tells(1, 3, 2)
    assert run.judged() == {"reordered": 1}


def test_a_message_changed_meanwhile_is_told_in_its_later_place(run):
    run.stores(1, 2, 3)
    run.tells(1, 3)
    run.tells(2, rev=5)
    assert run.judged() == {}


def test_an_object_newer_than_its_own_event_is_no_measure_for_the_next(run):
    run.stores(1, 2, 3)
    run.tells(1, rev=9, told_at=2)
    run.tells(3)
    run.tells(2, rev=5)
    assert run.judged() == {}


def test_what_a_sync_left_out_may_come_later_but_must_come(run):
    run.stores(*range(1, 11))
    run.tells(1)
    run.tells(8, 9, 10, origin="sync")
    run.tells(2, 3, 4, 5, 6, origin="sync")
    assert run.judged() == {"lost": 1}


def test_what_was_there_before_a_conversation_was_met_need_not_be_told(run):
    run.stores(1, 2, 3)
    run.meets(conversation(last_seq=2, rev=3), rev=3)
    run.tells(3)
    assert run.judged() == {}


def test_an_object_newer_than_its_event_says_nothing_of_what_comes_between(run):
    run.stores(1, 2, 3)
    run.meets(conversation(last_seq=2, rev=3), rev=2)
    run.tells(2, 3)
    assert run.judged() == {}


def test_after_the_first_sync_the_unread_of_a_new_conversation_are_news(run):
    run.stores(1, 2, 3)
    run.record.take(Change("session.synced"))
    shown = msgspec.structs.replace(conversation(last_seq=3, rev=4), last_read_seq=1, unread=2)
    run.meets(shown, rev=4, origin="sync")
    run.tells(3, origin="sync")
    assert run.judged() == {"lost": 1}


@pytest.mark.parametrize("name", ["member.left", "conversation.gone"])
def test_who_has_left_is_told_nothing(run, name):
    run.stores(1, 2)
    run.tells(1)
    run.loses_sight(name)
    assert run.judged() == {}
    run.meets(conversation(last_seq=2, rev=5), rev=5)
    run.stores(3)
    assert run.judged() == {"lost": 1}, "of what came after the return"


def test_coming_back_does_not_make_an_old_message_new(run):
    run.stores(1)
    run.tells(1)
    run.loses_sight()
    run.meets(conversation(last_seq=1, rev=5), rev=5)
    run.tells(1)
    assert run.judged() == {"duplicated": 1}


def test_a_server_behind_its_client_has_lost_something(run):
    run.record.take(Change("conversation.reset", None, KEY, "sync"))
    assert run.violations.summary() == {"lost": 1}


# What was acknowledged.


def test_one_message_acknowledged_under_two_ids(run):
    run.stores(1)
    run.oracle.stored(message(2, client_id="client-1"))
    assert run.violations.summary() == {"duplicated": 1}


def test_one_message_under_two_ids_is_found_after_others(run):
    run.stores(*range(1, 1_000))
    run.oracle.stored(message(1_000, client_id="client-1"))
    assert run.violations.summary() == {"duplicated": 1}


def test_a_few_bytes_are_kept_of_an_acknowledged_message(run, monkeypatch):
    monkeypatch.setattr("loadtests.chaos.judges.oracle.RESENT_MAX", 100)
    tracemalloc.start()
    run.stores(*range(1, 10_001))
    kept_bytes, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept_bytes / 10_000 < 32


def test_two_messages_acknowledged_at_one_seq(run):
    run.stores(1)
    run.oracle.stored(message(1, id="other", client_id="other"))
    assert run.violations.summary()["duplicated"] >= 1


def test_devices_that_hear_of_different_messages_at_one_seq(run):
    run.oracle.heard(message(1))
    run.oracle.heard(message(1, id="other"))
    assert run.violations.summary() == {"duplicated": 1}


# What is stored in the end.


def test_an_acknowledged_message_that_is_not_stored_is_lost(run):
    run.stores(1, 2)
    assert run.ended(message(1)) == {"lost": 1}


def test_a_gap_in_what_is_stored(run):
    run.stores(1)
    assert run.ended(message(1), message(3)) == {"lost": 1}


def test_a_message_stored_twice_is_duplicated(run):
    run.stores(1)
    twice = message(2, client_id="client-1")
    assert run.ended(message(1), twice) == {"duplicated": 1}


def test_a_message_that_nobody_acknowledged_may_be_stored(run):
    run.stores(1)
    assert run.ended(message(1), message(2)) == {}


@pytest.mark.parametrize(
    ("content", "expected"),
    [("edited", {}), ("tried", {}), ("text 1", {"lost": 1}), (None, {"lost": 1})],
)
def test_an_acknowledged_edit_stays_unless_another_was_tried(run, content, expected):
    run.stores(1)
    run.oracle.tries("m1", CONTENT, "text 1", "edited")
    run.oracle.settles("m1", CONTENT, "edited")
    run.oracle.tries("m1", CONTENT, "edited", "tried")
    assert run.ended(message(1, content=content)) == expected


def test_nothing_comes_after_a_deletion(run):
    run.stores(1)
    run.oracle.tries("m1", CONTENT, "text 1", "tried")
    run.oracle.tries("m1", CONTENT, "text 1", None)
    run.oracle.settles("m1", CONTENT, None)
    assert run.ended(message(1, content="tried")) == {"lost": 1}


def test_a_refused_change_must_not_be_there(run):
    run.stores(1)
    run.oracle.tries("m1", CONTENT, "text 1", "refused")
    run.oracle.refuses("m1", CONTENT, "refused")
    assert run.ended(message(1, content="refused")) == {"lost": 1}


@pytest.mark.parametrize(("people", "expected"), [([BEN], {}), ([], {"lost": 1})])
def test_an_acknowledged_reaction_stays(run, people, expected):
    run.stores(1)
    thing = Reaction(BEN, "👍")
    run.oracle.tries("m1", thing, before=False, value=True)
    run.oracle.settles("m1", thing, value=True)
    reactions = {"👍": people} if people else {}
    assert run.ended(message(1, reactions=reactions)) == expected


@pytest.mark.parametrize(("members", "expected"), [((ANNA, BEN), {"lost": 1}), ((ANNA,), {})])
def test_who_left_is_no_member(run, members, expected):
    run.oracle.tries(KEY, Member(BEN), before=True, value=False)
    run.oracle.settles(KEY, Member(BEN), value=False)
    assert run.ended(members=members) == expected


def test_a_watermark_does_not_go_back(run):
    run.oracle.read(BEN, KEY, 5)
    assert run.ended(read=5) == {}
    assert run.ended(read=4) == {"lost": 1}


def test_what_is_only_shown_is_no_failure():
    violations = Violations()
    violations.note(Kind.BEHIND, "read 4 / read 5")
    assert violations.summary() == {"others' receipts behind": 1}
    assert not violations
    violations.note(Kind.DIFFERENT, "rev 6 / rev 7")
    assert violations


def test_only_the_first_violations_are_kept_in_words():
    violations = Violations()
    violations.context = "fault 7"
    for _ in range(1_000):
        violations.note(Kind.LOST, str(uuid4()))
    assert violations.summary() == {"lost": 1_000}
    assert len(violations.told[Kind.LOST]) == 20
    assert violations.told[Kind.LOST][0].split(" ", 1)[1].startswith("[fault 7] ")
