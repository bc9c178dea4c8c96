"""Changes of notifications: made or grouped, read, put away."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from storage.database.change_call import ChangeCalls
from storage.database.queries import load_queries
from storage.outbox.rows import Connection

_SQL = load_queries("notifications/store")


class NewNotification(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something that a user should know.

    While one of the same `group_key` is unread, another raises its count and replaces what it says.
    It is closed with its subject: a conversation, of which `seq` is the message that it tells of,
    or another row by the plural noun of its resource.
    """

    user_id: UUID
    type: str
    category: str
    data: dict[str, Any] = {}
    priority: str = "normal"
    action_url: str | None = None
    group_key: str | None = None
    expires_at: datetime | None = None
    subject_type: str | None = None
    subject_id: UUID | None = None
    actor_id: UUID | None = None
    """Whose doing it is."""
    seq: int | None = None


async def notify(connection: Connection, items: Sequence[NewNotification]) -> None:
    """Store notifications with their events, in the transaction that the caller has begun."""
    if items:
        await connection.execute(_SQL["notify"], msgspec.json.encode(items).decode())


class Notifications:
    """The notifications of users. A change is durable when its method returns."""

    def __init__(self, calls: ChangeCalls) -> None:
        self._calls = calls

    async def notify(self, items: Sequence[NewNotification]) -> None:
        """Store notifications, each new or added to its unread group."""
        if items:
            await self._calls.rows(_SQL["notify"], msgspec.json.encode(items).decode())
            self._calls.woken()

    async def read(self, user_id: UUID, ids: Sequence[UUID]) -> None:
        """Mark some as read; ids that are not the user's are passed over."""
        await self._read(user_id, ids, None, archives=False)

    async def read_up_to(self, user_id: UUID, moment: datetime) -> None:
        """Mark as read all that were created, or last repeated, until an aware time."""
        await self._read(user_id, None, moment, archives=False)

    async def archive(self, user_id: UUID, ids: Sequence[UUID]) -> None:
        """Put some away, which reads them too; ids that are not the user's are passed over."""
        await self._read(user_id, ids, None, archives=True)

    async def _read(
        self, user_id: UUID, ids: Sequence[UUID] | None, moment: datetime | None, *, archives: bool
    ) -> None:
        (row,) = await self._calls.rows(_SQL["read"], user_id, ids, moment, archives)
        if row["changed"]:
            self._calls.woken()
