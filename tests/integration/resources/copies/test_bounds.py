"""Copies take no more of Redis than they may, whatever is asked, and nothing of what logs need."""

import asyncio
import contextlib
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from handlers.resources import RESOURCES
from storage.redis.calls import RedisCalls
from storage.redis.guard import RedisGuard
from storage.resources.cache import Bounds, RowCache
from storage.resources.store import Row
from tests.integration.resources.copies.test_invalidation import counted  # noqa: F401  # a fixture
from tests.integration.resources.test_gigs import gig

GIGS = RESOURCES["gigs"]
MIB = 1 << 20
BOUNDS = Bounds(4 * MIB, 32 << 10, 80, 100_000)


@pytest.fixture
async def calls(app):
    """A queue of calls to the test's Redis."""
    calls = RedisCalls(app.app.core.foundation.redis, RedisGuard())
    yield calls
    await calls.close()


@pytest.fixture
def redis(app):
    return app.app.core.foundation.redis


def cache_of(calls, bounds=BOUNDS):
    return RowCache(calls, lambda _cache, _hit: None, bounds)


async def used(redis):
    """Bytes that Redis takes."""
    return (await redis.info("memory"))["used_memory"]


async def answers_in(redis):
    return [key async for key in redis.scan_iter(match="*:answer:*", count=1000)]


async def ask(cache, question, answer):
    """As a list is asked for; what was found."""
    place, found = await cache.find_answer("list", [GIGS], question, str)
    if found is None:
        cache.keep_answer(place, answer)
    return found


@contextlib.asynccontextmanager
async def room_for(redis, more):
    """Redis may take so many bytes more than now, as long as the block lasts."""
    await redis.config_set("maxmemory", await used(redis) + more)
    try:
        yield
    finally:
        await redis.config_set("maxmemory", 0)


async def test_ten_thousand_questions_leave_nothing(calls, redis):
    cache = cache_of(calls)
    await ask(cache, "first", "x")  # the resource has its generation from here on
    before = await used(redis)
    for first in range(0, 10_000, 100):
        await asyncio.gather(*(ask(cache, n, "x" * 20_000) for n in range(first, first + 100)))
    await calls.close()
    assert not await answers_in(redis)
    assert await used(redis) - before < MIB


async def test_ten_thousand_that_come_again_stay_within_the_bound(calls, redis):
    cache = cache_of(calls)
    await ask(cache, "first", "x")
    before = await used(redis)
    for first in range(0, 10_000, 100):
        for _ in range(2):
            await asyncio.gather(*(ask(cache, n, "x" * 20_000) for n in range(first, first + 100)))
        await calls.close()
        # Of the 200 MB that were made; the rest is what connections need.
        assert await used(redis) - before < BOUNDS.all_bytes + 6 * MIB
    kept = await answers_in(redis)
    assert 100 < len(kept) <= BOUNDS.all_bytes // 20_000
    # The oldest have gone, the newest are there.
    assert await ask(cache, 0, "new") is None
    assert await ask(cache, 9_999, "new") == "x" * 20_000


async def test_what_several_processes_keep_is_counted_once(calls, redis):
    caches = [cache_of(calls) for _ in range(5)]
    for _ in range(2):
        await asyncio.gather(*(ask(cache, "all", "x" * 20_000) for cache in caches))
    await asyncio.gather(*(ask(cache, "all", "x" * 20_000) for cache in caches))
    await calls.close()
    (kept,) = await answers_in(redis)
    (books,) = [key async for key in redis.scan_iter(match="*copy_books")]
    assert 20_000 < int(await redis.hget(books, "total")) < 21_000
    assert await redis.strlen(kept) < 21_000


async def test_what_comes_again_is_served_from_the_copy(app, counted):  # noqa: F811  # the fixture
    for hits in (0, 0, 1, 2):
        assert (await app.http("GET", "/v1/gigs?sort=-rating")).status == 200
        if hits == 0:
            # The first list of all has found the resource without a generation.
            await app.http("GET", "/v1/gigs?sort=-created_at")
        assert await counted() >= hits
    before = await counted()
    await app.http("GET", "/v1/gigs?sort=-rating")
    assert await counted() == before + 1


