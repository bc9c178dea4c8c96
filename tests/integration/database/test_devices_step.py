"""The step that gives browsers' push devices their keys, on rows of before, and its way back."""

import asyncpg
import pytest

from storage.database import migrate

ROWS = """
    insert into users (display_name, kind) values ('anna', 'both');
    insert into push_devices (user_id, platform, token)
    select u.id, d.platform, d.token
    from users u, (values ('web', 'https://push.example/1'), ('ios', 'a'), ('android', 'b'))
        d (platform, token);
"""
KEPT = [("android", "b"), ("ios", "a")]
OTHERS = "select platform, token from push_devices order by 1"
WEB = """
    insert into push_devices (user_id, platform, token, p256dh, auth)
    select id, 'web', 'https://push.example/2', $1, $2 from users
"""
INSERTS = """
    select count(*) from information_schema.column_privileges
    where table_name = 'push_devices' and grantee = 'parley_app' and privilege_type = 'INSERT'
"""


async def test_browsers_without_keys_go_and_telephones_stay(empty_database_url):
    await migrate.upgrade(empty_database_url, "0041")
    connection = await asyncpg.connect(empty_database_url, timeout=10)
    try:
        inserts = await connection.fetchval(INSERTS)
        await connection.execute(ROWS)
        await migrate.upgrade(empty_database_url, "0042")
        assert [tuple(row) for row in await connection.fetch(OTHERS)] == KEPT
        assert await connection.fetchval(INSERTS) == 0
        for p256dh, auth in ((None, None), (bytes(65), None), (bytes(64), bytes(16))):
            with pytest.raises(asyncpg.CheckViolationError):
                await connection.execute(WEB, p256dh, auth)
        await connection.execute(WEB, bytes(65), bytes(16))
        await migrate.downgrade(empty_database_url)
        kept = [tuple(row) for row in await connection.fetch(OTHERS)]
        assert kept == [*KEPT, ("web", "https://push.example/2")]
        assert await connection.fetchval(INSERTS) == inserts > 0
    finally:
        await connection.close(timeout=10)
