"""The conventions of HTTP, on resources: cursors, keys that are sent again, pages, copies."""

import asyncio
import re
from uuid import uuid4

import pytest

from handlers.resources import SHOWN
from handlers.workflows import WORKFLOWS
from server.http.resources import marketplace
from server.http.resources.marketplace import Marketplace
from tests.integration.resources.test_gigs import gig
from tests.integration.resources.world import told


@pytest.fixture
async def category(app):
    return await app.app.core.foundation.pool.fetchval(
        "insert into categories (slug, name) values ('video', 'Video') returning id::text"
    )


@pytest.mark.parametrize(("deep", "status"), [(90, 201), (110, 400), (300, 400), (600, 400)])
@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "deep"}])
async def test_objects_in_objects_are_bounded(app, category, deep, status, headers):
    (anna,) = await app.people("anna")
    inner: dict[str, object] = {}
    for _ in range(deep):
        inner = {"a": inner}
    job = {"title": "Film", "description": "Of our fair", "category_id": category}
    body = job | {"requirements": inner}
    answer = await app.http("POST", "/v1/jobs", anna, body, headers=headers)
    assert answer.status == status, answer.body


async def test_a_request_that_is_sent_again_is_done_once(app, category):
    (anna,) = await app.people("anna")
    body, key = gig(category), {"headers": {"Idempotency-Key": "one"}}
    first = await app.http("POST", "/v1/gigs", anna, body, **key)
    again = await app.http("POST", "/v1/gigs", anna, body, **key)
    assert (first.status, again.status) == (201, 201)
    assert again.body == first.body
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.headers["Location"] == first.headers["Location"]
    other = await app.http("POST", "/v1/gigs", anna, body | {"title": "Other"}, **key)
    assert (other.status, other.body["error"]["code"]) == (422, "duplicate_mismatch")
    assert await app.app.core.foundation.pool.fetchval("select count(*) from gigs") == 1


async def test_a_key_whose_request_was_refused_is_free(app, category):
    (anna,) = await app.people("anna")
    key = {"headers": {"Idempotency-Key": "one"}}
    bad = gig(category, category_id=str(uuid4()))
    assert (await app.http("POST", "/v1/gigs", anna, bad, **key)).status == 422
    assert (await app.http("POST", "/v1/gigs", anna, gig(category), **key)).status == 201


async def test_two_at_once_with_one_key_make_one(app, category):
    (anna,) = await app.people("anna")
    body, key = gig(category), {"headers": {"Idempotency-Key": "one"}}
    answers = await asyncio.gather(
        *(app.http("POST", "/v1/gigs", anna, body, **key) for _ in range(5))
    )
    statuses = {answer.status for answer in answers}
    assert 201 in statuses
    assert statuses <= {201, 409}
    assert await app.app.core.foundation.pool.fetchval("select count(*) from gigs") == 1


async def test_cursors_are_signed_and_bound(app, category):
    anna, ben = await app.people("anna", "ben")
    for _ in range(3):
        await app.http("POST", "/v1/gigs", anna, gig(category))
    page = await app.http("GET", "/v1/gigs?freelancer_id=me&limit=2", anna)
    cursor = page.body["next_cursor"]
    assert len(page.body["data"]) == 2
    assert re.fullmatch(r'<(/v1/gigs\?.*cursor=.*)>; rel="next"', page.headers["Link"])
    last = await app.http("GET", f"/v1/gigs?freelancer_id=me&limit=2&cursor={cursor}", anna)
    assert (len(last.body["data"]), last.body["next_cursor"]) == (1, None)
    forged = (("y" if cursor[0] == "x" else "x") + cursor[1:], cursor[:-2], "nonsense")
    foreign = [
        (anna, f"/v1/gigs?freelancer_id=me&status=draft&cursor={cursor}"),
        (anna, f"/v1/gigs?freelancer_id=me&sort=-rating&cursor={cursor}"),
        (anna, f"/v1/jobs?client_id=me&cursor={cursor}"),
        (ben, f"/v1/gigs?freelancer_id=me&cursor={cursor}"),
        *((anna, f"/v1/gigs?freelancer_id=me&cursor={text}") for text in forged),
    ]
    for person, path in foreign:
        answer = await app.http("GET", path, person)
        assert (answer.status, answer.body["error"]["code"]) == (400, "bad_request"), path


