"""A supervisor of the version before starts workers of this one, after an update and SIGHUP."""

import asyncio
import socket
import sys

START_S = 20.0


async def test_a_worker_starts_under_its_old_name():
    """It waits for its work, and ends in order when the supervisor does."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "server.worker"), stdin=theirs.fileno()
        )
        ours.shutdown(socket.SHUT_WR)
        async with asyncio.timeout(START_S):
            assert await process.wait() == 0
