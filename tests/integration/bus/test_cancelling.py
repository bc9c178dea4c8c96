"""Who is cancelled while Redis is asked does not go on.

redis-py bounds writes by `asyncio.wait_for` where a socket has a timeout. Before Python 3.12 that
loses a cancellation which comes when the write is done. Our sockets have none: guards bound calls.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable

import pytest
from redis.asyncio import Redis

from storage.redis.client import connect_redis
from storage.redis.guard import RedisGuard
from storage.redis.node_map import NodeMap

AT_ONCE, ROUNDS = 20, 60


@pytest.fixture
async def client(redis_url):
    client = connect_redis(NodeMap(redis_url, is_cluster=False), connections=AT_ONCE)
    yield client
    await client.aclose()


async def _asked(client: Redis) -> None:
    await client.get("parley:nothing")


async def _guarded(client: Redis) -> None:
    await RedisGuard().call(lambda: client.get("parley:nothing"))


async def _together(client: Redis) -> None:
    pipeline = client.pipeline(transaction=False)
    pipeline.get("parley:nothing")
    await pipeline.execute()


@pytest.mark.parametrize("ask", [_asked, _guarded, _together])
async def test_no_cancellation_is_lost(client, ask: Callable[[Redis], Awaitable[None]]):
    went_on, ends = 0, Counter[str]()

    async def one() -> None:
        nonlocal went_on
        await ask(client)
        await asyncio.sleep(0)
        if (task := asyncio.current_task()) is not None and task.cancelling():
            went_on += 1

    clock = asyncio.get_running_loop().time
    began = clock()
    await asyncio.gather(*(ask(client) for _ in range(AT_ONCE)))
    whole_s = clock() - began
    for number in range(ROUNDS):
        tasks = [asyncio.create_task(one()) for _ in range(AT_ONCE)]
        # Each round cancels at another moment: while connecting, writing, reading.
        await asyncio.sleep(whole_s * number / ROUNDS)
        for task in tasks:
            task.cancel()
        for end in await asyncio.gather(*tasks, return_exceptions=True):
            ends[type(end).__name__] += 1
    assert ends["CancelledError"]
    assert set(ends) <= {"CancelledError", "NoneType"}, ends
    assert went_on == 0
