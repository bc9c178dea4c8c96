"""Holding the declarations against PostgreSQL: the differences are found, and those alone are made.

Each table's are one transaction, which waits for a lock for a moment only and is tried again
(storage/database/lock_retries.py). It takes its turn with whatever else changes the schema, and
looks again then: of two processes that start at once the second finds nothing to do.
"""

from dataclasses import dataclass
from functools import partial

import asyncpg
import structlog

from storage.database.lock_retries import LOCK_MS, TURN, WAIT_S, waiting_ms, with_locks
from storage.database.lock_waits import LockWatch
from storage.database.postgres import connect
from storage.resources.access import Declared
from storage.resources.upkeep.catalogue import Catalogue, read_catalogue, worded
from storage.resources.upkeep.differences import Difference, differences

log = structlog.get_logger()

_STATEMENT_MS = 60_000


class AccessError(RuntimeError):
    """PostgreSQL refuses what is declared, or refuses it to this login. Names the table."""


@dataclass(frozen=True, slots=True)
class Held:
    """The tables that were changed, and those where something is left over."""

    changed: tuple[str, ...]
    left_over: tuple[str, ...]


async def find_differences(dsn: str, declared: Declared) -> list[Difference]:
    """What each table lacks of the declarations, and has besides them; nothing is changed.

    Raises `AccessError` for a login that may not look.
    """
    connection = await connect(dsn, _STATEMENT_MS)
    try:
        return (await _look(connection, declared))[0]
    finally:
        await connection.close()


async def hold(
    dsn: str, declared: Declared, wait_s: float = WAIT_S, *, contracts: bool = False
) -> Held:
    """Make what tables lack; with `contracts`, also take away what is not declared any more.

    Raises `AccessError`, and `MigrationBlockedError` when a table's locks were not to be had
    within `wait_s`; the tables before it stay as they were made.
    """
    connection = await connect(dsn, _STATEMENT_MS)
    try:
        found, catalogue = await _look(connection, declared)
        changing = [d.table for d in found if d.adds or (contracts and d.removes)]
        others = [t for t in changing if t in catalogue.columns and t not in catalogue.owned]
        if others:
            raise AccessError(f"not owned by this login: {', '.join(others)}")
        upkeep = _Upkeep(connection, declared, contracts=contracts)
        try:
            for table in changing:
                await with_locks(dsn, partial(upkeep.attempt, table), wait_s, table)
        finally:
            if upkeep.statements:
                log.info("access_changed", statements=upkeep.statements)
    finally:
        await connection.close()
    left_over = () if contracts else tuple(d.table for d in found if d.removes)
    return Held(tuple(changing), left_over)


class _Upkeep:
    """What one call does to table after table, over one connection."""

    def __init__(
        self, connection: asyncpg.Connection, declared: Declared, *, contracts: bool
    ) -> None:
        self._connection = connection
        self._declared = declared
        self._contracts = contracts
        self.statements: dict[str, int] = {}
        """How many were made, by table."""

    async def attempt(self, table: str, watch: LockWatch, ends: float) -> None:
        """What the table needs by now, in one transaction."""
        connection = self._connection
        async with connection.transaction():
            pid = await connection.fetchval("SELECT pg_backend_pid()")
            async with watch.on(pid):
                # Nobody waits behind the turn, which another instance may have for long.
                await connection.execute(f"SET LOCAL lock_timeout = {waiting_ms(ends)}")
                await connection.fetchval("SELECT pg_advisory_xact_lock($1)", TURN)
                await connection.execute(f"SET LOCAL lock_timeout = {LOCK_MS}")
                found, _ = await _look(connection, self._declared, only=table)
                made = [await self._make(difference) for difference in found]
        if sum(made):
            self.statements[table] = sum(made)

    async def _make(self, difference: Difference) -> int:
        removes = difference.removes if self._contracts else ()
        statements = [*difference.adds, *removes]
        for statement in statements:
            try:
                await self._connection.execute(statement)
            except asyncpg.SyntaxOrAccessError as error:
                raise AccessError(f"{difference.table}: {error}; in: {statement}") from error
        return len(statements)


async def _look(
    connection: asyncpg.Connection, declared: Declared, *, only: str | None = None
) -> tuple[list[Difference], Catalogue]:
    catalogue = await read_catalogue(connection, only)
    wanted, held = declared.access(catalogue.columns, only), catalogue.access
    policies = [policy for access in wanted.values() for policy in access.policies]
    try:
        words = await worded(connection, policies)
    except asyncpg.InsufficientPrivilegeError as error:
        raise AccessError(f"this login may not compare: {error}") from error
    return differences(wanted, held, words), catalogue
