"""Single steps of the client's algorithm; tests/machines runs them in every order."""

from dataclasses import replace
from uuid import UUID

import msgspec
import pytest

from client.state.changes import Event
from client.state.client_state import ClientState
from client.state.saved import restore, save
from client.state.sync import SyncPass
from protocol.events import (
    DomainEvent,
    MessageEvent,
    ReceiptEvent,
    ResyncEvent,
    SettingsEvent,
    TypingEvent,
    UnreadEvent,
)
from protocol.objects import SystemText, UnreadTotals, User
from tests.unit.client.builders import (
    KEY,
    ME,
    YOU,
    created,
    hello,
    message,
    names,
    page,
    shown,
    synced,
)


def test_nothing_is_persistable_before_the_first_sync():
    state = ClientState()
    state.hello(hello())
    assert state.is_behind
    assert state.resume(0.0) is None
    synced(state)
    assert state.resume(0.0) == ("e1", "10", {})


def test_an_event_that_follows_on_applies_once(state):
    assert names(state.apply(created(1, at="11"), 5.0)) == [("message.created", "event")]
    assert state.apply(created(1, at="11"), 5.0) == []
    assert state.conversations[KEY].rev == 2
    assert state.conversations[KEY].unread == 1
    assert state.resume(5.0) == ("e1", "11", {KEY: 2})
    assert state.resume(5.0 + 3601) == ("e1", "11", {})


def test_revs_may_be_skipped_when_the_server_says_that_none_is_missing(state):
    state.apply(created(3, rev=9, prev_rev=1), 0.0)
    assert state.conversations[KEY].rev == 9


def archived(state, last_seq, *, is_muted=False):
    view = shown(rev=last_seq + 1, last_seq=last_seq, is_archived=True, is_muted=is_muted)
    state.apply(Event("conversation.settings", SettingsEvent(view), f"s.{state.clock}"), 0.0)


def test_a_message_of_another_brings_an_archived_conversation_back(state):
    archived(state, 0)
    held = state.conversations[KEY]
    assert held.view().is_archived and state.unread_messages == 0
    state.apply(created(1), 0.0)
    assert not held.view().is_archived
    assert state.unread_messages == 1
    archived(state, 1)
    assert held.is_archived
    # An event of before, told late, brings nothing back.
    archived(state, 2)
    state.apply(created(2), 0.0)
    assert held.is_archived


def test_a_muted_conversation_is_brought_back_by_an_own_message_only(state):
    archived(state, 0, is_muted=True)
    held = state.conversations[KEY]
    state.apply(created(1), 0.0)
    assert held.is_archived
    state.sent(message(2, sender_id=ME), 0.0)
    assert not held.is_archived
    # Told by an event that was made before that message, it stays.
    archived(state, 1, is_muted=True)
    assert not held.is_archived


def test_what_was_saved_goes_on_being_archived(state):
    archived(state, 0)
    again = restore(save(state, 0.0), 0.0)
    assert again.conversations[KEY].is_archived
    again.apply(created(1), 0.0)
    assert not again.conversations[KEY].is_archived


def test_an_event_ahead_waits_and_asks_for_a_sync(state):
    assert state.apply(created(2, at="12"), 0.0) == []
    assert state.store.dirty == {KEY}
    assert state.offset == "10"
    request, changes = synced(
        state,
        conversations=[shown(rev=2, last_seq=1)],
        messages=[message(1)],
        synced={KEY: 2},
    )
    assert request.only_named
    assert request.conversations == {UUID(KEY): 1}
    assert names(changes) == [("message.created", "sync"), ("message.created", "event")]
    assert [said.seq for said in state.conversations[KEY].history()] == [1, 2]
    assert not state.store.dirty
    assert state.offset == "12"


def test_a_page_alone_moves_no_rev(state):
    running = SyncPass(state, batch=10)
    state.apply(Event("resync", ResyncEvent([KEY])), 0.0)
    running = SyncPass(state, batch=10)
    running.request()
    running.apply(
        page(
            conversations=[shown(rev=3, last_seq=2)],
            messages=[message(1)],
            cursor="more",
            complete=False,
        )
    )
    assert state.conversations[KEY].rev == 1
    following = running.request()
    assert following is not None
    assert following.cursor == "more"
    assert following.conversations == {UUID(KEY): 1}
    running.apply(page(messages=[message(2)], synced={KEY: 3}))
    assert state.conversations[KEY].rev == 3


