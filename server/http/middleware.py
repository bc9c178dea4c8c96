"""Around every request: its id, its line in the log, who asks, which origin, what went wrong."""

import re
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from uuid import uuid4

import structlog
from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware

from handlers.caller import Caller
from protocol.errors import ErrorCode, RequestError
from server.doors.compression import Compression
from server.doors.hosts import ANY_HOST, AllowedHosts
from server.doors.origins import Origins
from server.doors.request_rates import UNLIMITED, RequestRates
from server.http.connection import HttpConnection
from server.http.counting import (
    PROBES,
    claims_login,
    count,
    count_answer,
    count_person,
    is_preflight,
)
from server.http.problems import problem, problem_of_router, refusal_of_request
from server.http.route_helpers import (
    ADDRESS,
    CALLER,
    REQUEST_ID,
    SECURITY,
    refuse_encoding,
    tell_of_end,
)
from server.ws.client_address import Network, client_address
from storage.people.sessions import Session

log = structlog.get_logger()

Authenticate = Callable[[str, str], Awaitable[Session]]
"""The session of an access token that came from an address.

Raises `RequestError` (`unauthenticated`, `rate_limited`).
"""
ObserveRequest = Callable[[str, str, int, float], None]
"""`(method, route, status, seconds)`."""

_SANE_ID = re.compile(r"[A-Za-z0-9._:-]{8,128}")
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_OF_ANY_HOST = frozenset({"/healthz", "/readyz"})
"""A balancer asks by address, or by a name of its own."""
_LINKS = "/v1/unsubscribe/"
_TOKEN_CHARS = 4096
_PATH_CHARS = 200

_METHODS = "GET, POST, PATCH, DELETE"
_ALLOWED_HEADERS = "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Range"
_EXPOSED_HEADERS = (
    "Content-Disposition, ETag, Idempotency-Replayed, Link, Location, RateLimit, RateLimit-Policy, "
    "Retry-After, X-Request-Id"
)


@dataclass(frozen=True, slots=True)
class DoorRules:
    """Who is let in from where, to which names, and how answers are written."""

    authenticate: Authenticate
    origins: Origins = field(default_factory=Origins)
    trusted_proxies: Sequence[Network] = ()
    hosts: AllowedHosts = ANY_HOST
    requests: RequestRates = UNLIMITED
    compression: Compression = field(default_factory=Compression)


def surround(app: web.Application, rules: DoorRules, observe: ObserveRequest) -> None:
    """Put everything here around the routes of `app`; its middlewares must still be empty."""
    pages = _Pages(rules.origins)
    app.middlewares.extend(
        [
            _answering(rules, observe),
            _knowing(rules),
            pages.check,
        ]
    )
    app.on_response_prepare.append(_headers)
    app.on_response_prepare.append(pages.tell)


def _answering(rules: DoorRules, observe: ObserveRequest) -> Middleware:
    """The outermost: nothing but an answer leaves it."""
    trusted, rates = rules.trusted_proxies, rules.requests

    @web.middleware
    async def answer(request: web.Request, handler: Handler) -> web.StreamResponse:
        started = time.perf_counter()
        forwarded = ",".join(request.headers.getall(hdrs.X_FORWARDED_FOR, ())) or None
        request[ADDRESS] = client_address(request.remote, forwarded, trusted)
        request_id = request[REQUEST_ID] = _request_id(request)
        try:
            await _let_in(request, rules)
            response = await handler(request)
        except web.HTTPException as error:
            if error.status < 400:
                raise
            response = problem_of_router(request, error, request_id)
        except Exception as error:  # noqa: BLE001 - the one place where a bug becomes `internal`
            refusal = refusal_of_request(error, _route_of(request), request_id)
            response = problem(request, refusal, request_id)
        await rules.compression.compress(request, response)
        if not isinstance(request.get(CALLER), Caller):
            count_answer(request, response, rates)
        seconds = time.perf_counter() - started
        observe(request.method, _route_of(request), response.status, seconds)
        _log(request, response.status, seconds)
        return response

    return answer


async def _let_in(request: web.Request, rules: DoorRules) -> None:
    """Count who says nothing of a login, and refuse what may not come in."""
    if not claims_login(request):
        await count(request, rules.requests)
        _admit(request, rules.hosts)
        return
    try:
        _admit(request, rules.hosts)
    except Exception:
        await count(request, rules.requests)
        raise


def _admit(request: web.Request, hosts: AllowedHosts) -> None:
    """Refuse what can be refused before anything of the body is read."""
    headers = request.headers
    named = headers.getall(hdrs.HOST, ())
    if len(named) > 1:
        raise RequestError(ErrorCode.BAD_REQUEST, "Host: there are several")
    if named and not hosts.allows(named[0]) and request.path not in _OF_ANY_HOST:
        raise web.HTTPMisdirectedRequest(
            text="Host: not a name of this server (PARLEY_ALLOWED_HOSTS)"
        )
    if hdrs.CONTENT_ENCODING in headers and request.body_exists:
        refuse_encoding(headers)
    connection = request.protocol
    if isinstance(connection, HttpConnection) and not connection.came_from(request[ADDRESS]):
        raise RequestError.rate_limited("connections", 1.0)


