"""The steps of `workflow_write`: what one execution writes, in order.

A step is JSON: numbers and ids as text, times as ISO 8601. Columns of type `jsonb` take values, not
text. Besides those made here there are `timers`, `freeze`, `thaw`, `events` and
`say`, which an execution makes of what it knows (storage/workflows/work.py).
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

Step = dict[str, Any]
"""One instruction to `workflow_write` (storage/migrations/sql/0035_20_rooms.sql)."""


def insert(table: str, row: Mapping[str, object]) -> Step:
    """A new row. Columns that are not named have their defaults."""
    return {"do": "insert", "table": table, "row": dict(row)}


def update(table: str, key: UUID, values: Mapping[str, Any], *, column: str = "id") -> Step:
    """New values of the row that nobody has at hand; `column` holds its key."""
    return {"do": "update", "table": table, "id": key, "key": column, "set": dict(values)}


def add(table: str, key: UUID, *, column: str = "id", **by: Any) -> Step:
    """Add to figures of a row that nobody has read; `column` holds its key."""
    return {"do": "add", "table": table, "id": key, "key": column, "by": by}


def delete(table: str, key: UUID, *, column: str = "id", **where: Any) -> Step:
    """Take away the rows that have this key, and besides these values."""
    return {"do": "delete", "table": table, "id": key, "key": column, "where": where}


def enqueue(consumer: str, kind: str, **data: Any) -> Step:
    """A row of the outbox for a consumer."""
    return {"do": "enqueue", "consumer": consumer, "kind": kind, "data": data}


def converse(conversation: UUID, contract: Mapping[str, Any]) -> Step:
    """Begin the conversation of a contract, with its two parties."""
    names = ("job_id", "client_id", "freelancer_id", "title")
    about = {name: contract.get(name) for name in names}
    return {"do": "converse", "id": conversation, "contract_id": contract["id"], **about}


def join(conversation: UUID, user: UUID) -> Step:
    """Take somebody into a conversation."""
    return {"do": "join", "conversation_id": conversation, "user_id": user}


def leave(conversation: UUID, user: UUID) -> Step:
    """Take somebody out of a conversation."""
    return {"do": "leave", "conversation_id": conversation, "user_id": user}
