"""What the tests of deliveries share."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from storage.database.postgres import connect_pool
from tests.integration.deliveries.ground import Ground

PLANS = {
    "as_planned": {},
    # A small table's rows are looked up one by one; those of large ones are joined otherwise.
    "as_for_many": {"enable_nestloop": "off"},
}
"""Settings of PostgreSQL's planner: what a statement answers must not depend on its plan."""


@pytest.fixture
async def ground(
    database_url: str, owner: asyncpg.Connection, request: pytest.FixtureRequest
) -> AsyncIterator[Ground]:
    settings = PLANS[getattr(request, "param", "as_planned")]
    pool = await connect_pool(database_url, size=6, statement_timeout_ms=5000, **settings)
    yield Ground(pool, owner)
    await pool.close()


@pytest.fixture
async def due(ground):
    """Ben's e-mail about a contract, which is due."""
    (ben,) = await ground.due(1)
    (row,) = await ground.rows()
    return ben, row["id"]
