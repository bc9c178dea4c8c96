"""How much a connection may send: frames of every kind, and bytes, before hello and after it."""

import asyncio
import contextlib
import socket

import orjson
import pytest
from websockets.asyncio.client import connect
from websockets.frames import Opcode

from server.connection import socket as connection_socket
from server.connection.socket import Socket
from server.ws.gateway import CLOSE_S
from tests.integration.limits.scene import make_room
from tests.wire import WAIT_S, pack

FRAMES = 30
LIMITS = {
    "frames_per_s": FRAMES,
    "frames_per_s_before_hello": FRAMES,
    "commands_burst": 10,
    "commands_per_s": 10,
}
CODES = {"before": 4002, "after": 4008}
MASK = b"\0\0\0\0"
FLOOD = 10_000


def frame(opcode, payload=b"", *, fin=True):
    """A masked frame whose mask changes nothing."""
    first, size = opcode | (0x80 if fin else 0), len(payload)
    if size < 126:
        return bytes([first, 0x80 | size]) + MASK + payload
    return bytes([first, 0x80 | 126]) + size.to_bytes(2, "big") + MASK + payload


BEGINNING = frame(Opcode.TEXT, b" ", fin=False)
FLOODS = {
    "pings": frame(Opcode.PING),
    "long pings": frame(Opcode.PING, b"x" * 125),
    "pongs that nobody asked for": frame(Opcode.PONG),
    "pongs with a payload": frame(Opcode.PONG, b"x"),
    "empty fragments": frame(Opcode.CONT, fin=False),
    "fragments of a byte": frame(Opcode.CONT, b" ", fin=False),
    "messages of fragments": frame(Opcode.TEXT, fin=False) + frame(Opcode.CONT),
}


@pytest.fixture(autouse=True)
def short_ends(monkeypatch):
    """Who was refused is waited for no longer than a test needs to read the code."""
    monkeypatch.setattr(connection_socket, "REFUSED_S", 0.1)


@pytest.fixture
async def strict(serve):
    async with serve(rate_limits=True, limits=LIMITS) as app:
        yield app


async def sender(app, when):
    """A connection before its hello, or after."""
    return await (app.open() if when == "before" else app.connect(await app.person()))


async def pour(wire, flood):
    """Write until the server takes no more, or all is written."""
    wire.socket.transport.write(flood)
    return await wire.closed()


@pytest.mark.parametrize("when", CODES)
@pytest.mark.parametrize("flood", FLOODS)
async def test_frames_per_s_before_hello_and_after(strict, flood, when):
    wire = await sender(strict, when)
    first = BEGINNING if "fragments" in flood and "messages" not in flood else b""
    assert await pour(wire, first + FLOODS[flood] * FLOOD) == CODES[when]
    # Everybody else goes on.
    await (await strict.connect(await strict.person())).ask("ping")


@pytest.mark.parametrize("when", CODES)
async def test_what_is_behind_the_limit_is_not_answered(strict, when, monkeypatch):
    taken = []
    pass_on = Socket._pass_on

    def counted(self, whole):
        taken.append(whole)
        pass_on(self, whole)

    monkeypatch.setattr(Socket, "_pass_on", counted)
    wire = await sender(strict, when)
    assert await pour(wire, FLOODS["pings"] * FLOOD) == CODES[when]
    assert FRAMES - 2 <= len(taken) <= FRAMES  # hello was one


async def test_small_messages_before_hello(strict):
    """The first is answered and ends the connection; the others are not even looked at."""
    wire = await strict.open()
    assert await pour(wire, frame(Opcode.TEXT, b"[") * FLOOD) in {4001, 4002}
    assert len(wire.frames) <= 1


async def test_messages_beyond_what_commands_are_granted(serve):
    limits = LIMITS | {"ignored_refusals": 1_000, "bad_frames": 1_000}
    async with serve(rate_limits=True, limits=limits) as app:
        wire = await sender(app, "after")
        assert await pour(wire, frame(Opcode.TEXT, b"[") * FLOOD) == 4008
        assert len(wire.frames) <= 1 + 2 * FRAMES


@pytest.mark.parametrize("when", CODES)
async def test_frame_bytes_per_s_before_hello_and_after(serve, when):
    limits = {"frame_bytes_per_s": 30_000, "frame_bytes_per_s_before_hello": 30_000}
    async with serve(rate_limits=True, limits=limits) as app:
        wire = await sender(app, when)
        unfinished = b"\x81\xfe\xff\xff" + MASK + b"x" * 40_000
        assert await pour(wire, unfinished) == CODES[when]


@pytest.mark.parametrize("when", CODES)
async def test_a_frame_that_comes_byte_by_byte(strict, when):
    wire = await sender(strict, when)
    wire.socket.transport.get_extra_info("socket").setsockopt(
        socket.IPPROTO_TCP, socket.TCP_NODELAY, 1
    )
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(WAIT_S):
            wire.socket.transport.write(b"\x81\xfe\x27\x10" + MASK)
            while wire.socket.state.name == "OPEN":
                wire.socket.transport.write(b"x")
                await asyncio.sleep(0.001)  # so that each is a segment of its own
    assert await wire.closed() == CODES[when]


async def test_an_honest_client_is_not_refused(serve):
    """A burst of commands, each in fragments and with pings between, at the usual limits."""
    async with serve(rate_limits=True) as app:
        room = await make_room(app)
        ids = []
        for number in range(50):
            command = pack("json", {"id": 1_000 + number, "op": "ping", "d": {"pad": "x" * 90}})
            third = len(command) // 3
            parts = [command[:third], command[third : 2 * third], command[2 * third :]]
            await room.a.socket.send(parts)
            if number % 5 == 0:
                await room.a.socket.ping()
            ids.append(1_000 + number)
        for one in ids:
            assert "server_time" in await room.a.answer(one)
        await asyncio.wait_for(await room.a.socket.ping(), WAIT_S)
        await room.send("still here")


