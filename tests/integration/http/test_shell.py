"""What every request meets: bodies, problems, tokens, origins, limits, ids."""

import json
from uuid import UUID, uuid4

import asyncpg
import pytest
import redis.exceptions
from structlog.testing import capture_logs

from protocol.errors import RequestError

PING = "/v1/commands/ping"
SEND = "/v1/commands/message.send"


def sending(**members):
    return {"conversation_id": str(uuid4()), "client_id": str(uuid4()), "content": "hi"} | members


async def test_a_command_runs_as_on_the_socket(knock, area, anyone):
    body = sending()
    status, answer, headers = await knock("POST", SEND, anyone, json=body)
    assert status == 200
    assert answer["message"]["client_id"] == body["client_id"]
    assert headers["Content-Type"] == "application/json"
    [(caller, request)] = area.asked
    assert (caller.user_id, caller.connection_id) == (anyone, None)
    assert str(request.conversation_id) == body["conversation_id"]


async def test_an_absent_body_is_an_empty_one(knock, anyone):
    assert (await knock("POST", PING, anyone))[:2] == (200, {})


async def test_a_refusal_is_a_problem(knock, area, anyone):
    area.errors["gone"] = RequestError.not_found("conversation")
    status, body, headers = await knock("POST", "/v1/commands/fail", anyone, json={"how": "gone"})
    assert status == 404
    assert headers["Content-Type"].startswith("application/problem+json")
    timestamp = body["error"].pop("timestamp")
    assert timestamp.endswith("Z") and len(timestamp) == 24
    assert headers["X-Request-Id"] == body.pop("request_id")
    assert body == {
        "type": "urn:parley:error:not_found",
        "title": "Not found",
        "status": 404,
        "detail": "no such conversation",
        "instance": "/v1/commands/fail",
        "error": {"code": "not_found", "message": "no such conversation", "details": {}},
        "errors": [],
    }


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"content": 7}, [("content", "invalid")]),
        ({"content": "a\0b"}, [("content", "invalid")]),
        ({"contnt": "hi", "zz": 1}, [("contnt", "unknown"), ("zz", "unknown")]),
        (
            {"attachments": [{"file_id": str(uuid4()), "size": 1}]},
            [("attachments[0].size", "unknown")],
        ),
        ({"attachments": [{}]}, [("attachments[0].file_id", "required")]),
        ({"mentions": ["x"]}, [("mentions[0]", "invalid")]),
    ],
)
async def test_wrong_members_are_named(knock, anyone, members, expected):
    status, body, _ = await knock("POST", SEND, anyone, json=sending(**members))
    assert (status, body["error"]["code"]) == (422, "validation_failed")
    assert [(item["path"], item["code"]) for item in body["errors"]] == expected


@pytest.mark.parametrize(
    ("body", "content_type", "expected"),
    [
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b'{"content": "\\ud800"}', "application/json", 422),
        (b'{"content": "\xff"}', "application/json", 400),
        (b'{"a":' * 5000 + b"1" + b"}" * 5000, "application/json", 400),
        (b"{}", "application/json; charset=utf-8", 200),
        (b"{}", "text/plain", 415),
        (b"a=b", "application/x-www-form-urlencoded", 415),
        (b'{"a": "%s"}' % (b"x" * 65_527), "application/json", 422),
        (b'{"a": "%s"}' % (b"x" * 65_528), "application/json", 413),
    ],
)
async def test_what_is_no_body(knock, anyone, body, content_type, expected):
    headers = {"Content-Type": content_type}
    status, answer, _ = await knock("POST", PING, anyone, headers, data=body)
    assert status == expected
    if status >= 400:
        assert answer["status"] == status


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "not_found"),
        ("GET", "/v1/../etc/passwd", 404, "not_found"),
        ("PUT", "/v1/messages/search", 405, "bad_request"),
        ("POST", "/v1/commands/no.such", 404, "unknown_op"),
        ("POST", "/v1/commands/presence.watch", 409, "conflict"),
    ],
)
async def test_paths_that_are_none(knock, anyone, method, path, status, code):
    answer = await knock(method, path, anyone)
    assert (answer[0], answer[1]["error"]["code"]) == (status, code)
    assert ("Allow" in answer[2]) == (status == 405)


@pytest.mark.parametrize(
    "authorization", [None, "Bearer", "Bearer ", "Basic YTpi", "Bearer nobody", "Bearer a b"]
)
async def test_nobody_is_told_to_sign_in(knock, authorization):
    headers = {} if authorization is None else {"Authorization": authorization}
    status, body, headers = await knock("POST", SEND, None, headers, data=b"{")
    assert (status, body["error"]["code"]) == (401, "unauthenticated")
    assert headers["WWW-Authenticate"].startswith("Bearer")
    assert "nobody" not in json.dumps(body)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (OSError("host and port"), 503),
        (TimeoutError(), 503),
        (asyncpg.InterfaceError("pool"), 503),
        (asyncpg.ConnectionDoesNotExistError("away"), 503),
        (redis.exceptions.ConnectionError("away"), 503),
        (asyncpg.DataError("an argument that cannot be sent"), 500),
        (KeyError("secret"), 500),
    ],
)
async def test_failures_show_nothing_of_their_cause(knock, area, anyone, error, status):
    area.errors["bug"] = error
    with capture_logs() as logs:
        answer = await knock("POST", "/v1/commands/fail", anyone, json={"how": "bug"})
    assert answer[0] == status
    assert answer[1]["error"]["code"] == ("unavailable" if status == 503 else "internal")
    for word in ("secret", "host", "away", "argument", "Error"):
        assert word not in json.dumps(answer[1])
    assert ("Retry-After" in answer[2]) == (status == 503)
    failed = [line for line in logs if line["event"] == "command_failed"]
    assert [line["request_id"] for line in failed] == (
        [answer[1]["request_id"]] if status == 500 else []
    )
    if status == 500:
        assert answer[1]["error"]["details"] == {"request_id": answer[1]["request_id"]}


