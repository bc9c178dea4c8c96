"""Pages of sync: what they bring, leave out, forget and begin anew."""

from uuid import UUID

import msgspec

from client.state.changes import Event
from client.state.client_state import ClientState
from client.state.ranges import Ranges
from client.state.sync import SyncPass
from protocol.events import (
    ConversationEvent,
    MemberEvent,
    MessageEvent,
    ResyncEvent,
    TypingEvent,
)
from tests.unit.client.builders import (
    KEY,
    ME,
    YOU,
    created,
    hello,
    listed,
    message,
    names,
    page,
    shown,
    synced,
)


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
    assert state.store.owed == {KEY: Ranges((1, 200))}
    assert list(state.conversations[KEY].loaded) == [(201, 400)]
    changes = state.merge_messages(
        KEY, [message(seq, seq + 100) for seq in range(1, 201)], state.clock
    )
    assert [change.d.message.seq for change in changes] == list(range(4, 201))
    assert not state.store.owed
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
    assert state.store.owed == {KEY: Ranges((1, 249))}


def test_gone_is_forgotten_and_late_events_do_not_bring_it_back(state):
    state.apply(Event("resync", ResyncEvent([KEY])), 0.0)
    _, changes = synced(state, gone=[KEY])
    assert names(changes) == [("conversation.gone", "sync")]
    assert not state.conversations
    assert state.apply(Event("typing.started", TypingEvent(KEY, YOU)), 0.0)
    assert not state.store.dirty


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
    assert state.store.dirty == {KEY}


def test_what_came_between_joining_again_and_a_page_may_have_been_missed(state):
    state.apply(Event("member.left", MemberEvent(KEY, ME, "member", 2, 1)), 0.0)
    state.apply(Event("resync", ResyncEvent()), 0.0)
    running = SyncPass(state, batch=10)
    running.request()
    state.apply(Event("conversation.created", ConversationEvent(shown(rev=4), 3, 2)), 0.0)
    running.apply(page(conversations=[shown(rev=4)]))
    assert state.conversations[KEY].rev == 3
    assert state.store.dirty == {KEY}
    request, _ = synced(state, conversations=[shown(rev=4)], synced={KEY: 4})
    assert list(map(str, request.conversations)) == [KEY]
    assert not state.store.dirty


def test_what_was_told_before_leaving_is_no_news_after_the_return(state):
    for seq in (1, 2, 3):
        state.apply(created(seq), 0.0)
    state.apply(Event("member.left", MemberEvent(KEY, ME, "member", 5, 4)), 0.0)
    # The object is newer than its event: as far as it tells, the last three may be still to come.
    again = ConversationEvent(shown(rev=9, last_seq=3), 6, 5)
    state.apply(Event("conversation.created", again), 0.0)
    edited = MessageEvent(message(2, 7), 7, 6)
    changes = state.apply(Event("message.updated", edited, f"{KEY}.7"), 0.0)
    assert names(changes) == [("message.updated", "event")]


def test_reset_begins_anew(state):
    for seq in (1, 2, 3):
        state.apply(created(seq), 0.0)
    state.apply(Event("resync", ResyncEvent()), 0.0)
    _, changes = synced(state, conversations=[shown(rev=2, last_seq=1)], reset=[KEY])
    assert names(changes) == [("conversation.reset", "sync")]
    held = state.conversations[KEY]
    assert (held.rev, held.last_seq, held.messages) == (2, 1, {})
    assert state.store.owed == {KEY: Ranges((1, 1))}
    # The revs are given out again, to other changes.
    assert names(state.apply(created(2, content="another"), 0.0)) == [("message.created", "event")]


def test_a_stranger_is_synced_and_then_known():
    state = ClientState()
    state.hello(hello())
    synced(state)
    other = created(1)
    assert state.apply(other, 0.0) == []
    assert state.store.dirty == {KEY}
    request, changes = synced(
        state,
        conversations=[shown(rev=2, last_seq=1)],
        messages=[message(1)],
        synced={KEY: 2},
    )
    assert request.conversations == {UUID(KEY): 0}
    assert names(changes) == [("conversation.created", "sync"), ("message.created", "sync")]
    assert not state.store.dirty


def test_resumed_names_the_stale(state):
    state.hello(hello(resumed=True, stale=[KEY], epoch="e1", offset="99"))
    assert not state.is_behind
    assert state.store.dirty == {KEY}
    assert state.offset == "10"


def test_resumed_goes_on_from_its_own_place_whatever_was_heard_since(state):
    state.hello(hello(epoch="e2", offset="77"))
    state.apply(created(2, at="79"), 0.0)
    state.hello(hello(resumed=True, missed=1, epoch="e1", offset="10"))
    synced(state, conversations=[shown(rev=3, last_seq=2)], synced={KEY: 3})
    assert state.resume(0.0) == ("e1", "10", {KEY: 3})
    assert state.missed == 1
    state.apply(created(1, at="11"), 0.0)
    assert state.missed == 0
    assert state.offset == "11"


def test_what_is_to_be_synced_keeps_the_place_back(state):
    state.apply(Event("resync", ResyncEvent([KEY])), 0.0)
    state.apply(Event("job.published", {}, "j.1", "12"), 0.0)
    assert state.offset == "10"
    synced(state, synced={KEY: 1})
    assert state.offset == "12"
    said = message(1, conversation_id=YOU)
    state.apply(Event("message.created", MessageEvent(said, 2, 1), f"{YOU}.2", "13"), 0.0)
    assert state.offset == "12"
    synced(state, gone=[YOU])
    assert state.offset == "13"


def test_what_a_sync_moved_is_named_when_resuming(state):
    state.apply(Event("resync", ResyncEvent()), 50.0)
    synced(state, conversations=[shown(rev=2, last_seq=1)], synced={KEY: 2})
    assert state.resume(60.0) == ("e1", "10", {KEY: 2})


def test_nothing_is_applied_before_the_notifications_are_listed(state):
    state.hello(hello(epoch="e2", offset="77"))
    running = SyncPass(state, batch=10)
    running.request()
    running.apply(page(conversations=[shown()]))
    assert state.offset == "10"
    listed(state)
    assert state.resume(0.0) == ("e2", "77", {})


def test_the_revs_named_fit_into_a_frame(state):
    for number in range(100, 1300):
        key = str(UUID(int=number))
        state.merge_conversation(shown(key=key), state.clock)
        said = message(1, conversation_id=key)
        state.apply(Event("message.created", MessageEvent(said, 2, 1)), float(number))
    _, _, revs = state.resume(1300.0)
    assert list(revs) == [str(UUID(int=number)) for number in range(300, 1300)]
    assert len(msgspec.json.encode(revs)) < 60_000


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
