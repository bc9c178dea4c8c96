"""Every time that people name is held to the calendar, by the request and by its column."""

import pytest

from handlers.resources import RESOURCES
from storage.resources.kinds import DATE, TIME

NAMED = [
    (resource.table, field.name)
    for resource in RESOURCES.values()
    for field in resource.creatable.values()
    if field.kind in (DATE, TIME)
]
MADE = [
    ("contract_amendments", "deadline"),
    ("contracts", "deadline"),
    ("contracts", "start_date"),
    ("milestones", "awaited_since"),
    ("milestones", "due_date"),
]
"""Columns that transitions fill with what people name."""


async def test_each_column_of_times_that_people_name_has_its_check(owner):
    found = await owner.fetch(
        "select conrelid::regclass::text as t, conname as name from pg_constraint"
    )
    held = {row["name"] for row in found}
    assert len(NAMED) > 6
    missing = [(t, c) for t, c in [*NAMED, *MADE] if f"{t}_{c}_calendar" not in held]
    assert not missing


@pytest.mark.parametrize("time", ["9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00"])
async def test_a_time_outside_of_it_is_refused_with_its_name(app, time):
    (ada,) = await app.people("ada")
    body = {"company": "Film", "position": "Cutter", "start_date": time[:10]}
    refused = await app.http("POST", "/v1/work-experiences", ada, body)
    errors = {error["path"]: error["message"] for error in refused.body["errors"]}
    assert refused.status == 422
    assert "1900-01-01" in errors["start_date"]
    job = {"title": "Film", "description": "Film", "deadline": time}
    refused = await app.http("POST", "/v1/jobs", ada, job)
    errors = {error["path"]: error["message"] for error in refused.body["errors"]}
    assert (refused.status, "1900-01-01" in errors["deadline"]) == (422, True)
