"""A database of the test's own, with a contract in it."""

import asyncpg
import pytest

from tests.integration.ledger.books import Books


@pytest.fixture
async def connection(owner_database_url):
    """The owner's connection, which acts as the service while it books."""
    connection = await asyncpg.connect(owner_database_url, timeout=10)
    yield connection
    await connection.close()


@pytest.fixture
async def books(connection):
    """A contract of three milestones, with its people."""
    return await Books(connection).make()
