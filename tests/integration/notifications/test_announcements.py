"""Announcements: who may make one, whom it reaches, and what a killed process leaves."""

import asyncio
import contextlib
import sys
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest

from server.notifications.announcing import Announcing
from server.schedules.schedule import Outcome
from storage.notifications.announcements import Announcements
from storage.notifications.rendering import Renderer, Shown
from tests.wire import WAIT_S

WORDS = {
    "category": "marketing",
    "title": {"en": "New fees", "zh": "新费率"},
    "content": {"en": "They are lower from May.", "zh": "五月起更低。"},
}
"""What a body says at least."""


class Idle(Announcing):
    """A server's own announcing, which leaves it to the test."""

    async def run(self):
        return Outcome()


@pytest.fixture
def by_hand(monkeypatch):
    """Nobody is told but by what the test does."""
    monkeypatch.setattr("server.core.Announcing", Idle)


async def admin(app):
    person = await app.person("Admin")
    pool = app.app.core.foundation.pool
    await pool.execute("update users set staff_role = 'admin' where id = $1", person.id)
    return person


async def make(app, by, **more):
    return await app.http("POST", "/v1/announcements", by, WORDS | more)


async def ended(app, by, announcement_id):
    """Waits for its end."""
    async with asyncio.timeout(WAIT_S):
        while True:
            answer = await app.http("GET", f"/v1/announcements/{announcement_id}", by)
            assert answer.status == 200
            if answer.body["status"] != "running":
                return answer.body
            await asyncio.sleep(0.05)


async def told(app):
    """The ids of people who have a notification of an announcement, each as often as they do."""
    rows = await app.app.core.foundation.pool.fetch(
        "select user_id from notifications where type = 'announcement'"
    )
    return [row["user_id"] for row in rows]


async def test_everybody_is_told_once_in_the_language_of_each(serve):
    async with serve(schedules_poll_s=0.1) as app:
        by = await admin(app)
        ada, ben = await app.people("Ada", "Ben")
        wire = await app.connect(ada)
        counted = await make(app, by, dry_run=True)
        assert (counted.status, counted.body) == (200, {"recipients": 3})
        assert await told(app) == []
        made = await make(app, by, link="/fees")
        assert made.status == 201
        assert made.headers["Location"] == f"/v1/announcements/{made.body['id']}"
        event = await wire.expect("notification.created")
        assert event["d"]["notification"]["type"] == "announcement"
        done = await ended(app, by, made.body["id"])
        assert (done["status"], done["told"], done["recipients"]) == ("done", 3, 3)
        assert sorted(await told(app)) == sorted([by.id, ada.id, ben.id])


async def test_it_is_rendered_in_the_language_of_each(serve):
    async with serve() as app:
        by = await admin(app)
        pool = app.app.core.foundation.pool
        await pool.execute("update users set locale = 'zh-CN' where id = $1", by.id)
        ada = await app.person("Ada")
        made = await make(app, by, link="/fees")
        shown = [
            Shown(one.id, "announcement", {}, 1, "announcements", UUID(made.body["id"]))
            for one in (by, ada)
        ]
        assert await Renderer(pool).render(shown) == [
            ("新费率", "五月起更低。", "/fees"),
            ("New fees", "They are lower from May.", "/fees"),
        ]
        english = await make(app, by, title={"en": "Fees"}, content={"en": "Lower."})
        shown = [Shown(by.id, "announcement", {}, 1, "announcements", UUID(english.body["id"]))]
        assert await Renderer(pool).render(shown) == [("Fees", "Lower.", None)]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"category": "payment"}, "category"),
        ({"title": {"zh": "新费率"}}, "title.en"),
        ({"title": {"en": ""}}, "title.en"),
        ({"content": {"en": "x" * 2001}}, "content.en"),
        ({"title": {"en": "Fees", "de": "Preise"}}, "title.de"),
        ({"link": "https://example.org"}, "link"),
        ({"link": "//example.org"}, "link"),
        ({"filter": {"kind": "staff"}}, "filter.kind"),
        ({"filter": {"contry": "DE"}}, "filter.contry"),
        ({"filter": {"registered_after": "2026-01-01T00:00:00"}}, "filter.registered_after"),
        (
            {"filter": {"registered_after": "0001-01-01T00:00:00+14:00"}, "dry_run": True},
            "filter.registered_after",
        ),
        (
            {"filter": {"registered_before": "9999-12-31T23:59:59-14:00"}, "dry_run": True},
            "filter.registered_before",
        ),
        (
            {
                "filter": {
                    "registered_after": "2026-02-01T00:00:00Z",
                    "registered_before": "2026-01-01T00:00:00Z",
                }
            },
            "filter.registered_before",
        ),
    ],
)
async def test_a_body_is_checked(serve, body, path):
    async with serve() as app:
        answer = await make(app, await admin(app), **body)
        assert answer.status == 422
        assert answer.body["error"]["details"]["path"] == path


