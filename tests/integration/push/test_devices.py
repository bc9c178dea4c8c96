"""Devices of people: registered by a login, shown without their secrets, gone with the login."""

import asyncio
import datetime as dt
from ipaddress import ip_network
from uuid import UUID, uuid4

import orjson
import pytest

from storage.notifications.deliveries import Ref
from storage.notifications.judging import Facts, Judging
from storage.push.port import Device, Push
from tests.push_service import Browser, claims_of, push_service

ENDPOINT = "https://push.example/one"


def web(browser, endpoint=ENDPOINT, **more):
    return {"platform": "web", "token": endpoint, **browser.keys(), **more}


async def register(app, person, device):
    return await app.http("POST", "/v1/push-devices", person, device)


async def listed(app, person):
    return (await app.http("GET", "/v1/push-devices", person)).body["data"]


async def of(app, *people):
    """By person, what a worker knows of the devices to which it would push."""
    pool = app.app.core.foundation.pool
    told = [
        {"user_id": str(one.id), "type": "contract.funded", "category": "contract"}
        for one in people
    ]
    await pool.execute("select notify_users($1::jsonb)", orjson.dumps(told).decode())
    queued = await pool.fetch(
        "select user_id, id from notification_deliveries where channel = 'push'"
    )
    found: dict[UUID, list[Facts]] = {}
    for one in await Judging(pool).facts(
        [Ref(row["user_id"], row["id"], uuid4()) for row in queued]
    ):
        if one.device is not None:
            found.setdefault(one.ref.user_id, []).append(one)
    # None of it goes out.
    await pool.execute("delete from notification_deliveries")
    return found


async def test_a_browser_is_registered_shown_and_taken_away(app):
    (anna,) = await app.people("anna")
    browser, ends = Browser(), "2100-01-02T03:04:05.678Z"
    made = await register(app, anna, web(browser, expires_at=ends, locale="zh-CN"))
    assert made.status == 201, made.body
    path = made.headers["Location"]
    assert path == f"/v1/push-devices/{made.body['id']}"
    shown = await app.http("GET", path, anna)
    assert shown.body == made.body
    assert await listed(app, anna) == [made.body]
    assert made.body.keys() == {
        *("id", "user_id", "platform", "locale", "expires_at", "stale_at", "last_used_at"),
        *("last_seen_at", "created_at"),
    }
    assert (made.body["expires_at"], made.body["locale"]) == (ends, "zh-CN")
    ((one,),) = (await of(app, anna)).values()
    device = one.device
    assert (device.endpoint, device.p256dh, device.auth) == (ENDPOINT, browser.p256dh, browser.auth)
    # She reads there what she has chosen there.
    assert (str(device.id), one.locale) == (made.body["id"], "zh-CN")
    assert (await app.http("DELETE", path, anna)).status == 204
    assert await of(app, anna) == {}


async def test_the_same_again_refreshes_it(app):
    (anna,) = await app.people("anna")
    browser = Browser()
    first = await register(app, anna, web(browser, locale="en"))
    again = await register(app, anna, web(browser))
    assert (again.status, again.body["id"]) == (200, first.body["id"])
    assert (again.body["locale"], again.body["created_at"]) == (None, first.body["created_at"])
    assert again.body["last_seen_at"] > first.body["last_seen_at"]
    # Its own login may say other keys; a telephone has none.
    other = Browser()
    assert (await register(app, anna, web(other))).status == 200
    ((one,),) = (await of(app, anna)).values()
    assert one.device.p256dh == other.p256dh


async def test_a_browser_follows_who_logs_in_there_and_nobody_else(app):
    anna, ben = await app.people("anna", "ben")
    browser = Browser()
    hers = await register(app, anna, web(browser))
    for keys in (Browser().keys(), {**browser.keys(), "auth": Browser().keys()["auth"]}):
        taken = await register(app, ben, web(browser) | keys)
        assert (taken.status, taken.body["error"]["code"]) == (409, "conflict")
    # Another login of hers is another login.
    again = await app.login(anna)
    assert (await register(app, again, web(Browser()))).status == 409
    moved = await register(app, again, web(browser))
    assert (moved.status, moved.body["id"]) == (200, hers.body["id"])
    assert [one.device.p256dh for one in (await of(app, anna))[anna.id]] == [browser.p256dh]

    his = await register(app, ben, web(browser))
    assert his.status == 201
    # What is under way to her device is not for this one.
    assert his.body["id"] != hers.body["id"]
    assert (await of(app, anna, ben)).keys() == {ben.id}
    assert await listed(app, anna) == []
    assert (await app.http("GET", f"/v1/push-devices/{his.body['id']}", anna)).status == 404


