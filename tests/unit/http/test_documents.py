"""The generated documents: complete, of one piece, and the page in `docs/` up to date."""

import json
import re
from http import HTTPStatus
from pathlib import Path

import msgspec
import pytest
from aiohttp import web

from handlers.resources import AREA_OF, RESOURCES, SHOWN
from handlers.workflows import WORKFLOWS
from protocol.errors import HTTP_STATUS, RETRYABLE, ErrorCode
from protocol.events import DOMAIN_EVENTS, EVENTS, REMINDERS
from protocol.limits import Limits
from protocol.text import NO_NUL
from server.http.documents.asyncapi import BEYOND_TABLE, asyncapi
from server.http.documents.examples import add_examples
from server.http.documents.introduction import TAGS
from server.http.documents.openapi import openapi
from server.http.documents.other_paths import OTHERS
from server.http.documents.reference import nameless_table, reference
from server.http.documents.schemas import Schemas, always_written, translated
from server.http.messaging import PATHS
from server.http.problems import FURTHER_STATUSES
from storage.resources import wire_structs
from storage.resources.search import searchables

ROOT = Path(__file__).parents[3]
TABLE = nameless_table()
FREE = translated({"pattern": NO_NUL})["pattern"]
DOCUMENT = json.loads(openapi(TABLE))
OPERATIONS = {
    one["operationId"]: one for item in DOCUMENT["paths"].values() for one in item.values()
}


def test_the_page_is_what_the_code_says():
    page = (ROOT / "docs" / "protocol.md").read_text(encoding="utf-8")
    assert page == reference(TABLE), (
        "run: python -m server.http.documents.reference > docs/protocol.md"
    )


def test_every_object_that_is_named_is_told():
    page = reference(TABLE)
    told = set(re.findall(r"^\| \*\*(\w+)\*\* \|", page, re.MULTILINE))
    shapes = " ".join(re.findall(r"`(\{[^`]*\})`", page))
    # Neither literals nor the names of members, which may be capital as those of headers are.
    named = set(re.findall(r"(?<!\w)[A-Z][a-z]\w+", re.sub(r'"[^"]*"|[\w-]+\??:', "", shapes)))
    assert "PersonFound" in named
    assert not named - told


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
    # Those of the marketplace are one message, and its reminders another: they differ in their
    # names alone.
    assert len(operations["events"]["messages"]) == len(EVENTS) + 2
    messages = json.loads(asyncapi(TABLE))["components"]["messages"]
    told, reminding = (
        set(messages[f"{name}.event"]["payload"]["properties"]["ev"]["enum"])
        for name in ("domain", "reminder")
    )
    assert told | reminding == DOMAIN_EVENTS
    assert reminding == REMINDERS


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


def test_a_page_is_as_long_as_the_limits_say():
    document = json.loads(openapi(TABLE, limits=Limits(page_max=30, page_default=40)))
    limit = document["components"]["parameters"]["limit"]
    assert limit["schema"]["maximum"] == 30
    assert limit["description"].endswith("without it 30")


def test_every_array_says_what_it_holds():
    for schema in inside(DOCUMENT):
        assert schema.get("type") != "array" or "items" in schema
        if schema.get("items") == {}:
            assert "the shape is" in schema["description"]


def test_bodies_and_answers_have_names():
    for name, one in OPERATIONS.items():
        answers = [one["responses"][s] for s in one["responses"] if s[0] == "2"]
        for part in [one.get("requestBody", {}), *answers]:
            of = part.get("content", {}).get("application/json")
            assert of is None or "$ref" in of["schema"] or of["schema"] == {"type": "object"}, name
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


def test_no_parameter_takes_required_members_away():
    """`?fields=` would; the introduction tells of it."""
    for name, one in OPERATIONS.items():
        assert "fields" not in _parameters(one), name
    assert "?fields=" in DOCUMENT["info"]["description"]


def test_every_search_is_told_and_its_order():
    areas = {name for name in OPERATIONS if "q" in _parameters(OPERATIONS[name])}
    assert areas == {f"search_{area}" for area in searchables(SHOWN)}
    for name in areas:
        assert "default" not in _parameters(OPERATIONS[name])["sort"]["schema"], name
    assert _parameters(OPERATIONS["list_gigs"])["sort"]["schema"]["default"] == "-created_at"


def test_lists_of_children_say_what_they_need():
    packages, skills = OPERATIONS["list_gig_packages"], OPERATIONS["list_job_skills"]
    assert packages["description"] == "One of `gig_id`, `id` is required."
    assert skills["description"] == "One of `job_id`, `id`, `skill_id` is required."
    for name, one in OPERATIONS.items():
        resource = RESOURCES.get(one["operationId"].removeprefix("list_").replace("_", "-"))
        if resource is not None and name.startswith("list_"):
            is_told = one.get("description", "").endswith("is required.")
            assert is_told == bool(resource.parent_keys), name


def test_what_has_a_tag_may_be_told_as_not_changed():
    gets = [item["get"] for item in DOCUMENT["paths"].values() if "get" in item]
    reads = {
        one["operationId"]
        for one in gets
        if "ETag" in one["responses"].get("200", {}).get("headers", {})
    }
    assert {"get_me", "get_unread", "get_gig", "get_openapi", "get_docs"} <= reads
    for name in reads:
        assert "304" in OPERATIONS[name]["responses"], name
        assert "If-None-Match" in _parameters(OPERATIONS[name]), name


