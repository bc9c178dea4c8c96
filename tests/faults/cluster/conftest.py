"""A cluster of a test's own, and what listens and publishes on it."""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from redis.asyncio import Redis

from protocol.bus import BusEvent, pack, unpack
from storage.bus.publisher import DURABLE, Publisher, to_each
from storage.bus.subscriptions import Subscriptions
from storage.redis.client import connect_redis
from storage.redis.keys import key, user_channel
from storage.redis.node_map import NodeMap
from tests.valkey_cluster import ValkeyCluster


@pytest.fixture
async def valkey_cluster(directory: Path) -> AsyncIterator[ValkeyCluster]:
    """Three masters with a replica each, ready."""
    cluster = ValkeyCluster(directory)
    try:
        await cluster.start()
        yield cluster
    finally:
        await cluster.stop()


class Bus:
    """What a process has of the bus: a map of the nodes, a client, a publisher, ears."""

    def __init__(self, nodes: NodeMap, redis: Redis) -> None:
        self.nodes = nodes
        self.redis = redis
        self.heard: dict[str, list[int]] = defaultdict(list)
        self.gaps: list[frozenset[bytes]] = []
        self.news = asyncio.Event()
        self.subscriptions = Subscriptions(nodes, self._on_message, self._on_gap)
        self.publisher = Publisher(redis, max_entries=1_000, max_bytes=262_144)

    async def say(self, users: Iterable[str], number: int) -> bool:
        """One event to each user; whether Redis has them all."""
        body = pack(BusEvent(b"message.created", b"e%d" % number, b"c", b"%d" % number))
        return await self.publisher.publish_and_wait([to_each(users, DURABLE, body)])

    async def listen(self, users: Iterable[str]) -> None:
        """With a log for each, and the confirmation of all."""
        for user in users:
            await self.redis.xadd(key("log", user), {"m": "begin"})
            assert await self.subscriptions.subscribe(user_channel(user))

    async def until(self, condition, within_s: float = 20.0) -> None:
        """Ask again after all that is heard."""
        async with asyncio.timeout(within_s):
            while not condition():
                self.news.clear()
                await self.news.wait()

    async def until_owned(self, slot: int, port: int, within_s: float = 20.0) -> None:
        """Wait for the map to say who owns a slot."""
        async with asyncio.timeout(within_s):
            while (owner := self.nodes.owner(slot)) is None or owner.port != port:
                await asyncio.sleep(0.02)

    def gapped(self) -> set[bytes]:
        """All channels of which a gap was told."""
        return set().union(*self.gaps)

    def _on_message(self, channel: bytes, payload: bytes) -> None:
        event = unpack(payload.partition(b" ")[2])
        self.heard[channel.decode().rpartition(":")[2]].append(int(event.rev))
        self.news.set()

    def _on_gap(self, channels: frozenset[bytes]) -> None:
        self.gaps.append(channels)
        self.news.set()


@contextlib.asynccontextmanager
async def bus_on(url: str, *, is_cluster: bool) -> AsyncIterator[Bus]:
    """A bus at work."""
    nodes = NodeMap(url, is_cluster=is_cluster)
    redis = connect_redis(nodes, connections=8)
    bus = Bus(nodes, redis)
    tasks = [asyncio.create_task(one.run()) for one in (bus.subscriptions, bus.publisher)]
    try:
        await bus.until(lambda: len(bus.gaps) >= (3 if is_cluster else 1))
        yield bus
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        await redis.aclose()


@pytest.fixture
async def bus(valkey_cluster: ValkeyCluster) -> AsyncIterator[Bus]:
    """A bus on the cluster, connected to the three masters."""
    async with bus_on(valkey_cluster.url, is_cluster=True) as bus:
        yield bus


@pytest.fixture
def users() -> list[str]:
    """A user of each shard."""
    return [str(UUID(bytes=uuid4().bytes[:-1] + bytes([shard]))) for shard in range(64)]
