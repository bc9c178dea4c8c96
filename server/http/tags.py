"""Entity tags of single rows, and the conditions that clients make with them.

A tag is `W/"VERSION-HASH"`: the hash is that of the body as it is sent, which holds figures,
expansions and `available_actions` besides what the version counts. A row without versions has the
hash alone. `If-None-Match` compares the whole tag; `If-Match` asks for the version, and takes it
as `"VERSION"` too. The tags are weak, since compression makes other bytes of the same body.
"""

import hashlib
import re

from aiohttp import ETag, hdrs, web

from protocol.errors import ErrorCode, RequestError
from server.http.route_helpers import json_response

ETAG = "ETag"
"""As RFC 9110 spells it; aiohttp's constant is `Etag`, which who keeps headers in a dict misses."""
_HASH_CHARS = 24  # 96 bits: no two bodies of one row share them by chance
_VERSION = re.compile(r'(?:W/)?"?(\d{1,9})(?:-[0-9a-f]+)?"?')
_VARIES = f"{hdrs.AUTHORIZATION}, {hdrs.ACCEPT_ENCODING}"


def tag_of(body: bytes, version: int | None) -> str:
    """The tag of a row that is sent as `body`."""
    digest = hashlib.sha256(body).hexdigest()[:_HASH_CHARS]
    return f'W/"{digest}"' if version is None else f'W/"{version}-{digest}"'


def with_tag(request: web.Request, body: bytes, version: int | None) -> web.Response:
    """A row with its tag, or 304 for who has just this body."""
    tag = tag_of(body, version)
    response = web.Response(status=304) if _is_known(request, tag) else json_response(200, body)
    response.headers[ETAG] = tag
    response.headers[hdrs.CACHE_CONTROL] = "private, no-cache"
    response.headers.add(hdrs.VARY, _VARIES)
    return response


def unmatched(request: web.Request) -> RequestError | None:
    """The refusal (428) of a change without If-Match."""
    if hdrs.IF_MATCH in request.headers:
        return None
    return RequestError(
        ErrorCode.PRECONDITION_FAILED,
        "a change needs If-Match with the ETag of what it was made from",
        {"missing": str(hdrs.IF_MATCH)},
    )


def versions_matched(request: web.Request) -> list[int] | None:
    """The versions that If-Match names; None is any."""
    given = request.headers.get(hdrs.IF_MATCH, "*")
    if given.strip() == "*":
        return None
    tags = (_VERSION.fullmatch(part.strip()) for part in given.split(","))
    return [int(tag[1]) for tag in tags if tag is not None]


def knows_tag(request: web.Request, tag: ETag) -> bool:
    """Whether If-None-Match has the tag of what is made once and the same for everybody."""
    known = request.if_none_match
    return known is not None and any(one.value in {tag.value, "*"} for one in known)


def _is_known(request: web.Request, tag: str) -> bool:
    known = request.headers.get(hdrs.IF_NONE_MATCH, "")
    if known.strip() == "*":
        return True
    return tag.removeprefix("W/") in {part.strip().removeprefix("W/") for part in known.split(",")}
