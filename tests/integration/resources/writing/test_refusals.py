"""Which refusal comes first, and that all errors of a body come at once; by the declarations."""

import re
from uuid import uuid4

import pytest

from handlers.resources import RESOURCES
from handlers.workflows import WORKFLOWS
from tests.integration.resources import samples
from tests.integration.resources.test_gigs import gig
from tests.integration.resources.world import KEYS, ROLES, sees, writes

EVERY = list(RESOURCES.values())
CHANGED = [r for r in EVERY if "change" in r.verbs]
CLOSED = {
    "gigs": ("gigs", "deleted"), "jobs": ("jobs", "cancelled"),
    "proposals": ("proposals", "accepted"), "meetings": ("meetings", "ended"),
    "support-tickets": ("support_tickets", "closed"), "reviews": ("reviews", "published"),
}  # fmt: skip
"""Of resources that can be changed in some states only: another state."""
BAD = {"nonsense": 1}
PLAIN = re.compile(r"[`$^\\]|Expected|Invalid")


async def stands(world, resource, role, headers):
    """The status of a change with a bad body."""
    answer = await world.app.http(
        "PATCH", samples.path(resource), world.people[role], BAD, headers=headers
    )
    return answer.status


@pytest.fixture
async def category(app):
    return await app.app.core.foundation.pool.fetchval(
        "insert into categories (slug, name) values ('video', 'Video') returning id::text"
    )


def test_every_state_that_closes_is_known():
    closable = {r.path for r in CHANGED if r.while_ is not None}
    assert closable == CLOSED.keys() | {"users"}, "who is suspended has no login: 401"


async def test_what_is_wrong_with_a_change_is_told_last(world, owner):
    found = []
    for resource in CHANGED:
        held = {"If-Match": "*"} if resource.is_versioned else {}
        for role in set(ROLES) - {"anonymous"}:
            if resource.path == "reviews":
                continue  # the world's is published
            status = await stands(world, resource, role, held)
            wanted = 422 if writes(resource, role) else 403 if sees(resource, role) else 404
            found.append((resource.path, role, status, wanted))
        writer = next(role for role in ROLES if writes(resource, role))
        if resource.is_versioned and resource.path != "reviews":
            stale = await stands(world, resource, writer, {"If-Match": '"99"'})
            none = await stands(world, resource, writer, {})
            found += [(resource.path, "stale", stale, 412), (resource.path, "none", none, 428)]
    wrong = [one for one in found if one[-1] != one[-2]]
    assert not wrong


@pytest.mark.parametrize("path", CLOSED)
async def test_a_state_that_allows_no_change_is_told_before_a_version(world, owner, path):
    table, status = CLOSED[path]
    resource = RESOURCES[path]
    await owner.execute(
        f"set session_replication_role = replica;"
        f"update {table} set status = '{status}' where id = '{KEYS[path]}'"
    )
    for headers in ({"If-Match": '"99"'}, {"If-Match": "*"}, {}):
        assert await stands(world, resource, "owner", headers) == 409, headers


async def test_deletions_are_refused_in_the_same_order(world):
    found = []
    for resource in (r for r in EVERY if "delete" in r.verbs):
        for role in set(ROLES) - {"anonymous"}:
            answer = await world.app.http(
                "DELETE", f"{samples.path(resource)}?nothing=1", world.people[role]
            )
            wanted = 422 if writes(resource, role) else 403 if sees(resource, role) else 404
            found.append((resource.path, role, answer.status, wanted))
        if resource.is_versioned:
            writer = next(role for role in ROLES if writes(resource, role))
            stale = {"If-Match": '"99"'}
            answer = await world.app.http(
                "DELETE", f"{samples.path(resource)}?x=1", world.people[writer], headers=stale
            )
            found.append((resource.path, "stale", answer.status, 412))
    assert not [one for one in found if one[-1] != one[-2]]


