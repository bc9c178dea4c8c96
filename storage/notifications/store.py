"""Notifications: made or grouped, listed, read, put away."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
import msgspec
import orjson

from protocol.objects import Notification
from protocol.text import format_time, optional_time
from storage.database.change_call import ChangeCalls
from storage.database.queries import load_queries
from storage.outbox.rows import Connection

_SQL = load_queries("notifications/store")


class ListPosition(NamedTuple):
    """The last notification of a page: after it the next one begins."""

    created_at: datetime
    id: UUID


class NewNotification(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something that a user should know.

    While one of the same `group_key` is unread, another raises its count and replaces its words.
    """

    user_id: UUID
    type: str
    category: str
    title: str
    content: str
    data: dict[str, Any] = {}
    priority: str = "normal"
    action_url: str | None = None
    group_key: str | None = None
    expires_at: datetime | None = None


async def notify(connection: Connection, items: Sequence[NewNotification]) -> None:
    """Store notifications with their events, in the transaction that the caller has begun."""
    if items:
        await connection.execute(_SQL["notify"], msgspec.json.encode(items).decode())


class Notifications:
    """The notifications of users. What changes them is durable when the method returns."""

    def __init__(self, calls: ChangeCalls) -> None:
        self._calls = calls

    async def notify(self, items: Sequence[NewNotification]) -> None:
        """Store notifications, each new or added to its unread group."""
        if items:
            await self._calls.rows(_SQL["notify"], msgspec.json.encode(items).decode())
            self._calls.woken()

    async def page(
        self, user_id: UUID, below: ListPosition | None, limit: int, *, only_unread: bool = False
    ) -> tuple[list[Notification], ListPosition | None]:
        """A page, newest first, and the position to go on from; None at the end."""
        created_at, last_id = below or (None, None)
        rows = await self._calls.rows(
            _SQL["list"], user_id, only_unread, created_at, last_id, limit + 1
        )
        page = rows[:limit]
        last = page[-1] if len(rows) > limit else None
        following = None if last is None else ListPosition(last["created_at"], last["id"])
        return [_notification(row) for row in page], following

    async def unread(self, user_ids: Collection[UUID]) -> dict[UUID, int]:
        """How many notifications each user has not read."""
        rows = await self._calls.rows(_SQL["unread"], list(user_ids))
        return dict.fromkeys(user_ids, 0) | {row["user_id"]: row["unread"] for row in rows}

    async def read(self, user_id: UUID, ids: Sequence[UUID]) -> None:
        """Mark some as read; ids that are not the user's are passed over."""
        await self._read(user_id, ids, None, archives=False)

    async def read_up_to(self, user_id: UUID, moment: datetime) -> None:
        """Mark as read all that were created, or last repeated, until an aware time."""
        await self._read(user_id, None, moment, archives=False)

    async def archive(self, user_id: UUID, ids: Sequence[UUID]) -> None:
        """Put some away, which reads them too; ids that are not the user's are passed over."""
        await self._read(user_id, ids, None, archives=True)

    async def by_ids(
        self, user_ids: Sequence[UUID], ids: Sequence[UUID]
    ) -> dict[UUID, Notification]:
        """Notifications by id, in any state; element i of `user_ids` owns element i of `ids`."""
        rows = await self._calls.rows(_SQL["by_ids"], user_ids, ids)
        return {row["id"]: _notification(row) for row in rows}

    async def _read(
        self, user_id: UUID, ids: Sequence[UUID] | None, moment: datetime | None, *, archives: bool
    ) -> None:
        (row,) = await self._calls.rows(_SQL["read"], user_id, ids, moment, archives)
        if row["changed"]:
            self._calls.woken()


def _notification(row: asyncpg.Record) -> Notification:
    return Notification(
        id=str(row["id"]),
        type=row["type"],
        category=row["category"],
        title=row["title"],
        content=row["content"],
        data=orjson.loads(row["data"]),
        priority=row["priority"],
        action_url=row["action_url"],
        group_key=row["group_key"],
        count=row["count"],
        read_at=optional_time(row["read_at"]),
        created_at=format_time(row["created_at"]),
        expires_at=optional_time(row["expires_at"]),
        archived_at=optional_time(row["archived_at"]),
    )
