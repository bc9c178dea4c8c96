"""AsyncAPI, made from the command table and the events."""

from collections.abc import Iterator, Mapping

import orjson

from handlers.command import Command
from protocol import errors, events, replies, requests
from protocol.codec import JSON, MSGPACK
from server.http.documents.additions import tell_of_system_messages
from server.http.documents.parameters import SECURITY_SCHEMES
from server.http.documents.schemas import Schema, Schemas, object_of, or_null, summary_of

VERSION = "1"

BEYOND_TABLE: tuple[tuple[str, type[requests.Request], type[replies.Reply]], ...] = (
    ("hello", requests.Hello, replies.HelloReply),
    ("token.refresh", requests.TokenRefresh, replies.TokenRefreshReply),
)
"""Commands that a connection itself carries out."""


def asyncapi(table: Mapping[str, Command]) -> bytes:
    """The AsyncAPI document of the socket, as JSON."""
    commands = list(spoken(table))
    bodies = (*events.EVENTS.values(), events.DomainEvent, events.ReminderEvent)
    schemas = Schemas(
        [*(reply for _, _, reply in commands), *bodies, errors.ErrorBody],
        sent=[request for _, request, _ in commands],
        refuses_unknown=False,
    )
    tell_of_system_messages(schemas)
    messages: dict[str, Schema] = {"refusal": _refusal(schemas)}
    operations: dict[str, Schema] = {}
    for op, request, reply in commands:
        messages[f"{op}.command"] = _command_message(op, request, schemas)
        messages[f"{op}.reply"] = _reply_message(reply, schemas)
        operations[op] = _operation("receive", [f"{op}.command"], [f"{op}.reply", "refusal"])
    for ev, body in events.EVENTS.items():
        messages[f"{ev}.event"] = _event_message({"const": ev}, body, schemas)
    # Of one shape each, whatever they are called.
    for name, names, shape in (
        ("domain", events.DOMAIN_EVENTS - events.REMINDERS, events.DomainEvent),
        ("reminder", events.REMINDERS, events.ReminderEvent),
    ):
        messages[f"{name}.event"] = _event_message({"enum": sorted(names)}, shape, schemas)
    sent = (*events.EVENTS, "domain", "reminder")
    operations["events"] = _operation("send", [f"{name}.event" for name in sent])
    return orjson.dumps(
        {
            "asyncapi": "3.0.0",
            "info": {
                "title": "Parley",
                "version": VERSION,
                "description": "Commands, replies and events of the WebSocket",
                "license": {"name": "MIT", "url": "https://spdx.org/licenses/MIT"},
            },
            "defaultContentType": "application/json",
            "channels": {
                "socket": {
                    "address": "/v1/ws",
                    "title": f"Subprotocols {JSON.subprotocol} and {MSGPACK.subprotocol}",
                    "messages": {n: {"$ref": f"#/components/messages/{n}"} for n in messages},
                }
            },
            "operations": operations,
            "components": {
                "messages": messages,
                "schemas": schemas.components,
                "securitySchemes": SECURITY_SCHEMES,
            },
        }
    )


def spoken(
    table: Mapping[str, Command],
) -> Iterator[tuple[str, type[requests.Request], type[replies.Reply]]]:
    """Every command of the socket: its name, request and reply."""
    yield from BEYOND_TABLE
    for command in table.values():
        yield command.name, command.request, command.reply


def _command_message(op: str, request: type[requests.Request], schemas: Schemas) -> Schema:
    members = {"id": {"type": "integer"}, "op": {"const": op}, "d": schemas.ref(request)}
    return {"title": summary_of(request), "payload": object_of(members)}


def _reply_message(reply: type[replies.Reply], schemas: Schemas) -> Schema:
    members = {"re": {"type": "integer"}, "d": schemas.ref(reply)}
    return {"title": summary_of(reply), "payload": object_of(members)}


def _refusal(schemas: Schemas) -> Schema:
    re = or_null({"type": "integer"})
    payload = object_of({"re": re, "error": schemas.ref(errors.ErrorBody)})
    return {"title": "A command is refused", "payload": payload}


def _event_message(ev: Schema, body: type[events.EventBody], schemas: Schemas) -> Schema:
    text: Schema = {"type": "string"}
    payload = object_of({"ev": ev, "d": schemas.ref(body)})
    payload["properties"] |= {"eid": text, "at": text}
    return {"title": summary_of(body), "payload": payload}


def _operation(action: str, messages: list[str], replied: list[str] | None = None) -> Schema:
    channel = {"$ref": "#/channels/socket"}
    operation: Schema = {
        "action": action,
        "channel": channel,
        "security": [{"$ref": "#/components/securitySchemes/token"}],
        "messages": [_of_channel(name) for name in messages],
    }
    if replied:
        operation["reply"] = {"channel": channel, "messages": [_of_channel(n) for n in replied]}
    return operation


def _of_channel(name: str) -> Schema:
    return {"$ref": f"#/channels/socket/messages/{name}"}
