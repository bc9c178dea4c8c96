"""The paths of mail: links that unsubscribe, and reports."""

import hashlib
import hmac
import time
from uuid import uuid4

import aiohttp
import orjson
import pytest

from protocol.notifications.categories import CATEGORIES
from storage.mail.unsubscribe import Choice
from tests.unit.mail.test_bounces import HOSTILE, TYPE, UNREADABLE, body_of, report

EVENTS = "/v1/mail-events"
SECRET = "the secret of mail events"
FORM = {"List-Unsubscribe": "One-Click"}


def link(app, person, category="marketing", channel="email"):
    tokens = app.app.core.mail.tokens
    return f"/v1/unsubscribe/{tokens.token(Choice(person.id, category, channel))}"


async def preferences(app):
    pool = app.app.core.foundation.pool
    rows = await pool.fetch(
        "select user_id, category, channel, is_enabled, updated_at from notification_preferences"
    )
    return [tuple(row) for row in rows]


async def test_a_link_scanner_changes_nothing_and_one_click_does(app):
    ada, ben = await app.people("ada", "ben")
    path = link(app, ada)
    for method in ("GET", "HEAD", "GET"):
        page = await app.http(method, path)
        assert (page.status, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert await preferences(app) == []
    text = page.body.decode()
    assert '<form method="post"><input type="hidden" name="List-Unsubscribe"' in text
    assert "form-action 'self'" in page.headers["Content-Security-Policy"]
    done = await app.http("POST", path, data=FORM)
    assert done.status == 200
    assert "You will get no more mails about news and offers." in done.body.decode()
    (before,) = await preferences(app)
    assert before[:4] == (ada.id, "marketing", "email", False)
    assert (await app.http("POST", path, data=FORM)).status == 200
    assert await preferences(app) == [before]
    assert "<form" not in (await app.http("GET", path)).body.decode()
    assert (await app.http("POST", link(app, ben, "job"), data=FORM)).status == 200
    assert len(await preferences(app)) == 2


async def test_what_was_turned_on_is_turned_off_and_on_again_by_its_owner(app):
    ada = await app.person("ada")
    pool = app.app.core.foundation.pool
    await pool.execute(
        "insert into notification_preferences (user_id, category, channel, is_enabled) "
        "values ($1, 'marketing', 'email', true), ($1, 'job', 'email', true)",
        ada.id,
    )
    assert (await app.http("POST", link(app, ada), data=FORM)).status == 200
    assert [row[1:4] for row in sorted(await preferences(app))] == [
        ("job", "email", True),
        ("marketing", "email", False),
    ]


async def test_a_link_of_a_digest_turns_off_all_that_may_be(app):
    """Turning off the digest itself would send its reader each mail by itself."""
    ada, ben = await app.people("ada", "ben")
    pool = app.app.core.foundation.pool
    await pool.execute(
        "insert into notification_preferences (user_id, category, channel, is_enabled) "
        "values ($1, 'job', 'email', true), ($2, 'job', 'email', true)",
        ada.id,
        ben.id,
    )
    path = link(app, ada, "digest")
    page = (await app.http("GET", path)).body.decode()
    assert "no more mails about anything but payments and security?" in page
    assert len(await preferences(app)) == 2
    done = await app.http("POST", path, data=FORM)
    assert "You will get no more mails" in done.body.decode()
    assert {row[1:][:3] for row in await preferences(app) if row[0] == ada.id} == {
        (category, "email", False)
        for category in CATEGORIES
        if category not in {"payment", "security"}
    }
    assert [row[3] for row in await preferences(app) if row[0] == ben.id] == [True]
    assert "<form" not in (await app.http("GET", path)).body.decode()
    await pool.execute(
        "update notification_preferences set is_enabled = true where user_id = $1"
        " and category = 'review'",
        ada.id,
    )
    assert "<form" in (await app.http("GET", path)).body.decode()


async def test_a_page_speaks_the_language_of_its_reader(app):
    ada = await app.person("ada")
    await app.app.core.foundation.pool.execute(
        "update users set locale = 'zh-CN' where id = $1", ada.id
    )
    page = await app.http("GET", link(app, ada))
    assert '<html lang="zh-CN">' in page.body.decode()
    assert "资讯与优惠" in page.body.decode()


async def test_the_forms_that_mail_programs_send(app):
    ada = await app.person("ada")
    parts = aiohttp.FormData(FORM, default_to_multipart=True)
    own = {"Origin": f"http://127.0.0.1:{app.app.http_port}"}
    assert (await app.http("POST", link(app, ada), data=parts)).status == 200
    assert (await app.http("POST", link(app, ada, "job"), data=FORM, headers=own)).status == 200
    for other in (b"", {"List-Unsubscribe": "no"}, {"a": "One-Click"}, b"{}"):
        assert (await app.http("POST", link(app, ada, "review"), data=other)).status == 400
    cut = {"Content-Type": "multipart/form-data; boundary=x"}
    refused = await app.http("POST", link(app, ada, "review"), data=b"--x\r\nno", headers=cut)
    assert refused.status == 400
    assert {row[1] for row in await preferences(app)} == {"marketing", "job"}


PARTS = "multipart/form-data; boundary=x"
ENCODED = "application/x-www-form-urlencoded; charset="


def part(header):
    name = b'Content-Disposition: form-data; name="List-Unsubscribe"'
    return b"--x\r\n%b\r\n%b\r\n\r\nOne-Click\r\n--x--\r\n" % (name, header)


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        (ENCODED + "nonsense", b"List-Unsubscribe=One-Click"),
        (ENCODED + "undefined", b"List-Unsubscribe=One-Click"),
        (PARTS, part(b"Content-Type: text/plain; charset=nonsense")),
        (PARTS, part(b"Content-Transfer-Encoding: nonsense")),
        (PARTS, part(b"Content-Transfer-Encoding: base64\r\nContent-Length: 3")),
        (PARTS, part(b"\r\n".join(b"A%d: b" % n for n in range(200)))),
        (PARTS, part(b"A: " + b"b" * 20_000)),
        (PARTS, part(b"nonsense")),
    ],
)
async def test_a_form_that_cannot_be_read_is_refused(app, kind, raw):
    path = link(app, await app.person("ada"))
    refused = await app.http("POST", path, data=raw, headers={"Content-Type": kind})
    assert (refused.status, refused.body["error"]["code"]) == (400, "bad_request")
    assert await preferences(app) == []


