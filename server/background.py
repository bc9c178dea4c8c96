"""Tasks that run as long as the process: one that fails ends the process, loudly."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
import structlog

from protocol.errors import RequestError
from storage.database.backfills import Backfills, TooLongError
from storage.database.partitions import retries
from storage.database.postgres import UNAVAILABLE
from storage.people.sessions import CACHE_S
from storage.search.rebuild import Batch, SearchRebuild

log = structlog.get_logger()

REVOKED_S = 1.0
REVOKED_SECONDS_BACK = 10
SETTLE_S = 3.0
BACKFILL_ROWS = 200
BACKFILL_PAUSE_S = 0.05
"""Between two parts, so that others get at the rows and the connection."""
BACKFILL_AGAIN_S = 30.0
"""Until a backfill that another process is at, or that failed, is looked at again."""
REBUILD_BATCH_S = 30.0
REBUILD_BUSY_S = 1.0
"""Until looking again for what another process has in hand."""


@contextlib.asynccontextmanager
async def in_background(*runs: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    """Run each until the block ends; a failure of one cancels the block and is raised."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_run(run)) for run in runs]
        try:
            yield
        finally:
            # In the order given: what others hand work to ends last.
            for task in tasks:
                task.cancel()
                await asyncio.wait([task])


async def _run(run: Callable[[], Awaitable[None]]) -> None:
    try:
        await run()
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is not None and not task.cancelling():
            # A task group takes a cancelled task for one that was ended on purpose.
            raise RuntimeError("a background task was cancelled by nobody") from error
        raise


async def settle(*steps: Callable[[], Awaitable[object]]) -> None:
    """Take these steps before the tasks that see to them end, within a bounded time in all.

    What they do not get done stands in the outbox, for another process or the next start.
    """
    try:
        async with asyncio.timeout(SETTLE_S):
            for step in steps:
                await step()
    except (*UNAVAILABLE, RequestError) as error:
        log.warning("ended_with_work_left", reason=type(error).__name__)


async def fill_rows(backfills: Backfills) -> None:
    """Fill what this release adds to rows of before, part by part, until nothing is left.

    One that fails is tried again later, and those after it go on meanwhile.
    """
    while True:
        with _rows_not_filled():
            names = await backfills.open()
            if not names:
                return
            for name in names:
                with _rows_not_filled(backfill=name):
                    if await _fill(backfills, name):
                        log.info("rows_filled", backfill=name)
        await asyncio.sleep(BACKFILL_AGAIN_S)


@contextlib.contextmanager
def _rows_not_filled(**keys: str) -> Iterator[None]:
    """Tell of a failure in the block, which ends there."""
    try:
        yield
    except (RequestError, TooLongError, asyncpg.PostgresError) as error:
        log.warning(
            "rows_not_filled", **keys, reason=type(error).__name__, again_s=BACKFILL_AGAIN_S
        )


async def _fill(backfills: Backfills, name: str) -> bool:
    """Fill one to its end; false if another process is at it."""
    rows = BACKFILL_ROWS
    seen: int | None = rows
    while seen:
        try:
            seen = await backfills.step(name, rows)
        except TooLongError:
            if rows == 1:
                raise
            rows //= 2
        await asyncio.sleep(BACKFILL_PAUSE_S)
    return seen is not None


async def rebuild_search(rebuild: SearchRebuild, share: float) -> None:
    """Make anew what search keeps by another fold than the present, and end.

    Every process runs it, and one at a time works; what fails is tried again.
    """
    delays_s = retries()
    while True:
        try:
            async for batch in paced(rebuild, share):
                if batch.renewed:
                    delays_s = retries()
        except (*UNAVAILABLE, asyncpg.PostgresError) as error:
            delay_s = next(delays_s)
            log.warning(
                "search_not_rebuilt", reason=type(error).__name__, again_s=round(delay_s, 1)
            )
            await asyncio.sleep(delay_s)
        else:
            return


async def paced(rebuild: SearchRebuild, share: float) -> AsyncIterator[Batch]:
    """The batches of a rebuild, with a rest after each, so that it works a share of the time.

    Raises what asyncpg raises.
    """
    while True:
        began = time.monotonic()
        async with asyncio.timeout(REBUILD_BATCH_S):
            batch = await rebuild.step()
        if batch is None:
            return
        yield batch
        if batch.is_busy:
            await asyncio.sleep(REBUILD_BUSY_S)
        elif batch.renewed:
            await asyncio.sleep((time.monotonic() - began) * (1 / share - 1))


async def poll_revoked(
    revoked_since: Callable[[datetime], Awaitable[list[UUID]]],
    end_sessions: Callable[[set[str]], None],
) -> None:
    """Close connections of revoked logins, also while no event can arrive from Redis.

    It begins with all that a cache may still hold as live.
    """
    since = datetime.now(UTC) - timedelta(seconds=CACHE_S)
    while True:
        asked_at = datetime.now(UTC)
        try:
            revoked = await revoked_since(since)
        except RequestError:
            pass  # PostgreSQL is away: it is asked again, for all that it may have since
        else:
            since = asked_at - timedelta(seconds=REVOKED_SECONDS_BACK)
            if revoked:
                end_sessions({str(session_id) for session_id in revoked})
        await asyncio.sleep(REVOKED_S)
