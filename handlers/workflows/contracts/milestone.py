"""A milestone: funded, handed in, approved and paid; sent back; cancelled when nothing comes.

All of it only while the contract is worked on. A funded milestone is waited for from
`awaited_since` on, one that was sent back from `sent_back_at`.
"""

from handlers.workflows.contracts import working
from handlers.workflows.contracts.belonging import (
    FACTS,
    ROOTS,
    WORKED_ON,
    people,
    room,
)
from handlers.workflows.money import paying
from handlers.workflows.words import ACTIVE, CHARGED_BACK, CONFLICT, SYSTEM, C, F, T
from protocol.machine import Due, Machine, transition
from storage.workflows.workflow import Guard, Workflow

MILESTONE = Machine("milestone", "milestones", {}, (
    transition("plan", "", "pending", SYSTEM),
    # From the wallet at once; a payment that is made for it is captured later.
    transition("fund", "pending", "=", C, moves_money=True,
               guards="active_account worked_on client_can_pay none_under_way owes_nothing"),
    transition("hold", "pending", "in_progress", SYSTEM, stamps="funded_at"),
    transition("submit", "in_progress", "submitted", F, guards="worked_on",
               stamps="submitted_at"),
    transition("request-revision", "submitted", "in_progress", C, stamps="sent_back_at",
               guards="worked_on revisions_left", events="milestone.revision_requested"),
    transition("approve", "submitted", "approved", C, T, guards="worked_on not_charged_back",
               stamps="approved_at", moves_money=True),
    transition("pay", "approved", "paid", SYSTEM, stamps="paid_at", events="payment.received"),
    transition("cancel-late", "in_progress", "cancelled", C, T,
               guards="worked_on not_charged_back late", moves_money=True),
    transition("cancel", "pending in_progress submitted", "cancelled", SYSTEM),
    transition("share", "in_progress submitted", "paid", SYSTEM, stamps="paid_at",
               events="payment.received"),
), dues={
    "in_progress": (
        Due("cancel-late", "milestone_unsubmitted_days", since=("awaited_since",),
            lacking="sent_back_at", reminds=True),
        Due("cancel-late", "milestone_unreturned_days", since=("sent_back_at",),
            given="sent_back_at", reminds=True),
    ),
    "submitted": (
        Due("approve", "milestone_approval_days", since=("submitted_at",), reminds=True),
    ),
})  # fmt: skip

_CONTRACT = "(SELECT {} FROM contracts c WHERE c.id = r.contract_id)"
_DISPUTE_ENDED = _CONTRACT.format("c.dispute_ended_at")
_DEADLINE = _CONTRACT.format("(c.deadline + 1)::timestamp AT TIME ZONE 'UTC'")
_DUE = f"coalesce(r.due_date, {_DEADLINE})"
_LATE = (
    f"CASE WHEN r.sent_back_at IS NOT NULL THEN greatest(r.sent_back_at, {_DISPUTE_ENDED})"
    " + setting_length('sent_back_cancel_days')"
    f" WHEN {_DUE} IS NOT NULL THEN greatest({_DUE}, r.funded_at, {_DISPUTE_ENDED})"
    " + setting_length('cancel_late_hours') END"
)
"""From when a milestone is late enough to be given up; null where it never is."""

WORKFLOW = Workflow(
    MILESTONE,
    resource="milestones",
    roots=ROOTS,
    audience=people,
    facts=FACTS,
    beside=working.BESIDE,
    room=room("seq", "title", "amount", "status"),
    says={"hold": ("seq", "title", "amount", "status")},
    effects={
        "fund": paying.pay_milestone,
        "hold": working.hold,
        "submit": working.submit,
        "request-revision": working.request_revision,
        "approve": working.approve,
        "cancel-late": working.cancel_late,
    },
    answers={"fund": paying.answers("milestones")},
    bodies={
        "fund": paying.Pay,
        "submit": working.Submit,
        "request-revision": working.RequestRevision,
        "approve": working.Approve,
    },
    guards={
        "active_account": ACTIVE,
        "worked_on": WORKED_ON,
        "not_charged_back": Guard(
            "NOT EXISTS (SELECT FROM ledger_lots l JOIN chargebacks b"
            " ON b.deposit_id = l.deposit_id WHERE l.milestone_id = r.id AND b.status = 'opened')",
            CHARGED_BACK,
            code=CONFLICT,
        ),
        "client_can_pay": Guard(
            "NOT EXISTS (SELECT FROM contracts c JOIN chargebacks b ON b.user_id = c.client_id"
            " WHERE c.id = r.contract_id AND b.status = 'opened')",
            "a chargeback of the client's is open",
            code=CONFLICT,
        ),
        "none_under_way": paying.none_under_way("d.milestone_id = r.id"),
        "owes_nothing": paying.WALLET_OWES_NOTHING,
        "revisions_left": Guard(
            _CONTRACT.format("c.revisions_used < c.revisions_allowed"),
            "no revision is left",
        ),
        "late": Guard(f"{{now}} > {_LATE}", "it is not late enough", since=_LATE),
    },
    conflicts={"fund": paying.CONFLICTS},
)