def test_an_own_message_counts_by_its_reply(state):
    mine = message(1, sender_id=ME)
    assert names(state.sent(mine, 0.0)) == [("message.created", "reply")]
    assert state.conversations[KEY].rev == 2
    assert state.conversations[KEY].unread == 0
    state.apply(created(2), 0.0)
    assert not state.store.dirty


def test_an_own_message_ahead_of_others_asks_for_no_sync(state):
    state.sent(message(2, sender_id=ME), 0.0)
    assert not state.store.dirty
    assert names(state.apply(created(1), 0.0)) == [
        ("message.created", "event"),
        ("message.created", "reply"),
    ]
    assert state.conversations[KEY].rev == 3


def test_a_repeated_send_whose_rev_is_that_of_a_reply_moves_nothing(state):
    state.sent(message(1, rev=3, sender_id=ME, reply_count=1, last_reply_at="t2"), 0.0)
    assert state.conversations[KEY].rev == 1
    state.apply(created(1, sender_id=ME), 0.0)
    state.apply(created(2, rev=3, parent_id="m1"), 0.0)
    held = state.conversations[KEY]
    assert held.messages["m1"].reply_count == 1
    assert held.last_seq == 2


def test_a_reply_counts_at_its_parent(state):
    state.apply(created(1), 0.0)
    state.apply(created(2, parent_id="m1"), 0.0)
    state.apply(created(3, parent_id="m1"), 0.0)
    parent = state.conversations[KEY].messages["m1"]
    assert (parent.reply_count, parent.last_reply_at, parent.rev) == (2, "t3", 4)


def test_a_page_of_history_older_than_a_reply_is_brought_up_to_it(state):
    state.apply(Event("message.created", MessageEvent(message(1), 2, 1)), 0.0)
    held = state.conversations[KEY]
    held.cut(2, state.clock)
    since = state.clock
    state.apply(created(2, parent_id="m1"), 0.0)
    state.merge_messages(KEY, [message(1)], since)
    assert held.messages["m1"].reply_count == 1
    assert held.messages["m1"].rev == 3


def test_unread_is_computed_and_corrected(state):
    for seq in (1, 2, 3):
        state.apply(created(seq), 0.0)
    held = state.conversations[KEY]
    gone = message(2, 5, content=None, is_deleted=True)
    state.apply(Event("message.updated", MessageEvent(gone, 5, 4)), 0.0)
    assert held.unread == 2
    state.apply(Event("receipt.read", ReceiptEvent(KEY, ME, 1), "r1"), 0.0)
    assert held.unread == 1
    # All messages are at hand: a figure that differs is checked, not believed.
    state.apply(Event("unread.changed", UnreadEvent(7, 2, {KEY: 7})), 0.0)
    assert held.unread == 1
    assert state.store.dirty == {KEY}
    assert state.notifications.behind_since is not None


def test_unread_of_messages_not_at_hand_is_believed_and_checked():
    state = ClientState()
    state.hello(hello(unread=UnreadTotals(40, 3)))
    assert state.unread_messages == 40
    synced(state, conversations=[shown(rev=60, last_seq=50, unread=40)])
    assert state.conversations[KEY].unread == 40
    state.apply(Event("receipt.read", ReceiptEvent(KEY, ME, 20), "r1"), 0.0)
    assert state.conversations[KEY].unread == 20
    state.apply(Event("unread.changed", UnreadEvent(26, 0, {KEY: 26})), 0.0)
    assert state.conversations[KEY].unread == 26
    assert state.store.dirty == {KEY}


def test_watermarks_never_go_back(state):
    state.apply(created(1), 0.0)
    state.apply(Event("receipt.read", ReceiptEvent(KEY, YOU, 1)), 0.0)
    state.merge_conversation(shown(rev=2, last_seq=1), state.clock)
    member = state.conversations[KEY].participants[YOU]
    assert (member.last_read_seq, member.last_delivered_seq) == (1, 1)


