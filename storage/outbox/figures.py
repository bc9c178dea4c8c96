"""The metrics of the outbox: the age of its rows, and those that cannot be processed."""

import asyncio
from collections.abc import Collection, Mapping
from typing import NamedTuple

import asyncpg

from storage.database.postgres import UNAVAILABLE, losses_told
from storage.database.queries import load_queries

_SQL = load_queries("outbox/outbox")

ByKind = dict[tuple[str, str], int]
"""Rows by consumer and kind."""


class OutboxFigures(NamedTuple):
    """Of the whole outbox; the same in every process."""

    age_s: dict[str, float]
    """The age of each consumer's oldest row of a known kind; 0 without rows."""
    unknown: ByKind
    """Rows of kinds that this process does not know."""
    aside: ByKind
    paused: ByKind
    """1 for each kind that is paused."""


async def outbox_figures(
    pool: "asyncpg.Pool[asyncpg.Record]",
    kinds: Mapping[str, Collection[str]],
    timeout_s: float = 1.0,
) -> OutboxFigures | None:
    """The figures, given each consumer's known kinds; None if PostgreSQL does not answer."""
    pairs = [(consumer, kind) for consumer, known in kinds.items() for kind in known]
    known = [consumer for consumer, _ in pairs], [kind for _, kind in pairs]
    try:
        with losses_told():
            async with asyncio.timeout(timeout_s), pool.acquire() as connection:
                ages = await connection.fetch(_SQL["ages"], *known)
                unknown = await connection.fetch(_SQL["unknown"], *known)
                aside = await connection.fetch(_SQL["aside_counts"])
                paused = await connection.fetch(_SQL["paused_kinds"])
    except (*UNAVAILABLE, asyncpg.PostgresError):
        return None
    return OutboxFigures(
        {row["consumer"]: row["age_s"] or 0.0 for row in ages},
        {(row["consumer"], row["kind"]): row["rows"] for row in unknown},
        {(row["consumer"], row["kind"]): row["rows"] for row in aside},
        {(row["consumer"], row["kind"]): 1 for row in paused},
    )
