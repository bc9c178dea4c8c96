"""Leases in order: no row is taken while another living process has an older one."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import asyncpg
import pytest

from storage.database.postgres import connect_pool
from storage.outbox.leases import RowLeases
from storage.outbox.rows import Batch, OutboxRow
from tests.integration.outbox.test_relay import alive

ALL = Batch(100, 1_000)
ONE = Batch(1, 1)
KINDS = ("domain",)


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[asyncpg.Pool]:
    """Connections to a database of the test's own."""
    pool = await connect_pool(database_url, size=12, statement_timeout_ms=20_000)
    yield pool
    pool.terminate()


async def put(pool: asyncpg.Pool, count: int) -> list[int]:
    """Rows of the consumer; their ids."""
    rows = await pool.fetch(
        "INSERT INTO outbox (consumer, kind, user_ids, data) "
        "SELECT 'domain', 'domain', ARRAY[uuid7()], '{}' FROM generate_series(1, $1) RETURNING id",
        count,
    )
    return [row["id"] for row in rows]


def leases_of(pool: asyncpg.Pool, owner: UUID) -> RowLeases:
    return RowLeases(pool, owner, "domain", in_order=True)


async def taken(leases: RowLeases, batch: Batch = ALL) -> list[int]:
    """The ids that one call leases."""
    return [row.id for row in (await leases.waiting(KINDS, batch)).rows]


async def test_nobody_takes_rows_behind_those_of_a_living_process(pool: asyncpg.Pool) -> None:
    first, second = uuid4(), uuid4()
    ids = await put(pool, 3)
    one, two = leases_of(pool, first), leases_of(pool, second)
    async with alive(pool, first), alive(pool, second):
        assert await taken(one, ONE) == ids[:1]
        assert await taken(two) == []
        # Its own rows hold up nobody: a process that has failed begins with them again.
        assert await taken(one) == ids
        assert await taken(two) == []
        await pool.execute(
            "UPDATE outbox SET available_at = clock_timestamp() WHERE id = $1", ids[0]
        )
        # The lease of the first has ended, those behind it have not.
        assert await taken(two) == ids[:1]
        assert await taken(one) == []
        await two.delete([_row(ids[0])])
        assert await taken(two) == []
        assert await taken(one) == ids[1:]


async def test_rows_of_the_dead_are_taken_at_once_and_first(pool: asyncpg.Pool) -> None:
    first, second = uuid4(), uuid4()
    ids = await put(pool, 2)
    async with alive(pool, second):
        async with alive(pool, first):
            assert await taken(leases_of(pool, first)) == ids
            ids += await put(pool, 1)
            assert await taken(leases_of(pool, second)) == []
        claim = await leases_of(pool, second).waiting(KINDS, ALL)
    assert [row.id for row in claim.rows] == ids
    assert [row.owner for row in claim.rows] == [first, first, None]
    assert all(row.fence < claim.leased_at for row in claim.rows)


async def test_a_row_that_has_failed_waits_and_holds_up_nobody(pool: asyncpg.Pool) -> None:
    ids = await put(pool, 2)
    await pool.execute(
        "UPDATE outbox SET tries = 1, available_at = clock_timestamp() + interval '1 hour' "
        "WHERE id = $1",
        ids[0],
    )
    assert await taken(leases_of(pool, uuid4())) == ids[1:]


async def test_while_one_leases_nobody_else_does(pool: asyncpg.Pool) -> None:
    """Otherwise a second one would pass over the rows that are just being taken."""
    ids = await put(pool, 1)
    first, second = uuid4(), uuid4()
    async with alive(pool, first), alive(pool, second), pool.acquire() as connection:
        async with connection.transaction():
            rows = await connection.fetch(
                "SELECT id FROM lease_in_order('domain', '{domain}', 1, 1, $1, 1.5)", first
            )
            assert [row["id"] for row in rows] == ids
            ids += await put(pool, 1)
            assert await taken(leases_of(pool, second)) == []
        assert await taken(leases_of(pool, second)) == []


async def test_a_lease_that_is_just_being_renewed_is_waited_for(
    pool: asyncpg.Pool, owner: asyncpg.Connection
) -> None:
    """Passing over its row would take the newer one first."""
    ids = await put(pool, 2)
    first, second = uuid4(), uuid4()
    async with alive(pool, first), alive(pool, second):
        await pool.execute("UPDATE outbox SET owner = $1 WHERE id = $2", first, ids[0])
        async with pool.acquire() as connection:
            transaction = connection.transaction()
            await transaction.start()
            # Its lease had ended, and it renews it.
            await connection.execute(
                "UPDATE outbox SET available_at = clock_timestamp() + interval '1 hour' "
                "WHERE id = $1",
                ids[0],
            )
            asking = asyncio.create_task(taken(leases_of(pool, second)))
            await _waits_for_a_lock(owner)
            await transaction.commit()
            assert await asking == []


async def test_many_take_turns_and_none_overtakes(pool: asyncpg.Pool) -> None:
    told: list[int] = []
    total = 300

    async def work(owner: UUID) -> None:
        leases = leases_of(pool, owner)
        async with alive(pool, owner):
            while len(told) < total:
                claim = await leases.waiting(KINDS, Batch(7, 7))
                for row in claim.rows:
                    told.append(row.id)
                    await asyncio.sleep(0)
                if claim.rows:
                    await leases.delete(claim.rows)

    async def fill() -> None:
        for _ in range(total // 5):
            await put(pool, 5)

    async with asyncio.timeout(60):
        await asyncio.gather(fill(), *(work(uuid4()) for _ in range(4)))
    assert told == sorted(told)
    assert len(set(told)) == total


async def _waits_for_a_lock(owner: asyncpg.Connection) -> None:
    async with asyncio.timeout(10):
        while not await owner.fetchval(
            "SELECT count(*) FROM pg_stat_activity "
            "WHERE datname = current_database() AND wait_event_type = 'Lock'"
        ):
            await asyncio.sleep(0.01)


def _row(row_id: int) -> OutboxRow:
    row = object.__new__(OutboxRow)
    object.__setattr__(row, "id", row_id)
    return row
