"""The local provider: deterministic play money, with a book of its own in PostgreSQL.

It behaves as one outside does: requests have keys, and it settles by signed events, which may come
late, twice, in the wrong order or not at all (storage/payments/play_tokens.py says what a token
asks for). What it decides depends on key and token alone, and lasts as its book does.
"""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

import asyncpg
import orjson

from protocol.errors import RequestError
from storage.database.postgres import UNAVAILABLE, losses_told
from storage.database.queries import load_queries
from storage.payments import play_events
from storage.payments.play_events import Operation, events_of, reference_of
from storage.payments.play_tokens import Behaviour, Prefix, UnknownTokenError, behaviour_of
from storage.payments.provider import (
    Answer,
    Charge,
    Failed,
    KeyReusedError,
    Kind,
    NotKnown,
    Payout,
    Pending,
    ProviderAwayError,
    Return,
    Told,
)

_SQL = load_queries("payments/local_provider")

Clock = Callable[[], Awaitable[datetime]]
"""The present time; tests move it."""
Take = Callable[[bytes], Awaitable[None]]
"""Takes the raw body of an event; raises when it could not be kept."""

ACTION_PATH = "/v1/local-provider/payments"
"""Below it a payer agrees to a payment, or declines it."""
_DUE_AT_ONCE = 50


class _Asked(NamedTuple):
    """An operation as it is asked for."""

    operation: Operation
    of_key: str | None
    token: str
    behaviour: Behaviour
    fee: Decimal = Decimal(0)
    refusal: str | None = None


