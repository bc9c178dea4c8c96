"""A worker's process as the supervisor sees it: started, given its work, drained, waited for."""

import asyncio
import contextlib
import socket
import sys
import time

import structlog

from server.processes.assignment import READY, Assignment, ask, give, has_answered

log = structlog.get_logger()

READY_S = 30.0
"""A worker that does not serve within this time is taken for broken."""
ROUNDS = 5
"""Questions that a worker leaves unanswered before it is taken for hung."""


class WorkersFailedError(RuntimeError):
    """Workers cannot be had; the message says what is in their way."""


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
        """Give it its work; True once it serves, False when it ends or takes too long instead."""
        try:
            give(self._control, assignment, ws, http)
            async with asyncio.timeout(READY_S):
                said = await asyncio.get_running_loop().sock_recv(self._control, 1)
        except (OSError, TimeoutError):
            return False
        self.began = time.monotonic()
        return said == READY

    async def silent(self, within_s: float) -> None:
        """Wait until it has not answered for so long while it serves; it may be silent in draining.

        The time is counted in rounds: when the whole machine stands still, that is one round.
        """
        answers = False  # A worker of older code never does.
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
        """Wait for its end; its exit code, or a signal's number with a minus."""
        code = await self._process.wait()
        self._control.close()
        return code

    def drain(self) -> None:
        """Tell it to send its clients away and end."""
        self._is_draining = True
        with contextlib.suppress(ProcessLookupError):
            self._process.terminate()

    def kill(self) -> None:
        """End it now."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    async def drained(self, within_s: float) -> None:
        """Have it end in order; one that takes longer is killed."""
        self.drain()
        try:
            async with asyncio.timeout(within_s):
                await self.ended()
        except TimeoutError:
            log.warning("worker_slow_to_end", pid=self.pid)
            self.kill()


async def spawn() -> WorkerProcess:
    """A new process that has nothing to do yet but to import what it will need."""
    ours, theirs = socket.socketpair()
    ours.setblocking(False)  # noqa: FBT003  # its only parameter
    with theirs:
        process = await asyncio.create_subprocess_exec(
            # -P: a folder named `server` in the present directory is not ours.
            *(sys.executable, "-P", "-m", "server.processes.worker"),
            stdin=theirs.fileno(),
            # Ctrl-C reaches the supervisor alone.
            start_new_session=True,
        )
    return WorkerProcess(process, ours)
