"""What the relay leases: whose rows are taken when, and what one that is late may still tell."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from redis.asyncio import Redis

from protocol.bus import BusEvent, pack, unpack
from server.outbox.relay import BATCH
from storage.bus.publisher import DURABLE, Publication, Publisher
from storage.database.postgres import connect_pool
from storage.outbox.leases import LEASE_S, LeaseLostError, RowLeases
from storage.redis.keys import user_log
from tests.integration.marketplace import make_conversation, make_users
from tests.integration.outbox.test_relay import (
    Ground,
    alive,
    ground_on,
    make_old,
    publish_fresh,
    store,
    waiting,
)

_OWNER = UUID("01900000-0000-7000-8000-000000000009")
IDLE = (
    "select count(*) from pg_stat_activity where datname = current_database() "
    "and state like 'idle in transaction%'"
)


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[asyncpg.Pool]:
    """Connections to a database of the test's own."""
    pool = await connect_pool(database_url, size=6, statement_timeout_ms=20_000)
    yield pool
    pool.terminate()


@pytest.fixture
async def ground(pool: asyncpg.Pool) -> Ground:
    """A relay at rest."""
    return ground_on(pool)


async def test_no_transaction_is_open_while_redis_is_waited_for(
    ground: Ground, pool: asyncpg.Pool, owner: asyncpg.Connection
) -> None:
    people = await make_users(pool, 2)
    here = await make_conversation(pool, people, "direct")
    await store(pool, here, people[0])
    ground.kept.gate.clear()
    telling = asyncio.create_task(publish_fresh(ground.relay))
    await ground.kept.entered.wait()
    assert await owner.fetchval(IDLE) == 0
    free = await pool.fetch("select id from outbox for update skip locked")
    assert len(free) == await pool.fetchval("select count(*) from outbox")
    ground.kept.gate.set()
    await telling
    await ground.published.sweep()
    assert await waiting(pool) == 0


async def test_the_rows_of_a_relay_that_dies_are_taken_at_once(
    ground: Ground, pool: asyncpg.Pool
) -> None:
    people = await make_users(pool, 2)
    here = await make_conversation(pool, people, "direct")
    other = ground_on(pool)
    await store(pool, here, people[0])
    async with alive(pool, ground.published.owner):
        ground.kept.gate.clear()
        telling = asyncio.create_task(ground.relay.publish_waiting())
        await ground.kept.entered.wait()
        await other.relay.publish_waiting()
        assert other.events == [], "it lives"
    # The connection that held its lease is gone, and with it the lease and the turn.
    await other.relay.publish_waiting()
    assert [event.rev for event in other.events] == [b"2"]
    assert other.publications[0].repeat_ms > 0
    telling.cancel()
    await asyncio.wait([telling])
    assert await waiting(pool) == 0


async def test_the_rows_of_a_relay_that_lives_are_its_own_for_a_while(
    ground: Ground, pool: asyncpg.Pool
) -> None:
    people = await make_users(pool, 2)
    here = await make_conversation(pool, people, "direct")
    other = ground_on(pool)
    outbox_id = await store(pool, here, people[0])
    async with alive(pool, ground.published.owner):
        ground.kept.gate.clear()
        telling = asyncio.create_task(ground.relay.publish_waiting())
        await ground.kept.entered.wait()
        left_s = await pool.fetchval(
            "select extract(epoch from available_at - now())::float8 from outbox where id = $1",
            outbox_id,
        )
        assert LEASE_S - 0.5 < left_s <= LEASE_S
        await other.relay.publish_waiting()
        assert other.events == []
        await pool.execute("update outbox set available_at = now()")
        await pool.execute("update outbox_turns set until = now()")
        await other.relay.publish_waiting()
        assert [event.rev for event in other.events] == [b"2"]
        ground.kept.gate.set()
        await telling


async def test_what_redis_refuses_is_given_back(ground: Ground, pool: asyncpg.Pool) -> None:
    """A process that cannot reach Redis keeps nothing from one that can."""
    people = await make_users(pool, 2)
    here = await make_conversation(pool, people, "direct")
    other = ground_on(pool)
    for _ in range(3):
        await store(pool, here, people[0])
    async with alive(pool, ground.published.owner):
        ground.kept.is_away = True
        with pytest.raises(Exception, match="Redis is not available"):
            await ground.relay.publish_waiting()
        await other.relay.publish_waiting()
    assert [event.rev for event in other.events] == [b"2", b"3", b"4"]


