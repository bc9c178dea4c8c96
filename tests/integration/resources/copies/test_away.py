"""With Redis away resources are read and written all the same, only not from copies."""

from uuid import uuid4

import redis.asyncio

from storage.redis.guard import RedisAwayError
from tests.integration.resources.test_gigs import gig
from tests.integration.resources.world import answers


def take_redis_away(app, monkeypatch):
    async def away(*_args, **_options):
        raise redis.exceptions.ConnectionError("away")

    def nothing(*_args, **_options):
        raise RedisAwayError

    monkeypatch.setattr(app.app.core.foundation.redis, "execute_command", away)
    monkeypatch.setattr(app.app.core.foundation.guard, "call", nothing)


async def test_without_redis_resources_are_served(app, monkeypatch):
    category = await app.app.core.foundation.pool.fetchval(
        "insert into categories (slug, name) values ('video', 'Video') returning id::text"
    )
    (anna,) = await app.people("anna")

    take_redis_away(app, monkeypatch)
    made = await app.http("POST", "/v1/gigs", anna, gig(category))
    assert made.status == 201, made.body
    path = made.headers["Location"]
    changed = await app.http("PATCH", path, anna, {"title": "New"}, headers={"If-Match": '"1"'})
    assert (changed.status, changed.body["title"]) == (200, "New")
    assert (await app.http("GET", path, anna)).body["title"] == "New"
    await app.app.core.foundation.pool.execute("update gigs set status = 'active'")
    assert len((await app.http("GET", "/v1/search/gigs?q=new")).body["data"]) == 1
    assert (await app.http("GET", "/v1/leaderboards/freelancers")).status == 200


async def test_what_changed_while_redis_was_away_is_dropped_when_it_is_back(app, monkeypatch):
    category = await app.app.core.foundation.pool.fetchval(
        "insert into categories (slug, name) values ('video', 'Video') returning id::text"
    )
    (anna,) = await app.people("anna")
    path = (await app.http("POST", "/v1/gigs", anna, gig(category))).headers["Location"]
    kept = (path, "/v1/gigs?freelancer_id=me")
    for one in kept:
        await app.http("GET", one, anna)
    with monkeypatch.context() as patched:
        take_redis_away(app, patched)
        changed = await app.http("PATCH", path, anna, {"title": "New"}, headers={"If-Match": "*"})
        assert changed.status == 200
        for one in kept:
            assert "New" in str((await app.http("GET", one, anna)).body)
    for one in kept:
        await answers(app, one, anna, "New")


async def test_with_a_full_disk_writes_are_refused_for_now(app, owner):
    category = await app.app.core.foundation.pool.fetchval(
        "insert into categories (slug, name) values ('video', 'Video') returning id::text"
    )
    anna, ben = await app.people("anna", "ben")
    with_ben = {"type": "direct", "participant_ids": [str(ben.id)]}
    made = await app.http("POST", "/v1/conversations", anna, with_ben)
    messages = f"/v1/conversations/{made.body['conversation']['id']}/messages"
    await owner.execute(
        "create function full_disk() returns trigger language plpgsql as"
        " $$ begin raise exception 'No space left on device' using errcode = 'disk_full'; end $$;"
        "create trigger full_disk before insert on gigs execute function full_disk();"
        "create trigger full_disk before insert on messages execute function full_disk()"
    )
    message = {"client_id": str(uuid4()), "content": "hi"}
    for path, body in (("/v1/gigs", gig(category)), (messages, message)):
        refused = await app.http("POST", path, anna, body)
        assert (refused.status, refused.body["error"]["code"]) == (503, "unavailable"), path
    await owner.execute("drop function full_disk cascade")
    for path, body in (("/v1/gigs", gig(category)), (messages, message)):
        assert (await app.http("POST", path, anna, body)).status in {200, 201}, path
