"""Gigs with timers, and pollers that look when they are told to."""

import datetime as dt
from collections.abc import Callable, Mapping
from uuid import UUID

import pytest
from prometheus_client import CollectorRegistry

from protocol.machine import Due
from server.telemetry.timer_metrics import TimerMetrics
from server.workflows.timers import TimersPoller
from storage.workflows.asks import Ask
from storage.workflows.executor import Executor
from storage.workflows.timers import Timers
from storage.workflows.workflow import Effect
from tests.app import Person, Served
from tests.integration.transitions.conftest import Market
from tests.integration.transitions.timers.toy import show, toy


class Timed:
    """A workflow of the test's own, its executor, and pollers of it."""

    def __init__(self, app: Served, market: Market, dues: tuple[Due, ...], effect: Effect | None):
        self.app = app
        self.market = market
        self.pool = app.app.core.foundation.pool
        self.workflow = toy(*dues, effect=effect)
        domain = app.app.core.workflows.domain
        self.executor = Executor(
            self.pool, {"gig": self.workflow}, show, lambda _enqueued: domain.wake()
        )
        self.metrics = CollectorRegistry()

    async def poller(self) -> TimersPoller:
        """One that has taken the measure of the clock, and looks when it is told to."""
        poller = TimersPoller(
            Timers(self.pool),
            {"gig": self.workflow},
            self.executor.run,
            TimerMetrics(
                CollectorRegistry() if self.metrics._names_to_collectors else self.metrics
            ),
        )
        assert not await poller.turn()
        return poller

    async def gigs(self, owner: Person, count: int = 1) -> list[UUID]:
        """Active gigs, whose timers begin now."""
        first = await self.market.gig(owner)
        rows = await self.pool.fetch(
            "INSERT INTO gigs"
            " (freelancer_id, category_id, title, slug, description, currency, status)"
            " SELECT freelancer_id, category_id, title, slug || n || '-timed', description,"
            " currency, 'draft'"
            " FROM gigs, generate_series(1, $2) n WHERE id = $1::uuid RETURNING id",
            first["id"],
            count,
        )
        keys = [row["id"] for row in rows]
        for key in keys:
            await self.ask(owner, key, "publish")
        return keys

    async def ask(self, person: Person, key: UUID, action: str) -> None:
        """What somebody does with a gig."""
        await self.executor.run(Ask(self.workflow, action, key, person.id))

    async def states(self) -> Mapping[str, int]:
        """How many gigs of the test are in which state."""
        rows = await self.pool.fetch(
            "SELECT status, count(*) FROM gigs WHERE slug LIKE '%-timed' GROUP BY 1"
        )
        return {row["status"]: row["count"] for row in rows}

    async def done(self, action: str) -> list[UUID]:
        """The gigs with which something was done, as often as it was."""
        rows = await self.pool.fetch(
            "SELECT entity_id FROM status_history WHERE action = $1 AND actor_id IS NULL", action
        )
        return [row["entity_id"] for row in rows]

    async def told(self) -> list[dt.datetime]:
        """When reminders were told, in order."""
        rows = await self.pool.fetch("SELECT told_at FROM timers WHERE told_at > '-infinity'")
        return sorted(row["told_at"] for row in rows)

    def figure(self, name: str, **labels: str) -> float:
        """A figure of the first poller."""
        return self.metrics.get_sample_value(name, labels) or 0.0


Timing = Callable[..., Timed]


@pytest.fixture
def timing(app: Served, market: Market) -> Timing:
    """Makes a workflow with these timers, and an effect of pausing."""

    def make(*dues: Due, effect: Effect | None = None) -> Timed:
        return Timed(app, market, dues, effect)

    return make
