"""What the operations of resources have in common: parameters, answers, refusals."""

import msgspec

from handlers.resources import AREA_OF
from server.http.documents import answers, parameters
from server.http.documents.schemas import TEXT, Schema, Schemas, translated
from server.http.resources.query import IN, filters_of
from storage.resources import wire_structs
from storage.resources.related import HOLDS
from storage.resources.resource import Resource, own_of


def operation(
    resource: Resource,
    name: str,
    says: str,
    asked: list[Schema],
    responses: Schema,
    tag: str = "",
) -> Schema:
    """One operation; its name begins with its verb, from which its refusals follow."""
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


def list_parameters(resource: Resource, *, is_search: bool = False) -> list[Schema]:
    """What narrows a list, its order and its pages."""
    narrowed = [
        parameters.query(name, _filter(resource, field, operator))
        for name, (field, operator) in filters_of(resource).items()
    ]
    return [
        *narrowed,
        _sort(resource, is_search=is_search),
        *parameters.PAGE,
        *[parameters.COUNTS] * bool(resource.counted_by),
        *showing(resource),
    ]


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


def showing(resource: Resource) -> list[Schema]:
    """What may be shown besides a row."""
    names = [*(expansion.name for expansion in resource.expansions), *own_of(resource)]
    if not names:
        return []
    says = f"What belongs to a row, by commas, two deep: {', '.join(names)}"
    return [parameters.query("expand", TEXT, says) | {"example": names[0]}]


def key_parameter(resource: Resource) -> Schema:
    """The key of a row, in its path."""
    schema = translated(msgspec.json.schema(resource.named(resource.key).kind.wire))
    return parameters.in_path("key", schema)


def page_of(resource: Resource, schemas: Schemas) -> Schema:
    """A page of rows."""
    name, of = f"{wire_structs.name_of(resource)}Page", schemas.ref(wire_structs.whole(resource))
    return schemas.counted_page(name, of, resource.counted_by)


_LINK: Schema = {"schema": TEXT, "description": 'The next page, as `rel="next"`'}
_LOCATION: Schema = {"schema": TEXT, "description": "The path of the new row"}


def answer(says: str, schema: Schema, *, tag: bool = False, link: bool = False) -> Schema:
    """An answer with JSON, and the headers that it has."""
    done: Schema = {"description": says, "content": {"application/json": {"schema": schema}}}
    headers = (answers.TAG_HEADER if tag else {}) | ({"Link": _LINK} if link else {})
    return done | ({"headers": headers} if headers else {})


def made(schema: Schema) -> Schema:
    """The answer of a creation."""
    done = answer("Made", schema, tag=True)
    return done | {"headers": {**done["headers"], "Location": _LOCATION}}


def body(schemas: Schemas, shape: type[msgspec.Struct]) -> Schema:
    """A body that is needed."""
    content: Schema = {"application/json": {"schema": schemas.body(shape)}}
    return {"required": True, "content": content}


def one_of(resource: Resource) -> str:
    """What one row is called in the names of operations."""
    return in_words(wire_structs.singular(resource.path))


def in_words(path: str) -> str:
    """A path as a part of a name."""
    return path.replace("-", "_")
