"""Of two processes one does what is due; when it is killed, the other one does it at once."""

import asyncio
import contextlib
import sys
import time
from collections.abc import AsyncIterator

import asyncpg
import pytest

from tests.integration.schedules.process import NAME

WAIT_S = 30.0
TABLE = "create table seen (id serial primary key, pid integer not null, what text not null);"


@pytest.fixture
async def seen(owner: asyncpg.Connection) -> asyncpg.Connection:
    """The owner's connection; runs are written into the table `seen`."""
    await owner.execute(TABLE + "grant all on seen, seen_id_seq to parley_service")
    return owner


@contextlib.asynccontextmanager
async def processes(
    url: str, count: int, *, period_s: float, work_s: float
) -> AsyncIterator[dict[int, asyncio.subprocess.Process]]:
    """Running ones by their ids, dead at the end."""
    module = "tests.integration.schedules.process"
    started = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-m", module, url, str(period_s), str(work_s)
        )
        for _ in range(count)
    ]
    try:
        yield {one.pid: one for one in started}
    finally:
        for one in started:
            if one.returncode is None:
                one.kill()
                await one.wait()


async def until(connection: asyncpg.Connection, what: str, count: int) -> list[int]:
    """Waits for so many such rows; the ids of their processes, in order."""
    async with asyncio.timeout(WAIT_S):
        while True:
            rows = await connection.fetch("select pid from seen where what = $1 order by id", what)
            if len(rows) >= count:
                return [row["pid"] for row in rows]
            await asyncio.sleep(0.02)


async def test_one_process_at_a_time_does_it(seen, database_url):
    async with processes(database_url, 2, period_s=0, work_s=0.1):
        await until(seen, "ends", 12)
    rows = await seen.fetch("select pid, what from seen order by id")
    pairs = zip(rows[::2], rows[1::2], strict=False)
    assert all(
        (first["what"], second["what"]) == ("begins", "ends") and first["pid"] == second["pid"]
        for first, second in pairs
    )


async def test_what_a_killed_process_was_at_another_begins_at_once(seen, database_url):
    async with processes(database_url, 2, period_s=3600, work_s=20) as running:
        (first,) = await until(seen, "begins", 1)
        running[first].kill()
        await running[first].wait()
        killed_at = time.monotonic()
        begun = await until(seen, "begins", 2)
        assert time.monotonic() - killed_at < 5
        assert begun[1] != first
        row = await seen.fetchrow("select * from schedules where name = $1", NAME)
        assert row["last_ended_at"] is None


async def test_what_was_missed_is_done_once(seen, database_url):
    async with processes(database_url, 1, period_s=3600, work_s=0):
        await until(seen, "ends", 1)
    await seen.execute("update schedules set next_at = next_at - interval '30 days'")
    async with processes(database_url, 2, period_s=3600, work_s=0):
        await until(seen, "ends", 2)
        await asyncio.sleep(0.5)
        assert await seen.fetchval("select count(*) from seen where what = 'ends'") == 2
    row = await seen.fetchrow(
        "select next_at - now() between interval '59 minutes' and interval '1 hour' as is_later,"
        " last_result ->> 'is_done' as is_done from schedules"
    )
    assert tuple(row) == (True, "true")
