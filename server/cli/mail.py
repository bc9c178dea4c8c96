"""`parley mail test | suppressed | release ADDRESS`: one address, and what goes to it."""

import argparse
from datetime import UTC, datetime
from functools import partial

import asyncpg

from server.cli.said import Said, on_database, seen
from server.config import Settings
from server.mail.wiring import mail_port, secret_of, sender_of, soft_rules_of
from storage.database.ids import new_id
from storage.mail.composing import Letter, MailItem, compose
from storage.mail.message_ids import MessageIds
from storage.mail.port import Mail
from storage.mail.suppressions import AddressKeys, Suppressed, Suppressions
from storage.people.emails import AddressError

_REASONS = {
    "hard": "there is no such mailbox",
    "soft": "mails have failed several times",
    "complaint": "a mail was called spam",
}


def add_parser(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", flags: argparse.ArgumentParser
) -> None:
    """Add `mail …` to a command line; `flags` are those that every command has."""
    about = "send a mail for a trial, or show whether an address takes mail, and let it again"
    mail = commands.add_parser("mail", help=about, description=about)
    doing = mail.add_subparsers(dest="doing", required=True, metavar="{test,suppressed,release}")
    for name, meaning in (
        ("test", "send a mail to an address, by the settings, and say what the mail server says"),
        ("suppressed", "show whether mail to an address is not sent, and why"),
        ("release", "let an address take mail again; what was before counts no more"),
    ):
        one = doing.add_parser(name, help=meaning, description=meaning, parents=[flags])
        one.add_argument("who", metavar="ADDRESS", help="an e-mail address, in any spelling")


async def run(settings: Settings, doing: str, address: str) -> Said:
    """Do it by the settings. Raises `NoDatabaseError` where a database is needed and there is none.

    An address is told by its key alone, which the secret of the servers makes: without that, or
    without a data directory that holds it, no address is known.
    """
    settings = settings.with_secrets()
    match doing:
        case "test":
            return await _tried(settings, address)
        case "release":
            step = _released
        case _:
            step = _shown
    return await on_database(settings, partial(step, settings=settings, address=address))


async def _tried(settings: Settings, address: str) -> Said:
    name = MessageIds(secret_of(settings), settings.mail_name).of(new_id(), address)
    letter = Letter(
        to=address,
        subject="A mail for a trial",
        items=[MailItem("It arrives", "Mail from this server reaches this address.", "/")],
        language="en",
        message_id=name,
        date=datetime.now(UTC),
    )
    try:
        message = compose(letter, sender_of(settings))
    except AddressError as error:
        return Said(f"{seen(address)} is no e-mail address: {error}", 1)
    async with mail_port(settings) as port:
        outcome = await port.send(Mail(address, message, name))
    if outcome.state == "sent":
        return Said(f"sent as {name}: {outcome.reason}")
    again = "is refused" if outcome.state == "rejected" else "may be tried again"
    return Said(f"not sent, and {again}: {outcome.reason}", 1)


async def _shown(connection: asyncpg.Connection, *, settings: Settings, address: str) -> Said:
    (found,) = await _suppressions(connection, settings).of([address])
    if found is None:
        return Said(f"{seen(address)} takes mail")
    return Said(f"{seen(address)} takes no mail {_why(found)}")


async def _released(connection: asyncpg.Connection, *, settings: Settings, address: str) -> Said:
    if await _suppressions(connection, settings).release(address):
        return Said(f"{seen(address)} takes mail again")
    return Said(f"{seen(address)} was taking mail already")


def _suppressions(connection: asyncpg.Connection, settings: Settings) -> Suppressions:
    return Suppressions(connection, AddressKeys(secret_of(settings)), soft_rules_of(settings))


def _why(found: Suppressed) -> str:
    code = f" ({found.code})" if found.code else ""
    until = "" if found.until is None else f", until {_moment(found.until)}"
    return f"since {_moment(found.since)}{until}: {_REASONS[found.reason]}{code}"


def _moment(moment: datetime) -> str:
    return moment.isoformat(sep=" ", timespec="seconds")
