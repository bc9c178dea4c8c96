"""Paying for a milestone or an order: from the wallet at once, or by a provider, who tells later.

What a provider captures goes where it was meant to go only if that still waits for it, and the
amount and currency are those that were asked for. Otherwise it is the client's, in the wallet.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from handlers.workflows.contracts.belonging import WORKING, contract_of
from handlers.workflows.fees import processing_fee
from handlers.workflows.money.requests import MONEY_MISSING, SENT_BEFORE, first_time
from handlers.workflows.money.words import NO_DEBT
from handlers.workflows.words import CONFLICT, NO_FEE_FOR_IT
from protocol.errors import RequestError
from protocol.money.currency import NONE, WHOLE_DIGITS, shown
from storage.workflows.rows import Row
from storage.workflows.work import Work
from storage.workflows.workflow import Answered, Guard, Told

_ACCEPTED = 202

CONFLICTS = (MONEY_MISSING, NO_FEE_FOR_IT, SENT_BEFORE)
"""What refuses a payment with 409, besides guards."""


def none_under_way(is_for: str) -> Guard:
    """That no payment for the row is under way; `is_for` says of a deposit `d` that it is for it.

    Nobody pays twice for the same because they could not wait. A payment that waits for its payer
    is under way too: declined where they were sent to, it has failed.
    """
    return Guard(
        f"NOT EXISTS (SELECT FROM deposits d WHERE {is_for}"
        " AND d.status IN ('pending', 'processing'))",
        "a payment for it is under way: it has to come, or to fail or be declined, first",
        code=CONFLICT,
        reason="payment_under_way",
    )


class Pay(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How one pays: `wallet` is true, or a payment method is named."""

    wallet: bool = False
    payment_method_id: UUID | None = None

    def by_wallet(self) -> bool:
        """Whether from the wallet; raises `RequestError` for both, and for neither."""
        names_method = self.payment_method_id is not None
        if self.wallet is names_method:
            how = "name a payment method, or send `wallet` as true"
            reason = f"{how}, not both" if names_method else how
            raise RequestError.invalid("payment_method_id", reason)
        return self.wallet


def _by_wallet(body: object) -> bool:
    return isinstance(body, Pay) and body.wallet


WALLET_OWES_NOTHING = NO_DEBT._replace(of=_by_wallet, hides=False)
"""That who pays from the wallet owes nothing; a payment method may be charged all the same."""


class BegunPayment(msgspec.Struct, frozen=True):
    """A payment that a provider was asked for: the id of its deposit, which tells how it goes on,
    and where its payer has to agree, once that is known.
    """

    id: UUID
    status: str
    action_url: str | None


class PaymentBegun(msgspec.Struct, frozen=True):
    """What is to be paid is paid once the provider has said so."""

    payment: BegunPayment


def answers(resource: str) -> tuple[Answered, ...]:
    """How paying for a row of a resource is answered: with the row, or with a payment."""
    return Answered(resource), Answered(status=_ACCEPTED, shape=PaymentBegun)


class Payment(NamedTuple):
    """What is to be charged, and what for."""

    user_id: UUID
    amount: Decimal
    currency: str
    contract_id: UUID | None = None
    milestone_id: UUID | None = None


async def pay_milestone(work: Work, milestone: Row, body: Pay) -> Told | None:
    """Fund a milestone: at once from the wallet, or once a provider has captured the payment."""
    if body.by_wallet():
        await work.transition("milestone", "hold", milestone)
        return None
    contract = await contract_of(work, milestone)
    payment = Payment(
        contract["client_id"],
        milestone["amount"],
        contract["currency"],
        contract.id,
        milestone.id,
    )
    return await pay_by_method(work, payment, body.payment_method_id)


async def pay_order(work: Work, contract: Row, body: Pay) -> Told | None:
    """Pay an order: its work begins at once, or once a provider has captured the payment."""
    if body.by_wallet():
        await start(work, contract)
        return None
    payment = Payment(
        contract["client_id"],
        sum((m["amount"] for m in await _unpaid(work, contract)), NONE),
        contract["currency"],
        contract.id,
    )
    return await pay_by_method(work, payment, body.payment_method_id)


