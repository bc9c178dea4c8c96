"""Rows that were set aside, for operators: list, retry and drop them."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from storage.database.queries import load_queries
from storage.outbox.rows import Connection

_SQL = load_queries("outbox/outbox")


class AsideRow(NamedTuple):
    """A row of the outbox that was set aside, without what it refers to."""

    id: int
    consumer: str
    kind: str
    error: str
    tries: int
    created_at: datetime
    set_aside_at: datetime


class Choice(NamedTuple):
    """Selects rows by ids, consumer and kind; None selects all."""

    ids: Sequence[int] | None = None
    consumer: str | None = None
    kind: str | None = None


async def list_aside(connection: Connection, choice: Choice, limit: int = 1000) -> list[AsideRow]:
    """The rows that are set aside, oldest first; the ids of the choice are ignored."""
    rows = await connection.fetch(_SQL["list_aside"], choice.consumer, choice.kind, limit)
    return [AsideRow(*row.values()) for row in rows]


async def retry_aside(connection: Connection, choice: Choice) -> list[int]:
    """Put rows back into the outbox with no failures; returns the ids of those found."""
    rows = await connection.fetch(_SQL["retry_aside"], choice.ids, choice.consumer, choice.kind)
    return [row["id"] for row in rows]


async def drop_aside(connection: Connection, choice: Choice) -> list[int]:
    """Delete rows; returns the ids of those found."""
    rows = await connection.fetch(_SQL["drop_aside"], choice.ids, choice.consumer, choice.kind)
    return [row["id"] for row in rows]
