"""How long an answer of Redis is waited for."""

import asyncio
import time

import pytest

from storage.redis.guard import RedisAwayError, RedisGuard


async def answered_after(seconds: float) -> str:
    await asyncio.sleep(seconds)
    return "pong"


async def test_a_process_that_stood_still_takes_the_answer():
    call = asyncio.create_task(RedisGuard(0.2).call(lambda: answered_after(0.05)))
    await asyncio.sleep(0)
    time.sleep(0.4)  # noqa: ASYNC251 - the whole loop is to stand still
    assert await call == "pong"


async def test_who_does_not_answer_is_away_and_spared_for_a_moment():
    guard = RedisGuard(0.05, pause_s=60)
    with pytest.raises(RedisAwayError):
        await guard.call(lambda: answered_after(60))
    with pytest.raises(RedisAwayError):
        await guard.call(lambda: answered_after(0))


async def test_who_is_cancelled_is_not_told_that_redis_is_away():
    call = asyncio.create_task(RedisGuard(60).call(lambda: answered_after(60)))
    await asyncio.sleep(0.01)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
