"""Claiming rows of the outbox: taken, worked on and deleted in one transaction.

A consumer that dies, or whose work fails, rolls back, and the rows are there for the next: at least
once. Rows are deleted as they are claimed, so no consumer keeps a cursor.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
import orjson

from storage.queries import load_queries

_SQL = load_queries("claims")

Connection = asyncpg.Connection | asyncpg.pool.PoolConnectionProxy
"""A connection in which the caller has begun a transaction."""


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """References to what changed; element i of each sequence belongs together."""

    id: int
    kind: str
    conversation_ids: Sequence[UUID]
    seqs: Sequence[int]
    revs: Sequence[int]
    user_ids: Sequence[UUID]
    data: dict[str, Any]
    owner: UUID | None
    """The process that was to publish it itself; None for what only the relay publishes."""
    created_at: datetime
    age_s: float

    @property
    def refs(self) -> int:
        """How many things changed."""
        return max(len(self.conversation_ids), len(self.user_ids), 1)


class Batch(NamedTuple):
    """At most so many rows; what they refer to passes `refs` with the last of them."""

    rows: int
    refs: int

    def is_filled(self, rows: Sequence[OutboxRow]) -> bool:
        """Whether there may be more than these."""
        return len(rows) >= self.rows or sum(row.refs for row in rows) >= self.refs


async def claim(connection: Connection, consumer: str, limit: int) -> list[OutboxRow]:
    """At most `limit` due rows of a consumer that no other process holds, oldest first.

    They are gone when the caller's transaction commits and back when it does not.
    """
    return _in_order(await connection.fetch(_SQL["claim"], consumer, limit))


async def claim_fresh(connection: Connection, batch: Batch) -> list[OutboxRow]:
    """Of what only relays publish, the oldest rows that no other has."""
    return await _claim_to_publish(connection, batch, None, is_fresh=True)


async def claim_waiting(
    connection: Connection, batch: Batch, owner: UUID | None
) -> list[OutboxRow] | None:
    """The oldest of all that waits to be published; None while another process is at it.

    That is what is due, what belongs to `owner`, and what belongs to processes without a lease.
    """
    if not await connection.fetchval(_SQL["try_to_take_the_backlog"]):
        return None
    return await _claim_to_publish(connection, batch, owner, is_fresh=False)


async def has_backlog(connection: Connection, age_s: float) -> bool:
    """Whether something to be published has waited longer than this."""
    is_so: bool = await connection.fetchval(_SQL["has_backlog"], age_s)
    return is_so


async def _claim_to_publish(
    connection: Connection, batch: Batch, owner: UUID | None, *, is_fresh: bool
) -> list[OutboxRow]:
    rows = await connection.fetch(_SQL["claim_to_publish"], batch.rows, batch.refs, owner, is_fresh)
    return _in_order(rows)


def _in_order(rows: list[asyncpg.Record]) -> list[OutboxRow]:
    return [_outbox_row(row) for row in sorted(rows, key=lambda row: int(row["id"]))]


def _outbox_row(row: asyncpg.Record) -> OutboxRow:
    return OutboxRow(
        id=row["id"],
        kind=row["kind"],
        conversation_ids=row["conversation_ids"] or (),
        seqs=row["seqs"] or (),
        revs=row["revs"] or (),
        user_ids=row["user_ids"] or (),
        data=orjson.loads(row["data"]) if row["data"] else {},
        owner=row["owner"],
        created_at=row["created_at"],
        age_s=row["age_s"],
    )
