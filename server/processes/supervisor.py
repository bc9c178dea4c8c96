"""Keeps workers running: starts, replaces, restarts in turn and ends their processes.

A worker is a process (`server/processes/worker.py`) that accepts from two sockets of the shared
ports (`server/processes/worker_sockets.py`). The supervisor serves no clients itself.
"""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import structlog

from server.background import in_background
from server.processes.assignment import Assignment
from server.processes.worker_process import WorkerProcess, WorkersFailedError, spawn
from server.processes.worker_sockets import SupervisedWorker

log = structlog.get_logger()

ENDING_S = 45.0
"""The time that a worker may take to end, in addition to the drain of its clients: mails
that it has begun take up to 35 s, and another would send them again."""
PATIENT_S = 1.0
"""Connections of a dead worker wait for its new process, unless that takes this long."""


HANGS = 3
HANGS_WITHIN_S = 600.0
"""This many hung workers within this time are logged as an error of their own."""


class Terms(NamedTuple):
    """What all workers get: settings as from flags, and the directory of the figures."""

    settings: Mapping[str, str]
    figures: Path
    drain_s: float
    silence_s: float


class Supervisor:
    """The workers, and a spare process that has imported everything and waits for work."""

    def __init__(
        self,
        workers: Sequence[SupervisedWorker],
        terms: Terms,
        may_take: Callable[[Terms, Terms], Awaitable[bool]],
    ) -> None:
        """`may_take` judges new terms by those before, beyond what a worker's start finds out."""
        self._workers = workers
        self._may_take = may_take
        self._terms = terms
        self._next = terms
        self._processes: set[WorkerProcess] = set()
        self._spare: WorkerProcess | None = None
        self._sparing = asyncio.Lock()
        self._asked = asyncio.Event()
        self._hung_at: deque[float] = deque(maxlen=HANGS)
        self._begun_with: dict[str, Terms] = {}

    def restart(self, terms: Terms) -> None:
        """Replace all processes one by one, with these terms; a call meanwhile starts another
        round afterwards. Where one does not come up, those before stay, and their terms.
        """
        self._next = terms
        self._asked.set()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run workers during the block. Raises `WorkersFailedError` if none starts."""
        try:
            processes = [await self._spawn() for _ in self._workers]
            await asyncio.gather(*map(self._begin, self._workers, processes))
            if not any(worker.process for worker in self._workers):
                raise WorkersFailedError("no worker came up; the log says why")
            await self._keep_spare()
            async with in_background(self._run):
                yield
        finally:
            await self._end()

    async def _run(self) -> None:
        """Watch the workers, and restart them on request, until cancelled."""
        async with asyncio.TaskGroup() as group:
            for worker in self._workers:
                group.create_task(self._keep(worker, worker.process))
            while True:
                await self._asked.wait()
                self._asked.clear()
                await self._restart(group)

    async def _keep(self, worker: SupervisedWorker, process: WorkerProcess | None) -> None:
        """Replace the process whenever it dies, until a restart does: its process has another task.

        None is a process that did not start.
        """
        while True:
            code = None if process is None else await self._ended(worker, process)
            async with worker.changing:
                if worker.process is not process:
                    return
                lived_s = 0.0 if process is None else time.monotonic() - process.began
                delay_s = worker.backoff.delay_s(lived_s)
                if process is not None:
                    log.error("worker_died", worker=worker.name, pid=process.pid, code=code)
                if delay_s >= PATIENT_S:
                    worker.refuse()
                await asyncio.sleep(delay_s)
                await self._begin(worker, await self._take_spare())
                process = worker.process
            await self._keep_spare()

    async def _ended(self, worker: SupervisedWorker, process: WorkerProcess) -> int:
        """Wait for the end of the process, and kill it if it hangs; returns its exit code."""
        async with asyncio.TaskGroup() as group:
            watching = group.create_task(self._watch(worker, process))
            code = await process.ended()
            watching.cancel()
        return code

    async def _watch(self, worker: SupervisedWorker, process: WorkerProcess) -> None:
        await process.silent(self._terms.silence_s)
        log.error(
            "worker_hung", worker=worker.name, pid=process.pid, silence_s=self._terms.silence_s
        )
        process.kill()
        now = time.monotonic()
        self._hung_at.append(now)
        if len(self._hung_at) == HANGS and now - self._hung_at[0] <= HANGS_WITHIN_S:
            log.error("workers_keep_hanging", times=HANGS, within_s=HANGS_WITHIN_S)

    async def _restart(self, group: asyncio.TaskGroup) -> None:
        if not await self._may_take(self._terms, self._next):
            return
        log.info("workers_restarting")
        before, self._terms = self._terms, self._next
        if self._spare is not None:
            # It has imported the old code.
            self._spare.kill()
            self._spare = None
        for worker in self._workers:
            if not await self._exchange(worker, group):
                log.error("restart_given_up", worker=worker.name)
                self._terms = before
                await self._go_back(group)
                return
        log.info("workers_restarted")

    async def _go_back(self, group: asyncio.TaskGroup) -> None:
        """Workers of one instance have the same settings: exchange those that have refused ones."""
        for worker in self._workers:
            differs = self._begun_with.get(worker.name, self._terms) != self._terms
            if differs and not await self._exchange(worker, group):
                log.error("worker_keeps_refused_settings", worker=worker.name)

    async def _exchange(self, worker: SupervisedWorker, group: asyncio.TaskGroup) -> bool:
        """Give the worker a process with the present terms; false when it keeps the one it has."""
        async with worker.changing:
            old, old_terms = worker.process, self._begun_with.get(worker.name, self._terms)
            await self._begin(worker, await self._take_spare())
            if worker.process is None:
                worker.process = old
                return False
            group.create_task(self._keep(worker, worker.process))
        await self._keep_spare()
        if old is not None:
            # The old process drains for as long as its own settings say.
            await old.drained(max(old_terms.drain_s, self._terms.drain_s) + ENDING_S)
        return True

    async def _begin(self, worker: SupervisedWorker, process: WorkerProcess | None) -> None:
        """Make this the worker's process; the worker has none if it does not start."""
        if process is None:
            worker.process = None
            return
        began, terms = time.monotonic(), self._terms
        assignment = Assignment(worker.name, terms.settings, str(terms.figures))
        if await process.serve(assignment, worker.ws.fileno(), worker.http.fileno()):
            seconds = round(time.monotonic() - began, 3)
            log.info("worker_ready", worker=worker.name, pid=process.pid, seconds=seconds)
            worker.process = process
            self._begun_with[worker.name] = terms
            return
        process.kill()
        log.error(
            "worker_not_ready", worker=worker.name, pid=process.pid, code=await process.ended()
        )
        worker.process = None

    async def _take_spare(self) -> WorkerProcess | None:
        spare, self._spare = self._spare, None
        return spare if spare is not None and spare.is_running else await self._spawn()

    async def _keep_spare(self) -> None:
        async with self._sparing:
            if self._spare is None or not self._spare.is_running:
                self._spare = await self._spawn()

    async def _spawn(self) -> WorkerProcess | None:
        """A new process; None if the system cannot start one now."""
        try:
            process = await spawn()
        except OSError as error:
            log.warning("process_not_started", reason=str(error))
            return None
        self._processes = {other for other in self._processes if other.is_running} | {process}
        return process

    async def _end(self) -> None:
        """Drain and end all processes; kill them if cancelled meanwhile."""
        for worker in self._workers:
            worker.close()
        drains = [terms.drain_s for terms in (self._terms, *self._begun_with.values())]
        within_s = max(drains) + ENDING_S
        try:
            await asyncio.gather(*(process.drained(within_s) for process in self._processes))
        finally:
            for process in self._processes:
                process.kill()
