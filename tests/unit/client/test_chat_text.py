"""What others wrote is shown, and drives nothing."""

import msgspec
import pytest

from client.chat.text import body, message_line, safe, title
from protocol.objects import Conversation, Message, Participant

ME, ANNA = "me", "anna"


def message(**fields):
    return Message(
        **{
            "id": "m",
            "conversation_id": "c",
            "seq": 12,
            "rev": 20,
            "sender_id": ANNA,
            "client_id": "x",
            "type": "text",
            "content": "hello",
            "created_at": "2026-11-20T22:03:00.123Z",
            **fields,
        }
    )


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain, 中文, naïve", "plain, 中文, naïve"),
        ("\x1b[2J", "\\x1b[2J"),
        ("a\x07b\x00c\x7f\x9b1m", "a\\x07b\\x00c\\x7f\\x9b1m"),
        ("two\nlines\tand\rmore", "two ⏎ lines and\\x0dmore"),
        ("\u202eright to left\u2066", "\\u202eright to left\\u2066"),
        ("\u2028", "\\u2028"),
        ("👩\u200d🚀", "👩\u200d🚀"),
        ("\ud800", "\\ud800"),
    ],
)
def test_control_characters_are_made_visible(text, shown):
    assert safe(text) == shown


def test_a_message_in_one_line():
    line = message_line(
        message(edited_at="t", is_pinned=True, reaction_counts={"👍": 2}, parent_id="p"),
        str,
        message(seq=7),
    )
    assert line == "[12] 22:03 anna: hello  (reply to [7], edited, pinned, 👍 2)"


def test_a_tombstone():
    assert body(message(content=None, is_deleted=True)) == "(deleted)"


def test_the_title_is_made_safe_or_made_of_the_others():
    conversation = Conversation(
        id="c",
        type="group",
        status="open",
        title="\x1b]0;x\x07",
        job_id=None,
        contract_id=None,
        participants=[Participant(user, "member", 0, 0) for user in (ME, ANNA)],
        last_seq=0,
        rev=1,
        last_message=None,
        last_message_at=None,
        created_at="t",
    )
    assert title(conversation, ME, str) == "\\x1b]0;x\\x07"
    assert title(msgspec.structs.replace(conversation, title=None), ME, str) == "anna"
