"""The resources' part of the OpenAPI document, made from their declarations."""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from server.http.documents.schemas import Schema, Schemas, translated
from server.http.resources.query import filters_of
from storage.resources import wire_structs
from storage.resources.resource import Resource

_TEXT: Schema = {"type": "string"}
_CURSOR: Schema = {"anyOf": [{"type": "string"}, {"type": "null"}]}
_PROBLEM: Schema = {"$ref": "#/components/responses/Problem"}
_SEARCHED = {
    "gigs": "gigs",
    "jobs": "jobs",
    "freelancers": "freelancer-profiles",
    "reviews": "reviews",
}


def shapes_of(resources: Iterable[Resource]) -> Iterator[type[msgspec.Struct]]:
    """The structs of every resource that are told of."""
    for resource in resources:
        yield wire_structs.whole(resource)
        if "create" in resource.verbs:
            yield wire_structs.creation(resource)
        if "change" in resource.verbs:
            yield wire_structs.change(resource)


def paths_of(resources: Iterable[Resource], schemas: Schemas) -> dict[str, dict[str, Any]]:
    """Every path of every resource, and of discovery."""
    listed = list(resources)
    paths: dict[str, dict[str, Any]] = {}
    for resource in listed:
        collection, row = _collection(resource, schemas), _row(resource, schemas)
        if collection:
            paths[f"/v1/{resource.path}"] = collection
        if row:
            paths[f"/v1/{resource.path}/{{key}}"] = row
    change = paths["/v1/users/{key}"]["patch"]
    # One's own account, without its key.
    paths["/v1/me"] = {
        "patch": change | {"operationId": "change me", "parameters": change["parameters"][1:]}
    }
    return paths | _discovery({r.path: r for r in listed}, schemas)


def _collection(resource: Resource, schemas: Schemas) -> dict[str, Any]:
    found = {}
    if "list" in resource.verbs:
        found["get"] = _operation(
            resource,
            f"list {resource.path}",
            f"{resource.says}: a page",
            _list_parameters(resource),
            {"200": _answer("A page", _page(schemas.ref(wire_structs.whole(resource))))},
        )
    if "create" in resource.verbs:
        found["post"] = _operation(
            resource,
            f"create {resource.path}",
            f"A new {resource.noun}",
            [],
            {"201": _answer("Made", schemas.ref(wire_structs.whole(resource)), tag=True)},
        ) | {"requestBody": _body(schemas, wire_structs.creation(resource))}
    return found


def _row(resource: Resource, schemas: Schemas) -> dict[str, Any]:
    found: dict[str, Any] = {}
    whole, key = schemas.ref(wire_structs.whole(resource)), [_key(resource)]
    match = _parameter("If-Match", _TEXT, "header")
    if "get" in resource.verbs:
        found["get"] = _operation(
            resource,
            f"get {resource.path}",
            resource.says,
            [*key, *_showing(), _parameter("If-None-Match", _TEXT, "header")],
            {
                "200": _answer("The row", whole, tag=True),
                "304": {"description": "Not changed"},
            },
        )
    if "change" in resource.verbs:
        found["patch"] = _operation(
            resource,
            f"change {resource.path}",
            f"Changes a {resource.noun}",
            [*key, match | {"required": resource.is_versioned}],
            {"200": _answer("Changed", whole, tag=True)},
        ) | {"requestBody": _body(schemas, wire_structs.change(resource))}
    if "delete" in resource.verbs:
        found["delete"] = _operation(
            resource,
            f"delete {resource.path}",
            f"Takes a {resource.noun} away",
            [*key, match],
            {"204": {"description": "Gone"}},
        )
    return found


