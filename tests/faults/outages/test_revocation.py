"""Logins are ended while Redis is away: their sockets close on every process all the same."""

import asyncio
import contextlib
import time

import psutil
import pytest

from client.connection.http import Api
from tests.wire import WAIT_S

BOUND_S = 5.0
PASSWORD, ANOTHER = "correct horse battery", "another horse battery"


async def refused_everywhere(nodes, tokens):
    for node in nodes:
        for token in tokens:
            late = await node.open()
            assert (await late.refusal("hello", token=token))["code"] == "unauthenticated"


@pytest.mark.timeout(120)
async def test_sockets_close_everywhere_with_redis_away(serve, valkey):
    async with contextlib.AsyncExitStack() as stack:
        nodes = [await stack.enter_async_context(serve(redis_url=valkey.url())) for _ in range(3)]
        api = await stack.enter_async_context(Api(f"http://127.0.0.1:{nodes[0].app.http_port}"))
        first = await api.register("anna@example.org", PASSWORD, "anna")
        second = await api.login("anna@example.org", PASSWORD)
        (ben,) = await nodes[0].people("ben")
        other_login = await nodes[0].login(ben)
        stays = await nodes[2].connect(ben)
        revoked = [await node.connect(other_login) for node in nodes]
        changed = [await node.open() for node in nodes for _ in range(2)]
        old = [first.access_token, second.access_token]
        for wire, token in zip(changed, old * 3, strict=True):
            await wire.ask("hello", token=token)

        psutil.Process(valkey.pid).kill()
        await valkey.stop()
        began = time.monotonic()
        answer = await nodes[1].http("DELETE", f"/v1/auth/sessions/{other_login.session_id}", ben)
        assert answer.status == 204
        body = {"password": PASSWORD, "new_password": ANOTHER}
        signed_in = {"Authorization": f"Bearer {first.access_token}"}
        answer = await nodes[0].http("POST", "/v1/auth/password", None, body, headers=signed_in)
        assert answer.status == 200
        codes = await asyncio.gather(*(wire.closed() for wire in [*revoked, *changed]))
        assert time.monotonic() - began < BOUND_S
        assert codes == [4003] * 9
        await refused_everywhere(nodes, [other_login.token, *old])

        await valkey.start()
        async with asyncio.timeout(WAIT_S):
            while (await nodes[0].http("GET", "/readyz")).body["status"] != "ready":
                await asyncio.sleep(0.05)
        nodes.append(await stack.enter_async_context(serve(redis_url=valkey.url())))
        await refused_everywhere(nodes, [other_login.token, *old])
        for node in nodes:
            wire = await node.open()
            await wire.ask("hello", token=answer.body["access_token"])
        await stays.flushed()
