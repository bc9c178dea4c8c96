"""Drops copies of what has changed: rows and lists in Redis, whoever changed them.

Triggers leave a row in the outbox for each change of a row that is kept as copies (in which table,
which key), in the change's own transaction: by REST, by a workflow, or by hand. What REST writes is
dropped before it is answered; what follows from it elsewhere (a rating, a lowest price) by this
consumer, woken at once, as is what others write, within a second.
"""

import contextlib
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import asyncpg

from server.outbox.consumer import Observe, OutboxConsumer, Pace
from server.outbox.forms import Leased
from storage.outbox.failures import OutboxFailures
from storage.outbox.leases import Claim, RowLeases
from storage.outbox.rows import Batch, OutboxRow
from storage.redis.guard import RedisAwayError
from storage.resources.cache import RowCache
from storage.resources.resource import Resource

CONSUMER = "copies"
"""As it stands in the rows of the outbox."""
PACE = Pace(Batch(rows=500, refs=500), retry_s=2.0)


class CacheInvalidation:
    """The consumer of the outbox that drops copies; any number of processes may run it."""

    def __init__(
        self,
        pool: "asyncpg.Pool[asyncpg.Record]",
        owner: UUID,
        cache: RowCache,
        resources: Iterable[Resource],
        observe: Observe = lambda _consumer, _seconds: None,
    ) -> None:
        """`owner` is this process, as the owner of rows that it works on."""
        self._cache = cache
        self._kept = {r.table: r for r in resources if r.cache_s}
        failures = OutboxFailures(pool, CONSUMER, self._kept)
        form = Leased(pool, failures, RowLeases(pool, owner, CONSUMER), self._drop)
        self.consumer = OutboxConsumer(CONSUMER, form, failures, PACE, observe)

    async def changed(self, resource: Resource, key: Any) -> None:
        """Drop what is kept of a row that was just written; what follows from it, soon after."""
        if resource.table in self._kept:
            with contextlib.suppress(RedisAwayError):  # the outbox remembers
                await self._cache.changed([(resource, UUID(str(key)))])
        self.consumer.wake()

    async def _drop(self, _claim: Claim, rows: Sequence[OutboxRow]) -> None:
        await self._cache.changed((self._kept[row.kind], UUID(row.data["key"])) for row in rows)
