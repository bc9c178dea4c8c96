"""What saved searches tell of: what has just appeared, once, and nothing of one's own."""

import datetime as dt
from functools import partial

import orjson
import pytest

from handlers.resources import SHOWN
from protocol.cursor import CursorSigner
from protocol.limits import Limits
from server.http.documents.notifications import DATA
from server.http.resources.query import QueryReader
from server.http.resources.saved_searches import SavedSearchReader
from server.notifications import search_alerts as alerts
from server.notifications.search_alerts import SearchAlerts
from storage.database.queries import load_queries
from storage.resources import search_alerts
from storage.resources.store import ResourceStore
from tests.plans import nodes
from tests.wire import WAIT_S

MARGIN_S = 1.0
"""What is published may be committed so much later, for a server that a test waits for."""


class World:
    """An app whose alerts the test turns by hand."""

    def __init__(self, app):
        self.app = app
        self.pool = app.app.core.foundation.pool
        queries = QueryReader(dict(SHOWN), CursorSigner(b"k" * 16), Limits())
        reader = SavedSearchReader(queries, ResourceStore(self.pool, SHOWN))
        self.alerts = SearchAlerts(
            self.pool, reader.searchables, reader.read, lambda: None, margin_s=0
        )

    async def category(self, name, parent=None):
        return await self.pool.fetchval(
            "insert into categories (slug, name, parent_id) values ($1, $1, $2) returning id",
            name,
            parent,
        )

    async def job(self, by, category, **more):
        row = {
            "client_id": by.id,
            "title": "A film",
            "description": "of a minute",
            "category_id": category,
            **more,
        }
        status = row.pop("status", "open")
        names = ", ".join(row)
        places = ", ".join(f"${n}" for n in range(1, len(row) + 1))
        made = await self.pool.fetchval(
            f"insert into jobs ({names}, published_at) values ({places}, clock_timestamp())"
            " returning id",
            *row.values(),
        )
        await self.pool.execute("update jobs set status = $2 where id = $1", made, status)
        return made

    async def search(self, by, kind="jobs", frequency="immediate", **params):
        body = {
            "search_type": kind,
            "name": "Mine",
            "search_params": params,
            "alert_enabled": True,
            "alert_frequency": frequency,
        }
        answer = await self.app.http("POST", "/v1/saved-searches", by, body)
        assert answer.status == 201, answer.body
        return answer.body

    async def told(self):
        """What people are told of: by person, how many were found and which ids are named."""
        rows = await self.pool.fetch(
            "select user_id, (data ->> 'found')::int as found, data -> 'ids' as ids, category,"
            " group_key from notifications where type = 'saved_search.found' order by id"
        )
        return [(row["user_id"], row["found"]) for row in rows]


@pytest.fixture
async def world(serve):
    async with serve(schedules_poll_s=600) as app:
        yield World(app)


async def test_who_searches_is_told_of_what_is_new_and_fits(world):
    ada, ben, cleo = await world.app.people("Ada", "Ben", "Cleo")
    films = await world.category("films")
    shorts = await world.category("shorts", films)
    other = await world.category("texts")
    await world.job(ben, shorts)  # before anybody asked
    await world.search(ada, in_category=str(films), budget_max_gte="100")
    await world.search(cleo, q="trailer")
    await world.search(ben, in_category=str(films))
    await world.alerts.run()
    assert await world.told() == []
    fits = await world.job(ben, shorts, budget_max=500, title="A trailer of a film")
    await world.job(ben, other, budget_max=500)
    await world.job(ben, films, budget_max=50)
    await world.job(ben, films, budget_max=500, status="draft")
    await world.alerts.run()
    assert sorted(await world.told()) == sorted([(ada.id, 1), (cleo.id, 1)])
    row = await world.pool.fetchrow("select * from notifications where user_id = $1", ada.id)
    assert str(fits) in row["data"]
    assert orjson.loads(row["data"]).keys() == set(DATA["saved_search.found"])
    assert (row["category"], row["group_key"].partition(":")[0]) == ("job", "saved_search")
    lasts = row["expires_at"] - row["created_at"]
    assert abs(lasts - dt.timedelta(days=14)) < dt.timedelta(seconds=WAIT_S)
    await world.alerts.run()
    assert len(await world.told()) == 2


