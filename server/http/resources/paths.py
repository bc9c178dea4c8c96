"""The paths of every declared resource: one door for all of them."""

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

import msgspec
import orjson
from aiohttp import hdrs, web

from handlers.caller import Caller
from protocol.errors import FIXED, Fault, RequestError
from protocol.faults.calendar import faults_of_members
from protocol.faults.search import sorted_out
from protocol.identity import Account
from server.http.commands import REPLAYED, Charge, charged, idempotency_key, payer_of
from server.http.resources.actions_shown import ShownActions
from server.http.resources.amounts import amount_faults
from server.http.resources.provider_tokens import token_faults
from server.http.resources.query import QueryReader, is_counting, key_of
from server.http.resources.saved_searches import SavedSearchReader
from server.http.resources.texts import ResourceTexts
from server.http.route_helpers import (
    CALLER,
    caller_of,
    json_response,
    read_exact_members,
    unknown_faults,
)
from server.http.tags import ETAG, tag_of, unmatched, versions_matched, with_tag
from storage.database.idempotency import FirstAnswer, IdempotencyKey
from storage.resources import wire_structs
from storage.resources.cache import RowCache
from storage.resources.cached_reads import CachedReads
from storage.resources.counting import counts_by_state
from storage.resources.resource import Resource, Verb
from storage.resources.store import ResourceStore, Row
from storage.workflows.actions import AvailableActions
from storage.workflows.asks import Begin
from storage.workflows.executor import Executor
from storage.workflows.work import Workflows

Seen = Callable[[Resource, Any, web.Request], None]
"""Hears of every single row that was shown."""
Changed = Callable[[Resource, Any], Awaitable[None]]
"""Hears of every row that was written, once that is committed."""
OwnAccount = Callable[[Caller], Awaitable[Account]]
"""Reads the caller's own account, as `GET /v1/me` shows it."""

READ_COST, WRITE_COST = 1.0, 2.0


@dataclass(frozen=True, slots=True)
class DoorParts:
    """What the door reads and writes with, and who hears of it."""

    store: ResourceStore
    reads: CachedReads
    cache: RowCache
    texts: ResourceTexts
    seen: Seen
    changed: Changed
    account: OwnAccount
    actions: AvailableActions
    executor: Executor
    workflows: Workflows
    searches: SavedSearchReader


