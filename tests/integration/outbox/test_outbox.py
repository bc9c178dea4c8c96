"""Consumers of the outbox: rows that fail in themselves, kinds that fail, kinds nobody knows."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from uuid import uuid4

import asyncpg
import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from server.outbox.claiming import Leased, Transacted
from server.outbox.consumer import OutboxConsumer, Pace
from storage.database.bounded import database_within
from storage.database.postgres import connect_pool
from storage.messages.reader import READ_S
from storage.outbox.failed_rows import OutboxFailures, Patience
from storage.outbox.leases import RowLeases
from storage.outbox.rows import Batch, Connection, OutboxRow, claim_of
from storage.outbox.set_aside import Choice, drop_aside, list_aside, retry_aside

KINDS = ("good", "weak", "other")
PATIENCE = Patience(pauses_s=(0.0, 0.0), pause_s=60.0)
PACE = Pace(Batch(rows=64, refs=1_000), poll_s=0.05, retry_s=0.05, retry_max_s=0.05)


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[asyncpg.Pool]:
    """Connections to a database of the test's own."""
    pool = await connect_pool(database_url, size=4, statement_timeout_ms=5_000)
    yield pool
    pool.terminate()


class World:
    """A consumer whose handler refuses rows that say so, and what it was given."""

    def __init__(
        self, pool: asyncpg.Pool, *, is_leased: bool, patience: Patience = PATIENCE
    ) -> None:
        self.pool = pool
        self.done: list[int] = []
        self.attempts: list[int] = []
        """The rows of each attempt."""
        self.away: Exception | None = None
        self.is_mended = False
        self.slow_s = 0.0
        """What PostgreSQL takes for each row."""
        self.stuck: set[int] = set()
        """Rows of which each takes a minute, where they are handled in a transaction."""
        self.failures = failures = OutboxFailures(pool, "copies", KINDS, patience)
        leases = RowLeases(pool, uuid4(), "copies")

        async def leased(_claim: object, rows: Sequence[OutboxRow]) -> None:
            async with database_within(READ_S):
                await pool.execute("select pg_sleep($1)", self.slow_s * len(rows))
            await self._handle(rows)

        async def transacted(connection: Connection, rows: Sequence[OutboxRow]) -> None:
            ids = [row.id for row in rows]
            await connection.execute(
                "insert into words_of_test select unnest($1::bigint[]), 1", ids
            )
            stuck_s = 60.0 * len(self.stuck.intersection(ids))
            await connection.execute("select pg_sleep($1)", self.slow_s * len(rows) + stuck_s)
            await self._handle(rows)

        self.form = (
            Leased(pool, failures, leases, leased)
            if is_leased
            else Transacted(pool, failures, claim_of("copies"), transacted)
        )
        self.consumer = OutboxConsumer("copies", self.form, failures, PACE)

    async def _handle(self, rows: Sequence[OutboxRow]) -> None:
        self.attempts.append(len(rows))
        if self.away is not None:
            raise self.away
        for row in rows:
            if "bad" in row.data and not self.is_mended:
                raise KeyError("what the row should have said")
        self.done += [row.id for row in rows]

    async def put(self, kind: str, count: int = 1, *, bad: bool = False) -> list[int]:
        """Rows in the outbox; their ids."""
        rows = await self.pool.fetch(
            "insert into outbox (consumer, kind, data) select 'copies', $1, $2::jsonb "
            "from generate_series(1, $3) returning id",
            *(kind, '{"bad": 1}' if bad else "{}", count),
        )
        return [row["id"] for row in rows]

    async def left(self) -> list[int]:
        """What is in the outbox."""
        return [row["id"] for row in await self.pool.fetch("select id from outbox order by id")]

    async def aside(self) -> list[tuple[int, str, str, int]]:
        """What is set aside."""
        async with self.pool.acquire() as connection:
            rows = await list_aside(connection, Choice())
        return [(row.id, row.kind, row.error, row.tries) for row in rows]

    async def let_try(self) -> None:
        """Paused kinds are due for a try, and the consumer looks for them at once."""
        await self.pool.execute("update outbox_paused set try_at = now()")
        self.consumer._next_upkeep = 0.0


