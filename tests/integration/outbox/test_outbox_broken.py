"""Rows of the outbox that do not say what their kind says: every consumer sets them aside."""

from collections.abc import AsyncIterator, Sequence
from uuid import UUID

import asyncpg
import pytest

from server.outbox.consumer import OutboxConsumer
from server.outbox.indexer import indexer
from server.outbox.notifier import notifier, run_teller
from storage.database.postgres import connect_pool
from tests.integration.marketplace import make_conversation, make_users
from tests.integration.outbox.test_outbox import World
from tests.integration.outbox.test_relay import ground_on

PUT = """
    insert into outbox (consumer, kind, conversation_ids, seqs, revs, user_ids, data)
    values ($1, $2, $3, $4, $4, $5, $6) returning id
"""


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[asyncpg.Pool]:
    """Connections to a database of the test's own."""
    pool = await connect_pool(database_url, size=4, statement_timeout_ms=5_000)
    yield pool
    pool.terminate()


def consumer_of(name: str, pool: asyncpg.Pool) -> OutboxConsumer:
    """One of the consumers that every process has."""
    match name:
        case "search":
            return indexer(pool)
        case "notifications":
            return notifier(pool, lambda: None)
        case "message_runs":
            return run_teller(pool, lambda: None)
        case _:
            return ground_on(pool).relay.consumer


async def aside(pool: asyncpg.Pool, consumer: str) -> list[int]:
    """What is set aside, after nothing else was left to do."""
    left = "select count(*) from outbox where consumer = $1"
    assert await pool.fetchval(left, consumer) == 0
    return [row["id"] for row in await pool.fetch("select id from outbox_aside order by id")]


async def worked_off(pool: asyncpg.Pool, consumer: OutboxConsumer) -> None:
    """As often as a row is tried, without the pauses."""
    for _ in range(6):
        await pool.execute("update outbox set available_at = now()")
        await consumer.consume()


CONSUMERS = ("realtime", "search", "notifications")
BROKEN: dict[str, tuple[Sequence[object] | None, Sequence[int | None] | None]] = {
    "more conversations than seqs": (["here", "here"], [1]),
    "more seqs than conversations": (["here"], [1, 2]),
    "no seqs": (["here"], None),
    "no conversations": (None, [1]),
    "nothing": (None, None),
    "nothing at all": ([], []),
    "a conversation without an id": ([None], [1]),
    "a message without a seq": (["here"], [None]),
    "arrays in arrays": ([["here"], ["here"]], [1, 2]),
}


@pytest.mark.parametrize("consumer", CONSUMERS)
@pytest.mark.parametrize("how", BROKEN)
async def test_a_message_that_is_not_named(pool: asyncpg.Pool, consumer: str, how: str) -> None:
    people = await make_users(pool, 2)
    here = await make_conversation(pool, people)

    def named(value: object) -> object:
        return [named(one) for one in value] if isinstance(value, list) else value and here

    conversations, seqs = BROKEN[how]
    put = (consumer, "message.created")
    await pool.execute(PUT, *put, [here], [1], None, None)
    broken = await pool.fetchval(PUT, *put, named(conversations), seqs, None, None)
    await pool.execute(PUT, *put, [here], [2], None, None)
    await worked_off(pool, consumer_of(consumer, pool))
    assert await aside(pool, consumer) == [broken]


@pytest.mark.parametrize("consumer", ["realtime", "notifications"])
async def test_somebody_new_who_is_not_named(pool: asyncpg.Pool, consumer: str) -> None:
    people = await make_users(pool, 2)
    here = await make_conversation(pool, people)
    put = (consumer, "conversation.created")
    two: list[UUID] = [here, here]
    await pool.execute(PUT, *put, two, [1, 1], people, None)
    broken = [
        await pool.fetchval(PUT, *put, conversations, [1, 1], users, None)
        for conversations, users in ((two, people[:1]), (two, None), ([here], people))
    ]
    await worked_off(pool, consumer_of(consumer, pool))
    assert await aside(pool, consumer) == broken
    said = await pool.fetchval("select error from outbox_aside order by id")
    revs = "2 of revs, " if consumer == "realtime" else ""
    columns = f"2 of conversation_ids, {revs}1 of user_ids"
    assert said == f"BrokenRowError: references do not belong together: {columns}"


async def test_messages_that_are_not_named_later(pool: asyncpg.Pool) -> None:
    people = await make_users(pool, 2)
    here = await make_conversation(pool, people)
    put = ("message_runs", "message.created")
    again = ("message_runs", "message.again")
    await pool.execute(PUT, *put, [here], [1], None, None)
    await pool.execute(PUT, *again, [here], [1], people[:1], None)
    broken = [
        await pool.fetchval(PUT, *row, conversations, seqs, users, None)
        for row, conversations, seqs, users in (
            (put, None, None, None),
            (put, [], [], None),
            (put, [here], None, None),
            (put, [here, here], [1], None),
            (put, [here, None], [1, 2], None),
            (put, [[here]], [1], None),
            (again, [here], [1], None),
            (again, [here], [1], people),
            (again, [here], None, people[:1]),
            (again, [here], [1], [None]),
        )
    ]
    await pool.execute(PUT, *put, [here], [1], None, None)
    await worked_off(pool, consumer_of("message_runs", pool))
    assert await aside(pool, "message_runs") == broken


@pytest.mark.parametrize("is_leased", [True, False])
async def test_data_that_python_cannot_hold(pool: asyncpg.Pool, owner, is_leased) -> None:
    await owner.execute("create table words_of_test (id bigint primary key, n int)")
    world = World(pool, is_leased=is_leased)
    good = await world.put("good")
    broken = await pool.fetchval(PUT, "copies", "good", None, None, None, '{"n": 1e400}')
    good += await world.put("good")
    await worked_off(pool, world.consumer)
    assert await aside(pool, "copies") == [broken]
    assert sorted(set(world.done)) == good
