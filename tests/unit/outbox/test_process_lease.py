"""A lease while PostgreSQL is away."""

import asyncio
import contextlib
import socket
from uuid import uuid4

from storage.outbox import process_lease
from storage.outbox.process_lease import ProcessLease

ATTEMPTS = 3


async def test_an_outage_is_told_once_however_often_it_is_tried(logs, monkeypatch):
    monkeypatch.setattr(process_lease, "REOPEN_S", 0.0)
    attempts = 0
    enough = asyncio.Event()

    class Counted(ProcessLease):
        """Counts what is tried in vain."""

        def close(self) -> None:
            nonlocal attempts
            attempts += 1
            if attempts == ATTEMPTS:
                enough.set()
            super().close()

    with socket.socket() as taken:
        # Bound, and nobody listens: each attempt is refused at once.
        taken.bind(("127.0.0.1", 0))
        lease = Counted(f"postgresql://x:y@127.0.0.1:{taken.getsockname()[1]}/z", uuid4())
        running = asyncio.create_task(lease.run())
        async with asyncio.timeout(10):
            await enough.wait()
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
    assert [line["event"] for line in logs] == ["lease_lost"]
