"""Claiming rows of the outbox: taken, worked on and deleted in one transaction.

A consumer that dies, or whose work fails, rolls back, and the rows are there for the next: at least
once. Rows are deleted as they are claimed, so no consumer keeps a cursor.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from storage.queries import load_queries

_CLAIM = load_queries("claims")["claim"]

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


async def claim(connection: Connection, consumer: str, limit: int) -> list[OutboxRow]:
    """At most `limit` due rows of a consumer that no other process holds, oldest first.

    They are gone when the caller's transaction commits and back when it does not.
    """
    rows = await connection.fetch(_CLAIM, consumer, limit)
    return [_outbox_row(row) for row in sorted(rows, key=lambda row: row["id"])]


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
