"""How often the HTTP door may be asked: by address without a login, by person with one."""

import asyncio
from ipaddress import ip_network

import orjson
import pytest

from protocol.errors import RequestError
from server.doors import request_rates
from server.http import counting
from storage.limits.address_buckets import AddressBuckets
from storage.people.sessions import Sessions
from tests.integration.doors.raw import left, raw
from tests.wire import WAIT_S

PROXIES = {"trusted_proxies": (ip_network("127.0.0.0/8"),)}
FEW = {"unauthenticated_requests_per_s": 1, "unauthenticated_requests_burst": 3}
ASKED = b"GET /nowhere HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


class Clock:
    """Time that goes on when it is told to."""

    now = 1_000.0

    def __call__(self):
        return self.now


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """A second's token would come back while a slow machine asks for the next."""
    clock, init = Clock(), AddressBuckets.__init__

    def with_clock(self, what, rate, **options):
        init(self, what, rate, **options | {"clock": clock})

    monkeypatch.setattr(AddressBuckets, "__init__", with_clock)
    monkeypatch.setattr(counting, "REFUSED_S", 0.0)
    return clock


async def statuses(app, path="/nowhere", count=5, method="GET", **options):
    return [(await app.http(method, path, **options)).status for _ in range(count)]


def is_refused(answer, what="requests"):
    return (
        answer.status == 429
        and answer.body["error"]["details"]["limit"] == what
        and int(answer.headers["Retry-After"]) >= 1
    )


async def test_unauthenticated_requests_burst_is_of_an_address(serve):
    async with serve(rate_limits=True, limits=FEW, **PROXIES) as app:
        person = await app.person()
        assert await statuses(app) == [404] * 3 + [429] * 2
        assert is_refused(await app.http("GET", "/docs"))
        assert is_refused(await app.http("POST", "/v1/auth/login", body={}))
        # Who has a login goes on, and so does whoever is elsewhere.
        assert await statuses(app, "/v1/me", person=person) == [200] * 5
        assert (
            await statuses(app, headers={"X-Forwarded-For": "192.0.2.1"}) == [404] * 3 + [429] * 2
        )


async def test_unauthenticated_requests_per_s(serve, clock):
    limits = {"unauthenticated_requests_per_s": 2, "unauthenticated_requests_burst": 3}
    async with serve(rate_limits=True, limits=limits) as app:
        assert await statuses(app) == [404] * 3 + [429] * 2
        clock.now += 1.0
        assert await statuses(app) == [404] * 2 + [429] * 3


async def test_unauthenticated_requests_are_counted_by_the_network_of_ipv6(serve):
    async with serve(rate_limits=True, limits=FEW, **PROXIES) as app:
        said = [
            (await app.http("GET", "/nowhere", headers={"X-Forwarded-For": address})).status
            for address in [f"2001:db8:1:1::{n}" for n in range(1, 5)] + ["2001:db8:1:2::1"]
        ]
        assert said == [404, 404, 404, 429, 404]


@pytest.mark.parametrize(
    "headers", [{"Authorization": "Bearer x"}, {"Origin": "https://x.example"}]
)
async def test_what_is_refused_for_another_reason_is_counted(serve, headers):
    async with serve(rate_limits=True, limits=FEW) as app:
        assert (await statuses(app, "/v1/me", headers=headers))[3:] == [429] * 2


async def test_a_wrong_host_is_counted_though_a_token_comes_with_it(serve):
    async with serve(rate_limits=True, limits=FEW, allowed_hosts="chat.example") as app:
        headers = {"Host": "evil.example", "Authorization": "Bearer x"}
        assert await statuses(app, "/v1/me", headers=headers) == [421] * 3 + [429] * 2


async def test_requests_per_s_of_a_person(serve, clock):
    async with serve(rate_limits=True, limits={"requests_per_s": 2, "requests_burst": 3}) as app:
        anna = await app.person()
        assert await statuses(app, "/v1/me", person=anna) == [200] * 3 + [429] * 2
        clock.now += 1.0
        assert await statuses(app, "/v1/me", person=anna) == [200] * 2 + [429] * 3


async def test_requests_burst_is_of_a_person(serve):
    async with serve(rate_limits=True, limits={"requests_per_s": 1, "requests_burst": 3}) as app:
        anna, ben = await app.people("anna", "ben")
        assert await statuses(app, "/v1/me", person=anna) == [200] * 3 + [429] * 2
        assert is_refused(await app.http("GET", "/v1/me", anna))
        assert await statuses(app, "/v1/me", count=3, person=ben) == [200] * 3
        assert (await app.http("GET", "/nowhere")).status == 404


async def test_unauthenticated_bytes_burst(serve):
    limits = {"unauthenticated_bytes_per_s": 1, "unauthenticated_bytes_burst": 10_000}
    async with serve(rate_limits=True, limits=limits) as app:
        person = await app.person()
        assert (await app.http("GET", "/v1/openapi.json", person)).status == 200
        assert (await app.http("GET", "/v1/openapi.json")).status == 200
        assert is_refused(await app.http("GET", "/v1/openapi.json"), "bytes")


async def test_unauthenticated_bytes_per_s(serve, clock):
    limits = {"unauthenticated_bytes_per_s": 1_000_000, "unauthenticated_bytes_burst": 1}
    async with serve(rate_limits=True, limits=limits) as app:
        assert await statuses(app, count=2) == [404, 429]
        clock.now += 1.0
        assert await statuses(app, count=2) == [404, 429]


