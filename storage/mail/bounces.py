"""Reports of mails that did not arrive: RFC 3464, as mail servers write them, or JSON.

A report is of recipients; each that failed is a bounce, for good or for now by its status code.
What a report says of us or of the content counts against nobody's address. Anybody can write a
report to us, so one has to bring back the mail that it is about.
"""

import email.errors
import email.policy
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from email.message import Message
from email.parser import HeaderParser
from email.utils import parsedate_to_datetime
from itertools import islice, pairwise
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from storage.mail.message_ids import MessageIds
from storage.mail.replies import is_hard, is_of_recipient
from storage.mail.suppressions import Kind, Noted

EVENTS_MAX = 500
_DEPTH = 3
"""So deep may a report be wrapped: by a gateway's footer, or by a list."""
_PARTS, _GROUPS = 20, 100
"""So many parts are read of one that holds some, and so many recipients' fields."""
_TYPE_CHARS = 500
_FIELD_CHARS = 1_000
_STATUSES = {"message/delivery-status", "message/global-delivery-status"}
_RETURNED = {
    "message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers",
}  # fmt: skip
_READER = HeaderParser(policy=email.policy.compat32)
_BLANK_LINES = re.compile(r"(?:\r?\n[ \t]*){2,}")
_UNREADABLE = (
    ValueError, LookupError, TypeError, AttributeError, ArithmeticError, email.errors.MessageError,
)  # fmt: skip
"""What the library raises at bytes of which its authors have not thought."""
_STATUS = re.compile(r"\s*([245]\.\d{1,3}\.\d{1,3})")


class NoReportError(ValueError):
    """The body is no report; the message says why."""


class MailEvent(msgspec.Struct, frozen=True):
    """A mail that did not arrive, or of which its reader complained.

    `id` is the same whenever the same event is sent again. A `bounce` has the enhanced status code
    (RFC 3463) of its last try. `at` is when it happened; unset: now.
    """

    id: Annotated[str, Meta(min_length=1, max_length=255, examples=["evt_example"])]
    kind: Literal["bounce", "complaint"]
    address: Annotated[str, Meta(min_length=3, max_length=320, examples=["ben@example.org"])]
    code: (
        Annotated[
            str,
            Meta(
                pattern=r"^[245]\.[0-9]{1,3}\.[0-9]{1,3}\Z",
                description="an enhanced status code, such as 5.1.1",
                examples=["5.1.1"],
            ),
        ]
        | None
    ) = None
    at: Annotated[datetime, Meta(tz=True)] | None = None

    def __repr__(self) -> str:
        return f"MailEvent({self.kind}, {self.code})"


class MailEvents(msgspec.Struct, frozen=True):
    """What a provider of mail tells: events in any order."""

    events: Annotated[list[MailEvent], Meta(max_length=EVENTS_MAX)]


def of_events(raw: bytes, now: datetime) -> list[Noted]:
    """The bounces and complaints of `MailEvents` in JSON.

    Raises `msgspec.ValidationError`, `msgspec.DecodeError`.
    """
    events = msgspec.json.decode(raw, type=MailEvents).events
    return [
        Noted(one.address, kind, f"event {one.id}", one.at or now, one.code)
        for one in events
        if (kind := _kind_of_event(one)) is not None
    ]


def of_report(raw: bytes, content_type: str | None, now: datetime, ids: MessageIds) -> list[Noted]:
    """The bounces of a report: a whole mail, or the body of one whose type is `content_type`.

    What it says counts only of an address to which we have sent the mail that it brings back. A
    report that is cut off within that mail is as good. Raises `NoReportError`.
    """
    if content_type is not None:
        raw = b"Content-Type: " + content_type.encode("ascii", "replace") + b"\r\n\r\n" + raw
    try:
        return _of_report(raw, now, ids)
    except NoReportError:
        raise
    except _UNREADABLE as error:
        raise NoReportError("a header cannot be read") from error


