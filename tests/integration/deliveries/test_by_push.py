"""Pushes through a real service: what devices show, what is learned of them, who waits for whom."""

import asyncio
from ipaddress import ip_network
from urllib.parse import urlsplit

import pytest
from aiohttp import web

from server.notifications.breaker import FAILURES
from server.notifications.pushing import Pushing
from storage.database.change_call import ChangeCalls
from storage.outbound.client import OutboundRules, outbound_client
from storage.push.devices import PushDevices
from storage.push.vapid import Vapid, new_key
from storage.push.web_push import WebPush, WebPushTimes
from tests.integration.deliveries.ground import POLL_S
from tests.push_service import Browser, push_service

HERE = OutboundRules((ip_network("127.0.0.0/8"),), allows_http=True)


@pytest.fixture
async def service():
    async with push_service() as service:
        yield service


@pytest.fixture
async def pushing(ground):
    async with outbound_client(HERE) as client:
        port = WebPush(client, Vapid(new_key(), None), WebPushTimes(timeout_s=5.0))
        devices = PushDevices(ChangeCalls(ground.pool, lambda: None), most=100)
        yield Pushing(port, devices, at_once=8)


async def _device(ground, person, url, browser=None):
    browser = browser or Browser()
    device = await ground.device(person)
    await ground.owner.execute(
        "update push_devices set token = $2, p256dh = $3, auth = $4 where id = $1",
        device,
        url,
        browser.p256dh,
        browser.auth,
    )
    return device


async def _queued(ground, *people):
    for person in people:
        await ground.notify(person)
    await ground.owner.execute("delete from notification_deliveries where channel = 'email'")
    await ground.passes(20)


async def test_what_answers_tell_of_devices_is_stored(ground, service, pushing):
    ben = await ground.person()
    of = {
        status: await _device(ground, ben, service.url(f"/{status}")) for status in (201, 410, 403)
    }
    for status in of:
        service.answers[f"/{status}"] = lambda _, status=status: web.Response(status=status)
    await _queued(ground, ben)
    await ground.work(ground.worker(push=pushing))
    rows = await ground.owner.fetch("select * from push_devices")
    left = {row["id"]: (row["last_used_at"], row["stale_at"]) for row in rows}
    assert left.keys() == {of[201], of[403]}
    assert left[of[201]][0] is not None and left[of[201]][1] is None
    assert left[of[403]][0] is None and left[of[403]][1] is not None
    assert sorted(reason for *_, reason in await ground.states()) == [
        "device_gone", "device_gone", "sent",
    ]  # fmt: skip


async def test_a_send_waits_for_nothing_that_is_noted(ground, service, pushing, monkeypatch):
    ben = await ground.person()
    await _device(ground, ben, service.url())
    await _queued(ground, ben)
    go_on = asyncio.Event()

    async def touched(_devices):
        await go_on.wait()

    monkeypatch.setattr(pushing._devices, "touch_used", touched)
    async with ground.working(ground.worker(push=pushing)):
        while [status for _, status, _ in await ground.states()] != ["sent"]:
            await asyncio.sleep(POLL_S)
        go_on.set()
    assert len(service.arrived) == 1


async def test_services_that_never_answer_hold_up_nobody_elses(ground, service, pushing):
    ben, mallory = await ground.person("ben"), await ground.person("mallory")
    async with push_service() as hanging:
        go_on = asyncio.Event()
        for number in range(20):
            path = f"/{number}"
            hanging.answers[path] = lambda _: go_on.wait()
            await _device(ground, mallory, hanging.url(path))
        await _device(ground, ben, service.url())
        assert urlsplit(hanging.url()).netloc != urlsplit(service.url()).netloc
        await _queued(ground, mallory)
        async with ground.working(ground.worker(push=pushing)):
            while not hanging.arrived:
                await asyncio.sleep(POLL_S)
            await _queued(ground, ben)
            await service.after(1, within_s=4)
            assert len(hanging.arrived) == 1
            go_on.set()


@pytest.mark.parametrize(("status", "is_of_all"), [(503, True), (429, False)])
async def test_a_service_that_takes_nothing_is_left_alone_and_one_that_refuses_a_device_is_not(
    ground, service, pushing, status, is_of_all
):
    people = [await ground.person(str(number)) for number in range(3)]
    for number, person in enumerate(people):
        await _device(ground, person, service.url(f"/{number}"))
    await _queued(ground, people[0])
    service.answers["/0"] = lambda _: web.Response(status=status, headers={"Retry-After": "300"})
    worker = ground.worker(push=pushing)
    async with ground.working(worker):
        while [row["reason"] for row in await ground.rows()] != ["failed"]:
            await asyncio.sleep(POLL_S)
        await _queued(ground, *people[1:])
        while None in {row["reason"] for row in await ground.rows()}:
            await asyncio.sleep(POLL_S)
    rows = [row for row in await ground.rows() if row["user_id"] in people[1:]]
    assert {row["status"] for row in rows} == {"deferred" if is_of_all else "sent"}
    assert len(service.arrived) == (1 if is_of_all else 3)


async def test_one_device_that_is_refused_again_and_again_keeps_no_push_of_others(
    ground, service, pushing
):
    mallory, ben = await ground.person("mallory"), await ground.person()
    for number in range(FAILURES + 1):
        await _device(ground, mallory, service.url(f"/{number}"))
        service.answers[f"/{number}"] = lambda _: web.Response(status=429)
    await _device(ground, ben, service.url("/ben"))
    async with ground.working(ground.worker(push=pushing)):
        await _queued(ground, mallory)
        while [row["reason"] for row in await ground.rows()].count("failed") <= FAILURES:
            await asyncio.sleep(POLL_S)
        await _queued(ground, ben)
        while "sent" not in {row["reason"] for row in await ground.rows()}:
            await asyncio.sleep(POLL_S)
