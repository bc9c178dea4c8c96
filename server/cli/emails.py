"""`parley emails list | fill`: accounts that have to change their e-mail address."""

import argparse
from collections.abc import Sequence

import asyncpg

from server.cli.said import Said, aligned, on_database, seen
from server.config import Settings
from storage.people import email_upkeep
from storage.people.email_upkeep import Without

LIST_MAX = 10_000
_HEADER = ("user", "address", "kept by", "why")


def add_parser(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", flags: argparse.ArgumentParser
) -> None:
    """Add `emails …` to a command line; `flags` are those that every command has."""
    about = "accounts that have to change their e-mail address"
    emails = commands.add_parser("emails", help=about, description=about)
    doing = emails.add_subparsers(dest="doing", required=True, metavar="{list,fill}")
    for name, meaning in (
        ("list", "show accounts whose address another one has, or is none by today's rules"),
        ("fill", "give accounts of before the one spelling of their address, as migrating does"),
    ):
        doing.add_parser(name, help=meaning, description=meaning, parents=[flags])


async def run(settings: Settings, doing: str) -> Said:
    """Do it on the database of the settings. Raises `NoDatabaseError` where there is none."""
    return await on_database(settings, _listed if doing == "list" else _filled)


async def _filled(connection: asyncpg.Connection) -> Said:
    filled = await email_upkeep.fill(connection)
    return Said(f"{filled} {'account' if filled == 1 else 'accounts'} more in one spelling")


async def _listed(connection: asyncpg.Connection) -> Said:
    return Said(_table(await email_upkeep.list_without(connection, LIST_MAX)))


def _table(found: Sequence[Without]) -> str:
    if not found:
        return "no account has to change its address"
    text = aligned(
        [_HEADER]
        + [(str(one.user_id), seen(one.email), str(one.holder or "-"), one.reason) for one in found]
    )
    return f"{text}\n(the first {LIST_MAX})" if len(found) == LIST_MAX else text
