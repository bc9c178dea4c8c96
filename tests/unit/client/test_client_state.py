"""Single steps of the client's algorithm; tests/machines runs them in every order."""

from uuid import UUID

import msgspec
import pytest

from client.changes import Event
from client.ranges import Ranges
from client.state import ClientState
from client.sync import SyncPass
from protocol.events import (
    ConversationEvent,
    MemberEvent,
    MessageEvent,
    NotificationEvent,
    ReceiptEvent,
    ResyncEvent,
    SettingsEvent,
    TypingEvent,
    UnreadEvent,
)
from protocol.objects import Conversation, LimitsInForce, Message, Notification, Participant, User
from protocol.replies import HelloReply, SyncReply, UnreadTotals

ME, YOU, KEY = (str(UUID(int=number)) for number in (1, 2, 3))
LIMITS = LimitsInForce(65536, 4000, 10, 20, 60, 64, 200, 200)


def hello(**fields):
    return HelloReply(
        **{
            "session_id": "s",
            "user": User(ME, "Me"),
            "server_time": "",
            "token_expires_at": "",
            "epoch": "e1",
            "offset": "10",
            "resumed": False,
            "missed": 0,
            "stale": [],
            "unread": None,
            "limits": LIMITS,
            "heartbeat_s": 25,
            **fields,
        }
    )


def shown(rev=1, last_seq=0, key=KEY, **fields):
    return Conversation(
        **{
            "id": key,
            "type": "direct",
            "status": "open",
            "title": None,
            "job_id": None,
            "contract_id": None,
            "participants": [Participant(ME, "member", 0, 0), Participant(YOU, "member", 0, 0)],
            "last_seq": last_seq,
            "rev": rev,
            "last_message": None,
            "last_message_at": None,
            "created_at": "t",
            "last_read_seq": 0,
            "unread": last_seq,
            "is_muted": False,
            "is_archived": False,
            "is_pinned": False,
            **fields,
        }
    )


def message(seq, rev=None, **fields):
    return Message(
        **{
            "id": f"m{seq}",
            "conversation_id": KEY,
            "seq": seq,
            "rev": rev or seq + 1,
            "sender_id": YOU,
            "client_id": "c",
            "type": "text",
            "content": f"{seq}",
            "created_at": f"t{seq}",
            **fields,
        }
    )


def created(seq, prev_rev=None, at=None, **fields):
    said = message(seq, **fields)
    prev = said.rev - 1 if prev_rev is None else prev_rev
    return Event("message.created", MessageEvent(said, said.rev, prev), f"{KEY}.{said.rev}", at)


def page(**fields):
    return SyncReply(
        **{
            "conversations": [],
            "messages": [],
            "receipts": [],
            "synced": {},
            "truncated": {},
            "gone": [],
            "reset": [],
            "cursor": None,
            "complete": True,
            **fields,
        }
    )


def synced(state, **fields):
    running = SyncPass(state, batch=10)
    request = running.request()
    changes = running.apply(page(**fields))
    assert running.request() is None
    return request, changes


@pytest.fixture
def state():
    """A client that is up to date, with one conversation at rev 1."""
    state = ClientState()
    state.hello(hello())
    synced(state, conversations=[shown()])
    return state


def names(changes):
    return [(change.name, change.origin) for change in changes]


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


def test_an_event_ahead_waits_and_asks_for_a_sync(state):
    assert state.apply(created(2, at="12"), 0.0) == []
    assert state.shelf.dirty == {KEY}
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
    assert not state.shelf.dirty
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
    assert not state.shelf.dirty


def test_an_own_message_ahead_of_others_asks_for_no_sync(state):
    state.sent(message(2, sender_id=ME), 0.0)
    assert not state.shelf.dirty
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


def test_truncated_owes_what_came_since_and_what_was_at_hand(state):
    for seq in (1, 2, 3):
        state.apply(created(seq), 0.0)
    state.apply(Event("resync", ResyncEvent()), 0.0)
    request, _ = synced(
        state,
        conversations=[shown(rev=500, last_seq=400)],
        messages=[message(seq, seq + 100) for seq in range(201, 401)],
        synced={KEY: 500},
        truncated={KEY: 201},
    )
    assert not request.only_named
    assert state.shelf.owed == {KEY: Ranges((1, 200))}
    assert list(state.conversations[KEY].loaded) == [(201, 400)]
    changes = state.merge_messages(
        KEY, [message(seq, seq + 100) for seq in range(1, 201)], state.clock
    )
    assert [change.d.message.seq for change in changes] == list(range(4, 201))
    assert not state.shelf.owed
    assert state.conversations[KEY].unread == 400


def test_what_was_asked_before_the_cut_is_not_believed(state):
    state.apply(created(1), 0.0)
    before = state.clock
    state.apply(Event("resync", ResyncEvent()), 0.0)
    synced(
        state,
        conversations=[shown(rev=300, last_seq=250)],
        messages=[message(250, 300)],
        synced={KEY: 300},
        truncated={KEY: 250},
    )
    state.merge_messages(KEY, [message(1)], before)
    assert 1 not in state.conversations[KEY].loaded
    assert state.shelf.owed == {KEY: Ranges((1, 249))}


