"""The consumer of the outbox: its loop, and how it treats rows that cannot be processed.

1. It claims rows of the kinds that it knows. Rows of other kinds are left to nodes that know them,
   and set aside after an hour.
2. A failing batch is halved down to the row at fault, which is retried after a pause and set aside
   after its third failure. If a server (PostgreSQL, Redis) is away, the consumer waits for it
   instead. After a batch that takes too long the next one is half as large; a single row whose
   statement PostgreSQL ends for its length has failed by itself.
3. A kind of which more than ten rows are set aside within a minute is paused: one row of it is
   tried each minute, and when that succeeds, or there is none, the kind resumes. Other kinds are
   not affected.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import NamedTuple

import structlog

from server.outbox.batch_size import BatchSize
from server.outbox.claiming import Form, Taken
from server.outbox.halving import is_away, is_too_slow
from server.outbox.waking import rest
from storage.database.postgres import losses_told
from storage.outbox.failed_rows import OutboxFailures
from storage.outbox.rows import ONE, Batch

log = structlog.get_logger()

UPKEEP_S = 1.0
"""How often to look for paused kinds."""
UNKNOWN_S = 60.0
"""How often to look for kinds that no node knows."""


class Pace(NamedTuple):
    """How much a consumer takes at once, and how often it looks."""

    batch: Batch
    poll_s: float = 1.0
    retry_s: float = 0.5
    """After a failure; twice as long after each further one, up to `retry_max_s`."""
    retry_max_s: float = 5.0


Observe = Callable[[str, float], None]
"""`(consumer, seconds)`: the age of the oldest row of a batch when it was processed."""


class OutboxConsumer:
    """One consumer in one process; any number of processes may run it."""

    def __init__(
        self,
        name: str,
        form: Form,
        failures: OutboxFailures,
        pace: Pace,
        observe: Observe = lambda _consumer, _seconds: None,
    ) -> None:
        self.name = name
        self._form = form
        self._failures = failures
        self._pace = pace
        self._size = BatchSize(pace.batch)
        self._observe = observe
        self._paused: frozenset[str] = frozenset()
        self._next_upkeep = 0.0
        self._next_unknown = 0.0
        self._woken = asyncio.Event()

    @property
    def kinds(self) -> Sequence[str]:
        """The kinds of rows that it knows."""
        return self._failures.kinds

    @property
    def claimed_kinds(self) -> Sequence[str]:
        """Those of them that are not paused."""
        return [kind for kind in self.kinds if kind not in self._paused]

    @property
    def batch(self) -> Batch:
        """What it takes at once now."""
        return self._size.batch

    def wake(self) -> None:
        """The outbox may hold rows now: look at once instead of after the usual pause."""
        self._woken.set()

    async def run(self) -> None:
        """Consume until cancelled. Neither a bad row nor an unavailable server ends it."""
        pace, failed = self._pace, 0
        while True:
            batch = self.batch
            try:
                taken = await self.consume()
            except Exception as error:  # noqa: BLE001 - a row must not end the process
                self._tell(error)
                if self.batch != batch:
                    failed = 0  # a smaller batch may be tried at once
                await asyncio.sleep(min(pace.retry_s * 2**failed, pace.retry_max_s))
                failed = min(failed + 1, 10)
                continue
            failed = 0
            if not taken.is_more:
                await self._rest(taken)

    async def consume(self) -> Taken:
        """Take and process a batch. Raises the error of a server that is away, or too slow for the
        batch; then the next one is smaller.
        """
        clock = asyncio.get_running_loop().time
        if clock() >= self._next_upkeep:
            with losses_told():
                await self._upkeep()
            self._next_upkeep = clock() + UPKEEP_S
        kinds = self.claimed_kinds
        try:
            taken = await self._form.turn(kinds, self.batch)
        except Exception as error:
            if is_too_slow(error):
                self._size.took_too_long()
            raise
        if taken.rows:
            self._size.was_done()
        if taken.rows > taken.failed:
            self._observe(self.name, taken.oldest_s)
        return taken

    async def _upkeep(self) -> None:
        """Look for paused kinds and try a row of each that is due; look for unknown kinds."""
        paused = await self._failures.paused()
        self._paused = frozenset(paused)
        for kind in self.kinds:
            if paused.get(kind) and await self._try(kind):
                self._paused -= {kind}
        clock = asyncio.get_running_loop().time
        if clock() >= self._next_unknown:
            await self._failures.set_aside_unknown()
            self._next_unknown = clock() + UNKNOWN_S

    async def _try(self, kind: str) -> bool:
        """Try a row of a paused kind, if no other process does; whether the kind resumes."""
        if not await self._failures.take_trial(kind):
            return False
        taken = await self._form.trial([kind], ONE)
        if taken.rows > taken.failed:
            await self._failures.resume(kind)
            return True
        # With no row taken, there may be none, or other processes may hold them.
        return not taken.rows and await self._failures.resume_without_rows(kind)

    async def _rest(self, taken: Taken) -> None:
        pause_s = self._pace.poll_s if taken.pause_s is None else taken.pause_s
        if taken.is_deaf:
            await asyncio.sleep(pause_s)
            return
        await rest(self._woken, pause_s)

    def _tell(self, error: Exception) -> None:
        if is_away(error):
            reason = type(error).__name__
            log.warning("outbox_waits", consumer=self.name, reason=reason, rows=self.batch.rows)
        else:
            log.error("outbox_consumer_failed", consumer=self.name, exc_info=error)
