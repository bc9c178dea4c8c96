"""What the tests of search share: a pool as the server has it."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from storage.database.postgres import connect_pool


@pytest.fixture
async def pool(database_url: str) -> "AsyncIterator[asyncpg.Pool[asyncpg.Record]]":
    pool = await connect_pool(database_url, size=4, statement_timeout_ms=20_000)
    yield pool
    await pool.close()
