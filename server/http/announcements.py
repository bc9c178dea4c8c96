"""`/v1/announcements`: administrators tell many people something."""

import hashlib
from uuid import UUID

import orjson
from aiohttp import hdrs, web

from handlers.caller import Caller
from protocol.errors import ErrorCode, RequestError
from protocol.faults.calendar import calendar_faults
from protocol.notifications.announcements import AnnouncementMake
from server.http.commands import REPLAYED, idempotency_key
from server.http.route_helpers import (
    CHARGED,
    caller_of,
    checked,
    read_members,
    reply,
    unknown_refused,
)
from storage.database.idempotency import IdempotencyKey
from storage.notifications.announcements import Announcements

_COST = 2.0
_PATH = "/v1/announcements"
_ONE = _PATH + "/{id}"


class AnnouncementDoor:
    """The paths. `wake` is called once one is made."""

    def __init__(self, announcements: Announcements) -> None:
        self._announcements = announcements

    def routes(self) -> list[web.RouteDef]:
        """Making one, its progress, its end."""
        return [
            web.post(_PATH, self.make),
            web.get(_ONE, self.get),
            web.post(_ONE + "/cancel", self.cancel),
        ]

    async def make(self, request: web.Request) -> web.Response:
        """A new one, or how many it would be for."""
        caller = await self._admin(request)
        members = await read_members(request)
        made = checked(members, AnnouncementMake)
        beyond = [*calendar_faults(made.filter, "filter")]
        if beyond:
            raise RequestError.of_faults(beyond)
        after, before = made.filter.registered_after, made.filter.registered_before
        if after and before and after >= before:
            raise RequestError.invalid("filter.registered_before", "must be after registered_after")
        if made.dry_run:
            return reply(200, await self._announcements.count(made.filter))
        key = _key_of(request, caller, members)
        announcement, is_repeated = await self._announcements.make(made, caller.user_id, key)
        response = reply(201, announcement)
        response.headers[hdrs.LOCATION] = f"{_PATH}/{announcement.id}"
        if is_repeated:
            response.headers[REPLAYED] = "true"
        return response

    async def get(self, request: web.Request) -> web.Response:
        """How far one has come."""
        await self._admin(request)
        return reply(200, await self._announcements.get(_id(request)))

    async def cancel(self, request: web.Request) -> web.Response:
        """Nobody else is told."""
        await self._admin(request)
        if await read_members(request):
            raise RequestError.invalid("", "nothing is read here")
        return reply(200, await self._announcements.cancel(_id(request)))

    async def _admin(self, request: web.Request) -> Caller:
        caller = caller_of(request)
        await request.app[CHARGED](request, _COST)
        if request.query:
            raise unknown_refused(sorted(request.query))
        if not await self._announcements.may_announce(caller.user_id):
            raise RequestError(ErrorCode.FORBIDDEN, "only administrators may make announcements")
        return caller


def _id(request: web.Request) -> UUID:
    try:
        return UUID(request.match_info["id"])
    except ValueError:
        raise RequestError.not_found("announcement") from None


def _key_of(request: web.Request, caller: Caller, members: object) -> IdempotencyKey | None:
    key = idempotency_key(request)
    if key is None:
        return None
    digest = hashlib.sha256(orjson.dumps(members, option=orjson.OPT_SORT_KEYS)).digest()
    return IdempotencyKey(caller.user_id, request.method, request.path, key, digest)
