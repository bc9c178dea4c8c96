"""What rows of several tables say together, also when two write at once."""

import asyncio
from uuid import uuid4

import asyncpg
import pytest

from storage.database import migrate
from storage.database.installation.seeded_settings import seeded_settings
from tests.integration.resources.world import uid

HELD = {"headers": {"If-Match": "*"}}
WAITS = "select exists (select from pg_locks where pid = $1 and not granted)"


@pytest.fixture
def pool(world):
    return world.app.app.core.foundation.pool


def conflict(answer, path):
    assert (answer.status, answer.body["error"]["code"]) == (409, "conflict"), answer.body
    assert answer.body["error"]["details"]["path"] == path
    return answer.body["detail"]


async def test_an_active_gig_keeps_a_package(world, pool):
    app, anna = world.app, world.people["owner"]
    first, last = f"/v1/gig-packages/{uid(31)}", f"/v1/gig-packages/{uid(35)}"
    assert (await app.http("DELETE", first, anna)).status == 204
    refused = await app.http("DELETE", last, anna)
    assert "an active gig keeps a package" in conflict(refused, "gig_id")
    await pool.execute("update gigs set status = 'paused' where id = $1", uid(30))
    assert (await app.http("DELETE", last, anna)).status == 204
    draft = await app.http("DELETE", f"/v1/gig-packages/{uid(38)}", anna)
    assert draft.status == 204, "a draft needs none"


async def test_of_two_who_take_the_last_packages_one_is_refused(world, owner, database_url):
    """The second waits for the first, and sees then that its own is the last."""
    one, other = [await asyncpg.connect(database_url, timeout=10) for _ in range(2)]
    delete = "delete from gig_packages where id = $1"
    try:
        begun = one.transaction()
        await begun.start()
        await one.execute(delete, uid(31))
        second = asyncio.create_task(other.execute(delete, uid(35)))
        await until_waiting(owner, other)
        await begun.commit()
        with pytest.raises(asyncpg.ForeignKeyViolationError, match="keeps a package"):
            await second
    finally:
        await one.close()
        await other.close()


async def test_a_gig_that_goes_takes_its_packages_along(owner, world):
    gig = uid(39)
    await owner.execute(f"update gigs set status = 'active' where id = '{gig}'")
    await owner.execute(f"delete from gigs where id = '{gig}'")
    assert await owner.fetch("select from gig_packages where gig_id = $1", gig) == []


async def test_a_currency_is_fixed_once_there_are_proposals(world):
    app, ben, carl = world.app, world.people["counterparty"], world.people["stranger"]
    job = f"/v1/jobs/{uid(42)}"  # anna has made an offer for it
    refused = await app.http("PATCH", job, ben, {"currency": "EUR", "title": "x"}, **HELD)
    assert conflict(refused, "currency") == "currency: is fixed once there are proposals"
    same = await app.http("PATCH", job, ben, {"currency": "USD", "title": "Same"}, **HELD)
    assert (same.status, same.body["title"]) == (200, "Same")
    free = f"/v1/jobs/{uid(40)}"
    changed = await app.http("PATCH", free, world.people["owner"], {"currency": "EUR"}, **HELD)
    assert changed.status == 200
    offer = {"job_id": str(uid(40)), "cover_letter": "Take me", "amount": "5"}
    made = await app.http("POST", "/v1/proposals", carl, offer)
    assert (made.status, made.body["currency"]) == (201, "EUR")


async def test_a_proposal_and_a_change_of_currency_wait_for_each_other(world, owner, database_url):
    """Whichever is first: a proposal has the currency of its job."""
    one, other = [await asyncpg.connect(database_url, timeout=10) for _ in range(2)]
    change = f"update jobs set currency = 'EUR' where id = '{uid(40)}'"
    propose = (
        "insert into proposals (job_id, freelancer_id, client_id, cover_letter, amount)"
        f" values ('{uid(40)}', '{uid(3)}', '{uid(1)}', 'x', 1) returning currency"
    )
    try:
        begun = one.transaction()
        await begun.start()
        await one.execute(change)
        proposed = asyncio.create_task(other.fetchval(propose))
        await until_waiting(owner, other)
        await begun.commit()
        assert await proposed == "EUR"

        await other.execute("delete from proposals where job_id = $1", uid(40))
        begun = one.transaction()
        await begun.start()
        await one.fetchval(propose)
        changed = asyncio.create_task(other.execute(change.replace("EUR", "CHF")))
        await until_waiting(owner, other)
        await begun.commit()
        with pytest.raises(asyncpg.ForeignKeyViolationError, match="once there are proposals"):
            await changed
    finally:
        await one.close()
        await other.close()


ATTACHED = {
    "jobs": ("attachment_ids", {"title": "x", "description": "x", "category_id": str(uid(10))}),
    "support-tickets": ("attachment_ids", {"category": "x", "subject": "x", "description": "x"}),
    "portfolio-items": ("file_ids", {"title": "x"}),
    "proposals": ("attachment_ids", {"job_id": str(uid(40)), "cover_letter": "x", "amount": "1"}),
}


