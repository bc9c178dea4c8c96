"""Records what becomes of a batch: what has come together is one statement, and then the next.

While PostgreSQL is away it is tried again as long as the leases are held. What is not recorded by
then is taken up by others, and goes out again with the same Message-ID or topic.
"""

import asyncio
from uuid import UUID

import asyncpg
import structlog

from protocol.errors import RequestError
from protocol.notifications.judgement import Reason
from server.notifications.leases import Leases
from server.telemetry.delivery_metrics import DeliveryMetrics
from storage.notifications.deliveries import Deliveries, Digested, Outcome

log = structlog.get_logger()

AGAIN_S = 0.5


class Recorder:
    """Of one batch; `run` goes on beside the sends."""

    def __init__(self, queue: Deliveries, leases: Leases, metrics: DeliveryMetrics) -> None:
        self._queue = queue
        self._leases = leases
        self._metrics = metrics
        self._waiting: list[tuple[str, Outcome | Digested]] = []
        self._woken = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()

    def put(self, channel: str, outcome: Outcome | Digested) -> None:
        """What became of a delivery by this channel."""
        self._waiting.append((channel, outcome))
        self._idle.clear()
        self._woken.set()

    async def done(self) -> None:
        """Wait until all is recorded, or is not this batch's any more."""
        await self._idle.wait()

    async def run(self) -> None:
        """Record until cancelled."""
        while True:
            await self._woken.wait()
            self._woken.clear()
            while self._waiting:
                batch, self._waiting = self._waiting, []
                await self._record(batch)
            self._idle.set()

    async def _record(self, batch: list[tuple[str, Outcome | Digested]]) -> None:
        outcomes = [o for _, o in batch if isinstance(o, Outcome)]
        digested = [o for _, o in batch if isinstance(o, Digested)]
        while True:
            try:
                kept = await self._queue.record(outcomes)
                kept |= await self._queue.record_digested(digested)
            except RequestError as error:
                log.warning("deliveries_not_recorded", reason=str(error.code), rows=len(batch))
            except asyncpg.PostgresError:
                log.exception("deliveries_not_recorded", rows=len(batch))
            else:
                self._tell(batch, kept)
                break
            if not any(self._leases.held_s(one.ref) for _, one in batch):
                break
            await asyncio.sleep(AGAIN_S)
        self._leases.over(one.ref for _, one in batch)

    def _tell(self, batch: list[tuple[str, Outcome | Digested]], kept: set[UUID]) -> None:
        for channel, one in batch:
            if one.ref.id not in kept:
                log.warning("delivery_lease_lost", delivery=str(one.ref.id))
                self._metrics.ended(channel, "lost", None)
            elif isinstance(one, Digested):
                self._metrics.ended(channel, "cancelled", Reason.DIGEST)
            else:
                self._metrics.ended(channel, one.status, one.reason)
