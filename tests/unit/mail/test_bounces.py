"""Reports of mails that did not arrive, as servers write them."""

import contextlib
import datetime as dt
import time
from uuid import UUID

import msgspec
import pytest

from storage.mail.bounces import NoReportError, of_events, of_report
from storage.mail.message_ids import MessageIds

NOW = dt.datetime(2026, 11, 30, 16, 0, tzinfo=dt.UTC)
IDS = MessageIds("the secret of this test", "parley.example")
DELIVERY = UUID("0192f0aa-1111-7222-8333-444455556666")
BEN = "ben@example.org"
FIELDS = """\
Final-Recipient: rfc822; ben@forwarded.example
Original-Recipient: rfc822;ben@example.org
Action: failed
Status: 5.1.1
Remote-MTA: dns; mx.example.org
Diagnostic-Code: smtp; 550 5.1.1 <ben@example.org>: Recipient address
    rejected: User unknown in local recipient table
"""
REPORT = """\
From: MAILER-DAEMON@mail.example.org (Mail Delivery System)
To: bounces@parley.example
Subject: Undelivered Mail Returned to Sender
Date: Mon, 30 Nov 2026 16:30:00 +0100
Message-ID: <20261130.1@mail.example.org>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="ABC/mail.example.org"

This is a MIME-encapsulated message.

--ABC/mail.example.org
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--ABC/mail.example.org
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example.org
X-Postfix-Queue-ID: 4D2F81A0
X-Postfix-Sender: rfc822; bounces@parley.example
Arrival-Date: Mon, 30 Nov 2026 15:59:00 +0100 (CET)

{fields}
--ABC/mail.example.org
Content-Description: Undelivered Message
Content-Type: message/rfc822

Return-Path: <bounces@parley.example>
From: Parley <no-reply@parley.example>
To: {to}
Message-ID: {message_id}
Subject: Ada has written to you

Hello
--ABC/mail.example.org--
"""
TYPE = 'multipart/report; report-type=delivery-status; boundary="ABC/mail.example.org"'
UNREADABLE = [
    b"boundary*=a\x00b''b",
    b"boundary*=a; boundary*0=b",
    b"boundary*=undefined''%ff",
]
HARD = [(BEN, "hard", "5.1.1")]


def report(to=BEN, *, fields=FIELDS, message_id=None, ids=IDS):
    """A report about a mail of ours to an address, as its server would write it."""
    name = ids.of(DELIVERY, to) if message_id is None else message_id
    return REPORT.format(fields=fields, to=to, message_id=name).encode()


def body_of(raw):
    return raw.partition(b"\n\n")[2]


def told(noted):
    return [(one.address, one.kind, one.code) for one in noted]


def read(raw, content_type=None):
    return of_report(raw, content_type, NOW, IDS)


@pytest.mark.parametrize("ending", [b"\n", b"\r\n"])
def test_a_report_tells_whom_the_mail_did_not_reach(ending):
    raw = report().replace(b"\n", ending)
    noted = read(raw)
    assert told(noted) == HARD
    assert noted[0].at == dt.datetime(2026, 11, 30, 15, 30, tzinfo=dt.UTC)
    assert read(raw) == noted


@pytest.mark.parametrize(
    ("action", "status", "expected"),
    [
        ("failed", "5.2.2 (mailbox full)", ("soft", "5.2.2")),
        ("failed", "4.4.7", ("soft", "4.4.7")),
        ("delayed", "4.4.1", None),
        ("failed", "5.7.1", None),
        ("failed", "", None),
    ],
)
def test_what_a_status_says(action, status, expected):
    last = "Last-Attempt-Date: Mon, 30 Nov 2026 15:00:00 +0000"
    fields = f"Final-Recipient: rfc822; {BEN}\nAction: {action}\nStatus: {status}\n{last}\n"
    noted = read(report(fields=fields))
    assert told(noted) == ([] if expected is None else [(BEN, *expected)])
    assert all(one.at == dt.datetime(2026, 11, 30, 15, 0, tzinfo=dt.UTC) for one in noted)


@pytest.mark.parametrize(
    "message_id",
    [
        "",
        "<>",
        "<20261130.1@mail.example.org>",
        f"<{DELIVERY}@parley.example>",
        f"<{DELIVERY}.{'0' * 32}@parley.example>",
        IDS.of(DELIVERY, "mallory@example.org"),
        MessageIds("another secret", "parley.example").of(DELIVERY, BEN),
    ],
)
def test_whoever_has_no_mail_of_ours_to_an_address_reports_nothing_of_it(message_id):
    assert read(report(message_id=message_id)) == []


def test_a_report_without_the_mail_counts_against_nobody():
    raw = report()
    assert (
        read(raw[: raw.index(b"\n--ABC/mail.example.org\nContent-Description: Undelivered")]) == []
    )
    assert read(raw[: raw.index(b"Message-ID: <0192")]) == []
    assert read(raw.replace(b"message/rfc822", b"text/plain")) == []


@pytest.mark.parametrize("spelled", ["Ben@EXAMPLE.org", "<ben@example.org>", "ben@example.org "])
def test_a_server_may_spell_an_address_and_the_id_in_its_way(spelled):
    raw = report().replace(b"rfc822;ben@example.org", f"rfc822;{spelled}".encode())
    assert len(read(raw)) == 1


def test_a_report_of_whom_a_server_has_sent_the_mail_on_to_is_of_whom_we_wrote_to():
    fields = "Final-Recipient: rfc822; ben@forwarded.example\nAction: failed\nStatus: 5.1.1\n"
    assert told(read(report(fields=fields))) == HARD