async def test_probes_are_not_refused_but_late(serve, monkeypatch):
    monkeypatch.setattr(request_rates, "LATE_S", 0.1)
    async with serve(rate_limits=True, limits=FEW) as app:
        assert await statuses(app) == [404] * 3 + [429] * 2
        loop = asyncio.get_running_loop()
        for path in ("/healthz", "/readyz", "/metrics"):
            assert (await app.http("GET", path)).status == 200
        began = loop.time()
        assert await statuses(app, "/readyz") == [200] * 5
        assert loop.time() - began >= 0.5


async def test_preflights_are_not_refused_but_late(serve, monkeypatch):
    """A browser sends one for each path, without the login that the request itself has."""
    monkeypatch.setattr(request_rates, "LATE_S", 0.1)
    page = {"Origin": "https://shop.example", "Access-Control-Request-Method": "GET"}
    async with serve(rate_limits=True, limits=FEW, allowed_origins="https://shop.example") as app:
        assert await statuses(app) == [404] * 3 + [429] * 2
        loop = asyncio.get_running_loop()
        began = loop.time()
        assert await statuses(app, method="OPTIONS", path="/v1/me", headers=page) == [204] * 5
        assert loop.time() - began >= 0.2
        # No more than a page may ask is known by its method alone.
        assert await statuses(app, method="OPTIONS", path="/v1/me", count=1) == [429]


async def test_files_by_their_links_are_not_counted(serve):
    async with serve(rate_limits=True, limits=FEW) as app, raw(app.app.http_port) as (one,):
        person = await app.person()
        head = "POST /v1/files?name=a.txt HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\n"
        login = f"Authorization: Bearer {person.token}\r\nContent-Type: text/plain\r\n\r\nhello"
        status, body = await one.ask((head + login).encode())
        assert status == 201, body
        link = orjson.loads(body)["file"]["url"]
        assert await statuses(app, link) == [200] * 5
        assert await statuses(app) == [404] * 3 + [429] * 2
        assert await statuses(app, link.replace("signature=", "signature=x"), count=1) == [429]
        assert await statuses(app, "/docs?signature=x", count=1) == [429]


async def test_who_has_a_login_is_not_counted_without_while_postgresql_is_away(serve, monkeypatch):
    look_up, is_away = Sessions.authenticate, asyncio.Event()

    async def authenticate(*given):
        if is_away.is_set():
            raise RequestError.unavailable("PostgreSQL")
        return await look_up(*given)

    monkeypatch.setattr(Sessions, "authenticate", authenticate)
    async with serve(rate_limits=True, limits=FEW) as app:
        person = await app.person()
        is_away.set()
        assert await statuses(app, "/v1/me", person=person) == [503] * 5
        assert await statuses(app) == [404] * 3 + [429] * 2


async def test_a_client_of_a_proxy_holds_only_so_many_refusals(serve, monkeypatch):
    monkeypatch.setattr(counting, "REFUSED_S", 60.0)
    limits = FEW | {"http_per_address": 2}
    async with serve(rate_limits=True, limits=limits, **PROXIES) as app:
        asked = ASKED[:-2] + b"X-Forwarded-For: 192.0.2.1\r\n\r\n"
        async with raw(app.app.http_port) as (one,):
            assert [(await one.ask(asked))[0] for _ in range(3)] == [404] * 3
        async with raw(app.app.http_port, 4) as refused:
            for one in refused:
                await one.send(asked)
            answers = [asyncio.ensure_future(one.answer()) for one in refused]
            done: set[asyncio.Future[tuple[int, bytes]]] = set()
            async with asyncio.timeout(WAIT_S):
                while len(done) < 2:
                    done, _ = await asyncio.wait(answers, return_when=asyncio.FIRST_COMPLETED)
            assert {told.result()[0] for told in done} == {429}
            for waiting in answers:
                waiting.cancel()


async def test_a_refusal_is_told_after_a_moment(serve, monkeypatch):
    monkeypatch.setattr(counting, "REFUSED_S", 0.2)
    async with serve(rate_limits=True, limits=FEW) as app, raw(app.app.http_port) as (one,):
        loop = asyncio.get_running_loop()
        assert [(await one.ask(ASKED))[0] for _ in range(3)] == [404] * 3
        began = loop.time()
        await one.send(ASKED * 2)  # the second waits for the first
        assert [(await one.answer())[0] for _ in range(2)] == [429] * 2
        assert loop.time() - began >= 0.4


async def test_who_waits_for_a_refusal_gives_way(serve, monkeypatch):
    """Those who are to be refused hold no places, whatever they send on meanwhile."""
    monkeypatch.setattr(counting, "REFUSED_S", 60.0)
    limits = FEW | {"http_per_address": 4}
    async with serve(rate_limits=True, limits=limits) as app:
        assert await statuses(app, count=3) == [404] * 3
        async with raw(app.app.http_port, 4) as refused:
            for one in refused:
                await one.send(ASKED * 3)
            person = await app.person()
            head = f"GET /v1/me HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {person.token}"
            async with raw(app.app.http_port) as (other,):
                assert (await other.ask(f"{head}\r\n\r\n".encode()))[0] == 200
                assert len(await left(refused, 3)) == 3


async def test_a_request_of_who_has_gone_ends(serve, monkeypatch):
    monkeypatch.setattr(counting, "REFUSED_S", 60.0)
    async with serve(rate_limits=True, limits=FEW) as app:
        assert await statuses(app, count=3) == [404] * 3
        before = asyncio.all_tasks()
        async with raw(app.app.http_port) as (one,):
            await one.send(ASKED)
            async with asyncio.timeout(WAIT_S):
                while not (begun := asyncio.all_tasks() - before):
                    await asyncio.sleep(0)
        async with asyncio.timeout(WAIT_S):
            await asyncio.wait(begun)
