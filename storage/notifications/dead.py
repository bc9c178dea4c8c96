"""Deliveries that were given up, for operators: list them, and put them back."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from storage.database.queries import load_queries
from storage.outbox.rows import Connection

_SQL = load_queries("notifications/deliveries")


class DeadDelivery(NamedTuple):
    """A delivery that was given up, without what it tells."""

    id: UUID
    user_id: UUID
    channel: str
    category: str
    attempts: int
    given_up_at: datetime
    error: str


class Choice(NamedTuple):
    """Selects by ids, channel and category; None selects all."""

    ids: Sequence[UUID] | None = None
    channel: str | None = None
    category: str | None = None


async def list_dead(connection: Connection, choice: Choice, limit: int) -> list[DeadDelivery]:
    """What was given up, the oldest first; the ids of the choice are ignored."""
    rows = await connection.fetch(_SQL["list_dead"], choice.channel, choice.category, limit)
    return [DeadDelivery(*row.values()) for row in rows]


async def replay_dead(connection: Connection, choice: Choice) -> list[UUID]:
    """Put deliveries back, to be judged and tried anew; the ids of those found."""
    rows = await connection.fetch(_SQL["replay_dead"], choice.ids, choice.channel, choice.category)
    return [row["id"] for row in rows]
