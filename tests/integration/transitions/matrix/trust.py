"""Disputes, refunds, reviews and questions to staff, in each of their states."""

from collections.abc import Mapping

from tests.integration.transitions.conftest import Market
from tests.integration.transitions.matrix import deals
from tests.integration.transitions.matrix.cast import Cast, Json, Scene, parties, put

_TICKET_BY = {
    "open": "",
    "in_progress": "take",
    "waiting_on_customer": "take answer",
    "resolved": "resolve",
    "closed": "resolve close",
}


async def _ticket(market: Market, cast: Cast, words: str) -> str:
    asked = {"subject": "A question", "description": "How is it done?", "category": "other"}
    ticket = await market.done(cast.client, "support-tickets", body=asked)
    bodies = await _ticket_bodies(market, cast, ticket["id"])
    for action in _TICKET_BY[words].split():
        path = f"support-tickets/{ticket['id']}"
        await market.done(cast.staff, path, action, bodies.get(action))
    return str(ticket["id"])


async def _ticket_bodies(_market: Market, _cast: Cast, _key: str) -> Mapping[str, Json]:
    said = {"message": "As it is written."}
    return {"answer": said, "reply": said, "reopen": said}


async def _dispute(market: Market, cast: Cast, words: str) -> str:
    state, *more = words.split()
    contract, (held, released) = await deals.deal(market, cast, "300", "200")
    await deals.paid(market, cast, released)
    await deals.funded(market, cast, held)
    key = await deals.disputed(market, cast, contract)
    path = f"disputes/{key}"
    if more == ["answered"] or state == "escalated":
        said = {"answer": "It was agreed so.", "split": await deals.split(market, contract)}
        await market.done(cast.freelancer, path, "respond", said)
    if state == "escalated":
        await market.done(cast.client, path, "escalate")
    elif state == "under_review":
        await market.done(cast.staff, path, "review")
    elif state == "closed":
        await market.done(cast.client, path, "withdraw")
    return key


async def _dispute_bodies(market: Market, _cast: Cast, key: str) -> Mapping[str, Json]:
    found = "SELECT contract_id::text FROM disputes WHERE id = $1::uuid"
    split = await deals.split(market, await market.pool.fetchval(found, key))
    return {
        "respond": {"answer": "It was agreed so.", "split": split},
        "resolve": {"resolution": "The sound was agreed on.", "split": split},
    }


_OFFER_BY = {"accepted": "accept", "declined": "decline"}


async def _offer(market: Market, cast: Cast, words: str) -> str:
    contract, (held,) = await deals.deal(market, cast, "300")
    await deals.funded(market, cast, held)
    dispute = await deals.disputed(market, cast, contract)
    said = {"dispute_id": dispute, "split": await deals.split(market, contract)}
    key = str((await market.done(cast.freelancer, "dispute-offers", body=said))["id"])
    path = f"dispute-offers/{key}"
    if words in _OFFER_BY:
        await market.done(cast.client, path, _OFFER_BY[words])
    elif words == "withdrawn":
        await market.done(cast.freelancer, path, "withdraw")
    elif words == "expired":
        await put(market, "dispute_offers", key, words)
    return key


async def _refund(market: Market, cast: Cast, words: str) -> str:
    state, *more = words.split()
    _contract, (first, second) = await deals.deal(market, cast, "300", "200")
    release = await deals.paid(market, cast, first)
    if more == ["frozen"]:
        await deals.funded(market, cast, second)
    asked = {"release_id": release, "amount": "100", "reason": "The sound is missing."}
    key = str((await market.done(cast.client, "refunds", body=asked))["id"])
    if more == ["frozen"]:
        await put(market, "releases", release, "frozen")
    if state in {"succeeded", "rejected"}:
        action = {"succeeded": "approve", "rejected": "reject"}[state]
        await market.done(cast.freelancer, f"refunds/{key}", action)
    elif state == "withdrawn":
        await market.done(cast.client, f"refunds/{key}", "withdraw")
    elif state == "approved":
        await put(market, "refunds", key, state)
    return key


async def _review(market: Market, cast: Cast, words: str) -> str:
    state, *more = words.split()
    contract, (only,) = await deals.deal(market, cast, "300")
    await deals.paid(market, cast, only)
    said = {"contract_id": contract, "overall_rating": 4, "comment": "Well"}
    key = str((await market.done(cast.client, "reviews", body=said))["id"])
    if state != "pending":
        await market.done(cast.freelancer, "reviews", body=said)
    path = f"reviews/{key}"
    if more == ["answered"]:
        await market.done(cast.freelancer, path, "respond", {"response": "Thank you."})
    if state == "hidden":
        await market.done(cast.staff, path, "hide")
    return key


async def _review_bodies(_market: Market, _cast: Cast, _key: str) -> Mapping[str, Json]:
    return {"respond": {"response": "Thank you."}}


SCENES = {
    "ticket": Scene(_ticket, parties(client="owner"), _ticket_bodies),
    "dispute": Scene(
        _dispute,
        parties(client="client owner", freelancer="freelancer other"),
        _dispute_bodies,
        besides=("open answered", "under_review answered"),
    ),
    "dispute_offer": Scene(_offer, parties(client="other", freelancer="owner")),
    "refund": Scene(
        _refund, parties(client="owner", freelancer="freelancer"), besides=("requested frozen",)
    ),
    "review": Scene(
        _review,
        parties(client="owner", freelancer="other"),
        _review_bodies,
        besides=("published answered",),
    ),
}
