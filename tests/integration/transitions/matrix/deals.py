"""Contracts with money in them."""

from collections.abc import Sequence

from tests.integration.transitions.conftest import Market
from tests.integration.transitions.matrix.cast import Cast, Json

_THERE = """
SELECT id::text, 'milestone_id' AS of, amount FROM milestones
WHERE contract_id = $1::uuid AND status IN ('in_progress', 'submitted')
UNION ALL
SELECT id::text, 'release_id', gross - refunded FROM releases
WHERE contract_id = $1::uuid AND status IN ('pending', 'frozen') AND NOT is_decided
  AND gross > refunded
"""


async def deal(market: Market, cast: Cast, *amounts: str) -> tuple[str, list[str]]:
    """An active contract of the cast, whose client has money: its id, and its milestones'."""
    await market.fund(cast.client, "5000")
    contract = await market.contract(cast.client, cast.freelancer, amounts)
    milestones = await market.milestones(cast.client, contract)
    return str(contract["id"]), [str(milestone["id"]) for milestone in milestones]


async def funded(market: Market, cast: Cast, milestone: str) -> None:
    """Hold money for a milestone."""
    await market.done(cast.client, f"milestones/{milestone}", "fund", {"wallet": True})


async def submitted(market: Market, cast: Cast, milestone: str) -> None:
    """Hold money for it, and hand in what was asked for."""
    await funded(market, cast, milestone)
    await handed_in(market, cast, milestone)


async def handed_in(market: Market, cast: Cast, milestone: str) -> None:
    """Hand in what was asked for."""
    said = {"description": "Both cameras, graded."}
    await market.done(cast.freelancer, f"milestones/{milestone}", "submit", said)


async def sent_back(market: Market, cast: Cast, milestone: str) -> None:
    """Ask for a revision."""
    said = {"notes": "The sound is missing."}
    await market.done(cast.client, f"milestones/{milestone}", "request-revision", said)


async def paid(market: Market, cast: Cast, milestone: str) -> str:
    """Hold money, hand in and approve: the id of the release."""
    await submitted(market, cast, milestone)
    await market.done(cast.client, f"milestones/{milestone}", "approve")
    rows = await market.rows(cast.freelancer, f"releases?milestone_id={milestone}")
    return str(rows[0]["id"])


async def disputed(market: Market, cast: Cast, contract: str) -> str:
    """A dispute that the client raises, about all that is there."""
    said = {
        "contract_id": contract,
        "type": "quality",
        "title": "The sound is missing",
        "description": "Half of the film has no sound.",
        "split": await split(market, contract),
    }
    return str((await market.done(cast.client, "disputes", body=said))["id"])


async def split(market: Market, contract: str) -> Sequence[Json]:
    """All that is there, to the client."""
    there = await market.pool.fetch(_THERE, contract)
    return [
        {item["of"]: item["id"], "client_amount": str(item["amount"]), "freelancer_amount": "0"}
        for item in there
    ]
