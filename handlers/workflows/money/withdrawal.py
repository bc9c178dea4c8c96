"""A withdrawal of what somebody has earned, to a payout method of theirs.

Requested, approved, paid out in a batch. Until it is in a batch it can be cancelled; after that
only the provider says what becomes of it.
"""

from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from handlers.workflows.bodies import Amount, positive
from handlers.workflows.money.requests import (
    MONEY_MISSING,
    SENT_BEFORE,
    first_time,
    missing_told,
    taken_currency,
)
from handlers.workflows.money.words import (
    NO_CHARGEBACK,
    NO_DEBT,
    NOT_OWN,
    OWNER_OWES_NOTHING,
)
from handlers.workflows.words import ACTIVE, CONFLICT, OWNER, SYSTEM, S, T, users_in
from protocol.errors import RequestError
from protocol.machine import Due, Machine, transition
from protocol.money.currency import shown
from storage.ledger.accounts import earned, for_withdrawal
from storage.ledger.postings import withdrawals
from storage.payments.provider import Failed, Returned, Settled
from storage.workflows.execution.judging import from_then_on
from storage.workflows.moves import retime
from storage.workflows.rows import Row
from storage.workflows.work import Work
from storage.workflows.workflow import Creation, Guard, Roots, Workflow

WITHDRAWAL = Machine("withdrawal", "withdrawals", {OWNER: "user_id"}, (
    transition("request", "", "requested", OWNER, moves_money=True,
               guards="active_account verified credentials_settled no_debt no_chargeback"),
    transition("approve", "requested", "approved", S, SYSTEM,
               guards="not_own has_method owner_owes_nothing"),
    transition("cancel", "requested approved", "cancelled", OWNER, S, T, guards="in_no_batch",
               moves_money=True),
    # Into a batch and, where that is given up, out of it.
    transition("gather", "approved", "=", SYSTEM),
    transition("let_go", "approved", "=", SYSTEM),
    transition("process", "approved", "processing", SYSTEM),
    transition("pay", "processing", "paid", SYSTEM, stamps="paid_at", moves_money=True),
    transition("fail", "processing", "failed", SYSTEM, moves_money=True),
    # The provider had said that it failed, and the money was given back.
    transition("pay_after_all", "failed", "paid", SYSTEM, stamps="paid_at", moves_money=True),
    transition("return", "paid", "returned", SYSTEM, moves_money=True),
), dues=dict.fromkeys(("requested", "approved"), (
    Due("cancel", "withdrawal_days", since=("created_at",), lacking="payout_batch_id"),
)))  # fmt: skip


class RequestWithdrawal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much of what one has earned, and where to."""

    amount: Amount
    currency: str
    payout_method_id: UUID


async def _make(work: Work, user: Row, body: RequestWithdrawal) -> dict[str, Any]:
    amount = positive("amount", body.amount, taken_currency(body.currency))
    found = await work.ask("money", "payout_method", body.payout_method_id, user.id)
    if not found:
        raise RequestError.invalid("payout_method_id", "names no payout method of yours")
    usable_at = found[0]["usable_at"]
    if work.now < usable_at:
        reason, details = from_then_on("the payout method is too new yet", usable_at)
        raise RequestError.invalid("payout_method_id", reason, **details)
    return {
        "user_id": user.id,
        "payout_method_id": body.payout_method_id,
        "payout_batch_id": None,
        "amount": amount,
        "currency": body.currency,
        "request_key": await first_time(work, "withdrawal", user_id=user.id),
        "updated_at": work.now,
    }


async def _opened(work: Work, row: Row) -> withdrawals.Withdrawal:
    """The withdrawal as it is booked, its accounts open."""
    await work.ledger.open(for_withdrawal(row["user_id"], row["currency"]))
    return withdrawals.Withdrawal(row.id, row["user_id"], row["amount"], row["currency"])


async def _request(work: Work, row: Row, _body: object) -> None:
    asked = await _opened(work, row)
    with missing_told():
        withdrawals.withdrawal_requested(work.ledger, asked)
    bounds = (await work.ask("money", "withdrawal_amounts", row["currency"]))[0]
    _not_too_little(work, row, bounds["least"])
    if row["amount"] <= bounds["automatic"]:
        await work.transition("withdrawal", "approve", row)


def _not_too_little(work: Work, row: Row, least: Decimal) -> None:
    """Raise `RequestError` for less than the platform pays out, unless it is all that is earned."""
    currency = row["currency"]
    if row["amount"] < least and work.ledger.balance(earned(row["user_id"], currency)) > 0:
        told = f"{shown(least, currency)} {currency}"
        reason = f"must be at least {told}, or all that you have earned"
        raise RequestError.invalid("amount", reason)


async def _cancel(work: Work, row: Row, _body: object) -> None:
    withdrawals.withdrawal_given_back(work.ledger, await _opened(work, row), "cancelled")


async def _retime(work: Work, row: Row, _body: object) -> None:
    retime(work, "withdrawal", row)


async def _pay(work: Work, row: Row, told: Settled) -> None:
    work.set(row, provider_reference=told.reference, error_message=None)
    withdrawals.withdrawal_paid(work.ledger, await _opened(work, row))


async def _pay_after_all(work: Work, row: Row, told: Settled) -> None:
    work.set(row, provider_reference=told.reference, error_message=None)
    withdrawals.withdrawal_paid_after_all(work.ledger, await _opened(work, row))


async def _fail(work: Work, row: Row, told: Failed) -> None:
    work.set(row, error_message=told.reason)
    withdrawals.withdrawal_given_back(work.ledger, await _opened(work, row), "failed")


async def _return(work: Work, row: Row, told: Returned) -> None:
    work.set(row, error_message=told.reason or None)
    withdrawals.withdrawal_returned(work.ledger, await _opened(work, row))


_SETTLED_AT = (
    "(SELECT s.password_changed_at + setting_length('credentials_hours')"
    " FROM user_secrets s WHERE s.user_id = r.id)"
)

WORKFLOW = Workflow(
    WITHDRAWAL,
    resource="withdrawals",
    roots=Roots(users="ARRAY[r.user_id]"),
    audience=users_in("user_id"),
    guards={
        "active_account": ACTIVE,
        "verified": Guard(
            "EXISTS (SELECT FROM user_private p WHERE p.user_id = r.id"
            " AND p.email_verified_at IS NOT NULL)",
            "your e-mail address is not verified",
            code=CONFLICT,
        ),
        "credentials_settled": Guard(
            f"coalesce({{now}} >= {_SETTLED_AT}, true)",
            "your password was changed too short a time ago",
            code=CONFLICT,
            since=_SETTLED_AT,
        ),
        "no_debt": NO_DEBT,
        "no_chargeback": NO_CHARGEBACK,
        "not_own": NOT_OWN,
        "owner_owes_nothing": OWNER_OWES_NOTHING,
        "has_method": Guard(
            "r.payout_method_id IS NOT NULL", "its payout method is gone", code=CONFLICT
        ),
        "in_no_batch": Guard("r.payout_batch_id IS NULL", "it is being paid out", code=CONFLICT),
    },
    effects={
        "request": _request,
        "cancel": _cancel,
        "gather": _retime,
        "let_go": _retime,
        "pay": _pay,
        "pay_after_all": _pay_after_all,
        "fail": _fail,
        "return": _return,
    },
    bodies={"request": RequestWithdrawal},
    creation=Creation(),
    makers={"request": _make},
    conflicts={"request": (SENT_BEFORE, MONEY_MISSING)},
)
