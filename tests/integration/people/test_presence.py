"""Presence on a real Valkey, as several processes keep it: who is told what, and what heals."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import orjson
import pytest
from redis.asyncio import Redis

import storage.people.presence
from protocol.bus import unpack
from storage.people.presence import Connected, PresenceStore, kept
from storage.redis.calls import RedisCalls
from storage.redis.guard import RedisGuard
from storage.redis.keys import key, shard_key, shard_of, watch_channel

U = "01900000-0000-7000-8000-000000000011"
V = "01900000-0000-7000-8000-000000000012"
FLAP_S = 5.0


class Watcher:
    """Hears what the watchers of U and V are told."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._pubsub: Any = redis.pubsub()

    async def open(self) -> None:
        """Subscribe."""
        for user in (U, V):
            await self._pubsub.ssubscribe(watch_channel(user).decode())
            assert (await self._next())["type"] == "ssubscribe"

    async def close(self) -> None:
        """Hear no more."""
        await self._pubsub.aclose()

    async def told(self) -> list[tuple[str, str, str | None]]:
        """User, status and text of all that was published before now, once each."""
        await self._redis.execute_command("SPUBLISH", watch_channel(U), "that is all")
        told = []
        while (message := await self._next())["data"] != b"that is all":
            event = unpack(message["data"].removeprefix(b" "))
            assert event.ev == b"presence.changed"
            d = orjson.loads(event.d)
            told.append((d["user_id"], d["status"], d["text"]))
        return told

    async def _next(self) -> Any:
        async with asyncio.timeout(5):
            while True:
                message = await self._pubsub.get_message(timeout=5)
                if message is not None:
                    return message


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    """A client of the test's own."""
    async with contextlib.aclosing(Redis.from_url(redis_url)) as client:
        yield client


@pytest.fixture
async def watcher(redis: Redis) -> AsyncIterator[Watcher]:
    """A watcher that listens."""
    watcher = Watcher(redis)
    await watcher.open()
    yield watcher
    await watcher.close()


@pytest.fixture
def store(redis: Redis) -> PresenceStore:
    """The presence of one process."""
    return PresenceStore(RedisCalls(redis, RedisGuard()))


@pytest.fixture
def other(redis: Redis) -> PresenceStore:
    """That of another one."""
    return PresenceStore(RedisCalls(redis, RedisGuard()))


def ends_of(user_id):
    return shard_key("ends", shard_of(user_id))


async def now_ms(redis):
    seconds, microseconds = await redis.time()
    return seconds * 1000 + microseconds // 1000


async def refresh(store, *connections, announce=False):
    return kept(await store.refresh(connections, announce=announce))


async def run_out(monkeypatch, redis, store, connected):
    """Register a connection that is never refreshed, and wait until it has run out."""
    monkeypatch.setattr(storage.people.presence, "EXPIRY_MS", 30)
    assert await store.connect(connected, 20)
    monkeypatch.undo()
    member = f"{connected.user_id} {connected.connection_id}"
    till = await redis.zscore(ends_of(connected.user_id), member)
    async with asyncio.timeout(5):
        while await now_ms(redis) <= till:
            await asyncio.sleep(0.01)


async def test_a_ghost_is_told_gone_once(monkeypatch, redis, store, other, watcher):
    await run_out(monkeypatch, redis, store, Connected(U, "dead"))
    assert await watcher.told() == [(U, "online", None)]
    await asyncio.gather(*(one.sweep(100) for one in (store, other) for _ in range(5)))
    assert await watcher.told() == [(U, "offline", None)]
    assert await other.sweep(100) == 0


async def test_who_is_elsewhere_is_no_ghost(monkeypatch, redis, store, other, watcher):
    await run_out(monkeypatch, redis, store, Connected(U, "dead", "dnd", "busy"))
    await other.connect(Connected(U, "alive", "dnd", "busy"), 20)
    assert await watcher.told() == [(U, "dnd", "busy")]
    # As if it had left long ago, whatever the reason.
    await redis.zadd(ends_of(U), {U: 1})
    assert await other.sweep(100) == 1
    assert await watcher.told() == []
    assert await redis.zrange(ends_of(U), 0, -1) == [f"{U} alive".encode()]


