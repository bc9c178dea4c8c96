"""The servers and the house of these tests."""

import pytest
import redis.asyncio

from storage.database.postgres import connect_pool
from storage.redis.client import connect_redis
from storage.redis.node_map import NodeMap
from tests.integration.identity.house import House


@pytest.fixture
async def pool(database_url):
    pool = await connect_pool(database_url, size=5, statement_timeout_ms=5000)
    yield pool
    await pool.close()


@pytest.fixture
async def client(redis_url):
    client = connect_redis(NodeMap(redis_url, is_cluster=False), connections=32)
    yield client
    await client.aclose()


@pytest.fixture
async def house(pool, client):
    house = House(pool, client)
    yield house
    house.passwords.close()


@pytest.fixture
async def away():
    """A Redis that refuses connections."""
    client = redis.asyncio.Redis(host="127.0.0.1", port=1, socket_timeout=1)
    yield client
    await client.aclose()
