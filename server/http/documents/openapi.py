"""OpenAPI and AsyncAPI, made from the command table and the paths."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import msgspec
import orjson

from handlers.command import Command
from handlers.resources import RESOURCES
from protocol import errors, events, identity, replies, requests
from protocol.codec import JSON, MSGPACK
from protocol.files import FileReply
from server.http.commands import IDEMPOTENCY_KEY, KEY_CHARS
from server.http.documents.resource_documents import paths_of, shapes_of
from server.http.documents.schemas import Schema, Schemas, summary_of
from server.http.messaging import PATHS, Path
from server.http.ops import Alive, Readiness
from server.http.problems import Problem

VERSION = "1"


@dataclass(frozen=True, slots=True)
class OtherPath:
    """A path that runs no command of the table."""

    method: Literal["get", "post", "delete"]
    path: str
    says: str
    reply: type[msgspec.Struct] | None
    request: type[msgspec.Struct] | None = None
    status: int = 200
    is_public: bool = False
    query: tuple[str, ...] = ()
    takes: str = "application/json"
    gives: str = "application/json"


OTHERS = (
    OtherPath(
        "post", "/v1/auth/register", "A new account, signed in",
        identity.SignedIn, identity.Register, 201, is_public=True,
    ),
    OtherPath(
        "post", "/v1/auth/login", "Opens a session",
        identity.SignedIn, identity.Login, is_public=True,
    ),
    OtherPath(
        "post", "/v1/auth/refresh", "A new pair of tokens",
        identity.SignedIn, identity.Refresh, is_public=True,
    ),
    OtherPath(
        "post", "/v1/auth/password", "Another password: ends every session, and opens one",
        identity.SignedIn, identity.ChangePassword,
    ),
    OtherPath("post", "/v1/auth/logout", "Ends the session", None, status=204),
    OtherPath(
        "get", "/v1/auth/sessions", "The caller's live logins",
        identity.SessionPage, query=("cursor", "limit"),
    ),
    OtherPath("delete", "/v1/auth/sessions/{id}", "Ends one of them", None, status=204),
    OtherPath("get", "/v1/me", "The caller's own account", identity.Account),
    OtherPath(
        "post", "/v1/files", "Uploads a file: a form with `file`, or the bytes and `name`",
        FileReply, status=201, query=("name",), takes="multipart/form-data",
    ),
    OtherPath("get", "/v1/files/{id}", "What is known of a file", FileReply),
    OtherPath(
        "get", "/v1/files/{id}/content", "The bytes, whole or a range: signed, or with a token",
        None, query=("expires", "signature"), is_public=True, gives="application/octet-stream",
    ),
    OtherPath("delete", "/v1/files/{id}", "Removes a file that nothing names", None, status=204),
    OtherPath(
        "get", "/v1/files/{id}/thumbnail", "A smaller picture of an image, likewise",
        None, query=("expires", "signature"), is_public=True, gives="application/octet-stream",
    ),
    OtherPath("get", "/healthz", "The process answers", Alive, is_public=True),
    OtherPath("get", "/readyz", "Whether to send work here; 503 if not", Readiness, is_public=True),
    OtherPath(
        "get", "/metrics", "Figures for Prometheus", None, is_public=True, gives="text/plain"
    ),
    OtherPath("get", "/v1/openapi.json", "This document", None, is_public=True),
    OtherPath("get", "/docs", "This document as a page", None, is_public=True, gives="text/html"),
    OtherPath("get", "/v1/asyncapi.json", "The socket's document", None, is_public=True),
)  # fmt: skip

BEYOND_TABLE: tuple[tuple[str, type[requests.Request], type[replies.Reply]], ...] = (
    ("hello", requests.Hello, replies.HelloReply),
    ("token.refresh", requests.TokenRefresh, replies.TokenRefreshReply),
)
"""Commands that a connection itself carries out."""


def openapi(table: Mapping[str, Command]) -> bytes:
    """The OpenAPI document of the HTTP door, as JSON."""
    resources = RESOURCES.values()
    schemas = Schemas([*_http_shapes(table), *shapes_of(resources)])
    paths: dict[str, dict[str, Any]] = {}
    for path in PATHS:
        if path.op in table:
            operation = _rest_operation(path, table[path.op], schemas)
            paths.setdefault(path.path, {})[path.method.lower()] = operation
    for command in table.values():
        if not command.socket_only:
            paths[f"/v1/commands/{command.name}"] = {"post": _command_operation(command, schemas)}
    for other in OTHERS:
        paths.setdefault(other.path, {})[other.method] = _other_operation(other, schemas)
    for place, operations in paths_of(resources, schemas).items():
        paths.setdefault(place, {}).update(operations)
    _tell_of_keys(paths)
    return _json(
        {
            "openapi": "3.1.0",
            "info": {"title": "Parley", "version": VERSION},
            "paths": paths,
            "components": {
                "schemas": schemas.components,
                "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
                "responses": {
                    "Problem": {
                        "description": "Refused; `error.code` says why",
                        "content": {"application/problem+json": {"schema": schemas.ref(Problem)}},
                    }
                },
            },
            "security": [{"token": []}],
        }
    )


def asyncapi(table: Mapping[str, Command]) -> bytes:
    """The AsyncAPI document of the socket, as JSON."""
    commands = list(spoken(table))
    schemas = Schemas(
        [
            *(shape for _, request, reply in commands for shape in (request, reply)),
            *events.EVENTS.values(),
            errors.ErrorBody,
        ]
    )
    messages: dict[str, Schema] = {"refusal": _refusal(schemas)}
    operations: dict[str, Schema] = {}
    for op, request, reply in commands:
        messages[f"{op}.command"] = _command_message(op, request, schemas)
        messages[f"{op}.reply"] = _reply_message(reply, schemas)
        operations[op] = _operation("receive", [f"{op}.command"], [f"{op}.reply", "refusal"])
    for ev, body in events.EVENTS.items():
        messages[f"{ev}.event"] = _event_message(ev, body, schemas)
    operations["events"] = _operation("send", [f"{ev}.event" for ev in events.EVENTS])
    return _json(
        {
            "asyncapi": "3.0.0",
            "info": {"title": "Parley", "version": VERSION},
            "defaultContentType": "application/json",
            "channels": {
                "socket": {
                    "address": "/v1/ws",
                    "title": f"Subprotocols {JSON.subprotocol} and {MSGPACK.subprotocol}",
                    "messages": {n: {"$ref": f"#/components/messages/{n}"} for n in messages},
                }
            },
            "operations": operations,
            "components": {"messages": messages, "schemas": schemas.components},
        }
    )


def spoken(
    table: Mapping[str, Command],
) -> Iterator[tuple[str, type[requests.Request], type[replies.Reply]]]:
    """Every command of the socket: its name, request and reply."""
    yield from BEYOND_TABLE
    for command in table.values():
        yield command.name, command.request, command.reply


def _http_shapes(table: Mapping[str, Command]) -> Iterator[type[msgspec.Struct]]:
    yield Problem
    for command in table.values():
        yield command.request
        yield command.reply
    for other in OTHERS:
        yield from (shape for shape in (other.request, other.reply) if shape is not None)


def _tell_of_keys(paths: Mapping[str, Mapping[str, Any]]) -> None:
    """Idempotency-Key, which every POST takes but those that answer with tokens."""
    schema = {"type": "string", "minLength": 1, "maxLength": KEY_CHARS}
    for place, operations in paths.items():
        if "post" in operations and not place.startswith("/v1/auth/"):
            parameters = operations["post"].setdefault("parameters", [])
            parameters.append({"name": IDEMPOTENCY_KEY, "in": "header", "schema": schema})


def _rest_operation(path: Path, command: Command, schemas: Schemas) -> Schema:
    properties = schemas.resolved(command.request).get("properties", {})
    parameters = [_in_path(name) for name in path.from_path]
    operation: Schema = {
        "operationId": f"{path.method.lower()} {path.path}",
        "summary": summary_of(command.request),
        "tags": [command.name.partition(".")[0]],
    }
    if path.source == "query":
        required = schemas.resolved(command.request).get("required", [])
        query = {name: of for name, of in properties.items() if name not in path.from_path}
        if path.items == "messages":
            query.setdefault("cursor", {"type": "string"})
        parameters += [
            {"name": name, "in": "query", "required": name in required, "schema": of}
            for name, of in query.items()
        ]
    if path.source == "body":
        operation["requestBody"] = _body(schemas.without(command.request, path.from_path))
    answer = schemas.ref(command.reply) if path.items is None else _list(path, command, schemas)
    return operation | {"parameters": parameters, "responses": _responses(path.status, answer)}


def _list(path: Path, command: Command, schemas: Schemas) -> Schema:
    assert path.items is not None
    told = dict(schemas.resolved(command.reply)["properties"])
    told.pop("has_more", None)
    data = told.pop(path.items)
    told["next_cursor"] = {"anyOf": [{"type": "string"}, {"type": "null"}]}
    properties = {"data": data, **told}
    return {"type": "object", "properties": properties, "required": list(properties)}


def _command_operation(command: Command, schemas: Schemas) -> Schema:
    return {
        "operationId": command.name,
        "summary": summary_of(command.request),
        "tags": ["commands"],
        "requestBody": _body(schemas.without(command.request, ())),
        "responses": _responses(200, schemas.ref(command.reply)),
    }


def _other_operation(other: OtherPath, schemas: Schemas) -> Schema:
    in_path = [part[1:-1] for part in other.path.split("/") if part.startswith("{")]
    operation: Schema = {
        "operationId": f"{other.method} {other.path}",
        "summary": other.says,
        "parameters": [
            *(_in_path(name) for name in in_path),
            *({"name": n, "in": "query", "schema": {"type": "string"}} for n in other.query),
        ],
        "responses": _responses(
            other.status, None if other.reply is None else schemas.ref(other.reply), other.gives
        ),
    }
    if other.request is not None:
        operation["requestBody"] = _body(schemas.without(other.request, ()))
    elif other.takes == "multipart/form-data":
        operation["requestBody"] = _upload()
    if other.is_public:
        operation["security"] = []
    return operation


def _in_path(name: str) -> Schema:
    schema = {"type": "string", "format": "uuid"}
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _body(schema: Schema) -> Schema:
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def _upload() -> Schema:
    file: Schema = {"type": "string", "contentMediaType": "application/octet-stream"}
    form = {"type": "object", "properties": {"file": file}, "required": ["file"]}
    content = {"multipart/form-data": {"schema": form}, "application/octet-stream": {}}
    return {"required": True, "content": content}


def _responses(status: int, answer: Schema | None, gives: str = "application/json") -> Schema:
    done: Schema = {"description": "Done"}
    if status != 204:
        done["content"] = {gives: {} if answer is None else {"schema": answer}}
    return {str(status): done, "default": {"$ref": "#/components/responses/Problem"}}


def _command_message(op: str, request: type[requests.Request], schemas: Schemas) -> Schema:
    members = {"id": {"type": "integer"}, "op": {"const": op}, "d": schemas.ref(request)}
    return {"title": summary_of(request), "payload": _object(members)}


def _reply_message(reply: type[replies.Reply], schemas: Schemas) -> Schema:
    members = {"re": {"type": "integer"}, "d": schemas.ref(reply)}
    return {"title": summary_of(reply), "payload": _object(members)}


def _refusal(schemas: Schemas) -> Schema:
    re = {"anyOf": [{"type": "integer"}, {"type": "null"}]}
    payload = _object({"re": re, "error": schemas.ref(errors.ErrorBody)})
    return {"title": "A command is refused", "payload": payload}


def _event_message(ev: str, body: type[events.EventBody], schemas: Schemas) -> Schema:
    text: Schema = {"type": "string"}
    payload = _object({"ev": {"const": ev}, "d": schemas.ref(body)})
    payload["properties"] |= {"eid": text, "at": text}
    return {"title": summary_of(body), "payload": payload}


def _object(members: Schema) -> Schema:
    return {"type": "object", "properties": members, "required": list(members)}


def _operation(action: str, messages: list[str], replied: list[str] | None = None) -> Schema:
    channel = {"$ref": "#/channels/socket"}
    operation: Schema = {
        "action": action,
        "channel": channel,
        "messages": [_of_channel(name) for name in messages],
    }
    if replied:
        operation["reply"] = {"channel": channel, "messages": [_of_channel(n) for n in replied]}
    return operation


def _of_channel(name: str) -> Schema:
    return {"$ref": f"#/channels/socket/messages/{name}"}


def _json(document: Schema) -> bytes:
    return orjson.dumps(document)
