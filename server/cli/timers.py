"""`parley timers [list | resume | retry ID …]`: what is due by itself, and is not done."""

import argparse
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

import asyncpg

from server.cli.said import Said, aligned, on_database
from server.config import Settings
from storage.workflows import timers
from storage.workflows.timers import ShownTimer

LIST_MAX = 1000
_HEADER = ("id", "stands", "due", "machine", "row", "action", "tries", "error")

Doing = Callable[[asyncpg.Connection], Awaitable[Said]]


class WrongTimersError(Exception):
    """The command line does not say which timers are meant, or says it in vain."""


def add_parser(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", flags: argparse.ArgumentParser
) -> None:
    """Add `timers …` to a command line; `flags` are those that every command has."""
    about = "show timers that are due, paused or parked, and let them go on"
    parser = commands.add_parser("timers", help=about, description=about, parents=[flags])
    parser.add_argument(
        "doing",
        nargs="?",
        default="list",
        choices=("list", "resume", "retry"),
        help="list: show them, the earliest first; resume: timers that move money go on, once the "
        "clock is right; retry: try parked ones again, once what was wrong is mended",
    )
    parser.add_argument("timers", nargs="*", type=_timer_id, metavar="ID", help="ids for `retry`")


def _timer_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not an id that `list` shows") from None


async def run(settings: Settings, doing: str, ids: Sequence[UUID]) -> Said:
    """Do it on the database of the settings. Raises `NoDatabaseError` where there is none.

    Raises `WrongTimersError` for ids where none are asked for, or none where they are.
    """
    if (doing == "retry") is not bool(ids):
        raise WrongTimersError(
            "parley timers retry: name timers by the ids that `parley timers` shows"
            if doing == "retry"
            else f"parley timers {doing}: takes no ids"
        )
    step: Doing
    match doing:
        case "resume":
            step = _resumed
        case "retry":
            step = partial(_retried, ids=ids)
        case _:
            step = _listed
    return await on_database(settings, step)


async def _listed(connection: asyncpg.Connection) -> Said:
    pause = await timers.paused(connection)
    rows = await timers.list_timers(connection, LIST_MAX)
    lines = []
    if pause is not None:
        since = _moment(pause.since)
        lines += [f"timers that move money are paused since {since}: {pause.reason}"]
    lines += [aligned([_HEADER, *map(_cells, rows)])] if rows else ["no timer is due or parked"]
    if len(rows) == LIST_MAX:
        lines += [f"(the first {LIST_MAX})"]
    return Said("\n".join(lines))


def _cells(timer: ShownTimer) -> tuple[str, ...]:
    action = timer.action
    if timer.kind == "reminder":
        action = f"{action} (reminder {timer.number})"
    due = "" if timer.due_at is None else _moment(timer.due_at)
    return (
        *(str(timer.id), timer.stands, due, timer.machine, str(timer.entity_id), action),
        *(str(timer.attempts), " ".join(timer.last_error.split())),
    )


async def _resumed(connection: asyncpg.Connection) -> Said:
    if await timers.resume(connection):
        return Said("timers that move money go on")
    return Said("timers that move money were not paused")


async def _retried(connection: asyncpg.Connection, *, ids: Sequence[UUID]) -> Said:
    done = await timers.retry(connection, ids)
    text = f"{len(done)} {'timer is' if len(done) == 1 else 'timers are'} tried again"
    missing = [str(one) for one in _missing(ids, done)]
    return Said(f"{text}; not parked: {', '.join(missing)}", 1) if missing else Said(text)


def _missing(ids: Sequence[UUID], done: Sequence[UUID]) -> Iterator[UUID]:
    yield from (one for one in dict.fromkeys(ids) if one not in done)


def _moment(moment: datetime) -> str:
    return moment.isoformat(sep=" ", timespec="seconds")
