"""Notifications by events and by lists, in whatever order they come."""

from client.state.changes import Event
from client.state.client_state import ClientState
from protocol.events import ResyncEvent, UnreadEvent
from tests.unit.client.builders import hello, listed, names, notification, notified, synced


def held(state):
    return [item.id for item in state.notifications.newest_first()]


def test_they_are_counted_once(state):
    assert names(state.apply(notified("created"), 0.0)) == [("notification.created", "event")]
    assert state.apply(notified("created"), 0.0) == []
    assert state.apply(notified("created", eid="told again"), 0.0) == []
    assert state.notifications.unread == 1
    state.apply(notified("updated", read_at="t"), 0.0)
    assert state.notifications.unread == 0
    assert held(state) == ["n1"]


def test_one_that_is_put_away_is_not_at_hand_any_more(state):
    state.apply(notified("created"), 0.0)
    state.apply(notified("updated", read_at="t", archived_at="t"), 0.0)
    assert held(state) == []
    assert state.notifications.unread == 0


def test_what_came_while_away_is_told_but_not_at_first():
    state = ClientState()
    state.hello(hello())
    synced(state)
    assert state.notifications.behind_since is None
    state.hello(hello(offset="20"))
    changes = listed(state, notification(2), notification(1))
    assert [change.d.notification.id for change in changes] == ["n1", "n2"]
    state.apply(notified("created", 2), 0.0)
    assert state.notifications.unread == 2
    fresh = ClientState()
    fresh.hello(hello())
    assert listed(fresh, notification(1)) == []


def test_a_list_older_than_an_event_undoes_nothing(state):
    state.apply(notified("created", 1), 0.0)
    since = state.clock
    state.apply(notified("updated", 1, read_at="t"), 0.0)
    state.apply(notified("created", 2), 0.0)
    listed(state, notification(1), since=since)
    assert held(state) == ["n2", "n1"]
    assert state.notifications.unread == 1
    listed(state, notification(2), since=state.clock)
    assert held(state) == ["n2"]


def test_a_resync_during_a_list_asks_for_another(state):
    state.apply(Event("resync", ResyncEvent()), 0.0)
    since = state.clock
    state.apply(Event("resync", ResyncEvent()), 0.0)
    listed(state, since=since)
    assert state.notifications.behind_since == state.clock - 1


def test_a_figure_that_differs_is_checked_not_believed(state):
    state.apply(Event("unread.changed", UnreadEvent(0, 1, {})), 0.0)
    assert state.notifications.unread == 0
    assert state.notifications.behind_since is not None
    state.apply(notified("created"), 0.0)
    listed(state, notification(1))
    assert state.notifications.unread == 1
    assert state.notifications.behind_since is None


def test_a_figure_is_believed_while_not_all_are_at_hand(state):
    state.apply(Event("resync", ResyncEvent()), 0.0)
    listed(state, notification(9), unread=40, is_all=False)
    assert state.notifications.unread == 40
    state.apply(notified("created", 10, unread=41), 0.0)
    assert state.notifications.unread == 41
    state.apply(Event("unread.changed", UnreadEvent(0, 30, {})), 0.0)
    assert state.notifications.unread == 30
    assert state.notifications.behind_since is None
