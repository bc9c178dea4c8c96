"""A proposal is accepted, and the contract by its freelancer."""

import datetime as dt
import hashlib
from decimal import Decimal
from typing import Any
from uuid import UUID

from fastapi import HTTPException

from loadtests.bench.workflow_twin.execution import CONFLICT, Execution, shown
from loadtests.bench.workflow_twin.models import (
    Contract,
    Conversation,
    Escrow,
    Job,
    Milestone,
    Proposal,
    new_id,
)

_CENT = Decimal("0.01")
_FEE = Decimal("0.10")
_ACCEPTANCE = dt.timedelta(days=7)
_IDLE = dt.timedelta(days=60)


async def accept_proposal(
    execution: Execution, proposal_id: UUID, version: int | None
) -> tuple[int, dict[str, Any]]:
    """Make a contract of a proposal and reject the others of its job. Raises `HTTPException`."""
    session, me = execution.session, execution.actor
    found = await session.get(Proposal, proposal_id)
    if found is None or me not in {found.client_id, found.freelancer_id}:
        raise HTTPException(404)
    job = await execution.locked(Job, found.job_id)
    proposal = await execution.locked(Proposal, proposal_id)
    if proposal.client_id != me:
        raise HTTPException(403)
    if job.status not in {"open", "closed"}:
        raise HTTPException(CONFLICT, "the job is not to be had")
    execution.move(proposal, "accept", "pending", "shortlisted", to="accepted")
    if version != proposal.version:
        raise HTTPException(412, f"the proposal has version {proposal.version}")
    proposal.accepted_at = proposal.reviewed_at = execution.now
    contract = _contract(execution, job, proposal)
    for other in await execution.of(Proposal, Proposal.job_id == job.id):
        if other.status in {"pending", "shortlisted"}:
            execution.move(other, "reject", "pending", "shortlisted", to="rejected")
            other.rejected_by, other.reviewed_at = contract.id, execution.now
    execution.move(job, "award", "open", "closed", to="pending")
    job.closed_at = execution.now
    await execution.retime(contract, cancel=execution.now + _ACCEPTANCE)
    await session.flush()
    total = str(contract.total_amount)
    await execution.say(contract.conversation_id, "proposal.accept", total_amount=total)
    return 201, shown(contract)


def _contract(execution: Execution, job: Job, proposal: Proposal) -> Contract:
    session = execution.session
    parties = {"client_id": proposal.client_id, "freelancer_id": proposal.freelancer_id}
    conversation = Conversation(id=new_id(), last_seq=0, **parties)
    session.add(conversation)
    parts = [(one["title"], Decimal(one["amount"])) for one in proposal.milestones]
    plan = "\n".join(f"{title}: {amount}" for title, amount in parts)
    terms = f"{job.title}\n{job.description}\n{plan}\n{proposal.cover_letter}"
    contract = Contract(
        id=new_id(),
        job_id=job.id,
        proposal_id=proposal.id,
        conversation=conversation,
        title=job.title,
        terms=terms,
        terms_hash=hashlib.sha256(terms.encode()).hexdigest(),
        currency=job.currency,
        total_amount=proposal.amount,
        platform_fee=(proposal.amount * _FEE).quantize(_CENT),
        status="pending_acceptance",
        created_at=execution.now,
        **parties,
    )
    execution.begin(contract, "offer")
    for seq, (title, amount) in enumerate(parts, 1):
        named = {"id": new_id(), "contract": contract, "seq": seq, "status": "pending"}
        milestone = Milestone(title=title, amount=amount, **named)
        execution.begin(milestone, "plan")
    execution.begin(Escrow(id=new_id(), contract=contract, status="active"), "open")
    return contract


async def accept_contract(execution: Execution, contract_id: UUID) -> tuple[int, dict[str, Any]]:
    """The freelancer agrees: work begins. Raises `HTTPException`."""
    found = await execution.session.get(Contract, contract_id)
    if found is None or found.freelancer_id != execution.actor:
        raise HTTPException(404)
    job = await execution.locked(Job, found.job_id)
    contract = await execution.locked(Contract, contract_id)
    execution.move(contract, "accept", "pending_acceptance", to="active")
    contract.started_at = contract.idle_since = execution.now
    execution.move(job, "begin", "pending", to="in_progress")
    await execution.retime(contract, end=execution.now + _IDLE)
    await execution.say(contract.conversation_id, "contract.accept")
    return 200, shown(contract)
