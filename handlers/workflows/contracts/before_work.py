"""A contract before anybody works on it: taken, or not."""

from typing import Any

from storage.workflows.rows import Row
from storage.workflows.work import Work


async def accept(work: Work, contract: Row, _body: Any) -> None:
    """The freelancer takes it."""


async def decline(work: Work, contract: Row, _body: Any) -> None:
    """The freelancer does not take it."""
    await _cancel_milestones(work, contract)
    await lost(work, contract)


async def cancel(work: Work, contract: Row, _body: Any) -> None:
    """The client does not want it any more, or nobody paid for it or answered in time."""
    await _cancel_milestones(work, contract)
    await lost(work, contract)


async def lost(work: Work, contract: Row) -> None:
    """What becomes of the job and the proposals of a contract that came to nothing."""


async def _cancel_milestones(work: Work, contract: Row) -> None:
    for milestone in await work.of("milestones", contract_id=contract.id):
        await work.transition("milestone", "cancel", milestone)
