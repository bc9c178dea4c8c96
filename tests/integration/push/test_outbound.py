"""Requests to URLs that clients name, on real sockets; only the look-up of names is the test's."""

import asyncio
import contextlib
import ssl
import time
from ipaddress import ip_network

import pytest
from aiohttp import web

from storage.outbound.client import (
    ANSWER_BYTES,
    OutboundFailedError,
    OutboundRules,
    outbound_client,
)
from storage.outbound.targets import RefusedTargetError
from tests.push_service import push_service

HERE = ip_network("127.0.0.1/32")
NAME = "push.example"


class Names:
    """A name server whose answers change with every question; the last stays."""

    def __init__(self, *answers):
        self._answers = list(answers)
        self.asked = 0

    async def __call__(self, _name):
        self.asked += 1
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, OSError):
            raise answer
        return answer


@pytest.fixture
async def service(tmp_path):
    async with push_service(tls_in=tmp_path) as service:
        yield service


def client(service, *answers, besides=(HERE,), **rules):
    names = Names(*answers) if answers else None
    return outbound_client(OutboundRules(besides, tls=service.tls, **rules), names)


async def post(client, url, timeout_s=20):
    return await client.post(url, {"X-Test": "1"}, b"body", timeout_s=timeout_s)


async def test_a_name_is_looked_up_and_its_certificate_is_the_names(service):
    service.answers["/one"] = lambda request: web.Response(text=request.host)
    async with client(service, ["127.0.0.1"]) as outbound:
        answer = await post(outbound, service.url("/one", NAME))
    assert (answer.status, answer.body) == (200, f"{NAME}:{service.port}".encode())
    (arrived,) = service.arrived
    assert (arrived.body, arrived.headers["X-Test"]) == (b"body", "1")


async def test_a_certificate_of_another_name_ends_it(service):
    async with client(service, ["127.0.0.1"]) as outbound:
        with pytest.raises(OutboundFailedError, match="not reached"):
            await post(outbound, service.url("/one", "other.example"))
    assert not service.arrived


async def test_a_certificate_that_nobody_vouches_for_ends_it(service):
    rules = OutboundRules((HERE,), tls=ssl.create_default_context())
    async with outbound_client(rules, Names(["127.0.0.1"])) as outbound:
        with pytest.raises(OutboundFailedError, match="not reached"):
            await post(outbound, service.url("/one", NAME))
    assert not service.arrived


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["8.8.8.8", "127.0.0.1"],
        ["127.0.0.1", "8.8.8.8"],
        ["::1"],
        ["::ffff:127.0.0.1"],
        ["64:ff9b::7f00:1"],
        ["169.254.169.254"],
        ["fe80::1%1"],
    ],
)
async def test_a_name_of_an_address_that_is_not_global_is_refused(service, addresses):
    async with client(service, addresses, besides=()) as outbound:
        with pytest.raises(RefusedTargetError, match="not global"):
            await post(outbound, service.url("/one", NAME))
    assert not service.arrived


async def test_the_real_name_of_this_machine_is_refused(service):
    async with client(service, besides=()) as outbound:
        for url in (service.url("/one", "localhost"), service.url("/one")):
            with pytest.raises(RefusedTargetError, match="not global"):
                await post(outbound, url)
    assert not service.arrived


async def test_an_answer_that_changes_after_the_check_changes_nothing(service):
    """The classic rebinding: vetted once, connected to by another look-up."""
    async with client(service, ["127.0.0.1"], ["127.0.0.2"], ["10.0.0.1"]) as outbound:
        assert (await post(outbound, service.url("/one", NAME))).status == 201
        assert outbound._session.connector._resolver._lookup.asked == 1
    # The other way round: the first answer decides, however harmless the next one would be.
    async with client(service, ["127.0.0.2"], ["127.0.0.1"]) as outbound:
        with pytest.raises(RefusedTargetError):
            await post(outbound, service.url("/one", NAME))


