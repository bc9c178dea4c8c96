"""What the sender of mails makes of what the mail server does."""

import datetime as dt
from types import SimpleNamespace
from typing import Any

import pytest

from server.notifications.mailing import MailDesk, Mailing
from storage.mail.composing import Sender
from tests.integration.mail.test_smtp import failing_server, mail_to, sending

HERE = "https://parley.example"
NOBODY: Any = SimpleNamespace()
"""Facts that are not asked for."""


async def none_stopped(addresses):
    return [False for _ in addresses]


async def nothing_noted(_noted):
    """Nothing is kept of addresses."""


DESK = MailDesk(
    sender=Sender("no-reply@parley.example", "Parley", HERE),
    message_id=lambda delivery, _to: f"<{delivery}@parley.example>",
    unsubscribe_url=lambda _person, categories: f"{HERE}/{'+'.join(sorted(categories))}",
    stopped=none_stopped,
    note=nothing_noted,
)


@pytest.mark.parametrize(
    ("refused", "reply", "answered", "is_try"),
    [
        (b"EHLO", b"454 4.7.0 not now", False, False),
        (b"MAIL", b"451 4.7.1 not you", False, False),
        (b"RCPT", b"451 4.2.0 greylisted", True, True),
        (b"DATA", b"451 4.3.0 no room", True, True),
        (b"RCPT", b"421 4.3.2 closing", False, True),
    ],
)
async def test_who_is_at_fault_is_told_apart(refused, reply, answered, is_try):
    async def serve(reader, writer):
        writer.write(b"220 here\r\n")
        while line := await reader.readline():
            is_refused = line.startswith((refused, b"HELO"))
            writer.write((reply if is_refused else b"250 Ok") + b"\r\n")

    async with failing_server(serve) as (number, _), sending(number) as port:
        mailing = Mailing(port, DESK)
        handed = await mailing.send(NOBODY, mail_to())
    assert handed.state == "retry"
    assert (handed.answered, handed.is_try) == (answered, is_try)


async def test_a_digest_of_several_categories_has_a_link_that_unsubscribes(ground, inbox):
    ben = await ground.person()
    await ground.owner.execute(
        "insert into notification_settings (user_id, digest) values ($1, 'hourly')", ben
    )
    for kind, category in (("gig.suspended", "job"), ("contract.completed", "contract")):
        await ground.notify(ben, type=kind, category=category)
    await ground.passes(130)
    async with sending(inbox.port) as port:
        mailing = Mailing(port, DESK)
        await ground.work(ground.worker(email=mailing))
        assert inbox.arrived == []
        await ground.passes(dt.timedelta(hours=1).total_seconds())
        await ground.work(ground.worker(email=mailing))
    (arrived,) = inbox.arrived
    assert arrived.message["Subject"] == "Parley: 2 notifications"
    assert arrived.message["List-Unsubscribe"] == f"<{HERE}/contract+job>"
    assert arrived.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
