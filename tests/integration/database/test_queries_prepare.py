"""Every named query is prepared against the migrated schema, and says what it is for."""

import asyncpg
import pytest

from storage.database.queries import load_queries, repositories

QUERIES = [(repository, name) for repository in repositories() for name in load_queries(repository)]


async def test_every_query_is_valid(database_url):
    connection = await asyncpg.connect(database_url, timeout=10)
    try:
        for repository, name in QUERIES:
            try:
                await connection.prepare(load_queries(repository)[name], timeout=10)
            except asyncpg.PostgresError as error:
                error.add_note(f"in {repository}.sql, {name}")
                raise
    finally:
        await connection.close(timeout=10)


@pytest.mark.parametrize(("repository", "name"), QUERIES)
def test_every_query_opens_with_its_purpose(repository, name):
    assert load_queries(repository)[name].startswith("-- ")
