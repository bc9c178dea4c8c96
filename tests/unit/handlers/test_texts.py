"""What text is: visible somewhere, and in names and titles on one line."""

import time
from uuid import UUID

import pytest

from handlers.messages.sending import check_message
from handlers.texts import check_emoji_length, check_line, check_text, is_line, is_visible
from protocol.errors import ErrorCode, RequestError
from protocol.limits import Limits
from protocol.requests import AttachmentRef, MessageSend
from server import seed

A_UUID = UUID("0192f000-0000-7000-8000-000000000000")
INVISIBLE = {
    "nothing": "",
    "spaces": " \t\n\u00a0\u3000\u2003\u1680",
    "line separators": "\u2028\u2029\u0085",
    "controls": "\x01\x1b\x7f\x9f",
    "joiners": "\u200b\u200c\u200d\u2060\ufeff",
    "presentation selectors": "\ufe0e\ufe0f\U000e0101",
    "marks without a letter": "\u0301\u0489\u20e3\u0903",
    "Hangul fillers": "\u115f\u1160\u3164\uffa0",
    "Braille without dots": "\u2800",
    "tags": "\U000e0001\U000e0041\U000e007f",
    "soft hyphens": "\u00ad",
    "bidi controls": "\u200e\u200f\u202e\u2066\u2069\u061c",
    "interlinear annotation": "\ufff9\ufffa\ufffb",
    "the place of an object": "\ufffc",
    "private use": "\ue000\U000f0000",
    "unassigned": "\u0378\U0003fffd\uffff",
    "Mongolian and Khmer vowels that are not drawn": "\u180b\u180e\u17b4",
    "graphs of music that are not drawn": "\U0001d159\U0001d173",
}
VISIBLE = {
    "a letter": "a",
    "a digit": "0",
    "punctuation": "…",
    "symbols": "€",
    "Chinese": "剪",
    "a letter after much else": "\u200b" * 500 + "\u5b57",
    "Arabic with marks": "\u0639\u064e",
    "Devanagari": "\u0915\u093e",
    "Hangul": "\ud55c",
    "digits of others": "\u0663",
    "an emoji": "👍",
    "an emoji of joined ones": "👩‍👩‍👧‍👦",
    "a code point reserved for an emoji": "\U0001faff",
    "a flag": "🇩🇪",
    "the sign of a replaced character": "\ufffd",
}


@pytest.mark.parametrize("name", INVISIBLE)
def test_text_that_shows_nothing_is_refused(name):
    text = INVISIBLE[name]
    assert not is_visible(text)
    assert not any(is_visible(character) for character in text)
    for check in (check_text, check_line):
        with pytest.raises(RequestError) as refused:
            check("title", text, 4000)
        assert refused.value.code == ErrorCode.VALIDATION_FAILED
        assert refused.value.details is not None
        assert refused.value.details["path"] == "title"


@pytest.mark.parametrize("name", VISIBLE)
def test_text_that_shows_something_passes(name):
    for text in (VISIBLE[name], "\u200b" * 40 + VISIBLE[name] + "\u2800"):
        assert is_visible(text)
        check_text("title", text, 4000)


@pytest.mark.parametrize("letter", ["a", "字", "\u0639", "👍"])
@pytest.mark.parametrize(
    "character", [*"\n\r\t\x00\x1b\x7f\x85\u2028\u2029\u202a\u202e\u2066\u2069\u200e\u200f\u061c"]
)
def test_a_line_has_nothing_that_breaks_or_turns_it(letter, character):
    for text in (letter + character, character + letter):
        assert is_visible(text)
        assert not is_line(text)
        with pytest.raises(RequestError, match=r"^title: must not have control, line-separator"):
            check_line("title", text, 4000)


@pytest.mark.parametrize(
    "text",
    [
        "Ada Lovelace",
        "Zoë",
        "李 雷",
        "می\u200cخواهم",
        "क\u094d\u200dष",
        "Ada 👩‍💻",
        "a\u00a0b\u3000c",
    ],
)
def test_a_line_may_have_what_scripts_and_emoji_need(text):
    check_line("title", text, 4000)


def test_a_message_is_held_to_it():
    def sent(content: str | None, *files: UUID) -> MessageSend:
        refs = [AttachmentRef(file) for file in files]
        return MessageSend(A_UUID, A_UUID, content, attachments=refs)

    limits = Limits()
    for good in (
        sent("two\nlines"),
        sent(None, A_UUID),
        sent("", A_UUID),
        sent("\u202e12", A_UUID),
    ):
        check_message(good, limits)
    for bad in (sent(None), sent(""), sent("\u3164"), sent("\u2800", A_UUID)):
        with pytest.raises(RequestError, match=r"^content: "):
            check_message(bad, limits)


@pytest.mark.parametrize("kind", ["image", "video", "audio", "file"])
def test_a_message_that_is_no_text_needs_an_attachment(kind):
    bare = MessageSend(A_UUID, A_UUID, "look at this", type=kind)
    with pytest.raises(RequestError, match=r"^type: ") as refused:
        check_message(bare, Limits())
    assert (refused.value.code, refused.value.details["path"]) == ("validation_failed", "type")
    with_file = MessageSend(A_UUID, A_UUID, type=kind, attachments=[AttachmentRef(A_UUID)])
    check_message(with_file, Limits())
    as_text = MessageSend(A_UUID, A_UUID, attachments=[AttachmentRef(A_UUID)])
    check_message(as_text, Limits())


def test_what_is_too_long_for_an_emoji_is_refused_at_once():
    began = time.thread_time()
    for text in ("a" + "\u0301\u0323" * 50_000, "\U0001f44d" * 9, "\u2764" + "\ufe0f" * 50_000):
        with pytest.raises(RequestError) as refused:
            check_emoji_length("emoji", text, 8)
        assert refused.value.details["limit"] == 8
    assert time.thread_time() - began < 1.0
    check_emoji_length("emoji", "\u2764\ufe0f" * 8, 8)


def test_what_is_seeded_would_be_taken():
    for account in seed.ACCOUNTS:
        check_line("display_name", account.display_name, 80)
    for _, text in (*seed._ABOUT_THE_JOB, *seed._IN_THE_TEAM):
        check_text("content", text, 4000)