async def start(work: Work, contract: Row, *, deposit: UUID | None = None) -> None:
    """Begin an order, and hold all that it costs: of this deposit first.

    Raises `RequestError` (`conflict`) with what is missing in the wallet.
    """
    milestones = await _unpaid(work, contract)
    await work.transition("contract", "start", contract)
    for milestone in milestones:
        await work.transition("milestone", "hold", milestone, deposit)


async def pay_by_method(work: Work, payment: Payment, method_id: UUID | None) -> Told:
    """Begin a deposit for it; the answer tells how it stands.

    Raises `RequestError` for a method that is not the client's.
    """
    values = await deposit_of(work, payment, method_id)
    row = await work.begin("deposit", "begin", **values)
    told = PaymentBegun(BegunPayment(row.id, row.status, None))
    return Told(_ACCEPTED, msgspec.to_builtins(told), f"/v1/deposits/{row.id}")


async def deposit_of(work: Work, payment: Payment, method_id: UUID | None) -> dict[str, Any]:
    """The columns of a deposit, with the processing fee that its payer is charged besides.

    Raises `RequestError`.
    """
    method = await method_of(work, payment.user_id, method_id)
    if payment.contract_id is None:
        await _not_too_much(work, payment)
    about = payment.milestone_id or payment.contract_id or "wallet"
    fee = await processing_fee(work, payment.amount, payment.currency)
    if payment.amount + fee >= 10**WHOLE_DIGITS:
        raise RequestError.invalid("payment_method_id", "with its fee it is too much to be charged")
    return {
        "user_id": payment.user_id,
        "contract_id": payment.contract_id,
        "milestone_id": payment.milestone_id,
        "payment_method_id": method.id,
        "provider": method["provider"],
        "provider_reference": None,
        "method": method["type"],
        "amount": payment.amount,
        "processing_fee": fee,
        "currency": payment.currency,
        "returned": NONE,
        "is_unmatched": False,
        "request_key": await first_time(work, "deposit", about=about, user_id=payment.user_id),
        "updated_at": work.now,
    }


async def _not_too_much(work: Work, payment: Payment) -> None:
    """Raise `RequestError` for a top-up of more than the platform takes at once."""
    most = (await work.ask("money", "deposit_amounts", payment.currency))[0]["largest"]
    if payment.amount > most:
        told = f"{shown(most, payment.currency)} {payment.currency}"
        raise RequestError.invalid("amount", f"must be at most {told} at once")


async def method_of(work: Work, user_id: UUID, method_id: UUID | None) -> Row:
    """A payment method of a user. Raises `RequestError` where there is none."""
    found = await work.of("payment_methods", id=method_id, user_id=user_id)
    if not found:
        raise RequestError.invalid("payment_method_id", "names no payment method of yours")
    return found[0]


async def waiting_for(work: Work, deposit: Row) -> Sequence[Row]:
    """The milestones that a deposit is for, if they still wait for just its amount."""
    if deposit["contract_id"] is None:
        return ()
    contract = await contract_of(work, deposit)
    found: Sequence[Row]
    if deposit["milestone_id"] is not None:
        milestone = await work.one("milestones", deposit["milestone_id"])
        is_open = contract.status in WORKING and milestone.status == "pending"
        found = [milestone] if is_open else ()
    else:
        is_open = contract.status == "pending_payment"
        found = await _unpaid(work, contract) if is_open else ()
    is_all = sum((m["amount"] for m in found), NONE) == deposit["amount"]
    return found if is_all and contract["currency"] == deposit["currency"] else ()


async def _unpaid(work: Work, contract: Row) -> list[Row]:
    milestones = await work.of("milestones", contract_id=contract.id)
    return [m for m in milestones if m.status == "pending"]