async def test_a_generation_outlives_the_copies_of_its_row(calls, redis):
    """A row that was read before a change is not kept after it, though its copies made room."""
    cache = cache_of(calls, Bounds(64 * 2_000, 2_000, 80, 10))
    key = uuid4()
    old = await cache.find(GIGS, key, None)
    await cache.changed([(GIGS, key)])
    new = await cache.find(GIGS, key, None)
    cache.keep(GIGS, key, None, new, Row("{}" + " " * 1_000, is_public=True))
    await calls.close()
    assert (await cache.find(GIGS, key, None)).row is not None
    # Others of the same shard make it go.
    for n in range(4):
        other = uuid4().hex[:-2] + key.hex[-2:]
        cache.keep(GIGS, type(key)(other), None, old, Row("{}" + " " * 1_000, is_public=True))
        await calls.close()
        assert n < 1 or (await cache.find(GIGS, key, None)).row is None
    cache.keep(GIGS, key, None, old, Row("old", is_public=True))
    await calls.close()
    assert (await cache.find(GIGS, key, None)).row is None


async def test_a_redis_that_is_nearly_full_is_given_no_copies(calls, redis):
    cache = cache_of(calls)
    for n in range(3):
        await ask(cache, n, "x")
    async with room_for(redis, 8 * MIB):
        most = (await redis.info("memory"))["maxmemory"]
        while await used(redis) < most * 0.85:
            await redis.rpush("filled", "x" * 50_000)
        for _ in range(2):
            await asyncio.gather(*(ask(cache, n, "x" * 20_000) for n in range(100, 200)))
            await calls.close()
        assert not await answers_in(redis)
        # What is no copy has its room.
        await redis.xadd("log", {"m": "y" * 1_000})


async def test_a_change_is_heard_by_a_full_redis(calls, redis, logs):
    cache = cache_of(calls)
    for _ in range(3):
        await ask(cache, "all", "old")
    assert await ask(cache, "all", "old") == "old"
    async with room_for(redis, -100_000):
        for n in range(3):
            await ask(cache, n, "x")
        with contextlib.suppress(Exception):
            await cache.changed([(GIGS, uuid4())])
        assert await ask(cache, "all", "new") is None
    for _ in range(3):
        assert await ask(cache, "all", "new") in {None, "new"}
    assert await ask(cache, "all", "new") == "new"


async def test_of_a_long_list_the_keys_are_kept(serve, redis):
    async with serve(cache_copy_bytes=1_000) as app:
        pool = app.app.core.foundation.pool
        category = await pool.fetchval(
            "insert into categories (slug, name) values ('video', 'Video') returning id::text"
        )
        (anna,) = await app.people("anna")
        for _ in range(5):
            await app.http("POST", "/v1/gigs", anna, gig(category))
        await pool.execute("update gigs set status = 'active'")
        path = "/v1/gigs?sort=-rating&limit=3"
        async with asyncio.timeout(10):
            while not await answers_in(redis):
                first = (await app.http("GET", path)).body
                await asyncio.sleep(0.02)
        (kept,) = await answers_in(redis)
        assert await redis.strlen(kept) < 1_000
        again = (await app.http("GET", path)).body
        assert [row["id"] for row in again["data"]] == [row["id"] for row in first["data"]]
        assert again["data"][0]["title"]
        further = (await app.http("GET", f"{path}&cursor={again['next_cursor']}")).body
        assert len(further["data"]) == 2
        # One that nobody sees any more, and of whose change nothing was told yet.
        key = again["data"][0]["id"]
        await app.as_owner("alter table gigs disable trigger gigs_copied")
        await pool.execute("update gigs set status = 'paused' where id = $1", key)
        shorter = (await app.http("GET", path)).body
        assert key not in {row["id"] for row in shorter["data"]}
        assert len(shorter["data"]) == 3


async def test_copies_may_have_a_redis_of_their_own(serve, redis, embedded_servers):
    url = urlsplit(embedded_servers.redis_url)._replace(path="/9").geturl()
    async with serve(cache_redis_url=url) as app:
        for _ in range(4):
            await app.http("GET", "/v1/gigs")
        assert app.app.core.foundation.cache_calls is not app.app.core.foundation.redis_calls
        assert not [key async for key in redis.scan_iter(match="*:generation:*")]
    async with serve(cache_redis_url="redis://127.0.0.1:1") as app:
        assert (await app.http("GET", "/v1/gigs")).status == 200
        assert (await app.http("GET", "/readyz")).body["redis"] == "ok"
