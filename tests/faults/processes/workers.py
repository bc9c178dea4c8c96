"""A server of several workers, seen from outside: its processes, and who is connected to which."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import psutil

from client.connection.connection import Dial
from client.connection.credentials import Credentials
from client.connection.frames import JSON
from client.connection.http import Api
from client.session import Session
from server.seed import ACCOUNTS
from tests.program import DOWN_S, UP_S, Serving
from tests.wire import WAIT_S, Wire, open_wire

SEEDED = 4
"""Messages of the seeded direct conversation."""


def pids_of(server: Serving) -> dict[str, int]:
    """The workers in service, by name."""
    ready = [line for line in server.log if line["event"] == "worker_ready"]
    return {line["worker"]: line["pid"] for line in ready}


def processes_of(server: Serving) -> list[psutil.Process]:
    """The supervisor and all that it has started."""
    supervisor = psutil.Process(server.process.pid)
    return [supervisor, *supervisor.children(recursive=True)]


def spare_of(server: Serving) -> psutil.Process:
    """The process that waits to take a dead worker's place."""
    known = {*pids_of(server).values(), server.process.pid}
    (spare,) = (process for process in processes_of(server) if process.pid not in known)
    return spare


async def has_nothing_to_do(process: psutil.Process) -> None:
    """Waits until it has imported what it needs: it takes no more of the processor's time."""
    async with asyncio.timeout(DOWN_S):
        before = None
        while before != (before := process.cpu_times()):
            await asyncio.sleep(0.3)


def figures_of(processes: list[psutil.Process]) -> Path:
    """Where the workers tell each other their figures."""
    sockets = [link.laddr for process in processes for link in process.net_connections("unix")]
    (directory,) = {Path(str(address)).parent for address in sockets if address}
    assert directory.is_dir()
    return directory


def serves(pid: int, session: Session) -> bool:
    """Whether this worker has the session's connection."""
    assert session._connection is not None
    port = session._connection._socket.local_address[1]
    return any(
        link.raddr and link.raddr.port == port for link in psutil.Process(pid).net_connections()
    )


@contextlib.asynccontextmanager
async def session_of(server: Serving, number: int) -> AsyncIterator[Session]:
    """One of the seeded accounts, up to date."""
    account = ACCOUNTS[number]
    async with Api(server.http_url) as api:
        credentials = Credentials(api, login=(account.email, account.password))
        async with Session(credentials, Dial(server.ws_url, JSON)) as session:
            await session.ready()
            yield session


@contextlib.asynccontextmanager
async def on_different_workers(server: Serving) -> AsyncIterator[tuple[Session, Session]]:
    """Two who talk, each on a worker of its own; the kernel decides, so one of them tries again."""
    async with session_of(server, 0) as one:
        for _ in range(30):
            async with session_of(server, 1) as other:
                if any(serves(pid, one) != serves(pid, other) for pid in pids_of(server).values()):
                    yield one, other
                    return
    raise AssertionError("thirty connections in a row went to the same worker")


async def has_heard(session: Session, key: str, seq: int) -> None:
    """Waits until the session holds the messages up to this one."""
    await session.until(lambda: session.state.conversations[key].last_seq == seq, WAIT_S)


def said(session: Session, key: str) -> list[str]:
    """What a session holds of a conversation, in order."""
    messages = session.state.conversations[key].messages.values()
    return [message.content or "" for message in sorted(messages, key=lambda each: each.seq)]


async def all_of(session: Session, key: str) -> list[str]:
    """What the server holds of a conversation."""
    page = await session.history(key, limit=200)
    messages = list(page.messages)
    while page.has_more:
        page = await session.history(key, before_seq=messages[0].seq, limit=200)
        messages = [*page.messages, *messages]
    return [message.content or "" for message in messages]


async def wires_on(server: Serving, count: int) -> list[Wire]:
    """Connections that have said hello."""
    async with Api(server.http_url) as api:
        grant = await api.login(ACCOUNTS[0].email, ACCOUNTS[0].password)
    port = server.ws_port
    wires = [await open_wire(port, "json") for _ in range(count)]
    for wire in wires:
        await wire.ask("hello", token=grant.access_token)
    return wires


async def gone(processes: list[psutil.Process]) -> None:
    """Waits until all have ended."""
    async with asyncio.timeout(DOWN_S):
        while any(
            process.is_running() and process.status() != psutil.STATUS_ZOMBIE
            for process in processes
        ):
            await asyncio.sleep(0.02)


def seconds_between(earlier: dict[str, Any], later: dict[str, Any]) -> float:
    """The time between two lines of the log."""
    began, ended = (datetime.fromisoformat(line["timestamp"]) for line in (earlier, later))
    return (ended - began).total_seconds()


async def anext_named(session: Session, name: str) -> None:
    """Waits for a change of this name."""
    async for change in session.changes():
        if change.name == name:
            return


def names_so_far(changes: Any) -> set[str]:
    """The names of the changes that a subscription holds."""
    names = set()
    while not changes._queue.empty():
        names.add(changes._queue.get_nowait().name)
    return names


async def health(server: Serving) -> int:
    """The status of one request on a connection of its own, which must not be refused or reset.

    aiohttp would ask again without telling.
    """
    port = int(server.http_url.rpartition(":")[2])
    async with asyncio.timeout(UP_S):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write(b"GET /healthz HTTP/1.1\r\nHost: parley\r\nConnection: close\r\n\r\n")
            return int((await reader.read()).split(b" ")[1])
        finally:
            writer.close()


@contextlib.contextmanager
def frozen(pid: int) -> Iterator[psutil.Process]:
    """The process stands still, until the end of the block at most."""
    process = psutil.Process(pid)
    process.suspend()
    try:
        yield process
    finally:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.resume()
