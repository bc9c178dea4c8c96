"""What a user or an address may hold open is counted over all processes, exactly."""

import asyncio
import contextlib
import time

import pytest
from websockets.exceptions import ConnectionClosed

from storage.redis.guard import RedisGuard
from tests.wire import WAIT_S

PROXY = "127.0.0.0/8"


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    """On a busy machine Redis must not be taken for gone, and each process go by its own count."""
    monkeypatch.setattr(RedisGuard.__init__, "__defaults__", (WAIT_S, 1.0, time.monotonic))


def coming_from(address):
    """Options of a connection that a proxy forwards."""
    return {"additional_headers": {"X-Forwarded-For": address}}


async def is_refused(node, person=None, **options):
    """Whether a new connection is closed with 4006, when it says hello at the latest."""
    wire = await node.open(**options)
    with contextlib.suppress(ConnectionClosed):
        if person is None:
            await wire.tell("ping")  # not a hello: if not refused, then for this
        else:
            await wire.ask("hello", token=person.token)
            await wire.close()
            return False
    code = await wire.closed()
    assert code in {4001, 4006}
    return code == 4006


async def all_but(wires, most):
    """Waits until only so many are open, all others closed with 4006; gives the open ones."""
    ends = {asyncio.create_task(wire.closed(2 * WAIT_S)): wire for wire in wires}
    try:
        async with asyncio.timeout(WAIT_S):
            while len(ends) > most:
                ended, _ = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
                assert {end.result() for end in ended} == {4006}
                for end in ended:
                    del ends[end]
        return list(ends.values())
    finally:
        for end in ends:
            end.cancel()


async def test_connections_per_user_over_processes(serve):
    async with contextlib.AsyncExitStack() as stack:
        nodes = [await stack.enter_async_context(serve()) for _ in range(3)]
        anna, ben = await nodes[0].people("anna", "ben")
        wires = [await nodes[number % 3].connect(anna) for number in range(20)]
        assert all([await is_refused(node, anna) for node in nodes])
        await nodes[1].connect(ben)
        await wires[0].close()
        async with asyncio.timeout(WAIT_S):
            while await is_refused(nodes[2], anna):
                pass  # until the first node has seen the end of it
        for wire in wires[1:]:
            await wire.flushed()


async def test_connections_per_user_are_never_one_too_many(serve):
    limits = {"connections_per_user": 5, "unauthenticated_per_address": 100}
    async with serve(limits=limits) as one, serve(limits=limits) as two:
        anna = await one.person()
        wires = [await node.open() for node in (one, two) for _ in range(20)]
        hellos = {wire: await wire.tell("hello", token=anna.token) for wire in wires}
        for wire in await all_but(wires, 5):
            assert (await wire.answer(hellos[wire]))["user"]["id"] == str(anna.id)


async def test_unauthenticated_per_address_over_processes(serve):
    limits = {"unauthenticated_per_address": 5}
    async with serve(limits=limits) as one, serve(limits=limits) as two:
        anna = await one.person()
        wires = await asyncio.gather(*(node.open() for node in (one, two) for _ in range(15)))
        late = []
        for wire in await all_but(wires, 5):
            assert await is_refused(one)
            assert await is_refused(two)
            # Who says hello makes room for one more, wherever.
            await wire.ask("hello", token=anna.token)
            late.append(await two.open())
        for wire in late:
            await wire.ask("hello", token=anna.token)


async def test_connections_per_address_over_processes(serve):
    limits = {"connections_per_address": 2}
    async with (
        serve(limits=limits, trusted_proxies=PROXY) as one,
        serve(limits=limits, trusted_proxies=PROXY) as two,
    ):
        anna, ben = await one.people("anna", "ben")
        near = coming_from("192.0.2.1")
        first = await one.connect(anna, **near)
        await two.connect(ben, **near)
        assert await is_refused(one, **near)
        assert await is_refused(two, **near)
        await two.connect(anna, **coming_from("192.0.2.2"))
        await first.close()
        async with asyncio.timeout(WAIT_S):
            while await is_refused(two, **near):
                pass  # until the other node has seen the end of it


async def test_connections_per_address_of_ipv6_are_those_of_a_network(serve):
    async with serve(limits={"connections_per_address": 1}, trusted_proxies=PROXY) as app:
        anna = await app.person()
        await app.connect(anna, **coming_from("2001:db8:0:1::1"))
        assert await is_refused(app, **coming_from("2001:db8:0:1:ffff::2"))
        await app.connect(anna, **coming_from("2001:db8:0:2::1"))


async def test_connections_per_address_of_ipv6_are_also_those_of_a_customer(serve):
    limits = {"connections_per_address": 1}
    async with (
        serve(limits=limits, trusted_proxies=PROXY) as one,
        serve(limits=limits, trusted_proxies=PROXY) as two,
    ):
        anna = await one.person()
        wires = [
            await (one, two)[number % 2].connect(anna, **coming_from(f"2001:db8:0:{number:x}::1"))
            for number in range(1, 11)
        ]
        for node in (one, two):
            assert await is_refused(node, **coming_from("2001:db8:0:ff::1"))
        await two.connect(anna, **coming_from("2001:db8:1:ff::1"))
        await wires[0].close()
        async with asyncio.timeout(WAIT_S):
            while await is_refused(two, **coming_from("2001:db8:0:ff::1")):
                pass  # until the first node has seen the end of it


async def test_limits_of_connections_hold_with_rate_limits_off(serve):
    async with serve(limits={"connections_per_user": 1}, rate_limits=False) as app:
        anna = await app.person()
        await app.connect(anna)
        assert await is_refused(app, anna)


async def test_emptied_redis_counts_again(serve, redis_url, monkeypatch):
    """The next refresh puts back who is here."""
    monkeypatch.setattr("storage.limits.open_sockets.KEEP_S", 0.05)
    monkeypatch.setattr("server.ws.registry.REFRESH_S", 0.05)
    limits = {"connections_per_user": 1, "connections_per_address": 3}
    async with serve(limits=limits) as one, serve(limits=limits) as two:
        anna, ben = await one.people("anna", "ben")
        await one.connect(anna)
        await one.connect(ben)
        await one.app.core.foundation.redis.flushdb()
        async with asyncio.timeout(WAIT_S):
            while not await is_refused(two, anna):
                pass
        await two.connect(await two.person())
        # Addresses are put back by a refresh of their own.
        async with asyncio.timeout(WAIT_S):
            while not await is_refused(two):
                pass
