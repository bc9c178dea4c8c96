"""Whether the ledger says the same everywhere: lines, balances, lots, and rows that tell of it."""

import datetime as dt
from dataclasses import dataclass

import asyncpg

from storage.database.queries import load_queries

_SQL = load_queries("ledger/checking")
CHECKS = tuple(name for name in _SQL if name not in {"close_days", "take_turn", "clock"})
"""The names of what is compared."""
_TIMED = frozenset({"frozen"})
"""Those that depend on the time."""
_CHECK_S = 600.0


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong: the check that found it, and where and how much in a sentence."""

    check: str
    text: str


async def take_turn(connection: asyncpg.Connection) -> bool:
    """Whether this connection alone sees to the ledger, until it is closed."""
    taken: bool = await connection.fetchval(_SQL["take_turn"])
    return taken


async def clock(connection: asyncpg.Connection) -> dt.datetime:
    """The time by the clock of workflows."""
    now: dt.datetime = await connection.fetchval(_SQL["clock"])
    return now


async def close_days(connection: asyncpg.Connection, now: dt.datetime) -> int:
    """Sum the platform's accounts by day, for days that are over; returns how many sums changed.

    A day is summed anew for two days, because a journal may be committed after its day.
    """
    changed: int = await connection.fetchval(_SQL["close_days"], now, timeout=_CHECK_S)
    return changed


async def find(connection: asyncpg.Connection, now: dt.datetime) -> list[Finding]:
    """Everything that is wrong, all of one moment; none means that the ledger is clean."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        # It reads whole tables, which the settings of short statements are not for.
        await connection.execute(
            f"SET LOCAL statement_timeout = '{_CHECK_S:.0f}s'; SET LOCAL enable_seqscan = on"
        )
        return await find_within(connection, now)


async def find_within(connection: asyncpg.Connection, now: dt.datetime) -> list[Finding]:
    """The same within a transaction, which may have changed the ledger."""
    findings: list[Finding] = []
    for check in CHECKS:
        arguments = [now] if check in _TIMED else []
        rows = await connection.fetch(_SQL[check], *arguments, timeout=_CHECK_S)
        findings += [Finding(check, row["finding"]) for row in rows]
    return findings
