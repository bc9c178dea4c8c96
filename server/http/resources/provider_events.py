"""The paths of the payment provider: its events, and where payers of play money agree."""

from uuid import UUID

import msgspec
from aiohttp import web

from protocol.errors import ErrorCode, RequestError
from server.http.route_helpers import read_raw, reply
from server.workflows.payments_wiring import LocalPayments
from server.workflows.receiving import EventReceiver
from storage.payments.local import ACTION_PATH, LocalProvider

SIGNATURE = "Provider-Signature"
PATH = "/v1/provider-events"

_PAGE = f"""\
<!doctype html><html lang="en"><meta charset="utf-8"><title>A payment of play money</title>
<meta name="viewport" content="width=device-width">
<h1>A payment of play money</h1>
<p>Payment {{0}} waits for its payer. No real money moves.</p>
<form method="post" action="{ACTION_PATH}/{{0}}/agree"><button>Agree</button></form>
<form method="post" action="{ACTION_PATH}/{{0}}/decline"><button>Decline</button></form>
"""
"""What a browser is shown that follows `action_url`: to look at it decides nothing."""
_PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; form-action 'self'; frame-ancestors 'none'"
}


class EventKept(msgspec.Struct, frozen=True):
    """The event is stored; `is_new` is false for one that came before."""

    is_new: bool


class PaymentDecided(msgspec.Struct, frozen=True):
    """The payer has been heard; the payment goes on by an event."""

    id: UUID


def payment_routes(local: LocalPayments | None) -> list[web.RouteDef]:
    """The paths of the local provider; without it there are none."""
    if local is None:
        return []
    return [*event_routes(local.receiver), *payer_routes(local.provider)]


def event_routes(receiver: EventReceiver) -> list[web.RouteDef]:
    """Where the provider sends its events. Another provider's have no path."""

    async def take(request: web.Request) -> web.Response:
        raw = await read_raw(request)
        is_new = await receiver.take(raw, request.headers.get(SIGNATURE))
        return reply(200, EventKept(is_new))

    return [web.post(f"{PATH}/{receiver.provider}", take)]


def payer_routes(provider: LocalProvider) -> list[web.RouteDef]:
    """What a bank's page would be: the payer agrees to a payment of the local provider, or not."""

    async def agree(request: web.Request) -> web.Response:
        return await _decide(request, agrees=True)

    async def decline(request: web.Request) -> web.Response:
        return await _decide(request, agrees=False)

    async def show(request: web.Request) -> web.Response:
        text = _PAGE.format(_reference(request))
        return web.Response(text=text, content_type="text/html", headers=_PAGE_HEADERS)

    async def _decide(request: web.Request, *, agrees: bool) -> web.Response:
        reference = _reference(request)
        is_decided = await provider.decide(str(reference), agrees=agrees)
        if is_decided is None:
            raise RequestError.not_found("payment")
        if not is_decided:
            raise RequestError(ErrorCode.CONFLICT, "the payment waits for nobody's answer")
        return reply(200, PaymentDecided(reference))

    path = f"{ACTION_PATH}/{{id}}"
    return [
        web.get(path, show),
        web.post(f"{path}/agree", agree),
        web.post(f"{path}/decline", decline),
    ]


def _reference(request: web.Request) -> UUID:
    try:
        return UUID(request.match_info["id"])
    except ValueError:
        raise RequestError.not_found("payment") from None
