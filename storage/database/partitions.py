"""Upkeep of partitions, a statement at a time, so that nobody who reads or writes waits for it.

`CREATE TABLE … PARTITION OF`, and the dropping of a partition, lock the whole table against
everybody and make all others wait behind the longest read. Here a table is made by itself and
attached, and detached concurrently before it is dropped. Both lock the table against other changes
of its shape only. What does not get a lock within 200 ms is left for the next round.
"""

import asyncio
import random
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import asyncpg

from storage.database.partition_plan import (
    NAMES,
    Drop,
    Finalize,
    Make,
    State,
    Step,
    steps,
)
from storage.database.postgres import UNAVAILABLE, connect, losses_told
from storage.database.queries import load_queries

_SQL = load_queries("database/partitions")

LOCK_MS = 200
STATEMENT_MS = 30_000
FIRST_S = 1.0
LAST_S = 600.0


NOT_OWNER = "not_owner"
ANOTHER = "another_process"
PASSING = {
    ANOTHER,
    asyncpg.LockNotAvailableError.__name__,
    asyncpg.DeadlockDetectedError.__name__,
    asyncpg.QueryCanceledError.__name__,
}
"""Reasons that go away by themselves."""


class Left(NamedTuple):
    """A step that was not taken; the reason is a word for the log."""

    step: Step
    reason: str


class Upkeep(NamedTuple):
    """The outcome of a round: the steps that were taken, and those that were not."""

    done: Sequence[Step]
    left: Sequence[Left]

    @property
    def lacking(self) -> Sequence[str]:
        """The partitions that are to be there and are not."""
        return [left.step.partition for left in self.left if isinstance(left.step, Make)]

    @property
    def is_stuck(self) -> bool:
        """Whether what lacks will lack after the next round too."""
        return not any(left.reason in PASSING for left in self.left if isinstance(left.step, Make))

    @property
    def is_refused(self) -> bool:
        """Whether nothing can be done, since our login may not act as the tables' owner."""
        return any(left.reason == NOT_OWNER for left in self.left)


def retries() -> Iterator[float]:
    """How long to wait before each further round in a row, in seconds, with jitter."""
    delay_s = FIRST_S
    while True:
        yield delay_s * random.uniform(0.5, 1)  # noqa: S311  # no secret
        delay_s = min(LAST_S, delay_s * 2)


async def keep_within(dsn: str, within_s: float) -> Sequence[str]:
    """Repeat rounds until no partition lacks, for a bounded time; those that then lack.

    Nothing is waited for that does not go away by itself. Raises one of `UNAVAILABLE`, or what the
    server says, when no round came to its end.
    """
    lacking: Sequence[str] | None = None
    failure: Exception = TimeoutError()
    try:
        async with asyncio.timeout(within_s):
            for delay_s in retries():
                try:
                    upkeep = await keep_partitions(dsn)
                except (*UNAVAILABLE, asyncpg.PostgresError) as error:
                    failure = error
                else:
                    lacking = upkeep.lacking
                    if upkeep.is_stuck:
                        return lacking
                await asyncio.sleep(delay_s)
    except TimeoutError:
        pass
    if lacking is None:
        raise failure
    return lacking


async def keep_partitions(dsn: str) -> Upkeep:
    """One round: make what lacks and drop what is old, over a connection of its own.

    A step that fails is left, and the others are taken. Raises one of `UNAVAILABLE`, or what the
    server says, when the connection cannot be had or is lost.
    """
    with losses_told():
        # The statements stand outside a transaction, so the lock timeout is the connection's.
        connection = await connect(dsn, STATEMENT_MS, lock_timeout=str(LOCK_MS))
        try:
            return await _round(connection)
        finally:
            connection.terminate()


async def _round(connection: asyncpg.Connection) -> Upkeep:
    parents, due = await _due(connection)
    if not due:
        return Upkeep((), ())
    if not all(parent["may_act"] for parent in parents.values()):
        return Upkeep((), [Left(step, NOT_OWNER) for step in due])
    if not await connection.fetchval(_SQL["try_upkeep"]):
        return Upkeep((), [Left(step, ANOTHER) for step in due])
    # The process that had the lock before may have done what was due.
    parents, due = await _due(connection)
    done: list[Step] = []
    failed: dict[str, str] = {}
    left: list[Left] = []
    for step in due:
        # A partition's steps follow from each other.
        if step.partition not in failed:
            try:
                await _take(connection, step, parents[step.table])
            except asyncpg.PostgresError as error:
                if connection.is_closed():
                    raise
                failed[step.partition] = type(error).__name__
            else:
                done.append(step)
                continue
        left.append(Left(step, failed[step.partition]))
    return Upkeep(done, left)


async def _due(connection: asyncpg.Connection) -> tuple[dict[str, Any], list[Step]]:
    """The tables that there are, by name, and what is to be done to them."""
    rows = await connection.fetch(_SQL["parents"], NAMES)
    parents = {row["name"]: row for row in rows}
    if not parents:
        return parents, []
    attached: dict[str, set[str]] = {name: set() for name in parents}
    pending: dict[str, set[str]] = {name: set() for name in parents}
    loose: dict[str, set[str]] = {name: set() for name in parents}
    for row in await connection.fetch(_SQL["partitions"], NAMES):
        (pending if row["is_pending"] else attached)[row["parent"]].add(row["name"])
    for row in await connection.fetch(_SQL["loose"], NAMES):
        loose[row["parent"]].add(row["name"])
    states = {
        name: State(frozenset(attached[name]), frozenset(pending[name]), frozenset(loose[name]))
        for name in parents
    }
    now: datetime = rows[0]["now"]
    return parents, steps(states, now)


async def _take(connection: asyncpg.Connection, step: Step, parent: Any) -> None:
    # What is made belongs to the owner of the table, whoever of his members makes it.
    await connection.execute("RESET ROLE" if parent["is_owner"] else f"SET ROLE {parent['owner']}")
    match step:
        case Finalize(table, partition):
            await connection.execute(f"ALTER TABLE {table} DETACH PARTITION {partition} FINALIZE")
        case Make():
            await _make(connection, step)
        case Drop(table, partition, is_attached):
            if is_attached:
                await connection.execute(
                    f"ALTER TABLE {table} DETACH PARTITION {partition} CONCURRENTLY"
                )
            await connection.execute(f"DROP TABLE {partition}")


async def _make(connection: asyncpg.Connection, step: Make) -> None:
    """A table like the newest partition, then attached; the indexes come with the attaching.

    The table is empty and nobody knows it, so that it needs no constraint to spare the attaching
    a scan: such a constraint would be checked again for each row, or lock the partition to go.
    """
    table, name, period, is_there = step
    if not is_there:
        options = await connection.fetchval(_SQL["options"], table)
        await connection.execute(
            f"CREATE TABLE {name} (LIKE {table} INCLUDING DEFAULTS INCLUDING CONSTRAINTS "
            "INCLUDING GENERATED INCLUDING STORAGE INCLUDING COMPRESSION)"
            + (f" WITH ({options})" if options else "")
        )
    for row in await connection.fetch(_SQL["rights"], table, name):
        await connection.execute(row["statement"])
    await connection.execute(
        f"ALTER TABLE {table} ATTACH PARTITION {name} "
        f"FOR VALUES FROM ('{period.begins.isoformat()}') TO ('{period.ends.isoformat()}')"
    )
