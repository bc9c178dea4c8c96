"""`parley deliveries [list | replay]`: e-mails and pushes that were given up."""

import argparse
from collections.abc import Sequence
from uuid import UUID

import asyncpg

from server.cli.said import Said, aligned, on_database
from server.config import Settings
from storage.notifications.dead import Choice, DeadDelivery, list_dead, replay_dead

LIST_MAX = 1000
_HEADER = ("id", "person", "channel", "category", "tries", "given up", "error")


class WrongDeliveriesError(Exception):
    """The command line does not say which deliveries are meant, or says it twice."""


def add_parser(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", flags: argparse.ArgumentParser
) -> None:
    """Add `deliveries …` to a command line; `flags` are those that every command has."""
    about = "show e-mails and pushes that were given up, and try them again"
    parser = commands.add_parser("deliveries", help=about, description=about, parents=[flags])
    parser.add_argument(
        "doing",
        nargs="?",
        default="list",
        choices=("list", "replay"),
        help="list: show them, the oldest first; replay: judge and try them again, once what was "
        "wrong is mended: what was read meanwhile is not sent",
    )
    parser.add_argument("deliveries", nargs="*", type=_id, metavar="ID", help="ids for `replay`")
    parser.add_argument("--of-channel", choices=("email", "push"), help="only those by it")
    parser.add_argument("--of-category", help="only those of this category")
    parser.add_argument("--all", dest="every", action="store_true", help="all of them")


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not an id that `list` shows") from None


def choice_of(doing: str, asked: dict[str, object]) -> Choice:
    """What the command line asks for. Raises `WrongDeliveriesError` when it is not clear."""
    channel, category = asked.get("of_channel"), asked.get("of_category")
    assert channel is None or isinstance(channel, str)
    assert category is None or isinstance(category, str)
    ids = asked.get("deliveries") or None
    assert ids is None or isinstance(ids, list)
    named = [ids is not None, bool(channel or category), bool(asked.get("every"))]
    if doing == "replay" and sum(named) != 1:
        raise WrongDeliveriesError(
            "parley deliveries replay: name deliveries by their ids, or by --of-channel and "
            "--of-category, or say --all; one of the three"
        )
    return Choice(ids, channel, category)


async def run(settings: Settings, doing: str, choice: Choice) -> Said:
    """Do it on the database of the settings. Raises `NoDatabaseError` where there is none."""
    return await on_database(settings, lambda connection: _done(connection, doing, choice))


async def _done(connection: asyncpg.Connection, doing: str, choice: Choice) -> Said:
    if doing == "list":
        return Said(_table(await list_dead(connection, choice, LIST_MAX)))
    done = await replay_dead(connection, choice)
    text = f"{len(done)} {'delivery is' if len(done) == 1 else 'deliveries are'} tried again"
    missing = [str(one) for one in dict.fromkeys(choice.ids or ()) if one not in done]
    return Said(f"{text}; not given up: {', '.join(missing)}", 1) if missing else Said(text)


def _table(rows: Sequence[DeadDelivery]) -> str:
    if not rows:
        return "no delivery was given up"
    lines = [_HEADER] + [
        (
            *(str(row.id), str(row.user_id), row.channel, row.category, str(row.attempts)),
            row.given_up_at.isoformat(sep=" ", timespec="seconds"),
            " ".join(row.error.split()),
        )
        for row in rows
    ]
    text = aligned(lines)
    return f"{text}\n(the first {LIST_MAX})" if len(rows) == LIST_MAX else text
