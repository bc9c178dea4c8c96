"""Releases of what a contract holds: the fee by the order of releases, the team's shares."""

from decimal import Decimal
from uuid import UUID

from protocol.money.shares import WHOLE
from storage.ledger.accounts import for_contract, for_release
from storage.ledger.postings import holding, sharing
from storage.ledger.postings.holding import Held, Released, Share
from storage.ledger.postings.sharing import Member, fee_terms
from storage.workflows.moves import adopt, length_of
from storage.workflows.rows import Row
from storage.workflows.work import Work


async def release_whole(work: Work, contract: Row, milestone: Row) -> None:
    """Release all that is held for a milestone."""
    paid = await paid_users(work, contract)
    await work.ledger.open(for_release(contract.id, paid, contract["currency"]))
    shares = await shares_of(work, contract, milestone["amount"])
    clears_at = work.now + await length_of(work, "clearing_days")
    held = held_for(work, contract, milestone)
    await released(work, milestone, holding.release(work.ledger, held, shares, clears_at))


async def give_back(work: Work, contract: Row, milestone: Row) -> None:
    """Give all that is held for a milestone back to the client."""
    currency = contract["currency"]
    await work.ledger.open(for_contract(contract.id, contract["client_id"], currency))
    holding.back(work.ledger, held_for(work, contract, milestone))
    _summed(work, milestone)


async def divide(work: Work, contract: Row, milestone: Row, gross: Decimal) -> None:
    """Release a part of what is held for a milestone, the rest goes back to the client.

    The accounts are open.
    """
    shares = await shares_of(work, contract, gross) if gross else []
    clears_at = work.now + await length_of(work, "clearing_days")
    held = held_for(work, contract, milestone)
    await released(work, milestone, holding.split(work.ledger, held, shares, clears_at))


async def released(work: Work, milestone: Row, made: Released | None) -> None:
    """Let the releases of a posting begin, and have the milestone's sums at hand."""
    for values in () if made is None else made.rows:
        await adopt(work, "release", "begin", values)
    _summed(work, milestone)


async def shares_of(work: Work, contract: Row, gross: Decimal) -> list[Share]:
    """Who gets what of a release of so much, by the shares of those who accepted them."""
    milestones = await work.of("milestones", contract_id=contract.id)
    before = sum((m["released"] for m in milestones), Decimal(0))
    terms = fee_terms(contract)
    members = await accepted_members(work, contract)
    if not members:
        return [Share(contract["freelancer_id"], gross, terms.part(before, gross))]
    team = [Member(m.id, m["user_id"], m["share_bp"]) for m in members]
    return sharing.shares_of(gross, terms, before, team)


async def accepted_members(work: Work, contract: Row) -> list[Row]:
    """Those who work on a contract and share what it pays; none where it has no team at all."""
    members = await work.of("contract_members", contract_id=contract.id)
    accepted = [m for m in members if m.status == "accepted"]
    assert sum(m["share_bp"] for m in accepted) in {0, WHOLE}, contract
    return accepted


async def paid_users(work: Work, contract: Row) -> list[UUID]:
    """Whom a release of the contract pays."""
    members = await accepted_members(work, contract)
    return [m["user_id"] for m in members] or [contract["freelancer_id"]]


def held_for(work: Work, contract: Row, milestone: Row) -> Held:
    """What the ledger calls the money that is held for a milestone."""
    return Held(
        milestone.id,
        contract.id,
        contract["client_id"],
        contract["freelancer_id"],
        contract["currency"],
        work.actor,
    )


def _summed(work: Work, milestone: Row) -> None:
    sums = work.ledger.milestone_sums(milestone.id)
    milestone.take({"released": sums.released, "refunded": sums.refunded})
