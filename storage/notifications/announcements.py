"""Announcements: what many people are told, some hundreds in a transaction.

A transaction tells the next people by their ids and moves the announcement's place past them:
whoever dies between leaves either both or nothing, so that nobody is told twice or left out.
"""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

import asyncpg
import msgspec

from protocol.errors import ErrorCode, RequestError
from protocol.notifications.announcements import (
    AnnouncedContent,
    AnnouncedTitle,
    AnnouncedTo,
    Announcement,
    AnnouncementCount,
    AnnouncementMake,
)
from protocol.notifications.kinds import KINDS
from protocol.text import format_time, optional_id, optional_time
from storage.database.bounded import database_within
from storage.database.idempotency import Idempotency, IdempotencyKey
from storage.database.queries import load_queries
from storage.notifications.store import NewNotification, notify
from storage.outbox.rows import Connection

_SQL = load_queries("notifications/announcements")

SUBJECT = "announcements"
AT_ONCE = 500
"""Recipients of one transaction."""
LOOKED_AT = 5000
"""People of whom at most so many are looked at in one, where few of them are meant."""
_CALL_S = 8.0
_KIND = KINDS["announcement"]


class Step(NamedTuple):
    """What a transaction has done: how many were told, of which announcement."""

    id: UUID
    told: int
    is_last: bool


class Announcements:
    """The announcements. Methods raise `RequestError` (`unavailable`) without PostgreSQL."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", at_once: int = AT_ONCE) -> None:
        self._pool = pool
        self._at_once = at_once
        self._idempotency = Idempotency()

    async def may_announce(self, user_id: UUID) -> bool:
        """Whether a user is an administrator, who alone may."""
        async with database_within(_CALL_S):
            return bool(await self._pool.fetchval(_SQL["is_admin"], user_id))

    async def count(self, audience: AnnouncedTo) -> AnnouncementCount:
        """How many people are meant now."""
        async with database_within(_CALL_S):
            return AnnouncementCount(await self._pool.fetchval(_SQL["count"], _json(audience)))

    async def make(
        self, made: AnnouncementMake, by: UUID, key: IdempotencyKey | None = None
    ) -> tuple[Announcement, bool]:
        """A new one, and whether it was made by an earlier request with the same key.

        Raises `idempotency_in_progress` and `duplicate_mismatch`.
        """
        async with (
            database_within(_CALL_S),
            self._pool.acquire() as connection,
            connection.transaction(),
        ):
            before = None if key is None else await self._idempotency.begin(connection, key)
            if before is not None:
                return msgspec.json.decode(before.body, type=Announcement), True
            row = await connection.fetchrow(
                _SQL["make"],
                *(by, made.category, made.priority, _json(made.title), _json(made.content)),
                *(made.link, _json(made.filter)),
            )
            assert row is not None
            announcement = _shown(row)
            if key is not None:
                body = msgspec.json.encode(announcement).decode()
                await self._idempotency.keep(connection, key, body, announcement.id, None)
        return announcement, False

    async def get(self, announcement_id: UUID) -> Announcement:
        """One by its id. Raises `not_found`."""
        async with database_within(_CALL_S):
            row = await self._pool.fetchrow(_SQL["get"], announcement_id)
        if row is None:
            raise RequestError.not_found("announcement")
        return _shown(row)

    async def cancel(self, announcement_id: UUID) -> Announcement:
        """Tell nobody else. Raises `not_found`, and `conflict` for one that is at its end."""
        async with database_within(_CALL_S):
            row = await self._pool.fetchrow(_SQL["cancel"], announcement_id)
        if row is None:
            ended = await self.get(announcement_id)
            raise RequestError(ErrorCode.CONFLICT, f"the announcement is {ended.status}")
        return _shown(row)

    async def step(self) -> Step | None:
        """Tell the next people of the oldest that is under way; None without one."""
        async with (
            database_within(_CALL_S),
            self._pool.acquire() as connection,
            connection.transaction(),
        ):
            row = await connection.fetchrow(_SQL["running"])
            if row is None:
                return None
            found = await connection.fetchrow(
                _SQL["next"],
                *(row["last_user_id"], row["filter"], row["created_at"]),
                *(self._at_once, LOOKED_AT),
            )
            assert found is not None
            ids, until = found["ids"], found["until"]
            await _tell(connection, row, ids)
            await connection.execute(_SQL["told"], row["id"], len(ids), until)
        return Step(row["id"], len(ids), until is None)


async def _tell(connection: Connection, row: asyncpg.Record, user_ids: Sequence[UUID]) -> None:
    expires_at = _KIND.expires_at(row["created_at"])
    group_key = f"announcement:{row['id']}"
    await notify(
        connection,
        [
            NewNotification(
                user_id=user_id,
                type=_KIND.type,
                category=row["category"],
                priority=row["priority"],
                data={"announcement_id": str(row["id"])},
                action_url=row["link"],
                group_key=group_key,
                expires_at=expires_at,
                subject_type=SUBJECT,
                subject_id=row["id"],
            )
            for user_id in user_ids
        ],
    )


def _json(value: msgspec.Struct) -> str:
    return msgspec.json.encode(value).decode()


def _shown(row: asyncpg.Record) -> Announcement:
    return Announcement(
        id=str(row["id"]),
        category=row["category"],
        priority=row["priority"],
        title=msgspec.json.decode(row["title"], type=AnnouncedTitle),
        content=msgspec.json.decode(row["content"], type=AnnouncedContent),
        link=row["link"],
        filter=msgspec.json.decode(row["filter"], type=AnnouncedTo),
        status=row["status"],
        recipients=row["recipients"],
        told=row["told"],
        created_by=optional_id(row["created_by"]),
        created_at=format_time(row["created_at"]),
        ended_at=optional_time(row["ended_at"]),
    )
