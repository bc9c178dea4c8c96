"""The resources' part of the OpenAPI document, made from their declarations."""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from handlers.resources import AREA_OF
from protocol.identity import Account
from protocol.text import NO_NUL
from server.http.documents import answers, parameters
from server.http.documents.additions import tell_of_key
from server.http.documents.schemas import (
    TEXT,
    UUID_TEXT,
    Schema,
    Schemas,
    object_of,
    or_null,
    translated,
)
from server.http.resources.discovery import MONTH, QUERY_CHARS
from server.http.resources.query import IN, filters_of, needed_of
from storage.resources import wire_structs
from storage.resources.reading import MANY
from storage.resources.related import HOLDS
from storage.resources.resource import Resource, own_of
from storage.resources.search import CANDIDATES, FACET_VALUES, facets_of, searchables

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
            | {"200": _answer("Changed", schemas.ref(Account), tag=True)},
        }
    }
    return paths | _discovery(listed, schemas)


def _tell_of_rows(resource: Resource, listed: dict[str, Resource], schemas: Schemas) -> None:
    """Say of a row which members it always has, and what its expansions hold."""
    schema = schemas.resolved(wire_structs.whole(resource))
    schema["required"] = list(resource.readable)
    schema["properties"] = {name: _as_shown(of) for name, of in schema["properties"].items()}
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
            "description": "What the caller may ask for now; not in rows of an expansion",
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
    name = _in_words(resource.path)
    if "list" in resource.verbs:
        found["get"] = _operation(
            resource,
            f"list_{name}",
            f"{resource.says}: a page",
            _list_parameters(resource),
            {"200": _answer("A page", _page(resource, schemas), link=True)},
        ) | _needed(resource)
    if "create" in resource.verbs:
        making = _operation(
            resource,
            f"create_{_one(resource)}",
            f"A new {resource.noun}{_beginning(resource)}",
            [],
            {"201": _made(schemas.ref(wire_structs.whole(resource)))},
        ) | {"requestBody": _body(schemas, wire_structs.creation(resource))}
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
    whole, key = schemas.ref(wire_structs.whole(resource)), [_key(resource)]
    match = [parameters.IF_MATCH_NEEDED if resource.is_versioned else parameters.IF_MATCH]
    if "get" in resource.verbs:
        found["get"] = _operation(
            resource,
            f"get_{_one(resource)}",
            resource.says,
            [*key, *_showing(resource), parameters.IF_NONE_MATCH],
            {"200": _answer("The row", whole, tag=True), "304": answers.NOT_CHANGED},
        )
    if "change" in resource.verbs:
        found["patch"] = _operation(
            resource,
            f"change_{_one(resource)}",
            f"Changes a {resource.noun}",
            [*key, *match],
            {"200": _answer("Changed", whole, tag=True)},
        ) | {"requestBody": _body(schemas, wire_structs.change(resource))}
    if "delete" in resource.verbs:
        found["delete"] = _operation(
            resource,
            f"delete_{_one(resource)}",
            f"Takes a {resource.noun} away",
            [*key, parameters.IF_MATCH],
            {"204": {"description": "Gone"}},
        )
    return found


