"""Leases on rows of the outbox: taken in one statement, so that no transaction stays open.

Owner and end of a lease are in the row. Rows of a dead owner are taken at once, those of a live one
when the lease has ended. Redis refuses an owner that is late, by the lease time in its `Claim`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from storage.database.queries import load_queries
from storage.outbox.rows import Batch, OutboxRow, outbox_row

_SQL = load_queries("outbox/leases")
_DELETE = load_queries("outbox/outbox")["delete_published"]

LEASE_S = 1.5
"""Also the time for which a writer's own rows are left to it."""


class LeaseLostError(Exception):
    """Another process has taken the rows, and processes them now."""


@dataclass(slots=True)
class Claim:
    """The rows that one statement has leased."""

    rows: Sequence[OutboxRow]
    leased_at: int
    """In microseconds since 1970 by PostgreSQL's clock."""


class RowLeases:
    """The leases of one process on rows of one consumer. All methods raise what asyncpg raises.

    In order, `waiting` leases no row while another living process has an older one, so that no
    row overtakes another; its own earlier leases it takes anew. Only one batch may be under way.
    """

    def __init__(
        self,
        pool: "asyncpg.Pool[asyncpg.Record]",
        owner: UUID,
        consumer: str,
        lease_s: float = LEASE_S,
        *,
        in_order: bool = False,
    ) -> None:
        self._pool = pool
        self.owner = owner
        self.consumer = consumer
        self._in_order = in_order
        self._lease_s = lease_s

    async def fresh(self, kinds: Sequence[str], batch: Batch) -> Claim:
        """The oldest due rows of these kinds that never had an owner."""
        return await self._lease(kinds, batch, None, is_fresh=True)

    async def waiting(self, kinds: Sequence[str], batch: Batch, own: UUID | None = None) -> Claim:
        """The oldest rows that are due, or belong to `own` or to dead processes."""
        if self._in_order:
            how = (batch.rows, batch.refs, self.owner, self._lease_s)
            rows = await self._pool.fetch(_SQL["lease_in_order"], self.consumer, kinds, *how)
            return _claim_of(rows)
        return await self._lease(kinds, batch, own, is_fresh=False)

    async def look(
        self, kinds: Sequence[str], own: UUID | None, backlog_s: float
    ) -> tuple[bool, bool]:
        """Whether `waiting` would take a row, and whether there is a backlog.

        A backlog is a row, due or leased by any process, that is older than `backlog_s`.
        """
        row = await self._pool.fetchrow(
            _SQL["look"], self.consumer, kinds, own, backlog_s, self._lease_s
        )
        assert row is not None
        return row["waits"], row["is_backlog"]

    async def take_turn(self) -> bool:
        """Try to become the process that takes waiting rows, until the lease ends."""
        return bool(
            await self._pool.fetchval(_SQL["take_turn"], self.consumer, self.owner, self._lease_s)
        )

    async def renew(self, claim: Claim) -> None:
        """Extend the lease of rows and the turn. Raises `LeaseLostError` if others have some."""
        ids = [row.id for row in claim.rows]
        row = await self._pool.fetchrow(
            _SQL["renew"], self.consumer, self.owner, ids, self._lease_s
        )
        assert row is not None
        if row["kept"] < len(ids):
            raise LeaseLostError
        claim.leased_at = row["leased_at"]

    async def give_back(self, rows: Sequence[OutboxRow]) -> None:
        """Release rows and the turn to other processes."""
        ids = [row.id for row in rows]
        await self._pool.execute(_SQL["give_back"], self.consumer, self.owner, ids)

    async def delete(self, rows: Sequence[OutboxRow]) -> None:
        """Delete rows that are processed."""
        await self._pool.execute(_DELETE, [row.id for row in rows])

    async def _lease(
        self, kinds: Sequence[str], batch: Batch, own: UUID | None, *, is_fresh: bool
    ) -> Claim:
        how = (batch.rows, batch.refs, self.owner, self._lease_s, own, is_fresh)
        rows = await self._pool.fetch(_SQL["lease"], self.consumer, kinds, *how)
        return _claim_of(rows)


def _claim_of(rows: Sequence[asyncpg.Record]) -> Claim:
    return Claim([outbox_row(row) for row in rows], rows[0]["leased_at"] if rows else 0)
