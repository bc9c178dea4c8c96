"""A gig from nothing to the catalogue, as its owner, a stranger and nobody see it."""

from uuid import uuid4

import pytest

from server.seed import seed
from tests.integration.resources.world import answers


@pytest.fixture
async def category(app):
    return await app.app.core.foundation.pool.fetchval(
        "insert into categories (slug, name) values ('video', 'Video') returning id::text"
    )


def gig(category, **more):
    return {
        "title": "Video editing",
        "slug": f"video-{uuid4().hex[:8]}",
        "description": "I cut what you shot.",
        "category_id": category,
    } | more


async def test_a_gig_is_its_owners_until_it_is_active(app, category):
    anna, ben = await app.people("anna", "ben")
    made = await app.http("POST", "/v1/gigs", anna, gig(category))
    assert made.status == 201, made.body
    assert made.headers["ETag"].startswith('W/"1-')
    path = made.headers["Location"]
    assert (await app.http("GET", path, anna)).body == made.body
    for person in (ben, None):
        assert (await app.http("GET", path, person)).status == 404
    assert (await app.http("GET", "/v1/gigs", ben)).body == {"data": [], "next_cursor": None}
    mine = await app.http("GET", "/v1/gigs?freelancer_id=me", anna)
    assert [g["id"] for g in mine.body["data"]] == [made.body["id"]]

    package = {"gig_id": made.body["id"], "tier": "basic", "price": "10.50", "delivery_days": 2}
    assert (await app.http("POST", "/v1/gig-packages", anna, package)).status == 201
    assert (await app.http("POST", "/v1/gig-packages", anna, package)).status == 409
    assert (await app.http("POST", "/v1/gig-packages", ben, package)).status == 403
    await app.app.core.foundation.pool.execute("update gigs set status = 'active'")
    shown = await app.http("GET", f"{path}?expand=packages,freelancer.skills,category", None)
    assert shown.status == 200, shown.body
    assert shown.body["packages"]["data"][0]["price"] == "10.50"
    assert shown.body["packages"]["truncated"] is False
    assert shown.body["starting_price"] == "10.50"
    assert shown.body["freelancer"]["display_name"] == "anna"
    assert shown.body["freelancer"]["skills"] == {"data": [], "truncated": False}
    await answers(app, "/v1/gigs", None, made.body["id"])


async def test_a_change_names_what_it_was_made_from(app, category):
    (anna,) = await app.people("anna")
    made = await app.http("POST", "/v1/gigs", anna, gig(category))
    path = made.headers["Location"]
    assert (await app.http("PATCH", path, anna, {"title": "Two"})).status == 428
    stale = {"headers": {"If-Match": '"7"'}}
    assert (await app.http("PATCH", path, anna, {"title": "Two"}, **stale)).status == 412
    held = {"headers": {"If-Match": '"1"'}}
    done = await app.http("PATCH", path, anna, {"title": "Two"}, **held)
    assert (done.status, done.body["title"], done.body["version"]) == (200, "Two", 2)
    again = await app.http("GET", path, anna, headers={"If-None-Match": done.headers["ETag"]})
    assert again.status == 304
    for body in ({"status": "active"}, {"rating": 5}, {"titel": "x"}, {"slug": "other"}):
        refused = await app.http("PATCH", path, anna, body, headers={"If-Match": "*"})
        assert (refused.status, refused.body["errors"][0]["code"]) == (422, "unknown")


async def test_what_a_gig_has_comes_in_its_order(app, category):
    (anna,) = await app.people("anna")
    made = await app.http("POST", "/v1/gigs", anna, gig(category))
    belongs = {"gig_id": made.body["id"]}
    for tier, price in (("premium", "300"), ("basic", "100"), ("standard", "200")):
        package = belongs | {"tier": tier, "price": price, "delivery_days": 3}
        assert (await app.http("POST", "/v1/gig-packages", anna, package)).status == 201
    for question, place in (("Third?", 3), ("First?", 1), ("Second?", 2)):
        asked = belongs | {"question": question, "display_order": place}
        assert (await app.http("POST", "/v1/gig-requirements", anna, asked)).status == 201
        answered = asked | {"answer": "Yes."}
        assert (await app.http("POST", "/v1/gig-faqs", anna, answered)).status == 201
    path = f"{made.headers['Location']}?expand=packages,faqs,requirements"
    whole = (await app.http("GET", path, anna)).body
    assert [of["tier"] for of in whole["packages"]["data"]] == ["basic", "standard", "premium"]
    for name in ("faqs", "requirements"):
        assert [of["display_order"] for of in whole[name]["data"]] == [1, 2, 3]


