"""What the tests of deliveries share."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from storage.database.postgres import connect_pool
from tests.integration.deliveries.ground import Ground


@pytest.fixture
async def ground(database_url: str, owner: asyncpg.Connection) -> AsyncIterator[Ground]:
    pool = await connect_pool(database_url, size=6, statement_timeout_ms=5000)
    yield Ground(pool, owner)
    await pool.close()
