"""What is refused before anything is read of it or looked up for it."""

import logging
import time
import zlib

import pytest

from storage.embedded.processes import free_port
from tests.integration.doors.raw import raw

BOMB = zlib.compress(bytes(60_000_000))
"""Some 60 KB, which would be 60 MB."""


def post(path, body, *headers):
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def test_good_tokens_are_not_counted(serve):
    async with serve(limits={"bad_tokens_per_minute": 1}, rate_limits=True) as app:
        for person in await app.people(*"abcdef"):
            assert (await app.http("GET", "/v1/me", person)).status == 200


async def test_metrics_have_a_door_of_their_own(serve):
    port = free_port()
    async with serve(metrics_port=port) as app, raw(port) as (own,):
        for path in (b"/metrics", b"/healthz", b"/readyz"):
            head = b"GET " + path + b" HTTP/1.1\r\nHost: prometheus.example\r\n\r\n"
            assert (await own.ask(head))[0] == 200
            assert (await app.http("GET", path.decode())).status == 404
        assert (await own.ask(b"GET /v1/me HTTP/1.1\r\nHost: x\r\n\r\n"))[0] == 404


async def test_figures_that_many_ask_for_are_made_once(serve, monkeypatch):
    async with serve(probes_kept_s=60) as app:
        made = []
        metrics = app.app.core.foundation.metrics
        text = metrics.text

        def counted():
            made.append(1)
            return text()

        monkeypatch.setattr(metrics, "text", counted)
        for _ in range(20):
            assert (await app.http("GET", "/metrics")).status == 200
        assert len(made) == 1


@pytest.mark.parametrize("coding", ["br", "gzip", "deflate", "zstd", "identity", "x"])
@pytest.mark.parametrize("path", ["/v1/auth/login", "/v1/files", "/v1/commands/ping", "/nowhere"])
async def test_a_body_that_would_be_inflated(app, path, coding):
    headers = ("Content-Type: application/json", f"Content-Encoding: {coding}")
    async with raw(app.app.http_port) as (one,):
        began = time.thread_time()
        status, body = await one.ask(post(path, BOMB, *headers))
        assert (status, b"Content-Encoding" in body) == (415, True)
        assert time.thread_time() - began < 0.5


async def test_who_reads_after_sending_is_told_of_a_refused_file(app):
    # As a browser does. A connection that is not read would be reset after seconds.
    person = await app.person()
    tokens = ("", f"Authorization: Bearer {person.token}")
    for status, token in zip((401, 422), tokens, strict=True):
        headers = [header for header in ("Content-Type: video/x-unknown", token) if header]
        async with raw(app.app.http_port) as (one,):
            assert (await one.ask(post("/v1/files", bytes(20_000_000), *headers)))[0] == status
            assert await one.rest() == b""


async def test_a_part_of_a_form_that_would_be_inflated(app):
    person = await app.person()
    form = (
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n'
        b"Content-Encoding: br\r\n\r\n" + BOMB + b"\r\n--b--\r\n"
    )
    headers = (
        "Content-Type: multipart/form-data; boundary=b",
        f"Authorization: Bearer {person.token}",
    )
    async with raw(app.app.http_port) as (one,):
        assert (await one.ask(post("/v1/files", form, *headers)))[0] == 415


async def test_the_header_without_a_body_is_no_body(app):
    answer = await app.http("GET", "/healthz", headers={"Content-Encoding": "br"})
    assert answer.status == 200
    refused = await app.http(
        "POST", "/v1/auth/login", data=BOMB, headers={"Content-Encoding": "br"}
    )
    assert refused.headers["Accept-Encoding"] == "identity"


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + b"x" * 10_000 + b"\r\n\r\n",
        b"POST /v1/auth/login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -5\r\n\r\n",
        b"POST /v1/me HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
async def test_what_is_not_http_takes_a_line(app, logs, caplog, sent):
    with caplog.at_level(logging.DEBUG):
        async with raw(app.app.http_port) as (one,):
            await one.send(sent)
            said = await one.rest()
    assert said.split()[1] == b"400"
    assert b"Python" not in said
    assert b"application/problem+json" in said
    lines = [line for line in logs if line["event"] in {"http_malformed", "http_request"}]
    assert lines
    assert len(str(lines[0])) < 400
    assert not [record for record in caplog.records if record.exc_info or record.levelno > 20]


@pytest.mark.parametrize("begun", [b"no colon\r\n\r\n", b"X: " + b"x" * 10_000])
async def test_what_is_not_http_and_goes_on_is_told(app, begun):
    async with raw(app.app.http_port) as (one,):
        await one.send(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n" + begun)
        await one.send_on(b"x" * 1000)
        assert (await one.rest()).split()[1] == b"400"


@pytest.mark.parametrize(
    "sent", [b"\x16\x03\x01\r\n\r\n", b"GET / HTTP/1.1\r\nno colon\r\n\r\n", b"x" * 20_000]
)
async def test_what_is_no_handshake_takes_no_traceback(app, caplog, sent):
    with caplog.at_level(logging.WARNING):
        async with raw(app.app.ws_port) as (one,):
            await one.send(sent)
            await one.rest()
    assert not [record for record in caplog.records if record.exc_info]


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8080", 401),
        ("localhost", 401),
        ("[::1]:1", 401),
        ("chat.example", 401),
        ("CHAT.example.:443", 401),
        ("a.parley.example", 401),
        ("parley.example.evil.example", 421),
        ("evil.example", 421),
        ("", 421),
        ("10.0.0.1", 421),
    ],
)
async def test_a_host_that_is_not_ours(serve, host, status):
    names = {"allowed_hosts": "*.parley.example", "public_url": "https://chat.example"}
    async with serve(**names) as app, raw(app.app.http_port, 2) as (one, other):
        head = f" HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()
        assert (await one.ask(b"GET /v1/me" + head))[0] == status
        assert (await one.ask(b"GET /healthz" + head))[0] == 200
        two = b" HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n"
        assert (await other.ask(b"GET /v1/me" + two))[0] == 400
        async with raw(app.app.ws_port) as (ws,):
            await ws.send(
                f"GET /v1/ws HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\n"
                "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
            )
            said = await ws.reader.readline()
            assert said.split()[1] == (b"101" if status == 401 else b"421")
