"""A deposit: what a provider is to charge, and what it has captured.

1. It begins with a row of the outbox: no execution calls a provider.
2. Only what a provider says by its answer or event captures it. The same capture told twice is one.
3. What was captured for an order or milestone goes there if it still waits; else to the wallet. A
   plain top-up pays debt first. Where what it was meant for fails by itself, it goes to the wallet
   too: what was charged is always booked.
4. What is left of it in the wallet goes back to where it came from when its payer asks for that.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from handlers.workflows.bodies import Amount, positive
from handlers.workflows.contracts.belonging import ROOTS, contract_of
from handlers.workflows.money import paying
from handlers.workflows.money.paying import Payment
from handlers.workflows.money.requests import SENT_BEFORE, first_time, taken_currency
from handlers.workflows.money.words import NO_CHARGEBACK, NO_DEBT
from handlers.workflows.words import ACTIVE, CONFLICT, NO_FEE_FOR_IT, OWNER, SYSTEM, users_in
from protocol.errors import RequestError
from protocol.machine import Machine, transition
from protocol.money.currency import NONE, exponent, proportion, rounded, shown
from storage.database.write_steps import enqueue
from storage.ledger.accounts import (
    Kind,
    Lot,
    for_contract,
    for_deposit,
    for_return,
    funded,
    platform,
)
from storage.ledger.postings.deposits import Deposit, deposit
from storage.ledger.postings.platform import cost
from storage.payments.provider import Settled
from storage.workflows.rows import Row
from storage.workflows.work import Work
from storage.workflows.workflow import Answered, Conflict, Creation, Guard, Roots, Shown, Workflow

DEPOSIT = Machine("deposit", "deposits", {OWNER: "user_id"}, (
    transition("begin", "", "pending", OWNER, guards="active_account", moves_money=True),
    transition("process", "pending", "processing", SYSTEM),
    # Money that a provider has captured is booked, also when it had said that it failed.
    transition("capture", "pending processing failed", "captured", SYSTEM, stamps="captured_at",
               moves_money=True),
    transition("fail", "pending processing", "failed", SYSTEM, stamps="failed_at"),
    transition("return", "captured", "=", OWNER, guards="active_account no_debt no_chargeback left",
               moves_money=True),
))  # fmt: skip


class TopUp(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much is put into one's wallet, and by which payment method."""

    amount: Amount
    currency: str
    payment_method_id: UUID


