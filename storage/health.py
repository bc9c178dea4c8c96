"""Whether the servers that Parley stands on answer, within a bounded time."""

import asyncio
from collections.abc import Awaitable
from typing import Any, NamedTuple, cast

import asyncpg
import redis.asyncio
import redis.exceptions

from storage.postgres import UNAVAILABLE, losses_told
from storage.queries import load_queries

_SQL = load_queries("health")


class HealthReport(NamedTuple):
    """What answered. `months_ahead` is None when PostgreSQL did not."""

    months_ahead: int | None
    is_redis_there: bool


class Health:
    """Asks both servers at once, each for at most `timeout_s`."""

    def __init__(
        self,
        pool: "asyncpg.Pool[asyncpg.Record]",
        client: redis.asyncio.Redis,
        timeout_s: float = 1.0,
    ) -> None:
        self._pool = pool
        self._redis = client
        self._timeout_s = timeout_s

    async def check(self) -> HealthReport:
        """What answers now; raises nothing."""
        return HealthReport(*await asyncio.gather(self._months_ahead(), self._is_redis_there()))

    async def outbox_age_s(self) -> float | None:
        """The age of the outbox's oldest row, 0 when it is empty, None when nobody answers."""
        try:
            with losses_told():
                async with asyncio.timeout(self._timeout_s):
                    age_s: float | None = await self._pool.fetchval(_SQL["outbox_age"])
        except (*UNAVAILABLE, asyncpg.PostgresError):
            return None
        return age_s or 0.0

    async def _months_ahead(self) -> int | None:
        try:
            with losses_told():
                async with asyncio.timeout(self._timeout_s):
                    months: int = await self._pool.fetchval(_SQL["months_ahead"])
        except (*UNAVAILABLE, asyncpg.PostgresError):
            return None
        return months

    async def _is_redis_there(self) -> bool:
        try:
            async with asyncio.timeout(self._timeout_s):
                await cast("Awaitable[Any]", self._redis.ping())
        except (OSError, TimeoutError, redis.exceptions.RedisError):
            return False
        return True
