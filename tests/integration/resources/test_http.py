"""The conventions of HTTP, on every resource: made from the declarations, as the matrix is."""

import asyncio
import re
from uuid import uuid4

import pytest

from handlers.resources import RESOURCES
from tests.integration.resources import samples
from tests.integration.resources.world import populate, sees, writes

EVERY = list(RESOURCES.values())
READ = [r for r in EVERY if "get" in r.verbs]
PROBLEM = {"type", "title", "status", "detail", "instance", "error", "errors", "request_id"}


def test_paths_are_plural_kebab_case_and_members_snake_case():
    # What one has one of, or cannot count.
    single = {"audit-log", "search-history", "status-history", "user-dashboard", "client-spending"}
    for resource in EVERY:
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", resource.path), resource.path
        assert resource.path.endswith("s") or resource.path in single, resource.path
        assert all(re.fullmatch(r"[a-z]+(_[a-z0-9]+)*", name) for name in resource.readable)


async def test_rows_have_a_tag_and_are_not_sent_again(world):
    for resource in READ:
        path = samples.path(resource)
        role = next(r for r in ("owner", "counterparty", "staff") if sees(resource, r))
        first = await world.app.http("GET", path, world.people[role])
        tag = first.headers["ETag"]
        version = f"{first.body['version']}-" if resource.is_versioned else ""
        assert re.fullmatch(rf'W/"{version}[0-9a-f]{{24}}"', tag), path
        assert "Authorization, Accept-Encoding" in first.headers.getall("Vary"), path
        for known in (tag, tag.removeprefix("W/"), f'"x", {tag}', "*"):
            headers = {"If-None-Match": known}
            again = await world.app.http("GET", path, world.people[role], headers=headers)
            assert (again.status, again.body, again.headers["ETag"]) == (304, b"", tag), path
        for other in ('"x"', f'"{first.body.get("version")}"', 'W/"1"'):
            headers = {"If-None-Match": other}
            answer = await world.app.http("GET", path, world.people[role], headers=headers)
            assert answer.status == 200, (path, other)
        assert ("available_actions" in first.body) == (resource.machine is not None), path


async def test_changes_name_the_version_they_were_made_from(world):
    for resource in (r for r in EVERY if "change" in r.verbs and r.path != "reviews"):
        person = world.people["owner" if writes(resource, "owner") else "staff"]
        path, body = samples.path(resource), samples.change(resource)
        expected = {None: 428, '"99"': 412, '"x"': 412, 'W/"9-1"': 412, "": 412}
        for tag, status in expected.items() if resource.is_versioned else ():
            headers = {} if tag is None else {"If-Match": tag}
            answer = await world.app.http("PATCH", path, person, body, headers=headers)
            assert answer.status == status, (path, tag, answer.body)
            assert answer.body["error"]["code"] == "precondition_failed"
            is_version = status == 412 and tag not in {'"x"', ""}
            assert ("has changed since" in answer.body["detail"]) == is_version, (path, tag)
        held = {"If-Match": '"99", W/"1-0123456789abcdef01234567"'}
        done = await world.app.http("PATCH", path, person, body, headers=held)
        assert done.status == 200, (path, done.body)
        if resource.is_versioned:
            assert done.body["version"] == 2, path
            assert done.headers["ETag"].startswith('W/"2-'), path
            if "get" in resource.verbs:
                known = {"If-None-Match": done.headers["ETag"]}
                read = await world.app.http("GET", path, person, headers=known)
                assert read.status == 304, path
            stale = await world.app.http("PATCH", path, person, body, headers=held)
            assert stale.status == 412, path


async def test_ones_own_account_has_one_body_and_tag(world):
    """A change of it answers what reading it does: more than the row of a user shows."""
    app, anna = world.app, world.people["owner"]
    before = await app.http("GET", "/v1/me", anna)
    held = {"If-Match": before.headers["ETag"]}
    done = await app.http("PATCH", "/v1/me", anna, {"timezone": "Asia/Tokyo"}, headers=held)
    assert (done.status, done.body["timezone"]) == (200, "Asia/Tokyo")
    assert done.body["email"] == before.body["email"]
    assert done.headers["ETag"] != before.headers["ETag"]
    known = {"If-None-Match": done.headers["ETag"]}
    assert (await app.http("GET", "/v1/me", anna, headers=known)).status == 304
    read = await app.http("GET", "/v1/me", anna)
    assert (read.body, read.headers["ETag"]) == (done.body, done.headers["ETag"])
    assert (await app.http("PATCH", "/v1/me", anna, {}, headers=held)).status == 412


