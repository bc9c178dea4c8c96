"""The schema's migrations: Alembic keeps the order, the steps themselves are plain SQL files.

A step `NNNN` is made of `migrations/sql/NNNN_*.sql`, run in the order of their names, and undone by
`NNNN_down.sql`. Each step is a transaction of its own: its locks last no longer, and one that fails
leaves nothing of itself, while the steps before it stay. The release before runs on each of them.

Steps lock tables against everybody, hence they wait for a lock for a moment only, and are tried
again (storage/database/lock_retries.py).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import asyncpg
import structlog
from alembic import command, op
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from storage.database import migrate_ahead
from storage.database.lock_retries import LOCK_MS, TURN, WAIT_S, waiting_ms, with_locks
from storage.database.lock_waits import LockWatch
from storage.database.logins import LoginRefusedError

log = structlog.get_logger()

_MIGRATIONS = Path(__file__).parents[1] / "migrations"
_CONNECT_S = 10
_REFUSED = {
    asyncpg.InsufficientPrivilegeError.sqlstate,
    # A schema that a login may not use is none to it.
    asyncpg.InvalidSchemaNameError.sqlstate,
}


class UnknownRevisionError(ValueError):
    """There is no such step to go back to."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the migrations."""

    revision: str
    title: str


@dataclass(frozen=True, slots=True)
class State:
    """Where a database stands: its revision, and the steps that it lacks, oldest first.

    `is_newer` is true for a revision of a later program than this one.
    """

    revision: str | None
    lacks: tuple[Step, ...]
    is_newer: bool


async def upgrade(dsn: str, target: str = "head", wait_s: float = WAIT_S) -> str | None:
    """Bring the schema of the database at `dsn` to `target`; returns the revision then in force.

    Two instances that start at once take turns; the second finds nothing to do. A schema that is
    newer than this program stays as it is. Raises `MigrationBlockedError` when a step did not get
    its locks within `wait_s`, `LoginRefusedError` for a login that may not do it, and the driver's
    error when a step fails. Nothing of that step is kept then, but what it did ahead
    (storage/database/migrate_ahead.py); the steps before it are.
    """
    try:
        revision = await revision_of(dsn)
        if _is_newer(revision):
            log.warning("schema_is_newer", revision=revision)
        if not _lacking(revision, target):
            return revision
        return await _upgrade(dsn, target, wait_s)
    except (DBAPIError, asyncpg.InsufficientPrivilegeError) as error:
        refused = _refused(error)
        if refused is error:
            raise
        raise refused from error


async def _upgrade(dsn: str, target: str, wait_s: float) -> str | None:
    """Run the steps that lack, each after what it does ahead."""
    async with migrate_ahead.turn_at(dsn, wait_s) as connection:
        # Another may have been at it until now, and be through.
        before = revision = await revision_of(dsn)
        steps = 0
        try:
            while lacks := _lacking(revision, target):
                step = lacks[0].revision
                of = f"the schema at {revision or 'nothing'}"
                if connection is not None:
                    await migrate_ahead.run_ahead(dsn, connection, _files_ahead(step), wait_s, of)
                revision = await _run(dsn, partial(_forward, step), wait_s, of)
                steps += 1
        finally:
            if steps:
                log.info("schema_migrated", before=before, after=revision, steps=steps)
        return revision


async def downgrade(dsn: str, target: str = "-1", wait_s: float = WAIT_S) -> str | None:
    """Take the schema back to `target` (`-1` one step, `base` to nothing); data goes with it.

    Raises `UnknownRevisionError` for a target that is none.
    """
    before = await revision_of(dsn)
    after = await _run(dsn, partial(_back, target), wait_s)
    log.info("schema_taken_back", before=before, after=after)
    return after


def _back(target: str, config: Config) -> None:
    try:
        command.downgrade(config, target)
    except CommandError as error:
        raise UnknownRevisionError(
            f"{target!r} is no step to go back to: should be base, -1 or an earlier one, like 0001"
        ) from error


async def revision_of(dsn: str) -> str | None:
    """The revision that the database is at; None before the first migration."""
    return await _run(dsn, lambda _config: None, WAIT_S)


async def state_of(dsn: str, wait_s: float = WAIT_S) -> State:
    """Where the database stands, once nobody is migrating it; nothing is changed.

    Raises `LoginRefusedError` for a login that may not even read the revision.
    """
    try:
        revision = await _run(dsn, lambda _config: None, wait_s)
    except DBAPIError as error:
        refused = _refused(error)
        if refused is error:
            raise
        raise refused from error
    return State(revision, tuple(_lacking(revision, "head")), is_newer=_is_newer(revision))


