"""`parley ledger check`: whether the ledger says the same everywhere."""

import argparse

import asyncpg

from server.cli.said import Said, on_database
from server.config import Settings
from storage.ledger import checking


def add_parser(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", flags: argparse.ArgumentParser
) -> None:
    """Add `ledger check` to a command line; `flags` are those that every command has."""
    about = "the books of all money"
    ledger = commands.add_parser("ledger", help=about, description=about)
    doing = ledger.add_subparsers(dest="doing", required=True, metavar="check")
    meaning = "compare lines, balances, lots and rows; exit code 1 and a line for all that is wrong"
    doing.add_parser("check", help=meaning, description=meaning, parents=[flags])


async def run(settings: Settings) -> Said:
    """Check the database of the settings. Raises `NoDatabaseError` where there is none."""
    return await on_database(settings, _checked)


async def _checked(connection: asyncpg.Connection) -> Said:
    found = await checking.find(connection, await checking.clock(connection))
    if found:
        return Said("\n".join(f"{one.check}: {one.text}" for one in found), 1)
    return Said("the ledger is clean")
