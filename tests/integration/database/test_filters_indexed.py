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


async def test_each_id_and_status_that_a_list_is_narrowed_by_leads_an_index(connection):
    rows = await connection.fetch(
        """
        SELECT i.indrelid::regclass::text AS tab, a.attname FROM pg_index i
        JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
        WHERE i.indisvalid
        """
    )
    led = {(row["tab"], row["attname"]) for row in rows}
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
