"""Statements of wallets, as OpenAPI describes them."""

from typing import Any

from protocol.money.currency import EXPONENTS
from server.http.documents import answers, parameters
from server.http.documents.schemas import TEXT, UUID_TEXT, Schema, Schemas, object_of, or_null
from server.http.resources.statements import FORMATS, MONTH
from storage.ledger.statements import COLUMNS, KINDS, STATED

_AMOUNT: Schema = {"type": "string", "description": "An amount such as -100.00"}

_KIND: Schema = {
    "type": "string",
    "description": "What it was: "
    + ", ".join(f"`{kind}` {says}" for kind, says in KINDS.items())
    + "; later versions may have more",
}
_STATE: Schema = or_null(TEXT) | {
    "description": f"Of {' and '.join(f'`{kind}`' for kind in STATED)}, the state that what it is "
    "about came into, such as `requested`, `paid` or `cancelled`"
}


def statement_paths(schemas: Schemas) -> dict[str, dict[str, Any]]:
    """The path of statements."""
    amounts = dict.fromkeys(COLUMNS, _AMOUNT)
    sums = schemas.named("StatementSums", object_of(amounts))
    time = {"type": "string", "format": "date-time"}
    ids = {name: or_null(UUID_TEXT) for name in ("contract_id", "milestone_id")}
    entry = {"at": time, "kind": _KIND, "state": _STATE, "journal_id": UUID_TEXT, **ids}
    moved = schemas.named(
        "StatementEntry", object_of({**entry, "description": or_null(TEXT), **amounts})
    )
    of = {"user_id": UUID_TEXT, "currency": TEXT, "month": TEXT, "opening": sums}
    entries = {"type": "array", "items": moved}
    whole = schemas.named("Statement", object_of({**of, "entries": entries, "closing": sums}))
    done: Schema = {
        "description": "What there was, what has happened, and what there is then",
        "content": {"application/json": {"schema": whole}, "text/csv": {"schema": TEXT}},
    }
    operation = {
        "operationId": "get_statement",
        "summary": "A month of the caller's money in one currency, by journals",
        "tags": ["money"],
        "parameters": [
            _needed("currency", {"type": "string", "enum": list(EXPONENTS)}, ""),
            _needed("month", {"type": "string", "pattern": f"^{MONTH.pattern}$"}, "In UTC"),
            parameters.query("format", {"type": "string", "enum": list(FORMATS)}),
            parameters.query("user_id", TEXT, "Another user's id, for staff; `me` otherwise"),
        ],
        "responses": answers.answered({"200": done}, refuses=(403, 404)),
        "security": parameters.WITH_TOKEN,
    }
    return {"/v1/wallets/statement": {"get": operation}}


def _needed(name: str, schema: Schema, says: str) -> Schema:
    return parameters.query(name, schema, says) | {"required": True}
