"""Every text of every resource that can be written is held to one rule; made from declarations."""

from typing import Any

import asyncpg
import pytest

from handlers.resources import RESOURCES
from handlers.texts import fault_of_line, fault_of_text
from handlers.workflows.listings.plan import PLAN
from server import seed
from storage.resources.kinds import Said
from storage.resources.resource import Field, Resource
from tests.integration.resources import samples
from tests.integration.resources.world import writes

WRITTEN = [
    (resource, field)
    for resource in RESOURCES.values()
    if {"create", "change"} & resource.verbs
    for field in resource.creatable.values()
    if field.kind.said not in {Said.NOTHING, Said.ZONE}
]


async def refused(world: Any, resource: Resource, field: Field, value: object) -> dict[str, Any]:
    """The details of the refusal of a value; every other field is as it should be."""
    person = world.people["owner" if writes(resource, "owner") else "staff"]
    if "create" in resource.verbs:
        body = {**samples.creation(resource), field.name: value}
        answer = await world.app.http("POST", f"/v1/{resource.path}", person, body)
    else:
        headers = {"If-Match": "*"}
        body = {field.name: value}
        answer = await world.app.http(
            "PATCH", samples.path(resource), person, body, headers=headers
        )
    assert answer.status == 422, (resource.path, field.name, value, answer.body)
    assert answer.body["error"]["code"] == "validation_failed"
    details: dict[str, Any] = answer.body["error"]["details"]
    return details


def spelt(field: Field, text: str) -> tuple[object, str]:
    """A value of the field that holds a text, and the path to it."""
    match field.kind.cast:
        case "text[]":
            return ["good", text], f"{field.name}[1]"
        case "jsonb" if field.kind is PLAN:
            return [{"title": text, "amount": "10"}], f"{field.name}[0].title"
        case "jsonb" if "list" in str(field.kind.wire):
            return [{"a": text}], f"{field.name}[0].a"
        case "jsonb":
            return {"a": ["good", text]}, f"{field.name}.a[1]"
        case _:
            return text, field.name


def test_no_field_of_text_is_left_out():
    names = {(resource.path, field.name) for resource, field in WRITTEN}
    assert len(names) > 60
    assert ("users", "display_name") in names
    for resource in RESOURCES.values():
        for field in resource.creatable.values():
            free = field.kind.cast in {"text", "text[]", "jsonb"}
            if free and not field.kind.values and field.kind.said is Said.NOTHING:
                # A word, an address or a code: its own pattern has nothing invisible.
                assert "pattern='^" in str(field.kind.wire), (resource.path, field.name)


async def test_text_that_shows_nothing_is_refused_with_its_path(world):
    for resource, field in WRITTEN:
        value, path = spelt(field, "\u3164\u200b\u2800")
        details = await refused(world, resource, field, value)
        assert (details["path"], details["reason"]) == (path, "must have a visible character")


async def test_names_and_titles_are_on_one_line(world):
    lines = [(r, f) for r, f in WRITTEN if f.kind.said is not Said.TEXT]
    assert len(lines) > 40
    for resource, field in lines:
        for text in ("a\u2028b", "a\u202eb", "a\nb"):
            value, path = spelt(field, text)
            details = await refused(world, resource, field, value)
            assert details["path"] == path
            assert "line-separator" in details["reason"]


async def test_an_empty_text_is_no_text(world):
    person = world.people["owner"]
    headers = {"If-Match": "*"}
    path = samples.path(RESOURCES["freelancer-profiles"])
    empty = await world.app.http("PATCH", path, person, {"tagline": ""}, headers=headers)
    assert empty.body["error"]["details"]["path"] == "tagline"
    none = await world.app.http("PATCH", path, person, {"tagline": None}, headers=headers)
    assert none.body["tagline"] is None
    lines = {"bio": "two\nlines", "languages": [{"note": ""}]}
    assert (await world.app.http("PATCH", path, person, lines, headers=headers)).status == 200


async def test_json_as_deep_and_wide_as_a_body_is_looked_through(world):
    person = world.people["owner"]
    value: Any = "\u200b"
    for _ in range(90):
        value = {"a" * 20: value}
    body = {"search_type": "gigs", "name": "x", "search_params": {"deep": value}}
    answer = await world.app.http("POST", "/v1/saved-searches", person, body)
    assert answer.status == 422
    path = answer.body["error"]["details"]["path"]
    assert path.startswith("search_params.deep.aaa")
    assert len(path) <= 200


@pytest.mark.parametrize("name", ["Parley", "Раrlеу Support", "ADMlN", "supp0rt 24/7"])
async def test_nobody_but_staff_is_called_like_the_platform(world, name):
    headers = {"If-Match": "*"}
    mine = {"display_name": name}
    answer = await world.app.http("PATCH", "/v1/me", world.people["owner"], mine, headers=headers)
    assert answer.status == 422
    assert answer.body["error"]["details"]["path"] == "display_name"
    company = await world.app.http(
        "PATCH",
        samples.path(RESOURCES["client-profiles"]),
        world.people["owner"],
        {"company_name": name},
        headers=headers,
    )
    assert company.body["error"]["details"]["path"] == "company_name"
    staff = await world.app.http("PATCH", "/v1/me", world.people["staff"], mine, headers=headers)
    assert staff.body["display_name"] == name


async def test_all_that_is_seeded_would_be_taken(database_url):
    await seed.seed(database_url)
    connection = await asyncpg.connect(database_url, timeout=10)
    seen = 0
    try:
        for resource, field in WRITTEN:
            if field.kind.cast != "text":
                continue
            fault_of = fault_of_text if field.kind.said is Said.TEXT else fault_of_line
            query = f"select {field.name} from {resource.table} where {field.name} is not null"
            texts = [row[0] for row in await connection.fetch(query)]
            assert not [text for text in texts if fault_of(text)], (resource.path, field.name)
            seen += len(texts)
    finally:
        await connection.close()
    assert seen > 20
