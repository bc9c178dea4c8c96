"""A batch that fails is halved down to the rows at fault, unless a server is away."""

from collections.abc import Awaitable, Callable, Sequence

import asyncpg
from redis.exceptions import RedisError

from protocol.errors import RequestError
from storage.claims import OutboxRow
from storage.outbox.failures import Failure
from storage.outbox.leases import LeaseLostError
from storage.postgres import REPEATABLE, UNAVAILABLE, is_bad_argument
from storage.redis_guard import RedisAwayError

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


def is_away(error: Exception) -> bool:
    """Whether an error says that something outside is missing, and nothing of the row."""
    if isinstance(error, RequestError):
        return error.retryable
    return isinstance(error, _NOT_ITS_FAULT) and not is_bad_argument(error)


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
