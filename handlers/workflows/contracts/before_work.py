"""A contract before anybody works on it: accepted or declined, paid for, cancelled."""

from handlers.workflows.words import DECLINED
from storage.database.write_steps import add
from storage.workflows.rows import Row
from storage.workflows.work import Work


async def accept(work: Work, contract: Row, _body: object) -> None:
    """The freelancer has agreed: work begins, and milestones can be funded."""
    _begin(work, contract)


async def start(work: Work, contract: Row, _body: object) -> None:
    """An order is paid for: it counts from now on."""
    _begin(work, contract)
    work.do(add("gig_counters", contract["gig_id"], column="gig_id", order_count=1))


async def decline(work: Work, contract: Row, _body: object) -> None:
    """The freelancer does not want it: the job is to be had again, and the proposal taken back."""
    await _nothing_began(work, contract, DECLINED)


async def cancel(work: Work, contract: Row, _body: object) -> None:
    """The client has taken it back, or its time has passed: the job and proposal wait again."""
    await _nothing_began(work, contract)


def _begin(work: Work, contract: Row) -> None:
    today, deadline = work.now.date(), contract["deadline"]
    # A deadline that has come before the answer did stays what was agreed on.
    start = today if deadline is None else min(today, deadline)
    # It is worked on from now, with nothing held yet.
    work.set(contract, start_date=start, idle_since=work.now)


async def lost(work: Work, contract: Row, why: str | None = None) -> None:
    """The job of a contract for which nothing was ever funded is to be had again."""
    if contract["job_id"] is not None:
        job = await work.one("jobs", contract["job_id"])
        await work.transition("job", "contract_lost", job, why)


async def _nothing_began(work: Work, contract: Row, why: str | None = None) -> None:
    for milestone in await work.of("milestones", contract_id=contract.id):
        await work.transition("milestone", "cancel", milestone)
    for escrow in await work.of("escrows", contract_id=contract.id):
        for action in ("refund", "refunded"):
            await work.transition("escrow", action, escrow)
    await lost(work, contract, why)
