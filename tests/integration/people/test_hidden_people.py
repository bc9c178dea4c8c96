"""Who is suspended is not shown, nor what is theirs: not in rows, lists, searches or copies."""

import asyncio

import pytest

from handlers.resources import RESOURCES
from server.http.resources import marketplace
from tests.app import Person
from tests.integration.resources.world import ANNA, KEYS, populate, told, uid

OF_ANNA = (
    "users", "freelancer-profiles", "client-profiles", "user-skills", "user-categories",
    "educations", "work-experiences", "portfolio-items", "gigs", "gig-packages", "gig-extras",
    "gig-requirements", "gig-faqs", "jobs", "job-skills", "user-ratings",
)  # fmt: skip
LISTS = (
    "gigs", "gigs?status=active", "gigs?starting_price_gte=1.00", "gigs?tags=film",
    "gigs?expand=freelancer,freelancer_profile", "jobs", "freelancer-profiles?sort=-rating",
    "freelancer-profiles?hourly_rate_gte=1.00", "portfolio-items", f"user-skills?user_id={ANNA}",
    "search/gigs?q=editing", "search/jobs?q=film", "search/freelancers?q=video",
    "leaderboards/freelancers",
)  # fmt: skip


@pytest.fixture(autouse=True)
def every_resource(monkeypatch):
    """Contracts too, which nothing fills yet, have paths."""
    monkeypatch.setattr(marketplace, "SHOWN", RESOURCES)


@pytest.fixture
async def world(app):
    world = await populate(app)
    await app.as_owner(
        f"update freelancer_profiles set rating = 5, hourly_rate = 10 where user_id = '{ANNA}';"
        f"update gigs set starting_price = 10, tags = '{{film}}' where id = '{uid(30)}'"
    )
    await told(app)
    return world


async def _suspend(app, status="suspended"):
    await app.as_owner(f"update users set status = '{status}' where id = '{ANNA}'")
    await told(app)


async def _shown(app, path, person=None):
    """Whether a list shows something of anna's."""
    answer = await app.http("GET", f"/v1/{path}", person)
    assert answer.status == 200, answer.body
    named = {str(ANNA), str(uid(30)), str(uid(40)), str(uid(20))}
    return any(key in str(answer.body) for key in named)


async def test_rows_are_gone_at_once_and_come_back(app, world):
    ben, staff = world.people["counterparty"], world.people["staff"]
    paths = [f"/v1/{name}/{KEYS[name]}" for name in OF_ANNA]
    for path in paths * 2:  # asked twice, so that there are copies
        for person in (None, ben):
            assert (await app.http("GET", path, person)).status == 200, path
    await _suspend(app)
    for path in paths:
        for person in (None, ben):
            assert (await app.http("GET", path, person)).status == 404, path
        assert (await app.http("GET", path, staff)).status == 200, path
    await _suspend(app, "active")
    for path in paths:
        assert (await app.http("GET", path, ben)).status == 200, path


@pytest.mark.parametrize("path", LISTS)
async def test_lists_and_searches_leave_them_out(app, world, path):
    ben, staff = world.people["counterparty"], world.people["staff"]
    for person in (None, ben, staff, None, ben, staff):
        assert await _shown(app, path, person), person
    await _suspend(app)
    # Staff first: what it is shown is kept for nobody else.
    for person in (staff, ben, None, staff, ben, None):
        if person is not staff:
            assert not await _shown(app, path, person), person
        else:
            await _shown(app, path, person)


async def test_a_page_that_would_have_had_them_is_full_and_goes_on(app, world):
    await app.as_owner(
        "set session_replication_role = replica;"
        "insert into gigs (freelancer_id, title, slug, description, category_id, status,"
        " starting_price)"
        f" select case when n % 2 = 0 then '{ANNA}'::uuid else '{uid(2)}' end, 'Gig ' || n,"
        f" 'gig-' || n, 'What', '{uid(10)}', 'active', n from generate_series(1, 20) n"
    )
    await _suspend(app)
    for query in ("", "&starting_price_gte=1.00", "&status=active&starting_price_gte=1.00"):
        seen, cursor = [], ""
        while True:
            answer = await app.http("GET", f"/v1/gigs?limit=3{query}{cursor}")
            seen += [row["title"] for row in answer.body["data"]]
            if answer.body["next_cursor"] is None:
                break
            assert len(answer.body["data"]) == 3
            cursor = f"&cursor={answer.body['next_cursor']}"
        assert sorted(seen) == sorted(f"Gig {n}" for n in range(1, 20, 2))


async def test_parties_keep_what_they_are_parties_of(app, world):
    ben: Person = world.people["counterparty"]
    await _suspend(app)
    contract = await app.http("GET", f"/v1/contracts/{KEYS['contracts']}?expand=client", ben)
    assert (contract.status, contract.body["client"]) == (200, None)
    async with asyncio.timeout(10):
        while await _shown(app, "recommendations/jobs", ben):
            await told(app)
