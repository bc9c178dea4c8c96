"""What a page is told before anybody has logged in."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from protocol.limits import Limits
from server.http.client_config import ws_url
from storage.push.vapid import new_key
from tests.push_service import bytes_of
from tests.wire import open_wire

PATH = "/v1/client-config"


async def test_a_page_is_told_what_it_needs(app):
    answer = await app.http("GET", PATH)
    assert answer.status == 200
    body = answer.body
    assert body.keys() == {"version", "ws_url", "push_public_key", "heartbeat_s", "limits"}
    assert body["ws_url"] == f"ws://127.0.0.1:{app.app.ws_port}/v1/ws"
    point = bytes_of(body["push_public_key"])
    assert ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    assert body["limits"]["content_chars"] == Limits().content_chars
    assert body["limits"]["file_bytes"] == Limits().file_bytes
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    again = await app.http("GET", PATH, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status, again.body) == (304, b"")
    # A page with an outdated token is told, too.
    stale = await app.http("GET", PATH, headers={"Authorization": "Bearer x"})
    assert stale.status == 200
    assert (await app.http("GET", f"{PATH}?a=1")).status == 422


async def test_the_socket_is_where_it_says(app):
    url = (await app.http("GET", PATH)).body["ws_url"]
    assert url.endswith("/v1/ws")
    wire = await open_wire(int(url.rpartition(":")[2].partition("/")[0]), "json")
    await wire.close()


async def test_the_key_stays_over_a_restart_and_is_that_of_the_file(serve, tmp_path):
    async with serve() as app:
        first = (await app.http("GET", PATH)).body["push_public_key"]
    async with serve() as app:
        assert (await app.http("GET", PATH)).body["push_public_key"] == first
    file = tmp_path / "of-all-machines.pem"
    file.write_bytes(new_key())
    async with serve(vapid_key_file=file, data_dir=tmp_path / "one") as app:
        named = (await app.http("GET", PATH)).body["push_public_key"]
    async with serve(vapid_key_file=file, data_dir=tmp_path / "other") as app:
        assert (await app.http("GET", PATH)).body["push_public_key"] == named != first


@pytest.mark.parametrize(
    ("public_url", "host", "told"),
    [
        ("https://parley.example", "any", "wss://parley.example/v1/ws"),
        ("https://parley.example:8443/", "any", "wss://parley.example:8443/v1/ws"),
        ("http://parley.example/a/", "any", "ws://parley.example/a/v1/ws"),
        ("https://me:pw@parley.example", "any", "wss://parley.example/v1/ws"),
        (None, "parley.local:8080", "ws://parley.local:8765/v1/ws"),
        (None, "[::1]:8080", "ws://[::1]:8765/v1/ws"),
        (None, "localhost", "ws://localhost:8765/v1/ws"),
        (None, "", "ws://localhost:8765/v1/ws"),
        (None, "a/b@c", "ws://localhost:8765/v1/ws"),
    ],
)
def test_where_the_socket_is(public_url, host, told):
    assert ws_url(public_url, host, 8765) == told
