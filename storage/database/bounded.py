"""PostgreSQL may be away: a request waits for it so long and is then told to come again."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from storage.database.postgres import (
    UNAVAILABLE,
    is_bad_argument,
    losses_told,
    unavailable,
)


@asynccontextmanager
async def database_within(timeout_s: float) -> AsyncIterator[None]:
    """Bounds what is asked of PostgreSQL in the block, waiting for a connection included.

    Raises `RequestError` `unavailable` when it takes longer or PostgreSQL is not there.
    """
    try:
        async with asyncio.timeout(timeout_s):
            with losses_told():
                yield
    except UNAVAILABLE as error:
        if is_bad_argument(error):
            raise
        raise unavailable() from error
