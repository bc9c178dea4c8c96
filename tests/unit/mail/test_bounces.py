"""Reports of mails that did not arrive, as servers write them."""

import datetime as dt

import msgspec
import pytest

from storage.mail.bounces import NoReportError, of_events, of_report

NOW = dt.datetime(2026, 11, 30, 16, 0, tzinfo=dt.UTC)
REPORT = b"""\
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

Final-Recipient: rfc822; ben@forwarded.example
Original-Recipient: rfc822;ben@example.org
Action: failed
Status: 5.1.1
Remote-MTA: dns; mx.example.org
Diagnostic-Code: smtp; 550 5.1.1 <ben@example.org>: Recipient address
    rejected: User unknown in local recipient table

Final-Recipient: rfc822; full@example.org
Action: failed
Status: 5.2.2 (mailbox full)

Final-Recipient: rfc822; late@example.org
Action: delayed
Status: 4.4.1

Final-Recipient: rfc822; gone@example.org
Action: failed
Status: 4.4.7
Last-Attempt-Date: Mon, 30 Nov 2026 15:00:00 +0000

Final-Recipient: rfc822; policy@example.org
Action: failed
Status: 5.7.1

--ABC/mail.example.org
Content-Description: Undelivered Message
Content-Type: message/rfc822

From: Parley <no-reply@parley.example>
To: ben@example.org
Subject: Ada has written to you

Hello
--ABC/mail.example.org--
"""
HEAD, _, BODY = REPORT.partition(b"\n\n")
TYPE = 'multipart/report; report-type=delivery-status; boundary="ABC/mail.example.org"'
TOLD = [
    ("ben@example.org", "hard", "5.1.1"),
    ("full@example.org", "soft", "5.2.2"),
    ("gone@example.org", "soft", "4.4.7"),
]


def told(noted):
    return [(one.address, one.kind, one.code) for one in noted]


@pytest.mark.parametrize("ending", [b"\n", b"\r\n"])
def test_a_report_tells_of_each_recipient_that_failed(ending):
    noted = of_report(REPORT.replace(b"\n", ending), None, NOW)
    assert told(noted) == TOLD
    assert noted[0].at == dt.datetime(2026, 11, 30, 15, 30, tzinfo=dt.UTC)
    assert noted[2].at == dt.datetime(2026, 11, 30, 15, 0, tzinfo=dt.UTC)
    assert of_report(REPORT.replace(b"\n", ending), None, NOW) == noted
    assert len({one.event for one in noted}) == 3


def test_the_body_alone_is_a_report_by_its_type():
    assert told(of_report(BODY, TYPE, NOW)) == TOLD
    start = BODY.index(b"Reporting-MTA")
    status = BODY[start : BODY.index(b"\n--ABC", start)]
    assert told(of_report(status, "message/delivery-status", NOW)) == TOLD


def test_a_report_that_is_cut_off_behind_its_fields_is_as_good():
    assert told(of_report(REPORT[: REPORT.index(b"Hello")], None, NOW)) == TOLD


def test_a_time_to_come_is_now():
    later = REPORT.replace(b"30 Nov 2026 16:30", b"30 Nov 2036 16:30")
    assert of_report(later, None, NOW)[0].at == NOW
    for text in (b"nonsense", b"Mon, 30 Nov 2026 16:30:00 -0000"):
        assert (
            of_report(REPORT.replace(b"Mon, 30 Nov 2026 16:30:00 +0100", text), None, NOW)[0].at
            == NOW
        )


def test_an_address_of_other_letters_is_read():
    fields = "Final-Recipient: utf-8; jörg@example.org\nAction: failed\nStatus: 5.1.1\n"
    raw = f"Reporting-MTA: dns; a\n\n{fields}".encode()
    (noted,) = of_report(raw, "message/global-delivery-status", NOW)
    assert noted.address == "jörg@example.org"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"hello",
        HEAD,
        b"Content-Type: multipart/report\n\n--x",
        REPORT[: REPORT.index(b"--ABC")],
    ],
)
def test_what_is_no_report_is_told(raw):
    with pytest.raises(NoReportError):
        of_report(raw, None, NOW)


@pytest.mark.parametrize("group", ["Action: failed", "Status: 5.1.1", "Final-Recipient: x; a@b.c"])
def test_fields_that_say_too_little_count_against_nobody(group):
    assert (
        of_report(f"Reporting-MTA: dns; a\n\n{group}\n".encode(), "message/delivery-status", NOW)
        == []
    )


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
        b'{"id": "1", "kind": "bounce", "address": "a@b.org", "at": "2026-11-30T15:00:00"}',
    ],
)
def test_events_that_are_none_are_refused(event):
    with pytest.raises(msgspec.ValidationError):
        of_events(b'{"events": [%b]}' % event, NOW)
