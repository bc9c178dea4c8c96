"""What is composed, read again as a mail program reads it."""

import datetime as dt
import email
import email.policy
import re
from email.header import decode_header, make_header
from html.parser import HTMLParser
from uuid import UUID

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.mail.composing import ITEMS_MAX, Letter, MailItem, Sender, compose
from storage.mail.headers import absolute
from storage.people.emails import AddressError

ID = UUID("0192f0aa-1111-7222-8333-444455556666")
SENDER = Sender(
    "no-reply@parley.example", "Parley", "https://parley.example", settings_path="/settings"
)
HOSTILE = 'Ada "the boss"\r\nBcc: everybody@example.org\n\n<script>alert(1)</script>\u202e'
LETTER = Letter(
    to="ben@example.org",
    subject="Ada has written to you",
    items=[MailItem("Ada", "Hello Ben,\nhow are you?", "/conversations/1")],
    language="en",
    message_id=f"<{ID}@parley.example>",
    date=dt.datetime(2026, 11, 30, 16, 0, tzinfo=dt.UTC),
    unsubscribe_url="https://parley.example/v1/unsubscribe/" + "a" * 120,
)


PLACES = ("subject", "sender", "title", "content")
"""Where what people have written, or an operator, comes into a mail."""
SHOWN_IN = {"subject": "Subject", "sender": "From"}
TYPES = ["multipart/alternative", "text/plain", "text/html"]


def composed_with(place, text):
    """The bytes of a mail with this text in one place."""
    title, content = (text if place == p else "plain" for p in ("title", "content"))
    sender = msgspec.structs.replace(SENDER, name=text) if place == "sender" else SENDER
    subject = text if place == "subject" else LETTER.subject
    letter = msgspec.structs.replace(
        LETTER, subject=subject, items=[MailItem(title, content, None)]
    )
    return compose(letter, sender)


def head_of(raw):
    """The headers, unfolded, of the bytes themselves: what any server reads."""
    return re.sub(r"\r\n[ \t]+", " ", raw.partition(b"\r\n\r\n")[0].decode()).split("\r\n")


def names_of(raw):
    return [line.partition(":")[0] for line in head_of(raw)]


def words_of(raw, name):
    """What a program shows of a header."""
    (value,) = (line for line in head_of(raw) if line.startswith(f"{name}: "))
    return str(make_header(decode_header(value.partition(": ")[2])))


def read(raw):
    return email.message_from_bytes(raw, policy=email.policy.default)


def composed(sender=SENDER, **changes):
    return read(compose(msgspec.structs.replace(LETTER, **changes), sender))


def texts(message):
    return [message.get_body((kind,)).get_content() for kind in ("plain", "html")]


class Page(HTMLParser):
    """The words and the links of a page; an unclosed tag is an error."""

    def __init__(self, text):
        super().__init__()
        self.words: list[str] = []
        self.links: list[str | None] = []
        self.tags: set[str] = set()
        self.open: list[str] = []
        self.language: str | None = None
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        if tag not in {"meta", "br"}:
            self.open.append(tag)
        if tag == "a":
            self.links.append(dict(attrs)["href"])
        if tag == "html":
            self.language = dict(attrs)["lang"]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] not in {"style", "title"}:
            self.words += data.split()


def test_headers_are_those_of_a_mail_that_a_program_sends():
    message = composed()
    assert message["From"] == "Parley <no-reply@parley.example>"
    assert (message["To"], message["Subject"]) == ("ben@example.org", "Ada has written to you")
    assert message["Date"].datetime == LETTER.date
    assert message["Message-ID"] == f"<{ID}@parley.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Content-Language"] == "en"
    assert message["List-Unsubscribe"] == f"<{LETTER.unsubscribe_url}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "Reply-To" not in message
    assert message.defects == []


def test_the_link_that_unsubscribes_is_one_line_however_long():
    raw = compose(LETTER, SENDER)
    assert f"\r\nList-Unsubscribe: <{LETTER.unsubscribe_url}>\r\n".encode() in b"\r\n" + raw
    assert max(map(len, raw.split(b"\r\n"))) < 998
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", raw)


