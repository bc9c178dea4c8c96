"""Lists lose no rows, begin where the page before ended, and do not look at every row."""

import asyncpg
import orjson
import pytest

from handlers.resources import RESOURCES
from storage.resources.access import SERVICE
from storage.resources.conditions import Condition, with_values
from storage.resources.reading import Page, Position, Reader, Selection
from storage.resources.related import HOLDS
from storage.resources.search import SETTINGS
from tests.integration.resources.world import ANNA, uid

READER = Reader(RESOURCES)
CHILDREN = {
    "gig-packages": {"gig_id"}, "gig-extras": {"gig_id"}, "gig-requirements": {"gig_id"},
    "gig-faqs": {"gig_id"}, "job-skills": {"job_id", "skill_id"},
}  # fmt: skip
UNIQUE = """
    select i.indrelid::regclass::text as relation, array_agg(a.attname::text) as columns
    from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey)
    where i.indisunique and i.indpred is null and i.indexprs is null
    group by i.indexrelid, i.indrelid
"""
PARTED = """
    select p.partrelid::regclass::text as relation, array_agg(a.attname::text) as columns
    from pg_partitioned_table p
    join pg_attribute a on a.attrelid = p.partrelid and a.attnum = any (p.partattrs)
    group by p.partrelid
"""
KEYED_VIEWS = {"wallets", "job-stats", "user-dashboard", "gig-stats", "order-stats",
               "payment-stats", "messaging-stats", "review-stats"}  # fmt: skip
"""Views: of the users, jobs and figures below them by their key; a wallet's key holds both."""


async def pages(app, path, person, limit=2):
    rows, cursor = [], ""
    while cursor is not None:
        query = f"{path}&limit={limit}" + (f"&cursor={cursor}" if cursor else "")
        answer = await app.http("GET", query, person)
        assert answer.status == 200, answer.body
        rows += answer.body["data"]
        cursor = answer.body["next_cursor"]
    return rows


async def test_every_key_is_of_one_row(database_url):
    connection = await asyncpg.connect(database_url, timeout=10)
    try:
        unique = {(row[0], frozenset(row[1])) for row in await connection.fetch(UNIQUE)}
        parted = {row[0]: row[1] for row in await connection.fetch(PARTED)}
    finally:
        await connection.close()
    wrong = [
        resource.path
        for resource in RESOURCES.values()
        # Of a table in partitions a key can only be unique together with what divides it.
        if not unique & {(resource.table, frozenset({resource.key, *more}))
                         for more in ((), parted.get(resource.table, ()))}
    ]  # fmt: skip
    assert set(wrong) == KEYED_VIEWS


@pytest.mark.parametrize("sort", ["user_id", "currency"])
async def test_staff_sees_every_wallet(world, owner, sort):
    await owner.execute(
        """
        insert into users (display_name, kind) select 'u' || n, 'both' from generate_series(1, 7) n;
        insert into ledger_accounts (kind, user_id, currency, balance)
        select k, u.id, c, 5 from users u, unnest(array['USD', 'EUR']) c,
               unnest(array['wallet_earned', 'pending']) k where u.display_name like 'u_'
        """
    )
    app, dora = world.app, world.people["staff"]
    rows = await pages(app, f"/v1/wallets?sort={sort}", dora, limit=3)
    assert len(rows) == len({row["id"] for row in rows}) == 15
    assert {row["id"] for row in rows} == {f"{r['user_id']}-{r['currency']}" for r in rows}
    mine = await pages(app, "/v1/wallets?user_id=me", world.people["owner"])
    assert [(row["currency"], row["balance"]) for row in mine] == [("USD", "12.00")]


async def test_lists_of_children_ask_whose(world):
    assert {r.path for r in RESOURCES.values() if r.parent_keys} == CHILDREN.keys()
    for path, names in CHILDREN.items():
        parent = "job_id" if path == "job-skills" else "gig_id"
        for person in world.people.values():
            for query in ("", "created_at_gte=2020-01-01T00:00:00Z", "limit=1"):
                if "created_at" in query and path == "job-skills":
                    continue
                answer = await world.app.http("GET", f"/v1/{path}?{query}", person)
                (error,) = answer.body["errors"]
                assert (answer.status, error["path"], error["code"]) == (422, parent, "required")
                assert f"is needed to list {path}" in error["message"]
        of = {"gig_id": uid(30), "job_id": uid(40), "skill_id": uid(11)}
        for name in names:
            answer = await world.app.http("GET", f"/v1/{path}?{name}={of[name]}")
            assert (answer.status, len(answer.body["data"])) == (200, 2 if "pack" in path else 1)