class Return(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much goes back to where it came from; all that is left without an amount."""

    amount: Amount | None = None


async def _make(work: Work, user: Row, body: TopUp) -> dict[str, Any]:
    amount = positive("amount", body.amount, taken_currency(body.currency))
    return await paying.deposit_of(
        work, Payment(user.id, amount, body.currency), body.payment_method_id
    )


async def _begin(work: Work, row: Row, _body: object) -> None:
    method = await paying.method_of(work, row["user_id"], row["payment_method_id"])
    charge = {
        "provider": row["provider"],
        "key": row.id,
        "token": method["provider_token"],
        "amount": row["amount"],
        "fee": row["processing_fee"],
        "currency": row["currency"],
    }
    work.do(enqueue("payments", "charge", **charge))


class Unserved(msgspec.Struct, frozen=True):
    """A capture whose money is only booked: what it was meant for has failed."""

    told: Settled


async def _capture(work: Work, row: Row, body: Settled | Unserved) -> None:
    told = body.told if isinstance(body, Unserved) else body
    exponent(told.currency)  # a currency that is not dealt in is for somebody to look at
    user, currency = row["user_id"], told.currency
    is_as_asked = told.amount == row["amount"] + row["processing_fee"]
    if not is_as_asked or currency != row["currency"]:
        # It serves nothing: all of it is the payer's, and goes back whole.
        work.set(row, amount=told.amount, processing_fee=NONE, currency=currency)
        waiting: Sequence[Row] = ()
        is_unmatched = True
    elif isinstance(body, Unserved):
        waiting, is_unmatched = (), True
    else:
        waiting = await paying.waiting_for(work, row)
        is_unmatched = row["contract_id"] is not None and not waiting
    work.set(row, provider_reference=told.reference, action_url=None, is_unmatched=is_unmatched)
    accounts = [*for_deposit(user, currency), platform(Kind.COST, currency)]
    if waiting:
        accounts += for_contract(row["contract_id"], user, currency)
    await work.ledger.open(accounts)
    deposit(work.ledger, _deposit_of(row), pays_debt=row["contract_id"] is None)
    kept = rounded(told.cost, currency)  # providers reckon in parts of a unit
    if kept > 0:
        cost(work.ledger, row["provider"], told.reference, kept, currency)
    if waiting:
        await _served(work, row, waiting[0])


async def _served(work: Work, row: Row, milestone: Row) -> None:
    """What was paid for begins; the contract's conversation tells of it."""
    if row["milestone_id"] is not None:
        await work.transition("milestone", "hold", milestone, row.id)
        await work.say_of("milestone", "hold", milestone)
        return
    contract = await contract_of(work, row)
    await paying.start(work, contract, deposit=row.id)
    await work.say_of("contract", "start", contract)


async def _fail(work: Work, row: Row, _told: object) -> None:
    """Whoever waits for what was to be paid hears of it, in the contract's conversation."""
    if row["contract_id"] is None:
        return
    what = await (
        work.one("milestones", row["milestone_id"])
        if row["milestone_id"] is not None
        else contract_of(work, row)
    )
    await work.say_of("deposit", "fail", what, amount=row["amount"], currency=row["currency"])


def _deposit_of(row: Row) -> Deposit:
    return Deposit(
        row.id,
        row["user_id"],
        row["provider"],
        row["provider_reference"],
        row["amount"],
        row["processing_fee"],
        row["currency"],
        row["contract_id"],
        row["milestone_id"],
    )


_SPENT = Conflict("what was left of it was spent meanwhile")


async def _return(work: Work, row: Row, body: Return) -> Shown:
    user, currency = row["user_id"], row["currency"]
    await work.ledger.open(for_return(user, currency))
    left = work.ledger.lots(funded(user, currency)).get(Lot(row.id), NONE)
    amount = left if body.amount is None else positive("amount", body.amount, currency)
    if not left:
        raise _SPENT.error()
    if amount > left:
        raise RequestError.invalid("amount", f"no more than {shown(left, currency)} of it is left")
    made = await work.begin(
        "deposit_return",
        "request",
        deposit_id=row.id,
        user_id=user,
        amount=amount,
        processing_fee=await _fee_back(work, row, amount),
        currency=currency,
        attempts=1,
        tried_at=None,
        request_key=await first_time(work, "deposit_return", user_id=user),
        updated_at=work.now,
    )
    return Shown("deposit-returns", made, 201)


async def _fee_back(work: Work, row: Row, amount: Decimal) -> Decimal:
    """The part of the processing fee that goes back: none where the money has served."""
    found = await work.ask("money", "never_served", row.id)
    if not found[0]["never"]:
        return NONE
    returns = await work.of("deposit_returns", deposit_id=row.id)
    before = sum((r["amount"] for r in returns if r.status != "failed"), NONE)
    fee, whole, currency = row["processing_fee"], row["amount"], row["currency"]
    after = proportion(fee, before + amount, whole, currency)
    return after - proportion(fee, before, whole, currency)


WORKFLOW = Workflow(
    DEPOSIT,
    resource="deposits",
    roots=Roots(
        users="ARRAY[r.user_id]",
        jobs=ROOTS.jobs,
        contracts="array_remove(ARRAY[r.contract_id], NULL)",
        deposits="ARRAY[r.id]",
    ),
    audience=users_in("user_id"),
    guards={
        "active_account": ACTIVE,
        "no_debt": NO_DEBT,
        "no_chargeback": NO_CHARGEBACK,
        "left": Guard(
            "EXISTS (SELECT FROM ledger_lots l JOIN ledger_accounts a ON a.id = l.account_id"
            " WHERE l.deposit_id = r.id AND a.kind = 'wallet_funded')",
            "nothing of it is left in the wallet",
            code=CONFLICT,
        ),
    },
    effects={"begin": _begin, "capture": _capture, "fail": _fail, "return": _return},
    bodies={"begin": TopUp, "return": Return},
    creation=Creation(),
    answers={"return": (Answered("deposit-returns", 201),)},
    makers={"begin": _make},
    says={"fail": ("title", "amount", "currency")},
    conflicts={"begin": (NO_FEE_FOR_IT, SENT_BEFORE), "return": (SENT_BEFORE, _SPENT)},
)
