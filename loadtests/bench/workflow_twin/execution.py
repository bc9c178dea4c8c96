"""One execution: a transaction with what each of its transitions leaves behind."""

import datetime as dt
import hashlib
from collections.abc import Sequence
from typing import Any, TypeVar
from uuid import UUID

from fastapi import HTTPException
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from loadtests.bench.workflow_twin.models import (
    Base,
    Conversation,
    IdempotencyKey,
    Message,
    Outbox,
    Stateful,
    StatusHistory,
    Timer,
)

Kept = TypeVar("Kept", bound=Stateful)
CONFLICT = 409


class Execution:
    """The session of a request, its time and who asks. All methods raise `HTTPException`."""

    def __init__(self, session: AsyncSession, actor: UUID) -> None:
        self.session = session
        self.actor = actor
        self.now = dt.datetime.now(dt.UTC)

    async def once(self, key: str, body: bytes, path: str) -> IdempotencyKey:
        """The row of a request's key: new, or that of the same request before.

        Another request with the same key waits for this transaction's end.
        """
        request_hash = hashlib.sha256(path.encode() + b"\0" + body).digest()
        fresh = {"user_id": self.actor, "key": key, "request_hash": request_hash}
        statement = insert(IdempotencyKey).values(fresh).on_conflict_do_nothing()
        await self.session.execute(statement)
        kept = await self.session.get_one(IdempotencyKey, (self.actor, key))
        if kept.request_hash != request_hash:
            raise HTTPException(CONFLICT, "this key was sent with another body")
        return kept

    async def locked(self, kind: type[Kept], key: UUID) -> Kept:
        """A row under its lock, as it is now."""
        statement = select(kind).where(kind.id == key).with_for_update()
        found = await self.session.scalar(statement, execution_options={"populate_existing": True})
        if found is None:
            raise HTTPException(404)
        return found

    async def of(self, kind: type[Kept], *conditions: Any) -> Sequence[Kept]:
        """The rows for which all of this is true, in the order of their ids."""
        return (await self.session.scalars(select(kind).where(*conditions).order_by(kind.id))).all()

    def move(self, row: Stateful, action: str, *sources: str, to: str) -> None:
        """A transition, with its history and its event; 409 from another state."""
        if row.status not in sources:
            raise HTTPException(CONFLICT, f"{action}: not while it is {row.status}")
        before, row.status = row.status, to
        self._note(row, action, before)

    def begin(self, row: Stateful, action: str) -> None:
        """A row that begins in its state."""
        self.session.add(row)
        self._note(row, action, None)

    def _note(self, row: Stateful, action: str, before: str | None) -> None:
        machine = row.__class__.__name__.lower()
        self.session.add(
            StatusHistory(
                entity_type=machine,
                entity_id=row.id,
                action=action,
                from_status=before,
                to_status=row.status,
                actor_id=self.actor,
                created_at=self.now,
            )
        )
        data = {"id": str(row.id), "action": action, "actor_id": str(self.actor)}
        self.session.add(Outbox(name=f"{machine}.{row.status}", data=data))

    async def retime(self, row: Stateful, **dues: dt.datetime) -> None:
        """The timers of a row from now on, by action."""
        machine = row.__class__.__name__.lower()
        await self.session.execute(
            delete(Timer).where(Timer.machine == machine, Timer.entity_id == row.id),
            execution_options={"synchronize_session": False},
        )
        for action, due_at in dues.items():
            self.session.add(Timer(machine=machine, entity_id=row.id, action=action, due_at=due_at))

    async def say(self, conversation_id: UUID, action: str, **facts: Any) -> None:
        """A message of the system's own in a conversation."""
        statement = select(Conversation).where(Conversation.id == conversation_id)
        room = (await self.session.scalars(statement.with_for_update())).one()
        room.last_seq += 1
        system = {"action": action, "actor_id": str(self.actor), **facts}
        self.session.add(Message(conversation_id=room.id, seq=room.last_seq, system=system))


def shown(row: Base) -> dict[str, Any]:
    """A row as its reader sees it."""
    return {column.key: getattr(row, column.key) for column in row.__mapper__.column_attrs}
