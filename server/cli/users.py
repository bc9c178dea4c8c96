"""`parley user show | promote | verify`: what an operator does with one account."""

import argparse
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime
from functools import partial

import asyncpg

from server.cli.said import Said, aligned, on_database, seen
from server.config import Settings
from storage.people import operating
from storage.people.operating import Found

NOBODY = "none"

Doing = Callable[[asyncpg.Connection, Found], Awaitable[Said]]


def add_parser(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", flags: argparse.ArgumentParser
) -> None:
    """Add `user …` to a command line; `flags` are those that every command has."""
    about = "show one account, make it staff, or verify its address"
    user = commands.add_parser("user", help=about, description=about)
    doing = user.add_subparsers(dest="doing", required=True, metavar="{show,promote,verify}")
    for name, meaning in (
        ("show", "show an account"),
        ("promote", "give an account a role of staff, or take it away"),
        ("verify", "take an account's address for its owner's own, so that it may be used"),
    ):
        one = doing.add_parser(name, help=meaning, description=meaning, parents=[flags])
        one.add_argument("who", metavar="EMAIL", help="the account's address, or its id")
        if name == "promote":
            one.add_argument(
                "role",
                metavar="ROLE",
                choices=(*operating.ROLES, NOBODY),
                help=f"one of {', '.join(operating.ROLES)}; {NOBODY} takes it away",
            )


async def run(settings: Settings, doing: str, who: str, role: str | None) -> Said:
    """Do it on the database of the settings. Raises `NoDatabaseError` where there is none."""
    match doing:
        case "promote":
            step: Doing = partial(_promoted, role=None if role == NOBODY else role)
        case "verify":
            step = _verified
        case _:
            step = _shown
    return await on_database(settings, partial(_with_account, who=who, step=step))


async def _with_account(connection: asyncpg.Connection, *, who: str, step: Doing) -> Said:
    found = await operating.find(connection, who)
    if found is None:
        return Said(f"no account has the address or id {seen(who)}", 1)
    return await step(connection, found)


async def _promoted(connection: asyncpg.Connection, found: Found, *, role: str | None) -> Said:
    if not await operating.promote(connection, found.id, role):
        return Said(f"{seen(found.email)} is {found.status}: only an active account is staff", 1)
    return Said(f"{seen(found.email)} is {role or 'no longer staff'}")


async def _verified(connection: asyncpg.Connection, found: Found) -> Said:
    await operating.verify(connection, found.id)
    after = await operating.find(connection, str(found.id))
    if after is None:
        return Said(f"{seen(found.email)} has been removed meanwhile", 1)
    return Said(f"{seen(after.email)} is verified; the account is {after.status}")


async def _shown(_: asyncpg.Connection, found: Found) -> Said:
    return Said(aligned(list(_lines(found))))


def _lines(found: Found) -> Iterator[tuple[str, str]]:
    yield "id", str(found.id)
    yield "address", seen(found.email)
    yield "verified", _moment(found.email_verified_at, "no")
    yield "name", "".join(char if char.isprintable() else "�" for char in found.display_name)
    yield "kind", found.kind
    yield "staff", found.staff_role or "no"
    yield "status", found.status
    yield "registered", _moment(found.created_at, "")
    yield "last login", _moment(found.last_login_at, "never")
    yield "open logins", str(found.logins)


def _moment(moment: datetime | None, otherwise: str) -> str:
    return otherwise if moment is None else moment.isoformat(sep=" ", timespec="seconds")
