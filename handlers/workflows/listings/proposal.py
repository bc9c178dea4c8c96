"""A proposal: what a freelancer offers for a job, until the client answers."""

import msgspec

from handlers.workflows.bodies import Words, readable
from handlers.workflows.listings.acceptance import accept
from handlers.workflows.repeating import not_repeated_action
from handlers.workflows.words import (
    ACTIVE,
    CONFLICT,
    FEE_IN_FORCE,
    HAS_FEE,
    NO_FEE_FOR_IT,
    PARTIES,
    PARTIES_FREE,
    SYSTEM,
    C,
    F,
    free_of_each_other,
    users_in,
)
from protocol.machine import Machine, transition
from storage.workflows.rows import Row
from storage.workflows.work import Work
from storage.workflows.workflow import Answered, Beside, Creation, Guard, Roots, Workflow

PROPOSAL = Machine("proposal", "proposals", PARTIES, (
    transition("submit", "", "pending", F, guards="active_account client_free has_fee",
               events="proposal.received"),
    transition("shortlist", "pending", "shortlisted", C, guards="active_account",
               stamps="reviewed_at"),
    transition("accept", "pending shortlisted", "accepted", C, stamps="accepted_at reviewed_at",
               guards="job_to_have active_account parties_free has_tier hours_offered plan_fits"
               " delivery_ahead parts_ahead", needs_match=True),
    transition("reject", "pending shortlisted", "rejected", C, SYSTEM, stamps="reviewed_at"),
    transition("withdraw", "pending shortlisted", "withdrawn", F),
    transition("resubmit", "withdrawn", "pending", F,
               guards="job_open active_account parties_free has_fee not_repeated"),
    # The contract that it was accepted for, or rejected for, was lost.
    transition("take_back", "accepted", "withdrawn", SYSTEM),
    transition("wait_again", "accepted", "pending", SYSTEM),
    transition("return", "rejected", "pending", SYSTEM),
))  # fmt: skip


class Rejection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why a proposal is not wanted, for its author to read."""

    reason: Words | None = None


async def _reject(work: Work, proposal: Row, body: Rejection | None) -> None:
    if body is not None and body.reason is not None:
        readable(reason=body.reason)
        work.set(proposal, rejection_reason=body.reason)


async def _waits_again(work: Work, proposal: Row, _body: object) -> None:
    """It is judged as if it had just come."""
    work.set(proposal, rejection_reason=None, reviewed_at=None)


_JOB = "EXISTS (SELECT FROM jobs j WHERE j.id = r.job_id AND {})"

WORKFLOW = Workflow(
    PROPOSAL,
    resource="proposals",
    roots=Roots(standing="ARRAY[r.client_id, r.freelancer_id]", jobs="ARRAY[r.job_id]"),
    audience=users_in("client_id", "freelancer_id"),
    beside=Beside(last=("jobs", "r.job_id")),
    guards={
        "not_repeated": not_repeated_action("proposal", "resubmit"),
        "active_account": ACTIVE,
        # Of a creation, the row is the job; that it is open, the policy says.
        "client_free": free_of_each_other("r.client_id", "{me}"),
        "has_fee": HAS_FEE,  # of the job's currency, or of the proposal's own
        "job_open": Guard(_JOB.format("j.status = 'open'"), "the job is not open", "", CONFLICT),
        "job_to_have": Guard(
            _JOB.format("j.status IN ('open', 'closed')"), "the job is not to be had", "", CONFLICT
        ),
        "parties_free": PARTIES_FREE,
        "has_tier": Guard(
            FEE_IN_FORCE.format(
                " AND proposal_total(r) >= f.min_amount"
                " AND coalesce(proposal_total(r) < f.max_amount, true)"
            ),
            NO_FEE_FOR_IT.says,
            "amount",
            CONFLICT,
        ),
        "hours_offered": Guard(
            "proposal_total(r) IS NOT NULL",
            "the job is paid by the hour: the proposal has to name its hours",
            "estimated_hours",
        ),
        "plan_fits": Guard(
            "milestone_plan_fault(r.milestones, proposal_total(r), r.currency) IS NULL",
            "the milestones do not add up to the amount",
            "milestones",
        ),
        "delivery_ahead": Guard(
            "coalesce(r.delivery_date AT TIME ZONE 'UTC' >= date_trunc('day', {now}, 'UTC')"
            " AT TIME ZONE 'UTC', true)",
            "the delivery date has passed: ask the freelancer to change the proposal",
            "delivery_date",
            CONFLICT,
            "date_has_passed",
            hides=False,
        ),
        "parts_ahead": Guard(
            "plan_due_passed(r.milestones, {now}) IS NULL",
            "a milestone's due date has passed: ask the freelancer to change the proposal",
            "milestones",
            CONFLICT,
            "date_has_passed",
            hides=False,
        ),
    },
    effects={
        "accept": accept,
        "reject": _reject,
        "resubmit": _waits_again,
        "wait_again": _waits_again,
        "return": _waits_again,
    },
    bodies={"reject": Rejection},
    answers={"accept": (Answered("contracts", 201),)},
    says={"accept": ("title", "total_amount", "currency")},
    creation=Creation(
        parent="job",
        parent_key="job_id",
        roots=Roots(standing="ARRAY[r.client_id, {me}]", jobs="ARRAY[r.id]"),
    ),
)
