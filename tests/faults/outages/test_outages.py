"""Redis or PostgreSQL fails in every way there is, under people who talk over two nodes.

In the end everybody holds everything in order and was told each message once, whatever happened;
meanwhile commands are answered in time, and nothing is started again but what failed.
"""

import contextlib

import pytest

from client.connection import reconnect
from loadtests.chaos.servers.proxy import Way
from storage.bus import subscriber
from tests.faults.conftest import kill
from tests.faults.seams import redis_is_back, shorten_waits
from tests.faults.talking import (
    BACK_S,
    asking,
    is_gone,
    is_silent,
    speaks_again,
    staged,
    talking,
)

REDIS_BOUND_S = 3.0
DATABASE_BOUND_S = 6.0
"""For anything that a client asks for meanwhile."""
PEOPLE = ("anna", "ben", "cora")

pytestmark = pytest.mark.timeout(120)


@pytest.fixture(autouse=True)
def waits_are_short(monkeypatch):
    """Until a peer that says nothing is taken for lost, and until a client sends once more."""
    shorten_waits(monkeypatch)
    monkeypatch.setattr(subscriber, "PING_S", 0.5)
    monkeypatch.setattr(reconnect, "RESEND_S", 0.2)


@pytest.fixture
async def stage(serve, valkey, database_url):
    async with staged(serve, valkey.url(), database_url) as stage:
        yield stage


@contextlib.asynccontextmanager
async def gone(proxy):
    is_gone(proxy)
    yield
    proxy.refuse(on=False)


@contextlib.asynccontextmanager
async def slow(proxy):
    """Two seconds on the way there."""
    proxy.delay(Way.FORTH, 2.0)
    yield
    proxy.delay(Way.FORTH, 0.0)


@contextlib.asynccontextmanager
async def silent(proxy):
    is_silent(proxy)
    yield
    speaks_again(proxy)


FAULTS = {"gone": gone, "slow": slow, "silent": silent}


@pytest.mark.parametrize("how", list(FAULTS))
async def test_redis_is_away(stage, clock, how):
    async with talking(stage.nodes, *PEOPLE) as talk:
        asked = await asking(stage.nodes)
        await talk.goes_on()
        async with FAULTS[how](stage.redis):
            await asked.answers(clock, REDIS_BOUND_S)
        with clock.time(f"recovered, Redis was {how}", BACK_S):
            await talk.goes_on()
        for node in stage.nodes:
            await redis_is_back(node)


@pytest.mark.parametrize("how", list(FAULTS))
async def test_postgresql_is_away(stage, clock, how):
    async with talking(stage.nodes, *PEOPLE) as talk:
        asked = await asking(stage.nodes)
        await talk.goes_on()
        async with FAULTS[how](stage.database):
            await asked.answers(clock, DATABASE_BOUND_S, refusals=True)
        with clock.time(f"recovered, PostgreSQL was {how}", BACK_S):
            await talk.goes_on()


async def test_redis_is_flushed(stage, valkey, clock):
    """Under live traffic, again and again: logs, places and presence are gone."""
    redis = stage.nodes[0].app.core.foundation.redis
    async with talking(stage.nodes, *PEOPLE) as talk:
        for _ in range(3):
            await talk.goes_on(1)
            await redis.flushall()
            with clock.time("recovered, Redis was flushed", BACK_S):
                await talk.goes_on()


@pytest.mark.parametrize("is_older", [False, True], ids=["empty", "older"])
async def test_redis_is_killed(stage, valkey, clock, is_older):
    """It comes back empty, or as it was a while ago: what it says of the logs is no longer true."""
    redis = stage.nodes[0].app.core.foundation.redis
    async with talking(stage.nodes, *PEOPLE) as talk:
        await talk.goes_on()
        if is_older:
            await redis.save()
            await talk.goes_on()
        kill(valkey.pid)
        await valkey.stop()
        await valkey.start()
        with clock.time("recovered, Redis was killed", BACK_S):
            await talk.goes_on()


@pytest.mark.parametrize("which", ["redis", "database"])
async def test_connections_are_reset_in_the_middle_of_a_frame(stage, clock, which):
    """In both directions: half a command, half an answer."""
    proxy = getattr(stage, which)
    async with talking(stage.nodes, *PEOPLE) as talk:
        for count, way in enumerate((Way.FORTH, Way.BACK) * 2):
            await talk.goes_on(1)
            for link in list(proxy.links):
                link.reset_after(way, 10 + 37 * count)
            with clock.time(f"recovered, links of the {which} were reset", BACK_S):
                await talk.goes_on(1)


async def test_postgresql_is_restarted(serve, postgres, redis_url, clock):
    async with (
        staged(serve, redis_url, postgres.dsn()) as stage,
        talking(stage.nodes, *PEOPLE) as talk,
    ):
        await talk.goes_on()
        await postgres.stop()
        await postgres.start()
        with clock.time("recovered, PostgreSQL was restarted", BACK_S):
            await talk.goes_on()
