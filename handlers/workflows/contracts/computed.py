"""What follows of a contract's milestones: its own status, its job's, and its end.

`computed` is called in every execution that changes a milestone, and where a dispute ends.
"""

from decimal import Decimal
from typing import Literal

from handlers.workflows.contracts import before_work
from handlers.workflows.trust.review_invitation import invite
from storage.ledger.accounts import escrow
from storage.workflows.moves import hold_timers, retime, towards
from storage.workflows.rows import Row
from storage.workflows.work import Work

HELD = frozenset({"in_progress", "submitted"})
"""The states of a milestone for which money is held."""
FINAL = frozenset({"completed", "refunded", "cancelled", "terminated"})

_JOB = {
    "active": "in_progress",
    "revision_requested": "in_progress",
    "in_review": "review",
    "disputed": "disputed",
    "completed": "completed",
}


async def computed(
    work: Work, contract: Row, *, ending: Literal["agree", "terminate"] | None = None
) -> None:
    """Give a contract the status that its milestones make, and carry out what follows.

    `ending` is the action by which both agreed to end it, or staff did (whose transition it is in
    already). Raises `MoneyLeftError` where it would end with money in escrow.
    """
    milestones = await work.of("milestones", contract_id=contract.id)
    was_disputed = contract.status == "disputed"
    was_completed = contract["completed_at"] is not None
    if ending == "agree":
        await work.transition("contract", "agree", contract)
    elif ending is None and not (was_disputed and was_completed):
        await towards(work, "contract", _status(milestones), contract)
    elif ending is None:
        await work.transition("contract", "restore", contract)
    if was_disputed:
        work.set(contract, dispute_ended_at=work.now)
    if contract.status in FINAL:
        await _ended(work, contract, is_new=not (was_disputed and was_completed))
    else:
        _idle(work, contract, milestones, was_disputed=was_disputed)
    await follow(work, contract)


async def follow(work: Work, contract: Row) -> None:
    """Bring the job of a contract to where the contract is."""
    if contract["job_id"] is None:
        return
    job = await work.one("jobs", contract["job_id"])
    if contract.status in _JOB:
        await towards(work, "job", _JOB[contract.status], job)
        return
    milestones = await work.of("milestones", contract_id=contract.id)
    if any(m["funded_at"] for m in milestones):
        await towards(work, "job", "cancelled", job)
    else:
        await before_work.lost(work, contract)


def _status(milestones: list[Row]) -> str:
    if any(m.status == "submitted" for m in milestones):
        return "in_review"
    if any(m.status == "in_progress" and m["sent_back_at"] for m in milestones):
        return "revision_requested"
    if any(m.status not in {"paid", "cancelled"} for m in milestones):
        return "active"
    if sum((m["released"] for m in milestones), Decimal(0)):
        return "completed"
    return "refunded" if any(m["funded_at"] for m in milestones) else "cancelled"


def _idle(work: Work, contract: Row, milestones: list[Row], *, was_disputed: bool) -> None:
    """Keep since when nothing is held, and the timer that ends the contract for it."""
    is_held = any(m.status in HELD for m in milestones)
    before = contract["idle_since"]
    if is_held or not any(m.status == "pending" for m in milestones):
        if before is not None:
            work.set(contract, idle_since=None, timers_left=None)
            retime(work, "contract", contract)
        return
    if before is None or was_disputed:
        work.set(contract, idle_since=work.now)
    if before is None:
        retime(work, "contract", contract)
    elif was_disputed:
        # Nothing was held before the dispute either: what was left of the timer runs on.
        hold_timers(work, "thaw", "contract", contract)


async def _ended(work: Work, contract: Row, *, is_new: bool) -> None:
    currency = contract["currency"]
    await work.ledger.open([escrow(contract.id, currency)])
    work.ledger.end_of_contract(contract.id, currency)
    if contract["idle_since"] is not None:
        work.set(contract, idle_since=None, timers_left=None)
    await close_proposals(work, contract)
    await _close_escrow(work, contract)
    if is_new and contract.status == "completed":
        await invite(work, contract)


async def close_proposals(work: Work, contract: Row) -> None:
    """Withdraw what is still proposed about a contract: amendments and cancellations."""
    tables = {"amendment": "contract_amendments", "cancellation": "contract_cancellations"}
    for machine, table in tables.items():
        for row in await work.of(table, contract_id=contract.id):
            if row.status == "proposed":
                await work.transition(machine, "withdraw", row)


async def _close_escrow(work: Work, contract: Row) -> None:
    for row in await work.of("escrows", contract_id=contract.id):
        sums = work.ledger.escrow_sums(contract.id)
        steps = ("release", "released") if sums.released else ("refund", "refunded")
        for action in steps if row.status == "active" else ():
            await work.transition("escrow", action, row)
