"""`parley reactions merge`: reactions that differ in their spelling only become one."""

import argparse
import asyncio

import asyncpg

from protocol.errors import RequestError
from server.cli.said import Said
from server.config import Settings
from server.processes.serve import database_of
from storage.database.change_call import ChangeCalls
from storage.database.postgres import UNAVAILABLE, connect_pool
from storage.messages.reaction_merge import Batch, ReactionMerge

TRIES = 10
"""Times in a row that a batch may be refused, because a conversation stays locked."""

PAUSE_S = 0.05
"""Between batches: others are to have the database, too."""

OTHER_S = 2.0
"""Between looks at the work of another process."""

_CALL_MS = 30_000


def add_parser(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", flags: argparse.ArgumentParser
) -> None:
    """Add `reactions merge` to a command line; `flags` are those that every command has."""
    about = "reactions that were stored before their spellings were compared"
    reactions = commands.add_parser("reactions", help=about, description=about)
    doing = reactions.add_subparsers(dest="doing", required=True, metavar="merge")
    meaning = "make one reaction of several spellings; goes on where it was stopped"
    merge = doing.add_parser("merge", help=meaning, description=meaning, parents=[flags])
    merge.add_argument(
        "--again", action="store_true", help="all of them once more, though they are done"
    )


async def run(settings: Settings, *, again: bool) -> Said:
    """Merge until nothing is left; what to tell, and the exit code.

    Raises `NoDatabaseError` where there is no database.
    """
    async with database_of(settings) as database:
        try:
            pool = await connect_pool(database.server, size=1, statement_timeout_ms=_CALL_MS)
            try:
                merge = ReactionMerge(pool, ChangeCalls(pool, lambda: None))
                if again:
                    await merge.restart()
                return await _to_the_end(merge)
            finally:
                await pool.close()
        except asyncpg.UndefinedTableError:
            return Said("the schema is of an older version: run parley migrate", 1)
        except UNAVAILABLE as error:
            return Said(f"PostgreSQL does not answer: {type(error).__name__}: {error}", 1)
        except RequestError as error:
            return Said(f"{error.message}; run it again to go on", 1)
        except asyncpg.PostgresError as error:
            return Said(f"PostgreSQL refuses: {error}", 1)


async def _to_the_end(merge: ReactionMerge) -> Said:
    messages = merged = 0
    while not await merge.is_finished():
        batch = await _patiently(merge)
        if batch is None:
            await asyncio.sleep(OTHER_S)
            continue
        messages += batch.messages
        merged += batch.merged
        await asyncio.sleep(PAUSE_S)
    return Said(f"{messages} messages with reactions looked at, {merged} changed")


async def _patiently(merge: ReactionMerge) -> Batch | None:
    for _ in range(TRIES - 1):
        try:
            return await merge.take_batch()
        except RequestError as error:
            if not error.retryable:
                raise
            await asyncio.sleep(PAUSE_S)
    return await merge.take_batch()
