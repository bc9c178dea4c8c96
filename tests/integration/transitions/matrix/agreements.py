"""Changes of contracts that both have to agree on, and teams, in each of their states."""

from collections.abc import Mapping

from tests.integration.transitions.conftest import Market
from tests.integration.transitions.matrix import deals
from tests.integration.transitions.matrix.cast import Cast, Json, Scene, parties, put

_ANSWERS = {"accepted": "accept", "agreed": "agree", "declined": "decline"}


async def _answered(market: Market, cast: Cast, path: str, state: str) -> None:
    if state in _ANSWERS:
        await market.done(cast.freelancer, path, _ANSWERS[state])
    elif state == "withdrawn":
        await market.done(cast.client, path, "withdraw")
    elif state == "expired":
        table, key = path.split("/")
        await put(market, table.replace("-", "_"), key, state)


async def _amendment(market: Market, cast: Cast, words: str) -> str:
    state, *more = words.split()
    contract, (first, _second) = await deals.deal(market, cast, "300", "200")
    change = {"milestone_id": first, "amount": "400"}
    said = {"contract_id": contract, "reason": "More of it.", "milestones": [change]}
    key = str((await market.done(cast.client, "contract-amendments", body=said))["id"])
    await _answered(market, cast, f"contract-amendments/{key}", state)
    if more == ["funded"]:
        await deals.funded(market, cast, first)
    return key


async def _cancellation(market: Market, cast: Cast, words: str) -> str:
    state, *more = words.split()
    contract, (first, second) = await deals.deal(market, cast, "300", "200")
    await deals.funded(market, cast, first)
    split = await deals.split(market, contract)
    said = {"contract_id": contract, "reason": "It rains.", "split": split}
    key = str((await market.done(cast.client, "contract-cancellations", body=said))["id"])
    await _answered(market, cast, f"contract-cancellations/{key}", state)
    if more == ["changed"]:
        await deals.funded(market, cast, second)
    return key


_MEMBER_BY = {"accepted": "accept", "declined": "decline", "left": "accept leave"}


async def _member(market: Market, cast: Cast, words: str) -> str:
    contract, _milestones = await deals.deal(market, cast, "300", "200")
    said = {
        "contract_id": contract,
        "user_id": str(cast.stranger.id),
        "share_bp": 3333,
        "role": "editor",
    }
    key = str((await market.done(cast.freelancer, "contract-members", body=said))["id"])
    for action in _MEMBER_BY.get(words, "").split():
        await market.done(cast.stranger, f"contract-members/{key}", action)
    return key


async def _member_bodies(_market: Market, _cast: Cast, _key: str) -> Mapping[str, Json]:
    return {"invite-again": {"share_bp": 2000}}


_PROPOSED = parties(client="owner", freelancer="other")
SCENES = {
    "amendment": Scene(_amendment, _PROPOSED, besides=("proposed funded",)),
    "cancellation": Scene(_cancellation, _PROPOSED, besides=("proposed changed",)),
    "contract_member": Scene(
        _member, parties(stranger="owner", freelancer="freelancer"), _member_bodies
    ),
}