def test_one_click_is_offered_over_https_only():
    message = composed(unsubscribe_url="http://localhost:8080/v1/unsubscribe/a")
    assert message["List-Unsubscribe"] == "<http://localhost:8080/v1/unsubscribe/a>"
    assert "List-Unsubscribe-Post" not in message


def test_what_cannot_be_turned_off_has_no_such_link():
    message = composed(unsubscribe_url=None)
    assert not [name for name in message if name.lower().startswith("list-")]
    assert "unsubscribe" not in str(message)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_text_and_html_say_the_same(language):
    items = [MailItem(f"Title {n}", f"Content {n} 你好", f"/a/{n}") for n in range(3)]
    message = composed(items=items, more=4, language=language)
    plain, html = texts(message)
    page = Page(html)
    for word in ("Title", "Content", "你好", *("0", "1", "2")):
        assert word in page.words and word in plain.split()
    urls = set(re.findall(r"https://\S+", plain))
    assert urls == set(page.links)
    assert {f"https://parley.example/a/{n}" for n in range(3)} <= urls
    assert {LETTER.unsubscribe_url, "https://parley.example/settings"} <= urls
    assert page.language == {"en": "en", "zh": "zh-CN"}[language]
    colon = {"en": ": ", "zh": "："}[language]
    assert plain.count(f"{colon}https://") == 2  # of the settings, and of what unsubscribes
    more = {"en": "4 more", "zh": "还有 4 条"}[language]
    assert more in plain and more in html
    assert "color-scheme" in html


@pytest.mark.parametrize(("given", "more", "told"), [(20, 0, None), (21, 0, 1), (25, 7, 12)])
def test_so_many_items_are_shown_and_the_rest_counted(given, more, told):
    items = [MailItem(f"Title {n}", "", None) for n in range(given)]
    plain, html = texts(composed(items=items, more=more))
    assert [plain.count("Title"), html.count("Title")] == [ITEMS_MAX] * 2
    assert re.findall(r"^(\d+) more\r?$", plain, re.MULTILINE) == (
        [] if told is None else [str(told)]
    )


@pytest.mark.parametrize("place", PLACES)
def test_names_with_line_breaks_and_quotes_stay_what_they_are(place):
    message = read(composed_with(place, HOSTILE))
    assert message.defects == []
    assert [one.addr_spec for one in message["To"].addresses] == ["ben@example.org"]
    assert [one.addr_spec for one in message["From"].addresses] == ["no-reply@parley.example"]
    page = Page(texts(message)[1])
    assert "script" not in page.tags
    if place in SHOWN_IN:
        shown = words_of(composed_with(place, HOSTILE), SHOWN_IN[place])
        assert shown.startswith('Ada "the boss" Bcc: everybody@example.org <script>')
        assert "\u202e" not in shown


ENCODED = (
    "=?utf-8?q?=0ABcc:_x=40evil.example?=",
    "=?utf-8?q?=0A=0APlease_log_in_at_evil.example?= mentioned you",
    "=?utf-8?q?=0D=0AX-Evil:_1?=",
    "Ada =?utf-8?b?CkJjYzogeEBl?=",
    "=?utf-8?q?=E2=80=AEadA?=",
    "=?utf-8?q?a?= =?utf-8?q?b?=",
)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("text", ENCODED)
def test_what_looks_like_an_encoded_word_is_shown_as_it_was_written(place, text):
    raw = composed_with(place, text)
    assert names_of(raw) == names_of(compose(LETTER, SENDER))
    if place in SHOWN_IN:
        assert text in words_of(raw, SHOWN_IN[place])


