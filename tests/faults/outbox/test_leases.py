"""Whose rows are taken at once: those of a process that is dead, not of one that is slow."""

import asyncio
import contextlib
import sys
import time
from uuid import uuid4

import asyncpg
import pytest

from storage.database.queries import load_queries
from storage.messages.writer import SEND_SQL
from storage.outbox.process_lease import UNKNOWN, ProcessLease
from tests.faults.process import ROOT
from tests.wire import WAIT_S

DUE_S = 1.5
TAKEN_S = 1.2
"""Of a dead owner: a relay looks each 0.5 s."""

HOLD = """
import asyncio, sys, uuid
from storage.outbox.process_lease import ProcessLease

async def hold():
    lease = ProcessLease(sys.argv[1], uuid.UUID(sys.argv[2]))
    await lease.open()
    print("held", flush=True)
    await asyncio.sleep(60)

asyncio.run(hold())
"""


@contextlib.asynccontextmanager
async def holding(database_url, owner):
    """Another process that holds the lease of an owner."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", HOLD, database_url, str(owner)),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(WAIT_S * 2):
            assert await process.stdout.readline() == b"held\n"
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


@contextlib.asynccontextmanager
async def connected(database_url):
    """A connection of the test's own."""
    connection = await asyncpg.connect(database_url, timeout=10)
    try:
        yield connection
    finally:
        await connection.close()


async def talking(app):
    """Anna's id, her wire and ben's, and their conversation."""
    anna, ben = await app.people("anna", "ben")
    a, b = await app.connect(anna), await app.connect(ben)
    made = await a.ask("conversation.create", type="direct", participant_ids=[ben.id])
    await b.expect("conversation.created")
    return anna.id, b, made["conversation"]["id"]


async def commit(connection, owner, key, sender):
    """All that a writer does up to its commit."""
    row = await connection.fetchrow(
        SEND_SQL,
        *[[key], [sender], [uuid4()], [b"1" * 16], ["text"], ["hello"], None, None, None],
        *[owner, None, True, 500],
    )
    assert row["verdict"] == "ok"


async def test_rows_of_a_process_that_is_killed_are_taken_at_once(app, database_url, clock):
    sender, b, key = await talking(app)
    owner = uuid4()
    async with holding(database_url, owner) as process, connected(database_url) as connection:
        await commit(connection, owner, key, sender)
        process.kill()
        with clock.time("taken", TAKEN_S):
            await b.expect("message.created")


async def test_rows_of_a_process_that_lives_are_its_own_for_a_while(app, database_url):
    sender, b, key = await talking(app)
    owner = uuid4()
    async with holding(database_url, owner), connected(database_url) as connection:
        began = time.monotonic()
        await commit(connection, owner, key, sender)
        await b.expect("message.created")
        assert DUE_S - 0.1 < time.monotonic() - began < DUE_S + TAKEN_S


async def test_a_lease_that_is_lost_is_taken_again(database_url, owner_database_url):
    lease = ProcessLease(database_url, uuid4())
    await lease.open()
    task = asyncio.create_task(lease.run())
    held = (
        "select pid from pg_locks where locktype = 'advisory' and database = "
        "(select oid from pg_database where datname = current_database())"
    )
    try:
        async with connected(owner_database_url) as connection:
            pid = await connection.fetchval(held)
            await connection.execute("select pg_terminate_backend($1)", pid)
            async with asyncio.timeout(WAIT_S):
                while await connection.fetchval(held) in {None, pid}:
                    await asyncio.sleep(0.05)
    finally:
        task.cancel()
        await asyncio.wait([task])
        lease.close()


@pytest.mark.parametrize("is_refused", [False, True])
async def test_the_timeline_is_told_to_anybody(owner_database_url, is_refused):
    role = f"anybody_{uuid4().hex}"
    async with connected(owner_database_url) as connection:
        await connection.execute(f"create role {role} login password 'of the test'")
        lease = ProcessLease(_as(owner_database_url, role), uuid4())
        try:
            if is_refused:
                await connection.execute("revoke execute on function pg_walfile_name from public")
            await lease.open()
            timeline = await connection.fetchval(load_queries("outbox/rows")["timeline"])
            assert timeline == "00000001"
            assert lease.timeline == (UNKNOWN if is_refused else timeline)
        finally:
            lease.close()
            await connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where usename = $1", role
            )
            await connection.execute(f"drop role {role}")


def _as(database_url, role):
    """The same database for another role."""
    scheme, rest = database_url.split("://")
    return f"{scheme}://{role}:of%20the%20test@{rest.split('@')[-1]}"