def test_own_settings_changed_since_are_kept(state):
    since = state.clock
    muted = msgspec.structs.replace(shown(), is_muted=True)
    state.apply(Event("conversation.settings", SettingsEvent(muted), "s1"), 0.0)
    state.merge_conversation(shown(), since)
    assert state.conversations[KEY].is_muted
    state.merge_conversation(shown(), state.clock)
    assert not state.conversations[KEY].is_muted


def test_typing_ends_by_itself_and_by_sending(state):
    state.apply(Event("typing.started", TypingEvent(KEY, YOU)), 100.0)
    assert state.ephemeral.typing_in(KEY, 105.9) == [YOU]
    assert state.ephemeral.typing_in(KEY, 106.1) == []
    state.apply(Event("typing.started", TypingEvent(KEY, YOU)), 200.0)
    state.apply(created(1), 200.5)
    assert state.ephemeral.typing_in(KEY, 201.0) == []


def test_an_answer_that_waits_for_events_on_their_way_keeps_the_place_back(state):
    state.sent(message(2, sender_id=ME), 0.0)
    state.apply(Event("job.published", {}, "j.1", "12"), 0.0)
    assert state.offset == "10"
    state.apply(created(1, at="12"), 0.0)
    assert state.offset == "12"


def test_an_event_without_a_place_lets_the_place_move_on(state):
    state.apply(created(2, at="12"), 0.0)
    assert state.offset == "10"
    # As the channel of a large conversation brings it.
    state.apply(created(1), 0.0)
    assert state.offset == "12"


def test_a_conversation_that_was_asked_for_lets_the_place_move_on(state):
    other = "00000000-0000-0000-0000-0000000000aa"
    state.apply(replace(created(1, at="12", conversation_id=other), eid=f"{other}.2"), 0.0)
    assert state.offset == "10"
    state.merge_conversation(shown(rev=1, key=other), state.clock)
    assert state.offset == "12"


def test_a_mark_that_stands_still_or_repeats_is_taken_as_it_is(state):
    state.apply(created(1, at="11"), 0.0)
    state.apply(created(2, at="11"), 0.0)
    assert state.offset == "11"
    state.apply(created(3, at="13"), 0.0)
    state.apply(created(3, at="12"), 0.0)
    assert state.offset == "12"
    assert state.conversations[KEY].rev == 4


def test_without_a_place_there_is_nothing_to_resume(state):
    state.hello(hello(epoch="", offset=""))
    synced(state)
    state.apply(created(1, at="14"), 0.0)
    assert state.resume(0.0) is None


def test_unknown_events_are_passed_on_once(state):
    event = Event("job.published", {"job": {"id": "j"}}, "j.1", "11")
    assert names(state.apply(event, 0.0)) == [("job.published", "event")]
    assert state.apply(event, 0.0) == []
    assert state.offset == "11"


def test_another_users_state_is_refused(state):
    with pytest.raises(ValueError, match="another user"):
        state.hello(hello(user=User(YOU, "You")))


def test_a_domain_event_is_told_once_and_moves_the_place(state):
    d = DomainEvent("milestones", "r", "submitted", 3, "submit", YOU)
    event = Event("milestone.submitted", d, "d.7", "31")
    (change,) = state.apply(event, 5.0)
    assert (change.name, change.d, change.conversation_id) == ("milestone.submitted", d, None)
    assert state.apply(event, 5.0) == []
    assert state.resume(5.0)[:2] == ("e1", "31")


def test_an_own_system_message_is_read_by_its_receipt_only(state):
    said = SystemText("approve", "milestones", "r", ME)
    one = message(1, sender_id=ME, type="system", content=None, system=said)
    state.apply(Event("message.created", MessageEvent(one, 2, 1), "e", "31"), 5.0)
    assert state.conversations[KEY].unread == 1
    state.apply(Event("receipt.read", ReceiptEvent(KEY, ME, 1), "f", "32"), 5.0)
    assert state.conversations[KEY].unread == 0
    assert state.conversations[KEY].last_message == one
