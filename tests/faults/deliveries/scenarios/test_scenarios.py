"""Random scenarios on the real tables, consumers and workers, judged by an oracle.

Nothing redundant leaves the house and nothing is missing, whoever dies: what goes twice went when a
worker died, with the same Message-ID or topic. Badges are what the inbox shows. The suite plays a
few; `PARLEY_SCENARIOS=5000` plays so many, `PARLEY_SCENARIO=17` begins with that one.
"""

import os
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable

import asyncpg
import pytest

from storage.people import activity
from storage.people.activity import Activity
from storage.redis.calls import RedisCalls
from storage.redis.client import connect_redis
from storage.redis.guard import RedisGuard
from storage.redis.node_map import NodeMap
from tests.faults.deliveries.scenarios.playing import Played
from tests.faults.deliveries.scenarios.script import Scenario, drawn
from tests.faults.deliveries.scenarios.stage import stage_on
from tests.faults.deliveries.scenarios.workers import Workers

ALL = int(os.environ.get("PARLEY_SCENARIOS", "30"))
FIRST = int(os.environ.get("PARLEY_SCENARIO", "0"))

Play = Callable[[Scenario], Awaitable[Played]]


@pytest.fixture
async def play(
    database_url: str,
    redis_url: str,
    owner: asyncpg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Play]:
    """Plays a scenario to its end. Commands come to another node than that of the workers."""
    redis = connect_redis(NodeMap(redis_url, is_cluster=False), connections=4)
    calls = RedisCalls(redis, RedisGuard())
    async with stage_on(database_url, owner) as stage:
        monkeypatch.setattr(activity, "time", stage.clock)
        door, workers = Activity(calls), Workers(stage.pool, Activity(calls).until)

        async def play(scenario: Scenario) -> Played:
            played = Played(stage, workers, door, owner, scenario)
            await played.play()
            return played

        yield play
    await calls.close()
    await redis.aclose()


@pytest.mark.timeout(60 + 5 * ALL)
async def test_nothing_is_redundant_and_nothing_is_missing(play: Play) -> None:
    figures: Counter[str] = Counter()
    for number in range(FIRST, FIRST + ALL):
        scenario = drawn(random.Random(number))
        played = await play(scenario)
        assert not played.wrong, (number, played.wrong, scenario)
        figures.update(sent=played.oracle.count, doubled=played.oracle.doubled)
    # The scenarios are worth something: much is sent, and deaths double some of it.
    assert figures["sent"] > 5 * ALL
    assert figures["doubled"]