@pytest.mark.parametrize("how", ["logout", "revoked", "other_sessions", "pruned"])
async def test_a_device_ends_with_its_login(app, how):
    anna, ben = await app.people("anna", "ben")
    other = await app.login(anna)
    await register(app, anna, web(Browser()))
    await register(app, other, web(Browser(), "https://push.example/other"))
    await register(app, ben, web(Browser(), "https://push.example/ben"))
    pool = app.app.core.foundation.pool
    if how == "logout":
        assert (await app.http("POST", "/v1/auth/logout", anna)).status == 204
    elif how == "revoked":
        path = f"/v1/auth/sessions/{anna.session_id}"
        assert (await app.http("DELETE", path, other)).status == 204
    elif how == "other_sessions":
        await pool.execute("select revoke_sessions($1, null, 'account')", anna.id)
    else:
        await pool.execute("delete from sessions where id = $1", anna.session_id)
    left = await pool.fetch("select token from push_devices order by 1")
    wanted = [] if how == "other_sessions" else ["https://push.example/other"]
    assert [row["token"] for row in left] == ["https://push.example/ben", *wanted]
    assert (await of(app, ben)).keys() == {ben.id}


async def test_a_password_and_a_stolen_refresh_token_end_devices_too(app):
    account = {"email": "anna@example.org", "password": "correct horse battery", "kind": "both"}
    made = await app.http("POST", "/v1/auth/register", None, {**account, "display_name": "Anna"})

    async def registered(signed_in):
        headers = {"Authorization": f"Bearer {signed_in.body['access_token']}"}
        device = web(Browser(), f"https://push.example/{uuid4()}")
        answer = await app.http("POST", "/v1/push-devices", None, device, headers=headers)
        assert answer.status == 201
        return headers

    count = "select count(*) from push_devices"
    pool = app.app.core.foundation.pool
    headers = await registered(made)
    body = {"password": account["password"], "new_password": "another horse battery"}
    changed = await app.http("POST", "/v1/auth/password", None, body, headers=headers)
    assert (changed.status, await pool.fetchval(count)) == (200, 0)

    await registered(changed)
    token = {"refresh_token": changed.body["refresh_token"]}
    once = await app.http("POST", "/v1/auth/refresh", None, token)
    twice = await app.http(
        "POST", "/v1/auth/refresh", None, {"refresh_token": once.body["refresh_token"]}
    )
    # A refresh keeps the login, and what it has registered.
    assert (twice.status, await pool.fetchval(count)) == (200, 1)
    assert (await app.http("POST", "/v1/auth/refresh", None, token)).status == 401
    assert await pool.fetchval(count) == 0


async def test_a_login_that_ends_meanwhile_leaves_no_device(app):
    """Registering and leaving at once: whichever is first, nothing is left to push to."""
    (anna,) = await app.people("anna")
    pool = app.app.core.foundation.pool
    for n in range(10):
        login = await app.login(anna)
        device = web(Browser(), f"https://push.example/{n}")
        made, left = await asyncio.gather(
            register(app, login, device), app.http("POST", "/v1/auth/logout", login)
        )
        assert left.status == 204
        assert made.status in {201, 401, 404}
        assert await pool.fetchval("select count(*) from push_devices") == 0