async def churn(pool, table, goes, inserting):
    """Rows go and others come, without end."""
    insert, *arguments = inserting
    while True:
        gone = [goes.pop() for _ in range(min(5, len(goes)))]
        await pool.execute(f"delete from {table} where id::text = any ($1)", gone)
        new = await pool.fetch(insert, *arguments, 501, 505)
        goes[:0] = [row["id"] for row in new]


@pytest.mark.parametrize(
    "sort", ["starting_price", "-rating", "-created_at", "deadline", "-budget_max"]
)
async def test_paging_under_changes_repeats_none_and_misses_none(app, category, sort):
    """500 rows with ties and nulls; while they are read, others come and go."""
    pool = app.app.core.foundation.pool
    (anna,) = await app.people("anna")
    table = "gigs" if sort.lstrip("-") in {"starting_price", "rating", "created_at"} else "jobs"
    owner = "freelancer_id" if table == "gigs" else "client_id"
    column = sort.lstrip("-")
    value = {
        "starting_price": "case when n % 5 = 0 then null else (n % 4) + 1 end",
        "rating": "(n % 3)",
        "created_at": "timestamptz '2026-01-01' + interval '1 s' * (n % 10)",
        "deadline": "case when n % 5 = 0 then null else now() + interval '1 d' * (n % 4 + 1) end",
        "budget_max": "case when n % 5 = 0 then null else (n % 4) + 1 end",
    }[column]
    slug = ("slug,", "'s' || gen_random_uuid(),") if table == "gigs" else ("", "")
    insert = f"""
        insert into {table} ({owner}, title, {slug[0]} description, category_id, {column})
        select $1, 'x', {slug[1]} 'x', $2::text::uuid, {value}
        from generate_series($3::int, $4::int) n returning id::text
    """
    stays = {r["id"] for r in await pool.fetch(insert, anna.id, category, 1, 250)}
    goes = [r["id"] for r in await pool.fetch(insert, anna.id, category, 251, 500)]
    seen, cursor = [], ""
    async with asyncio.TaskGroup() as group:
        churning = group.create_task(churn(pool, table, goes, (insert, anna.id, category)))
        while cursor is not None:
            path = f"/v1/{table}?{owner}=me&sort={sort}&limit=30&fields=id"
            answer = await app.http("GET", path + (f"&cursor={cursor}" if cursor else ""), anna)
            assert answer.status == 200, answer.body
            seen += [row["id"] for row in answer.body["data"]]
            cursor = answer.body["next_cursor"]
        assert not churning.done(), "rows came and went to the end"
        churning.cancel()
    assert len(seen) == len(set(seen))
    assert stays <= set(seen)


async def test_a_copy_does_not_outlive_a_change(app, category):
    anna, ben = await app.people("anna", "ben")
    made = await app.http("POST", "/v1/gigs", anna, gig(category))
    path = made.headers["Location"]
    await app.app.core.foundation.pool.execute("update gigs set status = 'active'")
    await told(app)
    for _ in range(2):
        assert (await app.http("GET", path)).body["title"] == "Video editing"
    await app.http("PATCH", path, anna, {"title": "New"}, headers={"If-Match": "*"})
    for person in (anna, ben, None):
        assert (await app.http("GET", path, person)).body["title"] == "New"
    metrics = (await app.http("GET", "/metrics")).body.decode()
    assert 'parley_cache_total{cache="gig",outcome="hit"}' in metrics


async def test_documents_and_their_page(app):
    document = (await app.http("GET", "/v1/openapi.json")).body
    assert "/v1/gigs/{key}" in document["paths"]
    page = await app.http("GET", "/docs")
    text = page.body.decode()
    assert page.status == 200
    assert "script-src 'self';" in page.headers["Content-Security-Policy"]
    assert not re.search(r"(src|href)=.?(https?:)?//", text)


async def test_me_is_a_user_and_no_category(app):
    (anna,) = await app.people("anna")
    mine = await app.http("GET", "/v1/jobs?client_id=me", anna)
    assert (mine.status, mine.body["data"]) == (200, [])
    refused = await app.http("GET", "/v1/jobs?category_id=me", anna)
    assert refused.status == 422 and refused.body["errors"][0]["path"] == "category_id"


