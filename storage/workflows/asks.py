"""What an execution is asked for, and what it answers."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from protocol.errors import RequestError
from protocol.machine import Party
from storage.database.idempotency import IdempotencyKey
from storage.workflows.workflow import Workflow


@dataclass(frozen=True, slots=True)
class Ask:
    """An action on a row. Without a caller the server itself asks, as TIMER or SYSTEM.

    `body` is judged already, or else `refused` is what is wrong with the request: it is told after
    all that comes before a body. `versions` are those that the row may have; None is any.
    """

    workflow: Workflow
    action: str
    key: UUID
    caller: UUID | None = None
    body: msgspec.Struct | None = None
    refused: RequestError | None = None
    versions: Sequence[int] | None = None
    unmatched: RequestError | None = None
    idempotency: IdempotencyKey | None = None
    party: Party = Party.SYSTEM
    timer: UUID | None = None
    facts: Mapping[str, Any] | None = None


Insert = Callable[[Any], Awaitable[UUID]]
"""Makes a row as `parley_app`, whose policies judge who may: from a connection to the row's id."""


@dataclass(frozen=True, slots=True)
class Begin:
    """A row that is to begin, by `action`. `parent` is the row that the body names.

    With `insert` the row is one that its resource lets people make, and is judged as such.
    """

    workflow: Workflow
    action: str
    caller: UUID
    parent: UUID | None = None
    insert: Insert | None = None
    body: msgspec.Struct | None = None
    refused: RequestError | None = None
    idempotency: IdempotencyKey | None = None


class Done(NamedTuple):
    """What was carried out: the JSON of the answer, and the row it is of.

    `path` is the resource of the row, empty where the answer is no row; then `key` is where to
    read on, if anywhere. `changed` are the rows that were written besides, by table and id;
    `enqueued` the consumers of the outbox for which the effect has left something. `actions` are
    what the caller may do with the row now, where that was asked with it.
    """

    status: int
    body: str
    path: str = ""
    key: str = ""
    version: int | None = None
    is_repeated: bool = False
    changed: frozenset[tuple[str, UUID]] = frozenset()
    enqueued: frozenset[str] = frozenset()
    actions: Sequence[str] | None = None
