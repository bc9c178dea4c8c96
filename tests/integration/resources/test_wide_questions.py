"""Lists narrowed by several values and by other tables; totals and facets of a search."""

from uuid import uuid4

import pytest

from handlers.resources import RESOURCES


@pytest.fixture
async def market(app, owner):
    """Gigs, jobs and a profile below two categories; Ben has a favourite of each."""
    anna, ben = await app.people("anna", "ben")
    await owner.execute(
        """
        insert into categories (slug, name) values ('video', 'Video');
        insert into categories (slug, name, parent_id)
        select 'cutting', 'Cutting', id from categories where slug = 'video';
        insert into categories (slug, name, parent_id)
        select 'trailers', 'Trailers', id from categories where slug = 'cutting';
        insert into skills (name) values ('Editing'), ('Sound');
        set session_replication_role = replica;
        insert into gigs (freelancer_id, title, slug, description, category_id, status, currency,
                          tags)
        select u.id, g.title, g.title, 'A film', c.id, g.status, g.currency, g.tags
        from users u, (values
            ('a', 'video', 'active', 'USD', array['x', 'y']),
            ('b', 'cutting', 'active', 'EUR', array['x']),
            ('c', 'trailers', 'active', 'EUR', array['x', 'z']),
            ('d', 'video', 'draft', 'USD', array['x']), ('e', 'video', 'paused', 'USD', array['x'])
        ) g(title, slug, status, currency, tags) join categories c on c.slug = g.slug
        where u.display_name = 'anna';
        insert into gig_counters (gig_id, status, order_count)
        select id, status, ascii(title) - 96 from gigs;
        insert into gig_packages (gig_id, tier, price, delivery_days)
        select id, 'basic', 10, ascii(title) - 96 from gigs;
        insert into jobs (client_id, title, description, category_id, status)
        select u.id, j.title, 'A film', c.id, j.status
        from users u, (values ('j', 'video', 'open'), ('k', 'trailers', 'open'))
        j(title, slug, status) join categories c on c.slug = j.slug where u.display_name = 'anna';
        insert into job_skills (job_id, skill_id)
        select j.id, s.id from jobs j, skills s where j.title = 'k' and s.name = 'Sound';
        insert into freelancer_profiles (user_id, tagline)
        select id, display_name from users where display_name in ('anna', 'ben');
        insert into user_skills (user_id, skill_id)
        select u.id, s.id from users u, skills s
        where u.display_name = 'anna' and s.name = 'Editing';
        insert into user_categories (user_id, category_id)
        select u.id, c.id from users u, categories c
        where u.display_name = 'anna' and c.slug = 'trailers';
        insert into favorites (user_id, favorited_type, favorited_id)
        select u.id, 'gig', g.id from users u, gigs g where u.display_name = 'ben' and g.title = 'b'
        union all
        select u.id, 'job', j.id from users u, jobs j where u.display_name = 'ben' and j.title = 'k'
        union all
        select u.id, 'freelancer', a.id from users u, users a
        where u.display_name = 'ben' and a.display_name = 'anna';
        set session_replication_role = origin;
        update gigs set search_terms = null; update jobs set search_terms = null
        """
    )
    named = await owner.fetch(
        "select slug as name, id::text from categories union all select name, id::text from skills"
        " union all select title, id::text from gigs union all select title, id::text from jobs"
    )
    return anna, ben, dict(named)


async def titles(app, path, person=None):
    answer = await app.http("GET", path, person)
    assert answer.status == 200, answer.body
    return "".join(sorted(row.get("title") or row["tagline"] for row in answer.body["data"]))


