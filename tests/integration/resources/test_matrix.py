"""Owner, counterparty, stranger, nobody and staff; every verb; every resource. All made from the
declarations: a resource that is added is tested.
"""

from urllib.parse import quote
from uuid import uuid4

import pytest

from handlers.resources import RESOURCES
from handlers.workflows import WORKFLOWS
from storage.resources.resource import Who
from tests.integration.resources import samples
from tests.integration.resources.world import HIDDEN, KEYS, ROLES, sees, writes

EVERY = list(RESOURCES.values())


def different(answer):
    """A refusal, without what is never the same."""
    body = {k: v for k, v in answer.body.items() if k not in {"instance", "request_id"}}
    body["error"] = {k: v for k, v in body["error"].items() if k != "timestamp"}
    return body


def absent(resource):
    return "no_such_setting" if resource.key == "key" else uuid4()


class Findings(list[object]):
    """What was not as the declaration has it; all of it is told at once."""

    def expect(self, answer, allowed, *where):
        if answer.status not in allowed:
            self.append((*where, answer.status, allowed, str(answer.body)[:300]))


def test_the_world_has_a_row_of_everything():
    assert set(KEYS) == set(RESOURCES)


async def test_single_rows(world):
    found = Findings()
    for resource in (r for r in EVERY if "get" in r.verbs):
        for role in ROLES:
            person = world.people[role]
            answer = await world.app.http("GET", samples.path(resource), person)
            nobody_may = role == "anonymous" and not resource.is_public
            visible = sees(resource, role)
            expected = {401} if nobody_may else {200} if visible else {404}
            found.expect(answer, expected, "get", resource.path, role)
            missing = await world.app.http("GET", samples.path(resource, absent(resource)), person)
            found.expect(missing, {401} if nobody_may else {404}, "absent", resource.path, role)
            if answer.status == missing.status and different(answer) != different(missing):
                found.append(("tells", resource.path, role))
            if answer.status == 200:
                shown = set(answer.body) - {"available_actions"}
                if shown != set(resource.readable):
                    found.append(("fields", resource.path, shown ^ set(resource.readable)))
    assert not found


async def test_hidden_rows_of_public_resources(world):
    found = Findings()
    for path, key in HIDDEN.items():
        for role in ROLES:
            resource, person = RESOURCES[path], world.people[role]
            answer = await world.app.http("GET", samples.path(resource, key), person)
            visible = sees(resource, role, is_hidden=True)
            found.expect(answer, {200} if visible else {404}, "hidden", path, role)
    assert not found


async def test_lists(world):
    found = Findings()
    for resource in (r for r in EVERY if "list" in r.verbs):
        for role in ROLES:
            answer = await world.app.http(
                "GET", samples.listing(resource, "limit=200"), world.people[role]
            )
            nobody_may = role == "anonymous" and not resource.is_public
            found.expect(answer, {401} if nobody_may else {200}, "list", resource.path, role)
            if answer.status == 200:
                keys = [str(row[resource.key]) for row in answer.body["data"]]
                if (str(KEYS[resource.path]) in keys) != sees(resource, role):
                    found.append(("listed", resource.path, role, keys))
                hidden = str(HIDDEN.get(resource.path))
                if hidden in keys and not sees(resource, role, is_hidden=True):
                    found.append(("hidden listed", resource.path, role))
    assert not found


async def test_every_filter_sort_and_expansion_of_every_list(world):
    found = Findings()
    for resource in (r for r in EVERY if "list" in r.verbs):
        asked = [f"sort={s}" for s in resource.sorts]
        asked += [f"expand={e.name}" for e in resource.expansions]
        asked += [f"fields={name}" for name in resource.readable]
        for field in resource.readable.values():
            if field.filter != "none":
                value = samples.sample(field)
                value = value[0] if isinstance(value, list) else value
                spelt = "true" if value is True else quote(str(value))
                asked.append(f"{field.name}={spelt}")
            if field.filter == "range":
                asked.append(f"{field.name}_gte={value}&{field.name}_lte={value}")
        for query in asked:
            for role in ("owner", "staff"):
                answer = await world.app.http(
                    "GET", samples.listing(resource, query), world.people[role]
                )
                found.expect(answer, {200}, "ask", resource.path, query)
        for query in ("fields=password_hash", "expand=nobody", "sort=password_hash", "nothing=1"):
            answer = await world.app.http(
                "GET", samples.listing(resource, query), world.people["staff"]
            )
            found.expect(answer, {422}, "refuse", resource.path, query)
    assert not found


BEGUN = {w.resource for w in WORKFLOWS.values() if w.makers}


async def test_expansions_show_what_the_reader_sees_and_no_more(world):
    """Each expansion, and each of its own: rows and members that the reader could have alone."""
    found, hidden = Findings(), 0
    for resource in (r for r in EVERY if "list" in r.verbs):
        for outer in resource.expansions:
            to = RESOURCES[outer.to]
            paths = [outer.name, *(f"{outer.name}.{inner.name}" for inner in to.expansions)]
            for role in ROLES:
                expand = f"limit=200&expand={','.join(paths[:12])}"
                asked = samples.listing(resource, expand)
                answer = await world.app.http("GET", asked, world.people[role])
                nobody_may = role == "anonymous" and not resource.is_public
                found.expect(answer, {401} if nobody_may else {200}, asked, role)
                rows = answer.body.get("data", ())
                for shown in (inside for row in rows for inside in expanded(row, outer)):
                    names = {e.name for e in to.expansions} | set(to.readable)
                    names |= {"available_actions"} if to.machine is not None else set()
                    if not set(shown) <= names:
                        found.append(("members", asked, set(shown) - names))
                    is_hidden = str(shown[to.key]) == str(HIDDEN.get(to.path))
                    is_known = is_hidden or str(shown[to.key]) == str(KEYS[to.path])
                    hidden += is_hidden
                    if is_known and not sees(to, role, is_hidden=is_hidden):
                        found.append(("shown", asked, role, shown[to.key]))
    assert not found
    assert hidden, "nothing was there to be hidden"