async def test_several_are_one_notification_and_five_are_named(world):
    ada, ben = await world.app.people("Ada", "Ben")
    films = await world.category("films")
    made = await world.search(ada)
    for _ in range(7):
        await world.job(ben, films)
    await world.alerts.run()
    shown = (await world.app.http("GET", f"/v1/saved-searches/{made['id']}", ada)).body
    assert (made["alerted_at"], shown["version"]) == (None, made["version"])
    assert shown["alerted_at"] is not None
    assert await world.told() == [(ada.id, 7)]
    ids = await world.pool.fetchval(
        "select jsonb_array_length(data -> 'ids') from notifications where user_id = $1", ada.id
    )
    assert ids == 5


async def test_a_day_and_a_week_pass_between_two_alerts(world):
    ada, ben = await world.app.people("Ada", "Ben")
    films = await world.category("films")
    ids = [(await world.search(ada, frequency=name))["id"] for name in ("daily", "weekly")]
    await world.job(ben, films)
    await world.alerts.run()
    assert await world.told() == []
    for days, told in ((2, 1), (8, 2)):
        await world.pool.execute(
            "update saved_searches set created_at = now() - make_interval(days => $1),"
            " alerted_at = case when id = $2 then alerted_at end",
            days,
            ids[0],
        )
        await world.alerts.run()
        assert len(await world.told()) == told


async def test_of_many_that_are_due_those_that_wait_for_longest_are_found_by_an_index(world):
    (ada,) = await world.app.people("Ada")
    await world.pool.execute(
        """
        insert into saved_searches (user_id, search_type, name, search_params, alert_enabled,
                                    alert_frequency, created_at)
        select $1, kind, 'Mine', '{}', true, frequency, now() - make_interval(days => 10, secs => n)
        from generate_series(1, 1000) n, unnest('{jobs,gigs}'::text[]) kind,
            unnest('{immediate,daily,weekly}'::text[]) frequency
        """,
        ada.id,
    )
    now = dt.datetime.now(dt.UTC)
    asked = (now, now - dt.timedelta(days=8), 100, ["jobs", "gigs"], [now, now])
    due = load_queries("resources/search_alerts")["due"]
    async with world.pool.acquire() as connection, connection.transaction():
        found = [row["id"] for row in await connection.fetch(due, *asked)]
        (row,) = await connection.fetch(f"explain (analyze, format json) {due}", *asked)
    read = [
        node["Actual Rows"] * node["Actual Loops"]
        for node in nodes(orjson.loads(row[0])[0]["Plan"])
        if node.get("Relation Name") == "saved_searches"
    ]
    assert 100 <= sum(read) <= 1000
    first = "select id from saved_searches order by created_at, id limit 100"
    assert found == [row["id"] for row in await world.pool.fetch(first)]


async def test_nobody_is_told_who_has_switched_alerts_off_or_is_not_active(world):
    ada, ben, cleo = await world.app.people("Ada", "Ben", "Cleo")
    films = await world.category("films")
    one = await world.search(ada)
    await world.pool.execute(
        "update saved_searches set alert_enabled = false where id = $1", one["id"]
    )
    await world.search(cleo)
    await world.pool.execute("update users set status = 'suspended' where id = $1", cleo.id)
    await world.job(ben, films)
    await world.alerts.run()
    assert await world.told() == []


async def test_what_a_suspended_person_offers_is_not_found(world):
    ada, ben = await world.app.people("Ada", "Ben")
    films = await world.category("films")
    await world.search(ada)
    await world.job(ben, films)
    await world.pool.execute("update users set status = 'suspended' where id = $1", ben.id)
    await world.alerts.run()
    assert await world.told() == []


async def test_freelancers_and_gigs_are_found_too(world):
    ada, ben = await world.app.people("Ada", "Ben")
    films = await world.category("films")
    await world.search(ada, "freelancers", country="DE", rating_gte=0)
    await world.search(ada, "gigs", tags="film", order_count_gte=0)
    await world.pool.execute(
        "insert into freelancer_profiles (user_id, country) values ($1, 'DE')", ben.id
    )
    await world.pool.execute(
        "insert into gigs (freelancer_id, title, slug, description, category_id, tags,"
        " published_at) values ($1, 'A film', 'a-film', 'Short', $2, '{film}', clock_timestamp())",
        ben.id,
        films,
    )
    await world.pool.execute("update gigs set status = 'active'")
    await world.alerts.run()
    assert await world.told() == [(ada.id, 1), (ada.id, 1)]