async def test_whoever_is_faster_has_it_and_the_other_is_told(app):
    people = await app.people(*"abcdefgh")
    browser = Browser()
    answers = await asyncio.gather(*(register(app, p, web(browser)) for p in people))
    # Not found: it was another's before it could be shown.
    assert {201} <= {answer.status for answer in answers} <= {201, 404, 503}
    assert len(await of(app, *people)) == 1
    different = [register(app, p, web(Browser(), "https://push.example/2")) for p in people]
    answers = await asyncio.gather(*different)
    assert sorted(a.status for a in answers if a.status != 503)[:2] in ([201], [201, 409])


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"token": "http://push.example/one"}, "token"),
        ({"token": "https://10.0.0.1/one"}, "token"),
        ({"token": "https://2130706433/one"}, "token"),
        ({"token": "https://me:pw@push.example/one"}, "token"),
        ({"token": "https://push.example/one#a"}, "token"),
        ({"token": "no url"}, "token"),
        ({"token": ""}, "token"),
        ({"token": f"https://push.example/{'a' * 2048}"}, "token"),
        ({"token": None}, "token"),
        ({"p256dh": None}, "p256dh"),
        ({"p256dh": "AAAA"}, "p256dh"),
        ({"p256dh": "B" + "A" * 86}, "p256dh"),
        ({"p256dh": "é" * 87}, "p256dh"),
        ({"auth": None}, "auth"),
        ({"auth": "A" * 21}, "auth"),
        ({"auth": "A" * 24}, "auth"),
        ({"auth": "A"}, "auth"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"expires_at": "2100-01-01T00:00:00"}, "expires_at"),
        ({"expires_at": "9999-12-31T23:59:59-14:00"}, "expires_at"),
        ({"expires_at": "0001-01-01T00:00:00+14:00"}, "expires_at"),
        ({"locale": "x y"}, "locale"),
        ({"platform": "desktop"}, "platform"),
        ({"platform": "ios"}, "p256dh"),
        ({"stale_at": None}, "stale_at"),
    ],
)
async def test_what_is_wrong_with_one_is_told(app, change, path):
    (anna,) = await app.people("anna")
    answer = await register(app, anna, web(Browser()) | change)
    assert answer.status == 422, answer.body
    assert path in {fault["path"] for fault in answer.body["errors"]}, answer.body
    assert await listed(app, anna) == []


KEY = "must be base64url of at most 128 characters (for `web`: the subscription's "


@pytest.mark.parametrize(
    ("change", "path", "reason", "code"),
    [
        ({"token": ""}, "token", "must be 1 to 2048 visible ASCII characters: ", None),
        ({"token": "a" * 2049}, "token", "must be 1 to 2048 visible ASCII characters: ", None),
        ({"auth": "!!"}, "auth", f"{KEY}secret, 16 bytes) or null", None),
        ({"p256dh": "!!"}, "p256dh", f"{KEY}public key, 65 bytes) or null", None),
        ({"locale": "zz_!"}, "locale", "must be a tag of BCP 47 of at most 35 characters", None),
        ({"expires_at": "9999-12-31T23:59:59-14:00"}, "expires_at", "must be from 1900", None),
        ({"p256dh": None}, "p256dh", "is missing", "required"),
        ({"auth": None}, "auth", "is missing", "required"),
    ],
)
async def test_a_rule_is_told_in_words(app, change, path, reason, code):
    (anna,) = await app.people("anna")
    device = {name: value for name, value in (web(Browser()) | change).items() if value is not None}
    details = (await register(app, anna, device)).body["error"]["details"]
    assert (details["path"], details.get("code")) == (path, code)
    assert details["reason"].startswith(reason)


async def test_keys_may_be_padded(app):
    (anna,) = await app.people("anna")
    browser = Browser()
    padded = {name: f"{text}{'=' * (-len(text) % 4)}" for name, text in browser.keys().items()}
    assert (await register(app, anna, web(browser) | padded)).status == 201


async def test_telephones_are_kept_and_not_delivered_to(app):
    anna, ben = await app.people("anna", "ben")
    device = {"platform": "ios", "token": "of-this-telephone"}
    made = await register(app, anna, device)
    assert (made.status, made.body["platform"]) == (201, "ios")
    assert (await register(app, anna, device)).status == 200
    assert await of(app, anna) == {}
    # Whoever knows a token alone does not get the telephone; her other login does.
    assert (await register(app, ben, device)).status == 409
    again = await app.login(anna)
    moved = await register(app, again, device)
    assert (moved.status, moved.body["id"]) == (200, made.body["id"])
    assert (await app.http("POST", "/v1/auth/logout", again)).status == 204
    assert (await register(app, ben, device)).status == 201


async def test_nobody_registers_without_a_login(app):
    assert (await register(app, None, web(Browser()))).status == 401