async def test_a_cursor_goes_on_after_logging_in(world, owner):
    await owner.execute(
        f"""
        insert into gigs (freelancer_id, title, slug, description, category_id)
        select '{ANNA}', 'n' || n, 's' || n, 'x', '{uid(10)}' from generate_series(1, 5) n;
        update gigs set status = 'active'
        """
    )
    app = world.app
    first = (await app.http("GET", "/v1/gigs?limit=2")).body
    path = f"/v1/gigs?limit=2&cursor={first['next_cursor']}"
    nobody = (await app.http("GET", path)).body["data"]
    for role in ("owner", "stranger"):
        answer = await app.http("GET", path, world.people[role])
        assert (answer.status, [r["id"] for r in answer.body["data"]]) == (
            200, [r["id"] for r in nobody]
        ), answer.body  # fmt: skip
    anna = (await app.http("GET", "/v1/gigs?limit=2", world.people["owner"])).body
    foreign = f"/v1/gigs?limit=2&cursor={anna['next_cursor']}"
    for role in ("stranger", "anonymous"):
        assert (await app.http("GET", foreign, world.people[role])).status == 400
    other = f"/v1/gigs?limit=2&sort=-rating&cursor={first['next_cursor']}"
    assert (await app.http("GET", other, world.people["owner"])).status == 400


NULLABLE = [("gigs", "starting_price", "1.00"), ("jobs", "deadline", "2026-01-01 00:00:00+00"),
            ("jobs", "-budget_max", "1.00")]  # fmt: skip


def test_every_nullable_sort_is_tried():
    nullable = {(r.path, s) for r in RESOURCES.values() for s in r.sorts
                if r.named(s.lstrip("-")).null and r.shelf is not None}  # fmt: skip
    assert nullable == {(path, sort) for path, sort, _value in NULLABLE}


@pytest.mark.parametrize(("path", "sort", "value"), NULLABLE)
async def test_deep_pages_begin_within_an_index(owner, path, sort, value):
    """Both ranges after a position are conditions of the index, and nothing is filtered away."""
    page = Page((), sort, 21, Position(value, str(uid(1))))
    statement, arguments = READER.keys(RESOURCES[path], page)
    async with owner.transaction():
        await owner.execute(f"set local enable_seqscan = off; set local role {SERVICE}")
        text = await owner.fetchval(f"explain (format json) {statement}", *arguments)
    table = RESOURCES[path].table
    scans = [s for s in indexed(orjson.loads(text)[0]["Plan"]) if s["Relation Name"] == table]
    assert len(scans) == 2
    column = sort.lstrip("-")
    assert any("ROW(" in scan["Index Cond"] for scan in scans)
    assert any(f"{column} IS NULL" in scan["Index Cond"] for scan in scans)
    assert not [scan for scan in scans if "Filter" in scan]


STATES = Condition("status", "in", ("active", "paused"))


@pytest.mark.parametrize("after", [None, Position("2026-01-01 00:00:00+00", str(uid(1)))])
async def test_pages_of_several_states_are_in_the_order_of_an_index(owner, after):
    """No state's rows are sorted, and only those of the page are joined to their figures."""
    page, gigs = Page((STATES,), "-created_at", 21, after), RESOURCES["gigs"]
    statement, arguments = READER.many(gigs, Selection(tuple(gigs.readable), {}), page)
    async with owner.transaction():
        await owner.execute("set local enable_seqscan = off; set local enable_bitmapscan = off")
        text = await owner.fetchval(f"explain (format json) {statement}", *arguments)
    nodes = list(below(orjson.loads(text)[0]["Plan"]))
    assert "Sort" not in {node["Node Type"] for node in nodes}
    listings = [node for node in nodes if node.get("Relation Name") == "gigs"]
    assert len(listings) == 2
    cut = [inner for node in nodes if node["Node Type"] == "Limit" for inner in below(node)]
    assert not [node for node in cut if node.get("Relation Name") == "gig_counters"]
    assert statement.count("gig_counters") == 1


