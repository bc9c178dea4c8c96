"""The migrations: with them the schema is what schema.sql shows, and each goes back and forth."""

import asyncio
import re
from pathlib import Path

import asyncpg
import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from structlog.testing import capture_logs

from storage.database import migrate
from tests.schema import SCHEMA, dump

RELEASED = "0006"
"""The schema that the released version was made for."""

NAMES = frozenset(Path(__file__).with_name("released_names.txt").read_text().split())
"""The functions, tables and views that the released version names in SQL and in Python.

A release renews them. Looked for are the names of functions, with a parenthesis, and of relations.
"""

RETIRED = {
    "0009": {"send_messages", "store_messages", "mark_receipts", "message_search", "keep_nothing"},
    "0020": {"timers"},
}
"""What revisions take away: functions, and tables with all their columns."""

KEPT = {"commit_messages", "keep_message_words(integer)", "maintain_partitions()"}
"""What is there for the released version only; the release after may drop it."""

USED = """
    SELECT p.proname::text, pg_get_function_identity_arguments(p.oid), pg_get_function_result(p.oid)
    FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace
    UNION ALL
    SELECT c.table_name, c.column_name, c.data_type FROM information_schema.columns c
    WHERE c.table_schema = 'public'
"""
"""Functions and columns, each with its type."""

TEXTS = """
    SELECT p.proname::text, concat(p.prosrc, ' ', pg_get_function_sqlbody(p.oid))
    FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace
    UNION ALL SELECT t.tgrelid::regclass::text, pg_get_triggerdef(t.oid) FROM pg_trigger t
    WHERE NOT t.tgisinternal
    UNION ALL SELECT d.adrelid::regclass::text, pg_get_expr(d.adbin, d.adrelid) FROM pg_attrdef d
    UNION ALL SELECT k.conrelid::regclass::text, pg_get_constraintdef(k.oid) FROM pg_constraint k
    UNION ALL SELECT i.indrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i
    UNION ALL SELECT v.viewname::text, v.definition FROM pg_views v WHERE v.schemaname = 'public'
    UNION ALL SELECT y.tablename::text, concat(y.qual, ' ', y.with_check) FROM pg_policies y
"""
"""Functions, tables and views, each with a text that names what it uses.

The triggers of a foreign key belong to the table that has it, and not to that which it leads to.
"""


TAKEN_FROM_0013 = """
    create function reaction_key(text) returns text language sql immutable as 'select $1'
"""
"""A name that step 0013 gives."""


def revisions() -> list[str]:
    """All revisions, oldest first."""
    config = Config()
    config.set_main_option("script_location", str(SCHEMA.parent / "migrations"))
    walk = ScriptDirectory.from_config(config).walk_revisions()
    return [script.revision for script in walk][::-1]


def reached(rows: list[asyncpg.Record]) -> set[str]:
    """What the released version uses: what it names, and what that names in turn."""
    words: dict[str, set[str]] = {}
    for name, text in rows:
        said = re.sub(r"--[^\n]*", "", text or "")
        words.setdefault(name, set()).update(re.findall(r"\w+", said))
    # What is gone can be named still, and then something is broken.
    known = words.keys() | set().union(*RETIRED.values())
    found: set[str] = set()
    new = set(NAMES)
    while new:
        found |= new
        new = {word for name in new for word in words.get(name, ())} & known - found
    return found


async def test_schema_sql_is_what_the_migrations_make(database_url):
    assert await dump(database_url) == SCHEMA.read_text(), "run `make schema` and read the change"


@pytest.mark.timeout(180)
@pytest.mark.parametrize("quarter", range(4))
async def test_each_step_goes_forward_and_back(empty_database_url, quarter):
    steps = revisions()
    begin, end = (len(steps) * part // 4 for part in (quarter, quarter + 1))
    if begin:
        await migrate.upgrade(empty_database_url, steps[begin - 1])
    before = await dump(empty_database_url)
    for revision in steps[begin:end]:
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
            gone = {name for name, *_ in before - after}
            assert gone == RETIRED.get(revision, set()), f"{revision} takes away more, or less"
            before = after
            if revision in RETIRED:
                uses = reached(await connection.fetch(TEXTS))
                assert not RETIRED[revision] & uses, "the released version uses it"
    finally:
        await connection.close()


async def test_what_stays_for_the_released_version_only_is_named(empty_database_url):
    """Where the next of these steps is copied from."""
    retiring = (SCHEMA.parent / "migrations" / "sql" / "0009_10_retired.sql").read_text()
    said = " ".join(re.findall(r"^-- (.*)$", retiring, re.MULTILINE))
    assert {name for name in KEPT if name not in said} == set()
    await migrate.upgrade(empty_database_url)
    connection = await asyncpg.connect(empty_database_url, timeout=10)
    try:
        for name in KEPT:
            find = "to_regprocedure" if "(" in name else "to_regproc"
            assert await connection.fetchval(f"select {find}($1) is not null", name), name
    finally:
        await connection.close()


async def test_what_the_released_version_names_was_there(empty_database_url):
    await migrate.upgrade(empty_database_url, RELEASED)
    connection = await asyncpg.connect(empty_database_url, timeout=10)
    try:
        there = {name for name, *_ in await connection.fetch(USED)}
        assert there >= NAMES
        # A function that is reached through others, and one that a trigger calls.
        uses = reached(await connection.fetch(TEXTS))
        assert uses >= {"ensure_key_week", "search_runs", "audit_row"}
        assert len(there - uses) > len(RETIRED["0009"])
    finally:
        await connection.close()


async def test_however_many_steps_are_taken_one_line_tells(empty_database_url):
    with capture_logs() as logs:
        await migrate.upgrade(empty_database_url, "0003")
        await migrate.upgrade(empty_database_url, "0003")
        await migrate.downgrade(empty_database_url)
    first, back = [line for line in logs if line["event"].startswith("schema_")]
    assert (first["before"], first["after"], first["steps"]) == (None, "0003", 3)
    assert (back["event"], back["after"]) == ("schema_taken_back", "0002")


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


async def test_a_step_that_fails_leaves_the_steps_before_it(empty_database_url):
    connection = await asyncpg.connect(empty_database_url, timeout=10)
    try:
        await migrate.upgrade(empty_database_url, "0012")
        before = await dump(empty_database_url)
        await migrate.downgrade(empty_database_url, "0008")
        await connection.execute(TAKEN_FROM_0013)
        with pytest.raises(asyncpg.DuplicateFunctionError, match="reaction_key"):
            await migrate.upgrade(empty_database_url)
        await connection.execute("drop function reaction_key(text)")
    finally:
        await connection.close()
    assert await migrate.revision_of(empty_database_url) == "0012"
    assert await dump(empty_database_url) == before
