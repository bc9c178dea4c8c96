"""How many sockets strangers may hold open, by address and in all, and who keeps his place."""

import asyncio

from tests.integration.doors.raw import GET, left, raw
from tests.integration.limits.scene import make_room

WS = b"GET /v1/ws HTTP/1.1\r\nHost: 127.0.0.1\r\n"
PROXY = "127.0.0.0/8"


def from_address(address):
    return (
        f"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Forwarded-For: {address}\r\n\r\n".encode()
    )


async def test_a_login_keeps_its_connection_before_others(serve):
    async with (
        serve(limits={"http_per_address": 2}) as app,
        raw(app.app.http_port, 2) as (known, stranger),
    ):
        person = await app.person()
        login = f"Authorization: Bearer {person.token}\r\n\r\n".encode()
        assert (await known.ask(GET[:-2].replace(b"/healthz", b"/v1/me") + login))[0] == 200
        assert (await stranger.ask())[0] == 200
        async with raw(app.app.http_port) as (third,):
            await stranger.rest()
            assert (await third.ask())[0] == 200
        assert (await known.ask())[0] == 200


async def test_one_connection_too_many_is_told(serve):
    async with (
        serve(limits={"http_per_address": 1}) as app,
        raw(app.app.http_port) as (silent,),
        raw(app.app.http_port) as (other,),
    ):
        assert (await silent.rest()).startswith(b"HTTP/1.1 429 ")
        assert (await other.ask())[0] == 200


async def test_a_proxy_counts_by_the_address_that_it_forwards(serve):
    async with (
        serve(limits={"http_per_address": 1}, trusted_proxies=PROXY) as app,
        raw(app.app.http_port, 5) as connections,
    ):
        for one in connections:
            assert (await one.ask(from_address("192.0.2.1")))[0] == 200
        # Two at once: one of them is one too many.
        first, second, *_ = connections
        head = b"POST /v1/auth/login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\n"
        await first.send(head + b"X-Forwarded-For: 192.0.2.1\r\n\r\n{")
        async with asyncio.timeout(10):
            while (await second.ask(from_address("192.0.2.1")))[0] != 429:
                pass
        assert (await second.ask(from_address("192.0.2.2")))[0] == 200
        await first.send(b"    ")
        assert (await first.answer())[0] == 400
        assert (await second.ask(from_address("192.0.2.1")))[0] == 200


async def test_a_handshake_is_not_waited_for_without_end(serve):
    async with serve(headers_timeout_s=0.4) as app, raw(app.app.ws_port, 3) as (a, b, c):
        await b.send(b"GET /v1")
        await c.send(WS)
        for one in (a, b, c):
            await one.rest()


async def test_silent_sockets_at_the_websocket_door_are_few(serve):
    limits = {"unauthenticated_per_address": 3}
    async with serve(limits=limits) as app, raw(app.app.ws_port, 12) as sockets:
        still = await left(sockets, 3)
        assert still == sockets[-3:]  # the longest idle have gone
        # Those do not keep anybody out.
        await app.connect(await app.person())


async def test_a_flood_of_one_address_is_its_own_loss(serve):
    limits = {"unauthenticated_per_address": 1}
    async with serve(limits=limits) as app, raw(app.app.ws_port, 11) as sockets:
        await sockets[0].rest()
        assert sum(one.is_open for one in sockets) <= 10


async def test_unauthenticated_sockets_of_both_doors_are_few(serve):
    async with serve(limits={"unauthenticated": 6}) as app:
        room = await make_room(app)
        async with raw(app.app.http_port, 4) as http, raw(app.app.ws_port, 10) as ws:
            still = await left([*http, *ws], 6)
            assert still == ws[-6:]
            # The client's idle connections had to go too; it opens new ones, and is heard.
            assert (await room.send())["seq"] == 1
            assert (await app.http("GET", "/healthz")).status == 200
            page = (await app.http("GET", "/metrics")).body.decode()
        assert 'parley_sockets_closed_total{reason="budget"}' in page
        assert "parley_unauthenticated_sockets" in page
