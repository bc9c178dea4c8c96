"""The generated documents: complete, of one piece, and the page in `docs/` up to date."""

import json
import re
from http import HTTPStatus
from pathlib import Path

import msgspec
import pytest
from aiohttp import web

from handlers.resources import AREA_OF, RESOURCES, SHOWN
from protocol.errors import HTTP_STATUS, ErrorCode
from protocol.events import EVENTS
from server.http.documents.asyncapi import BEYOND_TABLE, asyncapi
from server.http.documents.introduction import TAGS
from server.http.documents.openapi import OTHERS, openapi
from server.http.documents.reference import nameless_table, reference
from server.http.documents.schemas import always_written
from server.http.messaging import PATHS
from server.http.problems import FURTHER_STATUSES
from storage.resources import wire_structs
from storage.resources.search import searchables

ROOT = Path(__file__).parents[3]
TABLE = nameless_table()
DOCUMENT = json.loads(openapi(TABLE))
OPERATIONS = {
    one["operationId"]: one for item in DOCUMENT["paths"].values() for one in item.values()
}


def test_the_page_is_what_the_code_says():
    page = (ROOT / "docs" / "protocol.md").read_text(encoding="utf-8")
    assert page == reference(TABLE), (
        "run: python -m server.http.documents.reference > docs/protocol.md"
    )


def test_every_path_has_its_command_and_its_fields():
    for path in PATHS:
        command = TABLE[path.op]
        assert not command.socket_only
        assert set(path.from_path) <= set(command.request.__struct_fields__)
        if path.items is not None:
            assert path.items in command.reply.__struct_fields__


def test_every_command_is_told():
    paths = json.loads(openapi(TABLE))["paths"]
    operations = json.loads(asyncapi(TABLE))["operations"]
    names = {name for name, command in TABLE.items() if not command.socket_only}
    assert {p.removeprefix("/v1/commands/") for p in paths if "/commands/" in p} == names
    spoken = set(TABLE) | {name for name, _, _ in BEYOND_TABLE}
    assert set(operations) == spoken | {"events"}
    assert len(operations["events"]["messages"]) == len(EVENTS)


@pytest.mark.parametrize("make", [openapi, asyncapi])
def test_every_reference_leads_somewhere(make):
    document = json.loads(make(TABLE))
    for target in references(document):
        here = document
        for part in target.removeprefix("#/").split("/"):
            here = here[part]


def references(value):
    if isinstance(value, dict):
        for name, item in value.items():
            if name == "$ref":
                yield item
            else:
                yield from references(item)
    elif isinstance(value, list):
        for item in value:
            yield from references(item)


@pytest.mark.parametrize("make", [openapi, asyncapi])
def test_patterns_are_of_json_schema(make):
    assert b"\\\\Z" not in make(TABLE)


def test_operations_are_called_by_words():
    """Generators make functions of them: `list_gigs` and not `get /v1/gigs`."""
    assert len(OPERATIONS) == sum(len(item) for item in DOCUMENT["paths"].values())
    assert not [name for name in OPERATIONS if not re.fullmatch(r"[a-z]+(_[a-z0-9]+)*", name)]
    assert {"list_gigs", "get_category", "change_me", "send_message", "log_in"} <= set(OPERATIONS)
    assert {"run_message_send", "search_freelancers", "list_user_categories"} <= set(OPERATIONS)


def test_every_operation_has_its_area_its_tokens_and_its_refusals():
    told = [tag["name"] for tag in DOCUMENT["tags"]]
    assert told == [t for t in TAGS if t != "automation"] and all(
        tag["description"] for tag in DOCUMENT["tags"]
    )
    assert {tag for one in OPERATIONS.values() for tag in one["tags"]} == set(told)
    assert set(AREA_OF) == set(RESOURCES)
    for name, one in OPERATIONS.items():
        assert "security" in one, name
        assert {"400", "429", "503", "default"} <= set(one["responses"]), name
        needs_token = {"token": []} in one["security"]
        assert ("401" in one["responses"]) or not needs_token, name


def test_servers_are_this_one_and_the_public_one():
    assert [server["url"] for server in DOCUMENT["servers"]] == ["/"]
    document = json.loads(openapi(TABLE, "https://parley.example"))
    assert [one["url"] for one in document["servers"]] == ["/", "https://parley.example"]


def test_every_array_says_what_it_holds():
    for schema in inside(DOCUMENT):
        assert schema.get("type") != "array" or "items" in schema


def test_bodies_and_answers_have_names():
    for name, one in OPERATIONS.items():
        answers = [one["responses"][s] for s in one["responses"] if s[0] == "2"]
        for part in [one.get("requestBody", {}), *answers]:
            of = part.get("content", {}).get("application/json")
            assert of is None or "$ref" in of["schema"] or of["schema"] == {}, name
    names = set(DOCUMENT["components"]["schemas"])
    assert not [name for name in names if not re.fullmatch(r"[A-Z][A-Za-z]+", name)]
    assert {"Gig", "GigPage", "GigPackageRows", "JobCreate", "MessageSendBody"} <= names


