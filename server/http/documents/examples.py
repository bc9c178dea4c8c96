"""Examples of bodies: such as can be sent as they stand, but for ids of other things."""

from collections.abc import Mapping
from typing import Any

from server.http.documents.schemas import Schema

_ID = "01a1fbd4-2a5a-731c-b739-807ea78a54dc"
_TIME = "2026-11-20T22:03:00.123Z"
_REF = "#/components/schemas/"
_MESSAGE = ("client_id", "content")
"""What the example of a message has, although a file or a key may stand for each."""

_MEMBERS: dict[str, Any] = {
    "email": "client@example.com",
    "password": "parley-demo",
    "current_password": "parley-demo",
    "new_password": "a longer parley-demo",
    "display_name": "Demo Client",
    "content": "Is the first cut ready?",
    "title": "Cut a three-minute travel film",
    "description": "Forty minutes of raw footage, 4K, with music that is already licensed.",
    "cover_letter": "I have cut travel films for six years; two rounds are included.",
    "emoji": "👍",
    "query": "first cut",
    "slug": "travel-film",
    "currency": "USD",
    "country": "DE",
    "tags": ["travel", "4k"],
    "client_id": "018f6a52-7d3e-4c1b-9a55-2f0c6f0f9d10",
    "name": "Standard",
    "question": "How long is the raw footage?",
    "answer": "Up to an hour.",
    "url": "https://example.com/hook",
    "quiet_from": "22:00:00",
    "quiet_until": "07:00:00",
    "language": "en",
    "timezone": "Europe/Berlin",
    "provider_token": "tok_ok-example",
    "provider_account_token": "acct_ok-example",
    "refresh_token": "the refresh_token of the last answer",
    "reason": "We agreed on this in the conversation.",
    "resolution": "The first cut was delivered; the second was not.",
    "notes": "Please make the titles larger.",
    "feedback": "Exactly as we wanted it.",
    "response": "Thank you, it was a pleasure.",
    "message": "It happens with every file.",
    "subject": "An upload does not end",
    "category": "files",
    "company_name": "Example Films",
    "company": "Example Films",
    "position": "Video editor",
    "institution": "Film Academy",
    "tier_name": "standard",
    "token": "the-token-of-a-device",
    "overall_rating": 5,
    "delivery_days": 3,
    "share_bp": 2500,
    "expiry_month": 12,
}
"""Members that one would read as something; the others say it themselves, or by their schema."""

_PATTERNED = {
    "^[A-Z]{3}$": "USD",
    "^[A-Z]{2}$": "DE",
}
_FORMATS = {
    "uuid": _ID,
    "date-time": _TIME,
    "date": "2026-11-20",
    "time": "09:30:00",
}


def add_examples(paths: Mapping[str, Mapping[str, Any]], named: Mapping[str, Schema]) -> None:
    """Give every JSON body of every operation its example."""
    for operations in paths.values():
        for operation in operations.values():
            content = operation.get("requestBody", {}).get("content", {})
            of = content.get("application/json")
            if of is not None:
                of["example"] = _of_body(of["schema"], named)


def _of_body(schema: Schema, named: Mapping[str, Schema]) -> Any:
    """An object with what is required, or with the first member where nothing is."""
    schema = _resolved(schema, named)
    properties = schema.get("properties", {})
    wanted = schema.get("required") or _telling(properties)
    if properties.keys() >= set(_MESSAGE):
        wanted = list(dict.fromkeys([*schema.get("required", []), *_MESSAGE]))
    return {name: _of_member(name, properties[name], named) for name in wanted}


def _telling(properties: Mapping[str, Schema]) -> list[str]:
    """The member that shows best what a change looks like."""
    known = [name for name in properties if name in _MEMBERS]
    return (known or [name for name in properties if name != "cursor"])[:1]


def _of_member(name: str, schema: Schema, named: Mapping[str, Schema]) -> Any:
    if name in _MEMBERS and _resolved(schema, named).keys().isdisjoint({"enum", "properties"}):
        return _MEMBERS[name]
    return _of(schema, named)


def _of(schema: Schema, named: Mapping[str, Schema]) -> Any:
    schema = _resolved(schema, named)
    if "examples" in schema:
        return schema["examples"][0]
    if "anyOf" in schema:
        return _of(schema["anyOf"][0], named)
    told = [schema.get("const"), schema.get("default"), *schema.get("enum", [])]
    known = next((value for value in told if value is not None), None)
    return _of_type(schema, named) if known is None else known


def _of_type(schema: Schema, named: Mapping[str, Schema]) -> Any:
    match schema.get("type"):
        case "string":
            return _text(schema)
        case "integer" | "number":
            return max(1, schema.get("minimum", 1))
        case "boolean":
            return True
        case "array":
            return [_of(schema["items"], named)] if schema.get("items") else []
        case _:
            return _of_body(schema, named) if "properties" in schema else {}


def _text(schema: Schema) -> str:
    if schema.get("format") in _FORMATS:
        return _FORMATS[schema["format"]]
    pattern = schema.get("pattern", "")
    if pattern in _PATTERNED:
        return _PATTERNED[pattern]
    if "https?" in pattern:
        return "https://example.com/"
    if pattern.startswith("^[a-z0-9-]"):
        return "a-name"
    return "Some words"


def _resolved(schema: Schema, named: Mapping[str, Schema]) -> Schema:
    reference = schema.get("$ref")
    return schema if reference is None else named[reference.removeprefix(_REF)]
