"""Keeps message search up to date: works off the outbox until it is stopped."""

import asyncio

import asyncpg
import structlog

from protocol.errors import RequestError
from storage.search import SearchIndex

log = structlog.get_logger()

ROWS = 16
"""Rows of the outbox at once; one may refer to a whole group of 256 messages."""

BUSY_S = 0.2
IDLE_S = 1.0
FAILED_S = 30.0


async def keep_indexed(index: SearchIndex) -> None:
    """Index what changes until cancelled; every process runs this, one at a time does the work.

    A pause follows each turn that left nothing: 200 ms, up to 1 s while nothing comes. Failures
    are logged and tried again, ever later up to 30 s.
    """
    pause_s = BUSY_S
    while True:
        try:
            done = await index.index_next(ROWS)
        except (RequestError, asyncpg.PostgresError) as error:
            pause_s = min(max(pause_s, BUSY_S) * 2, FAILED_S)
            log.warning(
                "search_indexing_failed", reason=type(error).__name__, retry_after_s=pause_s
            )
        else:
            pause_s = next_pause_s(pause_s, done)
        await asyncio.sleep(pause_s)


def next_pause_s(pause_s: float, done: int) -> float:
    """The pause after a turn in which `done` rows were indexed."""
    if done == ROWS:
        return 0.0
    if done:
        return BUSY_S
    return min(max(pause_s, BUSY_S / 2) * 2, IDLE_S)
