"""The paths of accounts and logins. They take no Idempotency-Key, which would store tokens."""

import contextlib
import ipaddress
from uuid import UUID

import msgspec
from aiohttp import web

from handlers.people.identity import Identity
from handlers.people.own_account import ShownAccount
from protocol.errors import RequestError
from protocol.faults.search import sorted_out
from protocol.identity import ChangePassword, Login, Refresh, Register, SessionList
from server.http.route_helpers import (
    address_of,
    caller_of,
    read_body,
    read_members,
    reply,
    unknown_faults,
)
from server.http.tags import with_tag
from storage.people.identity import Origin

_USER_AGENT_CHARS = 400


def routes(identity: Identity, own: ShownAccount) -> list[web.RouteDef]:
    """The routes of `identity`, and of the caller's own account."""
    paths = _AuthPaths(identity, own)
    return [
        web.post("/v1/auth/register", paths.register),
        web.post("/v1/auth/login", paths.login),
        web.post("/v1/auth/refresh", paths.refresh),
        web.post("/v1/auth/password", paths.change_password),
        web.post("/v1/auth/logout", paths.logout),
        web.get("/v1/auth/sessions", paths.list_sessions),
        web.delete("/v1/auth/sessions/{id}", paths.revoke_session),
        web.get("/v1/me", paths.me),
    ]


class _AuthPaths:
    """Each path: what the request holds, the handler, its answer."""

    def __init__(self, identity: Identity, own: ShownAccount) -> None:
        self._identity = identity
        self._own = own

    async def register(self, request: web.Request) -> web.Response:
        members = await read_members(request)
        values, faults = sorted_out(members, Register)
        faults = [*unknown_faults(members, Register), *faults]
        if faults:
            # All at once; a body of the right shape is judged by `register`.
            faults += self._identity.registration_faults(values)
            raise RequestError.of_faults(faults)
        body = Register(**values)
        return reply(201, await self._identity.register(_origin(request), body))

    async def login(self, request: web.Request) -> web.Response:
        body = await read_body(request, Login)
        return reply(200, await self._identity.login(_origin(request), body))

    async def refresh(self, request: web.Request) -> web.Response:
        body = await read_body(request, Refresh)
        return reply(200, await self._identity.refresh(_origin(request), body))

    async def change_password(self, request: web.Request) -> web.Response:
        caller = caller_of(request)
        body = await read_body(request, ChangePassword)
        changed = await self._identity.change_password(caller, _origin(request), body)
        return reply(200, changed)

    async def logout(self, request: web.Request) -> web.Response:
        await self._identity.logout(caller_of(request))
        return web.Response(status=204)

    async def list_sessions(self, request: web.Request) -> web.Response:
        caller = caller_of(request)
        query = SessionList(request.query.get("cursor"), _limit(request))
        page = await self._identity.list_sessions(caller, query)
        answer = reply(200, page)
        if page.next_cursor is not None:
            following = request.rel_url.update_query(cursor=page.next_cursor)
            answer.headers["Link"] = f'<{following}>; rel="next"'
        return answer

    async def revoke_session(self, request: web.Request) -> web.Response:
        caller = caller_of(request)
        try:
            session_id = UUID(request.match_info["id"])
        except ValueError:
            raise RequestError.not_found("session") from None
        await self._identity.revoke_session(caller, session_id)
        return web.Response(status=204)

    async def me(self, request: web.Request) -> web.Response:
        account = await self._own.me(caller_of(request))
        return with_tag(request, msgspec.json.encode(account), account.version)


def _limit(request: web.Request) -> int | None:
    text = request.query.get("limit")
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and 0 < len(text) < 10 and int(text) > 0):
        raise RequestError.invalid("limit", "not a positive number")
    return int(text)


def _origin(request: web.Request) -> Origin:
    address = None
    with contextlib.suppress(ValueError):  # a Unix socket has no address
        address = str(ipaddress.ip_address(address_of(request).partition("%")[0]))
    agent = request.headers.get("User-Agent")
    if agent is not None:
        # Bytes that are not UTF-8 come as lone surrogates, which no database takes.
        agent = agent[:_USER_AGENT_CHARS].encode("utf-8", "replace").decode()
    return Origin(address, agent)
