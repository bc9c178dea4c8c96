"""Common reads find their rows in an index in the order asked for: nothing is sorted whole."""

import asyncpg
import orjson
import pytest

from handlers.resources import RESOURCES
from storage.resources.access import APP
from storage.resources.conditions import Condition
from storage.resources.reading import Page, Position, Reader, Selection
from storage.resources.rule import EVERYBODY
from tests.integration.resources.world import ANNA, uid

READER = Reader(RESOURCES)
POSITIONS = {"created_at": "2026-01-01 00:00:00+00", "deadline": "2026-01-01 00:00:00+00"}


def cases():
    for path in ("gigs", "jobs", "freelancer-profiles", "client-profiles", "reviews"):
        for sort in RESOURCES[path].sorts:
            yield path, sort, ()
    for path, sort in (("gigs", "-created_at"), ("gigs", "-rating"), ("jobs", "-created_at")):
        yield path, sort, (Condition("category_id", "=", uid(10)),)
    for resource in RESOURCES.values():
        if resource.path == "job-skills":
            yield resource.path, resource.sorts[0], (Condition("skill_id", "=", uid(11)),)
    owned = {"gigs": "freelancer_id", "jobs": "client_id", "proposals": "freelancer_id",
             "contracts": "client_id", "reviews": "reviewee_id", "saved-searches": "user_id",
             "favorites": "user_id", "transactions": "payer_id", "disputes": "client_id",
             "support-tickets": "user_id"}  # fmt: skip
    for path, column in owned.items():
        yield path, "-created_at", (Condition(column, "=", ANNA),)


def below(plan):
    """What a node reads, without what is asked once beforehand."""
    return [p for p in plan.get("Plans", ()) if p["Parent Relationship"] != "InitPlan"]


def inside_limit(plan):
    """The node below the page's own limit: what gives the rows in order."""
    if plan["Node Type"] == "Limit":
        (node,) = below(plan)
        while node["Node Type"] in {"Result", "Subquery Scan"}:
            (node,) = below(node)
        return node
    return next((found for p in below(plan) if (found := inside_limit(p))), None)


@pytest.mark.parametrize("is_first", [True, False])
async def test_pages_are_cut_from_an_index(world, is_first):
    wrong = []
    async with world.app.app.core.foundation.pool.acquire() as connection, connection.transaction():
        # Of a few rows a sort is cheap: the question is whether there is an index for many.
        await connection.execute(f"set local enable_sort = off; set local role {APP}")
        await connection.fetch("select set_config('app.user_id', $1, true)", str(ANNA))
        for path, sort, conditions in cases():
            resource = RESOURCES[path]
            value = POSITIONS.get(sort.lstrip("-"), "1")
            after = None if is_first else Position(value, str(uid(1)))
            page = Page(conditions, sort, 21, after)
            selection = Selection(tuple(resource.readable), {})
            statement, arguments = READER.many(resource, selection, page)
            text = await connection.fetchval(f"explain (format json) {statement}", *arguments)
            node = inside_limit(orjson.loads(text)[0]["Plan"])
            if resource.beside and node["Node Type"] == "Nested Loop":
                # Rows with what is beside them; by a figure, what is beside with its rows.
                node = below(node)[0]
                first = resource.beside.table if sort[1:] in resource.counted else resource.table
                assert node.get("Relation Name", first) == first, (path, sort)
            if node["Node Type"] not in {"Index Scan", "Index Only Scan", "Append", "Merge Append"}:
                wrong.append((path, sort, [c.name for c in conditions], node["Node Type"]))
    assert not wrong


async def test_every_column_that_a_policy_filters_on_leads_an_index(database_url):
    """Whose a row is, and what it belongs to: asked of every row that a list looks at."""
    connection = await asyncpg.connect(database_url)
    leading = await connection.fetch(
        """
        select i.indrelid::regclass::text as relation, a.attname from pg_index i
        join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
        """
    )
    await connection.close()
    # Of what kind a thing is comes before which one.
    led = {tuple(row) for row in leading} | {("status_history", "entity_id")}
    wrong = []
    for resource in (r for r in RESOURCES.values() if not r.is_view):
        keys = frozenset().union(*(rule.keys for rule in resource.rows.values()))
        wrong += [(resource.table, key) for key in keys if (resource.table, key) not in led]
    assert not wrong


KINDS = {("status_history", "entity_type"), ("daily_stats", "area")}
"""Columns that say which other column's meaning a row has: no rows are found by them alone."""


async def test_rules_declare_the_columns_that_their_sql_reads(database_url):
    """PostgreSQL knows of each policy which columns of its own table it depends on."""
    connection = await asyncpg.connect(database_url)
    read = await connection.fetch(
        """
        select distinct p.polrelid::regclass::text as relation, a.attname from pg_policy p
        join pg_depend d on d.classid = 'pg_policy'::regclass and d.objid = p.oid
             and d.refclassid = 'pg_class'::regclass and d.refobjid = p.polrelid
        join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
        where p.polcmd = 'r' and p.polroles = array['parley_app'::regrole::oid] and a.attnum > 0
        """
    )
    await connection.close()
    declared = {
        (resource.table, column)
        for resource in RESOURCES.values()
        if not resource.is_view and resource.public is not EVERYBODY
        for rule in resource.rows.values()
        for column in rule.columns
    }
    declared |= {(r.beside.table, r.beside.key) for r in RESOURCES.values() if r.beside}
    assert {tuple(row) for row in read} - KINDS == declared
