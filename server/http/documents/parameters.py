"""Parameters that many operations take, and the tokens that they ask for."""

from typing import Any

from server.http.commands import IDEMPOTENCY_KEY, KEY_CHARS, REPLAYED
from server.http.documents.schemas import TEXT, Schema

WITH_TOKEN: list[dict[str, list[str]]] = [{"token": []}]
WITH_OR_WITHOUT: list[dict[str, list[str]]] = [{}, {"token": []}]
WITHOUT: list[dict[str, list[str]]] = []

SECURITY_SCHEMES: Schema = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "`access_token` of `POST /v1/auth/login`, `/register` or `/refresh`",
    }
}


def query(name: str, schema: Schema, says: str = "") -> Schema:
    """A parameter of the query."""
    return _of(name, "query", schema, says)


def in_path(name: str, schema: Schema) -> Schema:
    """A part of the path."""
    return _of(name, "path", schema) | {"required": True}


def _of(name: str, where: str, schema: Schema, says: str = "") -> Schema:
    parameter: Schema = {"name": name, "in": where, "schema": schema}
    return parameter | ({"description": says} if says else {})


COMPONENTS: dict[str, Schema] = {
    "limit": query(
        "limit",
        {"type": "integer", "minimum": 1, "maximum": 200},
        "How many rows a page holds at most",
    ),
    "cursor": query("cursor", TEXT, "`next_cursor` of the page before"),
    "fields": query(
        "fields",
        TEXT,
        "Only these members, by commas. The answer then lacks others that the schema requires: "
        "read it as JSON, a generated client may refuse it",
    ),
    "ifMatch": _of(
        "If-Match", "header", TEXT, "`ETag` of what the change was made from; `*` is any"
    ),
    "ifMatchNeeded": _of(
        "If-Match", "header", TEXT, "`ETag` of what the change was made from; `*` is any"
    )
    | {"required": True},
    "ifNoneMatch": _of(
        "If-None-Match", "header", TEXT, "`ETag` of what is held: 304 if it is still that"
    ),
    "idempotencyKey": _of(
        IDEMPOTENCY_KEY,
        "header",
        {"type": "string", "minLength": 1, "maxLength": KEY_CHARS},
        "Sent again with the same key and body, the request is answered as the first time",
    ),
}


ETAG: Schema = {
    "schema": TEXT,
    "description": "Which version this is, for If-Match and If-None-Match",
}
REPLAYED_HEADER: Schema = {
    REPLAYED: {
        "schema": {"const": "true"},
        "description": "There when an earlier request with the same key has done this",
    }
}


def _ref(name: str) -> dict[str, Any]:
    assert name in COMPONENTS
    return {"$ref": f"#/components/parameters/{name}"}


LIMIT = _ref("limit")
CURSOR = _ref("cursor")
FIELDS = _ref("fields")
IF_MATCH = _ref("ifMatch")
IF_MATCH_NEEDED = _ref("ifMatchNeeded")
IF_NONE_MATCH = _ref("ifNoneMatch")
IDEMPOTENCY = _ref("idempotencyKey")
