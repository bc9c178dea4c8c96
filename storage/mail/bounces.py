"""Reports of mails that did not arrive: RFC 3464, as mail servers write them, or JSON.

A report is of recipients; each that failed is a bounce, for good or for now by its status code.
What a report says of us or of the content counts against nobody's address.
"""

import email
import email.policy
import hashlib
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import Message
from email.utils import parsedate_to_datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from storage.mail.replies import is_hard, is_of_recipient
from storage.mail.suppressions import Kind, Noted

EVENTS_MAX = 500
_GLOBAL = re.compile(r"message/global-delivery-status", re.IGNORECASE)
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
                pattern=r"^[245]\.\d{1,3}\.\d{1,3}$",
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


def of_report(raw: bytes, content_type: str | None, now: datetime) -> list[Noted]:
    """The bounces of a report: a whole mail, or the body of one whose type is `content_type`.

    A report that is cut off after its second part is as good. Raises `NoReportError`.
    """
    if content_type is not None:
        raw = b"Content-Type: " + content_type.encode("ascii", "replace") + b"\r\n\r\n" + raw
    # Of UTF-8 (RFC 6533) the library makes neither headers nor groups of fields.
    text = _GLOBAL.sub("message/delivery-status", raw.decode("utf-8", "replace"))
    message = email.message_from_string(text, policy=email.policy.compat32)
    parts = [part for part in message.walk() if _is_status(part)]
    if not parts:
        raise NoReportError("there is no part message/delivery-status")
    told_at = _time(message.get("Date"), now)
    report = message.get("Message-ID") or hashlib.sha256(raw).hexdigest()
    return [noted for part in parts for noted in _of_part(part, str(report).strip(), told_at, now)]


def _is_status(part: Message) -> bool:
    return part.get_content_type() == "message/delivery-status"


def _of_part(part: Message, report: str, told_at: datetime, now: datetime) -> Iterator[Noted]:
    """The fields of a mail come first, then those of each recipient."""
    groups = part.get_payload()
    if not isinstance(groups, list):
        raise NoReportError("the part message/delivery-status holds no fields")
    for group in groups:
        if not isinstance(group, Message) or _field(group, "Action").lower() != "failed":
            continue
        address = _address(group)
        status = _STATUS.match(_field(group, "Status"))
        kind = None if status is None else _kind_of_code(status[1])
        if address and status is not None and kind is not None:
            at = _time(group.get("Last-Attempt-Date"), told_at)
            yield Noted(address, kind, f"report {report} {address}", min(at, now), status[1])


def _address(group: Message) -> str:
    """Whom we have written to; a server may have sent it on to another."""
    for name in ("Original-Recipient", "Final-Recipient"):
        kind, _, address = _field(group, name).partition(";")
        if address and kind.strip().lower() in {"rfc822", "utf-8"}:
            return address.strip().strip("<>")
    return ""


def _field(group: Message, name: str) -> str:
    value = group.get(name)
    return "" if value is None else " ".join(str(value).split())


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
        moment = parsedate_to_datetime(str(text))
    except ValueError:
        return otherwise
    return otherwise if moment.tzinfo is None else moment.astimezone(UTC)
