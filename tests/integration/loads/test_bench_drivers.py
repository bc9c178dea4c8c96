"""The load drivers against Parley itself: they read its frames by position, as it writes them."""

import asyncio
import time

import pytest

from loadtests.bench.drivers import seats
from loadtests.bench.target.accounts import Login

RUN_S = 1.5


@pytest.fixture
def ws_url(app):
    return f"ws://127.0.0.1:{app.app.ws_port}/v1/ws"


@pytest.fixture
def logins(app):
    async def logins(count):
        people = await app.people(*(f"person {number}" for number in range(count)))
        return [Login(str(each.id), each.token, time.time() + 900) for each in people]

    return logins


@pytest.fixture
def stored(app):
    async def stored():
        return await app.app.core.foundation.pool.fetchval("select count(*) from messages")

    return stored


@pytest.mark.parametrize("with_receipts", [False, True])
async def test_pairs_talk_and_all_is_stored(ws_url, logins, stored, with_receipts):
    people = await logins(4)

    def talk():
        turns = seats.pairs(ws_url, people)
        try:
            turns.with_receipts = with_receipts
            turns.begin()
            counts = turns.run(RUN_S)
            turns.end()
        finally:
            turns.close()
        return turns.sent, counts

    sent, counts = await asyncio.to_thread(talk)
    assert sent > 2
    assert await stored() == sent
    assert bool(counts.receipts) == with_receipts


@pytest.mark.parametrize("members", [3, 40])
async def test_every_member_is_told_what_one_says(ws_url, logins, stored, members):
    """Below and above the size from which a conversation has a channel of its own."""
    people = await logins(1 + members)

    def talk():
        audience = seats.group(ws_url, people)
        try:
            audience.begin(8)
            counts = audience.run(RUN_S)
            audience.end()
        finally:
            audience.close()
        return audience.sent, counts

    sent, counts = await asyncio.to_thread(talk)
    assert sent > 8
    assert await stored() == sent
    assert counts.deliveries > members
    assert counts.to_received