async def test_a_row_that_cannot_be_built_does_not_keep_the_others(
    ground: Ground, pool: asyncpg.Pool
) -> None:
    people = await make_users(pool, 2)
    here = await make_conversation(pool, people, "direct")
    for _ in range(4):
        await store(pool, here, people[0])
    await pool.execute(
        "insert into outbox (consumer, kind, conversation_ids, seqs, revs) "
        "values ('realtime', 'message.created', $1, '{1,2}', '{2}'), "
        "('realtime', 'bogus.kind', $1, '{1}', '{2}'), "
        "('realtime', 'notification.created', $1, null, null)",
        [here],
    )
    for _ in range(4):
        await store(pool, here, people[0])
    await ground.relay.publish_waiting()
    assert {int(event.rev) for event in ground.events} == set(range(2, 10))
    left = await pool.fetch(
        "select kind, tries from outbox where consumer = 'realtime' order by id"
    )
    assert [tuple(row) for row in left] == [
        ("message.created", 1),
        ("bogus.kind", 0),
        ("notification.created", 1),
    ]
    for _ in range(2):
        await pool.execute("update outbox set available_at = now()")
        await ground.relay.publish_waiting()
    aside = await pool.fetch("select kind, tries from outbox_aside order by id")
    assert [tuple(row) for row in aside] == [("message.created", 3), ("notification.created", 3)]
    # What nobody here knows is no backlog.
    await make_old(pool, 600)
    await ground.relay.publish_waiting()
    assert not ground.kept.is_behind


async def test_a_lease_is_renewed_until_others_have_the_rows(pool: asyncpg.Pool) -> None:
    one, other = (RowLeases(pool, uuid4(), "copies") for _ in range(2))
    await pool.execute("insert into outbox (consumer, kind) values ('copies', 'gigs')")
    async with alive(pool, one.owner):
        claim = await one.fresh(["gigs"], BATCH)
        leased_at = claim.leased_at
        await one.renew(claim)
        assert claim.leased_at > leased_at
        assert (await other.waiting(["gigs"], BATCH)).rows == []
    taken = await other.waiting(["gigs"], BATCH)
    assert [(row.owner, row.fence >= leased_at) for row in taken.rows] == [(one.owner, True)]
    with pytest.raises(LeaseLostError):
        await one.renew(claim)


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    """A client of the test's own."""
    async with Redis.from_url(redis_url) as client:
        yield client


def event(number: int, person: str, lease: str, repeat_ms: int = 0) -> Publication:
    """A durable event of a person."""
    body = pack(BusEvent(b"message.created", b"c.%d" % number, b"c", b"%d" % number, d=b"{}"))
    return Publication(body, [person], DURABLE, repeat_ms, lease)


async def told(redis: Redis, person: str) -> list[int]:
    """What stands in a person's log."""
    entries: Any = await redis.xrange(user_log(person))
    return [int(unpack(fields[b"e"]).rev) for _id, fields in entries if b"e" in fields]


async def open_log(redis: Redis, person: str) -> None:
    await redis.xadd(user_log(person), {"b": "the id of this log"})


async def publish(publisher: Publisher, events: Iterable[Publication]) -> bool:
    async with asyncio.timeout(5):
        return await publisher.publish_and_wait(list(events))


@pytest.fixture
async def publisher(redis: Redis) -> AsyncIterator[Publisher]:
    one = Publisher(redis, max_entries=1_000, max_bytes=262_144)
    task = asyncio.create_task(one.run())
    yield one
    task.cancel()
    await asyncio.wait([task])


async def test_a_relay_that_is_late_is_refused(redis: Redis, publisher: Publisher) -> None:
    person, late, next_one = str(uuid4()), uuid4(), uuid4()
    await open_log(redis, person)
    rows = range(1, 101)
    # The late one had told half of it when another took its rows.
    assert await publish(publisher, [event(n, person, f"{late} 1000") for n in range(1, 51)])
    takes = f"{next_one} 2000 {late} 1500"
    assert await publish(publisher, [event(n, person, takes, 60_000) for n in rows])
    assert await publish(publisher, [event(101, person, f"{next_one} 2500")])
    with pytest.raises(LeaseLostError):
        await publish(publisher, [event(n, person, f"{late} 1000") for n in rows])
    assert await told(redis, person) == [*rows, 101]
    assert not publisher.is_behind
    # What it leases from now on is its own again.
    assert await publish(publisher, [event(102, person, f"{late} 1501")])
    assert await told(redis, person) == [*rows, 101, 102]


async def test_what_was_told_twice_stands_in_the_log_once_however_much_there_is(
    redis: Redis, publisher: Publisher
) -> None:
    people = [str(uuid4()) for _ in range(3)]
    for person in people:
        await open_log(redis, person)
    rows = range(1, 201)
    first = [event(n, person, f"{_OWNER} 1000") for n in rows for person in people]
    again = [event(n, person, f"{_OWNER} 2000", 60_000) for n in rows for person in people]
    assert await publish(publisher, first)
    assert await publish(publisher, again)
    for person in people:
        assert await told(redis, person) == list(rows)
