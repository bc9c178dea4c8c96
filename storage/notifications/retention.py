"""Removing old notifications, deliveries and announcements, some people at a time.

Ids begin with the time of their making, and the keys of both tables begin with the person: what is
old of a person is a range of the key, and needs no index by age, which every insert would pay for.
A walk over all people asks once for each. What was made long ago and has changed since is younger.
"""

import datetime as dt
from typing import NamedTuple
from uuid import UUID

import asyncpg

from storage.database.bounded import database_within
from storage.database.queries import load_queries

_SQL = load_queries("notifications/retention")

PEOPLE = 500
ROWS = 2000
"""Rows of one statement, which keeps them locked."""
_CALL_S = 8.0
_FIRST = UUID(int=0)
_BITS_OF_TIME = 80


class Removed(NamedTuple):
    """What a step removed, and after whom the next one goes on; None at the end."""

    notifications: int
    deliveries: int
    after: UUID | None


class Retention:
    """Removes what is old. Raises `RequestError` (`unavailable`) without PostgreSQL."""

    def __init__(
        self,
        pool: "asyncpg.Pool[asyncpg.Record]",
        notifications: dt.timedelta,
        deliveries: dt.timedelta,
    ) -> None:
        """For how long each is kept."""
        self._pool = pool
        self._notifications = notifications
        self._deliveries = deliveries

    async def step(self, after: UUID | None, now: dt.datetime) -> Removed:
        """Remove what is old of the people after one, or of the first."""
        async with database_within(_CALL_S):
            rows = await self._pool.fetch(_SQL["people"], after or _FIRST, PEOPLE)
        people = [row["id"] for row in rows]
        notifications = await self._all("notifications", people, now - self._notifications)
        deliveries = await self._all("deliveries", people, now - self._deliveries)
        return Removed(notifications, deliveries, people[-1] if people else None)

    async def announcements(self, now: dt.datetime) -> int:
        """Remove old announcements, once the notifications of them are removed; how many."""
        async with database_within(_CALL_S):
            removed: int = await self._pool.fetchval(
                _SQL["announcements"], now - self._notifications
            )
        return removed

    async def _all(self, what: str, people: list[UUID], before: dt.datetime) -> int:
        removed, last = 0, ROWS
        while people and last == ROWS:
            async with database_within(_CALL_S):
                last = await self._pool.fetchval(
                    _SQL[what], people, first_id_of(before), ROWS, before
                )
            removed += last
        return removed


def first_id_of(moment: dt.datetime) -> UUID:
    """An id below all that are made from this moment on, and above those of before.

    Source: RFC 9562, section 5.7.
    """
    return UUID(int=max(0, int(moment.timestamp() * 1000)) << _BITS_OF_TIME)