def _of_report(raw: bytes, now: datetime, ids: MessageIds) -> list[Noted]:
    # Of other letters (RFC 6533) they are UTF-8.
    parts = list(_parts(_read(raw.decode("utf-8", "replace")), _DEPTH))
    statuses = [part for part in parts if part.get_content_type() in _STATUSES]
    if not statuses:
        raise NoReportError("there is no part message/delivery-status")
    told_at = min(_time(parts[0].get("Date"), now), now)
    returned = next((part for part in parts if part.get_content_type() in _RETURNED), None)
    if returned is None:
        return []
    mail = _read(_body(returned).lstrip())
    groups = [group for part in statuses for group in _groups(_body(part))]
    return list(_noted(groups, mail, told_at, ids))


def _read(text: str) -> Message:
    """The headers of a text; what comes after them is its body, which is not read."""
    return _READER.parsestr(text, headersonly=True)


def _body(part: Message) -> str:
    return str(part.get_payload())


def _parts(message: Message, depth: int) -> Iterator[Message]:
    """A mail and its parts, and those within them, to a bounded depth.

    The library descends as deep as a mail goes, and compares each line with all boundaries.
    """
    yield message
    boundary = _boundary(message)
    if boundary is None or not depth:
        return
    body = _body(message)
    marks = list(islice(boundary.finditer(body), _PARTS))
    for mark, following in pairwise([*marks, None]):
        if mark is None or mark[1]:
            return
        text = body[mark.end() : None if following is None else following.start()]
        yield from _parts(_read(text), depth - 1)


def _boundary(message: Message) -> re.Pattern[str] | None:
    """The line between the parts of a multipart, with a group for that after the last."""
    told = str(message.get("Content-Type", ""))
    if message.get_content_maintype() != "multipart" or len(told) > _TYPE_CHARS:
        return None
    boundary = message.get_boundary()
    if not boundary:
        return None
    return re.compile(rf"^--{re.escape(boundary)}(--)?[ \t]*\r?(?:\n|\Z)", re.MULTILINE)


def _groups(fields: str) -> Iterator[Message]:
    """The fields of a mail come first, then those of each recipient."""
    for text in islice(_BLANK_LINES.split(fields), _GROUPS):
        yield _read(text.lstrip())


def _noted(
    groups: Iterable[Message], mail: Message, told_at: datetime, ids: MessageIds
) -> Iterator[Noted]:
    message_id = _field(mail, "Message-ID")
    for group in groups:
        status = _STATUS.match(_field(group, "Status"))
        if _field(group, "Action").lower() != "failed" or status is None:
            continue
        kind = _kind_of_code(status[1])
        ours = (one for one in _addresses(mail, group) if ids.is_of(message_id, one))
        address = next(ours, None)
        if kind is not None and address is not None:
            at = min(_time(group.get("Last-Attempt-Date"), told_at), told_at)
            yield Noted(address, kind, f"report of {message_id}", at, status[1])


def _addresses(mail: Message, group: Message) -> Iterator[str]:
    """Whom we may have written to; a server may have sent it on to another, and say only that."""
    yield _field(mail, "To")
    for name in ("Original-Recipient", "Final-Recipient"):
        kind, _, address = _field(group, name).partition(";")
        if kind.strip().lower() in {"rfc822", "utf-8"}:
            yield address.strip().strip("<>")


def _field(group: Message, name: str) -> str:
    value = group.get(name)
    return "" if value is None else " ".join(str(value)[:_FIELD_CHARS].split())


def _kind_of_event(event: MailEvent) -> Kind | None:
    if event.kind == "complaint":
        return "complaint"
    return None if event.code is None else _kind_of_code(event.code)


def _kind_of_code(code: str) -> Kind | None:
    if is_hard(code):
        return "hard"
    return "soft" if is_of_recipient(code) else None


def _time(text: str | None, otherwise: datetime) -> datetime:
    """A time of a header; what is none, or has no zone, counts as the other."""
    try:
        moment = parsedate_to_datetime(str(text)[:_FIELD_CHARS])
    except (ValueError, OverflowError):
        return otherwise
    return otherwise if moment.tzinfo is None else moment.astimezone(UTC)