def test_gone_is_forgotten_and_late_events_do_not_bring_it_back(state):
    state.apply(Event("resync", ResyncEvent([KEY])), 0.0)
    _, changes = synced(state, gone=[KEY])
    assert names(changes) == [("conversation.gone", "sync")]
    assert not state.conversations
    assert state.apply(Event("typing.started", TypingEvent(KEY, YOU)), 0.0)
    assert not state.shelf.dirty


def test_gone_loses_against_having_joined_again_since(state):
    state.apply(Event("resync", ResyncEvent([KEY])), 0.0)
    running = SyncPass(state, batch=10)
    running.request()
    left = MemberEvent(KEY, ME, "member", 2, 1)
    state.apply(Event("member.left", left), 0.0)
    again = ConversationEvent(shown(rev=3), 3, 2)
    state.apply(Event("conversation.created", again), 0.0)
    running.apply(page(gone=[KEY]))
    assert state.conversations[KEY].rev == 3
    assert state.shelf.dirty == {KEY}


def test_reset_begins_anew(state):
    for seq in (1, 2, 3):
        state.apply(created(seq), 0.0)
    state.apply(Event("resync", ResyncEvent()), 0.0)
    _, changes = synced(state, conversations=[shown(rev=2, last_seq=1)], reset=[KEY])
    assert names(changes) == [("conversation.reset", "sync")]
    held = state.conversations[KEY]
    assert (held.rev, held.last_seq, held.messages) == (2, 1, {})
    assert state.shelf.owed == {KEY: Ranges((1, 1))}
    # The revs are given out again, to other changes.
    assert names(state.apply(created(2, content="another"), 0.0)) == [("message.created", "event")]


def test_a_stranger_is_synced_and_then_known():
    state = ClientState()
    state.hello(hello())
    synced(state)
    other = created(1)
    assert state.apply(other, 0.0) == []
    assert state.shelf.dirty == {KEY}
    request, changes = synced(
        state,
        conversations=[shown(rev=2, last_seq=1)],
        messages=[message(1)],
        synced={KEY: 2},
    )
    assert request.conversations == {UUID(KEY): 0}
    assert names(changes) == [("conversation.created", "sync"), ("message.created", "sync")]
    assert not state.shelf.dirty


def test_resumed_names_the_stale(state):
    state.hello(hello(resumed=True, stale=[KEY], epoch="e1", offset="99"))
    assert not state.is_behind
    assert state.shelf.dirty == {KEY}
    assert state.offset == "10"


def test_a_sync_interrupted_leaves_the_old_place(state):
    state.hello(hello(epoch="e2", offset="77"))
    state.apply(created(1, at="78"), 0.0)
    assert state.resume(0.0) == ("e1", "10", {KEY: 2})
    synced(state, conversations=[shown(rev=2, last_seq=1)], synced={KEY: 2})
    assert state.resume(0.0) == ("e2", "78", {KEY: 2})


def test_a_resync_during_a_sync_asks_for_another(state):
    state.apply(Event("resync", ResyncEvent()), 0.0)
    running = SyncPass(state, batch=10)
    running.request()
    state.apply(Event("resync", ResyncEvent()), 0.0)
    running.apply(page(conversations=[shown()], synced={KEY: 1}))
    assert state.is_behind


def test_many_conversations_are_named_in_batches(state):
    for number in range(10, 15):
        key = str(UUID(int=number))
        state.merge_conversation(shown(key=key), state.clock)
    state.apply(Event("resync", ResyncEvent()), 0.0)
    running = SyncPass(state, batch=4)
    asked = []
    while (request := running.request()) is not None:
        asked.append((len(request.conversations), request.only_named))
        running.apply(page(synced={str(key): 1 for key in request.conversations}))
    assert asked == [(4, True), (2, False)]


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
    assert state.shelf.dirty == {KEY}
    assert state.notifications.unread == 2


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
    assert state.shelf.dirty == {KEY}


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
    assert state.company.typing_in(KEY, 105.9) == [YOU]
    assert state.company.typing_in(KEY, 106.1) == []
    state.apply(Event("typing.started", TypingEvent(KEY, YOU)), 200.0)
    state.apply(created(1), 200.5)
    assert state.company.typing_in(KEY, 201.0) == []


def test_notifications_are_counted_once(state):
    item = Notification(
        "n1", "t", "c", "title", "text", {}, "normal", None, None, 1, None, "t", None
    )
    event = Event("notification.created", NotificationEvent(item), "n1.1", "11")
    state.apply(event, 0.0)
    state.apply(event, 0.0)
    assert state.notifications.unread == 1
    read = msgspec.structs.replace(item, read_at="t")
    state.apply(Event("notification.updated", NotificationEvent(read), "n1.2", "12"), 0.0)
    assert state.notifications.unread == 0
    assert state.notifications.newest_first() == [read]


def test_unknown_events_are_passed_on_once(state):
    event = Event("job.published", {"job": {"id": "j"}}, "j.1", "11")
    assert names(state.apply(event, 0.0)) == [("job.published", "event")]
    assert state.apply(event, 0.0) == []
    assert state.offset == "11"


def test_another_users_state_is_refused(state):
    with pytest.raises(ValueError, match="another user"):
        state.hello(hello(user=User(YOU, "You")))
