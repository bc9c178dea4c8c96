"""Unread runs: who has not read messages some while after they were sent is told of them.

What rows of the outbox refer to is read by PostgreSQL alone, since there is one for every group of
messages and mostly everybody has read it. Each call is within the transaction that the caller has
begun; telling raises `BrokenRowError` for rows that do not name what their kind names.
"""

from collections.abc import Sequence

from storage.database.queries import load_queries
from storage.outbox.rows import Batch, Connection, OutboxRow, counted_row, whole_ids

_SQL = load_queries("notifications/runs")


async def claim_runs(
    connection: Connection, kinds: Sequence[str], batch: Batch
) -> Sequence[OutboxRow]:
    """The oldest due rows, as `ClaimRows`, without what they refer to."""
    rows = await connection.fetch(_SQL["claim"], kinds, batch.rows, batch.refs)
    return [counted_row(row) for row in rows]


async def tell_runs(connection: Connection, rows: Sequence[OutboxRow]) -> None:
    """Notify those who have not read conversations that rows name, of messages old enough."""
    await connection.execute(_SQL["tell"], whole_ids(rows))


async def tell_runs_again(connection: Connection, rows: Sequence[OutboxRow]) -> None:
    """The same for runs that were told a moment before further messages came."""
    await connection.execute(_SQL["tell_again"], whole_ids(rows))