async def test_headers_are_spelt_as_a_dict_of_them_is_asked(world):
    """A generated client may keep headers in a dict: `Etag` would not be found in it."""
    app, anna = world.app, world.people["owner"]
    made = await app.http("POST", "/v1/files?name=a.txt", anna, data=b"some text\n")
    for path in ("/v1/gigs/00000000-0000-7000-8000-000000000030", "/v1/me", "/v1/unread",
                 "/docs", "/v1/openapi.json",
                 f"/v1/files/{made.body['file']['file_id']}/content"):  # fmt: skip
        # Read from the socket, since aiohttp's client spells what it reads in its own way.
        reader, writer = await asyncio.open_connection("127.0.0.1", app.app.http_port)
        writer.write(
            f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
            f"Authorization: Bearer {anna.token}\r\n\r\n".encode()
        )
        answer = await asyncio.wait_for(reader.read(), 10)
        writer.close()
        assert answer.startswith(b"HTTP/1.1 200 ") and b"\r\nETag: " in answer, path


async def test_what_one_may_do_is_no_field_and_may_be_asked_for(world):
    app, anna = world.app, world.people["owner"]
    path = "/v1/gigs/00000000-0000-7000-8000-000000000030?fields="
    found = await app.http("GET", f"{path}title,available_actions", anna)
    assert set(found.body) == {"title", "available_actions"}
    found = await app.http("GET", f"{path}available_actions", anna)
    assert set(found.body) == {"id", "available_actions"}
    skill = (await app.http("GET", "/v1/skills?limit=1", anna)).body["data"][0]["id"]
    refused = await app.http("GET", f"/v1/skills/{skill}?fields=available_actions", anna)
    assert refused.status == 422


async def test_a_tag_is_that_of_the_whole_body(world):
    """Figures, expansions, fields and what the reader may do change it; the version does not."""
    app, anna = world.app, world.people["owner"]
    path = "/v1/gigs/00000000-0000-7000-8000-000000000030?fields=id,version,order_count,status"
    before = (await app.http("GET", path, anna)).headers["ETag"]
    await app.app.core.foundation.pool.execute(
        "update gig_counters set order_count = order_count + 1"
    )
    after = await app.http("GET", path, anna, headers={"If-None-Match": before})
    assert (after.status, after.body["version"], after.body["order_count"]) == (200, 1, 1)
    assert after.headers["ETag"] != before
    others = (f"{path},title", f"{path}&expand=packages", path.replace("status", "rating"))
    tags = [(await app.http("GET", other, anna)).headers["ETag"] for other in others]
    assert len({before, after.headers["ETag"], *tags}) == 5
    assert all(tag.startswith('W/"1-') for tag in tags)


async def test_ones_own_account_has_a_tag(world):
    app, anna = world.app, world.people["owner"]
    first = await app.http("GET", "/v1/me", anna)
    tag = first.headers["ETag"]
    assert tag.startswith('W/"1-')
    known = {"If-None-Match": tag}
    assert (await app.http("GET", "/v1/me", anna, headers=known)).status == 304
    held = {"If-Match": tag}
    changed = await app.http("PATCH", "/v1/me", anna, {"locale": "de"}, headers=held)
    assert changed.status == 200, changed.body
    again = await app.http("GET", "/v1/me", anna, headers=known)
    assert (again.status, again.body["locale"]) == (200, "de")
    assert again.headers["ETag"].startswith('W/"2-')
    assert (await app.http("PATCH", "/v1/me", anna, {"locale": "fr"}, headers=held)).status == 412


