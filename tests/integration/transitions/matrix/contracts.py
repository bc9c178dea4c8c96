"""Contracts, and what belongs to one, in each of their states."""

from collections.abc import Mapping

from tests.integration.transitions.conftest import Market
from tests.integration.transitions.matrix import deals
from tests.integration.transitions.matrix.cast import Cast, Json, Scene, parties, put
from tests.integration.transitions.money.conftest import Bank


async def _contract(market: Market, cast: Cast, words: str) -> str:
    if words.startswith("pending_payment"):
        gig = await market.gig(cast.freelancer)
        await market.fund(cast.client, "500")
        order = str((await market.order(cast.client, gig))["id"])
        if words == "pending_payment paying":
            card = {"payment_method_id": await Bank(market).card(cast.client, "tok_late")}
            assert (await market.act(cast.client, f"contracts/{order}", "pay", card)).status == 202
        return order
    if words in {"pending_acceptance", "cancelled"}:
        proposal = await market.proposal(await market.job(cast.client), cast.freelancer)
        key = str((await market.accepted(cast.client, proposal))["id"])
        if words == "cancelled":
            await market.done(cast.freelancer, f"contracts/{key}", "decline")
        return key
    key, (first, second) = await deals.deal(market, cast, "300", "200")
    await _worked_on(market, cast, words, key, first, second)
    return key


async def _worked_on(
    market: Market, cast: Cast, words: str, key: str, first: str, second: str
) -> None:
    match words:
        case "active funded":
            await deals.funded(market, cast, first)
        case "in_review" | "revision_requested":
            await deals.submitted(market, cast, first)
        case "completed" | "completed long ago":
            await deals.paid(market, cast, first)
            await deals.paid(market, cast, second)
        case "disputed":
            await deals.funded(market, cast, first)
            await deals.disputed(market, cast, key)
        case "terminated":
            said = {"split": [], "reason": "The terms were broken."}
            await market.done(cast.staff, f"contracts/{key}", "terminate", said)
        case "refunded":
            await put(market, "contracts", key, words)
        case _:
            pass
    if words == "revision_requested":
        await deals.sent_back(market, cast, first)
    if words in {"active idle", "completed long ago"}:
        await market.clock(days=31)


async def _contract_bodies(market: Market, _cast: Cast, key: str) -> Mapping[str, Json]:
    split = await deals.split(market, key)
    return {
        "pay": {"wallet": True},
        "terminate": {"split": split, "reason": "The terms were broken."},
        "tip": {"amount": "20"},
    }


async def _milestone(market: Market, cast: Cast, words: str) -> str:
    state, *more = words.split()
    contract, (key, _other) = await deals.deal(market, cast, "300", "200")
    if more == ["paying"]:
        card = {"payment_method_id": await Bank(market).card(cast.client, "tok_late")}
        assert (await market.act(cast.client, f"milestones/{key}", "fund", card)).status == 202
        return key
    if state in {"approved", "cancelled"}:
        return await put(market, "milestones", key, state)
    if state == "paid":
        await deals.paid(market, cast, key)
    elif state == "in_progress" and not more:
        await deals.funded(market, cast, key)
    elif state != "pending":
        await deals.submitted(market, cast, key)
    if more[:1] == ["sent"]:  # sent back
        await deals.sent_back(market, cast, key)
    if "late" in more:
        await market.clock(days=8)
    if "unrevisable" in more:
        statement = "UPDATE contracts SET revisions_used = revisions_allowed WHERE id = $1::uuid"
        await market.pool.execute(statement, contract)
    if "disputed" in more:
        await deals.disputed(market, cast, contract)
    return key


async def _milestone_bodies(_market: Market, _cast: Cast, _key: str) -> Mapping[str, Json]:
    return {
        "fund": {"wallet": True},
        "submit": {"description": "Both cameras, graded."},
        "request-revision": {"notes": "The sound is missing."},
    }


SCENES = {
    "contract": Scene(
        _contract,
        parties(client="client", freelancer="freelancer"),
        _contract_bodies,
        besides=(
            "pending_payment paying",
            "active idle",
            "active funded",
            "completed long ago",
        ),
    ),
    "milestone": Scene(
        _milestone,
        parties(client="client", freelancer="freelancer"),
        _milestone_bodies,
        besides=(
            "pending paying",
            "in_progress sent back",
            "in_progress sent back late",
            "submitted unrevisable",
            "submitted disputed",
        ),
    ),
}
