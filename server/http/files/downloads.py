"""Handing out a file: whole or a range of it, from whatever store it is in, at the peer's pace.

Who takes long is asked for again: a download ends within seconds when whoever asked may not have
the file any more. A peer that takes nothing is ended by the doors (`Wait.TAKING` of
`server/doors/budget.py`), which see each byte that it takes; a time limit for each part would also
end peers that take it slowly.
"""

import contextlib
import time
from collections.abc import AsyncGenerator, AsyncIterator
from typing import NamedTuple
from urllib.parse import quote

from aiohttp import ETag, hdrs, web

from handlers.files.files import FileContent
from protocol.errors import RequestError
from server.http.tags import ETAG, knows_tag

CHECK_S = 5.0
"""How often it is asked whether a download may go on."""
PIECE_BYTES = 65_536
"""What is written at once: less than a store gives, so that a slow peer is asked for within it."""
_CACHE_S = 1800


class _Range(NamedTuple):
    first: int
    last: int
    is_whole: bool


async def download(request: web.Request, content: FileContent) -> web.StreamResponse:
    """Answer with the bytes. Raises `RequestError` when they are not there."""
    tag = ETag(content.tag)
    if knows_tag(request, tag):
        return web.Response(status=304, headers=_validators(tag))
    try:
        asked = _asked(request, content.size_bytes, tag)
    except ValueError:
        return web.Response(
            status=416, headers={hdrs.CONTENT_RANGE: f"bytes */{content.size_bytes}"}
        )
    response = web.StreamResponse(
        status=200 if asked.is_whole else 206, headers=_headers(content) | _validators(tag)
    )
    response.content_length = asked.last - asked.first + 1
    if not asked.is_whole:
        response.headers[hdrs.CONTENT_RANGE] = (
            f"bytes {asked.first}-{asked.last}/{content.size_bytes}"
        )
    if request.method == hdrs.METH_HEAD:
        await content.is_there()
        await response.prepare(request)
        return response
    async with contextlib.aclosing(_reading(content, asked)) as chunks:
        # Before the answer begins: what is not there is still told by its status.
        chunk = await anext(chunks, b"")
        await response.prepare(request)
        await _send(request, response, content, chunk, chunks)
    return response


async def _reading(content: FileContent, asked: _Range) -> AsyncGenerator[bytes, None]:
    async for chunk in content.read(asked.first, asked.last):
        yield chunk


async def _send(
    request: web.Request,
    response: web.StreamResponse,
    content: FileContent,
    chunk: bytes,
    chunks: AsyncIterator[bytes],
) -> None:
    """Write what is left. What ends it early cuts the connection: the answer has begun, and a peer
    must not take a part for the whole.
    """
    checked = time.monotonic()
    try:
        while chunk:
            for first in range(0, len(chunk), PIECE_BYTES):
                await response.write(chunk[first : first + PIECE_BYTES])
                if time.monotonic() - checked > CHECK_S:
                    await _check(content)
                    checked = time.monotonic()
            chunk = await anext(chunks, b"")
    except (RequestError, OSError):
        response.force_close()
        if request.transport is not None:
            request.transport.abort()


async def _check(content: FileContent) -> None:
    """Raise when it must end; what cannot be asked now is asked later."""
    try:
        await content.check()
    except RequestError as error:
        if not error.retryable:
            raise


def _headers(content: FileContent) -> dict[str, str]:
    """Never shown as a page of ours, whatever is in it."""
    ascii_name = content.name.encode("ascii", "replace").decode()
    plain = "".join("_" if c in '"\\%?' else c for c in ascii_name)
    encoded = quote(content.name, safe="")
    named = f"filename=\"{plain}\"; filename*=UTF-8''{encoded}"  # RFC 6266
    return {
        hdrs.CONTENT_TYPE: content.mime,
        hdrs.CONTENT_DISPOSITION: f"attachment; {named}",
        # A browser that holds the file for somebody with a login asks each time whether it may.
        hdrs.CACHE_CONTROL: f"private, max-age={_CACHE_S}"
        if content.is_linked
        else "private, no-cache",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }


def _validators(tag: ETag) -> dict[str, str]:
    return {ETAG: f'"{tag.value}"', hdrs.ACCEPT_RANGES: "bytes"}


def _asked(request: web.Request, size: int, tag: ETag) -> _Range:
    """The range (RFC 9110, 14.2); `ValueError` when nothing of the file is in it."""
    whole = _Range(0, size - 1, is_whole=True)
    condition = request.headers.get(hdrs.IF_RANGE)
    if hdrs.RANGE not in request.headers or (condition is not None and not _is(condition, tag)):
        return whole
    if "," in request.headers[hdrs.RANGE]:
        return whole  # several ranges may be answered by the whole
    first, last, _step = request.http_range.indices(size)
    if first >= last:
        raise ValueError("nothing in the range")
    return _Range(first, last - 1, is_whole=False)


def _is(condition: str, tag: ETag) -> bool:
    return condition.strip() == f'"{tag.value}"'