async def test_who_left_is_told_gone_when_it_is_time(store, watcher):
    one = Connected(U, "one")
    await store.connect(one, 20)
    await store.leave(one, FLAP_S)
    await store.announce(U)
    await store.sweep(100)
    assert await watcher.told() == [(U, "online", None)]
    # Back, and away once more: the time begins anew.
    await store.connect(Connected(U, "two"), 20)
    await store.leave(Connected(U, "two"), FLAP_S)
    await store.announce(U)
    assert await watcher.told() == []
    await store.leave(Connected(U, "two"), 0)
    await store.announce(U)
    assert await watcher.told() == [(U, "offline", None)]


async def test_who_leaves_beside_a_ghost_has_the_whole_time(monkeypatch, redis, store, watcher):
    """A connection of a dead process runs out just after the other one was closed."""
    await run_out(monkeypatch, redis, store, Connected(U, "dead"))
    await store.connect(Connected(U, "alive"), 20)
    await store.leave(Connected(U, "alive"), FLAP_S)
    await store.sweep(100)
    await store.announce(U)
    assert await watcher.told() == [(U, "online", None)]


async def test_a_process_that_was_thought_dead(monkeypatch, redis, store, other, watcher):
    """It stood still for long; its people were told gone, and are told back."""
    one = Connected(U, "one", "away", "soon")
    await run_out(monkeypatch, redis, store, one)
    await other.sweep(100)
    assert await watcher.told() == [(U, "away", "soon"), (U, "offline", None)]
    assert (await refresh(store, one)).lost == 1
    assert await watcher.told() == [(U, "away", "soon")]
    assert (await refresh(store, one)).lost == 0
    assert await watcher.told() == []


async def test_an_emptied_redis_heals_by_the_next_refresh(redis, store, watcher):
    one, hidden = Connected(U, "one", "dnd"), Connected(V, "two", "invisible")
    await store.connect(one, 20)
    await store.connect(hidden, 20)
    await watcher.told()
    await redis.flushdb()
    assert [shown.status for shown in await store.of([UUID(U), UUID(V)])] == ["offline"] * 2
    assert (await refresh(store, one, hidden)).lost == 2
    # Nothing is told of who is hidden: nothing is news to those who saw nobody.
    assert await watcher.told() == [(U, "dnd", None)]
    assert [shown.status for shown in await store.of([UUID(U), UUID(V)])] == ["dnd", "offline"]


async def test_who_leaves_an_emptied_redis_is_told_gone(redis, store, watcher):
    one = Connected(U, "one")
    await store.connect(one, 20)
    await redis.flushdb()
    await store.leave(one, 0)
    await store.announce(U)
    assert await watcher.told() == [(U, "online", None), (U, "offline", None)]


async def test_an_old_state_heals_where_all_is_announced(redis, store, watcher):
    one = Connected(U, "one")
    await store.connect(one, 20)
    old = {name: await redis.dump(name) for name in await redis.keys("*")}
    one.status = "dnd"
    await refresh(store, one, announce=True)
    assert await watcher.told() == [(U, "online", None), (U, "dnd", None)]
    await redis.flushdb()
    for name, value in old.items():
        await redis.restore(name, 0, value)
    assert (await refresh(store, one)).lost == 0
    assert await watcher.told() == []
    await refresh(store, one, announce=True)
    assert await watcher.told() == [(U, "dnd", None)]


