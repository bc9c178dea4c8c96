"""The consumer of the outbox that calls the payment provider.

1. No transaction is open during a call: the row is leased. Its request has a key, which names what
   the money is for.
2. The answer is taken by an execution of its own; then the row is deleted.
3. A row that was leased before may have been carried out, whatever became of its lease: the
   provider is asked under the key first, and called only if it knows nothing of it.
4. Where no payments are taken, what nobody has called yet is refused, whoever was to be called.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from uuid import UUID

import asyncpg
import msgspec

from server.outbox.claiming import Leased
from server.outbox.consumer import Observe, OutboxConsumer, Pace
from server.workflows.provider_events import CALL_S, Answered
from storage.outbox.failed_rows import OutboxFailures, Patience
from storage.outbox.leases import Claim, RowLeases
from storage.outbox.rows import Batch, BrokenRowError, OutboxRow
from storage.payments.closed import NoProvider
from storage.payments.provider import (
    Answer,
    Charge,
    Failed,
    Kind,
    NotKnown,
    PaymentProvider,
    Payout,
    ProviderAwayError,
    Return,
    Told,
)

CONSUMER = "payments"
"""The name in the rows of the outbox."""
KINDS: Mapping[str, Kind] = {"charge": "charge", "return": "return", "payout": "payout"}
CALLS_AT_ONCE = 4
"""In one process."""
LEASE_S = 60.0
PATIENCE = Patience(pauses_s=(1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0))
"""A provider may be away for an hour; then the row is set aside, and somebody is told."""
PACE = Pace(Batch(rows=1, refs=1), retry_s=1.0)


class ChargeRow(Charge, frozen=True):
    """What a row of the kind `charge` says."""

    provider: str


class ReturnRow(Return, frozen=True):
    """What a row of the kind `return` says."""

    provider: str


class PayoutRow(msgspec.Struct, frozen=True):
    """What a row of the kind `payout` says; the key is the batch's."""

    provider: str
    key: str
    payouts: list[Payout]


_SHAPES: Mapping[str, type[ChargeRow | ReturnRow | PayoutRow]] = {
    "charge": ChargeRow,
    "return": ReturnRow,
    "payout": PayoutRow,
}


class Payments:
    """Calls a provider for rows of the outbox; any number of processes may run it."""

    def __init__(
        self,
        pool: "asyncpg.Pool[asyncpg.Record]",
        owner: UUID,
        provider: PaymentProvider,
        answered: Answered,
        observe: Observe = lambda _consumer, _seconds: None,
    ) -> None:
        """`owner` is this process, as the owner of leased rows."""
        self._provider = provider
        self._answered = answered
        failures = OutboxFailures(pool, CONSUMER, KINDS, PATIENCE)
        leases = RowLeases(pool, owner, CONSUMER, LEASE_S)
        form = Leased(pool, failures, leases, self._handle)
        self.consumers = tuple(
            OutboxConsumer(CONSUMER, form, failures, PACE, observe) for _ in range(CALLS_AT_ONCE)
        )

    @property
    def runs(self) -> tuple[Callable[[], Awaitable[None]], ...]:
        """Its background tasks."""
        return tuple(consumer.run for consumer in self.consumers)

    def wake(self) -> None:
        """There may be a row: look at once."""
        for consumer in self.consumers:
            consumer.wake()

    async def _handle(self, _claim: Claim, rows: Sequence[OutboxRow]) -> None:
        for row in rows:
            was_leased = row.owner is not None or row.tries > 0
            for told in await self._called(row, was_leased=was_leased):
                await self._answered(told)

    async def _called(self, row: OutboxRow, *, was_leased: bool) -> Sequence[Told]:
        request = _request_of(row)
        kind = KINDS[row.kind]
        if request.provider != self._provider.name:
            if was_leased:  # it may have been carried out, by the provider that was in use then
                raise BrokenRowError(f"a row for the provider {request.provider}")
            if self._provider.name != NoProvider.name:  # which has a reason of its own
                failed = Failed(f"the provider {request.provider} is not in use")
                return [Told(kind, key, failed) for key in _keys_of(request)]
        try:
            async with asyncio.timeout(CALL_S):
                known = await self._known(kind, request) if was_leased else {}
                answers = known or await self._call(request)
        except (TimeoutError, OSError) as error:
            # It is the provider that is away: PostgreSQL's errors are told apart by what waits.
            raise ProviderAwayError(type(error).__name__) from error
        return [Told(kind, key, answer) for key, answer in answers.items()]

    async def _known(
        self, kind: Kind, request: ChargeRow | ReturnRow | PayoutRow
    ) -> Mapping[str, Answer]:
        """What has become of a request that may have been made before; empty if it was not."""
        answers = {key: await self._provider.ask(kind, key) for key in _keys_of(request)}
        is_known = not any(isinstance(answer, NotKnown) for answer in answers.values())
        return answers if is_known else {}

    async def _call(self, request: ChargeRow | ReturnRow | PayoutRow) -> Mapping[str, Answer]:
        provider = self._provider
        match request:
            case ChargeRow():
                return {request.key: await provider.charge(request)}
            case ReturnRow():
                return {request.key: await provider.give_back(request)}
            case PayoutRow():
                return await provider.pay_out(request.key, request.payouts)


def _keys_of(request: ChargeRow | ReturnRow | PayoutRow) -> list[str]:
    """What each of its answers is about."""
    if isinstance(request, PayoutRow):
        return [one.key for one in request.payouts]
    return [request.key]


def _request_of(row: OutboxRow) -> ChargeRow | ReturnRow | PayoutRow:
    try:
        return msgspec.json.decode(row.text or "", type=_SHAPES[row.kind], strict=False)
    except msgspec.ValidationError as error:
        raise BrokenRowError(str(error)) from error
