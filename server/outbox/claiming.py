"""The two ways in which a consumer takes a batch: in one transaction, or by leases.

Work that only writes to PostgreSQL is done exactly once: claim, work and deletion are one
transaction. Work that uses Redis or another server is done at least once: the rows are leased, and
no transaction is open meanwhile.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple, Protocol

import asyncpg
import structlog

from server.outbox.halving import RoundTooLongError, halved, is_alone_too_slow, is_away
from storage.database.postgres import losses_told
from storage.outbox.failed_rows import OutboxFailures
from storage.outbox.leases import Claim, LeaseLostError, RowLeases
from storage.outbox.rows import Batch, ClaimRows, Connection, OutboxRow, delete_claimed

log = structlog.get_logger()

ROUND_S = 30.0
"""The time limit of a batch."""


class Taken(NamedTuple):
    """The result of one turn."""

    rows: int = 0
    failed: int = 0
    oldest_s: float = 0.0
    """The age of the oldest row that was processed."""
    is_more: bool = False
    """Whether to look again at once."""
    pause_s: float | None = None
    """How long to pause, if not the usual time."""
    is_deaf: bool = False
    """Whether `wake` does not shorten the pause."""
    is_lost: bool = False
    """Whether another process has taken the rows meanwhile."""


class Form(Protocol):
    """A way of taking batches."""

    async def turn(self, kinds: Sequence[str], batch: Batch) -> Taken:
        """Take and work off at most a batch of these kinds."""

    async def trial(self, kinds: Sequence[str], batch: Batch) -> Taken:
        """The same for a paused kind."""


class Transacted:
    """Claiming, working and deleting are one transaction.

    A batch is tried as a whole first. Savepoints are used only after a failure, so that batches
    without one do not pay for them.
    """

    def __init__(
        self,
        pool: "asyncpg.Pool[asyncpg.Record]",
        failures: OutboxFailures,
        claim: ClaimRows,
        handle: Callable[[Connection, Sequence[OutboxRow]], Awaitable[None]],
        done: Callable[[], None] = lambda: None,
        part: Callable[[Sequence[OutboxRow]], Sequence[OutboxRow]] = lambda rows: rows,
    ) -> None:
        """`done` is called after the commit of processed rows; `part` says which of the claimed
        rows are worked off together, the others coming next.
        """
        self._pool = pool
        self._failures = failures
        self._claim = claim
        self._handle = handle
        self._done = done
        self._part = part

    async def turn(self, kinds: Sequence[str], batch: Batch) -> Taken:
        """Take and work off at most a batch of these kinds."""
        try:
            return await self._turn(kinds, batch, careful=False)
        except Exception as error:  # a row's fault, of whatever kind: the careful turn finds which
            if is_away(error) and not is_alone_too_slow(error, batch.rows):
                raise
        return await self._turn(kinds, batch, careful=True)

    trial = turn

    async def _turn(self, kinds: Sequence[str], batch: Batch, *, careful: bool) -> Taken:
        rows: Sequence[OutboxRow] = ()
        part = rows
        bound = asyncio.timeout(ROUND_S)
        try:
            with losses_told():
                async with bound, self._pool.acquire() as connection, connection.transaction():
                    rows = await self._claim(connection, kinds, batch)
                    if not rows:
                        return Taken()
                    part = self._part(rows)
                    failed = await self._work_off(connection, part, careful=careful)
        except TimeoutError as error:
            if rows and bound.expired():
                raise RoundTooLongError from error
            raise
        self._done()
        is_more = batch.is_filled(rows) or len(part) < len(rows)
        return Taken(len(part), failed, _oldest_s(part), is_more)

    async def _work_off(
        self, connection: Connection, rows: Sequence[OutboxRow], *, careful: bool
    ) -> int:
        """Process claimed rows, delete them and note those that failed; how many have."""

        async def attempt(part: Sequence[OutboxRow]) -> None:
            async with connection.transaction():
                await self._handle(connection, part)

        if careful:
            failures = await halved(attempt, rows)
        else:
            failures = []
            await self._handle(connection, rows)
        bad = {failure.row.id for failure in failures}
        await delete_claimed(connection, [row.id for row in rows if row.id not in bad])
        await self._failures.note(connection, failures)
        return len(bad)


class Leased:
    """Rows are leased by one statement, processed with no transaction open, and deleted."""

    def __init__(
        self,
        pool: "asyncpg.Pool[asyncpg.Record]",
        failures: OutboxFailures,
        leases: RowLeases,
        handle: Callable[[Claim, Sequence[OutboxRow]], Awaitable[None]],
        done: Callable[[Sequence[OutboxRow]], Awaitable[None]] | None = None,
    ) -> None:
        """`done` is called with the processed rows, instead of deleting them at once."""
        self._pool = pool
        self._failures = failures
        self._leases = leases
        self._handle = handle
        self._done = done or leases.delete

    async def turn(self, kinds: Sequence[str], batch: Batch) -> Taken:
        """Take and work off at most a batch of these kinds."""
        with losses_told():
            claim = await self._leases.waiting(kinds, batch)
        taken = await self.work_off(claim)
        return taken._replace(is_more=batch.is_filled(claim.rows))

    trial = turn

    async def work_off(self, claim: Claim) -> Taken:
        """Process leased rows. Rows that another process has taken meanwhile are left to it."""
        rows = claim.rows
        if not rows:
            return Taken()

        async def attempt(part: Sequence[OutboxRow]) -> None:
            await self._handle(claim, part)

        try:
            failures = await halved(attempt, rows)
        except LeaseLostError:
            log.info("outbox_lease_lost", consumer=self._leases.consumer, rows=len(rows))
            return Taken(len(rows), len(rows), is_lost=True)
        except Exception:
            # Another process may succeed.
            await self._leases.give_back(rows)
            raise
        bad = {failure.row.id for failure in failures}
        with losses_told():
            if failures:
                async with self._pool.acquire() as connection:
                    await self._failures.note(connection, failures, self._leases.owner)
            await self._done([row for row in rows if row.id not in bad])
        return Taken(len(rows), len(bad), _oldest_s(rows))


def _oldest_s(rows: Sequence[OutboxRow]) -> float:
    return max(row.age_s for row in rows)
