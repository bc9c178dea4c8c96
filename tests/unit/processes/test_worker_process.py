"""A worker that stops to answer is noticed; one that never answered, or drains, is left alone."""

import asyncio
import contextlib
import socket
import sys

import pytest

from server.processes.assignment import ALIVE, ASK, READY
from server.processes.worker_process import WorkerProcess

WITHIN_S = 0.2


@pytest.fixture
async def worker():
    """A process that does nothing, and our hand on its side of the socket."""
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    theirs.setblocking(False)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", "input()"), stdin=asyncio.subprocess.PIPE
    )
    worker = WorkerProcess(process, ours)
    with theirs:
        yield worker, theirs
        worker.kill()
        await worker.ended()


async def notices(worker, within_s):
    """Whether it is taken for hung within this time."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(within_s):
            await worker.silent(WITHIN_S)
            return True
    return False


async def test_one_that_answers_once_and_no_more_is_noticed(worker):
    worker, theirs = worker
    theirs.send(ALIVE)
    assert await notices(worker, 10)
    assert theirs.recv(100).startswith(ASK)


async def test_one_that_answers_is_not(worker):
    worker, theirs = worker
    loop = asyncio.get_running_loop()
    loop.add_reader(theirs, lambda: theirs.recv(100) and theirs.send(ALIVE))
    theirs.send(ALIVE)
    try:
        assert not await notices(worker, 5 * WITHIN_S)
    finally:
        loop.remove_reader(theirs)


async def test_one_of_older_code_is_never_asked(worker):
    worker, theirs = worker
    theirs.send(READY)
    assert await asyncio.get_running_loop().sock_recv(worker._control, 1) == READY
    assert not await notices(worker, 3 * WITHIN_S)
    with pytest.raises(BlockingIOError):
        theirs.recv(1)


async def test_one_that_drains_may_be_silent(worker):
    worker, theirs = worker
    theirs.send(ALIVE)
    worker.drain()
    assert not await notices(worker, 3 * WITHIN_S)
