"""The refusals that each operation may be answered with."""

from collections.abc import Iterable

from protocol.errors import HTTP_STATUS, ErrorCode
from server.http.documents.schemas import TEXT, Schema

_FORBIDDEN = (
    "The caller sees it, and may not do this. Of something new: what it is for is not there, not "
    "open or not theirs, or their `kind` of account makes none"
)
_SAYS: dict[int, tuple[str, str]] = {
    400: ("BadRequest", "The request cannot be read: not JSON, or a cursor that is none"),
    401: ("Unauthenticated", "There is no token, or it has expired"),
    403: ("Forbidden", _FORBIDDEN),
    404: ("NotFound", "There is no such thing, or the caller may not see it"),
    409: ("Conflict", "The present state does not allow it"),
    412: ("PreconditionFailed", "Somebody was faster: `If-Match` is not the present version"),
    413: ("TooLarge", "The body is too large"),
    415: ("UnsupportedMediaType", "The body has another type, or a `Content-Encoding`"),
    422: ("ValidationFailed", "Members or parameters are wrong; `errors` names them"),
    428: ("PreconditionRequired", "A change needs `If-Match`"),
    429: ("TooManyRequests", "A limit is reached; `Retry-After` says for how long"),
    503: ("Unavailable", "A database does not answer: the same may be sent again"),
}
_CONTENT: Schema = {
    "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
}
TAG_HEADER: Schema = {
    "ETag": {
        "schema": TEXT,
        "description": "What this is, for If-None-Match; its version, for If-Match",
    }
}
NOT_CHANGED: Schema = {"description": "Not changed", "headers": TAG_HEADER}
"""The answer to If-None-Match with the present tag."""
_RETRY: Schema = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds"}}


def components() -> dict[str, Schema]:
    """Every refusal by its name."""
    found: dict[str, Schema] = {
        "Problem": {"description": "Refused; `error.code` says why", "content": _CONTENT}
    }
    for status, (name, says) in _SAYS.items():
        codes = [f"`{code}`" for code in ErrorCode if HTTP_STATUS[code] == status]
        told = f"{says} ({', '.join(codes)})" if codes else says
        found[name] = {"description": told, "content": _CONTENT}
        if status in {429, 503}:
            found[name]["headers"] = _RETRY
        if status == 401:
            found[name]["headers"] = {"WWW-Authenticate": {"schema": TEXT}}
    return found


def answered(
    done: Schema,
    *,
    is_public: bool = False,
    names_one: bool = False,
    has_body: bool = False,
    refuses: Iterable[int] = (),
) -> Schema:
    """The answers of an operation: what is `done`, and each way in which it is refused."""
    statuses = {400, 401, 422, 429, 503, *refuses}
    if is_public:  # where a token is not looked at; elsewhere a bad one is refused
        statuses.discard(401)
    if names_one:
        statuses.add(404)
    if has_body:
        statuses |= {413, 415}
    refusals = {
        str(status): {"$ref": f"#/components/responses/{_SAYS[status][0]}"}
        for status in sorted(statuses)
    }
    return {**done, **refusals, "default": {"$ref": "#/components/responses/Problem"}}
