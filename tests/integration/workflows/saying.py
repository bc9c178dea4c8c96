"""Contracts' conversations, and what a workflow says in them, without a workflow."""

from typing import Any
from uuid import UUID, uuid4

import orjson

from tests.app import Person, Served


def text_of(action: str, actor: Person | None, resource_id: UUID | None = None) -> dict[str, Any]:
    """What a system message says."""
    return {
        "action": action,
        "resource": "milestones",
        "resource_id": str(resource_id or uuid4()),
        "actor_id": str(actor.id) if actor else None,
        "facts": {"title": "Storyboard", "amount": "300.00", "currency": "USD"},
    }


async def contract_conversation(app: Served, client: Person, freelancer: Person) -> str:
    """The conversation of a contract of these two, as its acceptance makes it."""
    key = uuid4()
    pool = app.app.core.foundation.pool
    await pool.execute(
        "SELECT workflow_conversation($1, $2, NULL, $3, $4, 'Launch film')",
        key,
        uuid4(),
        client.id,
        freelancer.id,
    )
    app.app.core.outbox.relay.wake()
    return str(key)


async def say(app: Served, key: str, actor: Person | None, action: str = "approve") -> int:
    """Say something in a transaction of its own; its seq."""
    pool = app.app.core.foundation.pool
    async with pool.acquire() as connection, connection.transaction():
        seq: int = await connection.fetchval(
            "SELECT workflow_say($1, $2, $3)",
            UUID(key),
            actor.id if actor else None,
            orjson.dumps(text_of(action, actor)).decode(),
        )
    app.app.core.outbox.relay.wake()
    return seq
