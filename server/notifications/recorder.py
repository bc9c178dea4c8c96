"""Records what becomes of deliveries: what has come together is one statement, and then the next.

While PostgreSQL is away it is tried again. What others have taken up once it is back, since its
lease had ended, goes out again with the same Message-ID or topic.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID

import msgspec
import structlog

from protocol.errors import RequestError
from protocol.notifications.judgement import Reason
from server.notifications.leases import Leases
from server.telemetry.delivery_metrics import DeliveryMetrics
from storage.notifications.deliveries import Deliveries, Digested, Outcome

log = structlog.get_logger()

AGAIN_S = 0.5

Result = tuple[str, Outcome | Digested]
"""By which channel, and what became of it."""
Record = Callable[[Sequence[Any]], Awaitable[set[UUID]]]


class Recorder:
    """Of one process; `run` goes on beside the sends."""

    def __init__(self, queue: Deliveries, leases: Leases, metrics: DeliveryMetrics) -> None:
        self._queue = queue
        self._leases = leases
        self._metrics = metrics
        self._waiting: list[Result] = []
        self._woken = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()

    def put(self, channel: str, outcome: Outcome | Digested) -> None:
        """What became of a delivery by this channel."""
        self._waiting.append((channel, outcome))
        self._idle.clear()
        self._woken.set()

    async def done(self) -> None:
        """Wait until all is recorded, or is not this process' any more."""
        await self._idle.wait()

    async def run(self) -> None:
        """Record until cancelled."""
        while True:
            await self._woken.wait()
            self._woken.clear()
            while self._waiting:
                results, self._waiting = self._waiting, []
                outcomes = [one for one in results if isinstance(one[1], Outcome)]
                digested = [one for one in results if isinstance(one[1], Digested)]
                await self._record(outcomes, self._queue.record)
                await self._record(digested, self._queue.record_digested)
            self._idle.set()

    async def _record(self, results: Sequence[Result], record: Record) -> None:
        while results:
            try:
                kept = await record([one for _, one in results])
            except RequestError as error:
                # Nobody else can take them up meanwhile, even if their leases end.
                log.warning("deliveries_not_recorded", reason=str(error.code), rows=len(results))
                await asyncio.sleep(AGAIN_S)
            except Exception:
                log.exception("deliveries_not_recorded", rows=len(results))
                for part in _parts(results):
                    await self._record(part, record)
                break
            else:
                self._tell(results, kept)
                break
        self._leases.over(one.ref for _, one in results)

    def _tell(self, results: Sequence[Result], kept: set[UUID]) -> None:
        for channel, one in results:
            if one.ref.id not in kept:
                log.warning("delivery_lease_lost", delivery=str(one.ref.id))
                self._metrics.ended(channel, "lost", None)
            elif isinstance(one, Digested):
                self._metrics.ended(channel, "cancelled", Reason.DIGEST)
            else:
                self._metrics.ended(channel, one.status, one.reason)


def _parts(results: Sequence[Result]) -> list[Sequence[Result]]:
    """What is recorded instead of results that cannot be: halves, as one at fault must keep no
    other, and of that one its state alone, without the words that others have put into it.
    """
    if len(results) > 1:
        half = len(results) // 2
        return [results[:half], results[half:]]
    ((channel, one),) = results
    if isinstance(one, Outcome) and (one.message_id or one.error):
        return [[(channel, msgspec.structs.replace(one, message_id=None, error=None))]]
    return []
