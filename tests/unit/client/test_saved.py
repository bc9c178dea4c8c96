"""A client that is ended and started again from what it had saved."""

import msgspec
import pytest

from client.state.changes import Event
from client.state.client_state import ClientState
from client.state.ranges import Ranges
from client.state.saved import Saved, restore, save
from protocol.events import ResyncEvent, SettingsEvent
from protocol.objects import UnreadTotals
from tests.unit.client.builders import (
    KEY,
    ME,
    YOU,
    created,
    hello,
    listed,
    message,
    names,
    notification,
    notified,
    shown,
    synced,
)

FORMATS = {"json": msgspec.json, "msgpack": msgspec.msgpack}


def again(state, now=0.0, form="msgpack", **options):
    """The state after it was written down and read."""
    codec = FORMATS[form]
    return restore(codec.decode(codec.encode(save(state, now, **options)), type=Saved), 1000.0)


@pytest.mark.parametrize("form", FORMATS)
def test_it_is_as_it_was(state, form):
    for seq in (1, 2, 3):
        state.apply(created(seq, at=f"1{seq}"), 5.0)
    deleted = message(2, 5, content=None, is_deleted=True)
    state.merge_messages(KEY, [deleted], state.clock)
    muted = msgspec.structs.replace(shown(rev=4, last_seq=3), is_muted=True)
    state.apply(Event("conversation.settings", SettingsEvent(muted), "s1", "14"), 5.0)
    state.apply(notified("created", at="15"), 5.0)
    same = again(state, 5.0, form)
    held, before = same.conversations[KEY], state.conversations[KEY]
    assert held.view() == before.view()
    assert held.history() == before.history()
    assert (held.rev, held.unread, held.told) == (4, 2, Ranges((1, 3)))
    assert same.resume(1000.0) == state.resume(5.0) == ("e1", "15", {KEY: 4})
    assert same.notifications.newest_first() == [notification()]
    assert not same.is_behind
    assert not same.store.dirty
    same.hello(hello(resumed=True, missed=2, offset="15"))
    assert same.apply(notified("created", at="15"), 1000.0) == []
    assert names(same.apply(created(4, at="16"), 1000.0)) == [("message.created", "event")]
    assert same.offset == "16"


def test_what_waited_comes_again(state):
    state.apply(created(2, at="12"), 0.0)
    same = again(state)
    assert same.resume(1000.0) == ("e1", "10", {})
    same.hello(hello(resumed=True, missed=2, offset="10"))
    same.apply(created(1, at="11"), 1000.0)
    same.apply(created(2, at="12"), 1000.0)
    assert same.conversations[KEY].rev == 3
    assert same.offset == "12"


def test_what_was_to_be_done_is_still_to_be_done(state):
    state.apply(Event("resync", ResyncEvent([KEY, YOU])), 0.0)
    assert again(state).store.dirty == {KEY, YOU}
    state.apply(Event("resync", ResyncEvent()), 0.0)
    same = again(state)
    same.hello(hello(resumed=True))
    assert same.is_behind
    assert same.notifications.behind_since is not None


def test_what_a_sync_left_out_is_still_owed(state):
    state.apply(Event("resync", ResyncEvent()), 0.0)
    synced(
        state,
        conversations=[shown(rev=500, last_seq=400)],
        messages=[message(seq, seq + 100) for seq in range(201, 401)],
        synced={KEY: 500},
        truncated={KEY: 201},
    )
    assert again(state).store.owed == {KEY: Ranges((1, 200))}


def test_only_the_newest_messages_are_kept_if_so_wished(state):
    for seq in range(1, 6):
        state.apply(created(seq), 0.0)
    gone = message(2, 7, content=None, is_deleted=True)
    state.merge_messages(KEY, [gone], state.clock)
    held = again(state, messages=2).conversations[KEY]
    assert [said.seq for said in held.history()] == [4, 5]
    assert held.unread == 4
    assert len(again(state, messages=50).conversations[KEY].history()) == 5


def test_what_is_gone_stays_gone(state):
    state.apply(Event("resync", ResyncEvent([KEY])), 0.0)
    synced(state, gone=[KEY])
    same = again(state)
    assert same.apply(created(0, rev=1), 0.0) == []
    assert not same.store.dirty


def test_before_the_first_sync():
    state = ClientState()
    state.hello(hello(unread=UnreadTotals(7, 3)))
    same = again(state)
    assert same.resume(1000.0) is None
    assert same.is_behind
    assert same.unread_messages == 7
    assert same.me == ME
    same.hello(hello())
    synced(same, conversations=[shown(rev=8, last_seq=7)])
    assert listed(same) == []


def test_another_version_is_refused(state):
    saved = msgspec.structs.replace(save(state, 0.0), version=2)
    with pytest.raises(ValueError, match="another version"):
        restore(saved, 0.0)
