"""A milestone is funded, handed in, approved and paid."""

import datetime as dt
from decimal import Decimal
from typing import Any
from uuid import UUID

from fastapi import HTTPException

from loadtests.bench.workflow_twin.execution import CONFLICT, Execution, shown
from loadtests.bench.workflow_twin.ledger import (
    ESCROW,
    FEE,
    FUNDED,
    PENDING,
    Ledger,
    Line,
    escrow_of,
)
from loadtests.bench.workflow_twin.models import (
    Contract,
    Deliverable,
    Job,
    Milestone,
    Release,
    ReleaseLot,
    Transaction,
    new_id,
)

_CENT = Decimal("0.01")
_APPROVAL = dt.timedelta(days=14)
_CLEARING = dt.timedelta(days=5)
_UNSUBMITTED = dt.timedelta(days=75)
_WORKING = ("active", "in_review", "revision_requested")
_FINAL = frozenset({"paid", "cancelled"})


class Rows:
    """What a transition of a milestone stands on, locked in one order."""

    def __init__(self, job: Job, contract: Contract, milestone: Milestone) -> None:
        self.job = job
        self.contract = contract
        self.milestone = milestone


async def _locked(execution: Execution, milestone_id: UUID, *, is_client: bool) -> Rows:
    found = await execution.session.get(Milestone, milestone_id)
    if found is None:
        raise HTTPException(404)
    above = await execution.session.get_one(Contract, found.contract_id)
    if execution.actor not in {above.client_id, above.freelancer_id}:
        raise HTTPException(404)
    if execution.actor != (above.client_id if is_client else above.freelancer_id):
        raise HTTPException(403)
    job = await execution.locked(Job, above.job_id)
    contract = await execution.locked(Contract, found.contract_id)
    milestone = await execution.locked(Milestone, milestone_id)
    if contract.status not in _WORKING:
        raise HTTPException(CONFLICT, "the contract is not worked on")
    return Rows(job, contract, milestone)


async def fund(execution: Execution, milestone_id: UUID) -> tuple[int, dict[str, Any]]:
    """Hold money of the client's wallet. Raises `HTTPException`."""
    rows = await _locked(execution, milestone_id, is_client=True)
    contract, milestone = rows.contract, rows.milestone
    execution.move(milestone, "fund", "pending", to="in_progress")
    milestone.funded_at = execution.now
    ledger = Ledger(execution, contract.currency)
    wallet, escrow = await ledger.open((FUNDED, contract.client_id), (ESCROW, contract.id))
    taken = ledger.taken(wallet, milestone.amount)
    held = [Line(escrow, -line.amount, line.deposit_id, milestone.id) for line in taken]
    journal = await ledger.book(f"fund:{milestone.id}", [*taken, *held], contract, milestone)
    sums = await escrow_of(execution, contract)
    sums.held += milestone.amount
    whole = (milestone.amount, Decimal(0))
    execution.session.add(_transaction("escrow_hold", rows, journal.id, *whole))
    await execution.retime(milestone, cancel_late=execution.now + _UNSUBMITTED)
    await _follow(execution, rows)
    await execution.say(contract.conversation_id, "milestone.fund", seq=milestone.seq)
    return 200, shown(milestone)


async def submit(
    execution: Execution, milestone_id: UUID, description: str
) -> tuple[int, dict[str, Any]]:
    """Hand work in. Raises `HTTPException`."""
    rows = await _locked(execution, milestone_id, is_client=False)
    contract, milestone = rows.contract, rows.milestone
    execution.move(milestone, "submit", "in_progress", to="submitted")
    milestone.submitted_at = execution.now
    milestone.auto_approve_at = execution.now + _APPROVAL
    before = await execution.of(Deliverable, Deliverable.milestone_id == milestone.id)
    deliverable = Deliverable(
        id=new_id(),
        milestone_id=milestone.id,
        number=len(before) + 1,
        description=description,
        status="submitted",
    )
    execution.begin(deliverable, "submit")
    await execution.retime(milestone, approve=milestone.auto_approve_at)
    await _follow(execution, rows)
    await execution.say(contract.conversation_id, "milestone.submit", seq=milestone.seq)
    return 200, shown(milestone)


