"""What every route uses: bodies to structs, structs to answers, who asks and from where.

Routes raise `RequestError`; `server/http/middleware.py` makes the answer of it.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

import msgspec
import orjson
from aiohttp import hdrs, web

from handlers.caller import Caller
from handlers.card_numbers import holds_card_number
from protocol.codec import (
    HALF_PAIR_COST,
    may_be_rounded,
    may_hold_half_pair,
    refused_half_pair_in_body,
    refused_rounded_number,
    validate,
)
from protocol.errors import UNKNOWN, ErrorCode, Fault, RequestError
from protocol.faults.search import sorted_out
from server.http.unknown_members import unknown_members

T = TypeVar("T", bound=msgspec.Struct)

CALLER: web.RequestKey[Caller | RequestError] = web.RequestKey("caller")
"""Who asks, or why the token that came does not say."""
ADDRESS: web.RequestKey[str] = web.RequestKey("address", str)
REQUEST_ID: web.RequestKey[str] = web.RequestKey("request_id", str)
CHARGED: web.AppKey[Callable[[web.Request, float], Awaitable[None]]] = web.AppKey("charged")
"""Takes tokens from whoever asks; raises `RequestError` (`rate_limited`)."""

SECURITY = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""Headers of every answer that has none of its own by these names."""

_ABOUT_MONEY = re.compile(
    r"/v1/(?:(?:payment-methods|payout-methods|deposits)(?:/|\Z)|[^/]+/[^/]+/(?:pay|fund)\Z)"
)
"""Paths whose bodies may be mistaken for places of card numbers."""
_PLAIN_NAME = re.compile(r"[a-z_]{1,40}")
MOST_NESTED = 100
"""Encoders take 250 levels, and what is stored is read by others, who may take fewer."""
_UNKNOWN_SHOWN = 20
_PATH_CHARS = 200


async def read_body(request: web.Request, shape: type[T]) -> T:
    """The JSON body as `shape`; an absent body is an empty object.

    Raises `RequestError`: `bad_request` for what is not a JSON object, `payload_too_large`,
    `validation_failed` naming the members that are wrong or that `shape` does not have.
    """
    return checked(await read_members(request), shape)


async def read_members(request: web.Request) -> dict[str, Any]:
    """The JSON body as it came, not yet validated; raises as `read_body` does."""
    body = await read_raw(request)
    if not body:
        return {}
    content_type = request.content_type
    if hdrs.CONTENT_TYPE in request.headers and content_type != "application/json":
        raise web.HTTPUnsupportedMediaType(text="the body must be application/json")
    try:
        members = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise await _undecodable(request, body) from error
    if type(members) is not dict:
        raise RequestError(ErrorCode.BAD_REQUEST, "the body must be a JSON object")
    if _ABOUT_MONEY.match(request.path) and holds_card_number(members):
        reason = "holds a card's number: only a provider's token may be sent"
        raise RequestError.invalid(_holder(members), reason)
    may_be_deep = body.count(b"[") + body.count(b"{") > MOST_NESTED
    if may_be_deep and _is_nested_beyond(MOST_NESTED, members):
        raise RequestError(ErrorCode.BAD_REQUEST, f"the body is more than {MOST_NESTED} deep")
    return members


def _holder(members: dict[str, Any]) -> str:
    """The member that holds a card's number; none where that may stand in names of members."""
    held = (name for name, value in members.items() if holds_card_number(value))
    return next((name for name in held if _PLAIN_NAME.fullmatch(name)), "")


async def read_exact_members(request: web.Request) -> dict[str, Any]:
    """As `read_members`, of bodies that may hold amounts: numbers are those that were sent.

    Raises also `RequestError` (`validation_failed`) for a number that would be rounded.
    """
    members = await read_members(request)
    body = await read_raw(request)
    if may_be_rounded(body):
        await request.app[CHARGED](request, HALF_PAIR_COST)
        refusal = refused_rounded_number(body)
        if refusal is not None:
            raise refusal
    return members


def _is_nested_beyond(most: int, value: Any) -> bool:
    """Whether lists and objects lie in each other more than so deep."""
    level = [value]
    for _ in range(most):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if type(outer) is dict else outer)
            if type(inner) is dict or type(inner) is list
        ]
        if not level:
            return False
    return True


def checked(members: dict[str, Any], shape: type[T]) -> T:
    """Members of a body as `shape`, unknown ones refused.

    Raises `RequestError` (`validation_failed`) of all that is wrong.
    """
    unknown = unknown_faults(members, shape)
    if not unknown:
        return validate(members, shape)
    raise RequestError.of_faults([*unknown, *sorted_out(members, shape)[1]])


def unknown_faults(members: dict[str, Any], shape: type[msgspec.Struct]) -> list[Fault]:
    """Members that nothing reads: most likely misspelt."""
    return _unknown(unknown_members(members, shape))


def unknown_refused(paths: list[str]) -> RequestError:
    """The refusal of members or parameters that nothing reads."""
    return RequestError.of_faults(_unknown(paths))


def _unknown(paths: list[str]) -> list[Fault]:
    return [Fault(path[:_PATH_CHARS], UNKNOWN, "unknown") for path in paths[:_UNKNOWN_SHOWN]]


def reply(status: int, struct: msgspec.Struct) -> web.Response:
    """An answer with a struct as its JSON body."""
    return json_response(status, msgspec.json.encode(struct))


def json_response(status: int, body: bytes) -> web.Response:
    """An answer with JSON that is encoded already."""
    return web.Response(status=status, body=body, content_type="application/json")


def caller_of(request: web.Request) -> Caller:
    """Who asks; raises `RequestError` (`unauthenticated`) when no valid token came."""
    caller: Caller | RequestError | None = request.get(CALLER)
    if caller is None:
        raise RequestError(ErrorCode.UNAUTHENTICATED, "this needs an access token")
    if isinstance(caller, RequestError):
        raise caller
    return caller


def address_of(request: web.Request) -> str:
    """The client's address, as text; forwarded ones count from trusted proxies only."""
    return request[ADDRESS]


async def _undecodable(request: web.Request, body: bytes) -> RequestError:
    """The refusal of a body that is no JSON, or of the member that holds half a surrogate pair."""
    if may_hold_half_pair(body, is_json=True):
        await request.app[CHARGED](request, HALF_PAIR_COST)
        refusal = refused_half_pair_in_body(body)
        if refusal is not None:
            return refusal
    return RequestError(ErrorCode.BAD_REQUEST, "the body is not JSON")


def refuse_encoding(headers: Mapping[str, str]) -> None:
    """Refuse a body, or a part of one, that would have to be inflated: 1 KB may become 1 GB."""
    if hdrs.CONTENT_ENCODING in headers:
        raise web.HTTPUnsupportedMediaType(
            text="a body must come without a Content-Encoding",
            headers={hdrs.ACCEPT_ENCODING: "identity"},
        )


async def read_raw(request: web.Request) -> bytes:
    """The body as it came, whole.

    The application's `client_max_size` bounds it, and the connection its time.
    """
    try:
        return await request.read()
    except TimeoutError as error:
        raise body_too_slow() from error


def body_too_slow() -> web.HTTPRequestTimeout:
    """The refusal of a body that came too slowly (`server/http/connection.py`)."""
    return web.HTTPRequestTimeout(text="the body did not arrive in time")


def tell_of_end(request: web.Request, response: web.StreamResponse) -> None:
    """Say that the connection ends, as it does when the rest of a body is not waited for."""
    if not request.content.is_eof():
        response.force_close()
        response.headers[hdrs.CONNECTION] = "close"
