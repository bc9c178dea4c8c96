"""People and conversations for the tests of storage, made in one statement each."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg

Pool = asyncpg.Pool


async def make_users(pool: Pool, count: int) -> list[UUID]:
    """So many active users."""
    rows = await pool.fetch(
        "INSERT INTO users (display_name, kind) SELECT 'User ' || n, 'both' "
        "FROM generate_series(1, $1) n RETURNING id",
        count,
    )
    return [row["id"] for row in rows]


async def make_conversation(pool: Pool, people: Sequence[UUID], kind: str = "group") -> UUID:
    """A conversation of these people, the first its owner; `direct` for exactly two."""
    key = ":".join(sorted(str(person) for person in people)) if kind == "direct" else None
    conversation_id: UUID = await pool.fetchval(
        "INSERT INTO conversations (type, created_by, direct_key, participant_count) "
        "VALUES ($1, $2, $3, $4) RETURNING id",
        kind,
        people[0],
        key,
        len(people),
    )
    await pool.execute(
        "INSERT INTO conversation_participants (conversation_id, user_id, role) "
        "SELECT $1, u, CASE WHEN n = 1 AND $3 <> 'direct' THEN 'owner' ELSE 'member' END "
        "FROM unnest($2::uuid[]) WITH ORDINALITY AS p(u, n)",
        conversation_id,
        people,
        kind,
    )
    return conversation_id