async def test_the_demonstration_has_something_to_find(database_url, app):
    assert await seed(database_url)
    (gig_found,) = (await app.http("GET", "/v1/search/gigs?q=launch&expand=packages")).body["data"]
    assert len(gig_found["packages"]["data"]) == 3
    assert gig_found["starting_price"] == "150.00"
    page = (await app.http("GET", "/v1/gigs?limit=5&sort=starting_price")).body
    assert [of["starting_price"] for of in page["data"]][:2] == ["40.00", "60.00"]
    assert page["next_cursor"]
    films = (await app.http("GET", "/v1/search/gigs?q=video&total=true&facets=tags")).body
    assert films["total"] == {"count": 5, "is_exact": True}
    assert films["facets"]["tags"][0] == {"value": "video", "count": 5}
    assert len((await app.http("GET", "/v1/jobs")).body["data"]) == 1
    roots = (await app.http("GET", "/v1/categories?parent_id=null&expand=children")).body["data"]
    assert [c["name"] for c in roots][:2] == ["Video", "Design"]
    assert roots[0]["children"]["data"]
    assert roots[0]["names"] == {"zh": "视频"}
    assert len((await app.http("GET", "/v1/skills")).body["data"]) == 19


async def test_one_changes_oneself(app):
    (anna,) = await app.people("anna")
    held = {"headers": {"If-Match": '"1"'}}
    done = await app.http("PATCH", "/v1/me", anna, {"display_name": "Anna B"}, **held)
    assert (done.status, done.body["display_name"]) == (200, "Anna B")
    assert (await app.http("GET", "/v1/me", anna)).body["display_name"] == "Anna B"
    assert (await app.http("PATCH", "/v1/me", anna, {"kind": "client"}, **held)).status == 412
    held = {"headers": {"If-Match": done.headers["ETag"]}}
    assert (await app.http("PATCH", "/v1/me", anna, {"kind": "client"}, **held)).status == 422
    assert (await app.http("PATCH", "/v1/me", None, {}, **held)).status == 401


async def test_who_may_make_what(app, category):
    """Clients post jobs, freelancers gigs and offers, each has the profile of the kind."""
    client, freelancer = await app.people("client", "freelancer")
    for person in (client, freelancer):
        await app.app.core.foundation.pool.execute(
            "update users set kind = display_name where id = $1", person.id
        )
    job = {"title": "Cut it", "description": "All of it", "category_id": category}
    cases = [
        ("jobs", job, client, freelancer),
        ("gigs", gig(category), freelancer, client),
        ("client-profiles", {"company_name": "Ltd"}, client, freelancer),
        ("freelancer-profiles", {"tagline": "Editor"}, freelancer, client),
    ]
    for path, body, one, other in cases:
        refused = await app.http("POST", f"/v1/{path}", other, body)
        assert (refused.status, refused.body["error"]["code"]) == (403, "forbidden")
        assert refused.body["detail"].endswith("is not yours to make")
        assert (await app.http("POST", f"/v1/{path}", one, body)).status == 201
    for job_id in (str(uuid4()), (await app.http("POST", "/v1/jobs", client, job)).body["id"]):
        offer = {"job_id": job_id, "cover_letter": "I do it", "amount": "5"}
        refused = await app.http("POST", "/v1/proposals", freelancer, offer)
        assert (refused.status, refused.body["error"]["details"]) == (403, {"path": "job_id"})
        assert refused.body["detail"].endswith("for this job_id")


async def test_refusals_name_what_is_wrong(app, category):
    (anna,) = await app.people("anna")
    wrong = {
        ("gigs", "slug"): gig(category, slug="Not A Slug"),
        ("gigs", "category_id"): gig(str(uuid4())),
        ("jobs", "budget_max"): gig(category) | {"budget_min": "9.00", "budget_max": "8.00"},
        ("jobs", "deadline"): gig(category) | {"deadline": "2020-01-01T00:00:00Z"},
    }
    for (path, member), body in wrong.items():
        if path == "jobs":
            del body["slug"]
        answer = await app.http("POST", f"/v1/{path}", anna, body)
        (error,) = answer.body["errors"]
        assert (answer.status, error["path"]) == (422, member), answer.body
    assert "future" in error["message"]


@pytest.mark.parametrize("time", ["0001-01-01T00:00:00%2B14:00", "9999-12-31T23:59:59-14:00"])
async def test_times_beyond_the_calendar_are_its_ends(app, time):
    for way in ("gte", "lte"):
        answer = await app.http("GET", f"/v1/gigs?created_at_{way}={time}")
        assert answer.status == 200, answer.body


async def test_a_write_that_another_one_made_fail_may_be_sent_again(app, category, owner):
    (anna,) = await app.people("anna")
    await owner.execute(
        """
        create function test_deadlock() returns trigger language plpgsql as $$
        begin raise exception 'as in a deadlock' using errcode = '40P01'; end $$;
        create trigger test_deadlock before insert on gigs execute function test_deadlock()
        """
    )
    answer = await app.http("POST", "/v1/gigs", anna, gig(category))
    assert answer.status == 503, answer.body
