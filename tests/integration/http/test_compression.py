"""Long answers are compressed for who takes that."""

import contextlib
import gzip
import json
import threading
from dataclasses import replace

import pytest
from aiohttp.test_utils import TestClient, TestServer
from multidict import CIMultiDict

from server.doors import compression
from server.doors.compression import Compression
from server.http.app import build_http

METRICS = "/metrics"
GZIP = {"Accept-Encoding": "gzip"}


@contextlib.asynccontextmanager
async def _raw(parts):
    """A door; what is yielded sends a request and gives status, bytes as they came, and headers."""
    server = TestServer(build_http(parts))
    async with TestClient(server, auto_decompress=False) as door:

        async def knock(method, path, headers, user=None):
            sent = CIMultiDict(headers)
            if user:
                sent["Authorization"] = f"Bearer {user}"
            async with door.request(method, path, headers=sent) as answer:
                return answer.status, await answer.read(), answer.headers

        yield knock


@pytest.fixture
async def knock_raw(parts):
    async with _raw(parts) as knock:
        yield knock


def _with(parts, compression):
    return replace(parts, rules=replace(parts.rules, compression=compression))


async def test_a_long_answer_is_compressed_for_who_takes_it(knock_raw):
    _, plain, headers = await knock_raw("GET", METRICS, {"Accept-Encoding": "identity"})
    assert len(plain) > Compression().above_bytes
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


async def test_only_what_is_very_long_is_compressed_in_a_thread(knock_raw, parts, monkeypatch):
    threads = []
    real = compression._compressed

    def noting(body):
        threads.append(threading.current_thread() is threading.main_thread())
        return real(body)

    monkeypatch.setattr(compression, "_compressed", noting)
    await knock_raw("GET", METRICS, GZIP)
    async with _raw(_with(parts, Compression(1_024, 2_048))) as knock_other:
        _, body, _ = await knock_other("GET", METRICS, GZIP)
    assert threads == [True, False]
    assert gzip.decompress(body).startswith(b"# HELP")


@pytest.mark.parametrize(("above", "is_compressed"), [(14, True), (15, False)])
async def test_the_least_size_is_a_setting(parts, above, is_compressed):
    async with _raw(_with(parts, Compression(above))) as knock:
        _, body, headers = await knock("GET", "/healthz", GZIP)
    assert ("Content-Encoding" in headers) is is_compressed
    assert (gzip.decompress(body) if is_compressed else body) == b'{"status":"ok"}'


async def test_what_is_taken_may_be_said_in_several_lines(knock_raw):
    lines = CIMultiDict([("Accept-Encoding", "br"), ("Accept-Encoding", "gzip")])
    _, _, headers = await knock_raw("GET", METRICS, lines)
    assert headers["Content-Encoding"] == "gzip"


@pytest.mark.parametrize(
    ("accepted", "takes"),
    [("", False), ("gzip", True), ("br, gzip;q=0.5", True), ("gzip;q=0", False), ("*", True)],
)
def test_what_a_client_takes(accepted, takes):
    assert compression.takes_gzip(accepted) is takes
