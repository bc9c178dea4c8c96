"""What a month did to somebody's money in one currency."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg

from storage.database.queries import load_queries
from storage.ledger.accounts import Kind

_SQL = load_queries("ledger/statements")

COLUMNS: Mapping[str, Kind] = {
    "funded": Kind.WALLET_FUNDED,
    "earned": Kind.WALLET_EARNED,
    "pending": Kind.PENDING,
    "withdrawing": Kind.WITHDRAWING,
    "debt": Kind.DEBT,
}
"""The parts of what somebody has, by the names that `wallets` has for them."""

KINDS: Mapping[str, str] = {
    "deposit": "a payment came in",
    "return": "a deposit goes back to where it came from",
    "fund": "money is held for a milestone",
    "back": "what was held for a milestone comes back",
    "release": "what was held for a milestone is paid",
    "tip": "a tip is given",
    "clear": "what was paid may be taken out from now on",
    "refund": "what was paid is given back",
    "withdraw": "what was earned is taken out",
    "certification": "an attempt at a certification is paid for",
    "external": "work outside the platform is paid",
    "writeoff": "a debt is no longer asked for",
    "reverse": "another journal is taken back",
}
"""What journals that move somebody's money are about."""
STATED = ("withdraw", "return")
"""Kinds of which one thing has several journals: their state tells which."""

Sums = dict[str, Decimal]
"""An amount for each of `COLUMNS`; a debt is positive."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What one journal has moved."""

    at: dt.datetime
    journal_id: UUID
    kind: str
    state: str | None
    contract_id: UUID | None
    milestone_id: UUID | None
    description: str | None
    moved: Sums


@dataclass(frozen=True, slots=True)
class Statement:
    """What there was, each thing that happened, and what there is then."""

    opening: Sums
    entries: tuple[Entry, ...]
    closing: Sums


def months(first: dt.datetime) -> tuple[dt.datetime, dt.datetime]:
    """When the month that begins at `first` begins, and the one after it."""
    after = (first + dt.timedelta(days=32)).replace(day=1)
    return first, after


async def is_user(connection: asyncpg.Connection, user_id: UUID) -> bool:
    """Whether there is such a user."""
    return bool(await connection.fetchval(_SQL["user"], user_id))


async def read_statement(
    connection: asyncpg.Connection, user_id: UUID, currency: str, first: dt.datetime
) -> Statement:
    """The statement of the month that begins at `first`, in UTC."""
    begins, ends = months(first)
    rows = await connection.fetch(_SQL["opening"], user_id, currency, begins)
    held = {row["kind"]: row["amount"] for row in rows}
    opening = _sums(held)
    found = await connection.fetch(_SQL["entries"], user_id, currency, begins, ends, STATED)
    entries = tuple(
        Entry(
            *(row["at"], row["journal_id"], row["kind"], row["state"]),
            *(row["contract_id"], row["milestone_id"], row["description"], _sums(dict(row))),
        )
        for row in found
    )
    closing = {
        name: amount + sum((entry.moved[name] for entry in entries), Decimal(0))
        for name, amount in opening.items()
    }
    return Statement(opening, entries, closing)


def _sums(held: Mapping[str, Any]) -> Sums:
    sums = {name: Decimal(held.get(kind, 0)) for name, kind in COLUMNS.items()}
    sums["debt"] = -sums["debt"] + 0
    return sums
