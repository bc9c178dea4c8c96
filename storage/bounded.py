"""PostgreSQL may be away: a request waits for it so long and is then told to come again."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from protocol.errors import RequestError

# Class 08, 53 and 57: no connection, no room for one, being shut down or cancelled.
_AWAY = (
    TimeoutError,
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.OperatorInterventionError,
    asyncpg.InterfaceError,
)


@asynccontextmanager
async def database_within(timeout_s: float) -> AsyncIterator[None]:
    """Bounds what is asked of PostgreSQL in the block, waiting for a connection included.

    Raises `RequestError` `unavailable` when it takes longer or PostgreSQL is not there.
    """
    try:
        async with asyncio.timeout(timeout_s):
            yield
    except _AWAY as error:
        raise RequestError.unavailable("the database") from error
