"""Carries out timers: what happens by itself once a time has passed.

Every process looks for due ones, and carries each out by an ordinary execution, which judges once
more under its locks: of several processes one does it, and the others find nothing left to do. One
that fails is tried again later and at last parked, and holds up no other.

Timers that move money rest on the clock. If it moves against the time that has passed, they pause
until an operator has looked: a year that never was would release everything.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator, Mapping
from itertools import islice

import asyncpg
import structlog

from protocol.errors import ErrorCode, RequestError
from server.telemetry.timer_metrics import TimerMetrics
from server.workflows.clock_watch import ClockWatch
from storage.workflows.asks import Ask, Done
from storage.workflows.timers import DueTimer, Timers, asked_by, timed_actions
from storage.workflows.workflow import Workflow

log = structlog.get_logger()

BATCH = 64
AT_ONCE = 4
"""In one process: one that waits for a lock does not hold up the others."""
JUMP_S = 300.0
TRIES = 10
"""So many failures in a row park a timer."""
AGAIN_S = (1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0)
"""The pause after each failure; the last of them stands for all that follow."""
BUSY_S = 5.0
"""The pause of one that was held up: the fault was not its own, and does not park it."""
_ERROR_CHARS = 500


class TimersPoller:
    """Looks for due timers in turns, and carries them out."""

    def __init__(
        self,
        timers: Timers,
        workflows: Mapping[str, Workflow],
        run: Callable[[Ask], Awaitable[Done | None]],
        metrics: TimerMetrics,
        poll_s: float = 1.0,
    ) -> None:
        """`run` is the executor's."""
        self._timers = timers
        self._workflows = workflows
        self._known = timed_actions(workflows)
        self._execute = run
        self._metrics = metrics
        self._poll_s = poll_s
        self._watch = ClockWatch()

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            is_more = False
            try:
                is_more = await self.turn()
            except (RequestError, asyncpg.PostgresError) as error:
                log.warning("timers_not_read", reason=_reason(error))
            await asyncio.sleep(0 if is_more else self._poll_s)

    async def turn(self) -> bool:
        """Carry out a batch of due timers; true where there may be more.

        The first turn only reads the clock: if that has just jumped, other processes say so first.
        """
        now, clock = await self._timers.clocks()
        moved_s = self._watch.moved_s(clock)
        if moved_s is None:
            return False
        if abs(moved_s) > JUMP_S:
            await self._pause(moved_s)
        due = await self._timers.due(now, self._known, BATCH)
        # Each process begins with others, so that they seldom meet.
        left = iter(random.sample(due, len(due)))
        async with asyncio.TaskGroup() as group:
            for _ in islice(due, AT_ONCE):
                group.create_task(self._work_off(left))
        self._metrics.stand(await self._timers.figures())
        return len(due) == BATCH

    async def _pause(self, moved_s: float) -> None:
        reason = f"the clock moved by {moved_s:.0f} s against the time that has passed"
        if await self._timers.pause(reason):
            log.error("timers_paused", moved_s=round(moved_s), do="parley timers resume")

    async def _work_off(self, timers: Iterator[DueTimer]) -> None:
        for timer in timers:
            self._metrics.tried(await self._one(timer))

    async def _one(self, timer: DueTimer) -> str:
        try:
            done = await self._execute(asked_by(timer, self._workflows))
        except Exception as error:  # noqa: BLE001 - an effect's fault is that of one timer
            return await self._failed(timer, error)
        return "late" if done is None else "done"

    async def _failed(self, timer: DueTimer, error: Exception) -> str:
        is_busy = isinstance(error, RequestError) and error.code is ErrorCode.UNAVAILABLE
        attempts = timer.attempts + (0 if is_busy else 1)
        is_last = attempts >= TRIES and not is_busy
        again_s = BUSY_S if is_busy else AGAIN_S[min(attempts, len(AGAIN_S)) - 1]
        about = {"timer": str(timer.id), "machine": timer.machine, "action": timer.action}
        about |= {"entity": str(timer.entity_id), "reason": _reason(error)}
        try:
            is_noted = await self._timers.failed(
                timer, attempts, None if is_last else again_s, _reason(error)[:_ERROR_CHARS]
            )
        except (RequestError, asyncpg.PostgresError) as away:
            log.warning("timer_failure_not_noted", **about, because=_reason(away))
            return "failed"
        if is_noted and is_last:
            log.error(
                "timer_parked", **about, attempts=attempts, do="parley timers retry", exc_info=error
            )
            return "parked"
        log.warning("timer_failed", **about, attempts=attempts, again_s=again_s)
        return "failed"


def _reason(error: BaseException) -> str:
    if isinstance(error, RequestError):
        return f"{error.code}: {error}"
    return f"{type(error).__name__}: {error}"
