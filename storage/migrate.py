"""The schema's migrations: Alembic keeps the order, the steps themselves are plain SQL files.

A step `NNNN` is made of `migrations/sql/NNNN_*.sql`, run in the order of their names, and undone by
`NNNN_down.sql`. All steps of one call are one transaction: a step that fails leaves nothing.

Steps lock tables against everybody, and while one waits for such a lock, which a long read or a
dump may hold, all others wait behind it. So it waits for a moment only; then the transaction is
given up, the others go on, and it is tried again.
"""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

import asyncpg
import structlog
from alembic import command, op
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from storage.lock_waits import LockWatch, Wait

log = structlog.get_logger()

_MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK = 7_237_533_916_302_114  # pg_advisory_xact_lock: "parley migrates"
_CONNECT_S = 10

WAIT_S = 120.0
"""In all: a start that does not come to its end is to be seen as one that has failed."""
LOCK_MS = 300
"""So long all others may wait behind a step, each time: less than a send waits for a conversation
that another one holds."""
FIRST_S = 0.5
LAST_S = 5.0
"""The pause between two attempts, twice as long each time: in it the others catch up."""
_PASSING = {
    asyncpg.LockNotAvailableError.sqlstate,
    asyncpg.DeadlockDetectedError.sqlstate,
}


class MigrationBlockedError(RuntimeError):
    """Others held for too long what a step has to lock. Nothing of the call is kept."""


async def upgrade(dsn: str, target: str = "head", wait_s: float = WAIT_S) -> str | None:
    """Bring the schema of the database at `dsn` to `target`; returns the revision then in force.

    Two instances that start at once take turns; the second finds nothing to do. Raises
    `MigrationBlockedError` when the locks were not to be had within `wait_s`, and the driver's
    error when a step fails; nothing of the call is kept then.
    """
    return await _run(dsn, lambda config: command.upgrade(config, target), wait_s)


async def downgrade(dsn: str, target: str = "-1", wait_s: float = WAIT_S) -> str | None:
    """Take the schema back to `target` (`-1` one step, `base` to nothing); data goes with it."""
    return await _run(dsn, lambda config: command.downgrade(config, target), wait_s)


async def revision_of(dsn: str) -> str | None:
    """The revision that the database is at; None before the first migration."""
    return await _run(dsn, lambda _config: None, WAIT_S)


def run_sql(revision: str, *, down: bool = False) -> None:
    """Run a step's files on the connection of the migration under way; for versions only."""
    undo = _MIGRATIONS / "sql" / f"{revision}_down.sql"
    files = [undo] if down else sorted(set(undo.parent.glob(f"{revision}_*.sql")) - {undo})
    connection = op.get_bind()
    # A statement through SQLAlchemy first: it begins the transaction that the raw ones belong to.
    connection.execute(text("set local client_min_messages = warning"))
    for file in files:
        try:
            connection.connection.run_async(_script(file.read_text()))
        except asyncpg.PostgresError as error:
            error.add_note(f"in {file.name}")
            raise


def _script(sql: str) -> Callable[[asyncpg.Connection], object]:
    """Many statements at once: asyncpg's `execute` without arguments takes a whole file."""

    async def execute(connection: asyncpg.Connection) -> None:
        await connection.execute(sql)

    return execute


async def _run(dsn: str, step: Callable[[Config], None], wait_s: float) -> str | None:
    """Try until the step is taken, or the time is over."""
    url = make_url(dsn).set(drivername="postgresql+asyncpg")
    engine = create_async_engine(url, poolclass=NullPool, connect_args={"timeout": _CONNECT_S})
    ends, pause_s = time.monotonic() + wait_s, FIRST_S
    try:
        while True:
            watch = LockWatch(dsn)
            try:
                return await _attempt(engine, step, watch, ends)
            except (DBAPIError, asyncpg.PostgresError) as error:
                if not _is_passing(error):
                    raise
                if time.monotonic() + pause_s >= ends:
                    raise _blocked(watch.wait, wait_s) from error
            _tell(watch.wait, pause_s)
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, LAST_S)
    finally:
        await engine.dispose()


async def _attempt(
    engine: AsyncEngine, step: Callable[[Config], None], watch: LockWatch, ends: float
) -> str | None:
    """All in one transaction, so that one that fails leaves nothing and holds up nobody."""
    async with engine.begin() as connection:
        pid: int = (await connection.execute(text("select pg_backend_pid()"))).scalar_one()
        async with watch.on(pid):
            # Nobody waits behind the turn, which another instance may have for long.
            await _wait_at_most(connection, max(round((ends - time.monotonic()) * 1000), 1))
            await connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _LOCK})
            await _wait_at_most(connection, LOCK_MS)
            return await connection.run_sync(_step, step)


async def _wait_at_most(connection: AsyncConnection, lock_ms: int) -> None:
    await connection.execute(text(f"set local lock_timeout = '{lock_ms}ms'"))


def _is_passing(error: DBAPIError | asyncpg.PostgresError) -> bool:
    """Whether it was a lock that another had."""
    driver = error.orig if isinstance(error, DBAPIError) else error
    return getattr(driver, "sqlstate", None) in _PASSING


def _blocked(wait: Wait | None, wait_s: float) -> MigrationBlockedError:
    held = str(wait) if wait else "a lock that another process holds"
    return MigrationBlockedError(
        f"the schema is left as it was: within {wait_s:g} s a step did not get {held}"
    )


def _tell(wait: Wait | None, again_s: float) -> None:
    log.warning(
        "migration_waits",
        wanted=wait and wait.wanted,
        holders=[holder._asdict() for holder in wait.holders] if wait else [],
        again_s=again_s,
    )


def _step(connection: Connection, step: Callable[[Config], None]) -> str | None:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    before = MigrationContext.configure(connection).get_current_revision()
    step(config)
    after = MigrationContext.configure(connection).get_current_revision()
    if before != after:
        log.info("schema_migrated", before=before, after=after)
    return after
