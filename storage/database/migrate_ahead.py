"""What a step of the migrations does ahead of its transaction: columns, indexes, constraints.

An index that is made in the step's transaction keeps writers out for as long as that takes, and a
column keeps everybody out until the step's end. So a step may have a file `NNNN_NN_ahead.sql` of
statements that can be repeated, `ALTER TABLE … ADD COLUMN IF NOT EXISTS` of one column,
`ALTER TABLE … ADD CONSTRAINT` of a small table, which may take the place of another, and
`CREATE INDEX CONCURRENTLY IF NOT EXISTS`, each beginning a line. They are run one at a time before
the step, on tables that are there, and again within the step, which makes what is not there yet: on
a new database all of it. What is there is not asked for again, since PostgreSQL locks the table
before it sees that. No older version notices what they make.
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
_CONSTRAINT = re.compile(r"ADD CONSTRAINT (\w+)")
_COLUMN = re.compile(r"ADD COLUMN IF NOT EXISTS (\w+)")
_CONNECT_S = 10
_TURN_S = 0.2
SUFFIX = "_ahead.sql"


async def run_within(connection: asyncpg.Connection, sql: str) -> None:
    """Run the text of a file in the transaction that is under way."""
    for statement in _STATEMENT.findall(sql):
        if not await _is_there(connection, statement):
            await _drop_unfinished(connection, statement, "DROP INDEX")
            await connection.execute(statement.replace(" CONCURRENTLY", ""))


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
    dsn: str,
    connection: asyncpg.Connection,
    files: Sequence[Path],
    wait_s: float,
    of: str = "the schema",
) -> None:
    """Run the files of a step. Raises `MigrationBlockedError`; what is done stays then."""
    ends = time.monotonic() + wait_s
    for file in files:
        for statement in _STATEMENT.findall(file.read_text()):
            attempt = partial(_attempt, connection, statement)
            await with_locks(dsn, attempt, max(ends - time.monotonic(), 1.0), of)


async def _attempt(
    connection: asyncpg.Connection, statement: str, watch: LockWatch, ends: float
) -> None:
    if not await connection.fetchval(_SQL["is_table"], _table_of(statement)):
        return
    if await _is_there(connection, statement):
        return
    async with watch.on(connection.get_server_pid()):
        # Nobody waits behind the making of an index; behind a column all others do.
        lock_ms = waiting_ms(ends) if _INDEX.search(statement) else LOCK_MS
        await connection.execute(f"SET lock_timeout = '{lock_ms}ms'")
        await _drop_unfinished(connection, statement, "DROP INDEX CONCURRENTLY")
        await connection.execute(statement)


def _table_of(statement: str) -> str:
    table = _TABLE.search(statement)
    assert table, f"no table in {statement!r}"
    return table[1]


async def _is_there(connection: asyncpg.Connection, statement: str) -> bool:
    """Whether the statement has been run, to its end."""
    if index := _INDEX.search(statement):
        return bool(await connection.fetchval(_SQL["is_index"], index[1]))
    if not _COLUMN.search(statement) and (constraint := _CONSTRAINT.search(statement)):
        named = (_table_of(statement), constraint[1])
        return bool(await connection.fetchval(_SQL["is_constraint"], *named))
    column = _COLUMN.search(statement)
    assert column, f"no column in {statement!r}"
    return bool(await connection.fetchval(_SQL["is_column"], _table_of(statement), column[1]))


async def _drop_unfinished(connection: asyncpg.Connection, statement: str, drop: str) -> None:
    index = _INDEX.search(statement)
    if index and await connection.fetchval(_SQL["is_unfinished"], index[1]):
        await connection.execute(f"{drop} {index[1]}")
