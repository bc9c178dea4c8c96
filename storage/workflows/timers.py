"""Timers as the poller and operators see them; each is carried out by an ordinary execution."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg

from protocol.machine import Party
from storage.database.bounded import database_within
from storage.database.queries import load_queries
from storage.outbox.rows import Connection
from storage.workflows.asks import Ask
from storage.workflows.executor import EXECUTION_S
from storage.workflows.work import Workflows

_SQL = load_queries("workflows/timers")


class Clocks(NamedTuple):
    """The time of workflows, and the clock that it goes by, which may jump."""

    now: dt.datetime
    clock: dt.datetime


class DueTimer(NamedTuple):
    """A timer that was due when it was read, and how often it has failed in a row."""

    id: UUID
    machine: str
    entity_id: UUID
    action: str
    attempts: int


class ShownTimer(NamedTuple):
    """A timer as operators see it; `number` is that of a reminder, `due_at` may not be known."""

    id: UUID
    machine: str
    entity_id: UUID
    action: str
    kind: str
    number: int
    stands: str
    due_at: dt.datetime | None
    attempts: int
    last_error: str


def asked_by(timer: DueTimer, workflows: Workflows) -> Ask:
    """What a timer asks an execution for."""
    workflow = workflows[timer.machine]
    return Ask(workflow, timer.action, timer.entity_id, party=Party.TIMER, timer=timer.id)


class Pause(NamedTuple):
    """Timers that move money wait since then; why."""

    since: dt.datetime
    reason: str


class TimerFigures(NamedTuple):
    """How many timers are parked, and whether those that move money are paused."""

    parked: int
    is_paused: bool


def timed_actions(workflows: Workflows) -> frozenset[tuple[str, str]]:
    """What timers may do: names of machines, and actions of theirs."""
    return frozenset(
        (name, due.action)
        for name, workflow in workflows.items()
        for due in workflow.machine.all_dues()
    )


class Timers:
    """Timers on a pool of connections. Raises `RequestError` when PostgreSQL is away."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._pool = pool

    async def clocks(self) -> Clocks:
        """What time it is."""
        (row,) = await self._fetch("clock")
        return Clocks(row["now"], row["clock"])

    async def due(
        self, now: dt.datetime, known: Iterable[tuple[str, str]], most: int
    ) -> list[DueTimer]:
        """The timers that are due at a time, of these machines and actions; the earliest first."""
        pairs = list(known)
        machines, actions = [m for m, _a in pairs], [a for _m, a in pairs]
        rows = await self._fetch("due", now, machines, actions, most)
        return [DueTimer(*row.values()) for row in rows]

    async def failed(
        self, timer: DueTimer, attempts: int, again_s: float | None, error: str
    ) -> bool:
        """Note that a timer has failed, for the `attempts`th time in a row.

        It is tried again after so many seconds, or parked without them. False if another process
        has noted something of it meanwhile.
        """
        return bool(await self._fetch("failed", timer.id, timer.attempts, attempts, again_s, error))

    async def pause(self, reason: str) -> bool:
        """Let timers that move money wait from now on; false if they do already."""
        return bool(await self._fetch("pause", reason))

    async def figures(self) -> TimerFigures:
        """What an operator is alerted by."""
        (row,) = await self._fetch("figures")
        return TimerFigures(row["parked"], row["is_paused"])

    async def _fetch(self, query: str, *arguments: Any) -> Sequence[asyncpg.Record]:
        async with database_within(EXECUTION_S):
            rows: Sequence[asyncpg.Record] = await self._pool.fetch(_SQL[query], *arguments)
        return rows


async def list_timers(connection: Connection, most: int) -> list[ShownTimer]:
    """What is due, is tried again, or is parked; the earliest first."""
    rows = await connection.fetch(_SQL["list"], most)
    return [ShownTimer(*row.values()) for row in rows]


async def paused(connection: Connection) -> Pause | None:
    """Since when and why timers that move money wait; None while they do not."""
    row = await connection.fetchrow(_SQL["paused"])
    return None if row is None else Pause(row["since"], row["reason"])


async def resume(connection: Connection) -> bool:
    """Let timers that move money go on; false if they were not paused."""
    return await connection.fetchval(_SQL["resume"]) is not None


async def retry(connection: Connection, ids: Sequence[UUID]) -> list[UUID]:
    """Try parked timers again at once; returns the ids of those that were parked."""
    rows = await connection.fetch(_SQL["retry"], ids)
    return [row["id"] for row in rows]
