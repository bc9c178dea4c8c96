"""Reads what became of a notification's deliveries, for its person and for staff."""

from uuid import UUID

import asyncpg

from protocol.errors import RequestError
from protocol.notifications.deliveries import DeliveryShown
from protocol.text import format_time, optional_time
from storage.database.bounded import database_within
from storage.database.queries import load_queries

_SQL = load_queries("notifications/deliveries")

READ_S = 5.0
"""How long a read may take in all, waiting for a connection included."""


class DeliveryReader:
    """Reads deliveries. Raises `RequestError` (`unavailable`)."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", kept_days: int) -> None:
        """Deliveries are kept for so long, and nothing can be told of what is gone."""
        self._pool = pool
        self._kept_days = kept_days

    async def of_notification(
        self, caller: UUID, person: UUID, notification: UUID
    ) -> list[DeliveryShown]:
        """What was queued of a person's notification, the newest first, and why by a channel
        nothing was.

        Raises `not_found` where there is no such notification, and to whom it is not shown: others
        than its person and staff.
        """
        async with database_within(READ_S):
            rows = await self._pool.fetch(
                _SQL["of_notification"], caller, person, notification, self._kept_days
            )
        if not rows:
            raise RequestError.not_found("notification")
        return [_shown(row) for row in rows if row["status"] is not None]


def _shown(row: asyncpg.Record) -> DeliveryShown:
    return DeliveryShown(
        id=None if row["id"] is None else str(row["id"]),
        channel=row["channel"],
        status=row["status"],
        reason=row["reason"],
        attempts=row["attempts"],
        is_digest=row["is_digest"],
        next_attempt_at=optional_time(row["next_attempt_at"]),
        sent_at=optional_time(row["sent_at"]),
        created_at=format_time(row["created_at"]),
    )
