"""The queue of deliveries: leased in batches, held while they are worked on, and recorded.

A lease is a row's: who has it alone records what became of it, and one that has lapsed is taken by
anybody. Nothing here is open while something is sent.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID, uuid4

import asyncpg
import msgspec

from storage.database.bounded import database_within
from storage.database.queries import load_queries

_SQL = load_queries("notifications/deliveries")

CALL_S = 5.0
"""How long a call may take in all, waiting for a connection included."""
LEASE_S = 60.0


class Ref(NamedTuple):
    """A delivery, by its person and id, and the lease by which it is held.

    `lapses` says of how many leases nothing was heard before.
    """

    user_id: UUID
    id: UUID
    lease: UUID
    lapses: int = 0


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a delivery: its new state, and from when on it is due if that is open.

    `tries` is 1 where something was handed over, whether or not it was taken. `carried` are the
    notifications of a digest that was sent, `told` what a sent one told (`Facts.tells`).
    """

    ref: Ref
    status: str
    reason: str | None = None
    next_at: datetime | None = None
    tries: int = 0
    message_id: str | None = None
    error: str | None = None
    told: int | None = None
    held_since: datetime | None = None
    carried: Sequence[UUID] = ()


class Digested(NamedTuple):
    """A delivery that waits for the digest of the window that ends at an aware time."""

    ref: Ref
    ends_at: datetime


class Deliveries:
    """The queue. All methods raise `RequestError` (`unavailable`), and what asyncpg raises."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._pool = pool

    async def claim(self, channel: str, most: int) -> list[Ref]:
        """Lease what is due by a channel, at most so many; committed when this returns."""
        rows = await self._rows(_SQL["claim"], uuid4(), channel, most, LEASE_S)
        return [Ref(*row.values()) for row in rows]

    async def renew(self, refs: Collection[Ref]) -> set[UUID]:
        """Hold deliveries for longer; the ids of those that are still held, in one statement."""
        rows = await self._rows(_SQL["renew"], *_columns(refs, 3), LEASE_S)
        return {row["id"] for row in rows}

    async def record(self, outcomes: Sequence[Outcome]) -> set[UUID]:
        """Record in one statement what became of deliveries; the ids of those still held."""
        if not outcomes:
            return set()
        rows = [
            (
                *(*one.ref[:3], one.status, one.reason, one.next_at, one.tries, one.message_id),
                *(one.error, one.told, one.held_since),
            )
            for one in outcomes
        ]
        carried = [(each, one.ref.id) for one in outcomes for each in one.carried]
        found = await self._rows(_SQL["record"], *_columns(rows, 11), *_columns(carried, 2))
        return {row["id"] for row in found}

    async def record_digested(self, digested: Sequence[Digested]) -> set[UUID]:
        """Record that deliveries wait for digests, and queue these; the ids of those held."""
        if not digested:
            return set()
        rows = [(*one.ref[:3], one.ends_at) for one in digested]
        found = await self._rows(_SQL["record_digested"], *_columns(rows, 4))
        return {row["id"] for row in found}

    async def oldest_due_s(self) -> dict[str, float]:
        """For how many seconds the oldest delivery of each channel has been due."""
        return {row["channel"]: row["oldest_s"] for row in await self._rows(_SQL["oldest_due_s"])}

    async def _rows(self, query: str, *arguments: object) -> list[asyncpg.Record]:
        async with database_within(CALL_S):
            return await self._pool.fetch(query, *arguments)


def _columns(rows: Collection[Sequence[object]], width: int) -> list[list[object]]:
    return [[row[column] for row in rows] for column in range(width)]
