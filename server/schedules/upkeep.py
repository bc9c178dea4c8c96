"""Upkeep of the whole installation: partitions, old logins, spellings, files, answered requests."""

from collections.abc import Awaitable, Callable, Sequence

import asyncpg
import structlog

from server.schedules.schedule import Every, NotDoneError, Outcome, Schedule
from storage.database.bounded import database_within
from storage.database.partitions import Upkeep, keep_partitions
from storage.files.sweep import Swept

log = structlog.get_logger()

SESSIONS_KEPT_S = 30 * 86_400.0
_DAY_S = 86_400.0
_HOUR_S = 3600.0
_FILES_S = 600.0
_WITHIN_S = 900.0
_PRUNE_WITHIN_S = 30.0


def partitions(dsn: str) -> Schedule:
    """Make partitions ahead and drop old ones; `dsn` is of the login that owns the tables."""

    async def run() -> Outcome:
        upkeep = await keep_partitions(dsn)
        left = {left.step.partition: left.reason for left in upkeep.left}
        if upkeep.is_refused:
            # Readiness warns when they run short; `parley partitions` makes them as the owner.
            log.warning("partitions_not_ours", lacking=upkeep.lacking)
        elif left:
            log.warning("partitions_not_maintained", left=left)
            raise NotDoneError(_listed(upkeep))
        return Outcome({"done": [step.partition for step in upkeep.done], "lacking": len(left)})

    return Schedule("partitions", Every(_DAY_S), run, _WITHIN_S)


def _listed(upkeep: Upkeep) -> str:
    return ", ".join(f"{left.step.partition}: {left.reason}" for left in upkeep.left)


def sessions(prune: Callable[[float], Awaitable[None]]) -> Schedule:
    """Forget logins that ended long ago, some thousands at a time."""

    async def run() -> Outcome:
        await prune(SESSIONS_KEPT_S)
        return Outcome()

    return Schedule("sessions", Every(_HOUR_S), run, _WITHIN_S)


def emails(fill: Callable[[], Awaitable[int]]) -> Schedule:
    """Give spellings to the addresses of before, and to those that the version before registers."""

    async def run() -> Outcome:
        filled = await fill()
        if filled:
            log.info("emails_spelled", accounts=filled)
        return Outcome({"accounts": filled})

    return Schedule("emails", Every(_HOUR_S), run, _WITHIN_S)


def files(turn: Callable[[], Awaitable[Swept]]) -> Schedule:
    """Remove files that nothing names, and what uploads have left."""

    async def run() -> Outcome:
        return Outcome((await turn())._asdict())

    return Schedule("files", Every(_FILES_S), run, _WITHIN_S)


def requests(pool: "asyncpg.Pool[asyncpg.Record]", pruning: Sequence[str]) -> Schedule:
    """Forget answered requests, old searches and addresses of viewers, by these statements."""

    async def run() -> Outcome:
        async with database_within(_PRUNE_WITHIN_S):
            for query in pruning:
                await pool.execute(query)
        return Outcome()

    return Schedule("requests", Every(_HOUR_S), run, _WITHIN_S)