async def test_one_that_cannot_be_read_holds_up_no_other(world):
    ada, ben = await world.app.people("Ada", "Ben")
    films = await world.category("films")
    await world.pool.execute(
        "insert into saved_searches (user_id, search_type, name, search_params, alert_enabled,"
        " alert_frequency) values ($1, 'jobs', 'Old', '{\"colour\": {}}', true, 'immediate')",
        ada.id,
    )
    await world.search(ada)
    await world.job(ben, films)
    await world.alerts.run()
    assert await world.told() == [(ada.id, 1)]


@pytest.mark.parametrize(
    ("kind", "params", "path"),
    [
        ("jobs", {"colour": "red"}, "search_params.colour"),
        ("jobs", {"budget_max_gte": "much"}, "search_params.budget_max_gte"),
        ("gigs", {"budget_max_gte": "5"}, "search_params.budget_max_gte"),
        ("freelancers", {"sort": "-colour"}, "search_params.sort"),
        ("jobs", {"q": ""}, "search_params.q"),
        ("jobs", {"status": {"a": 1}}, "search_params.status"),
        ("jobs", {"cursor": "abc"}, "search_params.cursor"),
    ],
)
async def test_parameters_are_checked_when_they_are_kept(world, kind, params, path):
    ada = await world.app.person("Ada")
    body = {"search_type": kind, "name": "Mine", "search_params": params}
    answer = await world.app.http("POST", "/v1/saved-searches", ada, body)
    assert answer.status == 422
    assert answer.body["error"]["details"]["path"] == path


async def test_parameters_are_checked_when_they_are_changed(world):
    ada = await world.app.person("Ada")
    made = await world.search(ada, "jobs", budget_max_gte=5, is_favorite=True, tags="film")
    one, tag = f"/v1/saved-searches/{made['id']}", {"If-Match": f'"{made["version"]}"'}
    wrong = {"search_params": {"rating_gte": 4}}
    refused = await world.app.http("PATCH", one, ada, wrong, headers=dict(tag))
    assert refused.status == 422
    assert refused.body["error"]["details"]["path"] == "search_params.rating_gte"
    right = {"search_params": {"deadline_lte": "2027-01-01T00:00:00Z"}}
    changed = await world.app.http("PATCH", one, ada, right, headers=dict(tag))
    assert changed.status == 200


async def test_a_server_does_it_by_itself(serve, monkeypatch):
    monkeypatch.setattr("server.notifications.search_alerts.EVERY_S", 0.5)
    monkeypatch.setattr("server.http.door.SearchAlerts", partial(SearchAlerts, margin_s=MARGIN_S))
    async with serve(schedules_poll_s=0.1) as app:
        world = World(app)
        ada, ben = await app.people("Ada", "Ben")
        wire = await app.connect(ada)
        await world.search(ada)
        await world.job(ben, await world.category("films"))
        # The server's own waits for what may not be committed yet.
        event = await wire.expect("notification.created", timeout_s=WAIT_S)
        assert event["d"]["notification"]["type"] == "saved_search.found"


@pytest.mark.parametrize("wrong", ["select pg_sleep(60)", "select 1 / 0"])
async def test_a_search_that_fails_or_takes_too_long_keeps_no_other(world, monkeypatch, wrong):
    ada, ben, cleo = await world.app.people("Ada", "Ben", "Cleo")
    films = await world.category("films")
    bad = (await world.search(ada))["id"]
    await world.search(cleo)
    await world.job(ben, films)
    matching, asked = search_alerts.matching, []

    async def matched(connection, of, search, *more, **others):
        asked.append(str(search.id))
        if str(search.id) == bad:
            await connection.execute(wrong)
        return await matching(connection, of, search, *more, **others)

    monkeypatch.setattr(search_alerts, "matching", matched)
    monkeypatch.setattr(alerts, "SEARCH_MS", 100)
    await world.alerts.run()
    assert await world.told() == [(cleo.id, 1)]
    # It is not the first to be asked again, but with the others, once there is something new.
    await world.alerts.run()
    assert asked.count(bad) == 1


async def test_what_there_is_no_time_for_is_asked_next(world, monkeypatch):
    people = await world.app.people("Ada", "Cleo", "Dora")
    (ben,) = await world.app.people("Ben")
    for person in people:
        await world.search(person)
    await world.job(ben, await world.category("films"))
    # Time for one.
    monkeypatch.setattr(alerts, "SEARCHES_S", 0.0)
    await world.alerts.run()
    assert sorted(person for person, _ in await world.told()) == sorted(p.id for p in people)
