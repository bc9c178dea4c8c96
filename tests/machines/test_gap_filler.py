"""A gap that was fetched, told as events, brings a client to where a fresh snapshot would."""

from collections.abc import Callable

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from client.connection.frames import JSON as CLIENT_JSON
from client.state.changes import Change, Event
from client.state.client_state import ClientState
from client.state.sync import SyncPass
from protocol.bus import BusEvent
from protocol.codec import JSON
from protocol.objects import Message, User
from protocol.replies import HelloReply
from server.delivery.gap_filler import events_of
from storage.conversations.gap_reader import Missed
from tests.machines.client_harness import LIMITS, pick
from tests.machines.miniature import ME, THIRD, YOU, Log, Miniature

KINDS = [
    "send",
    "send",
    "reply",
    "edit",
    "react",
    "pin",
    "undo",
    "delete",
    "rename",
    "join",
    "leave",
]


class Ground:
    """One conversation, a client that holds it, and what the client told as created."""

    def __init__(self) -> None:
        self.server = Miniature()
        self.log: Log = self.server.create((ME, YOU))
        self.state = ClientState()
        self.told: list[int] = []

    def change(self, data: st.DataObject) -> None:
        """One more rev, of the deletion of a reply two."""
        log, kind = self.log, data.draw(st.sampled_from(KINDS))
        # The server refuses to change a deleted message in any way, and to answer it.
        standing = [message for message in log.messages if not message.is_deleted]
        if kind == "rename":
            self.server.rename(log, f"title {log.rev}")
        elif kind == "join" and THIRD not in log.members:
            self.server.join(log, THIRD)
        elif kind == "leave" and THIRD in log.members:
            self.server.leave(log, THIRD)
        elif kind == "undo" and (marked := [one for one in standing if one.reactions]):
            self.server.update(log, pick(data, marked).seq, reactions={}, reaction_counts={})
        elif kind == "reply" and standing:
            self.server.send(log, self.sender(data), pick(data, standing))
        elif kind == "delete" and standing:
            self.server.delete(log, pick(data, standing).seq)
        elif kind in _FIELDS and standing:
            self.server.update(log, pick(data, standing).seq, **_FIELDS[kind](log))
        else:
            self.server.send(log, self.sender(data), None)
        log.unpublished.clear()

    def sender(self, data: st.DataObject) -> str:
        return data.draw(st.sampled_from(sorted(self.log.members)))

    def catch_up(self, *, is_open: bool) -> None:
        """The client holds what there is; of an open conversation all messages."""
        self.state.hello(_HELLO)
        running = SyncPass(self.state, batch=10)
        while (request := running.request()) is not None:
            self.take(running.apply(self.server.sync(request, {})))
        if is_open:
            since = self.state.clock
            self.take(self.state.merge_messages(self.log.id, self.log.messages, since))
        self.state.store.owed.clear()

    def take(self, changes: list[Change]) -> None:
        self.told += [one.d.message.seq for one in changes if one.name == "message.created"]

    def missed(self, held: int) -> Missed:
        return self.server.missed(self.log, held)

    def check(self) -> None:
        held, log = self.state.conversations[self.log.id], self.log
        assert not self.state.store.dirty
        view, truth = held.view(), log.view(ME)
        assert sorted(view.participants, key=lambda one: one.user_id) == truth.participants
        for name in ("rev", "last_seq", "title", "last_message", "unread", "last_read_seq"):
            assert getattr(view, name) == getattr(truth, name), name
        for message in held.history():
            assert message == log.messages[message.seq - 1]


_FIELDS: dict[str, Callable[[Log], dict[str, object]]] = {
    "edit": lambda log: {
        "content": f"edited at {log.rev}",
        "edited_at": "2026-11-20T01:00:00.000Z",
    },
    "react": lambda _log: {"reactions": {"👍": [YOU]}, "reaction_counts": {"👍": 1}},
    "pin": lambda _log: {"is_pinned": True},
}

_HELLO = HelloReply(
    session_id="s",
    user=User(ME, "Me"),
    server_time="",
    token_expires_at="",
    epoch="e",
    offset="1-0",
    resumed=False,
    missed=0,
    stale=[],
    unread=None,
    limits=LIMITS,
    heartbeat_s=25,
)


