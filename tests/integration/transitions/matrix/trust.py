"""What people say of each other and to staff, in each of its states."""

from collections.abc import Mapping

from protocol.machine import Party
from tests.integration.transitions.conftest import Market
from tests.integration.transitions.matrix.cast import Cast, Json, Scene

_TICKET_BY = {
    "open": "",
    "in_progress": "take",
    "waiting_on_customer": "take answer",
    "resolved": "resolve",
    "closed": "resolve close",
}


async def _ticket(market: Market, cast: Cast, state: str) -> str:
    asked = {"subject": "A question", "description": "How is it done?", "category": "other"}
    ticket = await market.done(cast.client, "support-tickets", body=asked)
    bodies = await _ticket_bodies(market, cast, ticket["id"])
    for action in _TICKET_BY[state].split():
        path = f"support-tickets/{ticket['id']}"
        await market.done(cast.staff, path, action, bodies.get(action))
    return str(ticket["id"])


async def _ticket_bodies(_market: Market, _cast: Cast, _key: str) -> Mapping[str, Json]:
    said = {"message": "As it is written."}
    return {"answer": said, "reply": said, "reopen": said}


SCENES = {"ticket": Scene(_ticket, {"client": frozenset({Party.OWNER})}, _ticket_bodies)}