def _knowing(rules: DoorRules) -> Middleware:
    """Finds out who asks. A bad token is told only by a route that needs to know.

    So signing in works with an outdated token at hand.
    """

    @web.middleware
    async def know(request: web.Request, handler: Handler) -> web.StreamResponse:
        if is_preflight(request):
            return await handler(request)
        is_claimed = claims_login(request)
        if is_claimed:
            request[CALLER] = await _caller(request, rules.authenticate)
        caller = request.get(CALLER)
        connection = request.protocol
        if isinstance(connection, HttpConnection):
            connection.known(is_known=isinstance(caller, Caller))
        if isinstance(caller, Caller):
            await count_person(request, caller, rules.requests)
        elif caller is not None and caller.code is not ErrorCode.UNAVAILABLE:
            await count(request, rules.requests)
        return await handler(request)

    return know


async def _caller(request: web.Request, authenticate: Authenticate) -> Caller | RequestError:
    try:
        token = _bearer(request.headers[hdrs.AUTHORIZATION])
        session = await authenticate(token, request[ADDRESS])
    except RequestError as error:
        return error
    return Caller(session.user_id, session.session_id)


class _Pages:
    """Which web pages may use the door, as browsers ask it and are told (CORS)."""

    def __init__(self, origins: Origins) -> None:
        self._origins = origins

    @web.middleware
    async def check(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Refuse changes from other pages, answer the question that browsers ask before."""
        origin = request.headers.get(hdrs.ORIGIN)
        if origin is None:
            return await handler(request)
        may = self._origins.allow(origin, request.host)
        if request.method == "OPTIONS" and hdrs.ACCESS_CONTROL_REQUEST_METHOD in request.headers:
            return self._preflight(may=may)
        if not may and request.method not in _SAFE:
            reason = "pages of this origin may not do this (PARLEY_ALLOWED_ORIGINS)"
            raise RequestError(ErrorCode.FORBIDDEN, reason)
        return await handler(request)

    async def tell(self, request: web.Request, response: web.StreamResponse) -> None:
        """Let the browser hand the answer to a page that may have it."""
        response.headers.add(hdrs.VARY, hdrs.ORIGIN)
        origin = request.headers.get(hdrs.ORIGIN)
        if origin is not None and self._origins.allow(origin, request.host):
            response.headers[hdrs.ACCESS_CONTROL_ALLOW_ORIGIN] = origin
            response.headers[hdrs.ACCESS_CONTROL_EXPOSE_HEADERS] = _EXPOSED_HEADERS

    @staticmethod
    def _preflight(*, may: bool) -> web.Response:
        if not may:
            return web.Response(status=204)
        return web.Response(
            status=204,
            headers={
                hdrs.ACCESS_CONTROL_ALLOW_METHODS: _METHODS,
                hdrs.ACCESS_CONTROL_ALLOW_HEADERS: _ALLOWED_HEADERS,
                hdrs.ACCESS_CONTROL_MAX_AGE: "600",
            },
        )


async def _headers(request: web.Request, response: web.StreamResponse) -> None:
    response.headers[hdrs.SERVER] = "parley"
    tell_of_end(request, response)
    if REQUEST_ID in request:
        response.headers["X-Request-Id"] = request[REQUEST_ID]
    for name, value in SECURITY.items():
        response.headers.setdefault(name, value)


def _bearer(given: str) -> str:
    scheme, _, token = given.partition(" ")
    if scheme.lower() != "bearer" or not 0 < len(token.strip()) <= _TOKEN_CHARS:
        raise RequestError(ErrorCode.UNAUTHENTICATED, "Authorization must be Bearer and a token")
    return token.strip()


def _request_id(request: web.Request) -> str:
    given = request.headers.get("X-Request-Id", "")
    return given if _SANE_ID.fullmatch(given) else str(uuid4())


def _route_of(request: web.Request) -> str:
    resource = request.match_info.route.resource
    return "unknown" if resource is None else resource.canonical


def _logged_path(request: web.Request) -> str:
    """The path as it came, but for a link of a mail, which whoever reads it could follow."""
    path = request.rel_url.raw_path
    return _route_of(request) if path.startswith(_LINKS) else path[:_PATH_CHARS]


def _log(request: web.Request, status: int, seconds: float) -> None:
    """Neither the query, which may hold words to search for or a signature, nor any header."""
    caller = request.get(CALLER)
    line = log.debug if request.path in PROBES else log.info
    line(
        "http_request",
        method=request.method,
        path=_logged_path(request),
        status=status,
        ms=round(seconds * 1000, 1),
        user_id=str(caller.user_id) if isinstance(caller, Caller) else None,
        address=request[ADDRESS],
        request_id=request[REQUEST_ID],
    )
