"""`GET /v1/client-config`: what a page needs before anybody has logged in."""

import hashlib
import re
from collections.abc import Callable
from importlib.metadata import version
from urllib.parse import urlsplit

import msgspec
from aiohttp import ETag, hdrs, web

from protocol.limits import Limits
from protocol.notifications.push import ClientConfig, ClientLimits
from server.config import Settings
from server.http.route_helpers import CHARGED, json_response, unknown_refused
from server.http.tags import ETAG, knows_tag

SOCKET_PATH = "/v1/ws"
_CACHED = "public, max-age=300"
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[0-9A-Za-z._-]+)(?::[0-9]{1,5})?")
_COST = 1.0


def client_config_route(
    settings: Settings, push_public_key: str, ws_port: Callable[[], int]
) -> web.RouteDef:
    """The path. It is the same for everybody who calls the server by the same name."""
    limits = _limits_of(settings.limits)

    async def config(request: web.Request) -> web.Response:
        if request.query:
            raise unknown_refused(sorted(request.query))
        await request.app[CHARGED](request, _COST)
        url = ws_url(settings.public_url, request.headers.get(hdrs.HOST, ""), ws_port())
        told = ClientConfig(version("parley"), url, push_public_key, settings.heartbeat_s, limits)
        body = msgspec.json.encode(told)
        tag = ETag(hashlib.sha256(body).hexdigest()[:32], is_weak=True)
        is_known = knows_tag(request, tag)
        response = web.Response(status=304) if is_known else json_response(200, body)
        response.headers[ETAG] = f'W/"{tag.value}"'
        response.headers[hdrs.CACHE_CONTROL] = _CACHED
        response.headers.add(hdrs.VARY, hdrs.ACCEPT_ENCODING)
        return response

    return web.get("/v1/client-config", config)


def ws_url(public_url: str | None, host: str, ws_port: int) -> str:
    """Where the socket is: beside the public URL, else at its own port of the host that was asked.

    A host that cannot be read is `localhost`.
    """
    if public_url is not None:
        parts = urlsplit(public_url)
        scheme = "wss" if parts.scheme == "https" else "ws"
        return f"{scheme}://{parts.netloc.rpartition('@')[2]}{parts.path.rstrip('/')}{SOCKET_PATH}"
    named = _HOST.fullmatch(host)
    return f"ws://{named[1] if named else 'localhost'}:{ws_port}{SOCKET_PATH}"


def _limits_of(limits: Limits) -> ClientLimits:
    return ClientLimits(**{n: getattr(limits, n) for n in ClientLimits.__struct_fields__})