async def test_every_path_is_told(app, monkeypatch):
    monkeypatch.setattr(marketplace, "SHOWN", SHOWN)

    async def charge(_caller, _cost):
        return None

    async def account(caller):
        raise AssertionError(caller)

    document = (await app.http("GET", "/v1/openapi.json")).body
    told = {(m, _short(p)) for p, item in document["paths"].items() for m in item}
    served = Marketplace(app.settings, app.app.core, charge, account).routes()
    for route in served:
        path = _short(route.path)
        assert (route.method.lower(), path) in told, route


async def test_what_would_be_made_twice_takes_a_key(app):
    document = (await app.http("GET", "/v1/openapi.json")).body
    told = _asking(document, "idempotencyKey")
    messages = "/v1/conversations/{conversation_id}/messages"
    made = {"/v1/files", "/v1/conversations", "/v1/announcements", messages}
    made |= {"/v1/commands/conversation.create", "/v1/commands/message.send"}
    made |= {f"/v1/{r.path}" for r in SHOWN.values() if "create" in r.verbs}
    shown = [w for w in WORKFLOWS.values() if w.resource in SHOWN]
    acts = [(w, f"/v1/{w.resource}/{{key}}/{a}", a) for w in shown for a in w.machine.askable()]
    acts += [(w, f"/v1/{w.resource}", a) for w in shown for a in w.makers]
    needed = {p for w, p, a in acts if any(t.moves_money for t in w.machine.named(a))}
    assert told == (made | {path for _w, path, _a in acts}) - needed
    assert _asking(document, "idempotencyKeyNeeded") == needed


def _asking(document, parameter):
    """The paths of POSTs that take a parameter."""
    ref = {"$ref": f"#/components/parameters/{parameter}"}
    operations = {path: item["post"] for path, item in document["paths"].items() if "post" in item}
    return {path for path, of in operations.items() if ref in of.get("parameters", ())}


def _short(path):
    return re.sub("/(search|leaderboards)/.*", r"/\1", path)


async def test_filters_by_money_and_by_lists_show_what_is_public(app, category):
    """They are answered in two steps; pages, states and readers are as with any other filter."""
    pool = app.app.core.foundation.pool
    anna, ben = await app.people("anna", "ben")
    await pool.execute(
        """
        insert into gigs (freelancer_id, title, slug, description, category_id, starting_price,
                          tags)
        select $1, 'n' || n, 's' || n, 'x', $2::text::uuid, n % 4, array['t' || n % 2]
        from generate_series(1, 20) n
        """,
        anna.id,
        category,
    )
    await pool.execute("update gigs set status = 'active' where slug <> 's3' and slug <> 's4'")
    of = {f"n{n}": n for n in range(1, 21)}
    public = of.keys() - {"n3", "n4"}
    for query, wanted in {
        "starting_price_gte=3.00": {t for t in public if of[t] % 4 == 3},
        "starting_price_gte=2.00&starting_price_lte=2.50": {t for t in public if of[t] % 4 == 2},
        "tags=t1": {t for t in public if of[t] % 2},
        "tags=t1&status=active&starting_price=1.00": {t for t in public if of[t] % 4 == 1},
        "tags=t1&status=draft": set(),
        "starting_price_gte=9.00": set(),
    }.items():
        for sort in ("-created_at", "starting_price", "-rating"):
            for person in (anna, ben, None):
                path = f"/v1/gigs?{query}&sort={sort}&limit=3&expand=category"
                titles, cursor = [], ""
                while cursor is not None:
                    following = f"{path}&cursor={cursor}" if cursor else path
                    answer = await app.http("GET", following, person)
                    assert answer.status == 200, answer.body
                    titles += [row["title"] for row in answer.body["data"]]
                    cursor = answer.body["next_cursor"]
                assert len(titles) == len(set(titles))
                drafts = {"n3"} if person is anna and "draft" in query else set()
                assert set(titles) == wanted | drafts, (query, sort)
    mine = await app.http("GET", "/v1/gigs?tags=t1&freelancer_id=me&limit=200", anna)
    assert {row["title"] for row in mine.body["data"]} == {t for t in of if of[t] % 2}
