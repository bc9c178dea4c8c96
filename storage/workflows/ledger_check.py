"""Whether the ledger says the same everywhere: lines, balances, lots, and rows that tell of it."""

import datetime as dt
from dataclasses import dataclass

import asyncpg

from storage.database.queries import load_queries

_SQL = load_queries("workflows/ledger_check")
_TIMED = frozenset({"frozen"})
"""Queries that depend on the time."""
_CHECKS = tuple(name for name in _SQL if name != "close_days")


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong: the check that found it, and where and how much in a sentence."""

    check: str
    text: str


async def close_days(connection: asyncpg.Connection, now: dt.datetime) -> int:
    """Sum the platform's accounts by day, for days that are over; returns how many sums changed.

    A day is summed anew for two days, because a journal may be committed after its day.
    """
    changed: int = await connection.fetchval(_SQL["close_days"], now)
    return changed


async def find(connection: asyncpg.Connection, now: dt.datetime) -> list[Finding]:
    """Everything that is wrong, all of one moment; none means that the ledger is clean."""
    findings: list[Finding] = []
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        for check in _CHECKS:
            arguments = [now] if check in _TIMED else []
            rows = await connection.fetch(_SQL[check], *arguments)
            findings += [Finding(check, row["finding"]) for row in rows]
    return findings
