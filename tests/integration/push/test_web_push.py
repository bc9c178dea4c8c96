"""Pushes to a service on this machine: what arrives, and what is made of its answers."""

import asyncio
import time
from ipaddress import ip_network
from uuid import uuid4

import pytest
from aiohttp import web

from storage.outbound.client import OutboundRules, outbound_client
from storage.push.port import PAYLOAD_BYTES, URGENCIES, Device, Push
from storage.push.vapid import Vapid, new_key
from storage.push.web_push import TTL_MOST_S, WebPush, WebPushTimes
from tests.push_service import Browser, claims_of, push_service

HERE = ip_network("127.0.0.0/8")
PAYLOAD = '{"title":"Anna","content":"Grüße 你好"}'.encode()


@pytest.fixture
async def service(tmp_path):
    async with push_service(tls_in=tmp_path) as service:
        yield service


@pytest.fixture
def vapid():
    return Vapid(new_key(), "mailto:ops@example.org")


@pytest.fixture
async def sender(service, vapid):
    rules = OutboundRules((HERE,), tls=service.tls)
    async with outbound_client(rules) as client:
        yield WebPush(client, vapid, WebPushTimes(timeout_s=5, retry_after_most_s=600))


def device(service, browser, path="/push/one"):
    return Device(uuid4(), "web", service.url(path), browser.p256dh, browser.auth)


def push_to(device, payload=PAYLOAD, **more):
    return Push(device, payload, ttl_s=60, **more)


async def test_a_push_arrives_and_only_its_browser_reads_it(service, sender, vapid):
    browser = Browser()
    began = time.time()
    outcome = await sender.send(push_to(device(service, browser), urgency="high", topic="run-7"))
    assert (outcome.state, outcome.reason) == ("sent", "")
    (arrived,) = service.arrived
    assert browser.read(arrived.body) == PAYLOAD
    assert PAYLOAD not in arrived.body
    said = {name: arrived.headers.get(name) for name in ("TTL", "Urgency", "Topic")}
    assert said == {"TTL": "60", "Urgency": "high", "Topic": "run-7"}
    assert arrived.headers["Content-Encoding"] == "aes128gcm"
    assert arrived.headers["Content-Length"] == str(len(arrived.body))
    claims, key = claims_of(arrived.headers["Authorization"])
    assert claims["aud"] == f"https://127.0.0.1:{service.port}"
    assert claims["sub"] == "mailto:ops@example.org"
    assert began < claims["exp"] < began + 24 * 3600
    assert key == vapid.public_key


async def test_what_is_long_or_odd_is_told_as_services_take_it(service, sender):
    to = device(service, Browser())
    await sender.send(Push(to, b"", ttl_s=10**9, topic="run:" + str(uuid4())))
    await sender.send(Push(to, b"", ttl_s=-5))
    first, second = service.arrived
    assert first.headers["TTL"] == str(TTL_MOST_S)
    assert len(first.headers["Topic"]) == 32
    assert (second.headers["TTL"], "Topic" in second.headers) == ("0", False)
    assert set(URGENCIES) == {"low", "normal", "high", "urgent"}


@pytest.mark.parametrize(
    ("status", "state"),
    [
        *((200, "sent"), (201, "sent"), (202, "sent"), (204, "sent")),
        *((404, "gone"), (410, "gone"), (401, "stale"), (403, "stale"), (413, "too_large")),
        *((429, "retry"), (408, "retry"), (500, "retry"), (502, "retry"), (503, "retry")),
        *((301, "rejected"), (307, "rejected"), (400, "rejected"), (405, "rejected")),
    ],
)
async def test_each_answer_has_its_outcome(service, sender, status, state):
    headers = {"Location": service.url("/there")} if status // 100 == 3 else {}
    service.answers["/push/one"] = lambda _: web.Response(
        status=status, headers=headers, text="" if status == 204 else "said\x00 so\n"
    )
    outcome = await sender.send(push_to(device(service, Browser())))
    assert (outcome.state, outcome.retry_after_s) == (state, None)
    assert outcome.reason == ("" if state == "sent" else f"{status} said so")
    assert len(service.arrived) == 1


@pytest.mark.parametrize(("said", "wait_s"), [("120", 120), ("86400", 600), ("soon", None)])
@pytest.mark.parametrize("status", [429, 503])
async def test_a_service_says_when_to_come_again(service, sender, status, said, wait_s):
    service.answers["/push/one"] = lambda _: web.Response(
        status=status, headers={"Retry-After": said}
    )
    outcome = await sender.send(push_to(device(service, Browser())))
    assert (outcome.state, outcome.retry_after_s) == ("retry", wait_s)


async def test_too_long_a_payload_is_not_sent(service, sender):
    browser = Browser()
    fits = await sender.send(push_to(device(service, browser), bytes(PAYLOAD_BYTES)))
    over = await sender.send(push_to(device(service, browser), bytes(PAYLOAD_BYTES + 1)))
    assert (fits.state, over.state) == ("sent", "too_large")
    assert len(service.arrived) == 1
    assert len(service.arrived[0].body) <= 4096


async def test_what_cannot_be_sent_is_rejected_and_raises_nothing(service, sender):
    browser = Browser()
    odd = [
        Device(uuid4(), "ios", "token", b"", b""),
        Device(uuid4(), "web", service.url(), b"\x04" + bytes(64), browser.auth),
        Device(uuid4(), "web", "https://10.0.0.1/x", browser.p256dh, browser.auth),
        Device(uuid4(), "web", service.url().replace("https", "http"), browser.p256dh, b"x" * 16),
    ]
    for one in odd:
        outcome = await sender.send(push_to(one))
        assert outcome.state == "rejected", one
        assert outcome.reason
    assert not service.arrived


async def test_a_service_that_is_away_or_silent_is_tried_again(service, vapid):
    never = asyncio.Event()

    async def silent(_request):
        await never.wait()
        return web.Response()

    service.answers["/push/one"] = silent
    browser = Browser()
    async with outbound_client(OutboundRules((HERE,), tls=service.tls)) as client:
        sender = WebPush(client, vapid, WebPushTimes(timeout_s=0.3))
        slow = await sender.send(push_to(device(service, browser)))
        away = await sender.send(
            push_to(Device(uuid4(), "web", "https://127.0.0.1:1/", browser.p256dh, browser.auth))
        )
    never.set()
    assert (slow.state, away.state) == ("retry", "retry")
    assert slow.reason == "no answer within 0.3 s"


async def test_many_go_at_once_over_a_few_connections(service, vapid):
    async with outbound_client(
        OutboundRules((HERE,), connections=8, connections_per_host=8, tls=service.tls)
    ) as client:
        sender = WebPush(client, vapid, WebPushTimes())
        browser = Browser()
        sends = (sender.send(push_to(device(service, browser))) for _ in range(200))
        outcomes = await asyncio.gather(*sends)
    assert {outcome.state for outcome in outcomes} == {"sent"}
    assert len(service.arrived) == 200
