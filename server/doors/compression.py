"""Answers that are long enough are compressed for who takes that.

Level 1 costs the event loop some 10 µs a KB, and makes JSON four to eight times smaller. What would
keep the sockets of the process waiting is compressed in a thread, where zlib gives the interpreter
free. Whoever asks says so with a token in a header, which pages of others cannot send: no secret
can be guessed from the length of an answer (BREACH).
"""

import asyncio
import zlib
from dataclasses import dataclass

from aiohttp import hdrs, web

_LEVEL = 1
_GZIP = 31  # zlib's number for the largest window, within gzip's header and trailer
_TEXTS = ("application/json", "application/problem+json", "text/")


@dataclass(frozen=True, slots=True)
class Compression:
    """Which answers are compressed: those of more than `above_bytes`.

    Those of more than `in_thread_above_bytes` are compressed in a thread.
    """

    above_bytes: int = 1_024
    in_thread_above_bytes: int = 65_536

    async def compress(self, request: web.Request, response: web.StreamResponse) -> None:
        """Compress an answer that is whole and long enough, and say what it depends on."""
        if not isinstance(response, web.Response):
            return
        body = response.body
        if not isinstance(body, bytes) or len(body) <= self.above_bytes:
            return
        headers = response.headers
        if hdrs.CONTENT_ENCODING in headers or not response.content_type.startswith(_TEXTS):
            return
        if hdrs.ACCEPT_ENCODING not in ", ".join(headers.getall(hdrs.VARY, ())):
            headers.add(hdrs.VARY, hdrs.ACCEPT_ENCODING)
        if not takes_gzip(", ".join(request.headers.getall(hdrs.ACCEPT_ENCODING, ()))):
            return
        if len(body) > self.in_thread_above_bytes:
            response.body = await asyncio.to_thread(_compressed, body)
        else:
            response.body = _compressed(body)
        headers[hdrs.CONTENT_ENCODING] = "gzip"


def takes_gzip(accepted: str) -> bool:
    """Whether an Accept-Encoding (RFC 9110, 12.5.3) has gzip in it, by name or by `*`."""
    weights = {}
    for part in accepted.lower().split(","):
        coding, _, weight = part.replace(" ", "").partition(";")
        weights[coding] = weight
    weight = weights.get("gzip", weights.get("*", "q=0"))
    return weight.removeprefix("q=").strip("0.") != "" or weight == ""


def _compressed(body: bytes) -> bytes:
    return zlib.compress(body, _LEVEL, _GZIP)