PIECES = st.sampled_from((
    *("=?", "?=", "utf-8?q?", "=0A", "=20", "\r\n", "\n", "\r", " ", "\x00", "\u2028"),
    *("Bcc: x@evil.example", "X-Evil: 1", '"', "<x@y.example>", ",", "(", "\\"),
    *("\ud800", "你好", "e\u0301" * 40, "a" * 90),
))  # fmt: skip
ENCODED_WORDS = st.builds(
    "=?{}?q?{}?=".format,
    st.sampled_from(["utf-8", "us-ascii", "iso-8859-1", "utf-16"]),
    st.lists(st.sampled_from(["=0A", "=0D=0A", "Bcc:_x=40evil.example", "a"])).map("".join),
)


@settings(deadline=None, max_examples=300)
@given(
    place=st.sampled_from(PLACES),
    text=st.lists(PIECES | ENCODED_WORDS, max_size=12).map("".join),
)
def test_nothing_that_is_written_makes_a_header(place, text):
    raw = composed_with(place, text)
    assert names_of(raw) == names_of(compose(LETTER, SENDER))
    assert raw.isascii()
    assert b"\0" not in raw
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", raw)
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert max(map(len, raw.partition(b"\r\n\r\n")[0].split(b"\r\n"))) <= 200
    message = email.message_from_bytes(raw)
    assert [part.get_content_type() for part in message.walk()] == TYPES


def test_a_name_of_other_scripts_is_read_as_it_is():
    sender = msgspec.structs.replace(SENDER, name="帕利 “Pärley”", reply_to="help@parley.example")
    message = composed(sender, subject="您好," * 30)
    assert message["From"].addresses[0].display_name == "帕利 “Pärley”"
    assert message["Subject"] == "您好," * 30
    assert message["Reply-To"].addresses[0].addr_spec == "help@parley.example"
    assert compose(LETTER, sender).isascii()


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Parley", "Parley <no-reply@parley.example>"),
        ("Parley Ltd.", "=?utf-8?q?Parley_Ltd=2E?=\r\n <no-reply@parley.example>"),
        ("", "no-reply@parley.example"),
    ],
)
def test_a_plain_name_is_sent_plain(name, shown):
    raw = compose(LETTER, msgspec.structs.replace(SENDER, name=name))
    assert f"From: {shown}\r\nTo: ben@example.org\r\nSubject: Ada has".encode() in raw


def test_the_domain_of_an_address_is_in_a_labels_and_the_local_part_as_it_is():
    raw = compose(msgspec.structs.replace(LETTER, to="Anna.Groß@bücher.example"), SENDER)
    assert "\r\nTo: Anna.Groß@xn--bcher-kva.example\r\n" in raw.decode()
    assert compose(msgspec.structs.replace(LETTER, to="Anna@bücher.example"), SENDER).isascii()


@pytest.mark.parametrize(
    "to",
    ["a@b.org\r\nBcc: c@d.org", "a b@c.org", "a", "a@b.org, c@d.org", "=?utf-8?q?=0AX:?=@b.org"],
)
def test_what_is_no_address_is_refused(to):
    with pytest.raises(AddressError):
        composed(to=to)


@pytest.mark.parametrize("text", ["<a@b>\r\nBcc: c@d", "<ü@b>", "<a b>", "x" * 1000])
@pytest.mark.parametrize("field", ["message_id", "unsubscribe_url"])
def test_what_no_header_holds_is_refused(field, text):
    with pytest.raises(ValueError, match="visible ASCII"):
        composed(**{field: text})


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("/conversations/1", "https://parley.example/app/conversations/1"),
        ("//evil.example/x", "https://parley.example/app/evil.example/x"),
        ("https://parley.example/x?y=1&z=2", "https://parley.example/x?y=1&z=2"),
        ("javascript:alert(1)", None),
        ('https://x.example/"><script>', 'https://x.example/"><script>'),
        ("https://x.example/a b", None),
        ("https://[", None),
    ],
)
def test_links_are_absolute_and_lead_to_the_web(url, expected):
    assert absolute(url, "https://parley.example/app") == expected


def test_a_link_ends_no_attribute():
    plain, html = texts(composed(items=[MailItem("a", "b", 'https://x.example/"><script>')]))
    assert 'https://x.example/"><script>' in plain
    assert "script" not in Page(html).tags
