"""Each request is counted by who asks, and answered later where there are too many."""

import asyncio
from typing import Literal

from aiohttp import hdrs, web

from handlers.caller import Caller
from protocol.errors import RequestError
from server.doors.request_rates import REFUSED_S, RequestRates
from server.http.connection import HttpConnection
from server.http.route_helpers import ADDRESS

PROBES = frozenset({"/healthz", "/readyz", "/metrics"})


def claims_login(request: web.Request) -> bool:
    """Whether a token came that is looked at."""
    return hdrs.AUTHORIZATION in request.headers and request.path.startswith("/v1/")


def is_preflight(request: web.Request) -> bool:
    """Whether a browser asks for a page of another origin; it sends no login with that."""
    return request.method == hdrs.METH_OPTIONS and (
        hdrs.ACCESS_CONTROL_REQUEST_METHOD in request.headers
    )


async def count(request: web.Request, rates: RequestRates) -> None:
    """Count a request without a login; raises `RequestError` (`rate_limited`), after a moment."""
    if request.path in PROBES or is_preflight(request):
        what: Literal["probes", "preflights"] = "probes" if request.path in PROBES else "preflights"
        if wait_s := rates.late(what, request[ADDRESS]):
            await _delay(request, wait_s)
        return
    try:
        rates.unauthenticated(request[ADDRESS])
    except RequestError:
        await _delay(request, REFUSED_S)
        raise


def count_answer(request: web.Request, response: web.StreamResponse, rates: RequestRates) -> None:
    """Count what is answered without a login; a file by its link belongs to who was given that."""
    if _is_linked(request) and response.status < 400:
        rates.uncount(request[ADDRESS])
    elif isinstance(response, web.Response) and request.path not in PROBES:
        rates.answered(request[ADDRESS], response.content_length or 0)


def _is_linked(request: web.Request) -> bool:
    """Whether it asks for a file by a link, which is refused where the signature is wrong."""
    return "signature" in request.query and request.path.startswith("/v1/files/")


async def count_person(request: web.Request, caller: Caller, rates: RequestRates) -> None:
    """Count a request of somebody; raises as `count` does."""
    try:
        rates.person(caller.user_id)
    except RequestError:
        await _delay(request, REFUSED_S)
        raise


async def _delay(request: web.Request, seconds: float) -> None:
    connection = request.protocol
    if not isinstance(connection, HttpConnection):
        await asyncio.sleep(seconds)
    elif connection.came_from(request[ADDRESS]):
        await connection.delay(seconds)
