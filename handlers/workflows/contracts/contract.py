"""A contract: offered or ordered, worked on, over.

While it is worked on, its status follows from its milestones (`computed.py`); `disputed` covers
that until the dispute ends.
"""

from handlers.workflows.contracts.belonging import CONTRACT_ROOTS, people, room
from handlers.workflows.money import tip
from handlers.workflows.words import CONFLICT, NOT_ONES_OWN, PARTIES, SYSTEM, C, F, S, T
from protocol.machine import Due, Machine, transition
from storage.workflows.workflow import Guard, Workflow

WORKING = "active in_review revision_requested"
_GOING = f"{WORKING} disputed"

CONTRACT = Machine("contract", "contracts", PARTIES, (
    transition("order", "", "pending_payment", SYSTEM),
    transition("offer", "", "pending_acceptance", SYSTEM),
    transition("pay", "pending_payment", "active", SYSTEM, stamps="started_at",
               events="contract.started"),
    transition("accept", "pending_acceptance", "active", F, stamps="accepted_at started_at",
               events="contract.started"),
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
    # Both agreed on a split, or staff decided on one.
    transition("agree", WORKING, "cancelled", SYSTEM, stamps="cancelled_at"),
    transition("end", WORKING, "=", C, F, T, guards="nothing_held has_pending idle"),
    transition("terminate", WORKING, "terminated", S, guards="not_party", stamps="cancelled_at",
               moves_money=True),
    transition("tip", "completed", "=", C, moves_money=True,
               guards="within_tip_days tips_left no_debt no_chargeback"),
    transition("dispute", f"{WORKING} completed", "disputed", SYSTEM),
), dues={
    "pending_payment": (Due("cancel", "gig_payment_minutes"),),
    "pending_acceptance": (Due("cancel", "contract_acceptance_days"),),
    **dict.fromkeys(WORKING.split(), (
        Due("end", "contract_idle_end_days", since=("idle_since",), given="idle_since"),
    )),
})  # fmt: skip

WORKFLOW = Workflow(
    CONTRACT,
    resource="contracts",
    roots=CONTRACT_ROOTS,
    audience=people,
    room=room("title", "status"),
    effects={"tip": tip.tip},
    bodies={"tip": tip.Tip},
    guards={
        **tip.GUARDS,
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
            "{now} > r.idle_since + setting_length('contract_idle_days')",
            "money was held not so long ago",
        ),
        "not_party": Guard(
            "{me} NOT IN (r.client_id, r.freelancer_id) AND NOT EXISTS (SELECT FROM"
            " contract_members m WHERE m.contract_id = r.id AND m.user_id = {me})",
            NOT_ONES_OWN,
        ),
    },
)