async def test_only_administrators_announce(serve):
    async with serve() as app:
        by, other = await admin(app), await app.person()
        made = await make(app, by)
        one = f"/v1/announcements/{made.body['id']}"
        refused = await make(app, other)
        assert refused.status == 403
        assert refused.body["detail"] == "only administrators may make announcements"
        assert (await app.http("GET", one, other)).status == 403
        assert (await app.http("POST", one + "/cancel", other)).status == 403
        assert (await app.http("GET", one)).status == 401
        assert (await app.http("GET", f"/v1/announcements/{uuid4()}", by)).status == 404
        assert (await app.http("GET", "/v1/announcements/none", by)).status == 404


async def test_a_repeated_request_makes_one(serve):
    async with serve(schedules_poll_s=0.1) as app:
        by = await admin(app)
        key = {"headers": {"Idempotency-Key": "fees"}}
        first = await app.http("POST", "/v1/announcements", by, WORDS, **key)
        await ended(app, by, first.body["id"])
        key = {"headers": {"Idempotency-Key": "fees"}}
        again = await app.http("POST", "/v1/announcements", by, WORDS, **key)
        assert again.body == first.body
        assert again.headers["Idempotency-Replayed"] == "true"
        key = {"headers": {"Idempotency-Key": "fees"}}
        other = await app.http("POST", "/v1/announcements", by, WORDS | {"link": "/a"}, **key)
        assert other.body["error"]["code"] == "duplicate_mismatch"
        assert len(await told(app)) == 1


MANY = """
insert into users (display_name, kind, locale, status, created_at)
select 'Person ' || n, kind, locale, status, created_at
from generate_series(1, $1::int) n,
     (values ('client', 'en', 'active', now() - interval '1 day'))
         v (kind, locale, status, created_at)
returning id
"""


async def test_a_filter_says_who_is_told(serve):
    async with serve(schedules_poll_s=0.1) as app:
        by = await admin(app)
        pool = app.app.core.foundation.pool
        await pool.execute("update users set locale = 'fr', kind = 'client' where id = $1", by.id)
        client, freelancer, both, hidden = await app.people("C", "F", "B", "H")
        new = "update users set kind = $2, locale = $3, status = $4, created_at = $5 where id = $1"
        old = datetime(2025, 1, 1, tzinfo=UTC)
        recent = datetime(2026, 1, 1, tzinfo=UTC)
        await pool.execute(new, client.id, "client", "zh-CN", "active", old)
        await pool.execute(new, freelancer.id, "freelancer", "en", "active", recent)
        await pool.execute(new, both.id, "both", "ZH", "active", recent)
        await pool.execute(new, hidden.id, "both", "zh", "suspended", old)
        await pool.execute(
            "insert into freelancer_profiles (user_id, country) values ($1, 'DE')", freelancer.id
        )
        await pool.execute(
            "insert into client_profiles (user_id, company_name, country) values ($1, 'A', 'DE')",
            both.id,
        )
        for filtered, whom in (
            ({"kind": "client"}, {by, client, both}),
            ({"kind": "freelancer"}, {freelancer, both}),
            ({"kind": "both"}, {both}),
            ({"locale": "zh"}, {client, both}),
            ({"locale": "zh-cn"}, {client}),
            ({"country": "DE"}, {freelancer, both}),
            ({"country": "DE", "kind": "client"}, {both}),
            ({"registered_before": "2026-01-01T00:00:00Z"}, {client}),
            ({"registered_after": "2026-01-01T00:00:00+00:00"}, {by, freelancer, both}),
            ({"locale": "de"}, set()),
        ):
            counted = await make(app, by, filter=filtered, dry_run=True)
            assert counted.body == {"recipients": len(whom)}, filtered
            made = await make(app, by, filter=filtered)
            assert (await ended(app, by, made.body["id"]))["told"] == len(whom)
            assert sorted(await told(app)) == sorted(one.id for one in whom), filtered
            await pool.execute("delete from notifications")


