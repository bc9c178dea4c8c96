"""Several workers on the same ports: they die, are exchanged and end, and nobody loses anything."""

import asyncio
import contextlib
import re
import signal
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import aiohttp
import psutil
import pytest

from client.connection import Dial
from client.credentials import Credentials
from client.frames import JSON
from client.http import Api
from client.session import Session
from server.seed import ACCOUNTS, seed
from tests.program import DOWN_S, UP_S, Serving, direct_of, parley, serving
from tests.wire import WAIT_S, Wire, open_wire

pytestmark = pytest.mark.timeout(180)

Workers = Callable[..., contextlib.AbstractAsyncContextManager[Serving]]


@pytest.fixture
async def workers(database_url: str, redis_url: str, data_dir: Path) -> Workers:
    """What starts a server with two workers on the tests' PostgreSQL and Valkey."""
    await seed(database_url)

    def workers(**more: str) -> contextlib.AbstractAsyncContextManager[Serving]:
        given = {
            "PARLEY_DATABASE_URL": database_url,
            "PARLEY_REDIS_URL": redis_url,
            "PARLEY_WORKERS": "2",
            "PARLEY_RATE_LIMITS": "off",
            "PARLEY_DATABASE_POOL": "6",
        }
        return serving(data_dir, **given | more)

    return workers


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
    port = int(server.ws_url.rpartition(":")[2].partition("/")[0])
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


async def test_a_killed_worker_is_replaced_and_nothing_is_lost(workers: Workers) -> None:
    async with workers() as server, on_different_workers(server) as (one, other):
        key = direct_of(one)
        before = pids_of(server)
        name = next(name for name, pid in before.items() if serves(pid, one))
        await has_nothing_to_do(spare_of(server))
        undisturbed = other.changes()
        reconnected = asyncio.create_task(anext_named(one, "session.opened"))
        psutil.Process(before[name]).kill()
        sent = [
            asyncio.create_task(talker.send(key, f"{who} {number}"))
            for number in range(20)
            for who, talker in (("one", one), ("other", other))
        ]
        died = await server.logged("worker_died", worker=name, pid=before[name], code=-9)
        ready = await server.logged("worker_ready", after=died, worker=name)
        took = seconds_between(server.log[died - 1], server.log[ready - 1])
        sys.stdout.write(f"replaced after {took:.3f} s\n")
        last = max(message.seq for message in await asyncio.gather(*sent))
        async with asyncio.timeout(WAIT_S):
            await reconnected
        for talker in (one, other):
            await has_heard(talker, key, last)
        stored = await all_of(one, key)
        assert sorted(stored[-40:]) == sorted(
            f"{who} {n}" for who in ("one", "other") for n in range(20)
        )
        assert said(one, key)[-40:] == said(other, key)[-40:] == stored[-40:]
        assert "session.lost" not in names_so_far(undisturbed)
        assert pids_of(server)[name] != before[name]
        assert await server.end(signal.SIGTERM) == 0


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


async def knock(server: Serving, answers: list[int], until: asyncio.Event) -> None:
    """Asks again and again."""
    while not until.is_set():
        answers.append(await health(server))


async def talk(session: Session, key: str, name: str, until: asyncio.Event) -> list[str]:
    """Says one thing after the other; what was acknowledged."""
    acknowledged: list[str] = []
    while not until.is_set():
        text = f"{name} {len(acknowledged)}"
        await session.send(key, text)
        acknowledged.append(text)
    return acknowledged


