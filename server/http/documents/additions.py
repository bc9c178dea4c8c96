"""What HTTP adds to the shapes of the wire: keys that make a POST safe to repeat, and codes."""

from collections.abc import Iterable, Mapping
from typing import Any

from handlers.command import Command
from handlers.workflows import WORKFLOWS
from protocol.errors import RETRYABLE, ErrorCode
from server.http.commands import takes_client_id
from server.http.documents import parameters
from server.http.documents.schemas import Schemas
from storage.workflows.workflow import Workflow


def tell_of_key(operation: dict[str, Any], *, is_needed: bool = False) -> dict[str, Any]:
    """The operation with Idempotency-Key, for one that would do the same thing twice."""
    for status, done in operation["responses"].items():
        if status[0] == "2":
            done["headers"] = done.get("headers", {}) | parameters.REPLAYED_HEADER
    key = parameters.IDEMPOTENCY_NEEDED if is_needed else parameters.IDEMPOTENCY
    asked = [*operation.get("parameters", []), key]
    return operation | {"parameters": asked}


def tell_of_key_of(command: Command, operation: dict[str, Any]) -> dict[str, Any]:
    """The same of a command's operation, where the key stands for a `client_id`."""
    return tell_of_key(operation) if takes_client_id(command) else operation


def let_keys_stand_for_ids(table: Mapping[str, Command], schemas: Schemas) -> None:
    """Over HTTP a `client_id` may be left out: Idempotency-Key stands for it."""
    for command in table.values():
        schema = schemas.resolved(command.request)
        if "client_id" in schema.get("required", []):
            schema["required"].remove("client_id")
            said = {"description": "Needed unless `Idempotency-Key` is sent, which stands for it"}
            schema["properties"]["client_id"] = schema["properties"]["client_id"] | said


def tell_of_system_messages(schemas: Schemas) -> None:
    """What system messages tell of, and which facts each has, as the machines say."""
    members = schemas.components["SystemText"]["properties"]
    said = said_of(WORKFLOWS.values())
    actions = ", ".join(f"`{action}`" for action in said)
    members["action"]["description"] = f"One of {actions}; later versions may have more"
    facts = "; ".join(f"`{action}`: {', '.join(names)}" for action, names in said.items())
    members["facts"]["description"] = f"By `action`. {facts}"


def said_of(workflows: Iterable[Workflow]) -> dict[str, tuple[str, ...]]:
    """The facts of each system message that there can be, by its action."""
    return {
        f"{workflow.machine.name}.{action}": facts
        for workflow in workflows
        for action, facts in workflow.said.items()
    }


def tell_of_codes(schemas: Schemas) -> None:
    """The codes of refusals, in words: a closed list would make clients refuse a later one."""
    codes = ", ".join(f"`{code}`" for code in ErrorCode)
    again = ", ".join(f"`{code}`" for code in ErrorCode if code in RETRYABLE)
    code = schemas.components["ProblemError"]["properties"]["code"]
    code["description"] = f"One of {codes}; later versions may have more. Send again after {again}"
