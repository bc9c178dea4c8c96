"""Servers of a test's own, to be stopped, killed and frozen."""

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psutil
import pytest

from storage.database import migrate
from storage.embedded.postgres import EmbeddedPostgres
from storage.embedded.processes import free_port
from storage.embedded.valkey import EmbeddedValkey
from tests.directories import server_directory

pytest.register_assert_rewrite("tests.faults.clients", "tests.faults.talking")


class Clock:
    """How long things took, in seconds; `worst` by name."""

    def __init__(self) -> None:
        self.worst: dict[str, float] = {}

    @contextlib.contextmanager
    def time(self, name: str, within_s: float) -> Iterator[None]:
        """The block must end within so many seconds."""
        began = time.monotonic()
        yield
        seconds = time.monotonic() - began
        self.worst[name] = max(seconds, self.worst.get(name, 0.0))
        assert seconds < within_s, f"{name} took {seconds:.2f} s"


@pytest.fixture
def clock() -> Iterator[Clock]:
    """Times; the worst of each name are shown with the test's output."""
    clock = Clock()
    yield clock
    for name, seconds in clock.worst.items():
        sys.stdout.write(f"{name}: {seconds:.3f} s\n")


def processes_of(pid: int | None) -> list[psutil.Process]:
    """A server and the processes that it has started."""
    assert pid is not None
    server = psutil.Process(pid)
    return [server, *server.children(recursive=True)]


def kill(pid: int | None) -> None:
    """The hard way; the process is reaped by whoever stops the server."""
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    psutil.wait_procs([psutil.Process(pid)], timeout=5)


def freeze(pid: int | None) -> None:
    """The server answers no more, but its connections stay open: worse than dead."""
    for process in processes_of(pid):
        with contextlib.suppress(psutil.NoSuchProcess):
            process.suspend()


def thaw(pid: int | None) -> None:
    """It goes on where it was."""
    for process in reversed(processes_of(pid)):
        with contextlib.suppress(psutil.NoSuchProcess):
            process.resume()


@pytest.fixture
def directory() -> Iterator[Path]:
    """For servers."""
    with server_directory() as directory:
        yield directory


@pytest.fixture
async def valkey(directory: Path) -> AsyncIterator[EmbeddedValkey]:
    """A running Valkey of this test's own, on the same port after every start."""
    server = EmbeddedValkey(directory / "valkey", port=free_port())
    await server.start()
    yield server
    if server.pid is not None:
        thaw(server.pid)
    await server.stop()


@pytest.fixture(scope="session")
def migrated_postgres() -> Iterator[Path]:
    """The data of a migrated PostgreSQL that has ended; every test's own is a copy of it."""

    async def make(directory: Path) -> None:
        server = EmbeddedPostgres(directory)
        await server.start()
        await migrate.upgrade(server.owner_dsn())
        await server.stop()

    with server_directory() as above:
        directory = above / "postgres"
        asyncio.run(make(directory))
        yield directory


@pytest.fixture
async def postgres(migrated_postgres: Path, directory: Path) -> AsyncIterator[EmbeddedPostgres]:
    """A running, migrated PostgreSQL of this test's own, on the same port after every start."""
    copied = await asyncio.create_subprocess_exec("cp", "-a", migrated_postgres, directory)
    assert await copied.wait() == 0
    server = EmbeddedPostgres(directory / "postgres", port=free_port())
    await server.start()
    yield server
    if server.pid is not None:
        thaw(server.pid)
    await server.stop()
