"""`GET /v1/unread`: what the caller has not seen, for a badge, without a socket."""

from collections.abc import Awaitable, Callable
from uuid import UUID

import msgspec
from aiohttp import web

from protocol.replies import UnreadTotals
from server.http.route_helpers import CHARGED, caller_of, unknown_refused
from server.http.tags import with_tag

_COST = 1.0


def routes(totals: Callable[[UUID], Awaitable[UnreadTotals]]) -> list[web.RouteDef]:
    """The path; `totals` gives the figures of a user."""

    async def unread(request: web.Request) -> web.Response:
        caller = caller_of(request)
        if request.query:
            raise unknown_refused(sorted(request.query))
        await request.app[CHARGED](request, _COST)
        figures = await totals(caller.user_id)
        return with_tag(request, msgspec.json.encode(figures), None)

    return [web.get("/v1/unread", unread)]