async def test_a_handler_has_so_much_time(knock, anyone):
    status, body, _ = await knock("POST", "/v1/commands/fail", anyone, json={"how": "slowly"})
    assert (status, body["error"]["code"]) == (503, "unavailable")


async def test_limits_are_told(knock, purse, anyone):
    purse.left = 41.5
    _, _, headers = await knock("POST", PING, anyone)
    assert headers["RateLimit-Policy"] == '"commands";q=60;w=3'
    assert headers["RateLimit"] == '"commands";r=41;t=1'
    assert purse.spent == 0.5
    purse.wait_s = 1.2
    status, body, headers = await knock("POST", PING, anyone)
    assert (status, headers["Retry-After"]) == (429, "2")
    assert headers["RateLimit"] == '"commands";r=0;t=2'
    assert headers["RateLimit-Policy"] == '"commands";q=60;w=3'
    assert body["error"]["details"]["retry_after_s"] == 1.2


@pytest.mark.parametrize(
    ("given", "is_taken"),
    [("abcdef-0123", True), ("x" * 129, False), ("short", False), ('a"b{}cdefgh', False)],
)
async def test_a_sane_request_id_is_taken_over(knock, given, is_taken):
    _, body, headers = await knock("GET", "/nowhere", headers={"X-Request-Id": given})
    assert (headers["X-Request-Id"] == given) is is_taken
    assert body["request_id"] == headers["X-Request-Id"]


async def test_one_line_a_request_without_secrets(knock, anyone):
    forwarded = {"X-Forwarded-For": "203.0.113.9, 127.0.0.2"}
    with capture_logs() as logs:
        await knock("GET", "/v1/messages/search?query=hush", anyone, forwarded)
        await knock("POST", SEND, anyone, json=sending(content="hush"))
        await knock("POST", SEND, "hush", json=sending())
    lines = [line for line in logs if line["event"] == "http_request"]
    assert [line["status"] for line in lines] == [200, 200, 401]
    assert lines[0]["address"] == "203.0.113.9"
    assert lines[1]["address"] == "127.0.0.1"
    assert lines[0]["user_id"] == str(anyone)
    assert "hush" not in str(logs)


@pytest.mark.parametrize(
    ("origin", "method", "status"),
    [
        (None, "POST", 200),
        ("https://parley.example", "POST", 200),
        ("https://PARLEY.example", "POST", 200),
        ("https://evil.example", "POST", 403),
        ("https://parley.example.evil.example", "POST", 403),
        ("null", "POST", 403),
        ("own", "POST", 200),
        ("https://evil.example", "GET", 200),
    ],
)
async def test_pages_of_other_origins(knock, anyone, origin, method, status):
    headers = {"Host": "chat.example:8080"}
    if origin is not None:
        headers["Origin"] = "https://chat.example:8080" if origin == "own" else origin
    path = "/healthz" if method == "GET" else PING
    answer = await knock(method, path, anyone, headers)
    assert answer[0] == status
    may_read = origin is not None and "evil" not in origin and origin != "null"
    assert (answer[2].get("Access-Control-Allow-Origin") is not None) is may_read
    assert "Origin" in answer[2]["Vary"]


async def test_what_browsers_ask_before(knock):
    asking = {"Access-Control-Request-Method": "PATCH"}
    status, _, headers = await knock(
        "OPTIONS", "/v1/conversations/x", None, {"Origin": "https://parley.example"} | asking
    )
    assert status == 204
    assert headers["Access-Control-Allow-Origin"] == "https://parley.example"
    assert "PATCH" in headers["Access-Control-Allow-Methods"]
    _, _, headers = await knock(
        "OPTIONS", "/v1/conversations/x", None, {"Origin": "https://evil.example"} | asking
    )
    assert not [name for name in headers if name.startswith("Access-Control")]


async def test_headers_that_keep_browsers_careful(knock):
    for path in ("/healthz", "/nowhere"):
        _, _, headers = await knock("GET", path)
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert headers["Cache-Control"] == "no-store"
        assert headers["Server"] == "parley"


@pytest.mark.parametrize(
    ("key", "other"),
    [(str(UUID(int=17, version=4)), str(UUID(int=18, version=4))), ("order 17", "order 18")],
)
async def test_a_key_stands_for_the_client_id(knock, area, anyone, key, other):
    body = sending()
    del body["client_id"]
    for given in (key, key, other):
        await knock("POST", SEND, anyone, {"Idempotency-Key": given}, json=body)
    first, again, third = (request.client_id for _, request in area.asked)
    assert first == again != third
    if len(key) == 36:
        assert first == UUID(key)


async def test_a_client_id_of_the_body_goes_before_the_key(knock, area, anyone):
    body = sending()
    await knock("POST", SEND, anyone, {"Idempotency-Key": str(uuid4())}, json=body)
    assert str(area.asked[0][1].client_id) == body["client_id"]


@pytest.mark.parametrize("key", ["", "x" * 256, "ключ"])
async def test_a_key_that_is_none(knock, anyone, key):
    answer = await knock("POST", SEND, anyone, {"Idempotency-Key": key}, json=sending())
    assert answer[0] == 400
