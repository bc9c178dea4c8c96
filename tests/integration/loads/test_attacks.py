"""The benchmark of attacks at its smallest: attackers reach the doors, the pairs are heard."""

import asyncio
import time

import pytest

from loadtests.bench import attacks
from loadtests.bench.attacks import Bench, Options
from loadtests.bench.drivers.attackers import (
    ATTACKS,
    FRAGMENT,
    PING,
    Doors,
    Flood,
    Scene,
    bomb,
    junk_tokens,
)
from loadtests.bench.target.instance import Instance

OPTIONS = Options(seconds=0.3, pairs=2, rate=50.0, scale=0.01, only="", data_dir=None)


@pytest.fixture
async def server(serve, tmp_path):
    async with serve() as app:
        yield Instance(
            f"http://127.0.0.1:{app.app.http_port}",
            f"ws://127.0.0.1:{app.app.ws_port}/v1/ws",
            tmp_path,
            {},
        )


async def test_a_row_of_each_kind(server, monkeypatch):
    monkeypatch.setattr(attacks, "_SETTLE_S", 0.2)

    def rows():
        bench = Bench(server, OPTIONS)
        try:
            return [bench.row(name) for name in ("half-sent headers", "pings after hello")]
        finally:
            bench.end()

    for row in await asyncio.to_thread(rows):
        assert row.before.arrived > 0 and row.during.arrived > 0
        assert 0 < row.before.p50 <= row.before.p99 <= row.before.most
        assert (row.newcomers > 0, row.failed) == (True, 0)
        assert row.name in attacks.report(OPTIONS, [row])


@pytest.mark.parametrize("frames", [PING, FRAGMENT], ids=["pings", "fragments"])
async def test_a_flood_arrives_and_is_refused(serve, server, frames):
    """Its sockets are closed, and come back."""
    doors = Doors.of(server.http, server.ws)
    flood = Flood(doors.ws, frames, 1e6, count=1)
    monotonic = time.monotonic

    def attack():
        closed = 0
        until = monotonic() + 10.0
        while closed < 2 and monotonic() < until:
            was_open = bool(flood._open)
            flood.step(monotonic())
            closed += was_open and not flood._open
            time.sleep(0.01)
        return closed

    try:
        assert await asyncio.to_thread(attack) == 2
    finally:
        flood.end()


async def test_requests_are_understood(app):
    """What is no attack by its size is answered as a request of ours."""
    for made, status in ((next(junk_tokens()), b"401"), (bomb("gzip"), b"4")):
        reader, writer = await asyncio.open_connection("127.0.0.1", app.app.http_port)
        writer.write(made)
        assert (await reader.readline()).split()[1].startswith(status)
        writer.transport.abort()


def test_every_attack_can_be_begun():
    scene = Scene(Doors.of("http://127.0.0.1:1", "ws://127.0.0.1:1/v1/ws"), "token", 0.01)
    for make in ATTACKS.values():
        make(scene).end()