async def test_who_may_not_create_is_told_so_before_what_is_wrong(world, owner):
    app, found = world.app, []
    for resource in (r for r in EVERY if "create" in r.verbs):
        if not resource.owner and not writes(resource, "owner"):
            ben = world.people["counterparty"]
            answer = await app.http("POST", f"/v1/{resource.path}", ben, BAD)
            found.append((resource.path, answer.status, 403))
    await owner.execute("update users set kind = 'client' where display_name = 'carl'")
    carl = world.people["stranger"]
    bodies: list[tuple[str, dict[str, str], int]] = [
        ("gigs", {}, 403),
        ("jobs", {}, 422),
        ("gig-packages", {"gig_id": str(KEYS["gigs"])}, 403),
        ("gig-packages", {"price": "1"}, 422),
        ("favorites", {"favorited_type": "gig"}, 422),
    ]
    for path, body, status in bodies:
        answer = await app.http("POST", f"/v1/{path}", carl, body)
        found.append((f"{path} {body}", answer.status, status))
    assert not [one for one in found if one[-1] != one[-2]]


async def test_all_errors_of_a_body_come_at_once(app, category):
    (anna,) = await app.people("anna")
    body = {
        "title": "\u200b", "description": 5, "category_id": "x", "tags": ["", "good", 7],
        "media": [{"note": "\0"}], "currency": "usd", "titel": "x", "status": "active",
    }  # fmt: skip
    answer = await app.http("POST", "/v1/gigs?nothing=1", anna, body)
    assert (answer.status, answer.body["error"]["code"]) == (422, "validation_failed")
    assert {(e["path"], e["code"]): e["message"] for e in answer.body["errors"]} == {
        ("nothing", "unknown"): "is not read here",
        ("titel", "unknown"): "no such member or parameter",
        ("status", "unknown"): "is shown, and cannot be set here",
        ("slug", "required"): "is missing",
        ("description", "invalid"): "must be text of 1 to 20000 characters",
        ("category_id", "invalid"): "must be an id (a UUID)",
        ("tags[0]", "invalid"): "must be text of 1 to 50 characters",
        ("tags[2]", "invalid"): "must be text of 1 to 50 characters",
        ("currency", "invalid"): "must be the three capital letters of a currency, such as USD",
        ("title", "invalid"): "must have a visible character",
        ("media[0].note", "invalid"): "must not contain U+0000",
    }
    assert answer.body["detail"].endswith("(and 10 more)")
    told = await app.command("message.send", anna, {"content": 5, "attachments": [{}], "x": 1})
    assert {(e["path"], e["code"]) for e in told.body["errors"]} == {
        ("x", "unknown"), ("conversation_id", "required"), ("client_id", "required"),
        ("content", "invalid"), ("attachments[0].file_id", "required"),
    }  # fmt: skip


async def test_amounts_are_taken_as_people_write_them(app, category):
    (anna,) = await app.people("anna")
    made = await app.http("POST", "/v1/gigs", anna, gig(category))
    package = {"gig_id": made.body["id"], "tier": "basic", "delivery_days": 2}
    made = await app.http("POST", "/v1/gig-packages", anna, package | {"price": "100"})
    assert (made.status, made.body["price"]) == (201, "100.00")
    path, held = f"/v1/gig-packages/{made.body['id']}", {"If-Match": "*"}
    for price, shown in {"100.5": "100.50", "7.25": "7.25", 100: "100.00", 100.5: "100.50"}.items():
        done = await app.http("PATCH", path, anna, {"price": price}, headers=held)
        assert (done.status, done.body["price"]) == (200, shown), price
    for price in ("1.005", "01", "1e3", "-1", "", "1,5", 1e20, 1.005, True, ["1"]):
        done = await app.http("PATCH", path, anna, {"price": price}, headers=held)
        (error,) = done.body["errors"]
        assert (done.status, error["path"]) == (422, "price")
        assert error["message"] == "must be an amount such as 100.00"
    for price in (0, "0.00"):
        done = await app.http("PATCH", path, anna, {"price": price}, headers=held)
        assert done.body["errors"][0]["message"] == "must be more than 0"
    listed = await app.http("GET", "/v1/gigs?freelancer_id=me&starting_price_gte=100.5", anna)
    assert len(listed.body["data"]) == 1
    wrong = await app.http("GET", "/v1/gigs?starting_price_gte=x", anna)
    assert wrong.body["errors"][0]["message"] == "must be an amount such as 100.00"


