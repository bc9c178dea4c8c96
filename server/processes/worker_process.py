"""A worker's process as the supervisor sees it: started, assigned, drained, waited for."""

import asyncio
import contextlib
import socket
import sys
import time

import structlog

from server.processes.assignment import READY, Assignment, ask, give, has_answered

log = structlog.get_logger()

READY_S = 30.0
"""A process that does not serve within this time has failed."""
ROUNDS = 5
"""Unanswered questions after which a worker counts as hung."""


class WorkersFailedError(RuntimeError):
    """Workers cannot be started; the message says why."""


class WorkerProcess:
    """A worker's process, as the supervisor sees it."""

    def __init__(self, process: asyncio.subprocess.Process, control: socket.socket) -> None:
        self._process = process
        self._control = control
        self.pid = process.pid
        self.began = time.monotonic()
        self._is_draining = False

    @property
    def is_running(self) -> bool:
        """False once it has ended."""
        return self._process.returncode is None

    async def serve(self, assignment: Assignment, ws: int, http: int) -> bool:
        """Assign its work; True once it serves, False if it ends or takes too long."""
        try:
            give(self._control, assignment, ws, http)
            async with asyncio.timeout(READY_S):
                said = await asyncio.get_running_loop().sock_recv(self._control, 1)
        except (OSError, TimeoutError):
            return False
        self.began = time.monotonic()
        return said == READY

    async def silent(self, within_s: float) -> None:
        """Wait until it has not answered for this time; while it drains, it need not answer.

        The time is counted in rounds: a standstill of the whole machine counts as one round.
        """
        answers = False  # A worker of older code never answers.
        unanswered = 0
        while unanswered < ROUNDS:
            if answers:
                ask(self._control)
            await asyncio.sleep(within_s / ROUNDS)
            if has_answered(self._control):
                answers = True
                unanswered = 0
            elif answers and not self._is_draining:
                unanswered += 1

    async def ended(self) -> int:
        """Wait for its end; returns its exit code, or the negative number of a signal."""
        code = await self._process.wait()
        self._control.close()
        return code

    def drain(self) -> None:
        """Tell it to drain its clients and end."""
        self._is_draining = True
        with contextlib.suppress(ProcessLookupError):
            self._process.terminate()

    def kill(self) -> None:
        """End it now."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    async def drained(self, within_s: float) -> None:
        """Drain it, and kill it if that takes longer."""
        self.drain()
        try:
            async with asyncio.timeout(within_s):
                await self.ended()
        except TimeoutError:
            log.warning("worker_slow_to_end", pid=self.pid)
            self.kill()


async def spawn() -> WorkerProcess:
    """A new process, which imports the code and waits for its assignment."""
    ours, theirs = socket.socketpair()
    ours.setblocking(False)  # noqa: FBT003  # its only parameter
    with theirs:
        process = await asyncio.create_subprocess_exec(
            # -P: do not import a folder named `server` from the current directory.
            *(sys.executable, "-P", "-m", "server.processes.worker"),
            stdin=theirs.fileno(),
            # Ctrl-C reaches the supervisor alone.
            start_new_session=True,
        )
    return WorkerProcess(process, ours)
