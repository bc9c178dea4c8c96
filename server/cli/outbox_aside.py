"""`parley outbox aside list | retry | drop`: what consumers of the outbox have set aside."""

import argparse
from collections.abc import Sequence

import asyncpg

from server.cli.said import Said, aligned, on_database
from server.config import Settings
from storage.outbox.set_aside import AsideRow, Choice, drop_aside, list_aside, retry_aside

LIST_MAX = 1000
_ID_MAX = (1 << 63) - 1
_HEADER = ("id", "consumer", "kind", "tries", "set aside", "error")


class WrongChoiceError(Exception):
    """The command line does not say which rows are meant, or says it twice."""


def add_parser(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", flags: argparse.ArgumentParser
) -> None:
    """Add `outbox aside …` to a command line; `flags` are those that every command has."""
    about = "rows of the outbox that could not be worked off"
    outbox = commands.add_parser("outbox", help=about, description=about)
    aside = outbox.add_subparsers(dest="outbox", required=True, metavar="aside").add_parser(
        "aside", help=about
    )
    doing = aside.add_subparsers(dest="doing", required=True, metavar="{list,retry,drop}")
    for name, meaning in (
        ("list", "show what is set aside, oldest first"),
        ("retry", "put rows back into the outbox, once what was wrong is mended"),
        ("drop", "forget rows; what they would have told is never told"),
    ):
        one = doing.add_parser(name, help=meaning, description=meaning, parents=[flags])
        one.add_argument("--consumer", dest="of_consumer", help="only those of this consumer")
        one.add_argument("--kind", dest="of_kind", help="only those of this kind")
        if name != "list":
            one.add_argument("ids", nargs="*", type=_row_id, metavar="ID", help="ids of `list`")
            one.add_argument("--all", dest="every", action="store_true", help="all of them")


def _row_id(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text[:20]) <= _ID_MAX):
        raise argparse.ArgumentTypeError(f"{text!r} is not an id, a number that `list` shows")
    return int(text)


def choice_of(doing: str, asked: dict[str, object]) -> Choice:
    """What the command line asks for. Raises `WrongChoiceError` when it is not clear."""
    consumer, kind = asked.get("of_consumer"), asked.get("of_kind")
    assert consumer is None or isinstance(consumer, str)
    assert kind is None or isinstance(kind, str)
    ids = asked.get("ids") or None
    assert ids is None or isinstance(ids, list)
    named = [ids is not None, bool(consumer or kind), bool(asked.get("every"))]
    if doing != "list" and sum(named) != 1:
        raise WrongChoiceError(
            f"parley outbox aside {doing}: name rows by their ids, or by --consumer and --kind, "
            "or say --all; one of the three"
        )
    return Choice(ids, consumer, kind)


async def run(settings: Settings, doing: str, choice: Choice) -> Said:
    """Do it on the database that the settings name, or on that in the data directory.

    Raises `NoDatabaseError` where there is none.
    """
    return await on_database(settings, lambda connection: _done(connection, doing, choice))


async def _done(connection: asyncpg.Connection, doing: str, choice: Choice) -> Said:
    if doing == "list":
        return Said(_table(await list_aside(connection, choice, LIST_MAX)))
    ids = await (retry_aside if doing == "retry" else drop_aside)(connection, choice)
    return _told(doing, choice, ids)


def _told(doing: str, choice: Choice, done: Sequence[int]) -> Said:
    missing = sorted(set(choice.ids or ()) - set(done))
    what = "put back" if doing == "retry" else "dropped"
    text = f"{len(done)} {'row' if len(done) == 1 else 'rows'} {what}"
    if missing:
        ids = ", ".join(map(str, missing))
        return Said(f"{text}; not set aside: {ids}", 1)
    return Said(text)


def _table(rows: Sequence[AsideRow]) -> str:
    if not rows:
        return "nothing is set aside"
    lines = [_HEADER] + [
        (
            *(str(row.id), row.consumer, row.kind, str(row.tries)),
            row.set_aside_at.isoformat(sep=" ", timespec="seconds"),
            row.error,
        )
        for row in rows
    ]
    text = aligned(lines)
    return f"{text}\n(the first {LIST_MAX})" if len(rows) == LIST_MAX else text