def _files_ahead(step: str) -> list[Path]:
    return sorted((_MIGRATIONS / "sql").glob(f"{step}_*{migrate_ahead.SUFFIX}"))


def _is_newer(revision: str | None) -> bool:
    """Whether it is of a later program than this one."""
    return revision is not None and revision not in {step.revision for step in _steps()}


def _lacking(revision: str | None, target: str) -> list[Step]:
    """The steps from a revision to another, oldest first; none for a later program's revision."""
    names = [step.revision for step in _steps()]
    if revision is not None and revision not in names:
        return []
    begins = 0 if revision is None else names.index(revision) + 1
    ends = len(names) if target == "head" else names.index(target) + 1
    return list(_steps()[begins:ends])


@cache
def _scripts() -> ScriptDirectory:
    """Read once: a process is of one version, and Alembic reads them all for each question."""
    return ScriptDirectory(_MIGRATIONS)


@cache
def _steps() -> tuple[Step, ...]:
    """All steps, oldest first."""
    found = [Step(script.revision, script.doc) for script in _scripts().walk_revisions()]
    return tuple(found[::-1])


def _refused(error: DBAPIError | asyncpg.PostgresError) -> Exception:
    """What an error is for the caller: itself, unless it says that the login may not do it."""
    driver = error.orig if isinstance(error, DBAPIError) else error
    if getattr(driver, "sqlstate", None) not in _REFUSED:
        return error
    return LoginRefusedError(
        f"this login does not migrate: {driver}; let PARLEY_OWNER_DATABASE_URL name the owner's, "
        "for which `parley migrate --print-superuser` prints what a superuser runs once"
    )


def run_sql(revision: str, *, down: bool = False) -> None:
    """Run a step's files on the connection of the migration under way; for versions only."""
    undo = _MIGRATIONS / "sql" / f"{revision}_down.sql"
    files = [undo] if down else sorted(set(undo.parent.glob(f"{revision}_*.sql")) - {undo})
    connection = op.get_bind()
    # A statement through SQLAlchemy first: it begins the transaction that the raw ones belong to.
    connection.execute(text("set local client_min_messages = warning"))
    for file in files:
        try:
            connection.connection.run_async(_script(file.read_text(), file.name))
        except asyncpg.PostgresError as error:
            error.add_note(f"in {file.name}")
            raise


def _script(sql: str, name: str) -> Callable[[asyncpg.Connection], object]:
    """Many statements at once: asyncpg's `execute` without arguments takes a whole file."""

    async def execute(connection: asyncpg.Connection) -> None:
        if name.endswith(migrate_ahead.SUFFIX):
            await migrate_ahead.run_within(connection, sql)
        else:
            await connection.execute(sql)

    return execute


async def _run(
    dsn: str, step: Callable[[Config], None], wait_s: float, of: str = "the schema"
) -> str | None:
    url = make_url(dsn).set(drivername="postgresql+asyncpg")
    engine = create_async_engine(url, poolclass=NullPool, connect_args={"timeout": _CONNECT_S})

    async def attempt(watch: LockWatch, ends: float) -> str | None:
        """All in one transaction, so that one that fails leaves nothing and holds up nobody."""
        async with engine.begin() as connection:
            pid: int = (await connection.execute(text("select pg_backend_pid()"))).scalar_one()
            async with watch.on(pid):
                # Nobody waits behind the turn, which another instance may have for long.
                await _wait_at_most(connection, waiting_ms(ends))
                await connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": TURN})
                await _wait_at_most(connection, LOCK_MS)
                return await connection.run_sync(_step, step)

    try:
        return await with_locks(dsn, attempt, wait_s, of)
    finally:
        await engine.dispose()


async def _wait_at_most(connection: AsyncConnection, lock_ms: int) -> None:
    await connection.execute(text(f"set local lock_timeout = '{lock_ms}ms'"))


def _forward(step: str, config: Config) -> None:
    """One step, unless another has taken it meanwhile."""
    revision = MigrationContext.configure(config.attributes["connection"]).get_current_revision()
    if not _lacking(revision, step):
        return
    scripts = _scripts()

    def forward(before: str, _context: MigrationContext) -> object:
        # As `alembic.command.upgrade` does it, which reads all scripts anew.
        return scripts._upgrade_revs(step, before)  # noqa: SLF001

    with EnvironmentContext(config, scripts, fn=forward):
        scripts.run_env()


def _step(connection: Connection, step: Callable[[Config], None]) -> str | None:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    step(config)
    return MigrationContext.configure(connection).get_current_revision()
