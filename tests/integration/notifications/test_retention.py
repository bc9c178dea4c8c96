"""Old notifications and deliveries are removed, and nothing that is younger or still under way."""

import datetime as dt
from uuid import UUID, uuid4

import pytest

from server.notifications.retention import RetentionUpkeep
from storage.notifications import retention
from storage.notifications.retention import Retention, first_id_of

NOW = dt.datetime.now(dt.UTC)
ROW = (
    "insert into notifications (id, user_id, type, category, read_at, updated_at)"
    " values ($1, $2, 'test', 'message', $3, uuid7_time($1))"
)
NOTHING = {"notifications": 0, "deliveries": 0, "announcements": 0}


def made(days: float) -> UUID:
    """An id made so many days ago."""
    return UUID(int=first_id_of(NOW - dt.timedelta(days=days)).int | (uuid4().int >> 64))


async def clean(pool):
    kept = Retention(pool, dt.timedelta(days=180), dt.timedelta(days=30))
    return (await RetentionUpkeep(kept).run()).told


async def test_notifications_go_after_half_a_year(serve):
    async with serve() as app:
        pool = app.app.core.foundation.pool
        ada, ben = await app.people("Ada", "Ben")
        wire = await app.connect(ada)
        kept = []
        for person in (ada, ben):
            for days in (0, 30, 179.9):
                kept.append(made(days))
                await pool.execute(ROW, kept[-1], person.id, None)
            for days in (180.1, 400):
                await pool.execute(ROW, made(days), person.id, None if person is ada else NOW)
        assert await clean(pool) == NOTHING | {"notifications": 4}
        rows = await pool.fetch("select id from notifications")
        assert sorted(row["id"] for row in rows) == sorted(kept)
        event = await wire.expect("unread.changed")
        assert event["d"]["notifications"] == 3
        assert await clean(pool) == NOTHING


async def test_deliveries_go_after_a_month_once_they_have_ended(serve):
    async with serve() as app:
        pool = app.app.core.foundation.pool
        ada = await app.person("Ada")
        row = (
            "insert into notification_deliveries (id, user_id, channel, endpoint, group_key,"
            " edition, category, next_attempt_at)"
            " values ($1, $2, 'email', 'email', $3, 1, 'message', $4)"
        )
        for days, is_open in ((31, False), (29, False), (31, True), (40, False)):
            await pool.execute(row, made(days), ada.id, f"{days}{is_open}", NOW)
        ended = "where group_key like '%False'"
        await pool.execute(
            f"update notification_deliveries set status = 'leased', lease = uuid7() {ended}"
        )
        await pool.execute(
            "update notification_deliveries set status = 'sent', reason = 'sent', lease = null,"
            f" next_attempt_at = null, sent_at = now() {ended}"
        )
        await pool.execute(
            "update notification_deliveries set updated_at = uuid7_time(id)"
            " where group_key <> '40False'"
        )
        # What had waited for long has been sent just now.
        assert await clean(pool) == NOTHING | {"deliveries": 1}
        assert await pool.fetchval("select count(*) from notification_deliveries") == 3


async def test_what_is_repeated_begins_anew(serve):
    async with serve() as app:
        pool = app.app.core.foundation.pool
        ada = await app.person("Ada")
        await pool.execute(ROW, made(181), ada.id, None)
        await pool.execute("update notifications set updated_at = now() - interval '179 days'")
        assert await clean(pool) == NOTHING
        await pool.execute("update notifications set updated_at = now() - interval '181 days'")
        assert await clean(pool) == NOTHING | {"notifications": 1}


async def test_announcements_go_with_what_tells_of_them(serve):
    async with serve() as app:
        pool = app.app.core.foundation.pool
        for days in (181, 179, None):
            await pool.execute(
                "insert into announcements (category, priority, title, content, recipients, status,"
                " ended_at) values ('marketing', 'low', '{\"en\": \"x\"}', '{\"en\": \"x\"}',"
                " 0, case when $1::integer is null then 'running' else 'done' end,"
                " now() - make_interval(days => $1::integer))",
                days,
            )
        assert await clean(pool) == NOTHING | {"announcements": 1}
        assert await pool.fetchval("select count(*) from announcements") == 2


@pytest.mark.parametrize(("people", "rows"), [(1, 2), (3, 1)])
async def test_everybody_is_reached_in_small_steps(serve, monkeypatch, people, rows):
    monkeypatch.setattr(retention, "PEOPLE", people)
    monkeypatch.setattr(retention, "ROWS", rows)
    async with serve() as app:
        pool = app.app.core.foundation.pool
        for person in await app.people(*"abcdefg"):
            for days in (200, 201, 202, 1):
                await pool.execute(ROW, made(days), person.id, NOW)
        assert (await clean(pool))["notifications"] == 21
        assert await pool.fetchval("select count(*) from notifications") == 7
