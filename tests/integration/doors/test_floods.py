"""What one connection may make the server read, parse and keep."""

import asyncio
import contextlib
import json

import pytest

from server.http import route_helpers
from server.http.connection import HttpConnection
from server.http.sliced import DROPPED_BYTES, SLICE_BYTES, SlicedHandler
from tests.integration.doors.raw import GET, raw
from tests.wire import WAIT_S

LOGIN = (
    b"POST /v1/auth/login HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    b"Content-Type: application/json\r\n%s\r\n\r\n"
)
CHUNKED = LOGIN % b"Transfer-Encoding: chunked"
BODY_BYTES = 65_536
WIRE_BYTES = 2 * BODY_BYTES + SLICE_BYTES


@pytest.fixture
def parsed(monkeypatch):
    """The sizes of what is parsed."""
    sizes = []
    parse = HttpConnection.parse

    def counted(self, data):
        sizes.append(len(data))
        parse(self, data)

    monkeypatch.setattr(HttpConnection, "parse", counted)
    return sizes


async def _flood(one, data):
    """Sends as long as the server takes it; how much that was."""
    sent = 0
    with contextlib.suppress(ConnectionError, TimeoutError):
        async with asyncio.timeout(WAIT_S / 2):
            while sent < 40_000_000:
                await one.send(data)
                sent += len(data)
    return sent


@pytest.mark.parametrize(
    "flood", [b"1\r\n \r\n" * 10_000, b"a" * 60_000], ids=["tiny", "extension"]
)
async def test_a_chunked_body_is_bounded_on_the_wire(app, parsed, flood):
    async with raw(app.app.http_port) as (one,):
        await one.send(CHUNKED + (b"2;" if flood[0] == ord("a") else b""))
        flooding = asyncio.create_task(_flood(one, flood))
        status, body = await one.answer()
        assert (status, json.loads(body)["error"]["code"]) == (413, "payload_too_large")
        assert await one.rest() == b""
        flooding.cancel()
    assert sum(parsed) <= WIRE_BYTES + 2 * SLICE_BYTES
    assert max(parsed) <= SLICE_BYTES


@pytest.mark.parametrize(
    ("path", "status"), [(b"/nowhere", 404), (b"/v1/files", 401), (b"/v1/commands/ping", 401)]
)
async def test_after_a_refusal_nothing_is_parsed(app, parsed, path, status):
    async with raw(app.app.http_port) as (one,):
        await one.send(CHUNKED.replace(b"/v1/auth/login", path))
        head = await one.reader.readuntil(b"\r\n\r\n")
        assert head.split()[1] == b"%d" % status
        assert b"connection: close" in head.lower()
        before = sum(parsed)
        assert await _flood(one, b"1\r\n \r\n" * 10_000) < DROPPED_BYTES + 20_000_000
        assert sum(parsed) == before


async def test_a_refused_body_that_has_come_keeps_the_connection(app):
    async with raw(app.app.http_port) as (one,):
        for _ in range(3):
            head = LOGIN.replace(b"/v1/auth/login", b"/v1/files") % b"Content-Length: 2"
            assert (await one.ask(head + b"{}"))[0] == 401
        assert (await one.ask())[0] == 200


async def test_a_body_in_small_chunks_is_taken(app):
    person = await app.person()
    head = CHUNKED.replace(b"/v1/auth/login", b"/v1/commands/ping").replace(
        b"\r\n\r\n", b"\r\nAuthorization: Bearer %s\r\n\r\n" % person.token.encode()
    )
    chunks = b"8\r\n        \r\n" * (BODY_BYTES // 8 - 1)
    async with raw(app.app.http_port) as (one,):
        for _ in range(2):
            assert (await one.ask(head + chunks + b"2\r\n{}\r\n0\r\n\r\n"))[0] == 200


async def test_requests_behind_an_unanswered_one_are_not_read(app, monkeypatch):
    gate, read = asyncio.Event(), []
    received, real = SlicedHandler.data_received, route_helpers.read_raw

    def counted(self, data):
        read.append(len(data))
        received(self, data)

    async def waiting(request):
        await gate.wait()
        return await real(request)

    monkeypatch.setattr(SlicedHandler, "data_received", counted)
    monkeypatch.setattr(route_helpers, "read_raw", waiting)
    post = LOGIN % b"Content-Length: 59000" + b" " * 59_000
    async with raw(app.app.http_port) as (one,):
        flooding = asyncio.create_task(one.send(post * 400))
        assert await asyncio.wait([flooding], timeout=1) == (set(), {flooding})
        assert 59_000 < sum(read) < 800_000
        gate.set()
        for _ in range(5):
            assert (await one.answer())[0] in {400, 422, 429}
        flooding.cancel()


async def test_many_pipelined_bodies_are_answered(app):
    post = LOGIN % b"Content-Length: 40000" + b" " * 40_000
    async with raw(app.app.http_port) as (one,):
        sending = asyncio.create_task(one.send((post + GET) * 12))
        for _ in range(12):
            assert (await one.answer())[0] in {400, 422, 429}
            assert (await one.answer())[0] == 200
        await sending


async def test_an_upload_has_its_own_bound(app):
    person = await app.person()
    answer = await app.http(
        "POST",
        "/v1/files?name=a.txt",
        person,
        data=b"x" * 400_000,
        headers={"Content-Type": "text/plain"},
    )
    assert answer.status == 201