async def test_a_refresh_never_undoes_a_close(redis, store):
    """Refreshes are on their way when connections close; Redis takes its time."""
    people = [f"01900000-0000-7000-8000-{number:012x}" for number in range(400)]
    everybody = [Connected(user, "one") for user in people]
    await asyncio.gather(*(store.connect(one, 20) for one in everybody))
    await redis.client_pause(100)
    refreshed = [store.refresh([one], announce=True) for one in everybody]
    await asyncio.sleep(0)  # the first ones are being sent
    await asyncio.gather(*refreshed, *(store.leave(one, FLAP_S) for one in everybody[:200]))
    counts = [await redis.hlen(key("presence", user)) for user in people]
    assert counts == [0] * 200 + [1] * 200


async def test_what_was_missed_is_told_again(redis, store, watcher):
    for user, status in ((U, "dnd"), (V, "online")):
        await store.connect(Connected(user, "one", status), 20)
    await watcher.told()
    stamps = [int((await redis.get(key("announced", user))).split()[0]) for user in (U, V)]
    before, after = min(stamps), max(stamps) + 1
    await store.retell([U, V], after, after + 1000)  # nothing happened in between
    assert await watcher.told() == []
    await store.retell([U, V], before, after)
    assert sorted(await watcher.told()) == [(U, "dnd", None), (V, "online", None)]
    await store.retell([U, V], before, after)  # another process has told already
    assert await watcher.told() == []
    await redis.flushdb()
    await store.retell([V], after, after + 1000)  # forgotten: it may have been anything
    assert await watcher.told() == [(V, "offline", None)]


async def test_the_most_visible_connection_is_shown(store, watcher):
    for number, status in enumerate(("away", "online", "dnd", "invisible")):
        await store.connect(Connected(U, f"{number}", status, status), 20)
    shown = [("away", "away"), ("online", "online"), ("dnd", "dnd"), ("offline", None)]
    assert await watcher.told() == [(U, status, text) for status, text in shown]
    (seen,) = await store.of([UUID(U)])
    await refresh(store, Connected(U, "3", "invisible"), announce=True)
    assert await store.of([UUID(U)]) == [seen]  # frozen


async def test_scripts_that_redis_forgot_run_in_their_order(redis, store):
    one = Connected(U, "one")
    await store.connect(one, 20)
    await redis.script_flush()
    await store.leave(Connected(V, "two"), FLAP_S)  # this one it knows again
    refreshed = store.refresh([one], announce=False)
    await asyncio.gather(refreshed, store.leave(one, FLAP_S))
    assert await redis.hkeys(key("presence", U)) == []


async def test_many_at_once(redis, store):
    """A storm: each user of 2,000 with two connections, and one refresh of all of them."""
    people = [f"01900000-0000-7000-8000-{number:012x}" for number in range(2000)]
    everybody = [Connected(user, f"{user}.{n}") for user in people for n in range(2)]
    assert all(await asyncio.gather(*(store.connect(one, 2) for one in everybody)))
    third = [store.connect(Connected(user, "third"), 2) for user in people]
    assert not any(await asyncio.gather(*third))
    assert (await refresh(store, *everybody)).lost == 0
    assert len(await store.with_others(people)) == 2000
    await asyncio.gather(*(store.leave(one, 0) for one in everybody))
    gone = 0
    while (found := await store.sweep(10)) > 0:
        gone += found
    assert gone == 2000


async def test_who_is_here_is_not_forgotten(redis, store):
    """Only who is gone is, after 90 days."""
    one = Connected(U, "one")
    await store.connect(one, 20)
    shown = [key("announced", U), key("seen", U)]
    assert [await redis.ttl(name) for name in shown] == [-1, -1]
    one.status = "invisible"
    await refresh(store, one, announce=True)
    assert all([0 < await redis.ttl(name) <= 90 * 86400 for name in shown])
    one.status = "online"
    await refresh(store, one, announce=True)
    assert [await redis.ttl(name) for name in shown] == [-1, -1]
    await store.leave(one, 0)
    await store.announce(U)
    assert all([0 < await redis.ttl(name) <= 90 * 86400 for name in shown])