async def test_workers_are_exchanged_under_traffic(workers: Workers) -> None:
    async with (
        workers() as server,
        session_of(server, 0) as one,
        session_of(server, 1) as other,
        asyncio.TaskGroup() as group,
    ):
        key = direct_of(one)
        before = pids_of(server)
        done = asyncio.Event()
        answers: list[int] = []
        talks = [
            group.create_task(talk(session, key, name, done))
            for session, name in ((one, "one"), (other, "other"))
        ]
        for _ in range(4):
            group.create_task(knock(server, answers, done))
        begun = await server.logged("serving")
        for _ in range(2):
            server.send(signal.SIGHUP)
            begun = await server.logged("workers_restarted", after=begun)
        done.set()
        acknowledged = [await spoken for spoken in talks]
        total = sum(map(len, acknowledged))
        assert total > 20
        for session in (one, other):
            await has_heard(session, key, SEEDED + total)
        stored = await all_of(one, key)
        assert len(stored) == SEEDED + total
        for name, texts in zip(("one ", "other "), acknowledged, strict=True):
            assert [text for text in stored if text.startswith(name)] == texts
            for session in (one, other):
                heard = [text for text in said(session, key) if text.startswith(name)]
                assert heard == texts[-len(heard) :]
        assert set(answers) == {200}
        after = pids_of(server)
        assert after.keys() == before.keys()
        assert not set(after.values()) & set(before.values())
        async with aiohttp.ClientSession() as http, http.get(f"{server.http_url}/metrics") as page:
            open_now = dict(
                re.findall(
                    r'^parley_connections{worker="(\d)"} ([\d.]+)$', await page.text(), re.MULTILINE
                )
            )
        assert open_now.keys() == {"1", "2"}
        assert sum(map(float, open_now.values())) == 2


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


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGHUP])
async def test_connections_that_wait_are_served_by_the_successor(
    workers: Workers, end: signal.Signals
) -> None:
    async with workers() as server, asyncio.TaskGroup() as group:
        with frozen(pids_of(server)["1"]) as silent:
            asked = [group.create_task(health(server)) for _ in range(20)]
            answered, waiting = await asyncio.wait(asked, timeout=1)
            assert answered and waiting, "the kernel gives connections to both"
            begun = await server.logged("serving")
            if end == signal.SIGHUP:
                server.send(end)
            else:
                silent.kill()
            assert [await answer for answer in asked] == [200] * 20
        if end == signal.SIGHUP:
            await server.logged("workers_restarted", after=begun)


async def test_at_the_end_everyone_is_told_and_nothing_is_left(workers: Workers) -> None:
    async with workers(PARLEY_DRAIN_S="2") as server:
        wires = await wires_on(server, 10)
        processes = processes_of(server)
        assert len(processes) == 4, "the supervisor, two workers and a spare one"
        server.send(signal.SIGTERM)
        for wire in wires:
            await wire.expect("server.draining")
            assert await wire.closed() == 4005
        assert await server.ended() == 0
        await gone(processes)
        with pytest.raises(ConnectionRefusedError):
            await wires_on_port(wires)
        for wire in wires:
            await wire.close()


async def wires_on_port(wires: list[Wire]) -> Wire:
    """One more where these were."""
    return await open_wire(wires[0].socket.remote_address[1], "json")


async def test_a_second_signal_does_not_wait(workers: Workers) -> None:
    async with workers() as server:
        processes = processes_of(server)
        with frozen(pids_of(server)["1"]):
            server.send(signal.SIGTERM)
            await server.logged("draining", worker="2")
            assert await server.end(signal.SIGTERM) == 1
            await gone(processes)


async def test_workers_end_in_order_when_their_supervisor_is_killed(workers: Workers) -> None:
    async with workers() as server:
        wires = await wires_on(server, 4)
        processes = processes_of(server)
        figures = figures_of(processes)
        server.send(signal.SIGKILL)
        for wire in wires:
            await wire.expect("server.draining")
            assert await wire.closed() == 4005
            await wire.close()
        await gone(processes)
        assert not figures.exists()


async def test_the_spare_is_replaced_too(workers: Workers) -> None:
    async with workers() as server:
        spare = spare_of(server)
        spare.kill()
        await gone([spare])
        psutil.Process(pids_of(server)["2"]).kill()
        died = await server.logged("worker_died", worker="2")
        await server.logged("worker_ready", after=died, worker="2")


async def test_what_keeps_all_workers_from_starting_is_told(
    workers: Workers, redis_url: str
) -> None:
    with pytest.raises(AssertionError, match="no worker came up") as failed:
        async with workers(PARLEY_REDIS_URL=f"{redis_url}?db=none"):
            pass
    assert "Invalid value for 'db' in connection URL" in str(failed.value)


async def test_a_taken_port_is_noticed_and_not_shared(
    workers: Workers, database_url: str, redis_url: str, tmp_path: Path
) -> None:
    async with workers() as server:
        taken = server.http_url.rpartition(":")[2]
        ended = await parley(
            "serve",
            "--workers",
            "2",
            data_dir=tmp_path,
            PARLEY_DATABASE_URL=database_url,
            PARLEY_REDIS_URL=redis_url,
            PARLEY_HTTP_PORT=taken,
        )
    assert ended.code == 1
    assert f"cannot listen on 127.0.0.1, port {taken}" in ended.complaint
