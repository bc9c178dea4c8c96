"""A job: drafted, shown, closed, awarded; then it follows its contract.

An external job is brought in from another platform and follows what that says.
"""

from handlers.workflows.words import ACTIVE, DECLINED, HAS_FEE, OWNER, SYSTEM, T, users_in
from protocol.machine import Due, Machine, transition
from storage.database.write_steps import add
from storage.workflows.rows import Row
from storage.workflows.work import Work
from storage.workflows.workflow import Creation, Guard, Roots, Workflow

JOB = Machine("job", "jobs", {OWNER: "client_id"}, (
    transition("create", "", "draft", OWNER),
    transition("publish", "draft analyzing", "open", OWNER, stamps="published_at",
               guards="active_account in_category deadline_ahead has_fee", events="job.published"),
    transition("close", "open", "closed", OWNER, T, stamps="closed_at"),
    transition("reopen", "closed", "open", OWNER, guards="active_account deadline_ahead has_fee"),
    transition("cancel", "draft analyzing open closed", "cancelled", OWNER),
    transition("analyze", "draft", "analyzing", SYSTEM),
    transition("award", "open closed", "in_progress", SYSTEM),
    # What its contract makes of it.
    transition("contract_lost", "in_progress", "open", SYSTEM),
    transition("deliver_for_review", "in_progress", "review", SYSTEM),
    transition("revise", "review", "in_progress", SYSTEM),
    transition("complete", "in_progress review delivered", "completed", SYSTEM,
               stamps="completed_at"),
    transition("dispute", "in_progress review delivered completed", "disputed", SYSTEM),
    transition("restore_in_progress", "disputed", "in_progress", SYSTEM),
    transition("restore_review", "disputed", "review", SYSTEM),
    transition("restore_delivered", "disputed", "delivered", SYSTEM),
    transition("restore_completed", "disputed", "completed", SYSTEM),
    transition("abandon", "pending active in_progress review disputed", "cancelled", SYSTEM),
    # What the platform of an external one says.
    transition("import", "", "pending", SYSTEM),
    transition("activate", "pending", "active", SYSTEM),
    transition("start", "active", "in_progress", SYSTEM),
    transition("deliver", "review", "delivered", SYSTEM),
), dues={"open": (Due("close", "", since=("deadline",), given="deadline"),)})  # fmt: skip


async def _publish(work: Work, job: Row, _body: object) -> None:
    work.do(add("client_profiles", job["client_id"], column="user_id", jobs_posted=1))


async def _reopen(work: Work, job: Row, _body: object) -> None:
    work.set(job, closed_at=None)


async def _cancel(work: Work, job: Row, _body: object) -> None:
    """Nobody waits for an answer any more."""
    for proposal in await work.of("proposals", job_id=job.id):
        if proposal.status in {"pending", "shortlisted"}:
            await work.transition("proposal", "reject", proposal)


async def _contract_lost(work: Work, job: Row, why: str | None) -> None:
    """Nothing was funded, and the job is to be had again.

    The proposal waits again, or is taken back where its author has declined the contract. Those
    that were rejected for it wait again too, of people who may still be dealt with.
    """
    work.set(job, closed_at=None)
    (accepted,) = await work.of("proposals", job_id=job.id, status="accepted")
    contract = (await work.of("contracts", proposal_id=accepted.id))[-1]
    action = "take_back" if why == DECLINED else "wait_again"
    await work.transition("proposal", action, accepted, accepted_at=None)
    for found in await work.ask("listings", "returning", contract.id):
        other = await work.one("proposals", found["id"])
        await work.transition("proposal", "return", other, rejected_by=None)


async def _restore_completed(work: Work, job: Row, _body: object) -> None:
    """A dispute has completed it, or has ended after it was completed."""
    if job["completed_at"] is None:
        work.set(job, completed_at=work.now)


WORKFLOW = Workflow(
    JOB,
    resource="jobs",
    roots=Roots(standing="ARRAY[r.client_id]", jobs="ARRAY[r.id]"),
    audience=users_in("client_id"),
    guards={
        "active_account": ACTIVE,
        "in_category": Guard(
            "r.category_id IS NOT NULL", "the job needs a category first", "category_id"
        ),
        "deadline_ahead": Guard(
            "coalesce(r.deadline > {now}, true)", "the deadline has passed", "deadline"
        ),
        "has_fee": HAS_FEE,
    },
    effects={
        "publish": _publish,
        "reopen": _reopen,
        "cancel": _cancel,
        "contract_lost": _contract_lost,
        "restore_completed": _restore_completed,
    },
    creation=Creation(),
)
