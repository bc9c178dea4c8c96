"""Works the queue of deliveries off: a worker for each channel, so slow mail keeps no push waiting.

What they have leased is renewed together, and what becomes of it is recorded together.
"""

import asyncio
from collections.abc import Mapping

import asyncpg
import structlog

from protocol.errors import RequestError
from server.notifications.batch_judge import Active, BatchJudge, Words
from server.notifications.breaker import Breakers
from server.notifications.channel_worker import MARGIN_S, ChannelWorker, Pace, Shared
from server.notifications.leases import RENEW_S, Leases
from server.notifications.recorder import Recorder
from server.notifications.sender import Sender
from server.telemetry.delivery_metrics import DeliveryMetrics
from storage.notifications.deliveries import LEASE_S, Deliveries
from storage.notifications.judging import Judging

log = structlog.get_logger()

WATCH_S = 10.0
STOP_S = 45.0
"""As long as the longest send, and recording it."""


class Deliverer:
    """The worker of one process; any number of processes may run one."""

    def __init__(
        self,
        stores: tuple[Deliveries, Judging],
        senders: Mapping[str, Sender],
        people: tuple[Active, Words],
        metrics: DeliveryMetrics,
        pace: Pace,
    ) -> None:
        """`senders` are those of the channels; what goes by another channel waits.

        Raises `ValueError` for a sender that may take longer than a lease is held by the time it is
        renewed.
        """
        self._queue, judging = stores
        self._metrics = metrics
        clock = asyncio.get_running_loop().time
        self._leases = Leases(self._queue, clock)
        self._recorder = Recorder(self._queue, self._leases, metrics)
        breakers = Breakers(clock)
        shared = Shared(self._queue, self._leases, self._recorder, breakers, metrics)
        self._workers = []
        for channel, sender in senders.items():
            if sender.timeout_s + MARGIN_S > LEASE_S - RENEW_S:
                raise ValueError(f"{channel}: {sender.timeout_s:g} s are more than a lease is held")
            judge = BatchJudge(judging, sender, breakers, *people)
            self._workers.append(ChannelWorker(channel, sender, judge, shared, pace))
        self._stopping, self._ended = asyncio.Event(), asyncio.Event()

    async def run(self) -> None:
        """Work until stopped. Cancelled, it leaves what is under way as a killed process does."""
        try:
            async with asyncio.TaskGroup() as group:
                beside = [
                    group.create_task(run())
                    for run in (self._leases.keep, self._recorder.run, self._watch)
                ]
                async with asyncio.TaskGroup() as workers_group:
                    for worker in self._workers:
                        workers_group.create_task(worker.run())
                await self._stopping.wait()
                await self._recorder.done()
                for task in beside:
                    task.cancel()
        finally:
            self._ended.set()

    async def stop(self) -> None:
        """Begin nothing any more, and return once `run` has ended: what was under way is recorded,
        and what was not begun is due as before.
        """
        self._stopping.set()
        for worker in self._workers:
            worker.stop()
        try:
            async with asyncio.timeout(STOP_S):
                await self._ended.wait()
        except TimeoutError:
            log.warning("deliveries_left_under_way", within_s=STOP_S)

    async def _watch(self) -> None:
        while True:
            try:
                for channel, seconds in (await self._queue.oldest_due_s()).items():
                    self._metrics.oldest_due(channel, seconds)
            except (RequestError, asyncpg.PostgresError) as error:
                log.warning("deliveries_not_seen", reason=type(error).__name__)
            await asyncio.sleep(WATCH_S)
