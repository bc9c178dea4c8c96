"""The generated documents: complete, of one piece, and the page in `docs/` up to date."""

import json
from pathlib import Path

import pytest

from protocol.events import EVENTS
from server.http.documents.openapi import BEYOND_TABLE, asyncapi, openapi
from server.http.documents.reference import nameless_table, reference
from server.http.messaging import PATHS

ROOT = Path(__file__).parents[3]
TABLE = nameless_table()


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
