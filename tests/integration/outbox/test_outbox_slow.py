"""Consumers of the outbox whose batches take too long: the next ones are smaller."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import asyncpg
import pytest

from protocol.errors import RequestError
from protocol.objects import Message
from server.outbox import claiming
from storage.database.bounded import database_within
from storage.database.postgres import connect_pool
from storage.messages.message_events import Ref
from storage.messages.reader import READ_S, MessageReader
from tests.integration.marketplace import make_conversation, make_users
from tests.integration.outbox.test_outbox import PACE, World, running
from tests.integration.outbox.test_relay import _Messages, ground_on, store, waiting

BOUND_MS = 300
SLOW_S = 0.05
"""A batch of five is in time, on a machine that does nothing else."""
ROWS = 24


@pytest.fixture(params=["leased", "transacted", "a round"])
async def world(
    database_url: str,
    owner: asyncpg.Connection,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[World]:
    """A consumer of which a statement, or a round, takes 300 ms at most."""
    bound_ms = BOUND_MS
    if request.param == "a round":
        bound_ms = 5_000
        monkeypatch.setattr(claiming, "ROUND_S", BOUND_MS / 1000)
    pool = await connect_pool(database_url, size=4, statement_timeout_ms=bound_ms)
    await owner.execute("create table words_of_test (id bigint primary key, n int)")
    yield World(pool, is_leased=request.param == "leased")
    pool.terminate()


async def test_a_batch_that_takes_too_long_is_made_smaller_until_it_does_not(
    world: World, logs
) -> None:
    world.slow_s = SLOW_S
    rows = await world.put("good", ROWS)
    async with running(world.consumer), asyncio.timeout(40):
        while await world.left():
            await asyncio.sleep(0.02)
    assert sorted(world.done) == rows
    assert max(world.attempts) < ROWS / 2
    assert await world.aside() == []
    assert world.consumer.batch.rows < PACE.batch.rows
    said = [one["rows"] for one in logs if one["event"] == "outbox_waits"]
    assert said[:2] == [PACE.batch.rows // 2, PACE.batch.rows // 4]


@pytest.mark.parametrize("world", ["transacted"], indirect=True)
async def test_a_row_that_is_too_slow_by_itself_is_set_aside(world: World) -> None:
    rows = await world.put("good", 5)
    world.stuck = {rows[1]}
    async with running(world.consumer), asyncio.timeout(40):
        while await world.left():
            await asyncio.sleep(0.02)
    assert sorted(world.done) == [row for row in rows if row not in world.stuck]
    assert await world.aside() == [(rows[1], "good", "QueryCanceledError 57014", 3)]


async def test_it_grows_back_when_batches_are_in_time(world: World) -> None:
    world.slow_s = SLOW_S
    await world.put("good", ROWS)
    for _ in range(3):
        with pytest.raises((RequestError, asyncpg.QueryCanceledError, TimeoutError)):
            await world.consumer.consume()
    small = world.consumer.batch
    assert small.rows == PACE.batch.rows // 8
    world.slow_s = 0.0
    await world.put("good", PACE.batch.rows * 4)
    while await world.left():
        await world.consumer.consume()
    assert world.attempts[:4] == [small.rows] * 4
    assert sorted(world.attempts) == world.attempts
    assert world.attempts[-1] > small.rows * 4
    while world.consumer.batch != PACE.batch:
        await world.put("good")
        assert (await world.consumer.consume()).rows == 1


@pytest.mark.parametrize("is_behind", [False, True])
async def test_the_relay_tells_less_at_once_too(
    database_url: str, monkeypatch: pytest.MonkeyPatch, is_behind
) -> None:
    pool = await connect_pool(database_url, size=4, statement_timeout_ms=BOUND_MS)

    async def slowly(reader: MessageReader, refs: Sequence[Ref]) -> dict[Ref, Message]:
        async with database_within(READ_S):
            await pool.execute("select pg_sleep($1)", SLOW_S * len(refs))
        return await MessageReader.by_refs(reader, refs)

    monkeypatch.setattr(_Messages, "by_refs", slowly)
    ground = ground_on(pool)
    people = await make_users(pool, 2)
    here = await make_conversation(pool, people, "direct")
    for _ in range(ROWS):
        await store(pool, here, people[0])
    ground.kept.is_behind = is_behind
    async with running(ground.relay.consumer), asyncio.timeout(40):
        while await waiting(pool):
            await asyncio.sleep(0.02)
    assert [int(event.rev) for event in ground.events] == [*range(2, ROWS + 2)]
    pool.terminate()