async def test_refusals_have_one_shape(world):
    app, anna = world.app, world.people["owner"]
    for resource in EVERY:
        collection = f"/v1/{resource.path}"
        refused = [await app.http("GET", f"{collection}/{uuid4()}", anna)]
        if "list" in resource.verbs:
            queries = {
                "limit=0": 422,
                "limit=201": 422,
                "limit=x": 422,
                "cursor=x": 400,
                "x=1": 422,
            }
            queries["limit=1&limit=2"] = 422
            for query, status in queries.items():
                refused.append(await app.http("GET", samples.listing(resource, query), anna))
                assert refused[-1].status == status, (resource.path, query, refused[-1].body)
        if "create" in resource.verbs:
            writer = anna if writes(resource, "owner") else world.people["staff"]
            for data, status in ((b"{", 400), (b"[]", 400), (b'{"x":1}', 422), (b"{}", 422)):
                headers = {"Content-Type": "application/json"}
                answer = await app.http("POST", collection, writer, data=data, headers=headers)
                if data == b"{}" and not any(f.required for f in resource.creatable.values()):
                    continue
                assert answer.status == status, (resource.path, data, answer.body)
                refused.append(answer)
            headers = {"Content-Type": "text/plain"}
            refused.append(await app.http("POST", collection, anna, data=b"{}", headers=headers))
            assert refused[-1].status == 415
            long = {"Idempotency-Key": "x" * 256}
            body = samples.creation(resource)
            refused.append(await app.http("POST", collection, anna, body, headers=long))
            assert refused[-1].status == 400
        for answer in refused:
            assert answer.headers["Content-Type"].startswith("application/problem+json")
            assert set(answer.body) == PROBLEM
            assert answer.body["status"] == answer.status
            assert set(answer.body["error"]) == {"code", "message", "details", "timestamp"}
            assert answer.body["request_id"] == answer.headers["X-Request-Id"]
            named = answer.status == 422 or "path" in answer.body["error"]["details"]
            assert named == bool(answer.body["errors"]), answer.body


async def test_lists_tell_of_the_next_page(world):
    app, person = world.app, world.people["staff"]
    for resource in (r for r in EVERY if "list" in r.verbs):
        answer = await app.http("GET", samples.listing(resource, "limit=1"), person)
        assert set(answer.body) == {"data", "next_cursor"}
        assert ("Link" in answer.headers) == (answer.body["next_cursor"] is not None)
        keys = [str(row[resource.key]) for row in answer.body["data"]]
        while answer.body["next_cursor"] is not None:
            (following,) = re.findall(r'<(/v1/.*)>; rel="next"', answer.headers["Link"])
            answer = await app.http("GET", following, person)
            keys += [str(row[resource.key]) for row in answer.body["data"]]
        whole = await app.http("GET", samples.listing(resource, "limit=200"), person)
        assert keys == [str(row[resource.key]) for row in whole.body["data"]], resource.path


async def test_a_key_belongs_to_user_method_and_path(world):
    app, headers = world.app, {"Idempotency-Key": "the same"}
    search = {"search_type": "gigs", "name": "x", "search_params": {}}
    ticket = {"category": "x", "subject": "x", "description": "x"}
    made = set()
    for role in ("owner", "counterparty"):
        for path, body in (("saved-searches", search), ("support-tickets", ticket)):
            for _ in range(2):
                answer = await app.http(
                    "POST", f"/v1/{path}", world.people[role], body, headers=headers
                )
                assert answer.status == 201, answer.body
                made.add(answer.body["id"])
    assert len(made) == 4


@pytest.mark.parametrize("role", ["owner", "anonymous"])
async def test_limits_are_told_and_held(serve, role):
    limits = {"commands_per_s": 0.01, "commands_burst": 5}
    async with serve(rate_limits=True, limits=limits) as app:
        person = (await populate(app)).people[role]
        for left in (4, 3, 2, 1, 0):
            answer = await app.http("GET", "/v1/categories", person)
            assert answer.headers["RateLimit-Policy"] == '"commands";q=5;w=500'
            assert re.match(rf'"commands";r={left};t=\d+', answer.headers["RateLimit"])
        refused = await app.http("GET", "/v1/categories", person)
        assert (refused.status, refused.body["error"]["code"]) == (429, "rate_limited")
        assert 0 < int(refused.headers["Retry-After"]) <= 100
        assert refused.headers["RateLimit"].startswith('"commands";r=0;')
        assert refused.headers["RateLimit-Policy"] == '"commands";q=5;w=500'