async def test_the_socket_itself_is_judged_too(service):
    """An address that came past the resolver is not connected to."""
    async with client(service, ["127.0.0.1"]) as outbound:
        connector = outbound._session.connector
        connector._socket_factory._rules = OutboundRules()
        with pytest.raises((OutboundFailedError, RefusedTargetError)):
            await post(outbound, service.url("/one", NAME))
    assert not service.arrived


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_no_redirect_is_followed(service, status):
    there = service.url("/there", NAME)
    service.answers["/one"] = lambda _: web.Response(status=status, headers={"Location": there})
    async with client(service, ["127.0.0.1"]) as outbound:
        answer = await post(outbound, service.url("/one", NAME))
    assert answer.status == status
    assert [arrived.path for arrived in service.arrived] == ["/one"]


async def test_nothing_is_set_by_cookies_or_the_environment(service, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:1")
    service.answers["/one"] = lambda _: web.Response(headers={"Set-Cookie": "a=b; Path=/"})
    async with client(service, ["127.0.0.1"]) as outbound:
        for _ in range(2):
            assert (await post(outbound, service.url("/one", NAME))).status == 200
    assert not [a for a in service.arrived if "Cookie" in a.headers]


async def test_a_long_answer_is_read_to_its_bound_and_left(service):
    async def endless(request):
        response = web.StreamResponse()
        await response.prepare(request)
        with contextlib.suppress(ConnectionError):
            while True:
                await response.write(bytes(65_536))
        return response

    service.answers["/one"] = endless
    async with client(service, ["127.0.0.1"]) as outbound:
        answer = await post(outbound, service.url("/one", NAME))
        assert len(answer.body) == ANSWER_BYTES
        assert (await post(outbound, service.url("/other", NAME))).status == 201


async def test_a_bomb_is_not_inflated(service):
    bomb = {"Content-Encoding": "gzip"}
    service.answers["/one"] = lambda _: web.Response(body=b"\x1f\x8b no gzip", headers=bomb)
    async with client(service, ["127.0.0.1"]) as outbound:
        assert (await post(outbound, service.url("/one", NAME))).body == b"\x1f\x8b no gzip"


@pytest.mark.parametrize("when", ["before", "within"])
async def test_a_slow_server_is_given_up(service, when):
    hangs = asyncio.Event()

    async def slow(request):
        response = web.StreamResponse()
        if when == "within":
            await response.prepare(request)
            await response.write(b"some")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(30):
                await hangs.wait()
        return response

    service.answers["/one"] = slow
    async with client(service, ["127.0.0.1"]) as outbound:
        began = time.monotonic()
        with pytest.raises(OutboundFailedError, match=r"no answer within 0\.3 s"):
            await post(outbound, service.url("/one", NAME), timeout_s=0.3)
        assert time.monotonic() - began < 5
        # Others are not held up by it.
        assert (await post(outbound, service.url("/other", NAME))).status == 201
    hangs.set()


async def test_a_slow_name_server_is_given_up(service):
    async def never(_name):
        await asyncio.Event().wait()

    async with outbound_client(OutboundRules(), never) as outbound:
        with pytest.raises(OutboundFailedError, match="no answer within"):
            await post(outbound, service.url("/one", NAME), timeout_s=0.2)


@pytest.mark.parametrize("answer", [OSError("no such name"), []])
async def test_a_name_without_an_address_is_not_reached(service, answer):
    async with client(service, answer) as outbound:
        with pytest.raises(OutboundFailedError, match="not reached"):
            await post(outbound, service.url("/one", NAME))


async def test_a_closed_port_is_not_reached(service):
    async with client(service, ["127.0.0.1"]) as outbound:
        with pytest.raises(OutboundFailedError, match="not reached"):
            await post(outbound, f"https://{NAME}:1/one")


async def test_what_is_no_http_is_told():
    async def talk(_reader, writer):
        writer.write(b"220 mail.example ESMTP\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with (
        server,
        outbound_client(OutboundRules((HERE,), allows_http=True), Names(["127.0.0.1"])) as outbound,
    ):
        for scheme in ("http", "https"):
            with pytest.raises(OutboundFailedError):
                await post(outbound, f"{scheme}://{NAME}:{port}/")
