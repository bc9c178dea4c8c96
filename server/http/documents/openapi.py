"""OpenAPI, made from the command table, the paths and the declared resources."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
import orjson

from handlers.command import Command
from handlers.resources import SHOWN
from handlers.workflows import WORKFLOWS
from protocol.limits import Limits
from server.http.documents import additions, answers, parameters
from server.http.documents.examples import add_examples
from server.http.documents.introduction import DESCRIPTION, TAGS
from server.http.documents.marketplace.resources import bodies_of, paths_of, shapes_of
from server.http.documents.marketplace.statements import statement_paths
from server.http.documents.marketplace.transitions import replies_of, requests_of, transitions_of
from server.http.documents.other_paths import OTHERS, OtherPath
from server.http.documents.schemas import TEXT, UUID_TEXT, Schema, Schemas, summary_of
from server.http.messaging import PATHS, Path
from server.http.problems import Problem

VERSION = "1"
DEFAULTS = Limits()


_QUERY: dict[str, Schema] = {"cursor": parameters.CURSOR, "limit": parameters.LIMIT}
_IDS = {
    "conversation.list": "list_conversations",
    "message.history": "list_messages",
    "message.search": "search_messages",
    "notification.list": "list_notifications",
    "notification.read": "mark_notifications_read",
    "receipt.read": "mark_conversation_read",
    "sync": "sync",
}
"""Ids of the REST paths whose command does not read as verb and noun turned round."""
_DONE = {
    "application/json": {"type": "object"},
    "application/octet-stream": {"type": "string", "format": "binary"},
    "text/html": TEXT,
    "text/plain": TEXT,
}


_BYTES: Schema = {"schema": {"type": "string", "format": "binary"}}


def openapi(
    table: Mapping[str, Command], public_url: str | None = None, limits: Limits = DEFAULTS
) -> bytes:
    """The OpenAPI document of the HTTP door, which clients reach at `public_url`, as JSON."""
    resources, workflows = SHOWN.values(), WORKFLOWS.values()
    schemas = Schemas(
        [*_replies(table), *shapes_of(resources), *replies_of(workflows)],
        sent=[*_requests(table), *bodies_of(resources), *requests_of(workflows, SHOWN)],
        refuses_unknown=True,
    )
    additions.let_keys_stand_for_ids(table, schemas)
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
    told = paths_of(resources, schemas) | statement_paths(schemas)
    for place, operations in told.items():
        paths.setdefault(place, {}).update(operations)
    for place, operations in transitions_of(workflows, SHOWN, schemas).items():
        paths.setdefault(place, {}).update(operations)
    additions.tell_of_codes(schemas)
    additions.tell_of_system_messages(schemas)
    refusals = answers.components()
    named = schemas.used(paths, refusals)
    add_examples(paths, named)
    return orjson.dumps(
        {
            "openapi": "3.1.0",
            "info": {
                "title": "Parley",
                "version": VERSION,
                "summary": "Messaging and the marketplace around it, over HTTP",
                "description": DESCRIPTION,
                "license": {"name": "MIT", "identifier": "MIT"},
            },
            "servers": _servers(public_url),
            "security": parameters.WITH_TOKEN,
            "tags": _tags(paths),
            "paths": paths,
            "components": {
                "schemas": named,
                "parameters": parameters.components(limits),
                "responses": refusals,
                "securitySchemes": parameters.SECURITY_SCHEMES,
            },
        }
    )


def _tags(paths: Mapping[str, Mapping[str, Any]]) -> list[Schema]:
    """The areas that have operations."""
    used = {tag for ops in paths.values() for one in ops.values() for tag in one["tags"]}
    return [{"name": name, "description": says} for name, says in TAGS.items() if name in used]


def _servers(public_url: str | None) -> list[Schema]:
    """Where the document came from goes first: a page may ask no other origin."""
    here: Schema = {"url": "/", "description": "Where this document came from"}
    public: Schema = {"url": public_url, "description": "The address for clients"}
    return [here] if public_url is None else [here, public]


def _replies(table: Mapping[str, Command]) -> Iterator[type[msgspec.Struct]]:
    yield Problem
    for command in table.values():
        yield command.reply
    for other in OTHERS:
        yield from (reply for reply in (other.reply, other.dry) if reply is not None)


def _requests(table: Mapping[str, Command]) -> Iterator[type[msgspec.Struct]]:
    for command in table.values():
        yield command.request
    for other in OTHERS:
        if other.request is not None:
            yield other.request


def _rest_operation(path: Path, command: Command, schemas: Schemas) -> Schema:
    asked = [parameters.in_path(name, UUID_TEXT) for name in path.from_path]
    operation: Schema = {
        "operationId": _rest_id(path.op),
        "summary": summary_of(command.request),
        "tags": [_messaging_tag(path.op)],
    }
    if path.source == "query":
        asked += _query_of(path, command, schemas)
    if path.source == "body":
        operation["requestBody"] = _body(schemas.body(command.request, path.from_path))
    answer = schemas.ref(command.reply) if path.items is None else _page(path, command, schemas)
    done = _done(path.status, answer)
    is_read = path.method == "GET"
    responses = answers.answered(
        done,
        names_one=bool(path.from_path) or path.source == "body",
        has_body=path.source == "body",
        refuses=() if is_read else (403, 409),
    )
    security = {"security": parameters.WITH_TOKEN}
    operation |= {"parameters": asked, "responses": responses} | security
    return additions.tell_of_key_of(command, operation)


def _rest_id(op: str) -> str:
    noun, _, verb = op.partition(".")
    return _IDS.get(op) or f"{verb}_{noun}".strip("_")


def _query_of(path: Path, command: Command, schemas: Schemas) -> list[Schema]:
    schema = schemas.resolved(command.request)
    required = schema.get("required", [])
    query = {n: of for n, of in schema.get("properties", {}).items() if n not in path.from_path}
    if path.items == "messages":
        query.setdefault("cursor", TEXT)
    return [
        _QUERY.get(name)
        or parameters.query(name, _without_null(of))
        | ({"required": True} if name in required else {})
        for name, of in query.items()
    ]


def _without_null(schema: Schema) -> Schema:
    """What a query can say: it has no null, what is not asked for is left out."""
    left = [of for of in schema.get("anyOf", []) if of.get("type") != "null"]
    rest = {name: of for name, of in schema.items() if name != "anyOf"}
    return rest | left[0] if len(left) == 1 else schema


def _page(path: Path, command: Command, schemas: Schemas) -> Schema:
    """What a list answers: the rows in `data`, and what else the reply tells."""
    assert path.items is not None
    told = dict(schemas.resolved(command.reply)["properties"])
    for name in ("has_more", "next_cursor"):
        told.pop(name, None)
    rows = told.pop(path.items)
    return schemas.page(f"{path.items.capitalize()}Page", rows["items"], **told)


def _command_operation(command: Command, schemas: Schemas) -> Schema:
    operation = {
        "operationId": f"run_{command.name.replace('.', '_')}",
        "summary": summary_of(command.request),
        "tags": ["commands"],
        "requestBody": _body(schemas.body(command.request)),
        "responses": answers.answered(
            _done(200, schemas.ref(command.reply)),
            names_one=True,
            has_body=True,
            refuses=(403, 409),
        ),
        "security": parameters.WITH_TOKEN,
    }
    return additions.tell_of_key_of(command, operation)


def _other_operation(other: OtherPath, schemas: Schemas) -> Schema:
    in_path = [part[1:-1] for part in other.path.split("/") if part.startswith("{")]
    answer = _DONE[other.gives] if other.reply is None else schemas.ref(other.reply)
    is_signed = "signature" in other.query
    operation: Schema = {
        "operationId": other.name or _words_of(other),
        "summary": other.says,
        "tags": [_other_tag(other.path)],
        "parameters": [
            *(parameters.in_path(name, UUID_TEXT if name == "id" else TEXT) for name in in_path),
            *(_QUERY.get(name) or parameters.query(name, TEXT) for name in other.query),
            *([parameters.IF_NONE_MATCH] if other.has_tag else []),
        ],
        "responses": answers.answered(
            _done_by(other, answer),
            is_public=other.is_public and not is_signed and other.request is None,
            names_one=bool(in_path),
            has_body=other.method == "post" and other.status != 204,
            refuses=_refusals(other),
        ),
        "security": parameters.WITHOUT if other.is_public else parameters.WITH_TOKEN,
    }
    if other.dry is not None:
        operation["responses"] |= _done(200, schemas.ref(other.dry))
    if other.takes_key:
        operation = additions.tell_of_key(operation)
    if is_signed:
        operation["security"] = parameters.WITH_OR_WITHOUT
    if other.request is not None:
        content = dict.fromkeys(other.also_takes, _BYTES)
        content[other.takes] = {"schema": schemas.body(other.request)}
        operation["requestBody"] = {"required": True, "content": content}
    elif other.takes == "multipart/form-data":
        operation["requestBody"] = _upload(schemas)
        return additions.tell_of_key(operation)
    return operation


def _done_by(other: OtherPath, answer: Schema) -> Schema:
    done = _done(other.status, answer, other.gives, has_tag=other.has_tag)
    if other.again:
        done["200"] = _done(200, answer)["200"] | {"description": other.again}
    return done


def _refusals(other: OtherPath) -> tuple[int, ...]:
    if other.method == "get":
        return (403,) if other.is_forbidden else ()
    return (403, 409)


def _words_of(other: OtherPath) -> str:
    parts = [p.partition(".")[0] for p in other.path.split("/") if p and p[0] != "{" and p != "v1"]
    return "_".join([other.method, *parts]).replace("-", "_")


def _messaging_tag(op: str) -> str:
    return "notifications" if op.startswith("notification.") else "messaging"


def _other_tag(path: str) -> str:
    if path.startswith(("/v1/auth/", "/v1/me")):
        return "accounts"
    if path == "/v1/unread":
        return "messaging"
    if path == "/v1/push-devices":
        return "platform"
    if path.startswith(("/v1/provider-events", "/v1/local-provider")):
        return "money"
    if path.startswith(("/v1/announcements", "/v1/unsubscribe", "/v1/mail-events")):
        return "notifications"
    return "files" if path.startswith("/v1/files") else "operations"


def _body(schema: Schema) -> Schema:
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def _upload(schemas: Schemas) -> Schema:
    file = {
        "type": "string",
        "format": "binary",
        "contentMediaType": "application/octet-stream",
        "description": "The bytes; the part's `filename` is the file's name",
    }
    form = schemas.named(
        "FileUpload",
        {
            "title": "FileUpload",
            "type": "object",
            "properties": {"file": file},
            "required": ["file"],
        },
    )
    content = {"multipart/form-data": {"schema": form}, "application/octet-stream": _BYTES}
    return {"required": True, "content": content}


def _done(
    status: int, answer: Schema, gives: str = "application/json", *, has_tag: bool = False
) -> Schema:
    done: Schema = {"description": "Done"}
    if status != 204:
        done["content"] = {gives: {"schema": answer}}
    if has_tag:
        return {str(status): done | {"headers": answers.TAG_HEADER}, "304": answers.NOT_CHANGED}
    return {str(status): done}
