"""Reports on listings and reviews, templates of reviews, and ratings by role."""

import asyncio
from uuid import uuid4

import asyncpg
import pytest

from storage.database.backfills import Backfills
from tests.integration.resources.world import ANNA, BEN, HIDDEN, KEYS, populate, uid

IS_WAITING = (
    "select exists (select from pg_stat_activity where pid = $1 and wait_event_type = 'Lock')"
)
SUBJECTS = {"gig": "gigs", "job": "jobs", "review": "reviews"}


@pytest.fixture
async def world(app):
    return await populate(app)


async def _report(app, person, kind, key):
    body = {"subject_type": kind, "subject_id": str(key), "reason": "fraud", "text": "Not theirs"}
    return await app.command("report.create", person, body)


@pytest.mark.parametrize("kind", SUBJECTS)
async def test_listings_and_reviews_are_reported_by_who_sees_them(app, world, kind):
    carl, anna, staff = (world.people[who] for who in ("stranger", "owner", "staff"))
    key = KEYS[SUBJECTS[kind]]
    made = await _report(app, carl, kind, key)
    assert made.status == 200, made.body
    assert made.body["report"]["subject_type"] == kind
    again = await _report(app, carl, kind, key)
    assert again.body["report"]["id"] == made.body["report"]["id"]
    listed = await app.http("GET", f"/v1/reports?subject_type={kind}", staff)
    assert [row["subject_id"] for row in listed.body["data"]] == [str(key)]
    for unseen in (HIDDEN[SUBJECTS[kind]], uuid4()):
        assert (await _report(app, carl, kind, unseen)).status == 404
    own = await _report(app, anna, kind, key)
    assert own.status == 422
    assert [item["path"] for item in own.body["errors"]] == ["subject_id"]


async def test_templates_of_reviews_are_apart_from_those_of_messages(app):
    (anna,) = await app.people("anna")
    hello = {"title": "Hello", "content": "Hi"}
    fine = {"kind": "review", "title": "Fine", "content": "All was fine"}
    await app.command("template.create", anna, hello)
    made = await app.command("template.create", anna, fine)
    assert [(t["title"], t["kind"]) for t in made.body["templates"]] == [("Fine", "review")]
    # Who knows of one kind only is shown that one.
    listed = await app.command("template.list", anna)
    assert [(t["title"], t["kind"]) for t in listed.body["templates"]] == [("Hello", "message")]
    kept = made.body["templates"][0]["id"]
    assert (await app.http("GET", "/v1/templates?kind=review", anna)).body["data"][0]["id"] == kept
    gone = await app.command("template.delete", anna, {"template_id": kept})
    assert (gone.status, gone.body["templates"]) == (200, [])
    assert (await app.command("template.create", anna, fine | {"kind": "x"})).status == 422


async def test_a_template_that_is_sent_again_is_kept_once(app):
    (anna,) = await app.people("anna")
    hello = {"title": "Hello", "content": "Hi"}
    made = await asyncio.gather(*(app.command("template.create", anna, hello) for _ in range(8)))
    assert {answer.status for answer in made} == {200}
    assert len((await app.command("template.list", anna)).body["templates"]) == 1


async def _ratings(app, path):
    body = (await app.http("GET", f"/v1/{path}/{ANNA}")).body
    return body["rating"], body["total_reviews"]


async def test_a_profile_is_rated_by_the_reviews_of_its_role(app, world):
    await app.as_owner(
        "insert into reviews (contract_id, reviewer_id, reviewee_id, reviewer_role, overall_rating)"
        f" values ('{uid(47)}', '{BEN}', '{ANNA}', 'client', 5),"
        f" ('{uid(44)}', '{BEN}', '{ANNA}', 'freelancer', 1);"
        f"update reviews set status = 'published' where reviewee_id = '{ANNA}'"
    )
    await app.http("PATCH", "/v1/me", world.people["owner"], {"locale": "de"},
                   headers={"If-Match": "*"})  # fmt: skip
    assert await _ratings(app, "freelancer-profiles") == (5.0, 1)
    assert await _ratings(app, "client-profiles") == (1.0, 1)
    both = (await app.http("GET", f"/v1/user-ratings/{ANNA}")).body
    assert (both["average_rating"], both["total_reviews"]) == (3.0, 2)


async def test_ratings_of_before_are_made_anew(app, world):
    await app.as_owner(
        "set session_replication_role = replica;"
        "insert into reviews (contract_id, reviewer_id, reviewee_id, reviewer_role,"
        " overall_rating, status)"
        f" values ('{uid(47)}', '{BEN}', '{ANNA}', 'client', 5, 'published'),"
        f" ('{uid(44)}', '{BEN}', '{ANNA}', 'freelancer', 1, 'published');"
        "update freelancer_profiles set rating = 3, total_reviews = 2;"
        "update client_profiles set rating = 3, total_reviews = 2;"
        "update backfills set done_at = null where name = 'role_ratings'"
    )
    backfills = Backfills(app.app.core.foundation.pool)
    while await backfills.step("role_ratings", 1):
        pass
    assert await _ratings(app, "freelancer-profiles") == (5.0, 1)
    assert await _ratings(app, "client-profiles") == (1.0, 1)


async def test_reviews_that_are_published_at_once_both_count(app, world):
    publish = "update reviews set status = 'published' where reviewee_id = $1 and contract_id = $2"
    await app.as_owner(
        "insert into reviews (contract_id, reviewer_id, reviewee_id, reviewer_role, overall_rating)"
        f" values ('{uid(47)}', '{BEN}', '{ANNA}', 'client', 5),"
        f" ('{uid(44)}', '{BEN}', '{ANNA}', 'client', 1)"
    )
    one = await asyncpg.connect(app.settings.owner_database_url)
    other = await asyncpg.connect(app.settings.owner_database_url)
    try:
        async with one.transaction():
            await one.execute(publish, ANNA, uid(47))
            second = asyncio.create_task(other.execute(publish, ANNA, uid(44)))
            async with asyncio.timeout(10):
                while not await one.fetchval(IS_WAITING, other.get_server_pid()):
                    await asyncio.sleep(0)
        await second
    finally:
        await one.close()
        await other.close()
    both = (await app.http("GET", f"/v1/user-ratings/{ANNA}")).body
    assert (both["average_rating"], both["total_reviews"]) == (3.0, 2)
