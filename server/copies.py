"""Drops copies of what has changed: rows and lists in Redis, whoever changed them.

Triggers leave a row in the outbox for each change of a row that is kept as copies (in which table,
which key), in the change's own transaction: by REST, by a workflow, or by hand. What REST writes is
dropped before it is answered; what follows from it elsewhere (a rating, a lowest price) by this
consumer, woken at once, as is what others write, within a second.
"""

import asyncio
import contextlib
from collections.abc import Iterable
from typing import Any
from uuid import UUID

import asyncpg
import structlog

from storage.claims import claim
from storage.postgres import REPEATABLE, UNAVAILABLE, losses_told
from storage.redis_guard import RedisAwayError
from storage.resources.cache import RowCache
from storage.resources.resource import Resource

log = structlog.get_logger()

CONSUMER = "copies"
_ROWS = 500
_POLL_S = 1.0
_RETRY_S = 2.0
_ROUND_S = 10.0


class Copies:
    """The consumer of the outbox that drops copies; any number of processes may run it."""

    def __init__(
        self,
        pool: "asyncpg.Pool[asyncpg.Record]",
        cache: RowCache,
        resources: Iterable[Resource],
    ) -> None:
        self._pool = pool
        self._cache = cache
        self._kept = {r.table: r for r in resources if r.cache_s}
        self._woken = asyncio.Event()

    async def changed(self, resource: Resource, key: Any) -> None:
        """Drop what is kept of a row that was just written; what follows from it, soon after."""
        if resource.table in self._kept:
            with contextlib.suppress(RedisAwayError):  # the outbox remembers
                await self._cache.changed([(resource, UUID(str(key)))])
        self._woken.set()

    async def run(self) -> None:
        """Consume until cancelled; while a server is away, try again every two seconds."""
        while True:
            try:
                pause_s = 0.0 if await self.consume() == _ROWS else _POLL_S
            except (*UNAVAILABLE, *REPEATABLE, RedisAwayError) as error:
                log.warning("copies_not_dropped", reason=type(error).__name__)
                pause_s = _RETRY_S
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause_s):
                    await self._woken.wait()
            self._woken.clear()

    async def consume(self) -> int:
        """Drop copies of what the next changes tell of; returns how many changes they were.

        Raises what `UNAVAILABLE` and `REPEATABLE` name, and `RedisAwayError`; then they are told of
        once more.
        """
        with losses_told():
            async with (
                asyncio.timeout(_ROUND_S),
                self._pool.acquire() as connection,
                connection.transaction(),
            ):
                rows = await claim(connection, CONSUMER, _ROWS)
                await self._cache.changed(
                    (self._kept[row.kind], UUID(row.data["key"]))
                    for row in rows
                    if row.kind in self._kept
                )
        return len(rows)
