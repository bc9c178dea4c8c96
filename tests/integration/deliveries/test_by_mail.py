"""What the sender of mails makes of what the mail server does."""

from types import SimpleNamespace
from typing import Any

import pytest

from server.notifications.mailing import MailDesk, Mailing
from storage.mail.composing import Sender
from tests.integration.mail.test_smtp import failing_server, mail_to, sending


async def none_stopped(addresses):
    return [False for _ in addresses]


async def nothing_noted(_noted):
    """Nothing is kept of addresses."""


DESK = MailDesk(
    sender=Sender("no-reply@parley.example", "Parley", "https://parley.example"),
    message_id=lambda delivery, _to: f"<{delivery}@parley.example>",
    unsubscribe_url=lambda _person, _category: None,
    stopped=none_stopped,
    note=nothing_noted,
)


NOBODY: Any = SimpleNamespace()
"""Facts, and a renderer, which are not asked."""


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
        mailing = Mailing(port, NOBODY, DESK)
        handed = await mailing.send(NOBODY, mail_to())
    assert handed.state == "retry"
    assert (handed.answered, handed.is_try) == (answered, is_try)
