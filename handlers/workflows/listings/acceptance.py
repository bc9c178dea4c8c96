"""Acceptance: one proposal becomes a contract, which waits for its author; the others are rejected.

The job is locked, so that of two acceptances the second finds it awarded.
"""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from msgspec import UNSET

from handlers.workflows.bodies import in_utc
from handlers.workflows.contracts.making import Part, begin_contract
from handlers.workflows.listings.plan import PlannedMilestone, plan_of
from protocol.errors import RequestError
from protocol.money.plan import planned
from storage.workflows.rows import Row
from storage.workflows.work import Work
from storage.workflows.workflow import Shown


async def accept(work: Work, proposal: Row, _body: object) -> Shown:
    """What follows of a proposal's being accepted; the contract is what is answered."""
    job = await work.one("jobs", proposal["job_id"])
    waiting = await _waiting(work, proposal)
    total = _total(job, proposal)
    contract = await begin_contract(
        work,
        "offer",
        _parts(job, proposal, total),
        job_id=job.id,
        proposal_id=proposal.id,
        client_id=proposal["client_id"],
        freelancer_id=proposal["freelancer_id"],
        title=job["title"],
        description=job["description"],
        scope_of_work=proposal["cover_letter"],
        total_amount=total,
        currency=proposal["currency"],
        deadline=_deadline(proposal, work.now),
        estimated_hours=proposal["estimated_hours"],
        revisions_allowed=proposal["revisions"],
    )
    for other in waiting:
        if other is not proposal:
            await work.transition("proposal", "reject", other, rejected_by=contract.id)
    await work.transition("job", "award", job)
    await work.say_of("proposal", "accept", contract)
    return Shown("contracts", contract, 201)


async def _waiting(work: Work, proposal: Row) -> list[Row]:
    """The proposals that wait for an answer, locked: the job's lock does not hinder their authors.

    Raises `RequestError` where this one was changed since it was judged.
    """
    waiting = await work.ask("listings", "lock_proposals", proposal["job_id"])
    version = {found["id"]: found["version"] for found in waiting}.get(proposal.id)
    if version != proposal["version"]:
        raise RequestError.outdated("proposal", version)
    return work.have("proposals", waiting)


def _total(job: Row, proposal: Row) -> Decimal:
    amount: Decimal = proposal["amount"]
    return amount * proposal["estimated_hours"] if job["budget_type"] == "hourly" else amount


def _parts(job: Row, proposal: Row, total: Decimal) -> Sequence[Part]:
    named = plan_of(proposal["milestones"])
    if named:
        return [_part_of(one) for one in named]
    if job["milestone_plan"] == "quarters":
        return [
            Part(f"{percent} %", amount) for percent, amount in planned(total, proposal["currency"])
        ]
    return [Part(job["title"], total)]


def _part_of(one: PlannedMilestone) -> Part:
    description = None if one.description is UNSET else one.description
    due_date = in_utc("milestones.due_date", one.due_date) if one.due_date else None
    return Part(one.title, Decimal(one.amount), description, due_date)


def _deadline(proposal: Row, now: dt.datetime) -> dt.date | None:
    """Midnight in UTC ends the day of a deadline."""
    if proposal["delivery_date"] is not None:
        found: dt.datetime = proposal["delivery_date"]
        return found.astimezone(dt.UTC).date()
    if proposal["timeline_days"] is None:
        return None
    return now.date() + dt.timedelta(days=proposal["timeline_days"])
