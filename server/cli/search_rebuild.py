"""`parley search rebuild`: makes anew what search keeps of texts, where the fold has changed."""

import argparse
import time
from collections.abc import Callable

import asyncpg

from server.background import paced
from server.cli.said import Said
from server.config import Settings
from server.processes.serve import database_of
from storage.database.postgres import UNAVAILABLE, connect_pool
from storage.search.rebuild import Progress, SearchRebuild

TELL_S = 2.0
_STATEMENT_MS = 30_000
_AGAIN = "run it again to go on"


def add_parser(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", flags: argparse.ArgumentParser
) -> None:
    """Add `search rebuild` to a command line; `flags` are those that every command has."""
    about = "what search keeps of texts"
    search = commands.add_parser("search", help=about, description=about)
    doing = search.add_subparsers(dest="searching", required=True, metavar="rebuild")
    meaning = "make anew what an earlier version kept; may be stopped, and goes on where it was"
    doing.add_parser("rebuild", help=meaning, description=meaning, parents=[flags])


async def run(settings: Settings, tell: Callable[[str], None]) -> Said:
    """Rebuild until nothing is left, telling how far it is.

    A server that runs does the same by itself; then each does batches of its own. Raises
    `NoDatabaseError` where there is no database.
    """
    async with database_of(settings) as database:
        try:
            async with await connect_pool(
                database.server, size=1, statement_timeout_ms=_STATEMENT_MS
            ) as pool:
                rebuild = SearchRebuild(pool, settings.search_rebuild_rows)
                told_at = time.monotonic()
                async for _batch in paced(rebuild, settings.search_rebuild_share):
                    if time.monotonic() - told_at >= TELL_S:
                        told_at = time.monotonic()
                        tell(_line(await rebuild.progress()))
                return Said(_line(await rebuild.progress()))
        except asyncpg.UndefinedTableError:
            return Said("the schema is of an older version: run parley migrate", 1)
        except UNAVAILABLE as error:
            return Said(f"PostgreSQL does not answer: {type(error).__name__}: {error}; {_AGAIN}", 1)
        except asyncpg.PostgresError as error:
            return Said(f"PostgreSQL refuses: {error}; {_AGAIN}", 1)


def _line(progress: list[Progress]) -> str:
    return ", ".join(
        f"{p.subject} {'done' if p.is_finished else f'{p.done:,} of about {p.about:,}'}"
        for p in progress
    )
