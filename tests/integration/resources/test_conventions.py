"""The conventions of HTTP, on resources: cursors, keys that are sent again, pages, copies."""

import asyncio
import re
from uuid import uuid4

import orjson
import pytest

from server.marketplace import Marketplace
from tests.integration.resources.test_gigs import gig


@pytest.fixture
async def category(app):
    return await app.app.core.pool.fetchval(
        "insert into categories (slug, name) values ('video', 'Video') returning id::text"
    )


async def test_a_request_that_is_sent_again_is_done_once(app, category):
    (anna,) = await app.people("anna")
    body, key = gig(category), {"headers": {"Idempotency-Key": "one"}}
    first = await app.http("POST", "/v1/gigs", anna, body, **key)
    again = await app.http("POST", "/v1/gigs", anna, body, **key)
    assert (first.status, again.status) == (201, 201)
    assert again.body == first.body
    assert again.headers["Location"] == first.headers["Location"]
    other = await app.http("POST", "/v1/gigs", anna, body | {"title": "Other"}, **key)
    assert (other.status, other.body["error"]["code"]) == (422, "duplicate_mismatch")
    assert await app.app.core.pool.fetchval("select count(*) from gigs") == 1


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
    assert await app.app.core.pool.fetchval("select count(*) from gigs") == 1


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
    forged = ("x" + cursor[1:], cursor[:-2], "nonsense")
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


@pytest.mark.parametrize(
    "sort", ["starting_price", "-rating", "-created_at", "deadline", "-budget_max"]
)
async def test_paging_under_changes_repeats_none_and_misses_none(app, category, sort):
    """500 rows with ties and nulls; others come and go between the pages."""
    pool = app.app.core.pool
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
    while cursor is not None:
        path = f"/v1/{table}?{owner}=me&sort={sort}&limit=30&fields=id"
        answer = await app.http("GET", path + (f"&cursor={cursor}" if cursor else ""), anna)
        assert answer.status == 200, answer.body
        seen += [row["id"] for row in answer.body["data"]]
        cursor = answer.body["next_cursor"]
        gone = [goes.pop() for _ in range(min(10, len(goes)))]
        await pool.execute(f"delete from {table} where id::text = any ($1)", gone)
        await pool.fetch(insert, anna.id, category, 501, 510)
    assert len(seen) == len(set(seen))
    assert stays <= set(seen)


async def test_a_copy_does_not_outlive_a_change(app, category):
    anna, ben = await app.people("anna", "ben")
    made = await app.http("POST", "/v1/gigs", anna, gig(category))
    path = made.headers["Location"]
    await app.app.core.pool.execute("update gigs set status = 'active'")
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
    assert "/v1/gigs/{key}" in text
    assert "script" not in orjson.dumps(page.headers["Content-Security-Policy"]).decode()
    assert not re.search(r"(src|href)=.?(https?:)?//", text)


async def test_every_path_is_told(app):
    async def charge(_caller, _cost):
        return None

    document = (await app.http("GET", "/v1/openapi.json")).body
    told = {(m, _short(p)) for p, item in document["paths"].items() for m in item}
    served = Marketplace(app.settings, app.app.core, charge).routes()
    for route in served:
        path = _short(route.path)
        assert (route.method.lower(), path) in told, route


def _short(path):
    return re.sub("/(search|leaderboards)/.*", r"/\1", path)
