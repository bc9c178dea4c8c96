"""Keeps message search quick: works off the outbox until it is stopped."""

import asyncio

import asyncpg
import structlog

from protocol.errors import RequestError
from storage.search import SearchIndex

log = structlog.get_logger()

ROWS = 16
"""Rows of the outbox at once; one may refer to a whole group of 256 messages."""

PAUSE_S = 1.0
"""A search reads what is not worked off, so that nothing waits for the next turn."""

FAILED_S = 30.0


async def keep_indexed(index: SearchIndex) -> None:
    """Index what changes until cancelled; every process runs this, one at a time does the work.

    A pause of 1 s follows each turn that left nothing. Failures are logged and tried again, ever
    later up to 30 s.
    """
    pause_s = PAUSE_S
    while True:
        try:
            done = await index.index_next(ROWS)
        except (RequestError, asyncpg.PostgresError) as error:
            pause_s = min(max(pause_s, PAUSE_S) * 2, FAILED_S)
            log.warning(
                "search_indexing_failed", reason=type(error).__name__, retry_after_s=pause_s
            )
        else:
            pause_s = 0.0 if done == ROWS else PAUSE_S
        await asyncio.sleep(pause_s)
