"""What closes notifications without their owners: reading, deleting, leaving, blocking, erasing.

Each call is within the transaction that the caller has begun, and does nothing the second time.
"""

from collections.abc import Sequence
from uuid import UUID

from storage.database.queries import load_queries
from storage.outbox.rows import Connection

_SQL = load_queries("notifications/settling")


async def take_turn(connection: Connection) -> None:
    """Wait until no other transaction notifies of what has happened or closes, which is so until
    the caller's ends. Raises `asyncpg.LockNotAvailableError` after two seconds.
    """
    await connection.execute(_SQL["turn"])


async def settle_read(
    connection: Connection, conversation_ids: Sequence[UUID], user_ids: Sequence[UUID]
) -> None:
    """Close what users have read in conversations."""
    await connection.execute(_SQL["read"], user_ids, conversation_ids)


async def settle_deleted(
    connection: Connection, conversation_ids: Sequence[UUID], seqs: Sequence[int]
) -> None:
    """Take deleted messages out of what tells of them, which ends where it tells of no other."""
    await connection.execute(_SQL["deleted"], conversation_ids, seqs)


async def settle_left(
    connection: Connection, conversation_ids: Sequence[UUID], user_ids: Sequence[UUID]
) -> None:
    """Close what users have open of conversations that they have left."""
    await connection.execute(_SQL["left"], conversation_ids, user_ids)


async def settle_blocked(
    connection: Connection, ones: Sequence[UUID], others: Sequence[UUID]
) -> None:
    """Take out of what pairs of users have open the messages of each other."""
    await connection.execute(_SQL["blocked"], ones, others)


async def settle_closed_accounts(connection: Connection, user_ids: Sequence[UUID]) -> None:
    """Close all that users have open, whose accounts are closed."""
    await connection.execute(_SQL["account_closed"], user_ids)