def _discovery(resources: dict[str, Resource], schemas: Schemas) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for area, path in _SEARCHED.items():
        resource = resources[path]
        words = _parameter("q", {"type": "string", "minLength": 1, "maxLength": 200})
        found[f"/v1/search/{area}"] = {
            "get": _operation(
                resource,
                f"search {area}",
                f"{area.capitalize()} by their words, best first; by likeness where none is found",
                [words | {"required": True}, *_list_parameters(resource)],
                {"200": _answer("A page", _page(schemas.ref(wire_structs.whole(resource))))},
                tag="discovery",
            )
        }
    jobs = resources["jobs"]
    fit = _object({"match_score": {"type": "number"}, "job": schemas.ref(wire_structs.whole(jobs))})
    found["/v1/recommendations/jobs"] = {
        "get": _operation(
            jobs,
            "recommend jobs",
            "Open jobs that fit the caller's skills, best first",
            [_parameter("limit", {"type": "integer", "minimum": 1, "maximum": 200}), *_showing()],
            {"200": _answer("A page", _page(fit))},
            tag="discovery",
        )
        | {"security": [{"token": []}]}
    }
    user = _object({"id": {"type": "string", "format": "uuid"}, "display_name": _TEXT})
    for board, parameters in {"freelancers": [], "earners": [_parameter("month", _TEXT)]}.items():
        found[f"/v1/leaderboards/{board}"] = {
            "get": _operation(
                resources["users"],
                f"leaderboard {board}",
                "Ranks, without sums",
                parameters,
                {
                    "200": _answer(
                        "Ranks", _page(_object({"rank": {"type": "integer"}, "user": user}))
                    )
                },
                tag="discovery",
            )
        }
    return found


def _operation(
    resource: Resource,
    name: str,
    says: str,
    parameters: list[Schema],
    responses: Schema,
    tag: str = "",
) -> Schema:
    reads = name.split(maxsplit=1)[0] in {"list", "get", "search", "leaderboard"}
    operation: Schema = {
        "operationId": name,
        "summary": says,
        "tags": [tag or resource.path],
        "parameters": parameters,
        "responses": responses | {"default": _PROBLEM},
    }
    if reads and resource.is_public:
        operation["security"] = [{}, {"token": []}]
    return operation


def _list_parameters(resource: Resource) -> list[Schema]:
    narrowed = [
        _parameter(name, _filter(resource, field, operator))
        for name, (field, operator) in filters_of(resource).items()
    ]
    return [
        *narrowed,
        _parameter("sort", {"enum": list(resource.sorts)}),
        _parameter("limit", {"type": "integer", "minimum": 1, "maximum": 200}),
        _parameter("cursor", _TEXT),
        *_showing(),
    ]


def _filter(resource: Resource, field: str, operator: str) -> Schema:
    if operator == "@>":
        return _TEXT
    schema: Schema = translated(msgspec.json.schema(resource.named(field).kind.wire))
    if schema.get("format") == "uuid":
        return {"anyOf": [schema, {"const": "me"}]}
    return schema


def _showing() -> list[Schema]:
    return [_parameter("fields", _TEXT), _parameter("expand", _TEXT)]


def _key(resource: Resource) -> Schema:
    schema = translated(msgspec.json.schema(resource.named(resource.key).kind.wire))
    return _parameter("key", schema, "path") | {"required": True}


def _parameter(name: str, schema: Schema, where: str = "query") -> Schema:
    return {"name": name, "in": where, "schema": schema}


def _page(row: Schema) -> Schema:
    return _object({"data": {"type": "array", "items": row}, "next_cursor": _CURSOR})


def _object(members: Schema) -> Schema:
    return {"type": "object", "properties": members, "required": list(members)}


def _answer(says: str, schema: Schema, *, tag: bool = False) -> Schema:
    answer: Schema = {"description": says, "content": {"application/json": {"schema": schema}}}
    return answer | ({"headers": {"ETag": {"schema": _TEXT}}} if tag else {})


def _body(schemas: Schemas, shape: type[msgspec.Struct]) -> Schema:
    schema = schemas.without(shape, ())
    return {"required": True, "content": {"application/json": {"schema": schema}}}