def received(event: BusEvent) -> Event:
    """As the client gets it: through the wire's format."""
    payload = JSON.event(event.ev, event.eid, "", event.d)
    return CLIENT_JSON.event(CLIENT_JSON.frame(payload))


@given(st.data(), st.integers(0, 8), st.integers(1, 8), st.booleans())
def test_events_of_a_gap_bring_the_present_state(
    data: st.DataObject, before: int, missed: int, is_open: bool
) -> None:
    ground = Ground()
    for _ in range(before):
        ground.change(data)
    ground.catch_up(is_open=is_open)
    held, seq = ground.log.rev, ground.log.last_seq
    for _ in range(missed):
        ground.change(data)
    events = events_of(held, ground.missed(held))
    if events is None:
        return  # the client is told to sync
    ground.told.clear()
    revs = [int(event.rev) for event in events]
    assert revs == sorted(set(revs))
    assert revs[-1] == ground.log.rev
    for event in events:
        ground.take(ground.state.apply(received(event), 0.0))
    ground.check()
    assert sorted(ground.told) == list(range(seq + 1, ground.log.last_seq + 1))
    # And live events follow on.
    ground.server.send(ground.log, YOU, None)
    event_after = ground.server.publish(ground.log)
    ground.take(ground.state.apply(event_after, 0.0))
    ground.check()


@given(st.data(), st.integers(1, 6), st.integers(1, 6))
def test_own_sends_among_what_was_missed(data: st.DataObject, before: int, missed: int) -> None:
    """Their replies have come already: with the events of the gap nothing is taken for known."""
    ground = Ground()
    for _ in range(before):
        ground.change(data)
    ground.catch_up(is_open=True)
    held = ground.log.rev
    for _ in range(missed):
        if data.draw(st.booleans()):
            ground.server.send(ground.log, ME, None)
            ground.log.unpublished.clear()
            ground.take(ground.state.sent(ground.log.messages[-1], 0.0))
        else:
            ground.change(data)
    for event in events_of(held, ground.missed(held)) or ():
        ground.take(ground.state.apply(received(event), 0.0))
    if events_of(held, ground.missed(held)) is not None:
        ground.check()


def test_more_than_can_be_told_is_synced() -> None:
    ground = Ground()
    assert events_of(0, Missed(ground.log.view(None), None, {}, {})) is None


def test_a_new_message_that_was_answered_is_not_left_to_its_answer() -> None:
    """Its own rev is that of the message that it answers."""
    ground = Ground()
    ground.server.send(ground.log, YOU, None)
    held = ground.log.rev
    ground.server.send(ground.log, YOU, ground.log.messages[0])
    ground.server.send(ground.log, YOU, ground.log.messages[1])
    assert events_of(held, ground.missed(held)) is None


def test_an_answer_to_a_known_message_needs_no_sync() -> None:
    ground = Ground()
    ground.server.send(ground.log, YOU, None)
    held = ground.log.rev
    ground.server.send(ground.log, YOU, ground.log.messages[0])
    events = events_of(held, ground.missed(held))
    assert events is not None
    assert [_message(event).seq for event in events] == [2]


def test_plain_messages_need_no_sync() -> None:
    """What is missed most often: it must not come to a sync."""
    ground = Ground()
    for _ in range(3):
        ground.server.send(ground.log, YOU, None)
    events = events_of(1, ground.missed(1))
    assert events is not None
    assert [event.ev for event in events] == [b"message.created"] * 3
    assert _message(events[0]) == ground.log.messages[0]


def _message(event: BusEvent) -> Message:
    return msgspec.convert(msgspec.json.decode(event.d)["message"], Message)


def test_a_reply_that_was_changed_and_changed_back_is_counted_once() -> None:
    ground = Ground()
    ground.server.send(ground.log, YOU, None)
    ground.catch_up(is_open=True)
    held = ground.log.rev
    ground.server.send(ground.log, YOU, ground.log.messages[0])
    ground.server.update(ground.log, 2, reactions={"👍": [ME]}, reaction_counts={"👍": 1})
    ground.server.update(ground.log, 2, reactions={}, reaction_counts={})
    ground.server.rename(ground.log, "a title")
    events = events_of(held, ground.missed(held))
    assert events is not None
    assert [event.ev for event in events] == [
        b"message.updated",
        b"message.updated",
        b"conversation.updated",
    ]
    for event in events:
        ground.take(ground.state.apply(received(event), 0.0))
    ground.check()
    assert ground.told == [2]
