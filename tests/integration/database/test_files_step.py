"""The step that lets files end, on a database with the files of the version before."""

import asyncpg

from storage.database import migrate

ROWS = """
    insert into users (display_name, kind) select 'somebody', 'both' from generate_series(1, 20);
    insert into categories (slug, name) values ('video', 'Video');
    insert into files (owner_id, name, mime, bytes, checksum, created_at)
    select u.id, 'a', 'text/plain', 100, '', now() - n * interval '1 hour'
    from users u, generate_series(1, 50) n;
    insert into jobs (client_id, title, description, category_id, attachment_ids)
    select u.id, 'Cut it', 'All of it', c.id,
           array(select f.id from files f where f.owner_id = u.id order by f.created_at limit 20)
    from users u, categories c;
"""
"""Each person has 27 files of a day or more, of which a job names the oldest 20."""
BY_THE_VERSION_BEFORE = """
    insert into files (id, owner_id, name, mime, bytes, checksum, width, height)
    select uuid7(), id, 'b', 'text/plain', 7, '', null, null from users
"""


async def test_files_of_before_stay_while_something_names_them(empty_database_url):
    await migrate.upgrade(empty_database_url, "0009")
    connection = await asyncpg.connect(empty_database_url, timeout=10)
    try:
        await connection.execute(ROWS)
        await migrate.upgrade(empty_database_url)
        assert await connection.fetchval("select count(*) from file_usage") == 0
        await connection.execute(BY_THE_VERSION_BEFORE)
        usage = await connection.fetch("select distinct bytes from file_usage")
        assert [row["bytes"] for row in usage] == [5_007], "the first change counts what there was"

        swept = await connection.fetchrow("select * from sweep_files('1 day', 10000)")
        assert swept is not None and tuple(swept) == (20 * 27, 20 * 7)
        left = await connection.fetchval("select count(*) from files where name = 'a'")
        assert left == 20 * (20 + 23)
        gone = "select count(*) from jobs j, unnest(j.attachment_ids) i where not exists (%s)"
        assert not await connection.fetchval(gone % "select from files f where f.id = i")

        await migrate.downgrade(empty_database_url, "0009")
        await connection.execute(BY_THE_VERSION_BEFORE)
    finally:
        await connection.close()
