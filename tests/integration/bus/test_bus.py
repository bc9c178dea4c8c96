"""Publishing and subscribing on a real Valkey: order, logs, modes, and a lost connection."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import pytest
from redis.asyncio import Redis

from protocol.bus import BusEvent, pack, unpack
from storage.bus.event_log import EventLog, LogPosition
from storage.bus.publisher import DURABLE, EPHEMERAL, OWN, Publication, Publisher
from storage.bus.subscriptions import Subscriptions
from storage.people.presence import Connected, PresenceStore
from storage.redis.calls import RedisCalls
from storage.redis.guard import RedisGuard
from storage.redis.keys import key, user_channel
from storage.redis.node_map import NodeMap


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    """A client of the test's own."""
    client = Redis.from_url(redis_url)
    yield client
    await client.aclose()


@pytest.fixture
async def publisher(redis: Redis) -> AsyncIterator[Publisher]:
    """A publisher at work, with small calls, so that groups are cut."""
    one = Publisher(redis, max_entries=7, max_bytes=2_000)
    async with running(one.run()):
        yield one


@contextlib.asynccontextmanager
async def running(work) -> AsyncIterator[None]:
    """Run a task as long as the block."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


U = "01900000-0000-7000-8000-000000000001"
V = "01900000-0000-7000-8000-000000000002"


def presence_of(redis: Redis) -> PresenceStore:
    """Presence with nothing of a process around it."""
    return PresenceStore(RedisCalls(redis, RedisGuard()))


class Heard:
    """A subscriber that keeps what it hears."""

    def __init__(self, url: str) -> None:
        self.messages: asyncio.Queue[tuple[bytes, bytes]] = asyncio.Queue()
        self.gaps: asyncio.Queue[frozenset[bytes]] = asyncio.Queue()
        self.subscriber = Subscriptions(
            NodeMap(url),
            lambda channel, payload: self.messages.put_nowait((channel, payload)),
            self.gaps.put_nowait,
        )

    async def next(self) -> tuple[str, BusEvent]:
        """The offset and the event of the next message."""
        _channel, payload = await asyncio.wait_for(self.messages.get(), 5)
        at, _, body = payload.partition(b" ")
        return at.decode(), unpack(body)


@pytest.fixture
async def heard(redis_url: str) -> AsyncIterator[Heard]:
    """A subscriber at work."""
    one = Heard(redis_url)
    async with running(one.subscriber.run()):
        assert not await asyncio.wait_for(one.gaps.get(), 5)
        yield one


def body(number: int, d: bytes = b"{}") -> bytes:
    """An event of this number."""
    return pack(BusEvent(b"message.created", b"e%d" % number, b"c", b"%d" % number, d=d))


async def test_events_arrive_in_the_order_they_were_handed_over(
    redis: Redis, publisher: Publisher, heard: Heard
) -> None:
    await EventLog(redis, RedisCalls(redis, RedisGuard())).join(U, LogPosition("", ""))
    assert await heard.subscriber.subscribe(user_channel(U))
    done: list[int] = []
    for number in range(100):
        publications = [Publication(body(number, b"x" * 300), [U], DURABLE)]
        publisher.publish(publications, partial(done.append, number))
    events = [await heard.next() for _ in range(100)]
    assert [int(event.rev) for _at, event in events] == list(range(100))
    assert done == list(range(100))
    # What is published carries the entry that the log holds.
    entries: Any = await redis.xrange(key("log", U))
    logged = {entry.decode(): fields.get(b"e") for entry, fields in entries}
    for at, event in events:
        assert logged[at] == pack(event)


async def test_only_those_who_were_here_have_a_log(redis: Redis, publisher: Publisher) -> None:
    assert await publisher.publish_and_wait([Publication(body(1), [V], DURABLE)])
    assert not await redis.exists(key("log", V))


async def test_only_what_has_moved_is_told(redis: Redis, publisher: Publisher) -> None:
    event_log = EventLog(redis, RedisCalls(redis, RedisGuard()))
    places = {user: (await event_log.join(user, LogPosition("", ""))).newest for user in (U, V)}
    assert await event_log.read_after(places) == {}
    await publisher.publish_and_wait([Publication(body(1), [V], DURABLE)])
    (followed,) = (await event_log.read_after(places)).items()
    user, (newest, entries) = followed
    assert (user, newest.epoch) == (V, places[V].epoch)
    assert [one.event.rev for one in entries or ()] == [b"1"]
    assert await event_log.read_after(places | {V: newest}) == {}
    # A log that is gone, or an entry that it does not hold, proves nothing.
    await redis.delete(key("log", U))
    strange = newest._replace(entry="1-1")
    told = await event_log.read_after(places | {V: strange})
    assert {user: one.entries for user, one in told.items()} == {U: None, V: None}
    assert told[U].newest.epoch != places[U].epoch


async def test_the_own_channel_is_used_only_with_another_connection(
    redis: Redis, publisher: Publisher, heard: Heard
) -> None:
    presence = presence_of(redis)
    await EventLog(redis, RedisCalls(redis, RedisGuard())).join(U, LogPosition("", ""))
    await presence.connect(Connected(U, "one"), 20)
    await heard.subscriber.subscribe(user_channel(U))
    await publisher.publish_and_wait([Publication(body(1), [U], OWN)])
    await presence.connect(Connected(U, "two"), 20)
    await publisher.publish_and_wait([Publication(body(2), [U], OWN)])
    _at, event = await heard.next()
    assert event.rev == b"2"
    assert await redis.xlen(key("log", U)) == 3  # the marker and both events


async def test_what_is_not_durable_has_no_offset(publisher: Publisher, heard: Heard) -> None:
    await heard.subscriber.subscribe(user_channel(U))
    publisher.publish([Publication(body(1), [U], EPHEMERAL)])
    at, _event = await heard.next()
    assert at == ""


async def test_a_lost_connection_is_reopened_and_the_gap_told(
    redis: Redis, publisher: Publisher, heard: Heard
) -> None:
    await heard.subscriber.subscribe(user_channel(U))
    await redis.execute_command("CLIENT", "KILL", "TYPE", "pubsub")
    assert await asyncio.wait_for(heard.gaps.get(), 10) == {user_channel(U)}
    publisher.publish([Publication(body(7), [U], EPHEMERAL)])
    assert (await heard.next())[1].rev == b"7"


async def test_an_unsubscribed_channel_is_silent(publisher: Publisher, heard: Heard) -> None:
    await heard.subscriber.subscribe(user_channel(U))
    await heard.subscriber.subscribe(user_channel(V))
    heard.subscriber.unsubscribe(user_channel(U))
    publisher.publish([Publication(body(1), [U, V], EPHEMERAL * 2)])
    channel, _payload = await asyncio.wait_for(heard.messages.get(), 5)
    assert channel == user_channel(V)


async def test_a_channel_left_and_taken_again_at_once(publisher: Publisher, heard: Heard) -> None:
    """The confirmations of all three are under way at a time."""
    channel = user_channel(U)
    early = asyncio.gather(*(heard.subscriber.subscribe(channel) for _ in range(2)))
    await asyncio.sleep(0)
    heard.subscriber.unsubscribe(channel)
    late = asyncio.gather(*(heard.subscriber.subscribe(channel) for _ in range(2)))
    await asyncio.sleep(0)
    heard.subscriber.unsubscribe(channel)
    assert await heard.subscriber.subscribe(channel)
    assert await early == await late == [True, True]
    publisher.publish([Publication(body(7), [U], EPHEMERAL)])
    assert (await heard.next())[1].rev == b"7"
    assert heard.gaps.empty()


async def test_what_redis_refuses_is_counted(redis: Redis) -> None:
    dropped: list[tuple[str, int]] = []
    publisher = Publisher(
        redis,
        max_entries=7,
        max_bytes=2_000,
        dropped=lambda reason, events: dropped.append((reason, events)),
    )
    await redis.set(key("log", U), "not a stream")
    async with running(publisher.run()):
        assert not await publisher.publish_and_wait([Publication(body(1), [U], DURABLE)])
    assert dropped == [("redis", 1)]


async def test_a_refused_group_is_not_done(redis: Redis, publisher: Publisher) -> None:
    await redis.set(key("log", U), "not a stream")
    done: list[int] = []
    publisher.publish([Publication(body(1), [U], DURABLE)], lambda: done.append(1))
    assert not await publisher.publish_and_wait([Publication(body(2), [U], DURABLE)])
    assert await publisher.publish_and_wait([Publication(body(3), [V], EPHEMERAL)])
    assert done == []


async def test_no_more_connections_than_allowed(redis: Redis) -> None:
    presence = presence_of(redis)
    assert await presence.connect(Connected(U, "one"), 2)
    assert await presence.connect(Connected(U, "two"), 2)
    assert not await presence.connect(Connected(U, "three"), 2)
    await presence.leave(Connected(U, "one"), 5)
    assert await presence.connect(Connected(U, "three"), 2)
