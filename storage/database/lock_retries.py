"""Changing the schema beside others: locks are waited for a moment only, again and again.

A statement that locks a table against everybody waits behind a long read or a dump, and all others
wait behind it. So it waits for a moment; then its transaction is given up, the others go on, and it
is tried again.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import asyncpg
import structlog
from sqlalchemy.exc import DBAPIError

from storage.database.lock_waits import LockWatch, Wait

log = structlog.get_logger()
T = TypeVar("T")

TURN = 7_237_533_916_302_114
"""Of pg_advisory_xact_lock: who changes the schema."""
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
    """Others held for too long what a step has to lock. Nothing of the step is kept."""


async def with_locks(
    dsn: str,
    attempt: Callable[[LockWatch, float], Awaitable[T]],
    wait_s: float = WAIT_S,
    of: str = "the schema",
) -> T:
    """Try until the attempt succeeds, or the time is over.

    The attempt is one transaction, whose backend it puts under the watch, and gets the moment at
    which the time is over. Raises `MigrationBlockedError`, which says that `of` is as it was, and
    what else the attempt raises.
    """
    ends, pause_s = time.monotonic() + wait_s, FIRST_S
    while True:
        watch = LockWatch(dsn)
        try:
            return await attempt(watch, ends)
        except (DBAPIError, asyncpg.PostgresError) as error:
            if not _is_passing(error):
                raise
            if time.monotonic() + pause_s >= ends:
                raise _blocked(watch.wait, wait_s, of) from error
        _tell(watch.wait, pause_s)
        await asyncio.sleep(pause_s)
        pause_s = min(pause_s * 2, LAST_S)


def waiting_ms(ends: float) -> int:
    """The time until `ends`, as a lock timeout."""
    return max(round((ends - time.monotonic()) * 1000), 1)


def _is_passing(error: DBAPIError | asyncpg.PostgresError) -> bool:
    """Whether it was a lock that another had."""
    driver = error.orig if isinstance(error, DBAPIError) else error
    return getattr(driver, "sqlstate", None) in _PASSING


def _blocked(wait: Wait | None, wait_s: float, of: str) -> MigrationBlockedError:
    held = str(wait) if wait else "a lock that another process holds"
    return MigrationBlockedError(
        f"{of} is left as it was: within {wait_s:g} s a step did not get {held}"
    )


def _tell(wait: Wait | None, again_s: float) -> None:
    log.warning(
        "migration_waits",
        wanted=wait and wait.wanted,
        holders=[holder._asdict() for holder in wait.holders] if wait else [],
        again_s=again_s,
    )
