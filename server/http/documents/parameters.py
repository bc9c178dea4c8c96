"""Parameters that many operations take, and the tokens that they ask for."""

from typing import Any

from handlers.pages import page_size
from protocol.limits import Limits
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


def components(limits: Limits) -> dict[str, Schema]:
    """Every parameter that has a name; a page holds as many rows as `limits` say."""
    size = {"type": "integer", "minimum": 1, "maximum": limits.page_max}
    says = f"How many rows a page holds at most; without it {page_size(limits, None)}"
    return {"limit": query("limit", size, says), **_COMPONENTS}


_KEY = _of(
    IDEMPOTENCY_KEY,
    "header",
    {"type": "string", "minLength": 1, "maxLength": KEY_CHARS},
    "Sent again with the same key and body, the request is answered as the first time",
)
_COMPONENTS: dict[str, Schema] = {
    "cursor": query("cursor", TEXT, "`next_cursor` of the page before"),
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
    "idempotencyKey": _KEY,
    "idempotencyKeyNeeded": _KEY | {"required": True},
}


REPLAYED_HEADER: Schema = {
    REPLAYED: {
        "schema": {"const": "true"},
        "description": "There when an earlier request with the same key has done this",
    }
}


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/parameters/{name}"}


COUNTS = query("counts", {"type": "boolean"}, "How many rows are in each state, filters kept")
LIMIT = _ref("limit")
CURSOR = _ref("cursor")
PAGE = (LIMIT, CURSOR)
IF_MATCH = _ref("ifMatch")
IF_MATCH_NEEDED = _ref("ifMatchNeeded")
IF_NONE_MATCH = _ref("ifNoneMatch")
IDEMPOTENCY = _ref("idempotencyKey")
IDEMPOTENCY_NEEDED = _ref("idempotencyKeyNeeded")
"""Where money moves: a request without it is refused with 400."""