def expanded(row, expansion):
    value = row[expansion.name]
    return value["data"] if expansion.many else [value] if value else []


async def test_unreadable_columns_cannot_be_asked_for(world):
    found = Findings()
    for resource in (r for r in EVERY if "list" in r.verbs):
        for field in (f for f in resource.fields if f.name not in resource.readable):
            for query in (f"fields={field.name}", f"sort={field.name}", f"{field.name}=x"):
                for role in ("owner", "staff"):
                    answer = await world.app.http(
                        "GET", samples.listing(resource, query), world.people[role]
                    )
                    found.expect(answer, {422}, resource.path, query)
    assert not found


async def test_changes(world):
    found = Findings()
    for resource in (r for r in EVERY if "change" in r.verbs):
        for role in reversed(ROLES):
            body = samples.change(resource)
            answer = await world.app.http(
                "PATCH",
                samples.path(resource),
                world.people[role],
                body,
                headers={"If-Match": "*"},
            )
            if role == "anonymous":
                expected = {401}
            elif writes(resource, role):
                expected = {409} if resource.path == "reviews" else {200}
            else:
                expected = {403} if sees(resource, role) else {404}
            found.expect(answer, expected, "change", resource.path, role)
    assert not found


async def test_creations(world):
    found = Findings()
    for resource in (r for r in EVERY if "create" in r.verbs):
        for role in ROLES:
            for body in (samples.creation(resource), samples.full(resource)):
                answer = await world.app.http(
                    "POST", f"/v1/{resource.path}", world.people[role], body
                )
                if role == "anonymous":
                    expected = {401}
                elif resource.owner:
                    expected = {201, 403, 409}
                else:
                    expected = {201, 409} if writes(resource, role) else {403}
                found.expect(answer, expected, "create", resource.path, role)
                if answer.status == 201:
                    location = answer.headers["Location"]
                    again = await world.app.http("GET", location, world.people[role])
                    found.expect(again, {200}, "created", resource.path, role)
    assert not found


async def test_deletions(world):
    found = Findings()
    for resource in reversed([r for r in EVERY if "delete" in r.verbs]):
        for role in reversed(ROLES):
            answer = await world.app.http("DELETE", samples.path(resource), world.people[role])
            if role == "anonymous":
                expected = {401}
            elif writes(resource, role):
                expected = {204}
            else:
                expected = {403} if sees(resource, role) else {404}
            found.expect(answer, expected, "delete", resource.path, role)
        gone = await world.app.http("GET", samples.path(resource), world.people["owner"])
        found.expect(gone, {404}, "gone", resource.path)
    assert not found


async def test_what_is_not_declared_has_no_path(world):
    found = Findings()
    verbs = {"change": "PATCH", "delete": "DELETE", "get": "GET"}
    for resource in EVERY:
        for verb, method in verbs.items():
            if verb not in resource.verbs:
                answer = await world.app.http(
                    method, samples.path(resource), world.people["staff"], None
                )
                found.expect(answer, {404, 405}, method, resource.path)
        # Handlers have these paths: a file is uploaded, a device registered. Others begin with a
        # workflow.
        is_begun = resource.path in {"files", "push-devices"} | set(BEGUN)
        if "create" not in resource.verbs and not is_begun:
            answer = await world.app.http("POST", f"/v1/{resource.path}", world.people["staff"], {})
            found.expect(answer, {404, 405}, "POST", resource.path)
    assert not found


@pytest.mark.parametrize("member", ["status", "rating", "view_count", "owner_id", "nonsense"])
async def test_members_that_are_not_writable_are_refused(world, member):
    found = Findings()
    for resource in (r for r in EVERY if "create" in r.verbs):
        if member not in resource.creatable:
            body = samples.creation(resource) | {member: "x"}
            writer = world.people["owner" if writes(resource, "owner") else "staff"]
            answer = await world.app.http("POST", f"/v1/{resource.path}", writer, body)
            found.expect(answer, {422}, resource.path)
    assert not found


async def test_what_admins_write_other_staff_does_not(world):
    found, staff = Findings(), world.people["staff"]
    await world.app.app.core.foundation.pool.execute("update users set staff_role = 'moderator'")
    for resource in (r for r in EVERY if r.writer is Who.ADMIN):
        path, match = samples.path(resource), {"headers": {"If-Match": "*"}}
        expected = {403} if sees(resource, "stranger") or Who.STAFF in resource.rows else {404}
        changed = await world.app.http("PATCH", path, staff, samples.change(resource), **match)
        found.expect(changed, expected, "change", resource.path)
        if "create" in resource.verbs:
            body = samples.creation(resource)
            made = await world.app.http("POST", f"/v1/{resource.path}", staff, body)
            found.expect(made, {403}, "create", resource.path)
    assert not found
