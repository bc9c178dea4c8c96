"""The step that changes how people want to be told, on rows and with writers of before."""

import datetime as dt

import asyncpg
import pytest

from storage.database import migrate

BEFORE, STEP = "0043", "0044"
ROWS = """
    insert into users (display_name, kind) values
        ('anna', 'both'), ('ben', 'both'), ('carl', 'both'), ('dora', 'both');
    insert into notification_preferences (user_id, category, channel, is_enabled)
    select id, category, channel, false from users,
        (values ('payment', 'email'), ('payment', 'push'), ('job', 'email')) p(category, channel)
    where display_name = 'anna';
    insert into notification_settings (user_id, quiet_from, quiet_until, digest)
    select id, q.a::time, q.b::time, q.digest from users join (values
        ('anna', '22:00', '07:00', 'weekly'), ('ben', null, null, 'daily'),
        ('carl', '08:00', '08:00', 'off'), ('dora', '00:00', '24:00', 'off')
    ) q(name, a, b, digest) on q.name = display_name;
"""
HOURS = """
    select q.weekday, q."from", q.until from quiet_hours q join users u on u.id = q.user_id
    where u.display_name = $1 order by q.weekday
"""
SETTINGS = """
    select u.display_name, s.quiet_from, s.quiet_until, s.digest
    from notification_settings s join users u on u.id = s.user_id order by u.display_name
"""
TEN, SEVEN = dt.time(22), dt.time(7)


@pytest.fixture
async def connection(empty_database_url):
    await migrate.upgrade(empty_database_url, BEFORE)
    connection = await asyncpg.connect(empty_database_url, timeout=10)
    await connection.execute(ROWS)
    await migrate.upgrade(empty_database_url, STEP)
    yield connection
    await connection.close(timeout=10)


async def test_rows_of_before_mean_what_they_meant(connection):
    assert [tuple(row) for row in await connection.fetch(HOURS, "anna")] == [
        (day, TEN, SEVEN) for day in range(7)
    ]
    for name in ("ben", "carl", "dora"):
        assert not await connection.fetch(HOURS, name)
    assert [tuple(row) for row in await connection.fetch(SETTINGS)] == [
        ("anna", TEN, SEVEN, "weekly"),
        ("ben", None, None, "daily"),
        ("carl", None, None, "off"),
        ("dora", None, None, "off"),
    ]
    found = await connection.fetch(
        "select category, channel, is_enabled from notification_preferences order by 1, 2"
    )
    assert [tuple(row) for row in found] == [
        ("job", "email", False),
        ("payment", "email", True),
        ("payment", "push", False),
    ]


async def test_writers_of_before_change_the_hours_of_every_day(connection):
    await connection.execute("update notification_settings set digest = 'daily'")
    assert len(await connection.fetch(HOURS, "anna")) == 7
    await connection.execute(
        "update notification_settings s set quiet_from = '23:00', quiet_until = '06:00'"
        " from users u where u.id = s.user_id and u.display_name = 'ben'"
    )
    assert [tuple(row) for row in await connection.fetch(HOURS, "ben")] == [
        (day, dt.time(23), dt.time(6)) for day in range(7)
    ]
    await connection.execute(
        "update notification_settings set quiet_from = null, quiet_until = null"
    )
    assert not await connection.fetch("select from quiet_hours")


async def test_taken_back_it_leaves_what_the_version_before_can_say(connection, empty_database_url):
    await connection.execute("""
        update notification_settings set digest = 'hourly' where digest = 'weekly';
        insert into notification_preferences (user_id, category, channel, is_enabled)
        select id, 'security', 'push', false from users where display_name = 'ben';
    """)
    await migrate.downgrade(empty_database_url, BEFORE)
    assert [tuple(row) for row in await connection.fetch(SETTINGS)] == [
        ("anna", TEN, SEVEN, "daily"),
        ("ben", None, None, "daily"),
        ("carl", None, None, "off"),
        ("dora", None, None, "off"),
    ]
    kept = await connection.fetch("select category from notification_preferences order by 1")
    assert [row["category"] for row in kept] == ["job", "payment", "payment"]
    await migrate.upgrade(empty_database_url, STEP)
    assert len(await connection.fetch(HOURS, "anna")) == 7
