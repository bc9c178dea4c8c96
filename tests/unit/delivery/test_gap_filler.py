"""What was missed, told as events: at true revs, everything, or not at all."""

from typing import Any

import msgspec
import pytest

from client.state.changes import Revised
from client.state.conversation import ConversationState
from protocol.events import ConversationEvent, MessageEvent
from protocol.objects import Conversation
from server.delivery.gap_filler import events_of
from storage.conversations.gap_reader import Missed
from tests.unit.chaos.test_oracle import ANNA, KEY, message

HELD = 10


def conversation(rev):
    return Conversation(
        *(KEY, "group", "open", None, None, None, []),
        *(9, rev, None, None, "2026-11-20T22:00:00.000Z"),
    )


def fetched(rev, *rows):
    """The events as `(name, rev, prev_rev, d)`; None for a sync."""
    events = events_of(HELD, Missed(conversation(rev), list(rows), {}, {}))
    if events is None:
        return None
    told = []
    for event in events:
        shape = ConversationEvent if event.ev == b"conversation.updated" else MessageEvent
        d: Any = msgspec.json.decode(event.d, type=shape)
        assert d.rev == int(event.rev)
        told.append((event.ev.decode(), d.rev, d.prev_rev, d))
    return told


def shape(*args):
    told = fetched(*args)
    return None if told is None else [each[:3] for each in told]


def test_every_rev_is_a_message():
    rows = message(6, rev=12), message(5, rev=11)
    assert shape(12, *rows) == [("message.created", 11, 10), ("message.created", 12, 11)]


def test_what_is_not_a_message_comes_with_the_conversation():
    assert shape(13, message(5, rev=12)) == [
        ("message.created", 12, 10),
        ("conversation.updated", 13, 12),
    ]
    assert shape(11) == [("conversation.updated", 11, 10)]


def test_a_reply_tells_of_its_parent_by_itself():
    parent, reply = message(3, rev=11, reply_count=1), message(5, rev=11, parent_id="m3")
    ((name, rev, prev_rev, d),) = fetched(11, parent, reply)
    assert (name, rev, prev_rev, d.message.id) == ("message.created", 11, 10, "m5")


@pytest.mark.parametrize(
    ("rev", "rows"),
    [
        (12, [message(5, rev=12)]),
        (13, [message(3, rev=11, reply_count=1), message(5, rev=11, parent_id="m3")]),
    ],
    ids=["something else at 11", "perhaps the parent at 12"],
)
def test_what_cannot_be_told_apart_is_synced(rev, rows):
    assert shape(rev, *rows) is None


def test_too_many_messages_are_synced():
    assert events_of(HELD, Missed(conversation(500), None, {}, {})) is None


@pytest.mark.parametrize("own_rev", [12, 13, 15])
def test_a_recipient_with_a_reply_of_its_own_misses_nothing(own_rev):
    """Its reply waits at its rev for those before; none of the fetched may be taken for it."""
    revs = [12, 13, 15]
    rows = [message(seq, rev=rev) for seq, rev in enumerate(revs, 5)]
    own = next(row for row in rows if row.rev == own_rev)
    state = ConversationState(conversation(HELD), ANNA, rev=HELD, born=0)
    state.offer(
        Revised(
            "message.created",
            MessageEvent(own, own_rev, own_rev - 1),
            own_rev,
            own_rev - 1,
            "reply",
        )
    )
    edited = message(2, rev=16, content="edited", edited_at="2026-11-20T22:04:00.000Z")
    for name, rev, prev_rev, d in fetched(17, *rows, edited):
        state.offer(Revised(name, d, rev, prev_rev))
    assert state.rev == 17
    assert sorted(state.by_seq) == [2, 5, 6, 7]
    assert state.messages["m2"].content == "edited"
