"""A mail as the bytes that are sent: HTML and text that say the same, and headers that hold.

What people have written may stand in the subject, in titles and in contents. It ends no header, and
is no HTML. The HTML is one column of tables with styles inline, which old mail clients show too; it
says that it can be shown dark, and its colours are read on both grounds.
"""

import base64
import binascii
import hashlib
from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime

import msgspec

from protocol.notifications.lines import one_line, plain_lines
from protocol.notifications.rendering import LANGUAGES, language
from protocol.notifications.words import Language
from storage.mail.headers import (
    SUBJECT_CHARS,
    absolute,
    field,
    mailbox_field,
    text_field,
    token_field,
)
from storage.mail.html import Shown, ShownItem, html_of

ITEMS_MAX = 20
TITLE_CHARS = 200
CONTENT_CHARS = 2000


class MailItem(msgspec.Struct, frozen=True):
    """One thing that is told. `url` is a path of the web page, or a URL."""

    title: str
    content: str
    url: str | None


class Sender(msgspec.Struct, frozen=True):
    """Who writes: an address and its name, where answers go, and where the web page is.

    `settings_path` is the page on which people choose what they are told of; without it no link.
    """

    address: str
    name: str
    base_url: str
    reply_to: str | None = None
    settings_path: str | None = None


class Letter(msgspec.Struct, frozen=True):
    """What is written to one person, in their language (`en` or `zh`).

    Of `items` the first 20 are shown, `more` tells of how many it does not. `unsubscribe_url` is
    None for what cannot be turned off. `date` is an aware time.
    """

    to: str
    subject: str
    items: Sequence[MailItem]
    language: str
    message_id: str
    date: datetime
    more: int = 0
    unsubscribe_url: str | None = None


def compose(letter: Letter, sender: Sender) -> bytes:
    """The message (RFC 5322), its lines ended by CRLF, of seven bits unless an address needs more.

    Raises `AddressError` for an address that is none, `ValueError` for a `message_id` or an
    `unsubscribe_url` that no header can hold.
    """
    told = LANGUAGES[language(letter.language)]
    shown = _shown(letter, sender, told)
    fields = [
        mailbox_field("From", sender.address, sender.name),
        mailbox_field("To", letter.to),
        text_field("Subject", shown.subject),
        field("Date", format_datetime(letter.date)),
        token_field("Message-ID", letter.message_id),
        # RFC 3834: nobody's absence is answered to us.
        field("Auto-Submitted", "auto-generated"),
        field("Content-Language", told.tag),
    ]
    if sender.reply_to is not None:
        fields.append(mailbox_field("Reply-To", sender.reply_to, sender.name))
    if letter.unsubscribe_url is not None:
        # RFC 2369.
        fields.append(token_field("List-Unsubscribe", f"<{letter.unsubscribe_url}>"))
        if letter.unsubscribe_url.startswith("https://"):
            # RFC 8058, section 3.1, which asks for https.
            fields.append(field("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"))
    # Neither encoding of a part has an equals sign before an underscore (RFC 2045, section 6.7).
    boundary = "=_" + hashlib.sha256(letter.message_id.encode()).hexdigest()[:32]
    fields += [
        field("MIME-Version", "1.0"),
        field("Content-Type", f'multipart/alternative; boundary="{boundary}"'),
    ]
    line = f"\r\n--{boundary}".encode()
    texts = (("plain", _text_of(shown, told)), ("html", html_of(shown, told)))
    parts = b"".join(line + b"\r\n" + _part(kind, text) for kind, text in texts)
    return b"".join(fields) + parts + line + b"--\r\n"


def _part(kind: str, text: str) -> bytes:
    """A text in its shorter encoding, of seven bits: no server on the way has to change it."""
    lines = text.replace("\n", "\r\n").encode()
    quoted = binascii.b2a_qp(lines)
    encoded = base64.encodebytes(lines).replace(b"\n", b"\r\n")
    encoding = "quoted-printable" if len(quoted) <= len(encoded) else "base64"
    head = field("Content-Type", f'text/{kind}; charset="utf-8"')
    head += field("Content-Transfer-Encoding", encoding)
    return head + b"\r\n" + min(quoted, encoded, key=len)


def _shown(letter: Letter, sender: Sender, told: Language) -> Shown:
    items = letter.items[:ITEMS_MAX]
    more = letter.more + len(letter.items) - len(items)
    name = one_line(sender.name, 100)
    settings = sender.settings_path
    return Shown(
        name=name,
        subject=one_line(letter.subject, SUBJECT_CHARS) or told.title,
        items=[_item(item, sender.base_url) for item in items],
        more=told.mail.more_of(more) if more else None,
        base_url=absolute("/", sender.base_url) or "",
        why=told.mail.why.format(name=name),
        settings_url=None if settings is None else absolute(settings, sender.base_url),
        unsubscribe_url=letter.unsubscribe_url,
    )


def _item(item: MailItem, base_url: str) -> ShownItem:
    content = plain_lines(item.content)
    if len(content) > CONTENT_CHARS:
        content = content[: CONTENT_CHARS - 1].rstrip() + "…"
    url = None if item.url is None else absolute(item.url, base_url)
    return ShownItem(one_line(item.title, TITLE_CHARS), content, url)


def _text_of(shown: Shown, told: Language) -> str:
    """The same as the HTML, for who reads text."""
    parts = [
        "\n".join(part for part in (item.title, item.content, item.url) if part)
        for item in shown.items
    ]
    if shown.more is not None:
        parts.append(f"{shown.more}\n{shown.base_url}")
    foot = ["-- ", shown.why]
    if shown.settings_url is not None:
        foot.append(told.said.format(told.mail.settings, shown.settings_url))
    if shown.unsubscribe_url is not None:
        foot.append(told.said.format(told.mail.unsubscribe, shown.unsubscribe_url))
    return "\n\n".join([*parts, "\n".join(foot)]) + "\n"
