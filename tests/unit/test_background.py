"""What is done every few minutes outlives what PostgreSQL refuses once."""

import asyncio

import asyncpg
import pytest

from protocol.errors import RequestError
from server import background


@pytest.mark.parametrize(
    ("run", "pause"),
    [
        (background.sweep_files, "FILES_S"),
        (background.fill_emails, "EMAILS_S"),
        (background.prune_sessions, "PRUNE_S"),
    ],
)
@pytest.mark.parametrize(
    "refusal",
    [
        RequestError.unavailable("PostgreSQL"),
        ConnectionResetError(),
        asyncpg.DeadlockDetectedError(),
        asyncpg.DiskFullError(),
    ],
    ids=lambda refusal: type(refusal).__name__,
)
async def test_what_postgresql_refuses_is_done_the_next_time(monkeypatch, run, pause, refusal):
    monkeypatch.setattr(background, pause, 0)
    came_again = asyncio.Event()
    turns = 0

    async def turn(*_):
        nonlocal turns
        turns += 1
        if turns == 1:
            raise refusal
        came_again.set()
        return 0

    task = asyncio.ensure_future(run(turn))
    waiting = asyncio.ensure_future(came_again.wait())
    await asyncio.wait([task, waiting], timeout=5, return_when=asyncio.FIRST_COMPLETED)
    assert came_again.is_set()
    assert not task.done()
    task.cancel()
    await asyncio.wait([task, waiting])
