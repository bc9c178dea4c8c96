"""Each request is counted by who asks, and answered later where there are too many."""

import asyncio

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


async def count(request: web.Request, rates: RequestRates) -> None:
    """Count a request without a login; raises `RequestError` (`rate_limited`), after a moment."""
    if request.path in PROBES:
        if wait_s := rates.probe(request[ADDRESS]):
            await _delay(request, wait_s)
        return
    try:
        rates.unauthenticated(request[ADDRESS])
    except RequestError:
        await _delay(request, REFUSED_S)
        raise


def count_answer(request: web.Request, response: web.StreamResponse, rates: RequestRates) -> None:
    """Count what is answered without a login; a file by its link belongs to who was given that."""
    if isinstance(response, web.Response) and request.path not in PROBES:
        rates.answered(request[ADDRESS], response.content_length or 0)


async def count_person(request: web.Request, caller: Caller, rates: RequestRates) -> None:
    """Count a request of somebody; raises as `count` does."""
    try:
        rates.person(caller.user_id)
    except RequestError:
        await _delay(request, REFUSED_S)
        raise


async def _delay(request: web.Request, seconds: float) -> None:
    connection = request.protocol
    if isinstance(connection, HttpConnection):
        await connection.delay(seconds)
    else:
        await asyncio.sleep(seconds)