def test_what_a_reading_always_has_is_required():
    schemas = DOCUMENT["components"]["schemas"]
    for resource in SHOWN.values():
        row = schemas.get(wire_structs.name_of(resource))
        if row is None:  # nothing shows it but to operators
            continue
        asked_for = {one.name for one in resource.related if one.is_own}
        beside = {e.name for e in resource.expansions} | asked_for | {"available_actions"}
        assert set(row["required"]) == set(row["properties"]) - beside
    assert "attachments" in schemas["Message"]["required"]
    assert "unread" not in schemas["Conversation"]["required"]
    assert "width" not in schemas["Attachment"]["required"]


class _Part(msgspec.Struct, omit_defaults=True):
    always: int
    sometimes: int = 0


class _Whole(msgspec.Struct):
    part: _Part
    written: list[int] = []
    unset: int | msgspec.UnsetType = msgspec.UNSET


def test_always_written_is_what_the_encoder_writes():
    for shape, least in ((_Part, _Part(1)), (_Whole, _Whole(_Part(1)))):
        assert always_written(shape) == list(json.loads(msgspec.json.encode(least)))


def test_me_is_said_for_users_only():
    """A category is nobody: `category_id=me` would be a slip."""
    for name, one in OPERATIONS.items():
        for parameter in one.get("parameters", []):
            if any(of.get("const") == "me" for of in parameter.get("schema", {}).get("anyOf", [])):
                area = name.partition("_")[2].replace("_", "-").replace("freelancers", "users")
                resource = RESOURCES.get(area, RESOURCES["users"])
                assert parameter["name"] in resource.holds_user or name.startswith("search_")
                assert parameter["name"] not in {"category_id", "gig_id", "job_id", "contract_id"}
    assert "client_id" in RESOURCES["jobs"].holds_user
    assert not {"id", "category_id"} & RESOURCES["jobs"].holds_user


def test_every_search_is_told_and_has_no_sort_of_its_own():
    areas = set(searchables(RESOURCES))
    assert {name for name in OPERATIONS if name.startswith("search_")} == {
        *(f"search_{area}" for area in areas),
        "search_messages",
    }
    for area in areas:
        asked = OPERATIONS[f"search_{area}"]["parameters"]
        (sort,) = (of for of in asked if of.get("name") == "sort")
        assert "best match" in sort["description"]
        assert "default" not in sort["schema"]


def test_what_has_a_tag_says_so():
    for name in ("get_me", "get_unread", "get_gig"):
        one = OPERATIONS[name]
        assert {"$ref": "#/components/parameters/ifNoneMatch"} in one["parameters"], name
        assert all("ETag" in one["responses"][status]["headers"] for status in ("200", "304")), name


def test_examples_are_taken():
    """Every body's example is one that its own shape takes."""
    shapes: dict[str, type[msgspec.Struct]] = {
        command.request.__name__: command.request for command in TABLE.values()
    }
    shapes |= {other.request.__name__: other.request for other in OTHERS if other.request}
    for resource in SHOWN.values():
        for make in (wire_structs.creation, wire_structs.change):
            shapes[make(resource).__name__] = make(resource)
    checked = 0
    for name, one in OPERATIONS.items():
        of = one.get("requestBody", {}).get("content", {}).get("application/json")
        if of is None:
            continue
        shape = of["schema"]["$ref"].rpartition("/")[2]
        if shape in shapes:
            msgspec.convert(of["example"], shapes[shape])
            checked += 1
        else:
            assert shape.endswith("Body") and of["example"], name
    assert checked > 80


def test_every_status_of_every_code_is_told():
    page = reference(TABLE)
    for code in ErrorCode:
        (line,) = re.findall(rf"^\| `{code}` \|.*$", page, re.MULTILINE)
        for status in (HTTP_STATUS[code], *FURTHER_STATUSES.get(code, {})):
            assert str(int(status)) in line
    raised = {
        getattr(web, name).status_code
        for path in (ROOT / "server" / "http").rglob("*.py")
        for name in re.findall(r"web\.(HTTP[A-Z]\w+)", path.read_text())
        if name != "HTTPException"
    }
    told = {int(status) for further in FURTHER_STATUSES.values() for status in further}
    assert raised - set(HTTP_STATUS.values()) <= told
    assert HTTPStatus.METHOD_NOT_ALLOWED in told  # aiohttp's router raises it


def inside(value):
    if isinstance(value, dict):
        yield value
        for item in value.values():
            yield from inside(item)
    elif isinstance(value, list):
        for item in value:
            yield from inside(item)
