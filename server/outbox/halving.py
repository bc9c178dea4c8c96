"""Halves a failing batch down to the rows at fault, unless a server is away or too slow.

What becomes of these rows is in `storage/outbox/failed_rows.py`.
"""

from collections.abc import Awaitable, Callable, Sequence

import asyncpg
from redis.exceptions import RedisError

from protocol.errors import RequestError
from storage.database.postgres import LATE, REPEATABLE, UNAVAILABLE, is_bad_argument
from storage.outbox.failed_rows import Failure
from storage.outbox.leases import LeaseLostError
from storage.outbox.rows import OutboxRow
from storage.redis.guard import RedisAwayError

Handle = Callable[[Sequence[OutboxRow]], Awaitable[None]]
"""Processes a batch, or raises."""

_NOT_ITS_FAULT = (
    *UNAVAILABLE,
    *REPEATABLE,
    asyncpg.InsufficientResourcesError,
    asyncpg.OperatorInterventionError,
    asyncpg.PostgresSystemError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.LockNotAvailableError,
    RedisError,
    RedisAwayError,
    LeaseLostError,
    MemoryError,
)
_ERROR_CHARS = 200


class RoundTooLongError(TimeoutError):
    """A batch took longer than allowed, though the server answers."""


def is_away(error: Exception) -> bool:
    """Whether an error means that a server is unavailable, and not that the row is bad."""
    if isinstance(error, RequestError):
        return error.retryable
    return isinstance(error, _NOT_ITS_FAULT) and not is_bad_argument(error)


def is_too_slow(error: Exception) -> bool:
    """Whether a smaller batch may avoid an error for which `is_away` is true.

    Reads for events time out as soon as statements do, so a silent network looks the same there.
    """
    if isinstance(error, RequestError):
        return error.retryable and isinstance(error.__cause__, LATE)
    return isinstance(error, asyncpg.QueryCanceledError | RoundTooLongError)


def is_alone_too_slow(error: Exception, rows: int) -> bool:
    """Whether the one row of an attempt is itself at fault for having taken too long.

    PostgreSQL has answered, and no smaller batch is left to try.
    """
    return rows == 1 and isinstance(error, asyncpg.QueryCanceledError)


async def halved(handle: Handle, rows: Sequence[OutboxRow]) -> list[Failure]:
    """Process rows and return those that fail by themselves, with their errors.

    Raises errors for which `is_away` is true, unless a single row was too slow; some rows may have
    been handled by then.
    """
    if not rows:
        return []
    try:
        await handle(rows)
    except Exception as error:  # whatever a row is handled with: its fault is kept beside it
        if is_away(error) and not is_alone_too_slow(error, len(rows)):
            raise
        if len(rows) == 1:
            return [Failure(rows[0], _described(error))]
    else:
        return []
    middle = len(rows) // 2
    return [*await halved(handle, rows[:middle]), *await halved(handle, rows[middle:])]


def _described(error: Exception) -> str:
    """What went wrong. PostgreSQL's message may quote the row, so it is left out."""
    name = type(error).__name__
    if isinstance(error, asyncpg.PostgresError):
        return " ".join(filter(None, (name, error.sqlstate, error.constraint_name)))
    return f"{name}: {error}"[:_ERROR_CHARS]
