"""How things stand that a provider was asked for, read without locks: executions judge again."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

import asyncpg

from storage.database.queries import load_queries
from storage.payments.provider import Kind

_SQL = load_queries("payments/standing")

UNDER_WAY_S = 600.0
"""After this time the provider is asked."""


class Standing(NamedTuple):
    """A row's state, how often it was asked for, and what has to be moved; None is any amount."""

    status: str
    attempts: int
    amount: Decimal | None
    currency: str


class Standings:
    """Reads rows of deposits, their returns and withdrawals. Raises what asyncpg raises."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._pool = pool

    async def of(self, machine: str, key: UUID) -> Standing | None:
        """How a row of deposit, deposit_return or withdrawal stands; None where there is none.

        Raises `KeyError` for another machine.
        """
        row = await self._pool.fetchrow(_SQL[machine], key)
        return None if row is None else Standing(*row.values())

    async def batch_of(self, withdrawal: UUID) -> tuple[UUID, Sequence[str]] | None:
        """The submitted batch of a withdrawal, with the states of all in it."""
        row = await self._pool.fetchrow(_SQL["batch_of"], withdrawal)
        return None if row is None else (row["id"], row["states"])

    async def unsettled(self, now: datetime) -> list[tuple[Kind, str]]:
        """What has been under way for ten minutes."""
        rows = await self._pool.fetch(_SQL["unsettled"], now - timedelta(seconds=UNDER_WAY_S))
        return [(row["kind"], row["key"]) for row in rows]
