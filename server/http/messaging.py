"""The REST paths of messaging and notifications: rows that map each onto a command of the table."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal
from uuid import UUID

import msgspec
from aiohttp import hdrs, web
from yarl import URL

from handlers.caller import Caller
from handlers.command import Command
from protocol.cursor import CursorSigner
from protocol.errors import RequestError
from protocol.faults.words import reason_of
from protocol.objects import UnreadTotals
from protocol.replies import ConversationReply, MessagePage, MessageReply, Reply
from server.http.commands import CommandDoor, tell_replayed, with_client_id
from server.http.route_helpers import (
    CHARGED,
    caller_of,
    checked,
    json_response,
    read_members,
    reply,
    unknown_refused,
)
from server.http.tags import with_tag


@dataclass(frozen=True, slots=True)
class Path:
    """A method and path for the command `op`.

    Fields in braces come from the path, the others from the `source`. `items` is the member of the
    reply that a list's `data` holds.
    """

    method: Literal["GET", "POST", "PATCH", "DELETE"]
    path: str
    op: str
    source: Literal["query", "body", "none"] = "none"
    status: int = 200
    items: str | None = None

    @property
    def from_path(self) -> tuple[str, ...]:
        """The fields in braces."""
        return tuple(part[1:-1] for part in self.path.split("/") if part.startswith("{"))


_CONVERSATION = "/v1/conversations/{conversation_id}"
_MESSAGE = _CONVERSATION + "/messages/{message_id}"

PATHS = (
    Path("GET", "/v1/conversations", "conversation.list", "query", items="conversations"),
    Path("POST", "/v1/conversations", "conversation.create", "body", 201),
    Path("GET", _CONVERSATION, "conversation.get"),
    Path("PATCH", _CONVERSATION, "conversation.update", "body"),
    Path("GET", _CONVERSATION + "/messages", "message.history", "query", items="messages"),
    Path("POST", _CONVERSATION + "/messages", "message.send", "body", 201),
    Path("GET", _MESSAGE, "message.get"),
    Path("PATCH", _MESSAGE, "message.edit", "body"),
    Path("DELETE", _MESSAGE, "message.delete"),
    Path("POST", _CONVERSATION + "/read", "receipt.read", "body"),
    Path("POST", _CONVERSATION + "/members", "member.add", "body"),
    Path("DELETE", _CONVERSATION + "/members/{user_id}", "member.remove"),
    Path("GET", "/v1/messages/search", "message.search", "query", items="messages"),
    Path("POST", "/v1/sync", "sync", "body"),
    Path("GET", "/v1/notifications", "notification.list", "query", items="notifications"),
    Path("POST", "/v1/notifications/read", "notification.read", "body"),
)
_NOUNS = {"conversation_id": "conversation", "message_id": "message", "user_id": "member"}
_HISTORY = "message.history"
_POSITIONS = ("before_seq", "after_seq", "around_seq")


def routes(door: CommandDoor, cursors: CursorSigner) -> list[web.RouteDef]:
    """A route for each of the paths whose command the door has."""
    return [
        web.route(path.method, path.path, _Endpoint(path, door, cursors).answer)
        for path in PATHS
        if door.has(path.op)
    ]


def unread_route(totals: Callable[[UUID], Awaitable[UnreadTotals]]) -> web.RouteDef:
    """`GET /v1/unread`: what the caller has not seen, for a badge; `totals` gives the figures."""

    async def unread(request: web.Request) -> web.Response:
        caller = caller_of(request)
        if request.query:
            raise unknown_refused(sorted(request.query))
        await request.app[CHARGED](request, 1.0)
        figures = await totals(caller.user_id)
        return with_tag(request, msgspec.json.encode(figures), None)

    return web.get("/v1/unread", unread)


class _Endpoint:
    """One path: from its request to the command's request, from its reply to the answer."""

    def __init__(self, path: Path, door: CommandDoor, cursors: CursorSigner) -> None:
        self._path = path
        self._door = door
        self._cursors = cursors

    async def answer(self, request: web.Request) -> web.Response:
        caller = caller_of(request)
        command = self._door.find(self._path.op)
        await self._door.charge(request, command.cost)
        struct = await self._struct(request, command, caller)
        answer = await self._door.run(request, command, caller, struct)
        if self._path.items is not None:
            following = self._following(caller, struct, answer)
            return _list(request.rel_url, self._path.items, answer, following)
        response = reply(self._path.status, answer)
        tell_replayed(response, answer)
        if self._path.status == 201:
            response.headers[hdrs.LOCATION] = _location(answer)
        return response

    async def _struct(
        self, request: web.Request, command: Command, caller: Caller
    ) -> msgspec.Struct:
        placed = self._placed(request)
        if self._path.source != "body":
            return self._from_query(request, command, caller, placed)
        members = await read_members(request)
        # What the path says already must not be said otherwise by the body.
        repeated = sorted(placed.keys() & members.keys())
        if repeated:
            raise unknown_refused(repeated)
        return checked(with_client_id(request, command, members) | placed, command.request)

    def _from_query(
        self,
        request: web.Request,
        command: Command,
        caller: Caller,
        placed: dict[str, Any],
    ) -> msgspec.Struct:
        given = dict(request.query)
        known = set(command.request.__struct_fields__) - placed.keys()
        known = known if self._path.source == "query" else set()
        if self._path.op == _HISTORY:
            known.add("cursor")
        unknown = sorted(given.keys() - known)
        if unknown:
            raise unknown_refused(unknown)
        if self._path.op == _HISTORY and "cursor" in given:
            given |= self._history_position(caller, placed, given)
            del given["cursor"]
        return _converted(given | placed, command.request)

    def _placed(self, request: web.Request) -> dict[str, Any]:
        """The ids of the path; one that is none names nothing."""
        placed = {name: request.match_info[name] for name in self._path.from_path}
        for name, text in placed.items():
            try:
                UUID(text)
            except ValueError:
                raise RequestError.not_found(_NOUNS[name]) from None
        return placed

    def _following(self, caller: Caller, struct: msgspec.Struct, answer: Any) -> str | None:
        """The cursor of the next page."""
        if isinstance(answer, MessagePage):
            return self._history_cursor(caller, struct, answer)
        cursor: str | None = answer.next_cursor
        return cursor

    def _history_cursor(self, caller: Caller, struct: Any, page: MessagePage) -> str | None:
        """On in the direction asked for; a page around a message goes on to older ones."""
        if not page.messages:
            return None
        scope = _history_scope(caller, struct.conversation_id)
        if struct.after_seq is not None:
            more, position = page.has_more, ("after_seq", page.messages[-1].seq)
        else:
            oldest = page.messages[0].seq
            more = oldest > 1 if struct.around_seq is not None else page.has_more
            position = ("before_seq", oldest)
        return self._cursors.sign(scope, position) if more else None

    def _history_position(
        self, caller: Caller, placed: dict[str, Any], given: Mapping[str, str]
    ) -> dict[str, str]:
        if any(name in given for name in _POSITIONS):
            raise RequestError.invalid("cursor", "not together with another position")
        scope = _history_scope(caller, UUID(placed["conversation_id"]))
        name, seq = self._cursors.read(given["cursor"], scope, tuple[str, int])
        return {name: str(seq)}


