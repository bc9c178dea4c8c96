"""Notifies of what happens in the marketplace, and closes what it settles.

The events of one execution are judged together (`protocol/notifications/audience.py`): who is told
of its result need not be told of each step. Who has acted on something has read all of it, and what
was asked for is settled for everybody, on every device, by whatever happens to it next.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from protocol.notifications.audience import Notice, Subject, Told, notices_of, without_steps
from protocol.notifications.kinds import KINDS, settles
from protocol.text import format_time
from storage.database.queries import load_queries
from storage.notifications.store import NewNotification, notify
from storage.outbox.rows import Connection, OutboxRow

_SQL = load_queries("notifications/events")
_ASKING = [kind.type for kind in KINDS.values() if kind.asks]
_EARNED = frozenset({"payment.received", "contract.tipped"})
"""Kinds that tell of a sum that is each reader's own."""


class _Execution(msgspec.Struct, frozen=True):
    """The `data` of a row: all that one execution has told, in order."""

    events: list[Told]


_decode = msgspec.json.Decoder(_Execution).decode


class _Reader(NamedTuple):
    """Somebody who may read what a notice is about, and what they have earned by it."""

    amount: str | None
    currency: str | None


async def tell_events(connection: Connection, rows: Sequence[OutboxRow]) -> None:
    """Notify of executions, in the transaction that the caller has begun.

    Raises `msgspec.ValidationError` (a `ValueError`) for a row that says no events.
    """
    executions = [_decode(row.text or "{}").events for row in rows]
    subjects = await _subjects(connection, executions)
    await _settle(connection, executions)
    notices = [
        (number, notice)
        for number, events in enumerate(executions)
        for notice in notices_of(events, subjects)
        if not _acted_since(notice, executions[number + 1 :])
    ]
    readers = await _readers(connection, [notice for _, notice in notices])
    items: list[NewNotification] = []
    for number, row in enumerate(rows):
        mine = [notice for of, notice in notices if of == number and _key(notice) in readers]
        told = without_steps(mine)
        items += (_notification(n, row.created_at, readers[_key(n)]) for n in told)
    await notify(connection, items)


async def _subjects(
    connection: Connection, executions: Iterable[Iterable[Told]]
) -> dict[tuple[str, UUID], Subject]:
    named = {event.subject for events in executions for event in events}
    types, ids = [resource for resource, _ in named], [key for _, key in named]
    return {
        (row["subject_type"], row["subject_id"]): Subject(*tuple(row)[2:])
        for row in await connection.fetch(_SQL["subjects"], types, ids)
    }


class _Touched(msgspec.Struct):
    """What has happened to a subject: until which version, who has acted, who was told."""

    resource: str
    id: UUID
    version: int = 0
    actors: set[UUID] = msgspec.field(default_factory=set)
    people: set[UUID] = msgspec.field(default_factory=set)


async def _settle(connection: Connection, executions: Iterable[Iterable[Told]]) -> None:
    """Close what was done about subjects, before anything new is told of them."""
    touched: dict[tuple[str, UUID], _Touched] = {}
    for event in (event for events in executions for event in events):
        of = touched.setdefault(event.subject, _Touched(*event.subject))
        of.version = max(of.version, event.version)
        if event.actor_id is not None:
            of.actors.add(event.actor_id)
        if settles(event.name):
            of.people.update(event.audience)
    text = msgspec.json.encode(list(touched.values())).decode()
    await connection.execute(_SQL["settle"], text, _ASKING)


def _acted_since(notice: Notice, later: Iterable[Iterable[Told]]) -> bool:
    """Whether somebody has acted on a subject since, who has then read all of it."""
    return any(
        event.actor_id == notice.user_id and event.subject == notice.event.subject
        for events in later
        for event in events
    )


def _key(notice: Notice) -> tuple[UUID, str, UUID, bool]:
    """Who is to be told of what, and whether of a sum of their own."""
    return notice.user_id, *notice.event.subject, notice.kind.type in _EARNED


async def _readers(
    connection: Connection, notices: Iterable[Notice]
) -> dict[tuple[UUID, str, UUID, bool], _Reader]:
    """Who of them may read what they would be told of."""
    asked = list(dict.fromkeys(map(_key, notices)))
    if not asked:
        return {}
    columns = [[values[column] for values in asked] for column in range(4)]
    return {
        asked[row["place"] - 1]: _Reader(row["amount"], row["currency"])
        for row in await connection.fetch(_SQL["readers"], *columns)
    }


def _notification(notice: Notice, at: dt.datetime, reader: _Reader) -> NewNotification:
    kind, event = notice.kind, notice.event
    data: dict[str, Any] = {
        "resource": event.resource,
        "id": str(event.id),
        "status": event.status,
        "version": event.version,
        "action": event.action,
    }
    if event.due_at is not None:
        data["due_at"] = format_time(event.due_at)
    if reader.amount is not None:
        data |= {"amount": reader.amount, "currency": reader.currency}
    return NewNotification(
        user_id=notice.user_id,
        type=kind.type,
        category=kind.category,
        priority=kind.priority,
        data=data,
        group_key=kind.group_key(str(event.id)),
        expires_at=kind.expires_at(at) or event.due_at,
        subject_type=event.resource,
        subject_id=event.id,
        actor_id=event.actor_id,
    )
