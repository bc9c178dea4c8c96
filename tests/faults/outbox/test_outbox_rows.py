"""Rows of the outbox that nobody can build, and relays that die or stall with rows in hand."""

import asyncio
import contextlib
import sys
from uuid import UUID, uuid4

import asyncpg

from storage.outbox.leases import LEASE_S
from tests.faults.conftest import freeze, thaw
from tests.faults.outbox.test_between_commit_and_publish import direct
from tests.faults.process import ROOT
from tests.faults.seams import start_relay, stop_relay
from tests.wire import WAIT_S

TAKEN_S = 1.2
"""Of a dead owner: a relay looks each 0.5 s."""

LEASE = """
import asyncio, sys, uuid, asyncpg
from storage.outbox.rows import Batch
from storage.outbox.process_lease import ProcessLease
from storage.outbox.leases import RowLeases

async def hold():
    lease = ProcessLease(sys.argv[1], uuid.UUID(sys.argv[2]))
    await lease.open()
    pool = await asyncpg.create_pool(sys.argv[1], min_size=1, max_size=1)
    rows = RowLeases(pool, lease.owner, "realtime")
    while not (await rows.fresh(["message.updated"], Batch(256, 2000))).rows:
        pass
    assert await rows.take_turn()
    print("leased", flush=True)
    await asyncio.sleep(60)

asyncio.run(hold())
"""
BY_HAND = """
    insert into outbox (consumer, kind, conversation_ids, seqs, revs)
    values ('realtime', $1, $2, $3, $4) returning id
"""


async def talking(app):
    """Two people and their conversation."""
    anna, ben = await app.people("anna", "ben")
    a, b = await app.connect(anna), await app.connect(ben, "msgpack")
    return a, b, await direct(a, ben)


async def say(wire, key, content):
    sent = await wire.ask("message.send", conversation_id=key, client_id=uuid4(), content=content)
    return sent["message"]


async def edit(wire, key, message, content):
    target = {"conversation_id": key, "message_id": message["id"]}
    await wire.ask("message.edit", target | {"content": content})


async def test_a_row_that_nobody_knows_ends_nothing(serve):
    async with serve() as app:
        a, b, key = await talking(app)
        pool = app.app.core.foundation.pool
        unknown = await pool.fetchval(BY_HAND, "bogus.kind", [UUID(key)], [1], [2])
        broken = await pool.fetchval(BY_HAND, "message.updated", [UUID(key)], [1, 2], [2])
        await pool.execute(
            "update outbox set created_at = now() - interval '1 minute' where kind = 'bogus.kind'"
        )
        message = await say(a, key, "hello")
        await b.expect("message.created")
        await edit(a, key, message, "hello again")
        event = await b.expect("message.updated")
        assert event["d"]["message"]["content"] == "hello again"
        # Long enough for the three tries of the one that is broken.
        async with asyncio.timeout(WAIT_S * 2):
            while not await pool.fetchval("select true from outbox_aside where id = $1", broken):
                await asyncio.sleep(0.05)
        left = "select array_agg(id) from outbox where consumer = 'realtime'"
        assert await pool.fetchval(left) == [unknown]
        assert not app.app.core.bus.publisher.is_behind
        assert (await app.http("GET", "/readyz")).body["status"] == "ready"
        lines = (await app.http("GET", "/metrics")).body.decode().splitlines()
        assert 'parley_outbox_unknown{consumer="realtime",kind="bogus.kind"} 1.0' in lines
        assert 'parley_outbox_age_seconds{consumer="realtime"} 0.0' in lines
        assert 'parley_outbox_aside{consumer="realtime",kind="message.updated"} 1.0' in lines
    # And the next start lives with it as well.
    async with serve() as app:
        a, b, key = await talking(app)
        await say(a, key, "hello")
        await b.expect("message.created")


@contextlib.asynccontextmanager
async def relaying(database_url, owner):
    """Another process that leases what waits and tells nothing of it."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", LEASE, database_url, str(owner)),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(WAIT_S * 2):
            assert await process.stdout.readline() == b"leased\n"
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def test_what_a_killed_relay_had_leased_is_told_at_once(app, database_url, clock):
    a, b, key = await talking(app)
    message = await say(a, key, "hello")
    await b.expect("message.created")
    await stop_relay(app)
    await edit(a, key, message, "edited")
    owner = uuid4()
    async with relaying(database_url, owner) as process:
        pool = app.app.core.foundation.pool
        [row] = await pool.fetch("select owner from outbox where consumer = 'realtime'")
        assert row["owner"] == owner
        await pool.execute("update outbox set available_at = now() + interval '1 minute'")
        await pool.execute("update outbox_turns set until = now() + interval '1 minute'")
        start_relay(app)
        process.kill()
        with clock.time("taken", TAKEN_S):
            event = await b.expect("message.updated")
    assert event["d"]["message"]["content"] == "edited"


async def test_no_transaction_waits_for_redis(serve, valkey, owner_database_url):
    """While Redis is frozen the relay holds rows by a lease, and no lock and no snapshot."""
    async with serve(redis_url=valkey.url()) as app:
        a, b, key = await talking(app)
        message = await say(a, key, "hello")
        await b.expect("message.created")
        connection = await asyncpg.connect(owner_database_url, timeout=10)
        try:
            freeze(valkey.pid)
            await edit(a, key, message, "edited")
            async with asyncio.timeout(WAIT_S):
                while not await connection.fetchval(
                    "select owner is not null from outbox where consumer = 'realtime'"
                ):
                    await asyncio.sleep(0.02)
            # Long after the lease has ended nobody is in a transaction.
            for _ in range(round(LEASE_S * 2 / 0.05)):
                assert not await connection.fetch(
                    "select query from pg_stat_activity where datname = current_database() "
                    "and state like 'idle in transaction%' "
                    "and clock_timestamp() - state_change > interval '100 ms'"
                )
                await asyncio.sleep(0.05)
            thaw(valkey.pid)
            event = await b.expect("message.updated")
            assert event["d"]["message"]["content"] == "edited"
            async with asyncio.timeout(WAIT_S * 2):
                while await connection.fetchval(
                    "select count(*) from outbox where consumer = 'realtime'"
                ):
                    await asyncio.sleep(0.05)
            assert await connection.fetchval("select count(*) from outbox_aside") == 0
        finally:
            await connection.close()