def _parameters(operation):
    """An operation's parameters by name."""
    named = DOCUMENT["components"]["parameters"]
    found = [
        named[p["$ref"].rpartition("/")[2]] if "$ref" in p else p
        for p in operation.get("parameters", [])
    ]
    return {parameter["name"]: parameter for parameter in found}


def test_examples_are_taken():
    """Every body's example is one that its own shape takes."""
    shapes: dict[str, type[msgspec.Struct]] = {
        command.request.__name__: command.request for command in TABLE.values()
    }
    shapes |= {other.request.__name__: other.request for other in OTHERS if other.request}
    for resource in SHOWN.values():
        for make in (wire_structs.creation, wire_structs.change):
            shapes[make(resource).__name__] = make(resource)
    for workflow in WORKFLOWS.values():
        title = "".join(word.capitalize() for word in workflow.machine.name.split("_"))
        shapes |= {title + of.__name__: of for of in workflow.bodies.values()}
        shapes |= {of.__name__: of for of in workflow.bodies.values()}
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


def test_a_form_of_text_is_said_in_words():
    """Refusals use them: nobody is told a regular expression."""

    def silent(schema, path):
        if isinstance(schema, dict):
            pattern = schema.get("pattern")
            if pattern and pattern != FREE and "description" not in schema:
                yield path, pattern
        items = schema.items() if isinstance(schema, dict) else enumerate(schema)
        for name, of in items:
            if isinstance(of, dict | list):
                yield from silent(of, [*path, name])

    assert list(silent(DOCUMENT["components"]["schemas"], [])) == []


def test_an_example_is_what_a_schema_says_not_its_prose():
    said = {"type": "string", "description": "a name such as is usual", "examples": ["Ada"]}
    unsaid = {"type": "string", "description": "a name such as is usual"}
    schema = {"properties": {"one": said, "two": unsaid}, "required": ["one", "two"]}
    body = {"schema": schema}
    add_examples({"/x": {"post": {"requestBody": {"content": {"application/json": body}}}}}, {})
    assert body["example"] == {"one": "Ada", "two": "Some words"}


def test_examples_say_something():
    """What is sent as it stands makes rows that people can read, and amounts that are some."""
    for name, one in OPERATIONS.items():
        content = one.get("requestBody", {}).get("content", {})
        told = json.dumps(content.get("application/json", {}).get("example"))
        assert "Some words" not in told and '"cursor"' not in told, (name, told)
        for amount in re.findall(r'amount": ([^,}]+)', told):
            assert re.fullmatch(r'"\d+\.\d\d"', amount), (name, told)


def test_structs_that_are_called_alike_are_told_apart():
    """Generators make a class of each name."""
    alike = [msgspec.defstruct("Said", [("words", str)], module=f"rooms.{m}") for m in "ab"]
    told = Schemas([], sent=alike, refuses_unknown=True)
    assert set(told.components) == {"ASaid", "BSaid"}
    assert [told.resolved(of)["title"] for of in alike] == ["ASaid", "BSaid"]
    assert all(told.resolved(of)["additionalProperties"] is False for of in alike)
    titles = [of["title"] for of in DOCUMENT["components"]["schemas"].values() if "title" in of]
    assert len(titles) == len(set(titles))


def test_every_search_is_told_and_has_no_sort_of_its_own():
    """A generated client that sent a default `sort` would lose the best matches."""
    areas = {p.rpartition("/")[2] for p in DOCUMENT["paths"] if p.startswith("/v1/search/")}
    assert areas == set(searchables(RESOURCES))
    for area in areas:
        (sort,) = (p for p in OPERATIONS[f"search_{area}"]["parameters"] if p.get("name") == "sort")
        assert "default" not in sort["schema"] and "best match" in sort["description"]


def test_a_key_stands_for_the_id_of_a_message():
    for name in ("send_message", "run_message_send"):
        body = OPERATIONS[name]["requestBody"]["content"]["application/json"]
        schema = DOCUMENT["components"]["schemas"][body["schema"]["$ref"].rpartition("/")[2]]
        assert "client_id" not in schema["required"]
        assert "Idempotency-Key" in schema["properties"]["client_id"]["description"]
        assert {"client_id", "content"} <= set(body["example"])


def test_what_has_a_tag_can_be_asked_for_by_it():
    for name in ("get_unread", "get_me", "get_gig"):
        one = OPERATIONS[name]
        assert {"$ref": "#/components/parameters/ifNoneMatch"} in one["parameters"], name
        assert "ETag" in one["responses"]["200"]["headers"] and "304" in one["responses"], name


def test_the_codes_of_refusals_are_told_and_which_may_be_sent_again():
    said = DOCUMENT["components"]["schemas"]["ProblemError"]["properties"]["code"]["description"]
    of_all, _, again = said.partition("Send again")
    for code in ErrorCode:
        assert f"`{code}`" in of_all
        assert (f"`{code}`" in again) == (code in RETRYABLE)


def test_what_begins_as_a_draft_says_so():
    says = {name for name, one in OPERATIONS.items() if "a draft" in one["summary"]}
    assert says == {"create_gig", "create_job"}


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
