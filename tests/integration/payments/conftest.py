"""A pool, a clock that the tests move, and the local provider on it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from storage.database.postgres import connect_pool
from storage.payments.events import ProviderEvents
from storage.payments.local import LocalProvider


class MovedClock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2027, 1, 1, tzinfo=UTC)

    async def __call__(self) -> datetime:
        return self.now

    def move(self, seconds: float) -> None:
        """Later by so much."""
        self.now += timedelta(seconds=seconds)


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[asyncpg.Pool]:
    """Connections to a database of the test's own."""
    pool = await connect_pool(database_url, size=6, statement_timeout_ms=5_000)
    yield pool
    pool.terminate()


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def provider(pool: asyncpg.Pool, clock: MovedClock) -> LocalProvider:
    return LocalProvider(pool, clock)


@pytest.fixture
def events(pool: asyncpg.Pool) -> ProviderEvents:
    return ProviderEvents(pool)
