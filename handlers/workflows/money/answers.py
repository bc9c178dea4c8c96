"""What a provider has said, by its answer or by an event, as an execution on what it is about.

1. Answers and events say the same, and may say it twice, late and in any order: what holds already
   is applied.
2. What cannot be true, or would move money that moved already, is for people to look at: it stays
   where it is until it is parked.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final
from uuid import UUID

import msgspec
import structlog

from handlers.workflows.money import deposit, deposit_return, payout_batch, withdrawal
from handlers.workflows.money.deposit_return import TRIES
from protocol.errors import ErrorCode, RequestError
from protocol.money.currency import EXPONENTS, NONE, is_whole, too_fine
from storage.payments.events import Applied, NotThereYet, Outcome, Refused, StoredEvent
from storage.payments.provider import (
    Answer,
    Failed,
    Kind,
    NotKnown,
    PaymentProvider,
    Pending,
    Returned,
    Settled,
    Told,
)
from storage.payments.standing import Standing, Standings
from storage.workflows.asks import Ask
from storage.workflows.executor import Executor
from storage.workflows.workflow import Workflow

log = structlog.get_logger()

_READ_AGAIN = 5

_ROWS: Final[Mapping[Kind, Workflow]] = {
    "charge": deposit.WORKFLOW,
    "return": deposit_return.WORKFLOW,
    "payout": withdrawal.WORKFLOW,
}
_HOLDS = ""
"""Nothing is to be done."""

_ACTIONS: Final[Mapping[Kind, Mapping[tuple[type[Answer], str], str]]] = {
    "charge": {
        (Pending, "pending"): "process",
        (Pending, "processing"): _HOLDS,
        (Pending, "captured"): _HOLDS,
        (Pending, "failed"): _HOLDS,
        (Settled, "pending"): "capture",
        (Settled, "processing"): "capture",
        (Settled, "failed"): "capture",
        (Settled, "captured"): _HOLDS,
        (Failed, "pending"): "fail",
        (Failed, "processing"): "fail",
        (Failed, "failed"): _HOLDS,
    },
    "return": {
        (Pending, "requested"): "process",
        (Pending, "processing"): _HOLDS,
        (Pending, "succeeded"): _HOLDS,
        (Pending, "failed"): _HOLDS,
        (Settled, "requested"): "succeed",
        (Settled, "processing"): "succeed",
        (Settled, "succeeded"): _HOLDS,
        (Failed, "requested"): "fail",
        (Failed, "processing"): "fail",
        (Failed, "failed"): _HOLDS,
    },
    "payout": {
        (Pending, "processing"): _HOLDS,
        (Pending, "paid"): _HOLDS,
        (Pending, "failed"): _HOLDS,
        (Pending, "returned"): _HOLDS,
        (Settled, "processing"): "pay",
        (Settled, "paid"): _HOLDS,
        (Settled, "returned"): _HOLDS,
        (Settled, "failed"): "pay_after_all",
        (Failed, "processing"): "fail",
        (Failed, "failed"): _HOLDS,
        # What came back was paid before, whether that was told or not.
        (Returned, "processing"): "pay",
        (Returned, "paid"): "return",
        (Returned, "failed"): _HOLDS,
        (Returned, "returned"): _HOLDS,
    },
}


class NotTakenError(Exception):
    """An answer cannot be applied yet; whoever has it keeps it."""


class Answers:
    """Applies what a provider says. Raises `RequestError` where PostgreSQL is away."""

    def __init__(self, executor: Executor, standings: Standings, provider: PaymentProvider) -> None:
        self._executor = executor
        self._standings = standings
        self._provider = provider

    async def apply(self, event: StoredEvent) -> Outcome:
        """Do what an event says. Raises `msgspec.ValidationError` for one that is none."""
        if event.provider != self._provider.name:
            return NotThereYet(f"the provider {event.provider} is not in use")
        told = self._provider.told(event.kind, event.data)
        if told is None:
            return Refused(f"nothing is done about {event.kind}")
        return await self.take(told)

    async def answered(self, told: Told) -> None:
        """Do what an answer says. Raises `NotTakenError` where that is not possible yet."""
        outcome = await self.take(told)
        if isinstance(outcome, NotThereYet):
            raise NotTakenError(outcome.reason)
        if isinstance(outcome, Refused):
            log.error("provider_answer_refused", kind=told.kind, reason=outcome.reason)

    async def take(self, told: Told) -> Outcome:
        """Do what is said, or say why not."""
        key, _, attempt = told.key.partition(":")
        try:
            row_id = UUID(key)
        except ValueError:
            return Refused("of a key that is none of ours")
        for _ in range(_READ_AGAIN):
            workflow = _ROWS[told.kind]
            standing = await self._standings.of(workflow.machine.name, row_id)
            if standing is None:
                return NotThereYet(f"no such {workflow.machine.name}")
            is_present = told.kind != "return" or attempt == str(standing.attempts)
            if (type(told.answer), standing.status) not in _ACTIONS[told.kind]:
                # The provider takes back what it said, or is early. What was booked stays booked.
                return NotThereYet(f"{type(told.answer).__name__} while it is {standing.status}")
            decided = _decided(told, standing, is_present=is_present)
            if not isinstance(decided, str):
                return decided
            if decided == _HOLDS or await self._run(workflow, decided, row_id, told.answer):
                if isinstance(told.answer, Returned) and decided == "pay":
                    continue
                if told.kind == "payout":
                    await self._end_batch(row_id)
                return Applied()
        return NotThereYet("it changes all the time")

    async def _run(self, workflow: Workflow, action: str, key: UUID, answer: Answer) -> bool:
        """Carry it out; False where the row has changed since it was read."""
        facts: dict[str, object] = {}
        if isinstance(answer, Pending):
            facts = {"provider_reference": answer.reference}
            if action == "process" and workflow is deposit.WORKFLOW:
                facts["action_url"] = answer.action_url
        body = answer
        if isinstance(answer, Returned) and action == "pay":
            body = Settled(answer.reference, answer.amount, answer.currency)
        if isinstance(answer, Failed) and workflow is deposit.WORKFLOW:
            facts = {"error_message": answer.reason, "action_url": None}
        ask = Ask(workflow, action, key, body=body, facts=facts)
        if isinstance(answer, Settled) and action == "capture":
            return await self._capture(ask, answer)
        if not await self._done(ask):
            return False
        if action == "pay_after_all":
            log.error("withdrawal_paid_after_it_had_failed", withdrawal_id=str(key))
        return True

    async def _done(self, ask: Ask) -> bool:
        try:
            await self._executor.run(ask)
        except RequestError as error:
            if error.code is ErrorCode.CONFLICT:
                return False
            raise
        return True

    async def _capture(self, ask: Ask, told: Settled) -> bool:
        """Book what was charged, also where what it is for, or what it cost, stands in the way."""
        failed: Exception | None = None
        alone = deposit.Unserved(told)
        for body in (told, alone, deposit.Unserved(msgspec.structs.replace(told, cost=NONE))):
            try:
                await self._executor.run(replace(ask, body=body))
            except Exception as error:  # whatever stands in the way, the charge was made
                if isinstance(error, RequestError) and error.code is ErrorCode.UNAVAILABLE:
                    raise
                failed = error
                continue
            if failed is not None:
                reason = f"{type(failed).__name__}: {failed}"
                about = {"deposit_id": str(ask.key), "cost": str(told.cost)}
                log.error("deposit_served_nothing", **about, reason=reason)
            return True
        if isinstance(failed, RequestError) and failed.code is ErrorCode.CONFLICT:
            return False  # another process was first
        assert failed is not None
        raise failed

    async def _end_batch(self, key: UUID) -> None:
        """End the batch of a withdrawal once nothing of it is under way."""
        found = await self._standings.batch_of(key)
        action = None if found is None else payout_batch.ending_of(found[1])
        if found is not None and action is not None:
            await self._run(payout_batch.WORKFLOW, action, found[0], NotKnown())


def _decided(told: Told, standing: Standing, *, is_present: bool) -> str | Outcome:
    """The action that an answer asks for, or what becomes of it without one."""
    answer = told.answer
    wrong = _wrong(answer, standing)
    if wrong:
        return NotThereYet(wrong)
    if not is_present:
        is_money = isinstance(answer, Settled)
        return NotThereYet("an earlier try has gone through") if is_money else Applied()
    action = _ACTIONS[told.kind][type(answer), standing.status]
    if action == "fail" and told.kind == "return" and standing.attempts < TRIES:
        return "postpone"
    return action


def _wrong(answer: Answer, standing: Standing) -> str | None:
    """Why an answer cannot be true of what it is about, as far as is known by now."""
    if isinstance(answer, Settled | Returned):
        if answer.currency not in EXPONENTS:
            return f"{answer.currency} is not dealt in"
        if not is_whole(answer.amount, answer.currency):
            return f"the amount {too_fine(answer.currency)}"
        if standing.amount is not None and standing[2:] != (answer.amount, answer.currency):
            return "another amount than was asked for"
    return None
