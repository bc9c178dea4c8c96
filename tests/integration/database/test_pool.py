"""A connection that was given back holds nothing of whoever had it: it is given on as it is."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from handlers.resources import RESOURCES
from storage.database.postgres import connect_pool
from storage.resources.store import ResourceStore
from tests.integration.resources.world import ANNA

ROOT = Path(__file__).parents[3]
LEFT = """
SELECT current_user = 'parley_service' AS is_own_role,
    current_setting('app.user_id', true) AS user_id,
    current_setting('plan_cache_mode') AS plans, pg_backend_pid() AS pid,
    (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()) AS locks
"""
OF_A_SESSION = re.compile(
    r"pg_advisory_lock|\bLISTEN \w|WITH HOLD|\bTEMP(ORARY)? TABLE|\bSET (SESSION|ROLE)\b"
    r"|set_config\([^)]*false\s*\)"
)


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[asyncpg.Pool]:
    """A pool of one connection."""
    pool = await connect_pool(database_url, size=1, statement_timeout_ms=5000)
    yield pool
    await pool.close()


async def assert_nothing_is_left(pool):
    row = await pool.fetchrow(LEFT)
    assert row["is_own_role"]
    assert not row["user_id"]
    assert (row["plans"], row["locks"]) == ("force_generic_plan", 0)
    return row["pid"]


async def test_a_request_leaves_nothing(pool):
    store = ResourceStore(pool, RESOURCES)
    first = await assert_nothing_is_left(pool)
    async with store.as_app(ANNA, reads=True) as connection:
        row = await connection.fetchrow(LEFT)
        assert (row["is_own_role"], row["user_id"]) == (False, str(ANNA))
    with pytest.raises(asyncpg.DivisionByZeroError):
        async with store.as_app(ANNA, reads=False) as connection:
            await connection.execute("SELECT pg_advisory_xact_lock(1), 1 / 0")
    assert await assert_nothing_is_left(pool) == first


async def test_a_request_that_is_given_up_leaves_nothing(pool):
    store = ResourceStore(pool, RESOURCES)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1), store.as_app(ANNA, reads=True) as connection:
            await connection.execute("SELECT pg_sleep(3)")
    await assert_nothing_is_left(pool)


async def test_a_transaction_left_open_is_undone(pool):
    first = await assert_nothing_is_left(pool)
    async with pool.acquire() as connection:
        await connection.execute(
            f"BEGIN; SET LOCAL ROLE parley_app; SET LOCAL plan_cache_mode = auto;"
            f" SELECT set_config('app.user_id', '{ANNA}', true), pg_advisory_xact_lock(1)"
        )
    assert await assert_nothing_is_left(pool) == first


def test_no_statement_changes_a_session():
    files = [
        *ROOT.glob("storage/**/*.py"),
        *ROOT.glob("handlers/**/*.py"),
        *ROOT.glob("server/**/*.py"),
    ]
    files += [*ROOT.glob("storage/sql/**/*.sql")]
    found = {
        (path.name, match[0])
        for path in files
        for match in OF_A_SESSION.finditer(path.read_text(encoding="utf-8"))
    }
    # The lease has a connection of its own, and holds a lock as long as that lasts; so has the
    # upkeep of partitions, which ends it after each round. Temporary tables are undone with their
    # transaction, on the connection of a migration.
    assert found == {
        ("rows.sql", "pg_advisory_lock"),
        ("partitions.py", "SET ROLE"),
        ("catalogue.py", "TEMP TABLE"),
    }