async def test_pages_of_several_states_lose_no_rows(world, owner):
    await owner.execute(
        f"""
        insert into gigs (freelancer_id, title, slug, description, category_id, starting_price,
                          rating)
        select '{ANNA}', 'n' || n, 's' || n, 'x', '{uid(10)}', case when n % 3 > 0 then n end, n % 4
        from generate_series(1, 12) n;
        update gigs set status = 'active' where slug like 's%' and slug <> 's2';
        update gigs set status = 'paused' where slug like 's1%';
        update gig_counters set order_count = hashtext(gig_id::text) % 3
        """
    )
    anna, wanted = world.people["owner"], None
    for sort in RESOURCES["gigs"].sorts:
        rows = await pages(world.app, f"/v1/gigs?status=active,paused,draft&sort={sort}", anna, 3)
        ids = [row["id"] for row in rows]
        wanted = wanted or set(ids)
        assert (len(ids), set(ids)) == (len(wanted), wanted), sort
        assert len({row["status"] for row in rows}) == 3
        values = [row[sort.lstrip("-")] for row in rows]
        values = [float(v) if sort == "starting_price" else v for v in values if v is not None]
        assert values == sorted(values, reverse=sort.startswith("-")), sort


async def test_a_category_of_few_gigs_is_read_by_its_index(owner):
    """What is below it is known when the page is planned."""
    await owner.execute(
        """
        set session_replication_role = replica;
        insert into users (display_name, kind) values ('anna', 'both');
        insert into categories (slug, name) values ('wide', 'Wide'), ('top', 'Top');
        insert into categories (slug, name, parent_id)
        select 'narrow', 'Narrow', id from categories where slug = 'top';
        insert into gigs (freelancer_id, title, slug, description, category_id, status)
        select u.id, 'n', 'n' || n, 'x', c.id, 'active'
        from users u, generate_series(1, 3000) n join categories c
             on c.slug = case when n = 1500 then 'narrow' else 'wide' end;
        set session_replication_role = origin;
        analyze gigs, categories
        """
    )
    gigs, top = RESOURCES["gigs"], "select id from categories where slug = 'top'"
    asked = (Condition("in_category", HOLDS, await owner.fetchval(top)),)
    conditions = await with_values(owner, gigs, asked)
    assert len(conditions[0].value) == 2
    statement, arguments = READER.keys(gigs, Page(conditions, "-created_at", 21))
    async with owner.transaction():
        await owner.execute(f"set local role {SERVICE}; {SETTINGS}")
        text = await owner.fetchval(f"explain (analyze, format json) {statement}", *arguments)
    nodes = list(below(orjson.loads(text)[0]["Plan"]))
    assert "gigs_of_subcategory" in {node.get("Index Name") for node in nodes}
    assert not [n for n in nodes if n.get("Rows Removed by Filter", 0) > 10]


def below(plan):
    yield plan
    for inner in plan.get("Plans", ()):
        yield from below(inner)


def indexed(plan):
    if "Index Cond" in plan:
        yield plan
    for inner in plan.get("Plans", ()):
        yield from indexed(inner)


def test_pages_by_money_are_found_without_the_policy():
    jobs, after = RESOURCES["jobs"], Position("1.00", str(uid(1)))
    filters = (Condition("status", "=", "open"),)
    statement, _ = READER.many(jobs, Selection(("id",), {}), Page(filters, "-budget_max", 2, after))
    assert statement.count("UNION ALL") == 1


@pytest.mark.parametrize("sort", ["-created_at", "starting_price", "-rating"])
async def test_a_search_is_sorted_when_asked(world, owner, sort):
    await owner.execute(
        f"""
        insert into gigs (freelancer_id, title, slug, description, category_id, rating,
                          starting_price)
        select '{ANNA}', 'Wedding film ' || n, 's' || n, 'x', '{uid(10)}', n % 3,
               case when n % 4 > 0 then n % 4 end
        from generate_series(1, 9) n;
        update gigs set status = 'active'
        """
    )
    column = sort.lstrip("-")
    rows = await pages(world.app, f"/v1/search/gigs?q=wedding&sort={sort}", None)
    values = [row[column] for row in rows if row[column] is not None]
    assert len({row["id"] for row in rows}) == 9
    assert values == sorted(values, reverse=sort.startswith("-"))
    assert [row[column] for row in rows][len(values) :] == [None] * (9 - len(values))


async def test_a_search_refuses_a_sort_that_it_does_not_know(world):
    for area, sort in (("gigs", "nonsense"), ("gigs", ""), ("gigs", "title"), ("jobs", "-rating")):
        answer = await world.app.http("GET", f"/v1/search/{area}?q=film&sort={sort}")
        assert (answer.status, answer.body["errors"][0]["path"]) == (422, "sort")