async def test_nothing_is_taken_while_a_connection_waits(serve):
    """Not even what came with the command for which it waits."""
    async with serve(limits={"in_flight": 1}) as app:
        room = await make_room(app)
        pool = app.app.core.foundation.pool
        send = orjson.dumps({"id": 900, "op": "message.send", "d": room.message()})
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute(
                "select 1 from conversations where id = $1 for update", room.id
            )
            # Both in one write, which the library has no call for.
            behind = asyncio.get_running_loop().create_future()
            room.a.socket.pending_pings[b"behind"] = (behind, 0.0)
            both = frame(Opcode.TEXT, send) + frame(Opcode.PING, b"behind")
            room.a.socket.transport.write(both)
            for _ in range(3):
                await room.b.ask("ping")
            assert not behind.done()
        assert "message" in await room.a.answer(900)
        await asyncio.wait_for(behind, WAIT_S)


async def test_a_second_later_there_is_more(strict):
    wire = await sender(strict, "after")
    for _ in range(3):
        for _ in range(FRAMES - 5):
            waiter = await wire.socket.ping()
        await asyncio.wait_for(waiter, WAIT_S)
        await asyncio.sleep(1.0)  # the window of the limit
    await wire.ask("ping")


@contextlib.asynccontextmanager
async def raw(app):
    """A connection without a library: reader and writer, before the handshake."""
    reader, writer = await asyncio.open_connection("127.0.0.1", app.app.ws_port)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


HEAD = (
    b"GET /v1/ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


async def ended(reader, timeout_s=WAIT_S):
    """What comes up to the end of the connection."""
    got = b""
    async with asyncio.timeout(timeout_s):
        with contextlib.suppress(ConnectionResetError):
            while data := await reader.read(65_536):
                got += data
    return got


@pytest.mark.parametrize("cut", [1, 20, len(HEAD) - 3, len(HEAD) - 1])
async def test_a_request_may_come_in_pieces(app, cut):
    async with raw(app) as (reader, writer):
        writer.write(HEAD[:cut])
        await writer.drain()
        await asyncio.sleep(0.05)  # so that it comes in two reads
        writer.write(HEAD[cut:])
        assert b" 101 " in await reader.readuntil(b"\r\n\r\n")
        # Frames are taken the short way from the first on, and counted.
        writer.write(frame(Opcode.PING, b"hi") + FLOODS["pings"] * FLOOD)
        got = await ended(reader)
    assert got.startswith(b"\x8a\x02hi")
    assert got.endswith(b"\x88\x13\x0f\xa2protocol violated")


async def test_frames_behind_the_request_end_the_connection(app):
    """A client awaits the answer to its request: these would be the library's, uncounted."""
    async with raw(app) as (reader, writer):
        writer.write(HEAD + FLOODS["pings"] * FLOOD)
        assert await ended(reader) == b""


@pytest.mark.parametrize("last", [frame(Opcode.CLOSE), b"\x81\x00"], ids=["close", "unmasked"])
async def test_who_ignores_the_end_is_cut_off(app, last):
    async with raw(app) as (reader, writer):
        writer.write(HEAD)
        await reader.readuntil(b"\r\n\r\n")
        writer.write(last)
        async with asyncio.timeout(CLOSE_S + 3.0):
            with pytest.raises(ConnectionError):
                await _go_on_sending(writer)


async def _go_on_sending(writer):
    while True:
        writer.write(FLOODS["pings"])
        await writer.drain()
        await asyncio.sleep(0.05)  # slowly enough for every other limit


async def test_pings_whose_answers_are_not_taken(serve):
    async with serve(limits={"queue_bytes": 10_000}) as app:
        narrow = socket.socket()
        narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        # Of short segments the kernel keeps little, so that it is the server who has to.
        narrow.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 1_400)
        narrow.connect(("127.0.0.1", app.app.ws_port))
        narrow.setblocking(False)
        stuck = await connect(
            f"ws://127.0.0.1:{app.app.ws_port}/v1/ws",
            sock=narrow,
            compression=None,
            ping_interval=None,
        )
        token = (await app.person()).token
        await stuck.send(pack("json", {"id": 1, "op": "hello", "d": {"token": token}}))
        await stuck.recv()
        stuck.transport.pause_reading()
        try:
            async with asyncio.timeout(2 * WAIT_S):
                while len(app.app.core.connections.registry):
                    stuck.transport.write(FLOODS["long pings"] * 500)
                    await asyncio.sleep(0.01)
        finally:
            stuck.transport.abort()


async def test_user_frame_bytes_per_s_is_of_all_connections(serve, monkeypatch):
    """Who sends more than all connections of a person may is read from later, and not closed."""
    held = []
    hold = Socket._hold

    def told(self, seconds):
        held.append(seconds)
        hold(self, seconds)

    monkeypatch.setattr(Socket, "_hold", told)
    async with serve(rate_limits=True, limits={"user_frame_bytes_per_s": 60_000}) as app:
        anna, ben = await app.people("anna", "ben")
        phone, tablet, other = [await app.connect(one) for one in (anna, anna, ben)]
        for wire in (phone, tablet, other):
            await wire.ask("ping", pad="x" * 40_000)
        assert len(held) <= 1  # none, where each second begins anew on a slow machine
        asked = [(wire, await wire.tell("ping", pad="x" * 40_000)) for wire in (phone, tablet) * 3]
        await other.ask("ping")
        for wire, number in asked:
            assert "d" in await wire.reply(number)
        assert held
        assert all(0 <= seconds <= 1 for seconds in held)
