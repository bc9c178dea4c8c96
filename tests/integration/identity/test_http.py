"""The paths of accounts and logins, as a browser would use them."""

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from server.http.auth import routes
from server.http.middleware import DoorRules, surround
from tests.integration.identity.house import PASSWORD

ANNA = {
    "email": "anna@example.org",
    "password": PASSWORD,
    "display_name": "Anna",
    "kind": "client",
}


@pytest.fixture
async def door(house):
    app = web.Application()
    surround(app, DoorRules(house.sessions.authenticate), lambda *_: None)
    app.add_routes(routes(house.identity, house.own))
    async with TestClient(TestServer(app)) as client:
        yield client


async def asked(door, method, path, token=None, **arguments):
    headers = {"User-Agent": "Opera"} | ({"Authorization": f"Bearer {token}"} if token else {})
    async with door.request(method, path, headers=headers, **arguments) as answer:
        return answer.status, await answer.json(content_type=None), answer.headers


async def test_from_registering_to_signing_out(door):
    status, first, headers = await asked(door, "POST", "/v1/auth/register", json=ANNA)
    assert status == 201
    assert set(first) == {"access_token", "refresh_token", "expires_in", "user"}
    assert headers["Cache-Control"] == "no-store"
    login = {"email": "ANNA@example.org", "password": PASSWORD}
    status, second, _ = await asked(door, "POST", "/v1/auth/login", json=login)
    assert (status, second["user"]) == (200, first["user"])
    token = {"refresh_token": second["refresh_token"]}
    status, third, _ = await asked(door, "POST", "/v1/auth/refresh", json=token)
    assert (status, set(third)) == (200, set(first))
    access = third["access_token"]
    own = first["user"] | {"mail_suppressed": None}
    assert (await asked(door, "GET", "/v1/me", access))[:2] == (200, own)
    assert (await asked(door, "GET", "/v1/me", second["access_token"]))[0] == 401

    status, page, headers = await asked(door, "GET", "/v1/auth/sessions?limit=1", access)
    assert status == 200
    assert [s["is_current"] for s in page["data"]] == [True]
    assert (page["data"][0]["ip"], page["data"][0]["user_agent"]) == ("127.0.0.1", "Opera")
    following = headers["Link"].partition(">")[0].removeprefix("<")
    _, rest, headers = await asked(door, "GET", following, access)
    assert (len(rest["data"]), rest["next_cursor"], "Link" in headers) == (1, None, False)

    path = f"/v1/auth/sessions/{rest['data'][0]['id']}"
    assert (await asked(door, "DELETE", path, access))[0] == 204
    assert (await asked(door, "GET", "/v1/me", first["access_token"]))[0] == 401
    assert (await asked(door, "POST", "/v1/auth/logout", access))[0] == 204
    assert (await asked(door, "POST", "/v1/auth/logout", access))[0] == 401


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("register", ANNA | {"password": "short"}, 422, "validation_failed"),
        ("register", ANNA | {"kind": "robot"}, 422, "validation_failed"),
        ("register", ANNA | {"is_admin": True}, 422, "validation_failed"),
        ("register", {"email": "anna@example.org"}, 422, "validation_failed"),
        ("login", {"email": "a\x00@example.org", "password": "x"}, 422, "validation_failed"),
        ("login", {"email": "nobody@example.org", "password": "x"}, 401, "unauthenticated"),
        ("refresh", {"refresh_token": "x"}, 401, "unauthenticated"),
        ("logout", {}, 401, "unauthenticated"),
    ],
)
async def test_what_is_refused(door, path, body, status, code):
    answer = await asked(door, "POST", f"/v1/auth/{path}", json=body)
    assert (answer[0], answer[1]["error"]["code"]) == (status, code)


async def test_all_that_is_wrong_with_a_registration_is_told_at_once(door):
    wrong = {"email": "x", "password": "1", "display_name": "", "kind": "buyer", "age": 7}
    status, answer, _ = await asked(door, "POST", "/v1/auth/register", json=wrong)
    told = {fault["path"]: fault["code"] for fault in answer["errors"]}
    assert (status, told) == (422, dict.fromkeys(wrong, "invalid") | {"age": "unknown"})
    some = {"email": "x", "display_name": "Parley"}
    _, answer, _ = await asked(door, "POST", "/v1/auth/register", json=some)
    told = {fault["path"]: fault["message"] for fault in answer["errors"]}
    assert told.keys() == {"email", "password", "display_name", "kind"}
    assert told["password"] == told["kind"] == "is missing"


async def test_a_registration_is_judged_once(house, door, monkeypatch):
    judge, judged = house.identity.registration_faults, []

    def counted(values):
        judged.append(values)
        return judge(values)

    monkeypatch.setattr(house.identity, "registration_faults", counted)
    for body, status in ((ANNA, 201), (ANNA | {"email": "x"}, 422), ({"email": "x"}, 422)):
        judged.clear()
        assert (await asked(door, "POST", "/v1/auth/register", json=body))[0] == status
        assert len(judged) == 1, body


async def test_the_path_of_a_refusal_stands_beside_its_message(door):
    await asked(door, "POST", "/v1/auth/register", json=ANNA)
    status, answer, _ = await asked(door, "POST", "/v1/auth/register", json=ANNA)
    (fault,) = answer["errors"]
    assert (status, fault["path"]) == (409, "email")
    assert fault["message"] == "an account has this address"
    assert answer["detail"] == "email: an account has this address"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/auth/sessions?limit=0", 422),
        ("GET", "/v1/auth/sessions?limit=-1", 422),
        ("GET", "/v1/auth/sessions?limit=1e3", 422),
        ("GET", "/v1/auth/sessions?limit=٣", 422),
        ("GET", "/v1/auth/sessions?limit=201", 422),
        ("GET", "/v1/auth/sessions?cursor=forged", 400),
        ("DELETE", "/v1/auth/sessions/x", 404),
        ("DELETE", "/v1/auth/sessions/01a1fb4c-e5bd-7838-9039-7dce65794c39", 404),
    ],
)
async def test_what_a_caller_cannot_ask(door, method, path, status):
    _, signed_in, _ = await asked(door, "POST", "/v1/auth/register", json=ANNA)
    assert (await asked(door, method, path, signed_in["access_token"]))[0] == status
    assert (await asked(door, method, path))[0] == 401
