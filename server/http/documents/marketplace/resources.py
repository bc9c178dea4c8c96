"""The resources' part of the OpenAPI document, made from their declarations."""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from protocol.identity import Me
from protocol.text import NO_NUL
from server.http.documents import answers, parameters
from server.http.documents.additions import tell_of_key
from server.http.documents.marketplace.discovery import discovery_of
from server.http.documents.marketplace.operations import (
    answer,
    body,
    in_words,
    key_parameter,
    list_parameters,
    made,
    one_of,
    operation,
    page_of,
    showing,
)
from server.http.documents.schemas import (
    TEXT,
    Schema,
    Schemas,
    object_of,
    or_null,
    translated,
)
from server.http.resources.query import needed_of
from storage.resources import wire_structs
from storage.resources.reading import MANY
from storage.resources.resource import Resource, own_of, with_article

_NO_NUL = translated({"pattern": NO_NUL})["pattern"]


def shapes_of(resources: Iterable[Resource]) -> Iterator[type[msgspec.Struct]]:
    """The structs of every resource as it is shown."""
    for resource in resources:
        yield wire_structs.whole(resource)


def bodies_of(resources: Iterable[Resource]) -> Iterator[type[msgspec.Struct]]:
    """The structs of every resource that clients send."""
    for resource in resources:
        if "create" in resource.verbs:
            yield wire_structs.creation(resource)
        if "change" in resource.verbs:
            yield wire_structs.change(resource)


def paths_of(resources: Iterable[Resource], schemas: Schemas) -> dict[str, dict[str, Any]]:
    """Every path of every resource, and of discovery."""
    listed = {resource.path: resource for resource in resources}
    for resource in listed.values():
        _tell_of_rows(resource, listed, schemas)
    paths: dict[str, dict[str, Any]] = {}
    for resource in listed.values():
        collection, row = _collection(resource, schemas), _row(resource, schemas)
        if collection:
            paths[f"/v1/{resource.path}"] = collection
        if row:
            paths[f"/v1/{resource.path}/{{key}}"] = row
    change = paths["/v1/users/{key}"]["patch"]
    # One's own account, without its key.
    paths["/v1/me"] = {
        "patch": change
        | {
            "operationId": "change_me",
            "summary": "Changes the caller's own account",
            "tags": ["accounts"],
            "parameters": change["parameters"][1:],
            "responses": change["responses"]
            | {"200": answer("Changed", schemas.ref(Me), tag=True)},
        }
    }
    return paths | discovery_of(listed, schemas)


def _tell_of_rows(resource: Resource, listed: dict[str, Resource], schemas: Schemas) -> None:
    """Say of a row which members it always has, and what its expansions hold."""
    schema = schemas.resolved(wire_structs.whole(resource))
    schema["required"] = list(resource.readable)
    schema["properties"] = {name: _as_shown(of) for name, of in schema["properties"].items()}
    for field in resource.readable.values():
        if field.says:
            schema["properties"][field.name]["description"] = field.says
    for expansion in resource.expansions:
        row = schemas.ref(wire_structs.whole(listed[expansion.to]))
        if expansion.many:
            of = schemas.named(f"{wire_structs.name_of(listed[expansion.to])}Rows", _rows(row))
        else:
            of = or_null(row)
        schema["properties"][expansion.name] = of
    for name, own in own_of(resource).items():
        schema["properties"][name] = {"type": "boolean", "description": own.says}
    if resource.machine is not None:
        schema["properties"]["available_actions"] = {
            "description": "What the caller may ask for now",
            "type": "array",
            "items": TEXT,
        }


def _as_shown(schema: Any) -> Any:
    """A member as it is read: what only checks what is sent would be noise."""
    if isinstance(schema, list):
        return [_as_shown(of) for of in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        name: _as_shown(of)
        for name, of in schema.items()
        if (name, of) != ("pattern", _NO_NUL) and name not in {"minLength", "maxLength"}
    }


def _rows(row: Schema) -> Schema:
    data: Schema = {"type": "array", "items": row, "maxItems": MANY}
    return object_of({"data": data, "truncated": {"type": "boolean"}})


def _collection(resource: Resource, schemas: Schemas) -> dict[str, Any]:
    found = {}
    name = in_words(resource.path)
    if "list" in resource.verbs:
        found["get"] = operation(
            resource,
            f"list_{name}",
            f"{resource.says}: a page",
            list_parameters(resource),
            {"200": answer("A page", page_of(resource, schemas), link=True)},
        ) | _needed(resource)
    if "create" in resource.verbs:
        making = operation(
            resource,
            f"create_{one_of(resource)}",
            f"A new {resource.noun}{_beginning(resource)}",
            [],
            {"201": made(schemas.ref(wire_structs.whole(resource)))},
        ) | {"requestBody": body(schemas, wire_structs.creation(resource))}
        found["post"] = tell_of_key(making)
    return found


def _beginning(resource: Resource) -> str:
    """The status that a new row begins with, where that is one before others see it."""
    machine = resource.machine
    is_draft = machine is not None and any(
        move.action == "create" and move.target == "draft" for move in machine.transitions
    )
    return ", a draft that its owner alone sees" if is_draft else ""


def _row(resource: Resource, schemas: Schemas) -> dict[str, Any]:
    found: dict[str, Any] = {}
    whole, key = schemas.ref(wire_structs.whole(resource)), [key_parameter(resource)]
    match = [parameters.IF_MATCH_NEEDED if resource.is_versioned else parameters.IF_MATCH]
    if "get" in resource.verbs:
        found["get"] = operation(
            resource,
            f"get_{one_of(resource)}",
            resource.says,
            [*key, *showing(resource), parameters.IF_NONE_MATCH],
            {"200": answer("The row", whole, tag=True), "304": answers.NOT_CHANGED},
        )
    if "change" in resource.verbs:
        found["patch"] = operation(
            resource,
            f"change_{one_of(resource)}",
            f"Changes {with_article(resource.noun)}",
            [*key, *match],
            {"200": answer("Changed", whole, tag=True)},
        ) | {"requestBody": body(schemas, wire_structs.change(resource))}
    if "delete" in resource.verbs:
        found["delete"] = operation(
            resource,
            f"delete_{one_of(resource)}",
            f"Takes {with_article(resource.noun)} away",
            [*key, parameters.IF_MATCH],
            {"204": {"description": "Gone"}},
        )
    return found


def _needed(resource: Resource) -> Schema:
    """What a schema cannot say of a list of children: that it needs one of some parameters."""
    needed = [f"`{name}`" for name in needed_of(resource)]
    return {"description": f"One of {', '.join(needed)} is required."} if needed else {}
