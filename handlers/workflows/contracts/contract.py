"""A contract: offered or ordered, worked on, over.

While it is worked on, its status follows from its milestones (`computed.py`); `disputed` covers
that until the dispute ends.
"""

import msgspec

from handlers.workflows.bodies import Words, readable
from handlers.workflows.contracts import before_work
from handlers.workflows.contracts.belonging import (
    CONTRACT_ROOTS,
    IS_NOT_CHARGED_BACK,
    WORKING,
    people,
    room,
)
from handlers.workflows.contracts.computed import computed
from handlers.workflows.contracts.splitting import CHANGED, SplitParts, apply_split, asked_split
from handlers.workflows.money import paying, tip
from handlers.workflows.money.requests import MONEY_MISSING, SENT_BEFORE
from handlers.workflows.words import (
    ACTIVE,
    CONFLICT,
    NOT_ONES_OWN,
    PARTIES,
    PARTIES_FREE,
    SYSTEM,
    C,
    F,
    S,
    T,
)
from protocol.machine import Due, Machine, transition
from storage.workflows.moves import note
from storage.workflows.rows import Row
from storage.workflows.work import Work
from storage.workflows.workflow import Answered, Guard, Workflow

_WORKING = " ".join(WORKING)
_GOING = f"{_WORKING} disputed"

CONTRACT = Machine("contract", "contracts", PARTIES, (
    transition("order", "", "pending_payment", SYSTEM),
    transition("offer", "", "pending_acceptance", SYSTEM),
    # From the wallet at once; a payment that is made for it is captured later.
    transition("pay", "pending_payment", "=", C, moves_money=True,
               guards="active_account no_chargeback none_under_way owes_nothing"),
    transition("start", "pending_payment", "active", SYSTEM, stamps="started_at",
               events="contract.started"),
    transition("accept", "pending_acceptance", "active", F, stamps="accepted_at started_at",
               guards="active_account parties_free", events="contract.started"),
    transition("decline", "pending_acceptance", "cancelled", F, stamps="cancelled_at"),
    transition("cancel", "pending_payment pending_acceptance", "cancelled", C, T,
               stamps="cancelled_at"),
    # What its milestones make of it, in every transaction that changes one, and at a dispute's end.
    transition("review", "active revision_requested disputed", "in_review", SYSTEM,
               stamps="submitted_at"),
    transition("revise", "active in_review disputed", "revision_requested", SYSTEM),
    transition("continue", "in_review revision_requested disputed", "active", SYSTEM),
    transition("complete", _GOING, "completed", SYSTEM, stamps="completed_at"),
    transition("refund", _GOING, "refunded", SYSTEM, stamps="cancelled_at"),
    transition("lapse", _GOING, "cancelled", SYSTEM, stamps="cancelled_at"),
    transition("restore", "disputed", "completed", SYSTEM),
    # Both agreed on a split, or staff decided on one.
    transition("agree", _WORKING, "cancelled", SYSTEM, stamps="cancelled_at"),
    transition("end", _WORKING, "=", C, F, T, guards="nothing_held has_pending idle"),
    transition("terminate", _WORKING, "terminated", S, guards="not_party not_charged_back",
               stamps="cancelled_at", moves_money=True),
    transition("tip", "completed", "=", C, moves_money=True, events="contract.tipped",
               guards="active_account within_tip_days tips_left wallet_holds_some no_debt"
                      " no_chargeback"),
    transition("dispute", f"{_WORKING} completed", "disputed", SYSTEM),
), dues={
    "pending_payment": (Due("cancel", "gig_payment_minutes"),),
    "pending_acceptance": (Due("cancel", "contract_acceptance_days"),),
    **dict.fromkeys(WORKING, (
        Due("end", "contract_idle_end_days", since=("idle_since",), given="idle_since"),
    )),
})  # fmt: skip


class Terminate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How staff divides what is there, and why the contract ends, for both parties to read."""

    split: SplitParts
    reason: Words


async def _end(work: Work, row: Row, _body: object) -> None:
    for milestone in await work.of("milestones", contract_id=row.id, status="pending"):
        await work.transition("milestone", "cancel", milestone)
    await computed(work, row)


async def _terminate(work: Work, row: Row, body: Terminate) -> None:
    readable(reason=body.reason)
    note(work, row, body.reason)
    items = await asked_split(work, row, body.split)
    await apply_split(work, row, items, unfunded_go_on=False, ending="terminate")


_IDLE_LONG = "r.idle_since + setting_length('contract_idle_days')"

WORKFLOW = Workflow(
    CONTRACT,
    resource="contracts",
    roots=CONTRACT_ROOTS,
    audience=people,
    room=room("title", "status"),
    says={
        "start": ("title", "status"),
        "terminate": ("title", "status", "note"),
        "tip": ("title", "amount", "currency"),
    },
    effects={
        "pay": paying.pay_order,
        "start": before_work.start,
        "accept": before_work.accept,
        "decline": before_work.decline,
        "cancel": before_work.cancel,
        "end": _end,
        "terminate": _terminate,
        "tip": tip.tip,
    },
    answers={
        "pay": paying.answers("contracts"),
        "tip": (Answered("releases", 201),),
    },
    bodies={"pay": paying.Pay, "terminate": Terminate, "tip": tip.Tip},
    guards={
        "active_account": ACTIVE,
        "parties_free": PARTIES_FREE,
        **tip.GUARDS,
        "none_under_way": paying.none_under_way("d.contract_id = r.id AND d.milestone_id IS NULL"),
        "owes_nothing": paying.WALLET_OWES_NOTHING,
        "nothing_held": Guard(
            "NOT EXISTS (SELECT FROM milestones m WHERE m.contract_id = r.id"
            " AND m.status IN ('in_progress', 'submitted'))",
            "money is held for a milestone",
            code=CONFLICT,
        ),
        "has_pending": Guard(
            "EXISTS (SELECT FROM milestones m WHERE m.contract_id = r.id AND m.status = 'pending')",
            "no milestone waits to be funded",
            code=CONFLICT,
        ),
        "idle": Guard(
            f"{{now}} >= {_IDLE_LONG}",
            "the parties have some time yet to have money held for it",
            since=_IDLE_LONG,
        ),
        "not_charged_back": IS_NOT_CHARGED_BACK,
        "not_party": Guard(
            "{me} NOT IN (r.client_id, r.freelancer_id) AND NOT EXISTS (SELECT FROM"
            " contract_members m WHERE m.contract_id = r.id AND m.user_id = {me}"
            " AND m.status IN ('accepted', 'left'))",
            NOT_ONES_OWN,
        ),
    },
    conflicts={
        "pay": paying.CONFLICTS,
        "terminate": (CHANGED,),
        "tip": (SENT_BEFORE, MONEY_MISSING),
    },
)