async def test_lists_of_several_ids_and_states(app, market):
    anna, ben, ids = market
    named = ",".join([ids["a"], ids["d"], ids["b"], ids["a"], str(uuid4())])
    assert await titles(app, f"/v1/gigs?id={named}") == "ab"
    assert await titles(app, f"/v1/gigs?id={named}", anna) == "abd", "one's own drafts too"
    assert await titles(app, f"/v1/gigs?id={ids['a']}") == "a"
    mine = "/v1/gigs?freelancer_id=me&status="
    assert await titles(app, f"{mine}draft,paused", anna) == "de"
    assert await titles(app, f"{mine}paused", anna) == "e"
    assert await titles(app, "/v1/gigs?status=active,paused", ben) == "abc"
    assert await titles(app, f"/v1/freelancer-profiles?user_id={anna.id},{ben.id}") == "annaben"
    assert await titles(app, f"/v1/freelancer-profiles?user_id={anna.id},{uuid4()}") == "anna"
    packages = (await app.http("GET", f"/v1/gig-packages?id={uuid4()},{uuid4()}")).body
    assert packages["data"] == [], "its id tells a child too"
    page = (await app.http("GET", f"/v1/gigs?id={named}&limit=1")).body
    rest = await app.http("GET", f"/v1/gigs?id={named}&limit=1&cursor={page['next_cursor']}")
    assert {page["data"][0]["title"], rest.body["data"][0]["title"]} == {"a", "b"}
    # In whatever order they are named, it is the same question.
    other = ",".join(reversed(named.split(",")))
    again = await app.http("GET", f"/v1/gigs?id={other}&limit=1&cursor={page['next_cursor']}")
    assert again.status == 200, again.body
    for query, path in {
        f"id={ids['a']},x": "id", "status=active,none": "status", "status=": "status",
        "id=" + ",".join(str(uuid4()) for _ in range(201)): "id",
    }.items():  # fmt: skip
        refused = await app.http("GET", f"/v1/gigs?{query}")
        assert (refused.status, refused.body["errors"][0]["path"]) == (422, path), query


async def test_lists_by_what_other_tables_say(app, market):
    anna, ben, ids = market
    for query, wanted in {
        f"gigs?in_category={ids['video']}": "abc", f"gigs?in_category={ids['cutting']}": "bc",
        f"gigs?in_category={uuid4()}": "", f"gigs?category_id={ids['video']}": "a",
        "gigs?delivery_days_lte=2": "ab", "gigs?is_favorite=true": "b",
        "gigs?is_favorite=false": "ac", "gigs?delivery_days_lte=2&is_favorite=true": "b",
        f"gigs?in_category={ids['cutting']}&sort=-order_count&order_count_gte=3": "c",
        f"jobs?skill_id={ids['Sound']}": "k", f"jobs?skill_id={ids['Editing']}": "",
        f"jobs?in_category={ids['video']}": "jk", "jobs?is_favorite=true": "k",
        f"freelancer-profiles?skill_id={ids['Editing']}": "anna",
        f"freelancer-profiles?in_category={ids['video']}": "anna",
        "freelancer-profiles?is_favorite=true": "anna",
        "freelancer-profiles?is_favorite=false": "ben",
        f"search/gigs?q=film&in_category={ids['cutting']}": "bc",
        "search/gigs?q=film&delivery_days_lte=1": "a", "search/gigs?q=film&is_favorite=true": "b",
        f"search/jobs?q=film&skill_id={ids['Sound']}": "k",
    }.items():  # fmt: skip
        assert await titles(app, f"/v1/{query}", ben) == wanted, query
    assert await titles(app, "/v1/gigs?freelancer_id=me&delivery_days_lte=4", anna) == "abcd"
    assert await titles(app, "/v1/gigs?is_favorite=true", anna) == ""
    assert (await app.http("GET", "/v1/gigs?is_favorite=true")).status == 401
    for query in ("gigs?is_favorite=x", "gigs?delivery_days_lte=0", "jobs?skill_id=x"):
        refused = await app.http("GET", f"/v1/{query}", ben)
        path = query.partition("?")[2].partition("=")[0]
        assert (refused.status, refused.body["errors"][0]["path"]) == (422, path), query


async def test_what_other_tables_say_is_not_kept(app, market):
    _, ben, ids = market
    for path in ("gigs?", "search/gigs?q=film&"):
        for _ in range(3):
            assert await titles(app, f"/v1/{path}is_favorite=true", ben) == "b"
    favorite = {"favorited_type": "gig", "favorited_id": ids["a"]}
    assert (await app.http("POST", "/v1/favorites", ben, favorite)).status == 201
    for path in ("gigs?", "search/gigs?q=film&"):
        assert await titles(app, f"/v1/{path}is_favorite=true", ben) == "ab"


