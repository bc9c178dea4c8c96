"""Copies in Redis: fresh, whoever changes a row, and only for those they were made for."""

import re

import pytest

from handlers.resources import RESOURCES
from server.outbox.claiming import Taken
from server.outbox.consumer import OutboxConsumer
from storage.resources.resource import own_of
from tests.integration.resources import samples
from tests.integration.resources.test_gigs import gig
from tests.integration.resources.world import ANNA, BEN, HIDDEN, KEYS, answers

KEPT = [resource for resource in RESOURCES.values() if resource.cache_s]
ORDER = ("owner", "staff", "counterparty", "stranger", "anonymous")


def questions():
    """Every path whose answer may be kept, and lists that may not."""
    for resource in KEPT:
        keys = [KEYS[resource.path], *([HIDDEN[resource.path]] if resource.path in HIDDEN else [])]
        yield from (samples.path(resource, key) for key in keys)
        if "list" not in resource.verbs:
            continue
        parties = {resource.owner, *(resource.machine.parties.values() if resource.machine else ())}
        narrowed = ["", "limit=1", "fields=version", *(f"sort={s}" for s in resource.sorts)]
        narrowed += [f"expand={e.name}" for e in resource.expansions]
        narrowed += [f"expand={name}" for name in own_of(resource)]
        narrowed += [f"{name}=true" for name in own_of(resource)]
        for party in parties - {""}:
            if resource.named(party).filter != "none":
                narrowed += [f"{party}=me", f"{party}={ANNA}", f"{party}={BEN}"]
        if resource.machine:
            states = sorted(resource.machine.states)
            narrowed += [f"status={state}" for state in (*states, ",".join(states))]
        yield from (f"/v1/{resource.path}?{query}" for query in narrowed)


@pytest.fixture
async def counted(app):
    """How often lists were found."""

    async def counted():
        lines = (await app.http("GET", "/metrics")).body.decode().splitlines()
        name = 'parley_cache_total{cache="list",outcome="hit"} '
        return sum(float(line.removeprefix(name)) for line in lines if line.startswith(name))

    return counted


async def test_whoever_was_first_everybody_gets_his_own(world, counted):
    """Each question is asked by all in turn: the answers are those that nothing was kept for."""
    redis, wrong = world.app.app.core.foundation.redis, []
    for path in questions():
        fresh = {}
        for role in ORDER:
            await redis.flushdb()
            fresh[role] = await world.app.http("GET", path, world.people[role])
        await redis.flushdb()
        for role in (*ORDER, *reversed(ORDER)):
            answer = await world.app.http("GET", path, world.people[role])
            if answer.status != fresh[role].status:
                wrong.append((path, role, answer.status, fresh[role].status))
            elif answer.status == 200 and steady(answer.body) != steady(fresh[role].body):
                wrong.append((path, role, answer.body, fresh[role].body))
    assert not wrong
    assert await counted() > 100


def steady(body):
    """An answer without the figures that move by being looked at."""
    return re.sub(r"'(view_count|trend_score)': [\d.]+", "", str(body))


async def test_a_change_that_no_request_made_is_told(app):
    pool = app.app.core.foundation.pool
    category = await pool.fetchval(
        "insert into categories (slug, name) values ('video', 'Video') returning id::text"
    )
    (anna,) = await app.people("anna")
    path = (await app.http("POST", "/v1/gigs", anna, gig(category))).headers["Location"]
    lists = ("/v1/gigs", f"/v1/gigs?freelancer_id={anna.id}", "/v1/gigs?sort=-rating")
    for one in (path, "/v1/gigs?freelancer_id=me", "/v1/search/gigs?q=video", *lists):
        await app.http("GET", one, anna)
    await pool.execute("update gigs set status = 'active'")
    for one in (path, *lists, "/v1/search/gigs?q=video"):
        await answers(app, one, anna, "'status': 'active'")
    await answers(app, "/v1/gigs", None, "'status': 'active'")
    # And what follows from a row of another table.
    package = {"gig_id": path.split("/")[-1], "tier": "basic", "price": "7.77", "delivery_days": 1}
    assert (await app.http("POST", "/v1/gig-packages", anna, package)).status == 201
    for one in (path, "/v1/gigs"):
        await answers(app, one, None, "7.77")
    favorite = {"favorited_type": "gig", "favorited_id": path.split("/")[-1]}
    assert (await app.http("POST", "/v1/favorites", anna, favorite)).status == 201
    for one in (path, "/v1/gigs"):
        await answers(app, one, None, "'favorite_count': 1")
    await pool.execute("update gigs set status = 'paused'")
    await answers(app, "/v1/gigs", None, "'data': []")
    assert (await app.http("GET", path)).status == 404


async def test_what_one_writes_is_in_the_next_list(app, monkeypatch):
    """Dropped before the answer: the consumer of the outbox is not waited for."""

    async def nothing(_consumer):
        return Taken()

    monkeypatch.setattr(OutboxConsumer, "consume", nothing)
    pool = app.app.core.foundation.pool
    category = await pool.fetchval(
        "insert into categories (slug, name) values ('video', 'Video') returning id::text"
    )
    (anna,) = await app.people("anna")
    for many in range(1, 4):
        await app.http("POST", "/v1/gigs", anna, gig(category))
        mine = await app.http("GET", "/v1/gigs?freelancer_id=me", anna)
        assert len(mine.body["data"]) == many
    path = f"/v1/gigs/{mine.body['data'][0]['id']}"
    await app.http("PATCH", path, anna, {"title": "New"}, headers={"If-Match": "*"})
    mine = await app.http("GET", "/v1/gigs?freelancer_id=me", anna)
    assert "New" in {row["title"] for row in mine.body["data"]}


async def test_who_may_no_longer_see_a_row_is_not_shown_a_copy(world):
    """Staff that is none any more, a member that was removed: their rows did not change."""
    app, pool = world.app, world.app.app.core.foundation.pool
    hidden = samples.path(RESOURCES["gigs"], HIDDEN["gigs"])
    contract = samples.path(RESOURCES["contracts"])
    await pool.execute(
        """
        insert into contract_members (contract_id, user_id, share_bp)
        select contract_id, $1, 0 from contract_members
        """,
        world.people["stranger"].id,
    )
    seen = [(hidden, "staff"), ("/v1/gigs?status=draft", "staff"), (contract, "stranger")]
    seen.append(("/v1/contracts?client_id=" + str(ANNA), "stranger"))
    for path, role in seen:
        for _ in range(2):
            answer = await app.http("GET", path, world.people[role])
            assert str(HIDDEN["gigs"]) in str(answer.body) or str(KEYS["contracts"]) in str(
                answer.body
            )
    await pool.execute("update users set staff_role = null")
    await pool.execute(
        "delete from contract_members where user_id = $1", world.people["stranger"].id
    )
    for path, role in seen:
        answer = await app.http("GET", path, world.people[role])
        assert answer.status == 404 or answer.body["data"] == [], (path, role)


async def test_views_do_not_drop_copies(world, counted):
    """Figures that drift are as old as their copy: looking at a gig leaves its list where it is."""
    app, pool = world.app, world.app.app.core.foundation.pool
    for _ in range(2):  # what is asked for once is not kept
        await app.http("GET", "/v1/gigs")
    before = await counted()
    await pool.execute(
        "select count_views('{gig}', $1, '{null}', '{null}', '{null}', '{null}', array[now()])",
        [KEYS["gigs"]],
    )
    assert await pool.fetchval("select count(*) from outbox where consumer = 'copies'") == 0
    await app.http("GET", "/v1/gigs")
    assert await counted() == before + 1
