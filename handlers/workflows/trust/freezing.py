"""What a dispute stops, and what goes on when it ends.

While it is open no timer of the contract, its milestones, its releases or its reviews runs out:
the rest of each is kept and runs on afterwards. Whatever would change what is held is refused.
"""

import datetime as dt

from handlers.workflows.contracts.computed import HELD, close_proposals, computed, follow
from storage.workflows.moves import hold_timers, left_of
from storage.workflows.rows import Row
from storage.workflows.work import Work


async def frozen(work: Work, contract: Row) -> None:
    """A dispute is raised over what is held for a contract, and over what no split decided."""
    await work.transition("contract", "dispute", contract, status_before_dispute=contract.status)
    hold_timers(work, "freeze", "contract", contract)
    for milestone in await work.of("milestones", contract_id=contract.id):
        if milestone.status in HELD:
            hold_timers(work, "freeze", "milestone", milestone)
            if milestone["auto_approve_at"] is not None:
                work.set(milestone, auto_approve_at=None)
    for release in await work.of("releases", contract_id=contract.id):
        if release.status == "pending" and not release["is_decided"]:
            await work.transition("release", "freeze", release)
            for refund in await work.of("refunds", release_id=release.id, status="requested"):
                await work.transition("refund", "reject", refund)
    for invitation in await _invitations(work, contract):
        hold_timers(work, "freeze", "review_invitation", invitation)
    await close_proposals(work, contract)
    await follow(work, contract)


async def thawed(work: Work, contract: Row, since: dt.datetime) -> None:
    """A dispute that began at `since` was withdrawn: all goes on from where it was."""
    for release in await work.of("releases", contract_id=contract.id):
        if release.status == "frozen":
            await work.transition("release", "thaw", release)
    for milestone in await work.of("milestones", contract_id=contract.id):
        if milestone.status in HELD:
            left = left_of(milestone, "approve")
            if left is not None:
                work.set(milestone, auto_approve_at=work.now + left)
            hold_timers(work, "thaw", "milestone", milestone)
    await computed(work, contract)
    await reviews_go_on(work, contract, since)


async def reviews_go_on(work: Work, contract: Row, since: dt.datetime) -> None:
    """The time to review is longer by the length of a dispute that began at `since`."""
    for invitation in await _invitations(work, contract):
        # Of a contract that this dispute has completed it has just begun.
        if invitation["created_at"] < since:
            expires_at = invitation["expires_at"] + (work.now - since)
            work.set(invitation, expires_at=expires_at)
            hold_timers(work, "thaw", "review_invitation", invitation)


async def _invitations(work: Work, contract: Row) -> list[Row]:
    return await work.of("review_invitations", contract_id=contract.id, status="invited")
