"""With Redis away resources are read and written all the same, only not from copies."""

import redis.asyncio

from storage.redis_guard import RedisAwayError
from tests.integration.resources.test_gigs import gig


async def test_without_redis_resources_are_served(app, monkeypatch):
    category = await app.app.core.pool.fetchval(
        "insert into categories (slug, name) values ('video', 'Video') returning id::text"
    )
    (anna,) = await app.people("anna")

    async def away(*_args, **_options):
        raise redis.exceptions.ConnectionError("away")

    def nothing(*_args, **_options):
        raise RedisAwayError

    monkeypatch.setattr(app.app.core.redis, "execute_command", away)
    monkeypatch.setattr(app.app.core.guard, "call", nothing)
    made = await app.http("POST", "/v1/gigs", anna, gig(category))
    assert made.status == 201, made.body
    path = made.headers["Location"]
    changed = await app.http("PATCH", path, anna, {"title": "New"}, headers={"If-Match": '"1"'})
    assert (changed.status, changed.body["title"]) == (200, "New")
    assert (await app.http("GET", path, anna)).body["title"] == "New"
    await app.app.core.pool.execute("update gigs set status = 'active'")
    assert len((await app.http("GET", "/v1/search/gigs?q=new")).body["data"]) == 1
    assert (await app.http("GET", "/v1/leaderboards/freelancers")).status == 200
