"""Long answers are compressed for who takes that."""

import gzip
import json
import threading

import pytest
from aiohttp.test_utils import TestClient, TestServer

from server.doors import compression
from server.http.app import build_http

METRICS = "/metrics"
GZIP = {"Accept-Encoding": "gzip"}


@pytest.fixture
async def knock_raw(parts):
    """Send a request and give status, bytes as they came, and headers."""
    server = TestServer(build_http(parts))
    async with TestClient(server, auto_decompress=False) as door:

        async def knock(method, path, headers, user=None):
            sent = headers | ({"Authorization": f"Bearer {user}"} if user else {})
            async with door.request(method, path, headers=sent) as answer:
                return answer.status, await answer.read(), answer.headers

        yield knock


async def test_a_long_answer_is_compressed_for_who_takes_it(knock_raw):
    _, plain, headers = await knock_raw("GET", METRICS, {"Accept-Encoding": "identity"})
    assert len(plain) > compression.MIN_BYTES
    assert "Content-Encoding" not in headers
    assert "Accept-Encoding" in headers["Vary"]
    _, body, headers = await knock_raw("GET", METRICS, GZIP)
    assert headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in headers["Vary"]
    assert int(headers["Content-Length"]) == len(body) < len(plain) / 2
    assert gzip.decompress(body)[:6] == plain[:6]


async def test_a_short_answer_is_sent_as_it_is(knock_raw):
    _, body, headers = await knock_raw("GET", "/healthz", GZIP)
    assert json.loads(body) == {"status": "ok"}
    assert "Content-Encoding" not in headers


async def test_a_refusal_is_compressed_too(knock_raw, anyone):
    path = "/v1/messages/search?" + "&".join(f"unknown_parameter_{n}=1" for n in range(20))
    status, body, headers = await knock_raw("GET", path, GZIP, anyone)
    assert status == 422
    assert headers["Content-Encoding"] == "gzip"
    assert len(json.loads(gzip.decompress(body))["errors"]) == 20


async def test_only_what_is_very_long_is_compressed_in_a_thread(knock_raw, monkeypatch):
    threads = []
    real = compression._compressed

    def noting(body):
        threads.append(threading.current_thread() is threading.main_thread())
        return real(body)

    monkeypatch.setattr(compression, "_compressed", noting)
    await knock_raw("GET", METRICS, GZIP)
    monkeypatch.setattr(compression, "IN_THREAD_BYTES", 2048)
    _, body, _ = await knock_raw("GET", METRICS, GZIP)
    assert threads == [True, False]
    assert gzip.decompress(body).startswith(b"# HELP")


@pytest.mark.parametrize(
    ("accepted", "takes"),
    [("", False), ("gzip", True), ("br, gzip;q=0.5", True), ("gzip;q=0", False), ("*", True)],
)
def test_what_a_client_takes(accepted, takes):
    assert compression.takes_gzip(accepted) is takes
