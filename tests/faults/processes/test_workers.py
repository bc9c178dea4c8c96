"""Several workers on the same ports: they die, are exchanged and end, and nobody loses anything."""

import asyncio
import contextlib
import re
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import aiohttp
import psutil
import pytest

from client.session import Session
from server.processes.process import AGAIN_S
from server.seed import seed
from storage.embedded.processes import free_port
from tests.faults.processes.workers import (
    SEEDED,
    all_of,
    anext_named,
    figures_of,
    frozen,
    gone,
    has_heard,
    has_nothing_to_do,
    health,
    names_so_far,
    on_different_workers,
    pids_of,
    processes_of,
    said,
    seconds_between,
    serves,
    session_of,
    spare_of,
    wires_on,
)
from tests.program import Serving, direct_of, parley, serving
from tests.wire import WAIT_S, Wire, open_wire

pytestmark = pytest.mark.timeout(180)

PAUSE_S = 0.01
"""Between two things that one asks: the workers that start beside it need the processor too."""

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


async def knock(server: Serving, answers: list[int], until: asyncio.Event) -> None:
    """Asks again and again."""
    while not until.is_set():
        answers.append(await health(server))
        await asyncio.sleep(PAUSE_S)


async def talk(session: Session, key: str, name: str, until: asyncio.Event) -> list[str]:
    """Says one thing after the other; what was acknowledged."""
    acknowledged: list[str] = []
    while not until.is_set():
        text = f"{name} {len(acknowledged)}"
        await session.send(key, text)
        acknowledged.append(text)
        await asyncio.sleep(PAUSE_S)
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
            await asyncio.sleep(2 * AGAIN_S)  # earlier it is the same signal, passed on
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


def has_clients(worker: psutil.Process, server: Serving) -> bool:
    """Whether a worker has connections of clients."""
    port = server.ws_port
    links = worker.net_connections("tcp4")
    return any(link.raddr and link.laddr.port == port for link in links)


async def test_a_worker_that_hangs_is_killed_and_replaced(workers: Workers) -> None:
    async with workers(PARLEY_WORKER_SILENCE_S="2") as server:
        hung = pids_of(server)["1"]
        with frozen(hung):
            told = await server.logged("worker_hung", worker="1", pid=hung)
            died = await server.logged("worker_died", after=told, worker="1", pid=hung, code=-9)
            await server.logged("worker_ready", after=died, worker="1")
        successor = psutil.Process(pids_of(server)["1"])
        async with asyncio.timeout(WAIT_S):
            # The kernel decides who is served by which.
            wires: list[Wire] = []
            while not has_clients(successor, server):
                wires += await wires_on(server, 2)
        for wire in wires:
            await wire.close()
        assert [line["worker"] for line in server.log if line["event"] == "worker_hung"] == ["1"]
        assert await server.end(signal.SIGTERM) == 0


async def test_workers_that_keep_hanging_are_told(workers: Workers) -> None:
    async with workers(PARLEY_WORKER_SILENCE_S="1") as server:
        place = 0
        for _ in range(3):
            assert "workers_keep_hanging" not in {line["event"] for line in server.log}
            with frozen(pids_of(server)["2"]):
                place = await server.logged("worker_hung", after=place, worker="2")
                place = await server.logged("worker_ready", after=place, worker="2")
        await server.logged("workers_keep_hanging", times=3)


async def test_a_worker_that_drains_may_be_silent(workers: Workers) -> None:
    async with workers(PARLEY_WORKER_SILENCE_S="1", PARLEY_DRAIN_S="2") as server:
        wires = await wires_on(server, 10)
        old = pids_of(server)
        server.send(signal.SIGHUP)
        await server.logged("draining", worker="1")
        with frozen(old["1"]) as drains, frozen(old["2"]):
            # The other one serves still: it was asked as often, and later.
            await server.logged("worker_hung", worker="2", pid=old["2"])
            assert drains.status() == psutil.STATUS_STOPPED
        await server.logged("workers_restarted")
        assert [line["pid"] for line in server.log if line["event"] == "worker_hung"] == [old["2"]]
        for wire in wires:
            await wire.close()


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
        async with workers(PARLEY_CACHE_REDIS_URL=f"{redis_url}?db=none"):
            pass
    assert "Invalid value for 'db' in connection URL" in str(failed.value)


@pytest.mark.parametrize("name", ["PARLEY_HTTP_PORT", "PARLEY_METRICS_PORT"])
async def test_a_taken_port_is_noticed_and_not_shared(
    workers: Workers, tmp_path: Path, name: str
) -> None:
    metrics = str(free_port())
    async with workers(PARLEY_METRICS_PORT=metrics) as server:
        taken = server.http_url.rpartition(":")[2] if name == "PARLEY_HTTP_PORT" else metrics
        ended = await parley("serve", "--workers", "2", data_dir=tmp_path, **{name: taken})
    assert ended.code == 1
    assert f"port {taken} of 127.0.0.1 is taken" in ended.complaint
    assert name in ended.complaint
    # Before servers were started and a database was made.
    assert not (tmp_path / "postgres").exists()


async def test_workers_share_the_port_of_operators(workers: Workers) -> None:
    port = free_port()
    async with workers(PARLEY_METRICS_PORT=str(port)), aiohttp.ClientSession() as http:
        for path in ("/readyz", "/healthz", "/metrics", "/metrics"):
            async with http.get(f"http://127.0.0.1:{port}{path}") as answer:
                assert answer.status == 200
                page = await answer.text()
        assert 'worker="1"' in page and 'worker="2"' in page
