"""A short chaos run; `make chaos` is the long one. Nothing lost, doubled, reordered or adrift, and
no promise of the wire broken.
"""

import asyncio

import pytest

from loadtests.chaos import report
from loadtests.chaos.options import Options
from loadtests.chaos.people.cast import Scale
from loadtests.chaos.run import run
from loadtests.chaos.servers.proxy import Proxy, Way

FAULTS = (
    "kill -9 of a node",
    "between commit and publish",
    "drain",
    "older snapshot",
    "subscribers cut",
    "PostgreSQL restarted",
    "reset mid-frame",
    "slow readers",
)
SHORT = Options(
    seed="short",
    messages=1_000,
    faults=len(FAULTS),
    only=FAULTS,
    workers=1,
    scale=Scale(
        people=36,
        devices=(8, 2),
        directs=12,
        groups=6,
        crowds=1,
        crowd_size=34,
        edge_size=31,
        listeners=4,
        twins=1,
        senders=3,
    ),
)


@pytest.mark.timeout(240)
async def test_nothing_is_lost_whatever_dies():
    outcome, violations = await run(SHORT)
    assert not violations, report.text(outcome, violations)
    assert outcome.sent >= SHORT.messages
    assert outcome.stored >= outcome.acknowledged >= outcome.sent - outcome.unanswered - 5
    assert len(outcome.recoveries) == len(FAULTS)
    # The faults were real.
    assert outcome.evidence["groups committed and not published when killed"] > 0
    assert outcome.evidence["keys that came back with an older snapshot"] > 0
    assert outcome.evidence["subscriptions cut"] > 0
    assert outcome.closes["4005"] > 0
    # So was the traffic.
    assert outcome.moves > 0
    assert outcome.edited > 0


@pytest.fixture
async def echo():
    """A proxy before a server that answers with what it gets, and a connection through it."""

    async def answer(reader, writer):
        while data := await reader.read(1_000):
            writer.write(data)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    address = server.sockets[0].getsockname()
    async with Proxy(lambda: [("127.0.0.1", 1), address]) as proxy:
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        writer.write(b"hello")
        assert await reader.readexactly(5) == b"hello", "the first backend does not answer"
        yield proxy, reader, writer
        writer.transport.abort()
    server.close()


async def test_the_proxy_stalls_and_goes_on(echo):
    proxy, reader, writer = echo
    proxy.stop(Way.BACK)
    writer.write(b"later")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await reader.read(1)
    proxy.go(Way.BACK)
    assert await reader.readexactly(5) == b"later"


async def test_the_proxy_delays_and_keeps_the_order(echo):
    proxy, reader, writer = echo
    proxy.delay(Way.FORTH, 0.1)
    began = asyncio.get_running_loop().time()
    for part in (b"one ", b"two ", b"three"):
        writer.write(part)
        await asyncio.sleep(0.01)
    assert await reader.readexactly(13) == b"one two three"
    assert asyncio.get_running_loop().time() - began >= 0.1


@pytest.mark.parametrize("way", list(Way))
async def test_the_proxy_resets_after_some_bytes(echo, way):
    proxy, reader, writer = echo
    (link,) = proxy.links
    link.reset_after(way, 3)
    writer.write(b"hello")
    with pytest.raises(ConnectionResetError):
        await reader.readexactly(10)
    assert not link.is_open