def _discovery(resources: dict[str, Resource], schemas: Schemas) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for area, searchable in searchables(resources).items():
        resource = searchable.resource
        words = parameters.query(
            "q",
            {"type": "string", "minLength": 1, "maxLength": QUERY_CHARS},
            "Words: two letters, an emoji, or a character of a script without spaces",
        )
        found[f"/v1/search/{area}"] = {
            "get": _operation(
                resource,
                f"search_{area}",
                f"{area.capitalize()} by their words, best first; by likeness where none is found",
                [
                    words | {"required": True},
                    *_counts(resource),
                    *_list_parameters(resource, is_search=True),
                ],
                {"200": _answer("A page", _found(resource, schemas), link=True)},
                tag="discovery",
            )
        }
    found["/v1/recommendations/jobs"] = {"get": _recommended(resources["jobs"], schemas)}
    user = schemas.named("RankedUser", object_of({"id": UUID_TEXT, "display_name": TEXT}))
    rank = schemas.named("Rank", object_of({"rank": {"type": "integer"}, "user": user}))
    ranks = _answer("Ranks", schemas.page("RankPage", rank))
    month = parameters.query(
        "month",
        {"type": "string", "pattern": f"^{MONTH.pattern}$"},
        "The month, such as 2026-11; without it the present one",
    )
    says = {"freelancers": "The best rated freelancers", "earners": "Who was paid most in a month"}
    for board, asked in {"freelancers": [], "earners": [month]}.items():
        found[f"/v1/leaderboards/{board}"] = {
            "get": _operation(
                resources["users"],
                f"rank_{board}",
                f"{says[board]}: ranks, without sums",
                asked,
                {"200": ranks},
                tag="discovery",
            )
        }
    return found


def _recommended(jobs: Resource, schemas: Schemas) -> Schema:
    job = schemas.ref(wire_structs.whole(jobs))
    fit = object_of({"match_score": {"type": "number"}, "job": job})
    page = schemas.page("RecommendedJobPage", schemas.named("RecommendedJob", fit))
    return _operation(
        jobs,
        "recommend_jobs",
        "Open jobs that fit the caller's skills, best first",
        [parameters.LIMIT, *_showing(jobs)],
        {"200": _answer("A page", page)},
        tag="discovery",
    ) | {"security": parameters.WITH_TOKEN}


def _operation(
    resource: Resource,
    name: str,
    says: str,
    asked: list[Schema],
    responses: Schema,
    tag: str = "",
) -> Schema:
    verb = name.partition("_")[0]
    is_read = verb in {"list", "get", "search", "rank", "recommend"}
    is_open = is_read and resource.is_public
    return {
        "operationId": name,
        "summary": says,
        "tags": [tag or AREA_OF[resource.path]],
        "parameters": asked,
        "responses": answers.answered(
            responses,
            names_one=verb in {"get", "change", "delete"},
            has_body=verb in {"create", "change"},
            refuses=() if is_read else (403, 409, *_versions(resource, verb)),
        ),
        "security": parameters.WITH_OR_WITHOUT if is_open else parameters.WITH_TOKEN,
    }


def _versions(resource: Resource, verb: str) -> tuple[int, ...]:
    """The refusals that are of If-Match."""
    if not resource.is_versioned or verb == "create":
        return ()
    return (412, 428) if verb == "change" else (412,)


def _list_parameters(resource: Resource, *, is_search: bool = False) -> list[Schema]:
    narrowed = [
        parameters.query(name, _filter(resource, field, operator))
        for name, (field, operator) in filters_of(resource).items()
    ]
    return [
        *narrowed,
        _sort(resource, is_search=is_search),
        *parameters.PAGE,
        *[parameters.COUNTS] * bool(resource.counted_by),
        *_showing(resource),
    ]


def _needed(resource: Resource) -> Schema:
    """What a schema cannot say of a list of children: that it needs one of some parameters."""
    needed = [f"`{name}`" for name in needed_of(resource)]
    return {"description": f"One of {', '.join(needed)} is required."} if needed else {}


def _sort(resource: Resource, *, is_search: bool) -> Schema:
    sorts: Schema = {
        "type": "string",
        "enum": list(resource.sorts),
        # What generators call them: `-rating` and `rating` are no two names.
        "x-enum-varnames": [
            sort.removeprefix("-").upper() + ("_DESCENDING" if sort[0] == "-" else "")
            for sort in resource.sorts
        ],
    }
    if is_search:
        return parameters.query("sort", sorts, "`-` is descending; without it, best match first")
    return parameters.query("sort", sorts | {"default": resource.sorts[0]}, "`-` is descending")


