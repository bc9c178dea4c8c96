"""A market whose time stands still unless it is moved, and timers that are carried out in order."""

import asyncio
import math
from collections.abc import Callable, Iterable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
from prometheus_client import CollectorRegistry

from handlers.workflows import WORKFLOWS
from server.telemetry.timer_metrics import TimerMetrics
from server.workflows.timers import TimersPoller
from storage.ledger import checking
from storage.workflows.asks import Ask, Done
from storage.workflows.timers import Timers
from tests.app import Person, Served
from tests.integration.transitions.conftest import Market

CURRENCY = "JPY"
"""Its unit is the model's."""
Fired = tuple[str, str, UUID]
"""A timer that was carried out: the machine, the action, the row."""

_FREEZE = """
CREATE OR REPLACE FUNCTION workflow_now() RETURNS timestamptz LANGUAGE sql VOLATILE AS $$
    SELECT '{base}'::timestamptz + c.ahead FROM workflow_clock c
$$
"""
_LATER = """
DO $$
DECLARE v_table regclass;
BEGIN
    FOR v_table IN
        SELECT p.partrelid::regclass FROM pg_partitioned_table p
        WHERE p.partdefid = 0 AND p.partstrat = 'r'
    LOOP
        EXECUTE format('CREATE TABLE %I PARTITION OF %s DEFAULT', v_table || '_later', v_table);
    END LOOP;
END $$
"""
"""Months that are further away than partitions are made ahead."""
_NEXT = """
SELECT extract(epoch FROM min(timer_due(t)) - $1)::float8 FROM timers t
WHERE t.told_at IS NULL AND t.earliest <= $1 + make_interval(secs => $2)
"""


class World:
    """Seconds are counted from when it began; nothing is ever done between two of them."""

    def __init__(self, app: Served) -> None:
        self.app = app
        self.market = Market(app)
        self.pool = self.market.pool
        self.now = 0
        self.staff: Person
        self.base: datetime
        self._fired: list[Fired] = []
        self._failures: list[Exception] = []
        self._carried_out = 0
        self._poller: TimersPoller

    async def begin(self, fee_percent: int) -> None:
        """Stop the clock, and let the platform take so much."""
        self.base = await self.pool.fetchval("SELECT date_trunc('second', workflow_now())")
        await self.app.as_owner(
            _FREEZE.format(base=self.base.isoformat())
            + f"; UPDATE fee_structure SET platform_fee_percentage = {fee_percent}"
            f" WHERE kind = 'platform' AND currency = '{CURRENCY}'; {_LATER}"
        )
        self.staff = await self.app.person("Sue")
        await self.pool.execute(
            "UPDATE users SET staff_role = 'admin' WHERE id = $1", self.staff.id
        )
        metrics = TimerMetrics(CollectorRegistry())
        self._poller = TimersPoller(Timers(self.pool), WORKFLOWS, self._carry_out, metrics)
        await self._poller.turn()

    async def move(self, seconds: int) -> None:
        """It is so many seconds after the beginning."""
        assert seconds >= self.now
        self.now = seconds
        await self.pool.execute(
            "UPDATE workflow_clock SET ahead = make_interval(secs => $1)", float(seconds)
        )

    def time_of(self, seconds: int) -> str:
        """A time as a body has it."""
        return (self.base + timedelta(seconds=seconds)).isoformat()

    async def next_due(self, horizon: int) -> int:
        """When the next timer or reminder is due; if not until then, a time after `horizon`."""
        found = await self.pool.fetchval(_NEXT, self.base, float(horizon))
        return horizon + 1 if found is None else math.ceil(found)

    async def work_off(self) -> list[Fired]:
        """Carry out all timers that are due, as the poller does; those that were, in order."""
        self._fired, self._carried_out = [], -1
        while self._carried_out:
            self._carried_out = 0
            await self._poller.turn()
            if self._failures:
                raise self._failures[0]
        return self._fired

    async def _carry_out(self, ask: Ask) -> Done | None:
        self._carried_out += 1
        kind = await self.pool.fetchval("SELECT kind FROM timers WHERE id = $1", ask.timer)
        try:
            done = await self.app.app.core.workflows.executor.run(ask)
        except Exception as error:
            self._failures.append(error)
            raise
        if done is not None and kind == "transition":
            self._fired.append((ask.workflow.machine.name, ask.action, ask.key))
        return done

    async def ledger_is_clean(self, *, at_rest: bool = False) -> None:
        """`parley ledger check` finds nothing, but for what a dispute has held up for long."""
        async with self.owner() as connection:
            found = await checking.find(connection, await checking.clock(connection))
        wrong = [one for one in found if at_rest or one.check != "frozen"]
        assert not wrong, wrong

    @asynccontextmanager
    async def owner(self) -> Any:
        """A connection of the database's owner."""
        connection = await asyncpg.connect(self.app.settings.owner_database_url, timeout=10)
        try:
            yield connection
        finally:
            await connection.close(timeout=10)


async def all_at_once(acts: Iterable[Callable[[], Any]], most: int = 6) -> None:
    """Carry out all of them, so many at a time."""
    waiting = iter(list(acts))

    async def some() -> None:
        for act in waiting:
            await act()

    # A group would tell of a failure as one of many.
    for found in await asyncio.gather(*(some() for _ in range(most)), return_exceptions=True):
        if isinstance(found, BaseException):
            raise found
