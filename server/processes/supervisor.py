"""Keeps workers running: starts them, replaces those that die, restarts them in turn, ends them.

A worker is a process of its own (`server/processes/worker.py`) that accepts from two sockets of the
common ports (`server/processes/supervised_worker.py`). The supervisor serves nobody itself.
"""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import structlog

from server.background import in_background
from server.processes.assignment import Assignment
from server.processes.supervised_worker import Slot
from server.processes.worker_process import Worker, WorkersFailedError, spawn

log = structlog.get_logger()

ENDING_S = 30.0
"""What a worker may take to end beyond the time in which it sends its clients away."""
PATIENT_S = 1.0
"""Connections meant for a dead worker wait for its successor, unless that takes so long."""


HANGS = 3
HANGS_WITHIN_S = 600.0
"""So many workers that hang within this time are worth an alert."""


class Terms(NamedTuple):
    """What all workers are told: settings as flags give them, and where figures meet."""

    settings: Mapping[str, str]
    figures: Path
    drain_s: float
    silence_s: float


class Supervisor:
    """A worker in each slot, and a spare one that has imported everything and waits."""

    def __init__(self, slots: Sequence[Slot], terms: Terms) -> None:
        self._slots = slots
        self._terms = terms
        self._processes: set[Worker] = set()
        self._spare: Worker | None = None
        self._sparing = asyncio.Lock()
        self._asked = asyncio.Event()
        self._hung_at: deque[float] = deque(maxlen=HANGS)

    def restart(self) -> None:
        """Exchange all workers, one after the other; asked meanwhile, once more afterwards."""
        self._asked.set()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Workers, as long as the block lasts. Raises `WorkersFailedError` when none comes up."""
        try:
            processes = [await self._spawn() for _ in self._slots]
            await asyncio.gather(*map(self._begin, self._slots, processes))
            if not any(slot.worker for slot in self._slots):
                raise WorkersFailedError("no worker came up; the log says why")
            await self._keep_spare()
            async with in_background(self._run):
                yield
        finally:
            await self._end()

    async def _run(self) -> None:
        """Watch over the workers and restart them when asked, until cancelled."""
        async with asyncio.TaskGroup() as group:
            for slot in self._slots:
                group.create_task(self._keep(slot, slot.worker))
            while True:
                await self._asked.wait()
                self._asked.clear()
                await self._restart(group)

    async def _keep(self, slot: Slot, worker: Worker | None) -> None:
        """Replace the worker whenever it dies, until it is exchanged for one with its own keeper.

        None is one that did not come up.
        """
        while True:
            code = None if worker is None else await self._ended(slot, worker)
            async with slot.changing:
                if slot.worker is not worker:
                    return
                lived_s = 0.0 if worker is None else time.monotonic() - worker.began
                delay_s = slot.backoff.delay_s(lived_s)
                if worker is not None:
                    log.error("worker_died", worker=slot.name, pid=worker.pid, code=code)
                if delay_s >= PATIENT_S:
                    slot.refuse()
                await asyncio.sleep(delay_s)
                await self._begin(slot, await self._take_spare())
                worker = slot.worker
            await self._keep_spare()

    async def _ended(self, slot: Slot, worker: Worker) -> int:
        """Wait for the worker's end; its exit code. One that hangs is killed."""
        async with asyncio.TaskGroup() as group:
            watching = group.create_task(self._watch(slot, worker))
            code = await worker.ended()
            watching.cancel()
        return code

    async def _watch(self, slot: Slot, worker: Worker) -> None:
        await worker.silent(self._terms.silence_s)
        log.error("worker_hung", worker=slot.name, pid=worker.pid, silence_s=self._terms.silence_s)
        worker.kill()
        now = time.monotonic()
        self._hung_at.append(now)
        if len(self._hung_at) == HANGS and now - self._hung_at[0] <= HANGS_WITHIN_S:
            log.error("workers_keep_hanging", times=HANGS, within_s=HANGS_WITHIN_S)

    async def _restart(self, group: asyncio.TaskGroup) -> None:
        log.info("workers_restarting")
        if self._spare is not None:
            # It has imported the code of before.
            self._spare.kill()
            self._spare = None
        for slot in self._slots:
            async with slot.changing:
                old = slot.worker
                await self._begin(slot, await self._take_spare())
                if slot.worker is None:
                    slot.worker = old
                    log.error("restart_given_up", worker=slot.name)
                    return
                group.create_task(self._keep(slot, slot.worker))
            await self._keep_spare()
            if old is not None:
                await old.drained(self._terms.drain_s + ENDING_S)
        log.info("workers_restarted")

    async def _begin(self, slot: Slot, worker: Worker | None) -> None:
        """Have this process be the slot's worker; the slot has none when it does not come up."""
        if worker is None:
            slot.worker = None
            return
        began = time.monotonic()
        assignment = Assignment(slot.name, self._terms.settings, str(self._terms.figures))
        if await worker.serve(assignment, slot.ws.fileno(), slot.http.fileno()):
            seconds = round(time.monotonic() - began, 3)
            log.info("worker_ready", worker=slot.name, pid=worker.pid, seconds=seconds)
            slot.worker = worker
            return
        worker.kill()
        log.error("worker_not_ready", worker=slot.name, pid=worker.pid, code=await worker.ended())
        slot.worker = None

    async def _take_spare(self) -> Worker | None:
        spare, self._spare = self._spare, None
        return spare if spare is not None and spare.is_running else await self._spawn()

    async def _keep_spare(self) -> None:
        async with self._sparing:
            if self._spare is None or not self._spare.is_running:
                self._spare = await self._spawn()

    async def _spawn(self) -> Worker | None:
        """A new process; None when the system has no room for one now."""
        try:
            worker = await spawn()
        except OSError as error:
            log.warning("process_not_started", reason=str(error))
            return None
        self._processes = {other for other in self._processes if other.is_running} | {worker}
        return worker

    async def _end(self) -> None:
        """End all processes in order; at once when cancelled meanwhile."""
        for slot in self._slots:
            slot.close()
        within_s = self._terms.drain_s + ENDING_S
        try:
            await asyncio.gather(*(worker.drained(within_s) for worker in self._processes))
        finally:
            for worker in self._processes:
                worker.kill()
