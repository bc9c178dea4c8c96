"""A connection is waited for so long and no longer; one that moves, or is worked for, stays."""

import asyncio
import io
import json
import time

import pytest

from tests.integration.doors.raw import GET, HEAD, raw
from tests.integration.limits.scene import make_room

SHORT = {"headers_timeout_s": 0.4, "body_timeout_s": 0.4, "idle_timeout_s": 0.4}
SIZE = 10_000_000
"""More than the system keeps for a peer that does not read."""
HELD = "select 1 from conversations where id = $1 for update"


def post(path, size, *headers):
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {size}", *headers]
    return "\r\n".join([*lines, "Content-Type: application/json", "", ""]).encode()


async def test_a_whole_body_has_a_time_too(serve):
    async with (
        serve(**SHORT, body_total_s=0.5, limits={"body_bytes_per_s": 1}) as app,
        raw(app.app.http_port) as (slow,),
    ):
        await slow.send(post("/v1/auth/login", 1000))
        trickling = asyncio.create_task(_drip(slow, 1000))
        assert (await slow.rest()).startswith(b"HTTP/1.1 408 ")
        trickling.cancel()


async def _drip(slow, count):
    for _ in range(count):
        await slow.send(b" ")
        await asyncio.sleep(0.05)


async def test_a_slow_body_that_moves_is_taken(serve):
    async with serve(body_timeout_s=1.2, limits={"body_bytes_per_s": 1}) as app:
        person = await app.person()
        async with raw(app.app.http_port) as (slow,):
            await slow.send(post("/v1/commands/ping", 52, f"Authorization: Bearer {person.token}"))
            await _drip(slow, 50)  # for twice the time without a byte
            await slow.send(b"{}")
            assert (await slow.answer())[0] == 200


async def test_an_idle_connection_ends_and_a_used_one_stays(serve):
    # Long beside the time between two requests, as the server shares its loop with who asks.
    async with serve(idle_timeout_s=2) as app, raw(app.app.http_port, 2) as (used, idle):
        assert (await idle.ask())[0] == 200
        ended = asyncio.create_task(idle.rest())
        while not ended.done():
            assert (await used.ask())[0] == 200
            await asyncio.sleep(0.1)
        assert ended.result() == b""
        assert (await used.ask())[0] == 200


async def test_pipelined_requests_are_answered(short):
    async with raw(short.app.http_port) as (one,):
        await one.send(GET * 40)
        for _ in range(40):
            assert (await one.answer())[0] == 200
        assert await one.rest() == b""


async def test_what_the_server_works_at_is_not_cut(serve):
    async with serve(**SHORT, lock_timeout_ms=3000) as app:
        room = await make_room(app)
        async with (
            app.app.core.foundation.pool.acquire() as connection,
            connection.transaction(),
        ):
            await connection.execute(HELD, room.id)
            sending = app.command("message.send", room.anna, room.message())
            asked = asyncio.create_task(sending)
            assert await asyncio.wait([asked], timeout=1.5) == (set(), {asked})
        answer = await asked
        assert answer.status == 200, answer.body


async def test_an_answer_that_is_not_taken_ends(serve):
    async with serve(**SHORT, answer_timeout_s=0.4) as app:
        person = await app.person()
        url = await _big_file(app, person)
        ask = f"GET {url} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
        async with (
            raw(app.app.http_port, SO_RCVBUF=4096) as (stalled,),
            raw(app.app.http_port, SO_RCVBUF=65_536) as (slow,),
        ):
            for one in (stalled, slow):
                await one.send(ask)
            size, ended = 0, False
            while data := await slow.reader.read(200_000):
                size += len(data)
                await asyncio.sleep(0.02)
            assert size > SIZE
            metrics = app.app.core.foundation.metrics
            async with asyncio.timeout(10):
                while not ended:
                    ended = b'sockets_closed_total{reason="answer"} 1.0' in metrics.text()
                    await asyncio.sleep(0.05)


async def _big_file(app, person):
    data = io.BytesIO(b"x" * SIZE)
    headers = {"Content-Type": "text/plain"}
    answer = await app.http("POST", "/v1/files?name=big.txt", person, data=data, headers=headers)
    assert answer.status == 201, answer.body
    return answer.body["file"]["url"]


@pytest.fixture
async def short(serve):
    async with serve(**SHORT) as served:
        yield served


async def test_a_silent_connection_ends_without_a_word(short):
    async with raw(short.app.http_port) as (silent,):
        assert await silent.rest() == b""


@pytest.mark.parametrize("begun", [HEAD, b"G", b"POST / HTTP/1.1\r\nX: y"])
async def test_half_sent_headers_are_told(short, begun):
    async with raw(short.app.http_port) as (slow,):
        await slow.send(begun)
        assert (await slow.rest()).startswith(b"HTTP/1.1 408 ")


async def test_who_sends_on_is_not_reset(short):
    async with raw(short.app.http_port) as (slow,):
        await slow.send(HEAD)
        assert (await slow.rest()).startswith(b"HTTP/1.1 408 ")
        # A reset could overtake the answer on its way.
        await slow.send_on(b"X-A: b\r\n")


async def test_headers_that_trickle_have_no_more_time(short):
    async with raw(short.app.http_port) as (slow,):
        began = time.monotonic()

        async def trickle():
            while True:
                await slow.send(b"X-A: b\r\n")
                await asyncio.sleep(0.05)

        await slow.send(HEAD)
        trickling = asyncio.create_task(trickle())
        assert b" 408 " in await slow.rest()
        assert time.monotonic() - began < 4
        trickling.cancel()


@pytest.mark.parametrize("path", ["/v1/auth/login", "/v1/commands/ping"])
async def test_a_body_that_stops_is_refused_with_its_reason(short, path):
    person = await short.person()
    async with raw(short.app.http_port) as (slow,):
        await slow.send(post(path, 100, f"Authorization: Bearer {person.token}") + b'{"email"')
        said = await slow.rest()
        assert said.startswith(b"HTTP/1.1 408 ")
        problem = json.loads(said.partition(b"\r\n\r\n")[2])
        assert problem["error"]["code"] == "bad_request"
        assert "did not arrive in time" in problem["detail"]


@pytest.mark.parametrize("kind", ["text/plain", "multipart/form-data; boundary=b"])
async def test_an_upload_that_stops_leaves_nothing(short, kind):
    person = await short.person()
    head = post("/v1/files", 9000, f"Authorization: Bearer {person.token}")
    head = head.replace(b"application/json", kind.encode())
    part = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nabc'
    async with raw(short.app.http_port) as (slow,):
        await slow.send(head + part)
        assert (await slow.rest()).startswith(b"HTTP/1.1 408 ")
    files = [path for path in short.settings.files_dir.rglob("*") if path.is_file()]
    assert not files
