"""Accounts as an operator of the instance sees and changes them."""

from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec

from storage.database.queries import load_queries
from storage.people.emails import canonical_or_none

_SQL = load_queries("people/operating")

ROLES = ("moderator", "support", "admin")


class Found(msgspec.Struct, frozen=True):
    """An account; `logins` is how many of its logins are open."""

    id: UUID
    display_name: str
    kind: str
    staff_role: str | None
    status: str
    email: str
    email_verified_at: datetime | None
    created_at: datetime
    last_login_at: datetime | None
    logins: int


async def find(connection: asyncpg.Connection, who: str) -> Found | None:
    """The account of an address, in any of its spellings, or of an id."""
    row = await connection.fetchrow(_SQL["found"], _id_or_none(who), who, canonical_or_none(who))
    return None if row is None else Found(**row)


async def promote(connection: asyncpg.Connection, user_id: UUID, role: str | None) -> bool:
    """Give it a role of staff, or take it away; False when the account is not active."""
    return await connection.fetchval(_SQL["promote"], user_id, role) is not None


async def verify(connection: asyncpg.Connection, user_id: UUID) -> None:
    """Take its address for the person's own, and let an account that waited for it be used."""
    async with connection.transaction():
        await connection.execute(_SQL["verify_address"], user_id)
        await connection.execute(_SQL["activate"], user_id)


def _id_or_none(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