class ResourceDoor:
    """Answers the requests on resources: who asks, what for, and how it is told."""

    def __init__(
        self,
        parts: DoorParts,
        queries: QueryReader,
        charge: Charge,
    ) -> None:
        self.parts = parts
        self.queries = queries
        self._charge = charge
        self._shown = ShownActions(parts.actions, queries.resources)
        self._workflows = {w.resource: w for w in parts.workflows.values()}

    def routes(self) -> list[web.RouteDef]:
        """Every path of every resource."""
        resources = self.queries.resources
        me = web.patch("/v1/me", _OneResource(self, resources["users"]).change_mine)
        return [me, *(route for r in resources.values() for route in self._routes_of(r))]

    def _routes_of(self, resource: Resource) -> list[web.RouteDef]:
        one, verbs = _OneResource(self, resource), resource.verbs
        collection, row = f"/v1/{resource.path}", f"/v1/{resource.path}/{{key}}"
        offered: dict[Verb, web.RouteDef] = {
            "list": web.get(collection, one.page),
            "create": web.post(collection, one.create),
            "get": web.get(row, one.get),
            "change": web.patch(row, one.change),
            "delete": web.delete(row, one.delete),
        }
        return [route for verb, route in offered.items() if verb in verbs]

    async def reader(self, request: web.Request, *, is_public: bool) -> Caller | None:
        """Who reads, who may be nobody where rows are public; charged either way."""
        known = request.get(CALLER)
        caller = None if known is None and is_public else caller_of(request)
        await charged(request, self._charge, payer_of(request), READ_COST)
        return caller

    async def caller(self, request: web.Request, cost: float = READ_COST) -> Caller:
        """Who asks, where it must be somebody; charged."""
        caller = caller_of(request)
        await charged(request, self._charge, caller, cost)
        return caller

    async def is_staff(self, user: UUID) -> bool:
        """Whether a user is of the platform's staff."""
        async with self.parts.store.as_app(user, reads=True) as connection:
            return bool(await connection.fetchval("SELECT app_is_staff()"))

    async def judged(
        self,
        request: web.Request,
        resource: Resource,
        members: dict[str, Any],
        shape: type[msgspec.Struct],
        caller: Caller,
        key: Any = None,
    ) -> tuple[dict[str, Any], list[Fault]]:
        """The values that a body says, and all that is wrong with the request.

        `key` is of the row that is to be changed.
        """
        read = {name: resource.spelt(name, value) for name, value in members.items()}
        values, faults = sorted_out(read, shape)
        is_staff = partial(self.is_staff, caller.user_id)
        texts = await self.parts.texts.faults(resource, values, is_staff)
        searches = await self.parts.searches.faults(resource, values, caller, key)
        unknown = [
            fault._replace(reason=FIXED) if fault.path in resource.readable else fault
            for fault in unknown_faults(members, shape)
        ]
        values_faults = [
            *amount_faults(resource, values),
            *token_faults(resource, values),
            *faults_of_members(values),
            *searches,
        ]
        return values, [*asked_in_vain(request), *unknown, *faults, *texts, *values_faults]

    async def bodies_of(
        self,
        resource: Resource,
        rows: Sequence[Row],
        caller: Caller | None,
        *,
        is_expanded: bool = False,
    ) -> list[bytes]:
        """The JSON of rows, each with what the caller may do with it now."""
        user = None if caller is None else caller.user_id
        if is_expanded:
            return await self._shown.of_trees(resource, rows, user)
        return await self._shown.of_rows(resource, rows, user)

    async def body_of(
        self, resource: Resource, row: Row, caller: Caller | None, *, is_expanded: bool = False
    ) -> bytes:
        """A row's JSON, with what the caller may do with it now."""
        return (await self.bodies_of(resource, [row], caller, is_expanded=is_expanded))[0]

    async def made(
        self,
        resource: Resource,
        values: dict[str, Any],
        caller: Caller,
        idempotency: IdempotencyKey | None,
    ) -> tuple[Row, bool]:
        """A new row of the caller's, and whether it was made by an earlier request.

        Where a workflow begins with it, the executor makes it.
        """
        store, workflow = self.parts.store, self._workflows.get(resource.path)
        if workflow is None or workflow.creation is None:
            made = await store.create(resource, values, caller.user_id, idempotency)
            is_repeated = isinstance(made, FirstAnswer)
            return Row(made.body, made.key, made.version), is_repeated
        done = await self.parts.executor.begin(
            Begin(
                workflow,
                workflow.creations[0].action,
                caller.user_id,
                values.get(workflow.creation.parent_key),
                insert=partial(store.insert, resource, values, caller.user_id),
                idempotency=idempotency,
            )
        )
        row = Row(done.body, done.key, done.version, actions=done.actions)
        return row, done.is_repeated


