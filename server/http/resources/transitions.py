"""The paths of transitions: `POST /v1/gigs/{id}/publish`, and creations that only workflows do.

They follow from the machines: whoever may ask for a transition has its path.
"""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from aiohttp import hdrs, web

from handlers.caller import Caller
from protocol.errors import ErrorCode, Fault, RequestError
from protocol.faults.calendar import calendar_faults
from server.http.commands import REPLAYED
from server.http.resources.paths import (
    WRITE_COST,
    ResourceDoor,
    asked_in_vain,
    idempotency_key_of,
    written,
)
from server.http.resources.query import key_of
from server.http.route_helpers import checked, json_response, read_exact_members
from server.http.tags import unmatched, versions_matched
from storage.database.idempotency import IdempotencyKey
from storage.resources.resource import Resource
from storage.resources.store import Row
from storage.workflows.asks import Ask, Begin, Done
from storage.workflows.workflow import Workflow

_Handler = Callable[[web.Request], Awaitable[web.Response]]


class Nothing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of a transition that needs none."""


class TransitionDoor:
    """Asks the executor for what a request asks for."""

    def __init__(self, door: ResourceDoor) -> None:
        self._door = door

    def routes(self) -> list[web.RouteDef]:
        """A path for each transition that somebody may ask for."""
        resources = self._door.queries.resources
        return [
            web.post(path, handler)
            for workflow in self._door.parts.workflows.values()
            if workflow.resource in resources
            for path, handler in self._paths(resources[workflow.resource], workflow)
        ]

    def _paths(
        self, resource: Resource, workflow: Workflow
    ) -> list[tuple[str, Callable[..., Any]]]:
        collection = f"/v1/{resource.path}"
        acts = [
            (f"{collection}/{{key}}/{action}", partial(self._act, resource, workflow, action))
            for action in workflow.machine.askable()
        ]
        begun = [
            (collection, partial(self._begin, workflow, t.action))
            for t in workflow.creations
            if t.action in workflow.makers
        ]
        return [*acts, *begun]

    async def _act(
        self, resource: Resource, workflow: Workflow, action: str, request: web.Request
    ) -> web.Response:
        caller = await self._door.caller(request, WRITE_COST)
        key = key_of(resource, request.match_info["key"])
        asked = await _read(request, workflow, action, caller)
        done = await self._door.parts.executor.run(
            Ask(
                workflow,
                action,
                key,
                caller.user_id,
                asked.body,
                asked.refused,
                versions_matched(request),
                unmatched(request),
                asked.idempotency,
            )
        )
        assert done is not None
        await self._door.parts.changed(resource, key)
        await self._changed(done)
        return await self._answered(caller, done)

    async def _begin(self, workflow: Workflow, action: str, request: web.Request) -> web.Response:
        caller = await self._door.caller(request, WRITE_COST)
        asked = await _read(request, workflow, action, caller)
        assert workflow.creation is not None
        done = await self._door.parts.executor.begin(
            Begin(
                workflow,
                action,
                caller.user_id,
                _id_of(asked.members.get(workflow.creation.parent_key)),
                body=asked.body,
                refused=asked.refused,
                idempotency=asked.idempotency,
            )
        )
        await self._changed(done)
        return await self._answered(caller, done)

    async def _changed(self, done: Done) -> None:
        """Drop the copies of what a transition has changed: who asked reads the new rows next."""
        for resource in self._door.queries.resources.values():
            if resource.cache_s:
                for key in [key for table, key in done.changed if table == resource.table]:
                    await self._door.parts.changed(resource, key)

    async def _answered(self, caller: Caller, done: Done) -> web.Response:
        door = self._door
        resource = door.queries.resources.get(done.path)
        if resource is None:
            response = json_response(done.status, done.body.encode())
            if done.key:
                response.headers[hdrs.LOCATION] = done.key
        else:
            row = Row(done.body, done.key, done.version, actions=done.actions)
            body = await door.body_of(resource, row, caller)
            response = written(done.status, body, done.version)
            if done.status == 201:
                response.headers[hdrs.LOCATION] = f"/v1/{resource.path}/{done.key}"
        if done.is_repeated:
            response.headers[REPLAYED] = "true"
        return response


class _Asked(NamedTuple):
    """A request: its members, the body that they are or what is wrong with it, and its key."""

    members: dict[str, Any]
    body: msgspec.Struct | None
    refused: RequestError | None
    idempotency: IdempotencyKey | None


async def _read(request: web.Request, workflow: Workflow, action: str, caller: Caller) -> _Asked:
    """What a request asks for. Raises `RequestError` where money moves and it has no key."""
    members = await read_exact_members(request)
    idempotency = idempotency_key_of(request, caller, members)
    if idempotency is None and any(t.moves_money for t in workflow.machine.named(action)):
        raise _keyless()
    body, refused = _judged(request, members, workflow.bodies.get(action, Nothing))
    return _Asked(members, body, refused, idempotency)


def _judged(
    request: web.Request, members: dict[str, Any], shape: type[msgspec.Struct]
) -> tuple[msgspec.Struct | None, RequestError | None]:
    """The body, or what is wrong with the request."""
    in_vain: list[Fault] = asked_in_vain(request)
    try:
        if in_vain:
            raise RequestError.of_faults(in_vain)
        body = checked(members, shape)
    except RequestError as error:
        return None, error
    beyond = list(calendar_faults(body))
    return (None, RequestError.of_faults(beyond)) if beyond else (body, None)


def _id_of(value: Any) -> UUID | None:
    try:
        return UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _keyless() -> RequestError:
    message = "money moves: send an Idempotency-Key, so that a repeated request moves it once"
    return RequestError(ErrorCode.BAD_REQUEST, message, {"missing": "Idempotency-Key"})
