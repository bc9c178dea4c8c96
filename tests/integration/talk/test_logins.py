"""Credentials of open connections: revoked, refreshed in place, run out."""

import asyncio
import time

import pytest

from client.connection.http import Api
from tests.wire import FORMATS, open_wire

PASSWORD = "correct horse battery"
AT_ONCE_S = 4.0
"""Far below the time after which anything else would close a socket, on a busy machine too."""


async def test_a_revoked_login_closes_its_sockets_on_every_node(app, serve):
    (anna,) = await app.people("anna")
    other = await app.login(anna)
    async with serve() as node:
        revoked = [await app.connect(other), await node.connect(other, "msgpack")]
        stays = await node.connect(anna)
        page = await app.http("GET", "/v1/auth/sessions", anna)
        assert {session["id"] for session in page.body["data"]} == {
            str(anna.session_id),
            str(other.session_id),
        }
        began = time.monotonic()
        answer = await app.http("DELETE", f"/v1/auth/sessions/{other.session_id}", anna)
        assert answer.status == 204
        codes = await asyncio.gather(*(wire.closed() for wire in revoked))
        assert time.monotonic() - began < AT_ONCE_S
        assert codes == [4003, 4003]
        await stays.flushed()
        late = await node.open()
        assert (await late.refusal("hello", token=other.token))["code"] == "unauthenticated"
        assert await late.closed() == 4001
        assert (await node.http("GET", "/v1/me", other)).status == 401


async def test_logout_closes_at_once(app):
    (anna,) = await app.people("anna")
    wire = await app.connect(anna, "msgpack")
    began = time.monotonic()
    await app.http("POST", "/v1/auth/logout", anna)
    assert await wire.closed() == 4003
    assert time.monotonic() - began < AT_ONCE_S


@pytest.mark.parametrize("form", FORMATS)
async def test_a_token_is_refreshed_in_place(app, form):
    async with Api(f"http://127.0.0.1:{app.app.http_port}") as api:
        grant = await api.register("anna@example.org", PASSWORD, "anna")
        wire = await open_wire(app.app.ws_port, form)
        hello = await wire.ask("hello", token=grant.access_token)
        renewed = await api.refresh(grant.refresh_token)
        assert renewed.access_token != grant.access_token
        reply = await wire.ask("token.refresh", token=renewed.access_token)
        assert reply["token_expires_at"] > hello["token_expires_at"]
        (ben,) = await app.people("ben")
        refusal = await wire.refusal("token.refresh", token=ben.token)
        assert refusal["code"] == "forbidden"
        second_login = await api.login("anna@example.org", PASSWORD)
        refusal = await wire.refusal("token.refresh", token=second_login.access_token)
        assert refusal["code"] == "forbidden"
        refusal = await wire.refusal("token.refresh", token="x" * 43)
        assert refusal["code"] == "unauthenticated"
        assert (await wire.refusal("hello", token=renewed.access_token))["code"] == "conflict"
        await wire.flushed()
        await wire.close()


async def test_a_token_that_runs_out_closes_its_connection(app):
    anna = await app.person("anna", expires_in_s=0.5)
    wire = await app.connect(anna)
    began = time.monotonic()
    assert await wire.closed() == 4003
    assert time.monotonic() - began < AT_ONCE_S


async def test_a_changed_password_closes_every_socket_on_every_node(app, serve):
    async with (
        serve() as second,
        serve() as third,
        Api(f"http://127.0.0.1:{app.app.http_port}") as api,
    ):
        nodes = (app, second, third)
        first = await api.register("anna@example.org", PASSWORD, "anna")
        tokens = [
            first.access_token,
            *[(await api.login("anna@example.org", PASSWORD)).access_token for _ in nodes[1:]],
        ]
        wires = [await node.open() for node in nodes for _ in tokens]
        for wire, token in zip(wires, tokens * len(nodes), strict=True):
            await wire.ask("hello", token=token)
        ben = await second.connect(await app.person("ben"))
        signed_in = {"Authorization": f"Bearer {first.access_token}"}
        body = {"password": PASSWORD, "new_password": "another horse battery"}
        began = time.monotonic()
        answer = await app.http("POST", "/v1/auth/password", None, body, headers=signed_in)
        assert answer.status == 200
        assert await asyncio.gather(*(wire.closed() for wire in wires)) == [4003] * len(wires)
        assert time.monotonic() - began < AT_ONCE_S
        for node in nodes:
            for token in tokens:
                late = await node.open()
                assert (await late.refusal("hello", token=token))["code"] == "unauthenticated"
            again = await node.open()
            assert (await again.ask("hello", token=answer.body["access_token"]))["user"]
        await ben.flushed()
