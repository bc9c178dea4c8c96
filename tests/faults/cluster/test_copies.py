"""Copies on a cluster: each shard counts its own, whichever node it is on."""

from handlers.resources import RESOURCES
from storage.redis.calls import RedisCalls
from storage.redis.guard import RedisGuard
from storage.resources.cache import Bounds, RowCache
from storage.resources.store import Row

GIGS = RESOURCES["gigs"]
BOUNDS = Bounds(64 * 4_000, 2_000, 80, 1_000)


async def test_copies_are_kept_and_dropped_on_every_node(bus, users):
    calls = RedisCalls(bus.redis, RedisGuard())
    cache = RowCache(calls, lambda _cache, _hit: None, BOUNDS)
    for round_ in range(4):
        for n in range(200):
            place, found = await cache.find_answer("list", [GIGS], n, str)
            if found is None:
                cache.keep_answer(place, "x" * 1_000)
            else:
                assert (found, round_ > 1) == ("x" * 1_000, True)
        await calls.close()
    kept = 0
    for node in bus.nodes.owners():
        client = bus.redis._client(node)
        kept += len([key async for key in client.scan_iter(match="*:answer:*")])
    # Two to three of a thousand bytes in each shard.
    assert 64 < kept <= 64 * 3
    for user in users:
        row = await cache.find(GIGS, user, None)
        cache.keep(GIGS, user, None, row, Row("{}", is_public=True))
    await calls.close()
    assert all([(await cache.find(GIGS, user, None)).row for user in users])
    await cache.changed([(GIGS, user) for user in users])
    assert not any([(await cache.find(GIGS, user, None)).row for user in users])
