"""Does what is due, one process at a time over all that share the database.

Every process looks. What is due and nobody's it takes by the lock of its name, on a connection that
lasts as long as the run; if that is lost, the run ends, for another process may begin it.
"""

import asyncio
import datetime as dt
import time
from collections.abc import Mapping

import asyncpg
import structlog

from protocol.errors import RequestError
from server.schedules.schedule import NotDoneError, Outcome, Schedule
from server.telemetry.schedule_metrics import ScheduleMetrics
from storage.database.postgres import UNAVAILABLE
from storage.schedules import ScheduleStore, Times, Turn

log = structlog.get_logger()

_ERROR_CHARS = 500
_AWAY = (*UNAVAILABLE, asyncpg.PostgresError, RequestError)


class Schedules:
    """What this process can do, and its looking for what is due."""

    def __init__(self, store: ScheduleStore, metrics: ScheduleMetrics, poll_s: float = 1.0) -> None:
        self._store = store
        self._metrics = metrics
        self._poll_s = poll_s
        self._known: dict[str, Schedule] = {}
        self._declared: frozenset[str] = frozenset()
        self._running: set[str] = set()

    def add(self, *schedules: Schedule) -> None:
        """Do these too; one of the same name takes the place of the one before."""
        self._known.update({schedule.name: schedule for schedule in schedules})

    async def run(self) -> None:
        """Look and do until cancelled."""
        is_told = False
        async with asyncio.TaskGroup() as group:
            while True:
                try:
                    for schedule in await self.due():
                        self._running.add(schedule.name)
                        group.create_task(self._one(schedule))
                except _AWAY as error:
                    if not is_told:
                        log.warning("schedules_not_read", reason=_reason(error))
                    is_told = True
                else:
                    is_told = False
                await asyncio.sleep(self._poll_s)

    async def due(self) -> list[Schedule]:
        """What is due and nobody does. Raises what PostgreSQL refuses with."""
        names = frozenset(self._known)
        if not names:
            return []
        if names != self._declared:
            await self._store.declare(self._times)
            self._declared = names
        stand = await self._store.look(sorted(names))
        self._metrics.stand(stand)
        return [
            self._known[one.name] for one in stand if one.is_ready and one.name not in self._running
        ]

    def _times(self, now: dt.datetime) -> Mapping[str, Times]:
        return {
            name: Times(of.when.first(now), of.when.following(now))
            for name, of in self._known.items()
        }

    async def _one(self, schedule: Schedule) -> None:
        try:
            await self.do(schedule)
        except _AWAY as error:
            log.warning("schedule_not_kept", schedule=schedule.name, reason=_reason(error))
        finally:
            self._running.discard(schedule.name)

    async def do(self, schedule: Schedule) -> bool:
        """Do it, if it is due and nobody does; whether it was done by us.

        What fails in it is kept and tried again; raises what PostgreSQL refuses keeping with.
        """
        async with self._store.turn(schedule.name) as turn:
            if turn is None:
                return False
            began = time.monotonic()
            failure, outcome = None, Outcome()
            try:
                async with asyncio.timeout(schedule.within_s) as scope, turn.watched(scope):
                    outcome = await schedule.run()
            except Exception as error:  # noqa: BLE001 - whatever it is, it is tried again
                failure = error
            await self._ended(schedule, turn, outcome, failure, time.monotonic() - began)
        return True

    async def _ended(
        self,
        schedule: Schedule,
        turn: Turn,
        outcome: Outcome,
        failure: Exception | None,
        took_s: float,
    ) -> None:
        result: dict[str, object] = {"is_done": failure is None, "seconds": round(took_s, 3)}
        self._metrics.ended(schedule.name, "done" if failure is None else "failed")
        if failure is None:
            if any(outcome.told.values()):
                log.info("schedule_done", schedule=schedule.name, **outcome.told)
            now = await turn.now()
            await turn.end(result | dict(outcome.told), 0, schedule.after(now, outcome))
            return
        failures, reason = turn.failures + 1, _reason(failure)
        is_known = isinstance(failure, (*_AWAY, NotDoneError))
        log.warning(
            "schedule_failed",
            schedule=schedule.name,
            reason=reason[:_ERROR_CHARS],
            failures=failures,
            exc_info=None if is_known else failure,
        )
        again = schedule.after_failure(await turn.now(), failures)
        await turn.end(result | {"error": reason[:_ERROR_CHARS]}, failures, again)


def _reason(error: BaseException) -> str:
    if isinstance(error, RequestError):
        return f"{error.code}: {error}"
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
