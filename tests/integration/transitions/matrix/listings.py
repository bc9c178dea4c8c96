"""Listings in each of their states."""

from protocol.machine import Party
from tests.integration.transitions.conftest import Market
from tests.integration.transitions.matrix.cast import Cast, Scene

_GIG_BY = {
    "draft": (),
    "active": ("publish",),
    "paused": ("publish", "pause"),
    "deleted": ("remove",),
    "suspended": ("publish",),
}


async def _gig(market: Market, cast: Cast, state: str) -> str:
    gig = await market.gig(cast.freelancer, publish=False)
    path = f"gigs/{gig['id']}"
    for action in _GIG_BY[state]:
        await market.done(cast.freelancer, path, action)
    if state == "suspended":
        await market.done(cast.staff, path, "suspend")
    return str(gig["id"])


SCENES = {"gig": Scene(_gig, {"freelancer": frozenset({Party.OWNER})})}
