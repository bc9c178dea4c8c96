"""`parley schedules [list | ask NAME …]`: what is done again and again, and what came of it."""

import argparse
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

import asyncpg

from server.cli.said import Said, aligned, on_database
from server.config import Settings
from storage import schedules
from storage.schedules import ShownSchedule

_HEADER = ("name", "next", "last ended", "failures", "last result")


class WrongSchedulesError(Exception):
    """The command line does not say which schedules are meant, or says it in vain."""


def add_parser(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", flags: argparse.ArgumentParser
) -> None:
    """Add `schedules …` to a command line; `flags` are those that every command has."""
    about = "show what servers do again and again: when next, and what came of it last"
    parser = commands.add_parser("schedules", help=about, description=about, parents=[flags])
    parser.add_argument(
        "doing",
        nargs="?",
        default="list",
        choices=("list", "ask"),
        help="list: show all; ask: a running server does these at once, and by their times again",
    )
    parser.add_argument("schedules", nargs="*", metavar="NAME", help="names for `ask`")


async def run(settings: Settings, doing: str, names: Sequence[str]) -> Said:
    """Do it on the database of the settings. Raises `NoDatabaseError` where there is none.

    Raises `WrongSchedulesError` for names where none are asked for, or none where they are.
    """
    if (doing == "ask") is not bool(names):
        raise WrongSchedulesError(
            "parley schedules ask: name schedules as `parley schedules` does"
            if doing == "ask"
            else f"parley schedules {doing}: takes no names"
        )
    return await on_database(settings, _asked(names) if doing == "ask" else _listed)


async def _listed(connection: asyncpg.Connection) -> Said:
    rows = await schedules.list_schedules(connection)
    if not rows:
        return Said("no server has been here that knows of schedules")
    return Said(aligned([_HEADER, *map(_cells, rows)]))


def _cells(row: ShownSchedule) -> tuple[str, ...]:
    told = dict(row.result)
    is_done = told.pop("is_done", None)
    words = [] if is_done is None else ["done" if is_done else "failed"]
    words += [f"{name}={_one_line(value)}" for name, value in told.items()]
    ended = "" if row.ended_at is None else _moment(row.ended_at)
    return row.name, _moment(row.next_at), ended, str(row.failures), " ".join(words)


def _one_line(value: object) -> str:
    return " ".join(str(value).split())


def _asked(names: Sequence[str]) -> Callable[[asyncpg.Connection], Awaitable[Said]]:
    async def ask(connection: asyncpg.Connection) -> Said:
        done = await schedules.ask_for(connection, names)
        missing = [name for name in dict.fromkeys(names) if name not in done]
        if missing:
            return Said(f"no such schedule: {', '.join(missing)}", 1)
        return Said("a running server does it now")

    return ask


def _moment(moment: datetime) -> str:
    return moment.isoformat(sep=" ", timespec="seconds")
