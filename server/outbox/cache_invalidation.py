"""Drops cached rows and lists from Redis when rows change, whoever changed them.

For each change of a cached row, by REST, a workflow or by hand, a trigger puts its table and key
into the outbox in the same transaction. A REST write drops the row's copies before it is answered.
This consumer drops the copies of dependent rows (a rating, a lowest price): at once after a REST
write, and within a second after any other.
"""

import contextlib
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import asyncpg

from server.outbox.claiming import Leased
from server.outbox.consumer import Observe, OutboxConsumer, Pace
from storage.outbox.failed_rows import OutboxFailures
from storage.outbox.leases import Claim, RowLeases
from storage.outbox.rows import Batch, OutboxRow
from storage.redis.guard import RedisAwayError
from storage.resources.cache import RowCache
from storage.resources.resource import Resource

CONSUMER = "copies"
"""The name in the rows of the outbox."""
PACE = Pace(Batch(rows=500, refs=500), retry_s=2.0)


class CacheInvalidation:
    """The consumer of the outbox that drops cached copies; any number of processes may run it."""

    def __init__(
        self,
        pool: "asyncpg.Pool[asyncpg.Record]",
        owner: UUID,
        cache: RowCache,
        resources: Iterable[Resource],
        observe: Observe = lambda _consumer, _seconds: None,
    ) -> None:
        """`owner` is this process, as the owner of leased rows."""
        self._cache = cache
        self._kept = {r.table: r for r in resources if r.cache_s}
        failures = OutboxFailures(pool, CONSUMER, self._kept)
        form = Leased(pool, failures, RowLeases(pool, owner, CONSUMER), self._drop)
        self.consumer = OutboxConsumer(CONSUMER, form, failures, PACE, observe)

    async def changed(self, resource: Resource, key: Any) -> None:
        """Drop the copies of a row that was just written; dependent rows follow soon after."""
        if resource.table in self._kept:
            with contextlib.suppress(RedisAwayError):  # the outbox has it too
                await self._cache.changed([(resource, UUID(str(key)))])
        self.consumer.wake()

    async def _drop(self, _claim: Claim, rows: Sequence[OutboxRow]) -> None:
        await self._cache.changed((self._kept[row.kind], UUID(row.data["key"])) for row in rows)
