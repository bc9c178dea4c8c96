"""Reads notifications: pages of them, how many are unread, and some by id."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import asyncpg
import orjson

from protocol.notifications.rendering import Rendered
from protocol.objects import Notification
from protocol.text import format_time, optional_time
from storage.database.bounded import database_within
from storage.database.queries import load_queries
from storage.notifications.rendering import Renderer, Shown

_SQL = load_queries("notifications/reader")

READ_S = 5.0
"""How long a read may take in all, waiting for a connection included."""


class ListPosition(NamedTuple):
    """The last notification of a page: after it the next one begins."""

    updated_at: datetime
    id: UUID


class NotificationReader:
    """The notifications of users, in words of their languages.

    All methods raise `RequestError` (`unavailable`).
    """

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._pool = pool
        self._renderer = Renderer(pool)

    async def page(
        self, user_id: UUID, below: ListPosition | None, limit: int, *, only_unread: bool = False
    ) -> tuple[list[Notification], ListPosition | None]:
        """A page, newest first, and the position to go on from; None at the end."""
        updated_at, last_id = below or (None, None)
        rows = await self._rows(_SQL["list"], user_id, only_unread, updated_at, last_id, limit + 1)
        page = rows[:limit]
        last = page[-1] if len(rows) > limit else None
        following = None if last is None else ListPosition(last["updated_at"], last["id"])
        return await self._told(page), following

    async def unread(self, user_ids: Collection[UUID]) -> dict[UUID, int]:
        """How many notifications each user has not read."""
        rows = await self._rows(_SQL["unread"], list(user_ids))
        return dict.fromkeys(user_ids, 0) | {row["user_id"]: row["unread"] for row in rows}

    async def by_ids(
        self, user_ids: Sequence[UUID], ids: Sequence[UUID]
    ) -> dict[UUID, Notification]:
        """Notifications by id, in any state; element i of `user_ids` owns element i of `ids`."""
        rows = await self._rows(_SQL["by_ids"], user_ids, ids)
        return {UUID(one.id): one for one in await self._told(rows)}

    async def _told(self, rows: Sequence[asyncpg.Record]) -> list[Notification]:
        shown = [
            Shown(
                user_id=row["user_id"],
                type=row["type"],
                data=orjson.loads(row["data"]),
                count=row["count"],
                subject_type=row["subject_type"],
                subject_id=row["subject_id"],
                seq=row["seq"],
                actor_id=row["actor_id"],
            )
            for row in rows
        ]
        rendered = await self._renderer.render(shown)
        return [_notification(*one) for one in zip(rows, shown, rendered, strict=True)]

    async def _rows(self, query: str, *arguments: object) -> list[asyncpg.Record]:
        async with database_within(READ_S):
            return await self._pool.fetch(query, *arguments)


def _notification(row: asyncpg.Record, shown: Shown, told: Rendered) -> Notification:
    return Notification(
        id=str(row["id"]),
        type=row["type"],
        category=row["category"],
        title=told.title,
        content=told.content,
        data=dict(shown.data),
        priority=row["priority"],
        action_url=row["action_url"] or told.action_url,
        group_key=row["group_key"],
        count=row["count"],
        seen_at=optional_time(row["seen_at"]),
        read_at=optional_time(row["read_at"]),
        created_at=format_time(row["created_at"]),
        # Of what is older than that column it says less.
        updated_at=format_time(max(row["updated_at"], row["created_at"])),
        expires_at=optional_time(row["expires_at"]),
        archived_at=optional_time(row["archived_at"]),
    )
