"""The migrations: they make the schema that schema.sql shows, and each step goes back and forth."""

import asyncio

import asyncpg
import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from storage import migrate
from tests.schema import SCHEMA, dump

USED = """
    SELECT p.proname::text, pg_get_function_identity_arguments(p.oid), pg_get_function_result(p.oid)
    FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace
    UNION ALL
    SELECT c.table_name, c.column_name, c.data_type FROM information_schema.columns c
    WHERE c.table_schema = 'public'
"""
"""Functions and columns, each with its type."""


def revisions() -> list[str]:
    """All revisions, oldest first."""
    config = Config()
    config.set_main_option("script_location", str(SCHEMA.parent / "migrations"))
    walk = ScriptDirectory.from_config(config).walk_revisions()
    return [script.revision for script in walk][::-1]


async def test_schema_sql_is_what_the_migrations_make(database_url):
    assert await dump(database_url) == SCHEMA.read_text(), "run `make schema` and read the change"


async def test_each_step_goes_forward_and_back(empty_database_url):
    before = await dump(empty_database_url)
    for revision in revisions():
        assert await migrate.upgrade(empty_database_url, revision) == revision
        after = await dump(empty_database_url)
        assert after != before
        await migrate.downgrade(empty_database_url)
        assert await dump(empty_database_url) == before
        await migrate.upgrade(empty_database_url, revision)
        assert await dump(empty_database_url) == after
        before = after


async def test_the_version_before_finds_what_it_uses(empty_database_url):
    """During a rolling restart yesterday's processes run on today's schema."""
    connection = await asyncpg.connect(empty_database_url, timeout=10)
    try:
        before: set[tuple[str, ...]] = set()
        for revision in revisions():
            await migrate.upgrade(empty_database_url, revision)
            after = {tuple(row) for row in await connection.fetch(USED)}
            assert before <= after, f"{revision} takes away what the version before uses"
            before = after
    finally:
        await connection.close()


async def test_instances_that_start_at_once_take_turns(empty_database_url):
    head = revisions()[-1]
    done = await asyncio.gather(*(migrate.upgrade(empty_database_url) for _ in range(3)))
    assert done == [head] * 3


async def test_a_step_that_fails_leaves_nothing(empty_database_url):
    connection = await asyncpg.connect(empty_database_url, timeout=10)
    try:
        before = await dump(empty_database_url)
        # The name is taken, so the step fails late, after most of its work.
        await connection.execute("create table outbox (n int)")
        with pytest.raises(asyncpg.DuplicateTableError, match="outbox"):
            await migrate.upgrade(empty_database_url)
        await connection.execute("drop table outbox")
    finally:
        await connection.close()
    assert await dump(empty_database_url) == before
    assert await migrate.revision_of(empty_database_url) is None