def test_two_reports_of_one_mail_are_one_event():
    other = report().replace(b"20261130.1@", b"another@")
    assert read(other)[0].event == read(report())[0].event


def test_the_body_alone_is_a_report_by_its_type():
    assert told(read(body_of(report()), TYPE)) == HARD


def test_a_report_that_is_cut_off_within_the_mail_is_as_good():
    raw = report()
    assert told(read(raw[: raw.index(b"Hello")])) == HARD
    assert told(read(raw[: raw.index(b"Subject: Ada")])) == HARD
    headers = raw.replace(b"message/rfc822", b"text/rfc822-headers")
    assert told(read(headers)) == HARD


def test_a_report_that_a_gateway_has_wrapped_is_read():
    head = b"From: a@b.org\nContent-Type: multipart/mixed; boundary=outer\n\n"
    assert told(read(head + b"--outer\n" + report() + b"\n--outer--\n")) == HARD


def test_a_time_to_come_is_now():
    later = report().replace(b"30 Nov 2026 16:30", b"30 Nov 2036 16:30")
    assert read(later)[0].at == NOW
    for text in (b"nonsense", b"Mon, 30 Nov 2026 16:30:00 -0000"):
        raw = report().replace(b"Mon, 30 Nov 2026 16:30:00 +0100", text)
        assert read(raw)[0].at == NOW


def test_an_address_of_other_letters_is_read():
    fields = "Final-Recipient: utf-8; jörg@example.org\nAction: failed\nStatus: 5.1.1\n"
    raw = report("jörg@example.org", fields=fields)
    for old, new in (
        (b"delivery-status\n", b"global-delivery-status\n"),
        (b"rfc822\n", b"global\n"),
    ):
        raw = raw.replace(b"message/" + old, b"message/" + new)
    assert told(read(raw)) == [("jörg@example.org", "hard", "5.1.1")]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"hello",
        report().partition(b"\n\n")[0],
        b"Content-Type: multipart/report\n\n--x",
        report()[: report().index(b"--ABC")],
        *(b"Content-Type: multipart/report; %b\n\n--x" % told for told in UNREADABLE),
    ],
)
def test_what_is_no_report_is_told(raw):
    with pytest.raises(NoReportError):
        read(raw)


@pytest.mark.parametrize("group", ["Action: failed", "Status: 5.1.1", "Final-Recipient: x; a@b.c"])
def test_fields_that_say_too_little_count_against_nobody(group):
    assert read(report(fields=f"{group}\n")) == []


def nested(depth):
    """So many mails, each in the one before."""
    return b"Content-Type: message/rfc822\n\n" * depth + report()


def boundaries(depth):
    """So many multiparts within each other, and then lines, each of which may end one of them."""
    opened = (
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(depth)
    )
    return b"".join(opened) + b"-\n" * 15_000


HOSTILE = {
    "mails in mails": nested(1900),
    "parts in parts": boundaries(500),
    "many parts": report().replace(b"Hello", b"--ABC/mail.example.org\n\n" * 2500),
    "many recipients": report(fields="Action: failed\n\n" * 4000),
    "a long type": b'Content-Type: multipart/report; boundary="' + b'";' * 32_000 + b"\n\n--x",
    "a long date": report().replace(b"Mon, 30 Nov 2026", b"Mon, 30 Nov 2026 " + b"(" * 64_000),
    "many headers": b"A: b\n" * 12_000 + report(),
    "a long address": report().replace(b"rfc822;ben@", b"rfc822;" + b"<" * 64_000 + b"ben@"),
}


@pytest.mark.parametrize("raw", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_report_is_read_in_bounded_time(raw):
    began = time.process_time()
    with contextlib.suppress(NoReportError):
        read(raw)
    assert time.process_time() - began < 0.3


def test_events_of_a_provider():
    raw = b"""{"events": [
        {"id": "1", "kind": "bounce", "address": "a@b.org", "code": "5.1.1"},
        {"id": "2", "kind": "bounce", "address": "b@b.org", "code": "4.2.2",
         "at": "2026-11-30T15:00:00Z"},
        {"id": "3", "kind": "complaint", "address": "c@b.org"},
        {"id": "4", "kind": "bounce", "address": "d@b.org", "code": "5.7.1"},
        {"id": "5", "kind": "bounce", "address": "e@b.org"}
    ]}"""
    noted = of_events(raw, NOW)
    assert told(noted) == [
        ("a@b.org", "hard", "5.1.1"),
        ("b@b.org", "soft", "4.2.2"),
        ("c@b.org", "complaint", None),
    ]
    assert [one.at.hour for one in noted] == [16, 15, 16]


@pytest.mark.parametrize(
    "event",
    [
        b"{}",
        b'{"id": "", "kind": "bounce", "address": "a@b.org"}',
        b'{"id": "1", "kind": "open", "address": "a@b.org"}',
        b'{"id": "1", "kind": "bounce", "address": "a@b.org", "code": "550"}',
        b'{"id": "1", "kind": "bounce", "address": "a@b.org", "code": "5.1.1\\n"}',
        '{"id": "1", "kind": "bounce", "address": "a@b.org", "code": "5.1.\u0661"}'.encode(),
        b'{"id": "1", "kind": "bounce", "address": "a@b.org", "at": "2026-11-30T15:00:00"}',
    ],
)
def test_events_that_are_none_are_refused(event):
    with pytest.raises(msgspec.ValidationError):
        of_events(b'{"events": [%b]}' % event, NOW)