async def test_who_comes_later_is_not_told(serve, by_hand, database_url):
    async with serve() as app:
        by = await admin(app)
        made = await make(app, by)
        await asyncio.sleep(0.01)
        await app.person("Late")
        announcements = Announcements(app.app.core.foundation.pool)
        await Announcing(announcements, lambda: None, 1e9).run()
        assert await told(app) == [by.id]
        assert (await ended(app, by, made.body["id"]))["status"] == "done"


async def test_one_that_is_cancelled_tells_nobody_else(serve, by_hand):
    async with serve() as app:
        by = await admin(app)
        pool = app.app.core.foundation.pool
        await pool.execute(MANY, 30)
        made = await make(app, by)
        one = f"/v1/announcements/{made.body['id']}"
        announcements = Announcements(pool, at_once=10)
        step = await announcements.step()
        assert step is not None
        assert step.told == 10
        cancelled = await app.http("POST", one + "/cancel", by)
        assert (cancelled.status, cancelled.body["status"]) == (200, "cancelled")
        assert cancelled.body["ended_at"] is not None
        assert await announcements.step() is None
        assert (await app.http("GET", one, by)).body["told"] == 10
        assert len(await told(app)) == 10
        assert (await app.http("POST", one + "/cancel", by)).status == 409


async def test_few_among_many_are_found_in_bounded_steps(serve, by_hand, monkeypatch):
    monkeypatch.setattr("storage.notifications.announcements.LOOKED_AT", 10)
    async with serve() as app:
        by = await admin(app)
        pool = app.app.core.foundation.pool
        rows = await pool.fetch(MANY, 45)
        chosen = [rows[n]["id"] for n in (3, 4, 33)]
        await pool.execute("update users set locale = 'zh' where id = any ($1)", chosen)
        await make(app, by, filter={"locale": "zh"})
        announcements, steps = Announcements(pool), []
        while step := await announcements.step():
            steps.append(step.told)
        assert len(steps) >= 5
        assert sum(steps) == 3
        assert sorted(await told(app)) == sorted(chosen)


HELD_UP = """
select exists (
    select from pg_locks waiting join pg_locks held using (pid)
    where not waiting.granted and waiting.relation = 'outbox'::regclass
      and held.granted and held.relation = 'announcements'::regclass
)
"""


@contextlib.asynccontextmanager
async def telling_held_up(database_url):
    """Who tells people has told the next ones, and waits to put it in the outbox."""
    connection = await asyncpg.connect(database_url, timeout=10)
    try:
        async with connection.transaction():
            await connection.execute("lock table outbox in share mode")
            while not await connection.fetchval(HELD_UP):
                await asyncio.sleep(0.005)
            yield
    finally:
        await connection.close()


async def test_a_killed_process_leaves_nobody_out_and_nobody_twice(serve, by_hand, database_url):
    people = 4000
    async with serve() as app, asyncio.timeout(WAIT_S * 4):
        by = await admin(app)
        pool = app.app.core.foundation.pool
        await pool.execute(MANY, people - 1)
        made = await make(app, by)
        for _ in range(3):
            before = len(await told(app))
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tests.integration.notifications.announcer"), database_url
            )
            while len(await told(app)) == before:
                await asyncio.sleep(0.005)
            async with telling_held_up(database_url):
                process.kill()
                await process.wait()
            assert before < len(await told(app)) < people
        await Announcing(Announcements(pool), lambda: None, 1e9).run()
        done = await ended(app, by, made.body["id"])
        assert (done["status"], done["told"]) == ("done", people)
        whom = await told(app)
        assert len(whom) == len(set(whom)) == people


async def test_two_processes_at_once_tell_nobody_twice(serve, by_hand):
    async with serve() as app:
        by = await admin(app)
        pool = app.app.core.foundation.pool
        await pool.execute(MANY, 99)
        await make(app, by)
        both = [Announcing(Announcements(pool, 7), lambda: None, 1e9) for _ in range(3)]
        await asyncio.gather(*(one.run() for one in both))
        whom = await told(app)
        assert len(whom) == len(set(whom)) == 100


async def test_the_pace_is_kept(serve, by_hand):
    async with serve() as app:
        by = await admin(app)
        pool = app.app.core.foundation.pool
        await pool.execute(MANY, 59)
        await make(app, by)
        began = datetime.now(UTC)
        await Announcing(Announcements(pool, 20), lambda: None, 100).run()
        assert datetime.now(UTC) - began >= timedelta(seconds=0.58)
