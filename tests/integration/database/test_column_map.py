"""The map of the source documents' columns says what is: by the catalogue, and by what writes."""

import re
from pathlib import Path

import asyncpg
import pytest

from handlers.resources import AWAITS, RESOURCES, SHOWN
from tests.written_columns import columns_of, written_columns

MAP = (Path(__file__).parents[3] / "docs" / "column-map.md").read_text()
LATER = {*AWAITS.values(), "accounts", "audit", "contracts", "listings", "payments", "support"}
"""The workflows that are still to come."""
ROW = re.compile(r"\| (\S+) \| (\w+)(?:\.(\w+))?(?: \(later: ([\w ]+)\))? \|")


@pytest.fixture
async def connection(owner_database_url):
    connection = await asyncpg.connect(owner_database_url)
    yield connection
    await connection.close()


async def test_every_home_is_in_the_catalogue_and_written_or_named_as_later(connection):
    columns, written = await columns_of(connection), await written_columns(connection)
    views = {r.table for r in SHOWN.values() if r.is_view}
    homes = [row for row in ROW.findall(MAP) if row[1] not in {"home", "---"}]
    assert len(homes) > 600
    wrong = []
    for _name, table, column, later in homes:
        there = table in columns and (not column or column in columns[table])
        is_written = table in views or bool(
            (column in written.get(table, ())) if column else written.get(table)
        )
        if not there or is_written is bool(later) or (later and later not in LATER):
            wrong.append((table, column, later or "not later", is_written))
    assert not wrong


async def test_resources_without_paths_are_those_that_nothing_fills(connection):
    written = await written_columns(connection)
    views = {r.path for r in RESOURCES.values() if r.is_view}
    unfilled = {r.path for r in RESOURCES.values() if not written.get(r.table)} - views
    assert unfilled == AWAITS.keys() - views
    assert not SHOWN.keys() & AWAITS.keys()


async def test_what_is_not_shown_has_no_paths(app):
    (anna,) = await app.people("anna")
    for path in AWAITS:
        assert (await app.http("GET", f"/v1/{path}", anna)).status == 404, path
    document = (await app.http("GET", "/v1/openapi.json")).body
    listed = {path.split("/")[2] for path in document["paths"] if path.startswith("/v1/")}
    assert not AWAITS.keys() & listed
    assert SHOWN.keys() <= listed