async def test_a_person_has_so_many_devices(serve):
    async with serve(limits={"push_devices": 2}) as app:
        (anna,) = await app.people("anna")
        soon = (dt.datetime.now(dt.UTC) + dt.timedelta(days=1)).isoformat()
        first = web(Browser(), "https://push.example/1", expires_at=soon)
        assert (await register(app, anna, first)).status == 201
        assert (await register(app, anna, web(Browser()))).status == 201
        third = web(Browser(), "https://push.example/3")
        refused = await register(app, anna, third)
        assert (refused.status, refused.body["error"]["details"]) == (409, {"limit": 2})
        assert (await register(app, anna, first)).status == 200
        # Those that have expired, or whose login has, make room.
        pool = app.app.core.foundation.pool
        await pool.execute("update push_devices set expires_at = now() where expires_at > now()")
        assert (await register(app, anna, third)).status == 201
        assert (await register(app, anna, web(Browser(), "https://push.example/4"))).status == 409
        other = await app.login(anna)
        await pool.execute(
            "update sessions set refresh_expires_at = now() where id = $1", anna.session_id
        )
        assert (await register(app, other, web(Browser(), "https://push.example/4"))).status == 201
        assert len(await listed(app, other)) == 1


async def test_only_what_can_be_pushed_to_is_read(app):
    anna, ben = await app.people("anna", "ben")
    pool, devices = app.app.core.foundation.pool, app.app.core.push.devices
    made = [
        await register(app, anna, web(Browser(), f"https://push.example/{n}")) for n in range(5)
    ]
    ids = [answer.body["id"] for answer in made]
    now = dt.datetime.now(dt.UTC)
    await devices.delete_gone([ids[0]])
    await devices.mark_stale([ids[1]], now)
    await devices.mark_stale([ids[2]], now - dt.timedelta(hours=1))
    await devices.touch_used([ids[3]])
    expire = "update push_devices set expires_at = now() where id = $1::text::uuid"
    await pool.execute(expire, ids[4])
    found = await of(app, anna, ben)
    assert {str(one.device.id) for one in found[anna.id]} == {ids[2], ids[3]}
    shown = {one["id"]: one for one in await listed(app, anna)}
    assert [n for n, i in enumerate(ids) if i not in shown] == [0]
    assert [n for n, i in enumerate(ids) if i in shown and shown[i]["stale_at"]] == [1]
    assert [n for n, i in enumerate(ids) if i in shown and shown[i]["last_used_at"]] == [3]
    # Registered anew, it is pushed to again.
    asked = "select p256dh, auth from push_devices where id = $1::text::uuid"
    keys = await pool.fetchrow(asked, ids[1])
    browser = Browser()
    browser.p256dh, browser.auth = keys["p256dh"], keys["auth"]
    assert (await register(app, anna, web(browser, "https://push.example/1"))).status == 200
    assert ids[1] in {str(one.device.id) for one in (await of(app, anna))[anna.id]}
    await pool.execute(
        "update sessions set refresh_expires_at = now() where id = $1", anna.session_id
    )
    assert await of(app, anna) == {}


async def test_endpoints_of_a_closed_installation_are_taken_where_it_says_so(serve):
    async with serve(outbound_networks=(ip_network("127.0.0.0/8"),), outbound_http=True) as app:
        (anna,) = await app.people("anna")
        made = await register(app, anna, web(Browser(), "http://127.0.0.1:8081/one"))
        assert made.status == 201, made.body
        assert (await register(app, anna, web(Browser(), "http://10.0.0.1/one"))).status == 422


async def test_a_push_goes_from_registering_to_the_browser(serve):
    """The whole way: the page's key, the device, the sender of the process, the browser."""
    here = (ip_network("127.0.0.0/8"),)
    async with push_service() as service, serve(outbound_networks=here, outbound_http=True) as app:
        (anna,) = await app.people("anna")
        told = (await app.http("GET", "/v1/client-config")).body
        browser = Browser()
        assert (await register(app, anna, web(browser, service.url("/anna")))).status == 201
        ((one,),) = (await of(app, anna)).values()
        sender = app.app.core.push.web_push
        assert (await sender.send(Push(Device(*one.device), b"hello", 60))).state == "sent"
        (arrived,) = service.arrived
        assert browser.read(arrived.body) == b"hello"
        assert claims_of(arrived.headers["Authorization"])[1] == told["push_public_key"]
        # Her login ends: there is nothing to push to.
        await app.http("POST", "/v1/auth/logout", anna)
        assert await of(app, anna) == {}
