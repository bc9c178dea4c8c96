"""Limits across processes on a real Redis, and without one."""

import asyncio
import random
from uuid import uuid4

import pytest
import redis.asyncio

from protocol.tokenbucket import Rate
from storage.limits.command_limiter import CommandLimiter
from storage.limits.rate_limiter import LocalBuckets, RateLimiter, SharedBuckets
from storage.redis.guard import RedisAwayError, RedisGuard

SLOW = 0.001
"""Tokens a second: in a test's time nothing refills."""


class Clock:
    """A clock that a test moves."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
async def client(redis_url):
    client = redis.asyncio.Redis.from_url(redis_url, socket_timeout=5)
    yield client
    await client.aclose()


@pytest.fixture
async def away():
    """A Redis that refuses connections."""
    client = redis.asyncio.Redis(host="127.0.0.1", port=1, socket_timeout=1)
    yield client
    await client.aclose()


async def grants(client):
    """How many grants were asked of Redis."""
    return (await client.info("commandstats")).get("cmdstat_evalsha", {"calls": 0})["calls"]


async def given(limiter, user, asks):
    return [await limiter.take(user) for _ in range(asks)].count(None)


async def test_all_processes_take_from_one_bucket(client):
    one, other = RateLimiter(client, RedisGuard()), RateLimiter(client, RedisGuard())
    answers = [await limiter.take("x", 0.5, 4) for limiter in (one, other, one, other, one)]
    assert answers[:4] == [None] * 4
    assert answers[4] == pytest.approx(2, abs=0.2)
    assert await other.take("y", 0.5, 4) is None


async def test_a_cost_is_taken_whole_or_not_at_all(client):
    limiter = RateLimiter(client, RedisGuard())
    assert await limiter.take("x", SLOW, 5, cost=3) is None
    assert await limiter.take("x", SLOW, 5, cost=3) == pytest.approx(1000, rel=0.01)
    assert await limiter.take("x", SLOW, 5, cost=2) is None
    with pytest.raises(ValueError, match="cannot give"):
        LocalBuckets().grant("x", Rate(1, 5), least=6, want=6)


async def test_a_bucket_refills_and_its_key_goes_when_it_is_full(client):
    limiter = RateLimiter(client, RedisGuard())
    assert await limiter.take("x", 20, 1) is None
    wait_s = await limiter.take("x", 20, 1)
    assert wait_s is not None
    assert 0 < wait_s <= 0.05
    assert 0 < await client.pttl("parley:ratelimit:x") <= 50
    # Timers may fire a little early; who waits as told, again if need be, gets through.
    async with asyncio.timeout(5):
        while wait_s is not None:
            await asyncio.sleep(wait_s)
            wait_s = await limiter.take("x", 20, 1)


async def test_the_script_decides_as_the_pure_bucket(client):
    shared, local = SharedBuckets(client, RedisGuard()), LocalBuckets()
    chance = random.Random(7)
    for i in range(300):
        rate = Rate(SLOW, chance.randint(5, 30))
        least = chance.randint(1, 5)
        want = least + chance.choice([0, 0, 3, 10])
        key = f"bucket {i % 20} of {rate.burst}"
        ours = local.grant(key, rate, least=least, want=want)
        theirs = await shared.grant(key, rate, least=least, want=want)
        assert theirs.tokens == pytest.approx(ours.tokens, abs=0.05)
        assert theirs.wait_s == pytest.approx(ours.wait_s, abs=30)


async def test_without_redis_each_process_limits_by_itself(away):
    limiter = RateLimiter(away, RedisGuard())
    async with asyncio.timeout(2):
        answers = [await limiter.take("x", SLOW, 3) for _ in range(4)]
    assert answers[:3] == [None] * 3
    assert answers[3] == pytest.approx(1000, rel=0.01)


async def test_limits_that_are_off(away):
    limiter = RateLimiter(away, RedisGuard(), enabled=False)
    commands = CommandLimiter(away, RedisGuard(), Rate(SLOW, 1), enabled=False)
    assert [await limiter.take("x", SLOW, 1) for _ in range(5)] == [None] * 5
    assert await given(commands, uuid4(), 100) == 100


async def test_the_guard_spares_the_wait_and_tries_again(client):
    clock = Clock()
    guard = RedisGuard(timeout_s=0.05, pause_s=1, clock=clock)
    calls = []

    async def hang():
        calls.append(1)
        await asyncio.Event().wait()

    for _ in range(3):
        with pytest.raises(RedisAwayError):
            await guard.call(hang)
    assert len(calls) == 1
    clock.now += 1
    assert await guard.call(client.ping)


async def test_commands_up_to_the_burst_and_not_one_more(client):
    limiter = CommandLimiter(client, RedisGuard(), Rate(SLOW, 60))
    anna, bob = uuid4(), uuid4()
    assert await given(limiter, anna, 100) == 60
    assert await limiter.take(anna) == pytest.approx(1000, rel=0.01)
    assert await given(limiter, bob, 100) == 60


async def test_ten_commands_cost_one_round_trip_and_refusals_none(client):
    limiter = CommandLimiter(client, RedisGuard(), Rate(SLOW, 60))
    anna = uuid4()
    await client.config_resetstat()
    await asyncio.gather(*(limiter.take(anna) for _ in range(20)))
    assert await given(limiter, anna, 40) == 40
    assert await grants(client) <= 7  # the first one may have had to load the script
    await given(limiter, anna, 500)
    assert await grants(client) <= 8


async def test_commands_of_all_processes_together_stay_within_the_burst(client):
    limiters = [CommandLimiter(client, RedisGuard(), Rate(SLOW, 60)) for _ in range(5)]
    anna = uuid4()
    answers = await asyncio.gather(*(given(limiter, anna, 40) for limiter in limiters))
    assert sum(answers) == 60


async def test_costs_count(client):
    limiter = CommandLimiter(client, RedisGuard(), Rate(SLOW, 20))
    anna = uuid4()
    answers = [await limiter.take(anna, cost) for cost in (5, 5, 0.5, 7, 2.5)]
    assert answers == [None] * 5
    assert await limiter.take(anna) is not None
    assert await limiter.take(uuid4(), 1000) is None  # the whole burst


async def test_tokens_kept_past_a_refill_do_not_come_on_top(client):
    clock = Clock()
    limiter = CommandLimiter(client, RedisGuard(), Rate(1, 20), clock=clock)
    anna = uuid4()
    await limiter.take(anna)
    clock.now += 21
    await client.flushdb()  # as full as Redis would be by then
    assert await given(limiter, anna, 100) == 20


async def test_commands_without_redis_and_after_its_return(client, away):
    clock = Clock()
    limiter = CommandLimiter(away, RedisGuard(clock=clock), Rate(SLOW, 5), clock=clock)
    anna = uuid4()
    async with asyncio.timeout(2):
        assert await given(limiter, anna, 10) == 5
        clock.now += 1000
        assert await given(limiter, anna, 10) == 1
    limiter._shared = SharedBuckets(client, RedisGuard())
    clock.now += 1000
    assert await given(limiter, anna, 10) == 5
