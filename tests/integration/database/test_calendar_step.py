"""The step that holds times to the calendar, on rows of before that are outside of it."""

import datetime as dt

import asyncpg

from storage.database import migrate

ROWS = """
    insert into users (display_name, kind) values ('anna', 'both'), ('ben', 'both');
    insert into categories (slug, name) values ('video', 'Video');
    set session_replication_role = replica;
    insert into jobs (client_id, title, description, category_id, status, deadline)
    select u.id, 'Cut', 'All', c.id, 'open', '10000-01-01T11:59:59Z' from users u, categories c
    where u.display_name = 'anna';
    insert into proposals (job_id, client_id, freelancer_id, cover_letter, amount, delivery_date,
                           milestones)
    select j.id, j.client_id, u.id, 'Me', 10, 'infinity',
           '[{"title": "All", "amount": "10.00", "due_date": "2020-01-01T00:00:00Z"}]'
    from jobs j, users u where u.display_name = 'ben';
    insert into work_experiences (user_id, company, position, start_date)
    select id, 'Film', 'Cutter', '0001-01-01' from users where display_name = 'ben';
    set session_replication_role = origin;
"""
LAST = dt.datetime(2199, 12, 31, tzinfo=dt.UTC)


async def test_times_outside_of_the_calendar_are_moved_to_its_ends(empty_database_url):
    await migrate.upgrade(empty_database_url, "0032")
    connection = await asyncpg.connect(empty_database_url, timeout=10)
    try:
        await connection.execute(ROWS)
        await migrate.upgrade(empty_database_url)
        assert await connection.fetchval("select deadline from jobs") == LAST
        assert await connection.fetchval("select delivery_date from proposals") == LAST
        found = await connection.fetchval("select start_date from work_experiences")
        assert found == dt.date(1900, 1, 1)
    finally:
        await connection.close(timeout=10)
