"""Documents that are the same for everybody: made once, when first asked for, also compressed."""

import asyncio
import gzip
import hashlib
import math
from collections.abc import Callable, Mapping
from typing import NamedTuple

from aiohttp import ETag, hdrs, web

from server.doors.compression import takes_gzip
from server.http.tags import ETAG, knows_tag
from server.telemetry.kept_answer import KeptAnswer

_COMMON = {hdrs.CACHE_CONTROL: "public, max-age=300", hdrs.VARY: hdrs.ACCEPT_ENCODING}


class _Prepared(NamedTuple):
    body: bytes
    compressed: bytes
    tag: ETag


def prepared(
    path: str, make: Callable[[], bytes], headers: Mapping[str, str] | None = None
) -> web.RouteDef:
    """The route of what `make` gives: JSON, unless `headers` name another Content-Type."""
    headers = {hdrs.CONTENT_TYPE: "application/json"} | _COMMON | dict(headers or {})

    async def in_thread() -> _Prepared:
        # It takes some tenths of a second, in which the sockets are served.
        return await asyncio.to_thread(_prepare, make)

    kept = KeptAnswer(in_thread, math.inf)

    async def answer(request: web.Request) -> web.Response:
        document = await kept.get()
        if knows_tag(request, document.tag):
            response = web.Response(status=304, headers={name: headers[name] for name in _COMMON})
        elif takes_gzip(request.headers.get(hdrs.ACCEPT_ENCODING, "")):
            response = web.Response(body=document.compressed, headers=headers)
            response.headers[hdrs.CONTENT_ENCODING] = "gzip"
        else:
            response = web.Response(body=document.body, headers=headers)
        response.headers[ETAG] = f'W/"{document.tag.value}"'
        return response

    return web.get(path, answer)


def _prepare(make: Callable[[], bytes]) -> _Prepared:
    body = make()
    # Weak, since the compressed bytes are others.
    tag = ETag(hashlib.sha256(body).hexdigest()[:32], is_weak=True)
    return _Prepared(body, gzip.compress(body, mtime=0), tag)