class LocalProvider:
    """Play money. All methods but `told` raise `ProviderAwayError` while PostgreSQL is away."""

    name = "local"

    def __init__(
        self,
        pool: "asyncpg.Pool[asyncpg.Record]",
        clock: Clock,
        switches: Sequence[str] = (),
    ) -> None:
        """`switches` hold for every token."""
        self._pool = pool
        self._clock = clock
        self._switches = switches
        self.begun: Callable[[], None] = lambda: None
        """Called when there may be events to send."""

    async def charge(self, charge: Charge) -> Answer:
        """Enter a payment; what it comes to is told by events."""
        total = charge.amount + charge.fee
        reference = reference_of("charge", charge.key)
        operation = Operation(charge.key, "charge", reference, total, charge.currency)
        asked = self._asked(operation, None, charge.token, "tok")._replace(fee=charge.fee)
        async with self._book() as (connection, now):
            found = await self._begin(connection, [asked], now)
        return self._answered(found, [asked])[charge.key]

    async def give_back(self, back: Return) -> Answer:
        """Enter a return of a payment, or of a part. More than was paid is not returned."""
        reference = reference_of("return", back.key)
        operation = Operation(back.key, "return", reference, back.amount, back.currency)
        async with self._book() as (connection, now):
            await connection.execute(_SQL["lock"], back.charge_key)
            asked = await self._returning(connection, back, operation, now)
            found = await self._begin(connection, [asked], now)
        return self._answered(found, [asked])[back.key]

    async def pay_out(self, batch_key: str, payouts: Sequence[Payout]) -> Mapping[str, Answer]:
        """Enter payouts; what they come to is told by events."""
        asked = []
        for one in payouts:
            reference = reference_of("payout", one.key)
            operation = Operation(one.key, "payout", reference, one.amount, one.currency)
            asked.append(self._asked(operation, batch_key, one.token, "acct"))
        async with self._book() as (connection, now):
            found = await self._begin(connection, asked, now)
        return self._answered(found, asked)

    async def ask(self, kind: Kind, key: str) -> Answer:
        """What has become of an operation by now."""
        with _away_told():
            found = await self._pool.fetch(_SQL["operations"], [key], await self._clock())
        known = [row for row in found if row["kind"] == kind]
        return _answer_of(known[0]) if known else NotKnown()

    def told(self, kind: str, data: Mapping[str, Any]) -> Told | None:
        """What an event of this kind says. Raises `msgspec.ValidationError`."""
        return play_events.told(kind, data)

    async def decide(self, reference: str, *, agrees: bool) -> bool | None:
        """A payer agrees to a payment, or declines it; whether it waited for that.

        None where there is no such payment.
        """
        async with self._book() as (connection, now):
            key = await connection.fetchval(_SQL["by_reference"], reference)
            await connection.execute(_SQL["lock"], key)
            rows = await connection.fetch(_SQL["operations"], [key], now)
            waits = list(filter(_waits_for_payer, rows))
            for row in waits:
                behaviour = behaviour_of(row["token"], "tok", self._switches)
                decided = replace(behaviour, outcome="ok" if agrees else "failed")
                await _plan(connection, events_of(_operation_of(row), decided, now, begins=False))
        self.begun()
        return bool(waits) if rows else None

    async def send_due(self, take: Take) -> int:
        """Send what is due; how many were sent. Raises what `take` raises, and asyncpg."""
        due = await self._pool.fetch(_SQL["due"], await self._clock(), _DUE_AT_ONCE)
        for row in due:
            await take(row["body"].encode())
            await self._pool.execute(_SQL["sent"], row["id"], row["sent"])
        return len(due)

    @contextlib.asynccontextmanager
    async def _book(self) -> AsyncIterator[tuple[Any, datetime]]:
        """A transaction on the book, and what time it is."""
        with _away_told():
            now = await self._clock()
            async with self._pool.acquire() as connection, connection.transaction():
                yield connection, now

    def _asked(
        self, operation: Operation, of_key: str | None, token: str, prefix: Prefix
    ) -> _Asked:
        try:
            behaviour = behaviour_of(token, prefix, self._switches)
        except UnknownTokenError as error:
            return _Asked(operation, of_key, token, Behaviour(), refusal=str(error))
        refusal = "declined" if behaviour.outcome == "declined" else None
        return _Asked(operation, of_key, token, behaviour, refusal=refusal)

    async def _returning(
        self, connection: Any, back: Return, operation: Operation, now: datetime
    ) -> _Asked:
        """A return as it is entered: refused where there is not so much to be returned."""
        rows = await connection.fetch(_SQL["operations"], [back.charge_key], now)
        answer = _answer_of(rows[0]) if rows else NotKnown()
        paid = getattr(answer, "amount", Decimal(0))
        taken = await connection.fetchval(_SQL["returned"], back.charge_key, back.key, now)
        token = rows[0]["token"] if rows else ""
        asked = self._asked(operation, back.charge_key, token, "tok")
        refusal = None
        if back.amount > paid - taken or back.currency != getattr(answer, "currency", None):
            refusal = "there is not so much to be returned"
        elif asked.behaviour.is_dead:
            refusal = "the card is closed"
        # The payment was late; its return need not be.
        behaviour = replace(asked.behaviour, outcome="ok", late_s=0.0)
        return asked._replace(behaviour=behaviour, refusal=refusal)

    async def _begin(
        self, connection: Any, asked: Sequence[_Asked], now: datetime
    ) -> tuple[Sequence[Any], set[str]]:
        """Enter what is new; the rows of all, and the keys of what is new."""
        new: set[str] = set()
        for one in asked:
            operation = one.operation
            is_new = await connection.fetchval(
                _SQL["begin"],
                *(operation.key, operation.kind, operation.reference, one.of_key, one.token),
                *(operation.amount, one.fee, operation.currency, one.refusal, now),
            )
            if is_new:
                new.add(operation.key)
                events = events_of(operation, one.behaviour, now) if one.refusal is None else []
                await _plan(connection, events)
        keys = [one.operation.key for one in asked]
        return await connection.fetch(_SQL["operations"], keys, now), new

    def _answered(
        self, found: tuple[Sequence[Any], set[str]], asked: Sequence[_Asked]
    ) -> dict[str, Answer]:
        """The answers to a call; what is new is decided by an event, be it due already."""
        rows, new = found
        self.begun()
        by_key = {row["key"]: row for row in rows}
        for one in asked:
            row, operation = by_key[one.operation.key], one.operation
            same = (operation.kind, one.of_key, operation.amount, operation.currency)
            if same != (row["kind"], row["of_key"], row["amount"], row["currency"]):
                raise KeyReusedError("the key was used for something else")
        if any(one.behaviour.is_silent for one in asked if one.operation.key in new):
            raise ProviderAwayError("no answer")
        return {
            key: _at_first(row) if key in new else _answer_of(row) for key, row in by_key.items()
        }


async def _plan(connection: Any, events: Sequence[play_events.PlayEvent]) -> None:
    columns = list(zip(*events, strict=True))
    if columns:
        await connection.execute(_SQL["plan"], *map(list, columns))


def _operation_of(row: Any) -> Operation:
    return Operation(row["key"], row["kind"], row["reference"], row["amount"], row["currency"])


def _waits_for_payer(row: Any) -> bool:
    is_open = row["refusal"] is None and not row["is_decided"]
    return is_open and behaviour_of(row["token"], "tok").outcome == "action_required"


def _answer_of(row: Any) -> Answer:
    """What has become of an operation, by its row and the event that decides it."""
    if row["event_kind"] is None:
        return _at_first(row)
    told = play_events.told(row["event_kind"], orjson.loads(row["event_body"])["data"])
    assert told is not None
    return told.answer


def _at_first(row: Any) -> Answer:
    """What is known of an operation before any event."""
    if row["refusal"] is not None:
        return Failed(row["refusal"], row["reference"])
    if row["kind"] == "charge" and _waits_for_payer(row):
        return Pending(row["reference"], f"{ACTION_PATH}/{row['reference']}")
    return Pending(row["reference"])


@contextlib.contextmanager
def _away_told() -> Iterator[None]:
    """Its database is the provider's own affair: from outside it does not answer."""
    try:
        with losses_told():
            yield
    except (*UNAVAILABLE, RequestError) as error:
        raise ProviderAwayError(type(error).__name__) from error
