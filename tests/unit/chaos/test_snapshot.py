"""What a client holds is compared with what a fresh one is shown: each difference is found."""

import msgspec
import pytest

from client.state.conversation import ConversationState
from loadtests.chaos.judges import snapshot
from loadtests.chaos.judges.violations import Kind
from protocol.objects import Conversation, Participant
from tests.unit.chaos.test_oracle import ANNA, BEN, KEY, message

SHOWN = Conversation(
    *(KEY, "group", "open", "Title", None, None),
    [Participant(ANNA, "owner", 3, 3), Participant(BEN, "member", 1, 2)],
    *(3, 4, message(3), "2026-11-20T22:03:00.123Z", "2026-11-20T22:00:00.000Z"),
    last_read_seq=1,
    unread=2,
    is_muted=False,
    is_archived=False,
    is_pinned=False,
)


def held(**changes):
    shown = msgspec.structs.replace(SHOWN, **changes)
    return {KEY: ConversationState(shown, BEN, rev=shown.rev, born=0)}


def kinds(one, other):
    return [kind for kind, _ in snapshot.conversations(one, other)]


def test_nothing_differs():
    assert kinds(held(), held()) == []


def test_unread_that_has_drifted():
    assert kinds(held(unread=1), held()) == [Kind.DRIFTED]


@pytest.mark.parametrize(
    "changes",
    [
        {"rev": 3},
        {"title": "Another"},
        {"last_message": message(3, rev=5, content="edited")},
        {"is_muted": True},
        {"participants": [SHOWN.participants[0]]},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_another_state(changes):
    assert Kind.DIFFERENT in kinds(held(**changes), held())


def test_receipts_of_others_may_be_behind():
    later = [Participant(ANNA, "owner", 4, 4), SHOWN.participants[1]]
    assert kinds(held(), held(participants=later)) == [Kind.BEHIND]


def test_a_conversation_that_is_missing_or_too_many():
    assert kinds({}, held()) == [Kind.LOST]
    assert kinds(held(), {}) == [Kind.DIFFERENT]


def test_receipts_of_others_count_in_small_conversations_only():
    people = [Participant(f"person {n}", "member", 1, 1) for n in range(40)]
    crowd = held(participants=[*people, SHOWN.participants[1]])
    later = [msgspec.structs.replace(one, last_read_seq=2, last_delivered_seq=2) for one in people]
    assert kinds(crowd, held(participants=[*later, SHOWN.participants[1]])) == []


def test_messages_in_another_state():
    state = held()[KEY]
    for seq in (2, 3):
        state.store(message(seq))
    stored = {seq: message(seq) for seq in (1, 2, 3)}
    assert list(snapshot.messages(state, stored)) == []
    stored[2] = message(2, rev=9, content="edited")
    ((kind, words),) = snapshot.messages(state, stored)
    assert kind is Kind.DIFFERENT
    assert "rev, content differ" in words
    assert [kind for kind, _ in snapshot.messages(state, {1: stored[1]})] == [Kind.DIFFERENT] * 2
