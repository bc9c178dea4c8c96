"""Presence and counts of sockets on a cluster: the calls of a turn go to all nodes at once."""

import asyncio
from uuid import uuid4

from storage.limits.open_sockets import OpenSockets
from storage.people.presence import Connected, PresenceStore, kept
from storage.redis.calls import RedisCalls
from storage.redis.guard import RedisGuard
from storage.redis.keys import key, shard_of


async def test_people_of_all_shards_come_and_go(bus):
    # A thousand scripts at once on a busy machine may take longer than a server should wait.
    store = PresenceStore(RedisCalls(bus.redis, RedisGuard(timeout_s=10.0)))
    people = [f"{str(uuid4())[:-2]}{number % 256:02x}" for number in range(500)]
    assert len({shard_of(user) for user in people}) == 64
    everybody = [Connected(user, f"{user}.{number}") for user in people for number in range(2)]
    assert all(await asyncio.gather(*(store.connect(one, 2) for one in everybody)))
    thirds = (store.connect(Connected(user, "third"), 2) for user in people)
    assert not any(await asyncio.gather(*thirds))
    assert kept(await store.refresh(everybody, announce=False)).lost == 0
    assert sorted(await store.with_others(people)) == sorted(people)
    refreshed = store.refresh(everybody, announce=True)
    await asyncio.gather(refreshed, *(store.leave(one, 0) for one in everybody))
    gone = 0
    while found := await store.sweep(100):
        gone += found
    assert gone == 500
    assert not any(
        await asyncio.gather(*(bus.redis.hlen(key("presence", user)) for user in people))
    )


async def test_sockets_are_counted_for_all_processes(bus):
    one, two = (OpenSockets(RedisCalls(bus.redis, RedisGuard()), 5, 3) for _ in range(2))
    for address in (f"192.0.2.{number}" for number in range(50)):
        entered = await asyncio.gather(*(side.enter(address) for side in (one, two) * 4))
        places = [place for place in entered if place is not None]
        assert len(places) == 3
        for place in places:
            place.said_hello()
        entered = await asyncio.gather(*(side.enter(address) for side in (one, two) * 4))
        assert len([place for place in entered if place is not None]) == 2
