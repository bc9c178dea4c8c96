"""Publishes the outbox: what handlers changed, and what writers could not publish themselves.

Rows are claimed, published and deleted in one transaction: a relay that dies leaves them to the
next, and an event that was published already is dropped by its rev or eid where it arrives.

What was just committed is taken by any relay that is woken. What has waited is a backlog: one relay
at a time takes the oldest of it, and meanwhile nothing is published past it.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import aclosing

import asyncpg
import structlog

from protocol.errors import RequestError
from server.events import EventBuilder
from storage.claims import Batch, Connection, OutboxRow, claim_fresh, claim_waiting, has_backlog
from storage.postgres import REPEATABLE, UNAVAILABLE, losses_told
from storage.published import PublishedRows
from storage.publisher import Publisher

log = structlog.get_logger()

BATCH = Batch(rows=256, refs=2_000)
"""A row may name one change or a thousand."""
PROBE = Batch(rows=1, refs=1)
"""Once Redis has refused: one row will tell that it is back."""

POLL_S = 0.5
"""How often to look for what writers, dead or alive, have left behind."""
TURN_S = 0.05
"""The pause while another process is at the backlog, or nothing is heard of Redis."""
BACKOFF_S = 0.5
ACQUIRE_S = 5.0

OLD_S = 1.0
"""What has waited longer may have been published by a relay that then died."""
SLACK_S = 5.0
"""For the time until it is looked for, which counts by another clock."""
BACKLOG_S = 3.0
"""What has waited longer, claimed by others, is a backlog that nothing here may overtake."""


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
        published: PublishedRows,
        is_listening: Callable[[], bool],
    ) -> None:
        self._is_listening = is_listening
        self._pool = pool
        self._builder = builder
        self._publisher = publisher
        self._published = published
        self._woken = asyncio.Event()
        self._turn = asyncio.Lock()
        self._next_poll = 0.0
        self._batch = BATCH

    def wake(self) -> None:
        """Something was committed that only the relay publishes."""
        self._woken.set()

    async def run(self) -> None:
        """Publish until cancelled."""
        clock = asyncio.get_running_loop().time
        while True:
            await self._wait()
            if not self._is_listening():
                await asyncio.sleep(TURN_S)
                continue
            try:
                if self._publisher.is_behind or clock() >= self._next_poll:
                    await self.publish_waiting()
                    self._next_poll = clock() + POLL_S
                if not self._publisher.is_behind:
                    await self._publish_fresh()
            except (*UNAVAILABLE, *REPEATABLE, asyncpg.QueryCanceledError, RequestError) as error:
                log.warning("relay_waits", reason=type(error).__name__)
                await asyncio.sleep(BACKOFF_S)

    async def publish_waiting(self) -> None:
        """Publish all that waits, oldest first, unless another process is at it.

        Raises `RequestError` (`unavailable`) when Redis refuses, or PostgreSQL does not answer, and
        what `UNAVAILABLE` and `REPEATABLE` name; what is not published then stays where it is.
        """
        async with self._turn:
            if self._publisher.is_behind:
                await self._published.sweep()
            is_first = True
            while True:
                batch, self._batch = self._batch, BATCH
                rows = await self._publish(self._claim_waiting, batch, is_first=is_first)
                if rows is None:
                    return
                if not batch.is_filled(rows):
                    break
                is_first = False
            self._publisher.is_behind = False

    async def _wait(self) -> None:
        if self._publisher.is_behind:
            await asyncio.sleep(TURN_S)
            return
        try:
            async with asyncio.timeout_at(self._next_poll):
                await self._woken.wait()
        except TimeoutError:
            pass
        self._woken.clear()

    async def _publish_fresh(self) -> None:
        async with self._turn:
            while BATCH.is_filled(await self._publish(claim_fresh, BATCH, is_first=True) or ()):
                pass

    async def _claim_waiting(self, connection: Connection, batch: Batch) -> list[OutboxRow] | None:
        # What was handed to the publisher before it fell behind is not published either.
        owner = self._published.owner if self._publisher.is_behind else None
        rows = await claim_waiting(connection, batch, owner)
        if rows is None and await has_backlog(connection, BACKLOG_S):
            self._publisher.is_behind = True
        return rows

    async def _publish(
        self,
        claim: Callable[[Connection, Batch], Awaitable[list[OutboxRow] | None]],
        batch: Batch,
        *,
        is_first: bool,
    ) -> list[OutboxRow] | None:
        """Claim rows, publish and delete them; None when they are not to be claimed now."""

        def repeat_ms(row: OutboxRow) -> int:
            # Behind the first batch there is only what no relay had begun.
            may_be = row.owner is not None or (is_first and row.age_s > OLD_S)
            return round((row.age_s + SLACK_S) * 1000) if may_be else 0

        started = time.perf_counter()
        with losses_told():
            async with (
                self._pool.acquire(timeout=ACQUIRE_S) as connection,
                connection.transaction(),
            ):
                rows = await claim(connection, batch)
                if rows:
                    async with aclosing(self._builder.slices(rows, repeat_ms)) as slices:
                        async for publications in slices:
                            if not await self._publisher.publish_and_wait(publications):
                                self._batch = PROBE
                                raise RequestError.unavailable("Redis")
        if rows and claim is claim_fresh:
            age_s = max(row.age_s for row in rows)
            self._publisher.relayed(age_s + time.perf_counter() - started)
        return rows