@pytest.fixture(params=[True, False], ids=["leased", "transacted"])
async def world(pool: asyncpg.Pool, owner: asyncpg.Connection, request) -> World:
    """A consumer of either form."""
    await owner.execute("create table words_of_test (id bigint primary key, n int)")
    return World(pool, is_leased=request.param)


@contextlib.asynccontextmanager
async def running(consumer: OutboxConsumer) -> AsyncIterator[None]:
    """Run a consumer as long as the block."""
    task = asyncio.create_task(consumer.run())
    try:
        yield
    finally:
        assert not task.done()
        task.cancel()
        await asyncio.wait([task])


async def test_a_row_that_fails_in_itself_is_set_aside_and_the_others_are_not(world: World) -> None:
    good = await world.put("good", 5)
    (bad,) = await world.put("good", bad=True)
    good += await world.put("good", 5)
    taken = await world.consumer.consume()
    assert (taken.rows, taken.failed) == (11, 1)
    assert sorted(world.done) == good
    assert await world.left() == [bad]
    for tries in (2, 3):
        assert await world.aside() == []
        assert (await world.consumer.consume()).failed == 1, tries
    error = "KeyError: 'what the row should have said'"
    assert await world.aside() == [(bad, "good", error, 3)]
    assert await world.left() == []
    assert sorted(world.done) == good


async def test_a_row_that_has_failed_waits_for_its_next_try(world: World) -> None:
    """Also while no process holds its lease on rows: what has no owner is not a dead one's."""
    (row,) = await world.put("good")
    later = "update outbox set tries = 1, available_at = now() + interval '4 s'"
    await world.pool.execute(later)
    assert (await world.consumer.consume()).rows == 0
    await world.pool.execute("update outbox set available_at = now()")
    assert (await world.consumer.consume()).rows == 1
    assert world.done == [row]


async def test_what_a_transaction_did_for_a_batch_that_failed_is_undone(
    pool: asyncpg.Pool, owner: asyncpg.Connection
) -> None:
    await owner.execute("create table words_of_test (id bigint primary key, n int)")
    world = World(pool, is_leased=False)
    good = await world.put("good", 3)
    await world.put("good", bad=True)
    await world.consumer.consume()
    kept = await pool.fetch("select id from words_of_test order by id")
    assert [row["id"] for row in kept] == good