async def test_a_forged_link_is_not_there(app, logs):
    ada = await app.person("ada")
    path = link(app, ada)
    for forged in (path[:-1], path[:-4] + "AAAA", "/v1/unsubscribe/x", "/v1/unsubscribe/%00"):
        for method in ("GET", "POST"):
            answer = await app.http(method, forged, **({"data": FORM} if method == "POST" else {}))
            assert answer.status == 404
            assert answer.body["detail"] == "no such link"
    pool = app.app.core.foundation.pool
    gone = link(app, ada)
    await pool.execute("delete from users where id = $1", ada.id)
    assert (await app.http("POST", gone, data=FORM)).status == 404
    assert await preferences(app) == []
    assert not [line for line in logs if path.rpartition("/")[2] in str(line)]


def signed(raw, kind="application/json", at_s=None, secret=SECRET):
    at_s = int(time.time()) if at_s is None else at_s
    digest = hmac.new(secret.encode(), b"%d." % at_s + raw, hashlib.sha256).hexdigest()
    return {"Mail-Signature": f"t={at_s},v1={digest}", "Content-Type": kind}


async def post(app, raw, headers):
    return await app.http("POST", EVENTS, headers=headers, data=raw)


def bounce(address, number=1, code="5.1.1"):
    event = {"id": str(number), "kind": "bounce", "address": address, "code": code}
    return orjson.dumps({"events": [event]})


@pytest.fixture
async def taking(serve):
    async with serve(mail_events_secret=SECRET) as served:
        yield served


async def me(app, person):
    return (await app.http("GET", "/v1/me", person)).body


