"""Rows of the outbox, and claiming them: locked, worked on and deleted in one transaction.

If a consumer dies or its work fails, the transaction rolls back and another one gets the rows. Rows
are deleted when they are processed, so no consumer keeps a cursor.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
import orjson

from storage.database.queries import load_queries

_SQL = load_queries("outbox/rows")

Connection = asyncpg.Connection | asyncpg.pool.PoolConnectionProxy
"""A connection on which the caller has begun a transaction."""


class BrokenRowError(ValueError):
    """A row does not say what rows of its kind say."""


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """References to what changed; the elements i of all sequences belong together."""

    id: int
    kind: str
    conversation_ids: Sequence[UUID]
    seqs: Sequence[int]
    revs: Sequence[int]
    user_ids: Sequence[UUID]
    text: str | None
    """`data` as it is stored."""
    owner: UUID | None
    """The process that owned it before; None if it never had an owner."""
    created_at: datetime
    age_s: float
    tries: int = 0
    """How often it has failed by itself."""
    fence: int = 0
    """The end of the lease of `owner`, in microseconds since 1970 by PostgreSQL's clock."""
    count: int = 0
    """How many things changed, if the references themselves are not read."""

    is_whole: bool = True
    """False where what changed is not read and `require` would raise."""

    @property
    def data(self) -> dict[str, Any]:
        """What rows of the kind say besides. Raises `ValueError` for what Python cannot hold."""
        return orjson.loads(self.text) if self.text else {}

    def require(self, *columns: str) -> None:
        """Raise `BrokenRowError` unless these sequences name at least one thing, all as many, and
        none of them nothing.
        """
        values = [getattr(self, column) for column in columns]
        counts = [len(value) for value in values]
        is_odd = 0 in counts or len(set(counts)) != 1
        if is_odd or any(None in value or isinstance(value[0], list) for value in values):
            said = ", ".join(map("{} of {}".format, counts, columns))
            raise BrokenRowError(f"references do not belong together: {said}")

    @property
    def refs(self) -> int:
        """How many things changed."""
        return max(len(self.conversation_ids), len(self.user_ids), self.count, 1)


class Batch(NamedTuple):
    """At most this many rows; no more are taken once their references reach `refs`."""

    rows: int
    refs: int

    def is_filled(self, rows: Sequence[OutboxRow]) -> bool:
        """Whether these rows fill the batch, so that there may be more."""
        return len(rows) >= self.rows or sum(row.refs for row in rows) >= self.refs


ONE = Batch(rows=1, refs=1)
"""A single row, to test whether it can be processed."""


ClaimRows = Callable[[Connection, Sequence[str], Batch], Awaitable[Sequence[OutboxRow]]]
"""`(connection, kinds, batch)` to the oldest due rows of these kinds that no other process holds,
oldest first. They are locked until the caller's transaction ends, which deletes what is done."""


def claim_of(consumer: str) -> ClaimRows:
    """The claim of a consumer that reads all references of a row."""

    async def claim(
        connection: Connection, kinds: Sequence[str], batch: Batch
    ) -> Sequence[OutboxRow]:
        rows = await connection.fetch(_SQL["claim"], consumer, kinds, batch.rows, batch.refs)
        return [outbox_row(row) for row in rows]

    return claim


async def delete_claimed(connection: Connection, ids: Sequence[int]) -> None:
    """Delete processed rows, in the transaction that has claimed them."""
    await connection.execute(_SQL["delete_claimed"], ids)


def outbox_row(row: asyncpg.Record) -> OutboxRow:
    """A row of the outbox from the record of a claim or a lease."""
    return OutboxRow(
        id=row["id"],
        kind=row["kind"],
        conversation_ids=row["conversation_ids"] or (),
        seqs=row["seqs"] or (),
        revs=row["revs"] or (),
        user_ids=row["user_ids"] or (),
        text=row["data"],
        owner=row["owner"],
        created_at=row["created_at"],
        age_s=row["age_s"],
        tries=row["tries"],
        fence=row.get("fence", 0),
    )


def counted_row(record: asyncpg.Record) -> OutboxRow:
    """A row of the outbox whose references are counted and not read."""
    return OutboxRow(
        *(record["id"], record["kind"], (), (), (), (), None, None),
        created_at=record["created_at"],
        age_s=record["age_s"],
        tries=record["tries"],
        count=record["refs"],
        is_whole=record["is_whole"],
    )


def whole_ids(rows: Sequence[OutboxRow]) -> list[int]:
    """Ids of rows whose references are not read. Raises `BrokenRowError` as `require` would."""
    if not all(row.is_whole for row in rows):
        raise BrokenRowError("references do not belong together")
    return [row.id for row in rows]
