"""The step after which notifications point to what they tell of, on rows of before."""

import asyncpg
import pytest

from storage.database import migrate
from tests.integration.marketplace import make_conversation, make_users

BEFORE, STEP = "0042", "0043"
PUT = """
    insert into notifications
        (user_id, type, category, title, content, data, count, group_key, read_at, created_at)
    values ($1, $2, 'message', 'title', 'content', $3::jsonb, $4, $2, $5::timestamptz,
            now() - make_interval(hours => $6))
"""
READ = """
    update conversation_participants set last_read_seq = $2, last_delivered_seq = $2
    where user_id = $1
"""
ROWS = """
    select type, read_at is not null as is_read, count, seq, subject_type, subject_id,
           updated_at = created_at as is_dated
    from notifications order by updated_at desc, created_at desc
"""


@pytest.fixture
async def connection(empty_database_url):
    await migrate.upgrade(empty_database_url, BEFORE)
    connection = await asyncpg.connect(empty_database_url, timeout=10)
    yield connection
    await connection.close(timeout=10)


async def test_rows_of_before_are_closed_by_reading(connection, empty_database_url):
    ada, ben = await make_users(connection, 2)
    here = await make_conversation(connection, [ada, ben])
    await connection.execute(READ, ben, 5)
    now = await connection.fetchval("select now()")
    about = '{"conversation_id": "%s", "message_id": "m", "sender_id": "%s", "seq": %d}'
    for kind, seq, count, read_at, hours in (
        ("message.mention", 7, 3, None, 1),
        ("message.reply", 4, 1, None, 2),
        ("message.old", 3, 1, now, 3),
        ("message.older", 2, 1, now, 4),
    ):
        await connection.execute(PUT, ben, kind, about % (here, ada, seq), count, read_at, hours)
    await migrate.upgrade(empty_database_url, STEP)
    rows = await connection.fetch(ROWS)
    assert [tuple(row) for row in rows] == [
        ("message.mention", False, 1, 7, "conversation", here, True),
        ("message.reply", True, 1, 4, "conversation", here, True),
        # Of what was read nothing is written anew.
        ("message.old", True, 1, None, None, None, False),
        ("message.older", True, 1, None, None, None, False),
    ]
    noticed = "select user_id from conversation_participants where noticed"
    assert [row["user_id"] for row in await connection.fetch(noticed)] == [ben]
    await connection.execute(READ, ben, 7)
    assert await connection.fetchval("select settle_read($1, $2)", [ben], [here]) == 1
    dates = await connection.fetch("select id, created_at from notifications order by id")
    await migrate.downgrade(empty_database_url, BEFORE)
    assert await connection.fetch("select id, created_at from notifications order by id") == dates
