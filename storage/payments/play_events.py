"""What the local provider tells of an operation, and when: decided once, from the token."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID, uuid5

import msgspec

from storage.payments.play_tokens import Behaviour
from storage.payments.provider import Answer, Failed, Kind, Pending, Returned, Settled, Told

_REFERENCES = UUID("0c7a5c57-3a53-4d62-9d5c-0f2b7f4a6a51")
_REORDERED_S = 2.0
_RETURNED_S = 1.0

_KINDS: dict[str, Kind] = {"payment": "charge", "return": "return", "payout": "payout"}
_NAMES = {kind: name for name, kind in _KINDS.items()}
_DONE = {"charge": "captured", "return": "succeeded", "payout": "paid"}


class Operation(NamedTuple):
    """What the book has of an operation."""

    key: str
    kind: Kind
    reference: str
    amount: Decimal
    """What is moved in all: of a charge, with its fee."""
    currency: str


class PlayEvent(NamedTuple):
    """An event, to be told so many times from its due time on."""

    id: str
    key: str
    kind: str
    body: str
    due_at: datetime
    times: int = 1


class EventData(msgspec.Struct, frozen=True):
    """The `data` of each event."""

    key: str
    reference: str
    amount: Decimal
    currency: str
    cost: Decimal = Decimal(0)
    reason: str = ""


class EventBody(msgspec.Struct, frozen=True):
    """An event as it is sent."""

    id: str
    kind: str
    data: EventData


def reference_of(kind: Kind, key: str) -> str:
    """What the provider calls an operation: the same for the same key."""
    return str(uuid5(_REFERENCES, f"{kind}:{key}"))


def events_of(
    operation: Operation, behaviour: Behaviour, now: datetime, *, begins: bool = True
) -> list[PlayEvent]:
    """All that is to be told of an operation that begins now; without `begins`, of its outcome."""
    if behaviour.outcome == "action_required" and begins:
        return []
    at = now + timedelta(seconds=behaviour.late_s)
    found = list(_outcome(operation, behaviour, at))
    if begins:
        begun = at + timedelta(seconds=_REORDERED_S) if behaviour.is_reordered else now
        found.insert(0, _event(operation, "processing", begun))
    times = 0 if behaviour.is_lost else 2 if behaviour.is_doubled else 1
    return [event._replace(times=times) for event in found]


def _outcome(operation: Operation, behaviour: Behaviour, at: datetime) -> Iterator[PlayEvent]:
    if behaviour.outcome == "failed":
        yield _event(operation, "failed", at, reason="refused later")
        return
    told = _moved(operation, behaviour)
    done = _DONE[operation.kind]
    for number in range(2 if behaviour.is_told_twice else 1):
        yield _event(told, done, at, number=number, cost=behaviour.cost)
    if behaviour.outcome == "returned":
        back = at + timedelta(seconds=_RETURNED_S)
        yield _event(operation, "returned", back, reason="the account is closed")


def _moved(operation: Operation, behaviour: Behaviour) -> Operation:
    """The operation with the amount and currency that are told of it."""
    match behaviour.outcome:
        case "wrong_amount":
            return operation._replace(amount=operation.amount + 1)
        case "wrong_currency":
            other = "EUR" if operation.currency != "EUR" else "USD"
            return operation._replace(currency=other)
        case _:
            return operation


def _event(
    operation: Operation,
    what: str,
    at: datetime,
    *,
    number: int = 0,
    cost: Decimal = Decimal(0),
    reason: str = "",
) -> PlayEvent:
    kind = f"{_NAMES[operation.kind]}.{what}"
    event_id = f"evt_{uuid5(_REFERENCES, f'{kind}:{number}:{operation.key}').hex}"
    data = EventData(
        operation.key, operation.reference, operation.amount, operation.currency, cost, reason
    )
    body = msgspec.json.encode(EventBody(event_id, kind, data)).decode()
    return PlayEvent(event_id, operation.key, kind, body, at)


def told(kind: str, data: Mapping[str, Any]) -> Told | None:
    """What an event says. Raises `msgspec.ValidationError` for data that events do not have."""
    name, _, what = kind.partition(".")
    if name not in _KINDS:
        return None
    told = msgspec.convert(data, EventData, strict=False)
    answer = _answer(what, told)
    return None if answer is None else Told(_KINDS[name], told.key, answer)


def _answer(what: str, told: EventData) -> Answer | None:
    match what:
        case "processing":
            return Pending(told.reference)
        case "captured" | "succeeded" | "paid":
            return Settled(told.reference, told.amount, told.currency, told.cost)
        case "failed":
            return Failed(told.reason, told.reference)
        case "returned":
            return Returned(told.reference, told.amount, told.currency, told.reason)
        case _:
            return None