def _filter(resource: Resource, field: str, operator: str) -> Schema:
    if operator == "@>":
        return TEXT | {"description": "The list holds this"}
    if operator == HOLDS:
        of = next(one for one in resource.related if one.name == field)
        wire = bool if of.is_own else of.kind.wire
        asked: Schema = translated(msgspec.json.schema(wire))
        return asked | {"description": of.says}
    schema: Schema = translated(msgspec.json.schema(resource.named(field).kind.wire))
    if operator == IN:
        return TEXT | {"description": _several(resource, field, schema)}
    if field in resource.holds_user:
        return {"anyOf": [schema, {"type": "string", "const": "me"}]}
    return schema


def _several(resource: Resource, field: str, schema: Schema) -> str:
    known = f" of {', '.join(schema['enum'])}" if "enum" in schema else ""
    me = ", or `me`" if field in resource.holds_user else ""
    return f"One or more{known}, by commas{me}"


def _showing(resource: Resource) -> list[Schema]:
    names = [*(expansion.name for expansion in resource.expansions), *own_of(resource)]
    if not names:
        return []
    says = f"What belongs to a row, by commas, two deep: {', '.join(names)}"
    return [parameters.query("expand", TEXT, says) | {"example": names[0]}]


def _key(resource: Resource) -> Schema:
    schema = translated(msgspec.json.schema(resource.named(resource.key).kind.wire))
    return parameters.in_path("key", schema)


def _page(resource: Resource, schemas: Schemas) -> Schema:
    name, of = f"{wire_structs.name_of(resource)}Page", schemas.ref(wire_structs.whole(resource))
    return schemas.counted_page(name, of, resource.counted_by)


def _counts(resource: Resource) -> list[Schema]:
    facets = f"Counts of what is found by these fields, by commas: {', '.join(facets_of(resource))}"
    total = f"How many rows are found; without `sort`, pages end with the {CANDIDATES:,} best"
    return [
        parameters.query("total", {"type": "boolean"}, total),
        parameters.query("facets", TEXT, facets),
    ]


def _found(resource: Resource, schemas: Schemas) -> Schema:
    """A page of a search, and what is counted when it is asked for."""
    count: Schema = {"type": "integer", "minimum": 0}
    total = schemas.named(
        "SearchTotal", object_of({"count": count, "is_exact": {"type": "boolean"}})
    )
    value = schemas.named("FacetValue", object_of({"value": or_null(TEXT), "count": count}))
    values: Schema = {"type": "array", "items": value, "maxItems": FACET_VALUES}
    whole = schemas.ref(wire_structs.whole(resource))
    rows: Schema = {"type": "array", "items": whole}
    schema = object_of({"data": rows, "next_cursor": or_null(TEXT)})
    schema["properties"] |= {
        "total": total,
        "facets": {"type": "object", "additionalProperties": values},
    }
    return schemas.named(f"{wire_structs.name_of(resource)}SearchPage", schema)


_LINK: Schema = {"schema": TEXT, "description": 'The next page, as `rel="next"`'}
_LOCATION: Schema = {"schema": TEXT, "description": "The path of the new row"}


def _answer(says: str, schema: Schema, *, tag: bool = False, link: bool = False) -> Schema:
    answer: Schema = {"description": says, "content": {"application/json": {"schema": schema}}}
    headers = (answers.TAG_HEADER if tag else {}) | ({"Link": _LINK} if link else {})
    return answer | ({"headers": headers} if headers else {})


def _made(schema: Schema) -> Schema:
    answer = _answer("Made", schema, tag=True)
    return answer | {"headers": {**answer["headers"], "Location": _LOCATION}}


def _body(schemas: Schemas, shape: type[msgspec.Struct]) -> Schema:
    content: Schema = {"application/json": {"schema": schemas.body(shape)}}
    return {"required": True, "content": content}


def _one(resource: Resource) -> str:
    return _in_words(wire_structs.singular(resource.path))


def _in_words(path: str) -> str:
    return path.replace("-", "_")
