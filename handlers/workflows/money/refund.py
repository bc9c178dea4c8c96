"""A refund of released money: requested → approved → succeeded at once, or rejected.

Who was paid agrees to it, of cleared money within what they have earned and for some days only;
beyond that staff decides, and only then a debt may arise. A split makes refunds by itself.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from handlers.workflows.bodies import Amount, Words, positive, readable
from handlers.workflows.contracts.belonging import ROOTS, room
from handlers.workflows.money.refunding import give_back, stop_withdrawals
from handlers.workflows.money.requests import MONEY_MISSING, missing_told
from handlers.workflows.money.words import TIPS_STAND
from handlers.workflows.repeating import not_repeated
from handlers.workflows.trust.words import IMPARTIAL
from handlers.workflows.words import ACTIVE, CHARGED_BACK, CONFLICT, OWNER, SYSTEM, C, F, S, T
from protocol.errors import RequestError
from protocol.machine import Due, Machine, transition
from protocol.money.currency import shown
from storage.workflows.moves import note
from storage.workflows.rows import Row
from storage.workflows.work import Work
from storage.workflows.workflow import Creation, Guard, Workflow

REFUND = Machine("refund", "refunds", {OWNER: "requested_by"}, (
    transition("request", "", "requested", C,
               guards="active_account refundable none_asked not_charged_back not_repeated",
               events="refund.requested"),
    # What the release's user may decide is less than what staff may.
    transition("approve", "requested", "approved", F, stamps="answered_at", moves_money=True,
               guards="not_frozen not_disputed_by_bank fits soon_enough earned_enough tips_stand"),
    transition("approve", "requested", "approved", S, stamps="answered_at", moves_money=True,
               guards="not_frozen not_disputed_by_bank fits"),
    transition("reject", "requested", "rejected", F, S, T, SYSTEM, stamps="answered_at",
               events="refund.rejected"),
    transition("withdraw", "requested", "withdrawn", OWNER, stamps="answered_at"),
    transition("succeed", "approved", "succeeded", SYSTEM, events="refund.succeeded"),
    # A split gives back its part of a release.
    transition("share", "", "succeeded", SYSTEM, stamps="answered_at",
               events="refund.succeeded"),
), dues={
    "requested": (Due("reject", "refund_answer_days", since=("created_at",)),),
})  # fmt: skip

_RELEASE = "(SELECT {} FROM releases l WHERE l.id = r.release_id)"
_NET = (
    "r.amount - proportion_of(l.fee, l.refunded + r.amount, l.gross, l.currency)"
    " + proportion_of(l.fee, l.refunded, l.gross, l.currency)"
)
_EARNED = (
    "(SELECT coalesce(sum(a.balance), 0) FROM ledger_accounts a WHERE a.kind = 'wallet_earned'"
    " AND a.user_id = l.user_id AND a.currency = l.currency)"
)
_BANK = (
    "NOT EXISTS (SELECT FROM release_lots l JOIN chargebacks b ON b.deposit_id = l.deposit_id"
    " WHERE l.release_id = {} AND b.status = 'opened')"
)


_TIPS_STAND = (
    f"{_RELEASE.format('l.kind')} = 'tip' OR r.amount <= (SELECT sum("
    " CASE t.kind WHEN 'tip' THEN t.refunded - t.gross ELSE t.gross - t.refunded END)"
    " FROM releases t WHERE t.contract_id = r.contract_id)"
)


class RefundRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much of a release is asked back, and why."""

    release_id: UUID
    amount: Amount
    reason: Words


class RefundRejection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why nothing is given back, for both parties to read."""

    reason: Words | None = None


async def _reject(work: Work, row: Row, body: RefundRejection | None) -> None:
    if body is not None and body.reason is not None:
        readable(reason=body.reason)
        note(work, row, body.reason)


async def _make(work: Work, release: Row, body: RefundRequest) -> dict[str, Any]:
    readable(reason=body.reason)
    amount = positive("amount", body.amount, release["currency"])
    left: Decimal = release["gross"] - release["refunded"]
    if amount > left:
        most = shown(left, release["currency"])
        raise RequestError.invalid("amount", f"no more than {most} of it is left")
    return {
        "contract_id": release["contract_id"],
        "release_id": release.id,
        "requested_by": release["client_id"],
        "amount": amount,
        "currency": release["currency"],
        "reason": body.reason,
        "updated_at": work.now,
    }


async def _approve(work: Work, row: Row, _body: object) -> None:
    release = await work.one("releases", row["release_id"])
    if work.party is S and release.status == "cleared":
        await stop_withdrawals(work, release, row["amount"])
    # What was earned is spent under other locks: less may be left than when it was judged.
    with missing_told():
        await give_back(work, release, row, beyond_earned=work.party is S)
    await work.transition("refund", "succeed", row)


async def _audience(work: Work, row: Row) -> Iterable[UUID | None]:
    release = await work.one("releases", row["release_id"])
    return release["client_id"], release["user_id"], release["freelancer_id"]


WORKFLOW = Workflow(
    REFUND,
    resource="refunds",
    # What was cleared is taken from what its user has, withdrawals that wait among it.
    roots=ROOTS._replace(users=f"ARRAY[{_RELEASE.format('l.user_id')}]"),
    audience=_audience,
    facts={F: _RELEASE.format("l.user_id = {me}"), **IMPARTIAL},
    guards={
        "not_repeated": not_repeated(
            "SELECT x.created_at AS at FROM refunds x WHERE x.release_id = r.id"
            " AND x.status IN ('rejected', 'withdrawn')"
        ),
        "active_account": ACTIVE,
        "refundable": Guard(
            "r.status IN ('pending', 'cleared') AND r.gross > r.refunded",
            "nothing of it can be given back now",
            code=CONFLICT,
        ),
        "none_asked": Guard(
            "NOT EXISTS (SELECT FROM refunds a WHERE a.release_id = r.id"
            " AND a.status = 'requested')",
            "a refund of it is asked for already",
            code=CONFLICT,
        ),
        "not_charged_back": Guard(_BANK.format("r.id"), CHARGED_BACK, code=CONFLICT),
        "not_frozen": Guard(
            _RELEASE.format("l.status IN ('pending', 'cleared')"),
            "its release is frozen",
            code=CONFLICT,
        ),
        "not_disputed_by_bank": Guard(_BANK.format("r.release_id"), CHARGED_BACK, code=CONFLICT),
        "fits": Guard(
            _RELEASE.format("r.amount <= l.gross - l.refunded"),
            "less than it is left of its release",
            code=CONFLICT,
        ),
        "tips_stand": Guard(
            _TIPS_STAND,
            TIPS_STAND,
            code=CONFLICT,
        ),
        "soon_enough": Guard(
            _RELEASE.format(
                "l.status = 'pending'"
                " OR {now} <= l.cleared_at + setting_length('refund_cleared_days')"
            ),
            "the release has cleared too long ago: staff decides",
        ),
        "earned_enough": Guard(
            _RELEASE.format(f"l.status = 'pending' OR {_NET} <= {_EARNED}"),
            "less than it is left of what was earned: staff decides",
        ),
    },
    effects={"approve": _approve, "reject": _reject},
    bodies={"request": RefundRequest, "reject": RefundRejection},
    creation=Creation("release", "release_id"),
    makers={"request": _make},
    conflicts={"approve": (MONEY_MISSING,)},
    room=room("amount", "currency"),
    says={"reject": ("amount", "currency", "note")},
)
