"""Publishes the outbox: what handlers changed, and what a writer that died had not published.

Rows are claimed, published and deleted in one transaction: a relay that dies leaves them to the
next, and an event that was published already is dropped by its rev or eid where it arrives.
"""

import asyncio
from collections.abc import Callable

import asyncpg
import structlog

from protocol.errors import RequestError
from server.events import EventBuilder
from storage.claims import claim
from storage.postgres import REPEATABLE, UNAVAILABLE, losses_told
from storage.publisher import Publisher

log = structlog.get_logger()

POLL_S = 0.5
BATCH = 64
BACKOFF_S = 0.5


class Relay:
    """The realtime consumer of the outbox; `wake` after a commit makes it look at once.

    While `is_listening` says no, rows wait: a process that cannot hear Redis yet would publish past
    its own connections.
    """

    def __init__(
        self,
        pool: "asyncpg.Pool[asyncpg.Record]",
        builder: EventBuilder,
        publisher: Publisher,
        is_listening: Callable[[], bool],
    ) -> None:
        self._is_listening = is_listening
        self._pool = pool
        self._builder = builder
        self._publisher = publisher
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Something was committed."""
        self._woken.set()

    async def run(self) -> None:
        """Publish until cancelled."""
        while True:
            try:
                async with asyncio.timeout(POLL_S):
                    await self._woken.wait()
            except TimeoutError:
                pass
            self._woken.clear()
            if not self._is_listening():
                await asyncio.sleep(BACKOFF_S)
                continue
            try:
                while await self.publish_due() == BATCH:
                    pass
            except (*UNAVAILABLE, *REPEATABLE, RequestError) as error:
                log.warning("relay_waits", reason=type(error).__name__)
                await asyncio.sleep(BACKOFF_S)

    async def publish_due(self) -> int:
        """Publish a batch of rows that are due; how many they were."""
        with losses_told():
            return await self._publish_due()

    async def _publish_due(self) -> int:
        async with self._pool.acquire() as connection:
            transaction = connection.transaction()
            await transaction.start()
            try:
                rows = await claim(connection, "realtime", BATCH)
                published = True
                async for part in self._builder.slices(rows, lambda row: row.age_s > 1):
                    published = published and await self._publisher.publish_and_wait(part)
            except BaseException:
                await transaction.rollback()
                raise
            if not published:
                await transaction.rollback()
                await asyncio.sleep(BACKOFF_S)
                return 0
            await transaction.commit()
            return len(rows)
