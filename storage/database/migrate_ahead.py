"""What a step of the migrations does ahead of its transaction: indexes that nobody waits for.

An index that is made in the step's transaction keeps writers out for as long as that takes. So a
step may have a file `NNNN_NN_ahead.sql` of statements that can be repeated, `ALTER TABLE … ADD
COLUMN IF NOT EXISTS` and `CREATE INDEX CONCURRENTLY IF NOT EXISTS`, each beginning a line. They are
run one at a time before the steps, on tables that are there, and again within the step, where they
then find nothing to do; on a new database they do it all there. No older version notices what they
make.
"""

import asyncio
import contextlib
import re
import time
from collections.abc import AsyncIterator, Sequence
from functools import partial
from pathlib import Path

import asyncpg

from storage.database.lock_retries import LOCK_MS, waiting_ms, with_locks
from storage.database.lock_waits import LockWatch
from storage.database.queries import load_queries

_SQL = load_queries("database/migrate_ahead")
_STATEMENT = re.compile(
    r"^(?:ALTER TABLE|CREATE (?:UNIQUE )?INDEX)\b.*?;$", re.MULTILINE | re.DOTALL
)
_TABLE = re.compile(r"(?:ALTER TABLE| ON) (\w+)")
_INDEX = re.compile(r"INDEX CONCURRENTLY IF NOT EXISTS (\w+)")
_CONNECT_S = 10
_TURN_S = 0.2
SUFFIX = "_ahead.sql"


def within(sql: str) -> str:
    """The text of a file as it is run within a transaction."""
    return sql.replace(" CONCURRENTLY", "")


@contextlib.asynccontextmanager
async def turn_at(dsn: str, wait_s: float) -> AsyncIterator[asyncpg.Connection | None]:
    """The only one to prepare steps and to run them, as long as the block lasts.

    None when it was another's turn for all the time: the steps, which take turns too, wait then.
    """
    ends = time.monotonic() + wait_s
    connection = await asyncpg.connect(dsn, timeout=_CONNECT_S)
    try:
        # Asked for again and again: an index that is made waits for statements that wait.
        while not (is_ours := await connection.fetchval(_SQL["try_turn"])):
            if time.monotonic() >= ends:
                break
            await asyncio.sleep(_TURN_S)
        yield connection if is_ours else None
    finally:
        await connection.close()


async def run_ahead(
    dsn: str, connection: asyncpg.Connection, files: Sequence[Path], wait_s: float
) -> None:
    """Run the files of steps that lack. Raises `MigrationBlockedError`; what is done stays then."""
    ends = time.monotonic() + wait_s
    for file in files:
        for statement in _STATEMENT.findall(file.read_text()):
            attempt = partial(_attempt, connection, statement)
            await with_locks(dsn, attempt, max(ends - time.monotonic(), 1.0))


async def _attempt(
    connection: asyncpg.Connection, statement: str, watch: LockWatch, ends: float
) -> None:
    table = _TABLE.search(statement)
    assert table, f"no table in {statement!r}"
    if not await connection.fetchval(_SQL["is_table"], table[1]):
        return
    index = _INDEX.search(statement)
    async with watch.on(connection.get_server_pid()):
        # Nobody waits behind the making of an index; behind a column all others do.
        lock_ms = waiting_ms(ends) if index else LOCK_MS
        await connection.execute(f"SET lock_timeout = '{lock_ms}ms'")
        if index and await connection.fetchval(_SQL["is_unfinished"], index[1]):
            await connection.execute(f"DROP INDEX CONCURRENTLY {index[1]}")
        await connection.execute(statement)
