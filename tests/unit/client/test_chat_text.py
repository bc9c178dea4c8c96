"""What others wrote is shown, and drives nothing."""

import msgspec
import pytest

from client.chat import terminal
from client.chat.text import (
    body,
    columns,
    cut,
    inbox_line,
    message_line,
    padded,
    safe,
    size,
    title,
)
from protocol.objects import Attachment, Conversation, Message, Participant, SystemText

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
        link,
        message(seq=7),
    )
    assert line == "[12] 22:03 anna: hello  (reply to [7], edited, pinned, 👍 2)"


def test_a_tombstone():
    assert body(message(content=None, is_deleted=True), link) == "(deleted)"


def link(_message, _file_id):
    return 3


def conversation(**fields):
    return Conversation(
        **{
            "id": "c",
            "type": "group",
            "status": "open",
            "title": None,
            "job_id": None,
            "contract_id": None,
            "participants": [Participant(user, "member", 0, 0) for user in (ME, ANNA)],
            "last_seq": 0,
            "rev": 1,
            "last_message": None,
            "last_message_at": None,
            "created_at": "t",
            **fields,
        }
    )


def test_a_file_has_a_short_link():
    url = "https://parley.example/v1/files/x/content?expires=1&signature=" + "x" * 43
    file = Attachment("f", "brief\x1b.pdf", "application/pdf", 1_234_567, url, "t")
    assert body(message(attachments=[file]), link) == "hello <brief\\x1b.pdf, 1.2 MB, /link 3>"


@pytest.mark.parametrize(
    ("count", "shown"),
    [(0, "0 bytes"), (999, "999 bytes"), (1_000, "1 kB"), (26_214_400, "26.2 MB")],
)
def test_sizes(count, shown):
    assert size(count) == shown


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [
        ("plain", 5, "plain"),
        ("plainly", 5, "plai…"),
        ("剪辑字幕", 8, "剪辑字幕"),
        ("剪辑字幕和", 8, "剪辑字…"),
        ("剪辑字幕和", 7, "剪辑字…"),
        ("👩\u200d🚀👩\u200d🚀", 4, "👩\u200d🚀👩\u200d🚀"),
        ("👩\u200d🚀👩\u200d🚀", 3, "👩\u200d🚀…"),
        ("e\u0301e\u0301e\u0301", 2, "e\u0301…"),
        ("", 3, ""),
    ],
)
def test_no_character_is_cut_in_halves(text, width, shown):
    assert cut(text, width) == shown
    assert columns(padded(text, width)) == width


def test_the_inbox_stands_in_columns_in_every_script():
    lines = [
        inbox_line(number, conversation(title=name, last_message=message()), (ME, str, link))
        for number, name in enumerate(["Brief", "剪辑和字幕", "👍🏽", "a" * 200, "字" * 100], 1)
    ]
    assert {columns(line.partition("anna:")[0]) for line in lines} == {39}
    long = inbox_line(1, conversation(last_message=message(content="字" * 500)), (ME, str, link))
    assert columns(long) <= 39 + 48


def test_the_title_is_made_safe_or_made_of_the_others():
    named = conversation(title="\x1b]0;x\x07")
    assert title(named, ME, str) == "\\x1b]0;x\\x07"
    assert title(msgspec.structs.replace(named, title=None), ME, str) == "anna"


@pytest.mark.parametrize(
    ("url", "http"),
    [
        ("ws://127.0.0.1:8765/v1/ws", "http://127.0.0.1:8080"),
        ("ws://[::1]:8765/v1/ws", "http://[::1]:8080"),
        ("wss://parley.example/v1/ws", "https://parley.example"),
    ],
)
def test_the_http_door_beside_a_socket(url, http):
    assert terminal._http_url(url) == http


@pytest.mark.parametrize(
    ("resource", "action", "facts", "said"),
    [
        (
            "milestones",
            "milestone.approve",
            {"title": "Cut", "amount": "300.00", "currency": "USD"},
            "* approved a milestone “Cut” (300.00 USD)",
        ),
        ("contracts", "accept", {}, "* accepted the contract"),
        ("contract-amendments", "amendment.with_draw", {}, "* contract amendments: with draw"),
        ("milestones", "fund", {"status": "pending"}, "* is paying for a milestone"),
        ("milestones", "fund", {"status": "in_progress"}, "* funded a milestone"),
        ("milestones", "hold", {"status": "in_progress"}, "* a milestone is funded"),
        ("milestones", "deposit.fail", {}, "* the payment for a milestone has failed"),
        ("milestones", "submit", {"title": "a\x1bb"}, "* handed in a milestone “a\\x1bb”"),
    ],
)
def test_what_the_server_says_is_put_into_words(resource, action, facts, said):
    system = SystemText(action, resource, "r", ANNA, facts)
    one = message(type="system", content=None, system=system)
    line = message_line(one, str.title, lambda _message, _file: 1)
    assert line == f"[12] 22:03 Anna: {said}"
