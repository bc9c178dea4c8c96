"""Upkeep of partitions while others read and write: it finds its way, and nobody waits for it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from uuid import uuid4

import asyncpg
import pytest
import redis.asyncio
from prometheus_client import CollectorRegistry
from sqlalchemy.engine import make_url

from server.http.ops import judge
from server.schedules import upkeep
from server.schedules.runner import Schedules
from server.telemetry.schedule_metrics import ScheduleMetrics
from storage.database.health import Health
from storage.database.partition_plan import TABLES
from storage.database.partitions import keep_partitions, keep_within
from storage.database.postgres import connect_pool
from storage.schedules import ScheduleStore, ask_for
from tests.app import Serve
from tests.wire import WAIT_S, Wire

OLD_WEEK = "message_keys_2020_10"
BOUNDS = "FOR VALUES FROM ('2020-03-02 00:00:00+00') TO ('2020-03-09 00:00:00+00')"
WAITING = (
    "SELECT EXISTS (SELECT FROM pg_locks l WHERE NOT l.granted "
    "AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()))"
)

LIKE_WHAT = {
    "table": "SELECT relacl::text, relrowsecurity, relforcerowsecurity, reloptions, relowner, "
    "relkind, relpersistence, relam, reltablespace FROM pg_class WHERE oid = $1::regclass",
    "columns": "SELECT attname, atttypid, attnotnull, attstorage, attcompression, attislocal, "
    "attinhcount, attacl::text, attoptions, pg_get_expr(d.adbin, d.adrelid) FROM pg_attribute a "
    "LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum "
    "WHERE attrelid = $1::regclass AND attnum > 0 ORDER BY attnum",
    "constraints": "SELECT replace(conname, $2, ''), contype, pg_get_constraintdef(oid), "
    "conislocal, coninhcount, convalidated, conparentid <> 0 FROM pg_constraint "
    "WHERE conrelid = $1::regclass ORDER BY 1",
    "indexes": "SELECT replace(pg_get_indexdef(i.indexrelid), $2, ''), indisvalid, indisprimary, "
    "n.inhparent FROM pg_index i JOIN pg_inherits n ON n.inhrelid = i.indexrelid "
    "WHERE i.indrelid = $1::regclass ORDER BY 1",
    "triggers": "SELECT regexp_replace(tgname, '_[0-9]+$', ''), tgfoid, tgtype, tgenabled, "
    "tgparentid <> 0, tgargs FROM pg_trigger WHERE tgrelid = $1::regclass ORDER BY 1, 2, 3",
    "policies": "SELECT polname FROM pg_policy WHERE polrelid = $1::regclass",
}
"""What two partitions of a table should have in common ($2 is the name of the one)."""


@pytest.fixture
async def connection(owner_database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """One of the test's own."""
    async with connected(owner_database_url) as connection:
        yield connection