async def test_totals_and_facets_of_a_search(app, market):
    _, ben, ids = market
    path = "/v1/search/gigs?q=film&limit=1"
    plain = (await app.http("GET", path)).body
    assert set(plain) == {"data", "next_cursor"}
    counted = (await app.http("GET", f"{path}&total=true")).body
    assert counted["total"] == {"count": 3, "is_exact": True}
    assert "facets" not in counted
    further = f"{path}&cursor={counted['next_cursor']}&facets=currency,tags,category_id,is_featured"
    for _ in range(3):
        page = (await app.http("GET", further)).body
        assert page["total"] == counted["total"]
        assert page["facets"]["currency"] == [
            {"value": "EUR", "count": 2}, {"value": "USD", "count": 1}
        ]  # fmt: skip
        assert page["facets"]["tags"][0] == {"value": "x", "count": 3}
        assert {one["value"] for one in page["facets"]["tags"]} == {"x", "y", "z"}
        assert page["facets"]["is_featured"] == [{"value": "false", "count": 3}]
        assert len(page["facets"]["category_id"]) == 3
    for query, count in {
        "q=film&currency=EUR": 2, "q=film&is_favorite=true": 1, "q=none": 0, "q=flim": 3,
        f"q=film&in_category={ids['cutting']}": 2, "q=film&order_count_gte=2": 2,
        "q=film&sort=-order_count": 3,
    }.items():  # fmt: skip
        body = (await app.http("GET", f"/v1/search/gigs?{query}&total=true", ben)).body
        assert body["total"] == {"count": count, "is_exact": True}, query
        assert len(body["data"]) == count, query
    for query in ("total=x", "facets=", "facets=title", "facets=order_count", "total=1"):
        refused = await app.http("GET", f"{path}&{query}")
        at = query.partition("=")[0]
        assert (refused.status, refused.body["errors"][0]["path"]) == (422, at), query


async def test_every_area_has_facets(app, market):
    for area, of in {"jobs": "status", "freelancers": "availability", "reviews": "status"}.items():
        answer = await app.http("GET", f"/v1/search/{area}?q=film&facets={of}")
        assert set(answer.body) == {"data", "next_cursor", "total", "facets"}, answer.body


async def test_rows_show_whether_they_are_the_callers_favourites(app, market):
    anna, ben, ids = market
    for path in ("gigs?", "search/gigs?q=film&"):
        for _ in range(3):
            for person, favorites in ((ben, "b"), (anna, ""), (None, "")):
                answer = await app.http("GET", f"/v1/{path}expand=is_favorite", person)
                shown = {row["title"]: row["is_favorite"] for row in answer.body["data"]}
                assert shown == {title: title in favorites for title in "abc"}, answer.body
    one = f"/v1/gigs/{ids['b']}?expand=is_favorite,freelancer_profile.is_favorite"
    shown = (await app.http("GET", one, ben)).body
    assert (shown["is_favorite"], shown["freelancer_profile"]["is_favorite"]) == (True, True)
    inside = "/v1/freelancer-profiles?expand=gigs.is_favorite"
    for _ in range(3):
        for person, count in ((ben, 1), (anna, 0)):
            rows = (await app.http("GET", inside, person)).body["data"]
            gigs = [gig for row in rows for gig in row["gigs"]["data"]]
            assert sum(gig["is_favorite"] for gig in gigs) == count
    assert "is_favorite" not in (await app.http("GET", f"/v1/gigs/{ids['b']}", ben)).body
    for wrong in ("is_favorite.category", "category.is_favorite"):
        assert (await app.http("GET", f"/v1/gigs?expand={wrong}", ben)).status == 422


def test_favourites_are_of_the_kinds_that_there_are():
    """The words of the filter are those of the favourite's own column."""
    kinds = set(RESOURCES["favorites"].named("favorited_type").kind.values)
    said = {
        one.sql.split("favorited_type = '")[1].split("'")[0]
        for resource in RESOURCES.values()
        for one in resource.related
        if one.name == "is_favorite"
    }
    assert said == kinds