@pytest.mark.parametrize("path", ATTACHED)
async def test_attachments_are_there_and_their_authors(world, path):
    app, carl, ben = world.app, world.people["stranger"], world.people["counterparty"]
    column, body = ATTACHED[path]
    mine, others = [(await app.upload(who)).body["file"]["file_id"] for who in (carl, ben)]
    for wrong in ([others], [mine, others], [str(uuid4())]):
        refused = await app.http("POST", f"/v1/{path}", carl, body | {column: wrong})
        (error,) = refused.body["errors"]
        assert (refused.status, error["path"]) == (422, column), refused.body
        assert error["message"] == "each must be there and be yours"
    made = await app.http("POST", f"/v1/{path}", carl, body | {column: [mine]})
    assert made.status == 201, made.body
    place = made.headers["Location"]
    refused = await app.http("PATCH", place, carl, {column: [mine, others]}, **HELD)
    assert (refused.status, refused.body["errors"][0]["path"]) == (422, column)
    kept = await app.http("PATCH", place, carl, {column: [mine]}, **HELD)
    assert kept.status == 200, kept.body


async def test_portfolio_items_of_an_offer_are_the_freelancers(world):
    app, carl = world.app, world.people["stranger"]
    mine = (await app.http("POST", "/v1/portfolio-items", carl, {"title": "x"})).body["id"]
    offer = ATTACHED["proposals"][1]
    for wrong in ([str(uid(24))], [str(uuid4())]):
        refused = await app.http(
            "POST", "/v1/proposals", carl, offer | {"portfolio_item_ids": wrong}
        )
        assert refused.body["errors"][0]["path"] == "portfolio_item_ids"
    made = await app.http("POST", "/v1/proposals", carl, offer | {"portfolio_item_ids": [mine]})
    assert made.status == 201


async def test_who_may_not_write_is_told_that_and_not_of_attachments(world):
    app, carl = world.app, world.people["stranger"]
    body = ATTACHED["proposals"][1] | {"job_id": str(uid(45)), "attachment_ids": [str(uuid4())]}
    assert (await app.http("POST", "/v1/proposals", carl, body)).status == 403


async def test_settings_are_of_their_type_and_within_bounds(world):
    app, dora = world.app, world.people["staff"]
    shown = await app.http("GET", "/v1/platform-settings/clearing_days", dora)
    told = {name: shown.body[name] for name in ("value_type", "minimum", "maximum")}
    assert told == {"value_type": "integer", "minimum": 0, "maximum": 365}
    path = "/v1/platform-settings/clearing_days"
    for value in (-1, 366, 1.5, "5", True, [5], {"days": 5}, 10**12):
        refused = await app.http("PATCH", path, dora, {"value": value}, **HELD)
        (error,) = refused.body["errors"]
        assert (refused.status, error["path"]) == (422, "value"), value
        assert error["message"] == "must be a whole number from 0 to 365"
    null = await app.http("PATCH", path, dora, {"value": None}, **HELD)
    assert (null.status, null.body["errors"][0]["message"]) == (422, "must not be null")
    for value in (0, 365):
        assert (await app.http("PATCH", path, dora, {"value": value}, **HELD)).status == 200
    switch = "/v1/platform-settings/job_analysis"
    refused = await app.http("PATCH", switch, dora, {"value": 1}, **HELD)
    assert refused.body["errors"][0]["message"] == "must be true or false"
    assert (await app.http("PATCH", switch, dora, {"value": True}, **HELD)).status == 200


async def test_staff_lists_the_settings_that_are_not_public(world, owner):
    hidden = await owner.fetch("select key from platform_settings where not is_public")
    assert hidden
    path = "/v1/platform-settings?limit=100&is_public=false"
    found = await world.app.http("GET", path, world.people["staff"])
    assert {row["key"] for row in found.body["data"]} == {row["key"] for row in hidden}
    found = await world.app.http("GET", path, world.people["stranger"])
    assert found.body["data"] == []


async def test_every_setting_has_a_type(owner):
    loose = await owner.fetch("select key from platform_settings where value_type is null")
    assert not loose


async def test_a_new_database_has_the_settings_that_the_migrations_tell_of(owner):
    rows = await owner.fetch("select key, value from platform_settings")
    assert {row["key"]: row["value"] for row in rows} == seeded_settings()


async def test_settings_of_before_become_what_can_be_read(empty_database_url):
    await migrate.upgrade(empty_database_url, "0015")
    connection = await asyncpg.connect(empty_database_url, timeout=10)
    before = {"clearing_days": "400", "review_days": '"soon"', "job_analysis": "1",
              "activity_days": "-4", "cancellation_days": "9", "own_words": '"kept"'}  # fmt: skip
    try:
        await connection.executemany(
            "insert into platform_settings (key, value) values ($1, $2) on conflict (key)"
            " do update set value = excluded.value",
            before.items(),
        )
        await migrate.upgrade(empty_database_url)
        rows = await connection.fetch("select key, value from platform_settings")
        after = {row["key"]: row["value"] for row in rows}
    finally:
        await connection.close()
    assert {key: after[key] for key in before} == {
        "clearing_days": "365", "review_days": "14", "job_analysis": "false",
        "activity_days": "1", "cancellation_days": "9", "own_words": '"kept"',
    }  # fmt: skip


async def until_waiting(watcher, connection):
    async with asyncio.timeout(10):
        pid = connection.get_server_pid()
        while not await watcher.fetchval(WAITS, pid):
            await asyncio.sleep(0.01)