async def test_a_bounce_is_told_to_its_person_and_another_address_is_free(taking):
    ada = await taking.person("ada")
    first = await taking.http("GET", "/v1/me", ada)
    assert first.body["mail_suppressed"] is None
    raw = bounce(f"{ada.id}@EXAMPLE.org")
    answers = [await post(taking, raw, signed(raw)) for _ in range(2)]
    assert [(one.status, one.body) for one in answers] == [
        (200, {"bounces": 1, "suppressed": 1}),
        (200, {"bounces": 1, "suppressed": 0}),
    ]
    told = await taking.http("GET", "/v1/me", ada, headers={"If-None-Match": first.headers["ETag"]})
    assert told.status == 200
    assert told.body["mail_suppressed"]["reason"] == "hard"
    assert told.body["mail_suppressed"]["until"] is None
    await taking.app.core.foundation.pool.execute(
        "update user_private set email = 'another@example.org' where user_id = $1", ada.id
    )
    assert (await me(taking, ada))["mail_suppressed"] is None


async def test_a_report_of_a_mail_of_ours_is_taken(taking):
    raw = report(ids=taking.app.core.mail.ids)
    sent = [
        (raw, "message/rfc822"),
        (body_of(raw), TYPE),
        (raw.replace(b"\n", b"\r\n"), "text/plain"),
    ]
    counts = []
    for each, kind in sent:
        answer = await post(taking, each, signed(each, kind))
        assert answer.status == 200
        counts.append((answer.body["bounces"], answer.body["suppressed"]))
    assert counts == [(1, 1), (1, 0), (1, 0)]
    (found,) = await taking.app.core.mail.suppressions.of(["ben@example.org"])
    assert found.reason == "hard"


async def test_a_forged_report_stops_nobodys_mail(taking):
    """Anybody can write to the address to which reports go; what signs them signs that, too."""
    mallory = taking.app.core.mail.ids.of(uuid4(), "mallory@example.org")
    for message_id in ("<1@parley.example>", mallory):
        raw = report(message_id=message_id)
        answer = await post(taking, raw, signed(raw, "message/rfc822"))
        assert (answer.status, answer.body) == (200, {"bounces": 0, "suppressed": 0})
    suppressions = taking.app.core.mail.suppressions
    assert await suppressions.of(["ben@example.org", "ben@forwarded.example"]) == [None, None]


@pytest.mark.parametrize("case", ["unsigned", "old", "other secret", "other bytes", "a login's"])
async def test_what_is_not_signed_is_not_looked_at(taking, case):
    raw = bounce("a@b.org")
    headers = {
        "unsigned": {},
        "old": signed(raw, at_s=int(time.time()) - 400),
        "other secret": signed(raw, secret="another secret of mail"),
        "other bytes": signed(raw + b" "),
        "a login's": {"Authorization": f"Bearer {(await taking.person()).token}"},
    }[case]
    answer = await post(taking, raw, headers)
    assert (answer.status, answer.body["error"]["code"]) == (403, "forbidden")
    assert await taking.app.core.mail.suppressions.of(["a@b.org"]) == [None]


@pytest.mark.parametrize(
    ("raw", "kind", "status"),
    [
        (b"", "application/json", 400),
        (b"{", "application/json", 400),
        (b"[]", "application/json", 422),
        (b'{"events": [{}]}', "application/json", 422),
        (b"hello", "message/rfc822", 400),
        (HOSTILE["mails in mails"], "message/rfc822", 400),
        (b"", "multipart/report; boundary=x", 400),
        (b"Content-Type: multipart/report; %b\n\n" % UNREADABLE[0], "message/rfc822", 400),
        (bounce("a@b.org", code="5.1.1\n"), "application/json", 422),
        (bounce("a\\u0000@b.org").replace(b"\\\\u", b"\\u"), "application/json", 200),
    ],
)
async def test_a_signed_body_that_is_none_is_refused(taking, raw, kind, status):
    assert (await post(taking, raw, signed(raw, kind))).status == status


async def test_without_a_secret_no_reports_are_taken(app):
    raw = bounce("a@b.org")
    assert (await post(app, raw, signed(raw))).status == 404
