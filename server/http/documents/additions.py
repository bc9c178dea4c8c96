"""What HTTP adds to the shapes of the wire: keys that make a POST safe to repeat, and codes."""

from collections.abc import Mapping
from typing import Any

from handlers.command import Command
from protocol.errors import RETRYABLE, ErrorCode
from server.http.documents import parameters
from server.http.documents.schemas import Schemas


def tell_of_keys(paths: Mapping[str, Mapping[str, Any]]) -> None:
    """Idempotency-Key, which every POST takes but those that answer with tokens."""
    for place, operations in paths.items():
        if "post" in operations and not place.startswith("/v1/auth/"):
            operation = operations["post"]
            operation.setdefault("parameters", []).append(parameters.IDEMPOTENCY)
            done = min(operation["responses"])
            headers = operation["responses"][done].get("headers", {})
            operation["responses"][done]["headers"] = headers | parameters.REPLAYED_HEADER


def let_keys_stand_for_ids(table: Mapping[str, Command], schemas: Schemas) -> None:
    """Over HTTP a `client_id` may be left out: Idempotency-Key stands for it."""
    for command in table.values():
        schema = schemas.resolved(command.request)
        if "client_id" in schema.get("required", []):
            schema["required"].remove("client_id")
            said = {"description": "Needed unless `Idempotency-Key` is sent, which stands for it"}
            schema["properties"]["client_id"] = schema["properties"]["client_id"] | said


def tell_of_codes(schemas: Schemas) -> None:
    """The codes of refusals, in words: a closed list would make clients refuse a later one."""
    codes = ", ".join(f"`{code}`" for code in ErrorCode)
    again = ", ".join(f"`{code}`" for code in ErrorCode if code in RETRYABLE)
    code = schemas.components["ProblemError"]["properties"]["code"]
    code["description"] = f"One of {codes}; later versions may have more. Send again after {again}"