class _OneResource:
    """The paths of one resource."""

    def __init__(self, door: ResourceDoor, resource: Resource) -> None:
        self._door = door
        self._resource = resource

    async def page(self, request: web.Request) -> web.Response:
        door, resource = self._door, self._resource
        caller = await door.reader(request, is_public=resource.is_public)
        page = door.queries.page(resource, request.query, caller)
        selection = door.queries.selection(resource, request.query)
        user = None if caller is None else caller.user_id
        rows = await door.parts.reads.page(resource, selection, page, user)
        cursor = None
        if len(rows) == page.limit:
            rows.pop()
            scope = door.queries.scope(resource, page.conditions, page.sort, caller)
            last = (rows[-1].sort_value, rows[-1].key)
            cursor = door.queries.cursors.sign(scope, last)
        told = b""
        if is_counting(request.query):
            counts = await counts_by_state(door.parts.store, resource, page.conditions, user)
            told = b',"counts":' + orjson.dumps(counts)
        return listed(
            request,
            await door.bodies_of(resource, rows, caller, is_expanded=bool(selection.tree)),
            cursor,
            told,
        )

    async def get(self, request: web.Request) -> web.Response:
        door, resource = self._door, self._resource
        caller = await door.reader(request, is_public=resource.is_public)
        key = key_of(resource, request.match_info["key"])
        selection = door.queries.single(resource, request.query)
        user = None if caller is None else caller.user_id
        row = await door.parts.reads.one(resource, key, selection, user)
        if row is None:
            raise RequestError.not_found(resource.noun)
        door.parts.seen(resource, key, request)
        row = row._replace(key=str(key))
        is_expanded = bool(selection.tree)
        body = await door.body_of(resource, row, caller, is_expanded=is_expanded)
        return with_tag(request, body, row.version)

    async def create(self, request: web.Request) -> web.Response:
        door, resource = self._door, self._resource
        caller = await door.caller(request, WRITE_COST)
        members = await read_exact_members(request)
        idempotency = idempotency_key_of(request, caller, members)
        shape = wire_structs.creation(resource)
        values, faults = await door.judged(request, resource, members, shape, caller)
        if faults:
            await door.parts.store.before_creating(resource, values, caller.user_id)
            raise RequestError.of_faults(faults)
        try:
            row, is_repeated = await door.made(resource, values, caller, idempotency)
        except RequestError as error:
            there = await door.parts.store.duplicate_of(resource, values, caller.user_id, error)
            if there is not None:
                error.details["id"] = there
            raise
        response = written(201, await door.body_of(resource, row, caller), row.version)
        await door.parts.changed(resource, row.key)
        response.headers[hdrs.LOCATION] = f"/v1/{resource.path}/{row.key}"
        if is_repeated:
            response.headers[REPLAYED] = "true"
        return response

    async def change(self, request: web.Request) -> web.Response:
        caller = await self._door.caller(request, WRITE_COST)
        key = key_of(self._resource, request.match_info["key"])
        row = await self._changed(request, caller, key)
        body = await self._door.body_of(self._resource, row, caller)
        return written(200, body, row.version)

    async def change_mine(self, request: web.Request) -> web.Response:
        """The caller's own account, which shows them more than the row of a user does."""
        door = self._door
        caller = await door.caller(request, WRITE_COST)
        await self._changed(request, caller, caller.user_id)
        account = await door.parts.account(caller)
        return written(200, msgspec.json.encode(account), account.version)

    async def _changed(self, request: web.Request, caller: Caller, key: Any) -> Row:
        door, resource = self._door, self._resource
        members = await read_exact_members(request)
        shape = wire_structs.change(resource)
        values, faults = await door.judged(request, resource, members, shape, caller, key)
        if not values and not faults:
            faults = [Fault("", "the body names nothing to change")]
        missing = resource.is_versioned and unmatched(request)
        versions = versions_matched(request) if resource.is_versioned else None
        if missing or faults:
            await door.parts.store.before_writing(resource, key, versions, caller.user_id)
            raise missing or RequestError.of_faults(faults)
        row = await door.parts.store.change(resource, key, values, versions, caller.user_id)
        await door.parts.changed(resource, key)
        return row

    async def delete(self, request: web.Request) -> web.Response:
        door, resource = self._door, self._resource
        caller = await door.caller(request, WRITE_COST)
        key = key_of(resource, request.match_info["key"])
        versions = versions_matched(request) if resource.is_versioned else None
        faults = asked_in_vain(request)
        if faults:
            await door.parts.store.before_writing(resource, key, versions, caller.user_id)
            raise RequestError.of_faults(faults)
        await door.parts.store.delete(resource, key, versions, caller.user_id)
        await door.parts.changed(resource, key)
        return web.Response(status=204)


def listed(
    request: web.Request, rows: Sequence[bytes], cursor: str | None, more: bytes = b""
) -> web.Response:
    """`{"data", "next_cursor"}`, of rows that are JSON already; `more` begins with a comma."""
    told = orjson.dumps(cursor)
    body = b'{"data":[%b],"next_cursor":%b%b}' % (b",".join(rows), told, more)
    response = json_response(200, body)
    if cursor is not None:
        following = request.rel_url.update_query(cursor=cursor)
        response.headers[hdrs.LINK] = f'<{following}>; rel="next"'
    return response


def written(status: int, body: bytes, version: int | None) -> web.Response:
    """An answer with the row that was written, and the tag that reading it has."""
    response = json_response(status, body)
    response.headers[ETAG] = tag_of(body, version)
    return response


def idempotency_key_of(
    request: web.Request, caller: Caller, members: dict[str, Any]
) -> IdempotencyKey | None:
    """The request's Idempotency-Key, with what it belongs to."""
    key = idempotency_key(request)
    if key is None:
        return None
    digest = hashlib.sha256(orjson.dumps(members, option=orjson.OPT_SORT_KEYS)).digest()
    return IdempotencyKey(caller.user_id, request.method, request.path, key, digest)


def asked_in_vain(request: web.Request) -> list[Fault]:
    """The parameters of a query where none is read."""
    return [Fault(name, "is not read here", "unknown") for name in request.query]