async def test_parameters_are_read_as_bodies_are(app):
    """A number is no time, and only JSON's numbers and booleans are any."""
    (anna,) = await app.people("anna")
    for query, says in {
        "jobs?deadline_lte=2027": "must be a time with its zone",
        "jobs?created_at_gte=5": "must be a time with its zone",
        "jobs?created_at_gte=1.5e9": "must be a time with its zone",
        "gigs?freelancer_id=me&is_featured=1": "must be true or false",
        "gigs?rating_gte=nan": "must be a number",
        "gigs?rating_gte=": "must be a number",
    }.items():
        answer = await app.http("GET", f"/v1/{query}", anna)
        assert answer.status == 422, query
        (error,) = answer.body["errors"]
        assert error["path"] == query.split("?")[1].split("&")[-1].split("=")[0]
        assert error["message"].startswith(says), query
    for query in ("jobs?deadline_lte=2027-01-01T00:00:00Z", "gigs?rating_gte=4.5&rating_lte=5"):
        assert (await app.http("GET", f"/v1/{query}", anna)).status == 200


async def test_a_cursor_that_is_refused_is_named_once(app):
    answer = await app.http("GET", "/v1/gigs?cursor=forged")
    (error,) = answer.body["errors"]
    assert (answer.status, error["path"]) == (400, "cursor")
    assert error["message"] == "not one of this list"


async def test_what_a_new_row_is_for_and_is_not_ones_own_is_named_everywhere(world):
    """Whether a resource or a workflow makes it, and whether the other row is there or not."""
    wrong, stranger = [], world.people["stranger"]
    parents = {w.resource: w.creation.parent_key for w in WORKFLOWS.values()
               if w.creation is not None and w.creation.parent_key}  # fmt: skip
    assert len(parents) >= 8
    for path, name in parents.items():
        body = samples.creation(RESOURCES[path])
        others = str(samples.sample(RESOURCES[path].named(name)))
        # Whoever sees the world's job may bid for it.
        for key in {str(uuid4()), others} if name != "job_id" else {str(uuid4())}:
            once = {"Idempotency-Key": key}
            asked = body | {name: key}
            answer = await world.app.http("POST", f"/v1/{path}", stranger, asked, headers=once)
            told = answer.body["error"]
            if (answer.status, told["details"].get("path")) != (403, name):
                wrong.append((path, name, key, answer.status, told))
    assert not wrong


async def test_no_refusal_speaks_in_patterns(world):
    """Every field of every body, and every filter, with a value that none of them takes."""
    app, anna, found = world.app, world.people["owner"], []
    for resource in EVERY:
        for field in resource.creatable.values() if "create" in resource.verbs else ():
            body = samples.creation(resource) | {field.name: {"x": ["\u200b"]}}
            answer = await app.http("POST", f"/v1/{resource.path}", anna, body)
            found += [e["message"] for e in answer.body.get("errors", ())]
        for field in resource.readable.values() if "list" in resource.verbs else ():
            answer = await app.http("GET", f"/v1/{resource.path}?{field.name}=%C2%AD", anna)
            found += [e["message"] for e in answer.body.get("errors", ())]
    assert len(found) > 100
    assert not [message for message in found if PLAIN.search(message)]


async def test_an_open_job_of_before_without_a_category_is_told_what_it_lacks(world):
    job = KEYS["jobs"]
    await world.app.as_owner(
        "alter table jobs drop constraint jobs_category_named;"
        f"update jobs set category_id = null where id = '{job}';"
        "alter table jobs add constraint jobs_category_named check (category_id is not null"
        " or status = 'draft' or platform <> 'internal') not valid"
    )
    change = {"title": "Another"}
    answer = await world.app.http(
        "PATCH", f"/v1/jobs/{job}", world.people["owner"], change, headers={"If-Match": "*"}
    )
    assert answer.status == 422
    assert answer.body["errors"][0]["path"] == "category_id"