async def approve(
    execution: Execution, milestone_id: UUID, feedback: str | None
) -> tuple[int, dict[str, Any]]:
    """Release what is held for a milestone. Raises `HTTPException`."""
    rows = await _locked(execution, milestone_id, is_client=True)
    contract, milestone = rows.contract, rows.milestone
    execution.move(milestone, "approve", "submitted", to="approved")
    milestone.approved_at, milestone.auto_approve_at = execution.now, None
    handed_in = (Deliverable.milestone_id == milestone.id, Deliverable.status == "submitted")
    for deliverable in await execution.of(Deliverable, *handed_in):
        deliverable.client_feedback = feedback
        execution.move(deliverable, "approve", "submitted", to="approved")
    await _release(execution, rows)
    execution.move(milestone, "pay", "approved", to="paid")
    milestone.paid_at = execution.now
    await execution.retime(milestone)
    await _follow(execution, rows)
    await execution.say(contract.conversation_id, "milestone.approve", seq=milestone.seq)
    return 200, shown(milestone)


async def _release(execution: Execution, rows: Rows) -> None:
    """Pay the freelancer, who has it once it clears; the fee is by the order of releases."""
    session, contract, milestone = execution.session, rows.contract, rows.milestone
    gross, user_id = milestone.amount, contract.freelancer_id
    milestones = await execution.of(Milestone, Milestone.contract_id == contract.id)
    before = sum((one.released for one in milestones), Decimal(0))
    fee = _fee_until(contract, before + gross) - _fee_until(contract, before)
    ledger = Ledger(execution, contract.currency)
    asked = (ESCROW, contract.id), (PENDING, user_id), (FEE, None)
    escrow, pending, fees = await ledger.open(*asked)
    taken = ledger.taken(escrow, gross, milestone.id)
    lines = [*taken, Line(pending, gross - fee), Line(fees, fee)]
    journal = await ledger.book(f"release:{milestone.id}", lines, contract, milestone)
    milestone.released = gross
    sums = await escrow_of(execution, contract)
    sums.held -= gross
    sums.released += gross
    release = Release(
        id=new_id(),
        contract_id=contract.id,
        milestone_id=milestone.id,
        user_id=user_id,
        currency=contract.currency,
        gross=gross,
        fee=fee,
        net=gross - fee,
        clears_at=execution.now + _CLEARING,
        status="pending",
    )
    execution.begin(release, "begin")
    paid = [(line.deposit_id, -line.amount) for line in taken]
    session.add_all(ReleaseLot(release=release, deposit_id=d, amount=a) for d, a in paid)
    session.add(_transaction("escrow_release", rows, journal.id, gross, fee))
    await execution.retime(release, clear=release.clears_at)


async def _follow(execution: Execution, rows: Rows) -> None:
    """Bring the contract and its job to where the milestones are."""
    contract, job = rows.contract, rows.job
    milestones = await execution.of(Milestone, Milestone.contract_id == contract.id)
    states = {one.status for one in milestones}
    status = "in_review" if "submitted" in states else "active"
    if states <= _FINAL:
        status, contract.completed_at = "completed", execution.now
    idle = status == "active" and "in_progress" not in states
    if status != contract.status:
        execution.move(contract, "follow", *_WORKING, to=status)
    before = contract.idle_since
    contract.idle_since = (before or execution.now) if idle else None
    if (before is None) == idle:
        dues = {"end": execution.now + dt.timedelta(days=60)} if idle else {}
        await execution.retime(contract, **dues)
    following = {"in_review": "review", "active": "in_progress", "completed": "completed"}[status]
    if following != job.status:
        execution.move(job, "follow", "in_progress", "review", to=following)


def _fee_until(contract: Contract, released: Decimal) -> Decimal:
    return (contract.platform_fee * released / contract.total_amount).quantize(_CENT)


def _transaction(
    kind: str, rows: Rows, journal_id: UUID, gross: Decimal, fee: Decimal
) -> Transaction:
    return Transaction(
        type=kind,
        payer_id=rows.contract.client_id,
        payee_id=rows.contract.freelancer_id,
        contract_id=rows.contract.id,
        milestone_id=rows.milestone.id,
        journal_id=journal_id,
        currency=rows.contract.currency,
        gross=gross,
        fee=fee,
        net=gross - fee,
    )