@pytest.mark.parametrize(
    "away",
    [
        RedisConnectionError(),
        ConnectionError(),
        TimeoutError(),
        asyncpg.CannotConnectNowError(),
        asyncpg.DeadlockDetectedError(),
        asyncpg.DiskFullError(),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_a_server_that_is_away_sets_nothing_aside(world: World, away: Exception) -> None:
    rows = await world.put("good", 20)
    world.away = away
    for _ in range(4):
        with pytest.raises(type(away)):
            await world.consumer.consume()
    assert world.attempts == [20] * 4, "nothing is halved"
    assert world.consumer.batch == PACE.batch
    assert await world.left() == rows
    assert await world.pool.fetchval("select max(tries) from outbox") == 0
    world.away = None
    async with running(world.consumer), asyncio.timeout(10):
        while await world.left():
            await asyncio.sleep(0.02)
    assert sorted(world.done) == rows
    assert await world.aside() == []


async def test_a_kind_that_fails_too_often_is_paused_and_the_others_go_on(
    world: World, logs
) -> None:
    await world.put("weak", 11, bad=True)
    for _ in range(3):
        await world.consumer.consume()
    assert len(await world.aside()) == 11
    assert [one["kind"] for one in logs if one["event"] == "outbox_kind_paused"] == ["weak"]
    held = await world.put("weak", 3, bad=True)
    fine = await world.put("other", 2)
    world.consumer._next_upkeep = 0.0
    taken = await world.consumer.consume()
    assert (taken.rows, world.done) == (2, fine)
    assert await world.left() == held

    # One row is tried a minute, by one process.
    await world.let_try()
    world.attempts.clear()
    await world.consumer.consume()
    assert world.attempts in ([1], [1, 1]), "the transaction tries it once more"
    world.attempts.clear()
    world.consumer._next_upkeep = 0.0
    await world.consumer.consume()
    assert world.attempts == []
    assert await world.pool.fetchval("select sum(tries) from outbox") == 1

    world.is_mended = True
    await world.let_try()
    await world.consumer.consume()
    await world.consumer.consume()
    assert await world.left() == []
    assert sorted(world.done) == held + fine
    assert [one["kind"] for one in logs if one["event"] == "outbox_kind_resumed"] == ["weak"]
    assert await world.pool.fetchval("select count(*) from outbox_paused") == 0


async def test_a_paused_kind_without_a_row_to_try_goes_on(world: World, logs) -> None:
    await world.put("weak", 11, bad=True)
    for _ in range(3):
        await world.consumer.consume()
    await world.let_try()
    await world.consumer.consume()
    assert [one["kind"] for one in logs if one["event"] == "outbox_kind_resumed"] == ["weak"]
    assert await world.pool.fetchval("select count(*) from outbox_paused") == 0
    later = await world.put("weak")
    await world.consumer.consume()
    assert world.done == later


@pytest.mark.parametrize("where", ["in other hands", "between two tries"])
async def test_a_paused_kind_stays_paused_while_a_row_is_elsewhere(
    world: World, where: str
) -> None:
    await world.put("weak", 11, bad=True)
    for _ in range(3):
        await world.consumer.consume()
    await world.put("weak")
    async with world.pool.acquire() as connection, connection.transaction():
        if where == "in other hands":
            await connection.execute("select from outbox for update")
        else:
            later = "update outbox set tries = 1, available_at = now() + interval '4 s'"
            await world.pool.execute(later)
        await world.let_try()
        assert (await world.consumer.consume()).rows == 0
        assert await world.pool.fetchval("select count(*) from outbox_paused") == 1
    await world.pool.execute("update outbox set available_at = now()")
    await world.let_try()
    await world.consumer.consume()
    assert await world.pool.fetchval("select count(*) from outbox_paused") == 0
    assert len(world.done) == 1


async def test_ten_that_fail_pause_nothing(world: World) -> None:
    await world.put("weak", 10, bad=True)
    for _ in range(3):
        await world.consumer.consume()
    assert len(await world.aside()) == 10
    assert await world.pool.fetchval("select count(*) from outbox_paused") == 0


async def test_kinds_that_nobody_knows_are_left_and_set_aside_after_an_hour(world: World) -> None:
    (unknown,) = await world.put("new")
    known = await world.put("good")
    await world.consumer.consume()
    assert (world.done, await world.left()) == (known, [unknown])
    await world.pool.execute("update outbox set created_at = now() - interval '59 minutes'")
    world.consumer._next_upkeep = world.consumer._next_unknown = 0.0
    await world.consumer.consume()
    assert await world.left() == [unknown]
    await world.pool.execute("update outbox set created_at = now() - interval '61 minutes'")
    world.consumer._next_upkeep = world.consumer._next_unknown = 0.0
    await world.consumer.consume()
    assert await world.left() == []
    assert await world.aside() == [(unknown, "new", "no node knows this kind", 0)]


async def test_a_claim_that_fails_does_not_end_the_consumer(world: World, owner, logs) -> None:
    rows = await world.put("good")
    await owner.execute("alter table outbox rename column data to elsewhere")
    async with running(world.consumer), asyncio.timeout(10):
        while not [one for one in logs if one["event"] == "outbox_consumer_failed"]:
            await asyncio.sleep(0.02)
        await owner.execute("alter table outbox rename column elsewhere to data")
        while world.done != rows:
            await asyncio.sleep(0.02)


async def test_what_is_set_aside_is_retried_or_dropped(world: World) -> None:
    first, second, third = await world.put("good", 3, bad=True)
    (weak,) = await world.put("weak", bad=True)
    for _ in range(3):
        await world.consumer.consume()
    async with world.pool.acquire() as connection:
        weak_only = Choice(kind="weak")
        assert [row.id for row in await list_aside(connection, weak_only)] == [weak]
        assert await drop_aside(connection, weak_only) == [weak]
        assert await retry_aside(connection, Choice([first, 99_999])) == [first]
        assert await retry_aside(connection, Choice(consumer="search")) == []
        assert await retry_aside(connection, Choice()) == [second, third]
    assert await world.aside() == []
    world.is_mended = True
    await world.consumer.consume()
    assert world.done == [first, second, third]
