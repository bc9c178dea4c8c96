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
from storage.database.partitions import Upkeep, keep_partitions, retries
from storage.database.postgres import UNAVAILABLE
from storage.people.sessions import CACHE_S
from storage.search.rebuild import Batch, SearchRebuild

log = structlog.get_logger()

PARTITIONS_S = 86_400.0
PRUNE_S = 3600.0
EMAILS_S = 3600.0
FILES_S = 600.0
SESSIONS_KEPT_S = 30 * 86_400.0
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

_POSTGRESQL_FAILED = (*UNAVAILABLE, asyncpg.PostgresError, RequestError)
"""PostgreSQL is away or has refused, as it refuses one of two that wait for each other: what is
done every few minutes is done the next time."""


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


async def maintain_partitions(dsn: str) -> None:
    """Make partitions ahead and drop old ones, now and every day; what fails is tried again."""
    is_told = False
    delays_s = retries()
    while True:
        try:
            upkeep = await keep_partitions(dsn)
        except (*UNAVAILABLE, asyncpg.PostgresError) as error:
            delay_s = next(delays_s)
            log.warning(
                "partitions_not_maintained", reason=type(error).__name__, again_s=round(delay_s, 1)
            )
        else:
            if upkeep.left and not upkeep.is_refused:
                delay_s = next(delays_s)
            else:
                delay_s = PARTITIONS_S
                delays_s = retries()
            if not (upkeep.is_refused and is_told):
                _tell(upkeep, delay_s)
            is_told = upkeep.is_refused
        await asyncio.sleep(delay_s)


def _tell(upkeep: Upkeep, delay_s: float) -> None:
    left = {left.step.partition: left.reason for left in upkeep.left}
    if upkeep.is_refused:
        # Readiness warns when they run short; `parley partitions` makes them as the tables' owner.
        log.warning("partitions_not_ours", lacking=upkeep.lacking)
    elif left:
        log.warning("partitions_not_maintained", left=left, again_s=round(delay_s, 1))
    else:
        log.info("partitions_maintained", done=[step.partition for step in upkeep.done])


async def prune_sessions(prune: Callable[[float], Awaitable[None]]) -> None:
    """Forget logins that ended long ago, some thousands at a time."""
    while True:
        try:
            await prune(SESSIONS_KEPT_S)
        except _POSTGRESQL_FAILED as error:
            log.warning("sessions_not_pruned", reason=_reason(error))
        await asyncio.sleep(PRUNE_S)


def _reason(error: BaseException) -> str:
    return error.code if isinstance(error, RequestError) else type(error).__name__


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


async def fill_emails(fill: Callable[[], Awaitable[int]]) -> None:
    """Give spellings to the addresses of before, and to those that the version before registers."""
    while True:
        try:
            if filled := await fill():
                log.info("emails_spelled", accounts=filled)
        except _POSTGRESQL_FAILED as error:
            log.warning("emails_not_spelled", reason=_reason(error))
        await asyncio.sleep(EMAILS_S)


async def sweep_files(turn: Callable[[], Awaitable[object]]) -> None:
    """Remove files that nothing names and what uploads have left, now and every few minutes."""
    while True:
        try:
            await turn()
        except _POSTGRESQL_FAILED as error:
            log.warning("files_not_swept", reason=_reason(error))
        await asyncio.sleep(FILES_S)


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
