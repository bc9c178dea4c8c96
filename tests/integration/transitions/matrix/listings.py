"""Listings, and what is offered for them, in each of their states."""

from collections.abc import Mapping

from tests.integration.transitions.conftest import Market
from tests.integration.transitions.matrix.cast import Cast, Json, Scene, parties, put

_GIG_BY = {
    "draft": "",
    "active": "publish",
    "paused": "publish pause",
    "deleted": "remove",
    "suspended": "publish",
}


async def _gig(market: Market, cast: Cast, words: str) -> str:
    gig = await market.gig(cast.freelancer, publish=False)
    path = f"gigs/{gig['id']}"
    for action in _GIG_BY[words].split():
        await market.done(cast.freelancer, path, action)
    if words == "suspended":
        await market.done(cast.staff, path, "suspend")
    return str(gig["id"])


async def _gig_bodies(market: Market, _cast: Cast, key: str) -> Mapping[str, Json]:
    found = "SELECT id::text FROM gig_packages WHERE gig_id = $1::uuid"
    return {"order": {"package_id": await market.pool.fetchval(found, key)}}


_JOB_BY = {"draft": "", "open": "publish", "closed": "publish close", "cancelled": "cancel"}


async def _job(market: Market, cast: Cast, words: str) -> str:
    job = await market.job(cast.client, publish=False)
    for action in _JOB_BY.get(words, "").split():
        await market.done(cast.client, f"jobs/{job['id']}", action)
    key = str(job["id"])
    # What its contract, an analysis or the platform of an external one makes of it.
    return key if words in _JOB_BY else await put(market, "jobs", key, words)


async def _proposal(market: Market, cast: Cast, words: str) -> str:
    state, *more = words.split()
    job = await market.job(cast.client)
    proposal = await market.proposal(job, cast.freelancer)
    path = f"proposals/{proposal['id']}"
    if state == "accepted":
        await market.accepted(cast.client, proposal)
    elif state == "withdrawn":
        await market.done(cast.freelancer, path, "withdraw")
    elif state == "rejected":
        await market.done(cast.client, path, "reject", {"reason": "Another was faster."})
    elif state == "shortlisted":
        await market.done(cast.client, path, "shortlist")
    for action in more:
        await market.done(cast.client, f"jobs/{job['id']}", action)
    return str(proposal["id"])


async def _proposal_bodies(_market: Market, _cast: Cast, _key: str) -> Mapping[str, Json]:
    return {"reject": {"reason": "Another was faster."}}


SCENES = {
    "gig": Scene(
        _gig,
        parties(freelancer="owner", client="client", stranger="client", staff="client",
                admin="client"),
        _gig_bodies,
    ),
    "job": Scene(_job, parties(client="owner")),
    "proposal": Scene(
        _proposal,
        parties(client="client", freelancer="freelancer"),
        _proposal_bodies,
        besides=("pending close", "withdrawn close"),
    ),
}  # fmt: skip