@contextlib.asynccontextmanager
async def connected(url: str, **settings: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(url, timeout=10, server_settings=settings)
    try:
        yield connection
    finally:
        await connection.close()


async def maintain_partitions(url: str) -> None:
    """As a server does."""
    async with await connect_pool(url, size=2, statement_timeout_ms=5000) as pool:
        store, metrics = ScheduleStore(pool, url), ScheduleMetrics(CollectorRegistry())
        schedules = Schedules(store, metrics, poll_s=0.1)
        schedules.add(upkeep.partitions(url))
        async with pool.acquire() as connection:
            await ask_for(connection, ["partitions"])
        await schedules.run()


@contextlib.contextmanager
def maintained(url: str) -> Iterator[asyncio.Task[None]]:
    """The process' own upkeep, in the background."""
    task = asyncio.create_task(maintain_partitions(url))
    try:
        yield task
    finally:
        task.cancel()


async def newest(connection: asyncpg.Connection, table: str) -> str:
    """The name of a table's newest partition."""
    name: str = await connection.fetchval(
        "SELECT max(c.relname::text) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
        "WHERE i.inhparent = $1::regclass AND NOT i.inhdetachpending",
        table,
    )
    return name


async def names(connection: asyncpg.Connection, table: str) -> set[str]:
    """A table's partitions."""
    rows = await connection.fetch(
        "SELECT c.relname::text FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
        "WHERE i.inhparent = $1::regclass AND NOT i.inhdetachpending",
        table,
    )
    return {name for (name,) in rows}


async def until_there(connection: asyncpg.Connection, table: str, name: str) -> None:
    """Waits until a table has this partition."""
    async with asyncio.timeout(WAIT_S):
        while name not in await names(connection, table):
            await asyncio.sleep(0.05)


async def send(wire: Wire, key: str, content: str) -> None:
    """A message, which has to be acknowledged."""
    await wire.ask("message.send", conversation_id=key, client_id=uuid4(), content=content)


async def add_old_week(connection: asyncpg.Connection) -> None:
    """A week of keys that should have gone."""
    await connection.execute(f"CREATE TABLE {OLD_WEEK} PARTITION OF message_keys {BOUNDS}")


async def is_there(connection: asyncpg.Connection, table: str) -> bool:
    """Whether there is a table of this name."""
    return await connection.fetchval("SELECT to_regclass($1) IS NOT NULL", table) is True


async def looks(connection: asyncpg.Connection, name: str) -> dict[str, list[tuple[object, ...]]]:
    """A partition as the catalogue describes it, without its own name."""
    return {
        what: [
            tuple(row)
            for row in await connection.fetch(query, *([name, name] if "$2" in query else [name]))
        ]
        for what, query in LIKE_WHAT.items()
    }


@pytest.mark.parametrize("table", [table.table for table in TABLES])
async def test_a_partition_is_as_the_migrations_make_it(
    connection: asyncpg.Connection, owner_database_url: str, table: str
) -> None:
    name = await newest(connection, table)
    before = await looks(connection, name)
    assert before["indexes"]
    await connection.execute(f"DROP TABLE {name}")
    upkeep = await keep_partitions(owner_database_url)
    assert [step.partition for step in upkeep.done] == [name]
    assert await looks(connection, name) == before
    assert not (await keep_partitions(owner_database_url)).done


async def test_grants_and_row_security_of_the_newest_partition_are_taken_over(
    connection: asyncpg.Connection, owner_database_url: str
) -> None:
    name = await newest(connection, "messages")
    await connection.execute(f"DROP TABLE {name}")
    sample = await newest(connection, "messages")
    await connection.execute(
        f"REVOKE DELETE ON {sample} FROM parley_service; "
        f"GRANT SELECT ON {sample} TO PUBLIC; "
        f"GRANT SELECT ON {sample} TO parley_readonly WITH GRANT OPTION; "
        f"ALTER TABLE {sample} ENABLE ROW LEVEL SECURITY; "
        f"ALTER TABLE {sample} SET (fillfactor = 77, toast.autovacuum_vacuum_threshold = 5)"
    )
    assert [step.partition for step in (await keep_partitions(owner_database_url)).done] == [name]
    rights = (
        "SELECT a::text FROM pg_class, aclexplode(relacl) a WHERE oid = $1::regclass ORDER BY 1"
    )
    assert await connection.fetch(rights, name) == await connection.fetch(rights, sample)
    assert (await looks(connection, name))["table"][0][1:4] == (
        *(await looks(connection, sample))["table"][0][1:4],
    )


async def test_sends_go_on_while_a_long_read_is_open(
    connection: asyncpg.Connection, owner_database_url: str, serve: Serve
) -> None:
    async with serve() as app:
        ada, ben = await app.people("Ada", "Ben")
        wire = await app.connect(ada)
        made = await wire.ask("conversation.create", type="direct", participant_ids=[ben.id])
        key = made["conversation"]["id"]
        name = await newest(connection, "messages")
        await connection.execute(f"DROP TABLE {name}")
        await add_old_week(connection)
        async with connected(owner_database_url) as reader, reader.transaction():
            await reader.fetch("SELECT FROM messages UNION ALL SELECT FROM message_keys")
            with maintained(owner_database_url):
                for number in range(20):
                    await send(wire, key, f"message {number}")
                # It has what it needs under the reader's eyes.
                await until_there(connection, "messages", name)
                for number in range(20):
                    await send(wire, key, f"further message {number}")
                assert await is_there(connection, OLD_WEEK)
                await reader.fetch("SELECT FROM messages")


async def test_an_old_week_goes_when_its_reader_has_gone(
    connection: asyncpg.Connection, owner_database_url: str
) -> None:
    await add_old_week(connection)
    async with connected(owner_database_url) as reader:
        async with reader.transaction():
            await reader.fetch("SELECT FROM message_keys")
            upkeep = await keep_partitions(owner_database_url)
            ((step, reason),) = upkeep.left
            assert (step.partition, reason) == (OLD_WEEK, "LockNotAvailableError")
            assert not upkeep.lacking
            assert OLD_WEEK not in await names(connection, "message_keys")
            # And again: the detaching that was broken off cannot be ended either.
            assert (await keep_partitions(owner_database_url)).left[0].step.partition == OLD_WEEK
        await keep_partitions(owner_database_url)
    assert not await is_there(connection, OLD_WEEK)
    pending = "SELECT FROM pg_inherits WHERE inhdetachpending"
    assert not await connection.fetch(pending)


async def test_what_a_crash_left_is_taken_up(
    connection: asyncpg.Connection, owner_database_url: str
) -> None:
    """A table made and not attached; another detached and not dropped."""
    name = await newest(connection, "audit_log")
    before = await looks(connection, name)
    await connection.execute(f"DROP TABLE {name}")
    await connection.execute(
        f"CREATE TABLE {name} (LIKE audit_log INCLUDING DEFAULTS INCLUDING CONSTRAINTS); "
        f"REVOKE ALL ON {name} FROM parley_service"
    )
    await connection.execute(f"CREATE TABLE {OLD_WEEK} (LIKE message_keys)")
    upkeep = await keep_partitions(owner_database_url)
    assert {step.partition for step in upkeep.done} == {name, OLD_WEEK}
    assert await looks(connection, name) == before
    assert not await is_there(connection, OLD_WEEK)


async def test_one_that_cannot_be_attached_keeps_none_of_the_others(
    connection: asyncpg.Connection, owner_database_url: str
) -> None:
    month, other = [await newest(connection, table) for table in ("messages", "view_events")]
    await connection.execute(f"DROP TABLE {month}, {other}; CREATE TABLE {month} (strange text)")
    upkeep = await keep_partitions(owner_database_url)
    assert [step.partition for step in upkeep.done] == [other]
    assert upkeep.lacking == [month]


async def test_a_lock_that_is_not_had_is_tried_again(
    connection: asyncpg.Connection, owner_database_url: str, logs: list[dict[str, object]]
) -> None:
    name = await newest(connection, "messages")
    await connection.execute(f"DROP TABLE {name}")
    async with connected(owner_database_url) as other, other.transaction():
        await other.execute("LOCK TABLE messages IN SHARE UPDATE EXCLUSIVE MODE")
        with maintained(owner_database_url) as task:
            async with asyncio.timeout(WAIT_S):
                while not [line for line in logs if line["event"] == "partitions_not_maintained"]:
                    await asyncio.sleep(0.05)
            assert not task.done()
            await other.execute("COMMIT")
            await until_there(connection, "messages", name)
            await other.execute("BEGIN")
    assert logs[0]["left"] == {name: "LockNotAvailableError"}


async def test_a_victim_of_a_deadlock_goes_on(
    connection: asyncpg.Connection, owner_database_url: str
) -> None:
    """Attaching takes the table, then those that it refers to; another locks them the other way."""
    database = await connection.fetchval("SELECT current_database()")
    await connection.execute(f"ALTER DATABASE {database} SET deadlock_timeout = '100ms'")
    name = await newest(connection, "transactions")
    await connection.execute(f"DROP TABLE {name}")
    async with connected(owner_database_url, deadlock_timeout="1min") as other:
        transaction = other.transaction()
        await transaction.start()
        await other.execute("LOCK TABLE users IN ROW EXCLUSIVE MODE")
        with maintained(owner_database_url) as task:
            async with asyncio.timeout(WAIT_S):
                while not await connection.fetchval(WAITING):
                    await asyncio.sleep(0.01)
                await other.execute("LOCK TABLE transactions IN SHARE MODE")
            await transaction.rollback()
            await until_there(connection, "transactions", name)
            assert not task.done()


async def test_processes_do_it_one_at_a_time(
    connection: asyncpg.Connection, owner_database_url: str
) -> None:
    name = await newest(connection, "messages")
    await connection.execute(f"DROP TABLE {name}")
    async with connected(owner_database_url) as other:
        await other.execute("SELECT pg_advisory_lock(hashtext('parley.maintain_partitions'))")
        upkeep = await keep_partitions(owner_database_url)
        assert (upkeep.done, upkeep.lacking) == ((), [name])
    lacking = await asyncio.gather(*(keep_within(owner_database_url, WAIT_S) for _ in range(4)))
    assert not any(lacking)
    assert await newest(connection, "messages") == name


@contextlib.asynccontextmanager
async def guest_of(connection: asyncpg.Connection, owner_database_url: str) -> AsyncIterator[str]:
    """The URL of a login that owns nothing, and may do what the service and requests may."""
    role = f"guest_of_{await connection.fetchval('SELECT current_database()')}"
    await connection.execute(
        f"CREATE ROLE {role} LOGIN PASSWORD 'guest' IN ROLE parley_app, parley_service"
    )
    try:
        url = make_url(owner_database_url).set(username=role, password="guest")
        yield url.render_as_string(hide_password=False)
    finally:
        await connection.execute(f"DROP ROLE {role}")


async def test_a_login_that_owns_nothing_says_so_once(
    connection: asyncpg.Connection,
    owner_database_url: str,
    redis_url: str,
    logs: list[dict[str, object]],
) -> None:
    month = await newest(connection, "view_events")
    for _ in range(3):
        await connection.execute(f"DROP TABLE {await newest(connection, 'view_events')}")
    client = redis.asyncio.Redis.from_url(redis_url, socket_timeout=5)
    async with guest_of(connection, owner_database_url) as url:
        pool = await asyncpg.create_pool(url, min_size=1, max_size=2, timeout=10)
        with maintained(url) as task:
            async with asyncio.timeout(WAIT_S):
                while not [line for line in logs if line["event"] == "schedule_done"]:
                    await asyncio.sleep(0.05)
            assert (await keep_partitions(url)).is_refused
            assert not task.done()
        readiness = judge(await Health(pool, client).check(), is_draining=False)
        pool.terminate()
    await client.aclose()
    line, *_done = logs
    assert (line["event"], month in str(line["lacking"])) == ("partitions_not_ours", True)
    assert readiness.status == "degraded"
    (warning,) = readiness.warnings
    assert warning.startswith("partitions of view_events end within a month: run parley partitions")


async def test_who_may_act_as_the_owner_makes_them_his(
    connection: asyncpg.Connection, owner_database_url: str
) -> None:
    name = await newest(connection, "messages")
    before = await looks(connection, name)
    await connection.execute(f"DROP TABLE {name}")
    async with guest_of(connection, owner_database_url) as url:
        owner, guest = await connection.fetchval("SELECT current_user"), make_url(url).username
        await connection.execute(f"GRANT {owner} TO {guest}")
        assert [step.partition for step in (await keep_partitions(url)).done] == [name]
    assert await looks(connection, name) == before
