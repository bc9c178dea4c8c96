"""`parley mail`: a mail for a trial, and addresses that take none."""

import datetime as dt
from pathlib import Path

import asyncpg

from storage.mail.suppressions import AddressKeys, Noted, SoftRules, Suppressions
from tests.program import Ended, command
from tests.smtp_server import Inbox

SECRET = "the secret of this test's mail"


async def test_an_address_that_takes_no_mail_is_shown_and_released(
    data_dir: Path, database_url: str
) -> None:
    async def mail(doing: str, address: str) -> Ended:
        named = {"PARLEY_DATABASE_URL": database_url, "PARLEY_MAIL_SECRET": SECRET}
        return await command("mail", doing, address, data_dir=data_dir, **named)

    assert (await mail("suppressed", "ben@example.org")).output == "ben@example.org takes mail\n"
    connection = await asyncpg.connect(database_url, timeout=10)
    try:
        suppressions = Suppressions(connection, AddressKeys(SECRET), SoftRules())
        at = dt.datetime(2026, 11, 30, 16, 0, tzinfo=dt.UTC)
        await suppressions.note([Noted("ben@example.org", "hard", "1", at, "5.1.1")])
    finally:
        await connection.close()
    shown = await mail("suppressed", "BEN@example.org")
    assert shown.output == (
        "BEN@example.org takes no mail since 2026-11-30 16:00:00+00:00: "
        "there is no such mailbox (5.1.1)\n"
    )
    assert (await mail("release", "ben@example.org")).output == "ben@example.org takes mail again\n"
    again = await mail("release", "ben@example.org")
    assert (again.code, again.output) == (0, "ben@example.org was taking mail already\n")


async def test_a_mail_for_a_trial_says_what_the_server_says(data_dir: Path, inbox: Inbox) -> None:
    async def tried(address: str) -> Ended:
        named = {
            "PARLEY_SMTP_URL": f"smtp://127.0.0.1:{inbox.port}",
            "PARLEY_SMTP_TLS": "none",
            "PARLEY_MAIL_FROM": "no-reply@parley.example",
            "PARLEY_PUBLIC_URL": "https://parley.example",
        }
        return await command("mail", "test", address, data_dir=data_dir, **named)

    inbox.to_recipient.append("550 5.1.1 nobody here")
    refused = await tried("ben@example.org")
    assert (refused.code, "is refused: 550 5.1.1 nobody here" in refused.complaint) == (1, True)
    sent = await tried("ben@example.org")
    (arrived,) = inbox.arrived
    assert sent.code == 0
    assert sent.output.startswith(f"sent as {arrived.message['Message-ID']}: 250")
    assert arrived.recipients == ["ben@example.org"]
    wrong = await tried("ben")
    assert (wrong.code, "is no e-mail address: no @" in wrong.complaint) == (1, True)