def _history_scope(caller: Caller, conversation_id: UUID) -> tuple[Any, ...]:
    return ("http", _HISTORY, caller.user_id, conversation_id)


def _converted(given: dict[str, Any], shape: type[msgspec.Struct]) -> msgspec.Struct:
    """Text of a query as what the fields want; raises `RequestError` (`validation_failed`)."""
    types = _types_of(shape)
    return checked({name: _value(name, text, types[name]) for name, text in given.items()}, shape)


@cache
def _types_of(shape: type[msgspec.Struct]) -> Mapping[str, Any]:
    return {field.name: field.type for field in msgspec.structs.fields(shape)}


def _value(name: str, text: str, wanted: Any) -> Any:
    """Text where text is wanted, even if it reads `null`; else the number or truth it spells."""
    for strict in (True, False):
        try:
            return msgspec.convert(text, wanted, strict=strict)
        except msgspec.ValidationError:
            continue
    raise RequestError.invalid(name, reason_of(text, wanted))


def _list(url: URL, items: str, answer: Reply, following: str | None) -> web.Response:
    """`{"data", "next_cursor"}` and what else the reply tells (`unread`)."""
    told = msgspec.structs.asdict(answer)
    members = {"data": told.pop(items), "next_cursor": following}
    told.pop("next_cursor", None)
    told.pop("has_more", None)
    response = json_response(200, msgspec.json.encode(members | told))
    if following is not None:
        response.headers[hdrs.LINK] = f'<{_next(url, following)}>; rel="next"'
    return response


def _next(url: URL, cursor: str) -> str:
    query = url.query
    kept = {name: query[name] for name in query if name not in _POSITIONS}
    return str(url.with_query({**kept, "cursor": cursor}))


def _location(answer: Reply) -> str:
    match answer:
        case MessageReply(message=message):
            return f"/v1/conversations/{message.conversation_id}/messages/{message.id}"
        case ConversationReply(conversation=conversation):
            return f"/v1/conversations/{conversation.id}"
        case _:
            raise AssertionError(f"{type(answer).__name__} is nowhere to be found")
