"""A batch that fails is halved down to the rows at fault, unless a server is away or too slow."""

from collections.abc import Awaitable, Callable, Sequence

import asyncpg
from redis.exceptions import RedisError

from protocol.errors import RequestError
from storage.database.postgres import LATE, REPEATABLE, UNAVAILABLE, is_bad_argument
from storage.outbox.failures import Failure
from storage.outbox.leases import LeaseLostError
from storage.outbox.rows import OutboxRow
from storage.redis.guard import RedisAwayError

Handle = Callable[[Sequence[OutboxRow]], Awaitable[None]]
"""Works off a batch, or raises."""

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
    """A batch took longer than it may, with a server that answers."""


def is_away(error: Exception) -> bool:
    """Whether an error says that something outside is missing, and nothing of the row."""
    if isinstance(error, RequestError):
        return error.retryable
    return isinstance(error, _NOT_ITS_FAULT) and not is_bad_argument(error)


def is_too_slow(error: Exception) -> bool:
    """Whether `is_away` is true of an error that less work at once may avoid.

    What is read for events is given up as soon as a statement is, so that a network that says
    nothing looks the same there.
    """
    if isinstance(error, RequestError):
        return error.retryable and isinstance(error.__cause__, LATE)
    return isinstance(error, asyncpg.QueryCanceledError | RoundTooLongError)


async def halved(handle: Handle, rows: Sequence[OutboxRow]) -> list[Failure]:
    """Work off rows and return those that fail in themselves, each alone, and how.

    Raises what `is_away` is true of; what was handled before that is not known then.
    """
    if not rows:
        return []
    try:
        await handle(rows)
    except Exception as error:
        if is_away(error):
            raise
        if len(rows) == 1:
            return [Failure(rows[0], _described(error))]
    else:
        return []
    middle = len(rows) // 2
    return [*await halved(handle, rows[:middle]), *await halved(handle, rows[middle:])]


def _described(error: Exception) -> str:
    """What went wrong; PostgreSQL's own words may quote the row, so they are left out."""
    name = type(error).__name__
    if isinstance(error, asyncpg.PostgresError):
        return " ".join(filter(None, (name, error.sqlstate, error.constraint_name)))
    return f"{name}: {error}"[:_ERROR_CHARS]
