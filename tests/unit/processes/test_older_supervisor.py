"""A supervisor of the version before starts workers of this one, after an update and SIGHUP."""

import asyncio
import socket
import sys

import pytest

START_S = 20.0


@pytest.mark.parametrize("name", ["server.worker", "server.processes.worker"])
async def test_a_worker_starts_under_its_old_names(name):
    """It waits for its work, and ends in order when the supervisor does."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", name), stdin=theirs.fileno()
        )
        ours.shutdown(socket.SHUT_WR)
        async with asyncio.timeout(START_S):
            assert await process.wait() == 0
