"""Giving accounts the one spelling of their address: after a migration, and what it left over.

Rows without it are those that were there before, those of the version before while it still runs,
and those that cannot have it: the address is none by today's rules, or another account has it. Of
two accounts the verified one has it, else the older; the other logs in with its address as it was
registered. Nothing is merged.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from uuid import UUID

import asyncpg
import msgspec
import structlog
from asyncpg.pool import PoolConnectionProxy

from storage.database.postgres import connect
from storage.database.queries import load_queries
from storage.people.emails import AddressError, canonical, canonical_or_none

_SQL = load_queries("people/emails")

log = structlog.get_logger()

Connection = asyncpg.Connection | PoolConnectionProxy

BATCH = 500
"""Rows of one transaction: a login that counts itself waits for milliseconds."""
PAUSE_S = 0.01
TOLD_EACH = 10_000
_CALL_MS = 30_000
_FIRST = UUID(int=0)


class Without(msgspec.Struct, frozen=True):
    """An account that has to change its address: why, and which account has its spelling."""

    user_id: UUID
    email: str
    reason: str
    holder: UUID | None


async def fill_at(dsn: str) -> int:
    """As `fill`, over a connection of its own. Raises one of `UNAVAILABLE`."""
    connection = await connect(dsn, _CALL_MS)
    try:
        return await fill(connection)
    finally:
        await connection.close()


async def fill(connection: Connection) -> int:
    """Give spellings to all rows that can have one; how many got it.

    Each batch is a transaction: what is done is kept when it is ended, and it goes on from there.
    """
    filled = 0
    async for page in _pages(connection):
        spelled = {
            user_id: (email, one)
            for user_id, email in page.items()
            if (one := canonical_or_none(email)) is not None
        }
        if spelled:
            before, filled = filled, filled + await _fill(connection, spelled)
            if filled // TOLD_EACH > before // TOLD_EACH:
                log.info("emails_filling", accounts=filled)
            await asyncio.sleep(PAUSE_S)
    return filled


async def settle(connection: Connection, user_id: UUID, email: str) -> bool:
    """Give one account the spelling of its address if it is to have it; whether it got it."""
    spelled = canonical_or_none(email)
    return spelled is not None and await _settle(connection, user_id, email, spelled)


async def list_without(connection: Connection, limit: int) -> list[Without]:
    """The accounts that have no spelling, at most `limit`."""
    found: list[Without] = []
    async for page in _pages(connection):
        reasons = {user_id: _reason(email) for user_id, email in page.items()}
        spelled = [canonical_or_none(email) for email in page.values()]
        rows = await connection.fetch(_SQL["holders"], spelled)
        holders = {row["place"]: row["user_id"] for row in rows}
        found += [
            Without(user_id, email, reasons[user_id], holders.get(place))
            for place, (user_id, email) in enumerate(page.items(), start=1)
        ]
        if len(found) >= limit:
            break
    return found[:limit]


async def _pages(connection: Connection) -> AsyncIterator[Mapping[UUID, str]]:
    """The rows without a spelling, by their users."""
    after = _FIRST
    while rows := await connection.fetch(_SQL["without_canonical"], after, BATCH):
        yield {row["user_id"]: row["email"] for row in rows}
        after = rows[-1]["user_id"]


async def _fill(connection: Connection, spelled: Mapping[UUID, tuple[str, str]]) -> int:
    emails, spellings = zip(*spelled.values(), strict=True)
    got: list[asyncpg.Record] = []
    try:
        async with connection.transaction():
            await connection.execute(_SQL["take_turn"])
            got = await connection.fetch(_SQL["fill"], list(spelled), emails, spellings)
    except asyncpg.UniqueViolationError:
        # Somebody has registered with one of them just now. Each by itself, then.
        due = list(spelled)
    else:
        rows = await connection.fetch(_SQL["entitled"], list(spelled), spellings)
        due = [row["user_id"] for row in rows]
    settled = [await _settle(connection, user_id, *spelled[user_id]) for user_id in due]
    return len(got) + sum(settled)


async def _settle(connection: Connection, user_id: UUID, email: str, spelled: str) -> bool:
    try:
        async with connection.transaction():
            await connection.execute(_SQL["take_turn"])
            await connection.execute(_SQL["release"], user_id, spelled)
            got = await connection.fetch(_SQL["fill"], [user_id], [email], [spelled])
    except asyncpg.UniqueViolationError:
        return False  # registered with just now; the next round decides
    return bool(got)


def _reason(email: str) -> str:
    try:
        canonical(email)
    except AddressError as error:
        return str(error)
    return "another account has this address"
