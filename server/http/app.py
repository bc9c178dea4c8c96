"""The HTTP door as one application."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from uuid import UUID

from aiohttp import web

from handlers.command import Command
from handlers.files.files import SharedFiles
from protocol.cursor import CursorSigner
from protocol.limits import Limits
from protocol.tokenbucket import Rate
from server.http import commands, messaging, ops
from server.http.documents import viewer
from server.http.documents.asyncapi import asyncapi
from server.http.documents.openapi import openapi
from server.http.documents.prepared import prepared
from server.http.documents.socket_page import socket_page
from server.http.files import paths
from server.http.middleware import DoorRules, surround
from server.http.route_helpers import CHARGED
from server.telemetry.metrics import Metrics

BODY_BYTES_MIN = 16_384
"""A JSON body may be at least this long, however short the frames of sockets are."""


@dataclass(frozen=True, slots=True)
class HttpParts:
    """What the door stands on.

    `routes` are those of other areas (accounts). `rate` is what `charge` grants, for the header
    that tells of it; None where nothing is limited. `command_timeout_s` bounds each handler.
    `probes` is None where they have a port of their own. `public_url` is where clients reach it.
    `acted` is given the times of people's last commands.
    """

    table: Mapping[str, Command]
    charge: commands.Charge
    rules: DoorRules
    files: SharedFiles
    cursors: CursorSigner
    metrics: Metrics
    limits: Limits
    probes: ops.Probes | None
    routes: Sequence[web.RouteDef] = ()
    rate: Rate | None = None
    command_timeout_s: float = 15.0
    public_url: str | None = None
    is_draining: Callable[[], bool] = lambda: False
    acted: dict[UUID, float] | None = None


def body_bytes(limits: Limits) -> int:
    """How long a JSON body may be: the same command fits into it that fits into a frame."""
    return max(limits.frame_bytes, BODY_BYTES_MIN)


def build_http(parts: HttpParts) -> web.Application:
    """The application; whoever runs it serves it with `web.AppRunner`."""
    app = web.Application(client_max_size=body_bytes(parts.limits))
    surround(app, parts.rules, parts.metrics.request)
    app.on_response_prepare.append(_RateHeaders(parts.rate).tell)
    app.on_response_prepare.append(_leaving(parts.is_draining))
    app[CHARGED] = _charged(parts.charge)
    door = commands.CommandDoor(
        parts.table,
        parts.charge,
        timeout_s=parts.command_timeout_s,
        observe=parts.metrics.command,
        acted=parts.acted,
    )
    document = cache(partial(openapi, parts.table, parts.public_url, parts.limits))
    socket_document = cache(partial(asyncapi, parts.table))
    app.add_routes(
        [
            web.post("/v1/commands/{op}", door.post),
            *messaging.routes(door, parts.cursors),
            *paths.routes(parts.files, door, parts.limits),
            *([] if parts.probes is None else ops.routes(parts.probes)),
            prepared("/v1/openapi.json", document),
            prepared("/v1/asyncapi.json", socket_document),
            *viewer.routes(),
            socket_page(socket_document),
            *parts.routes,
        ]
    )
    return app


def _charged(charge: commands.Charge) -> Callable[[web.Request, float], Awaitable[None]]:
    """Takes tokens from whoever asks, also from who has no login."""

    async def take(request: web.Request, cost: float) -> None:
        await commands.charged(request, charge, commands.payer_of(request), cost)

    return take


def _leaving(
    is_draining: Callable[[], bool],
) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    """Ends each connection with its next answer once the process drains."""

    async def leave(_request: web.Request, response: web.StreamResponse) -> None:
        if is_draining():
            response.force_close()
            response.headers["Connection"] = "close"

    return leave


class _RateHeaders:
    """RateLimit and RateLimit-Policy on the answers to those who were charged.

    Source: draft-ietf-httpapi-ratelimit-headers.
    """

    def __init__(self, rate: Rate | None) -> None:
        self._rate = rate

    async def tell(self, request: web.Request, response: web.StreamResponse) -> None:
        if self._rate is None or commands.TOKENS_LEFT not in request:
            return
        refill_s = max(1, round(self._rate.burst / self._rate.per_s))
        policy = f'"commands";q={int(self._rate.burst)};w={refill_s}'
        response.headers["RateLimit-Policy"] = policy
        left = request[commands.TOKENS_LEFT]
        if left is not None:
            full_s = max(0, round((self._rate.burst - left) / self._rate.per_s))
            response.headers["RateLimit"] = f'"commands";r={int(left)};t={full_s}'
