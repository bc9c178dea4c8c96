"""Lists are narrowed by an index: each id and each status that a filter takes leads one."""

from uuid import UUID

import asyncpg
import pytest

from handlers.resources import RESOURCES
from storage.resources.resource import Filter, Who

SMALL = {"payout_batches", "agents", "skill_edges", "courses", "daily_stats"}
"""Tables of staff's or the platform's own, with few rows."""


@pytest.fixture
async def connection(owner_database_url):
    connection = await asyncpg.connect(owner_database_url)
    yield connection
    await connection.close()


async def leading(connection):
    """The columns that lead an index, each with its table."""
    rows = await connection.fetch(
        """
        SELECT i.indrelid::regclass::text AS tab, a.attname FROM pg_index i
        JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
        WHERE i.indisvalid
        """
    )
    return {(row["tab"], row["attname"]) for row in rows}


async def test_each_id_and_status_that_a_list_is_narrowed_by_leads_an_index(connection):
    led = await leading(connection)
    missing = [
        (r.table, f.name)
        for r in RESOURCES.values()
        if not r.is_view and r.table not in SMALL and "list" in r.verbs
        if r.public is not None or Who.STAFF in r.readers  # others read their own, by whose it is
        for f in r.readable.values()
        if f.filter is Filter.EQUAL and (f.kind.wire is UUID or f.name == "status")
        if (r.table, f.name) not in led
    ]
    assert not missing


async def test_what_other_tables_say_leads_an_index_there(connection):
    """Where few rows fulfil it, they are found by it and not by reading all that are listed."""
    said = {
        "skill_id": {("job_skills", "skill_id"), ("user_skills", "skill_id")},
        "in_category": {("user_categories", "category_id"), ("categories", "parent_id")},
        "delivery_days_lte": {("gig_packages", "delivery_days")},
        "is_favorite": {("favorites", "user_id")},
    }
    assert {one.name for r in RESOURCES.values() for one in r.related} == said.keys()
    assert not set().union(*said.values()) - await leading(connection)
