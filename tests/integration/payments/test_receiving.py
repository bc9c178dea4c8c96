"""`POST /v1/provider-events/local`: verified on the raw bytes, answered once stored."""

import asyncio
import hashlib
import hmac
import time

import orjson
import pytest

from tests.wire import WAIT_S

PATH = "/v1/provider-events/local"
EVENT = {"id": "evt_1", "kind": "payment.captured", "data": {"key": "a", "amount": "10.00"}}


def signed(app, raw, at_s=None, secret=None):
    """The headers of a body."""
    secret = secret or app.settings.provider_secret.get_secret_value()
    at_s = int(time.time()) if at_s is None else at_s
    digest = hmac.new(secret.encode(), b"%d." % at_s + raw, hashlib.sha256).hexdigest()
    return {"Provider-Signature": f"t={at_s},v1={digest}", "Content-Type": "application/json"}


async def post(app, raw, headers):
    return await app.http("POST", PATH, headers=headers, data=raw)


async def rows(app):
    return await app.app.core.foundation.pool.fetch("select * from provider_events")


async def test_an_event_is_stored_once_as_it_came(app):
    raw = orjson.dumps(EVENT, option=orjson.OPT_INDENT_2)
    answers = await asyncio.gather(*(post(app, raw, signed(app, raw)) for _ in range(5)))
    assert [answer.status for answer in answers] == [200] * 5
    assert sorted(answer.body["is_new"] for answer in answers) == [False] * 4 + [True]
    (row,) = await rows(app)
    assert (row["provider"], row["event_id"], row["kind"]) == ("local", "evt_1", EVENT["kind"])
    assert orjson.loads(row["body"]) == EVENT


@pytest.mark.parametrize("case", ["unsigned", "old", "other secret", "other bytes", "a login's"])
async def test_what_is_not_signed_is_not_looked_at(app, case):
    raw = orjson.dumps(EVENT)
    headers = {
        "unsigned": {},
        "old": signed(app, raw, int(time.time()) - 400),
        "other secret": signed(app, raw, secret="another secret"),
        "other bytes": signed(app, orjson.dumps(EVENT, option=orjson.OPT_INDENT_2)),
        "a login's": {"Authorization": f"Bearer {(await app.person()).token}"},
    }[case]
    answer = await post(app, raw, headers)
    assert (answer.status, answer.body["error"]["code"]) == (403, "forbidden")
    assert not await rows(app)


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"\xff", 400),
        (b"[]", 422),
        (b'{"id": "x", "kind": "y"}', 422),
        (b'{"id": "", "kind": "y", "data": {}}', 422),
        (b'{"id": "x", "kind": "y", "data": {"a": "\\u0000"}}', 422),
        (b'{"id": "x\\u0000", "kind": "y", "data": {}}', 422),
        (orjson.dumps({"id": "x" * 256, "kind": "y", "data": {}}), 422),
    ],
)
async def test_a_signed_body_that_is_no_event_is_refused(app, raw, status):
    assert (await post(app, raw, signed(app, raw))).status == status
    assert not await rows(app)


async def test_with_another_provider_there_is_no_such_path(serve):
    async with serve(provider="none") as app:
        raw = orjson.dumps(EVENT)
        assert (await post(app, raw, signed(app, raw))).status == 404
        assert not await rows(app)


async def test_an_answer_tells_of_what_is_committed(app):
    """No 200 while PostgreSQL keeps the table."""
    raw = orjson.dumps(EVENT)
    pool = app.app.core.foundation.pool
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("lock table provider_events in exclusive mode")
        answer = await post(app, raw, signed(app, raw))
    assert answer.status == 503
    again = await post(app, raw, signed(app, raw))
    assert (again.status, again.body) == (200, {"is_new": True})


async def test_the_local_provider_sends_its_events_by_the_same_way(app):
    pool = app.app.core.foundation.pool
    await pool.execute(
        "insert into local_provider_operations (key, kind, reference, token, amount, currency, "
        "created_at) values ('a', 'charge', $1, 'tok_action_required', 10, 'USD', now())",
        "5b1f7b0e-3c8f-5d53-9a0e-0b8f5d3c8f5d",
    )
    path = "/v1/local-provider/payments/5b1f7b0e-3c8f-5d53-9a0e-0b8f5d3c8f5d"
    for _ in range(2):  # as a browser that follows `action_url`, which decides nothing
        page = await app.http("GET", path)
        assert (page.status, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    for choice in ("agree", "decline"):
        assert f'<form method="post" action="{path}/{choice}">' in page.body.decode()
    assert "form-action 'self'" in page.headers["Content-Security-Policy"]
    assert await rows(app) == []
    assert (await app.http("GET", "/v1/local-provider/payments/nothing")).status == 404
    assert (await app.http("POST", f"{path}/agree")).status == 200
    async with asyncio.timeout(WAIT_S):
        while not (kept := await rows(app)):
            await pool.execute("select pg_sleep(0.05)")
    assert [row["kind"] for row in kept] == ["payment.captured"]
    assert (await app.http("POST", f"{path}/decline")).status == 409
    for other in ("nothing", "5b1f7b0e-3c8f-5d53-9a0e-0b8f5d3c8f5e"):
        refused = await app.http("POST", f"/v1/local-provider/payments/{other}/decline")
        assert refused.status == 404
