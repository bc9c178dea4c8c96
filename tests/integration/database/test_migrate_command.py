"""`parley migrate` and what a start does of it: planned, made, and at last contracted."""

import asyncio

import asyncpg
import pytest

from server.processes import migration
from server.processes.migration import Database
from storage.database import migrate
from storage.database.installation.checks import NewerSchemaError
from storage.database.lock_retries import WAIT_S
from storage.resources.upkeep.holding import AccessError, find_differences
from tests.integration.database.test_migrations import revisions
from tests.integration.database.test_partitions import guest_of
from tests.program import parley
from tests.schema import dump

HEAD = revisions()[-1]
OTHERWISE = """
    drop policy gigs_create on gigs;
    revoke select (title) on gigs from parley_app;
    drop trigger gigs_touch on gigs;
    delete from status_transitions where table_name = 'gigs' and to_status = 'paused';
    create policy gigs_old on gigs for select to parley_app using (is_featured);
    grant select (document_file_ids) on identity_verifications to parley_app;
"""
"""As a version left it whose declarations were other ones."""


@pytest.fixture
async def connection(owner_database_url):
    connection = await asyncpg.connect(owner_database_url, timeout=10)
    await connection.execute(OTHERWISE)
    yield connection
    await connection.close()


@pytest.mark.timeout(120)
async def test_what_is_planned_is_made_and_what_is_left_goes_at_last(
    data_dir, owner_database_url, redis_url, connection
):
    urls = {"PARLEY_DATABASE_URL": owner_database_url, "PARLEY_REDIS_URL": redis_url}
    before = await dump(owner_database_url)
    planned = await parley("migrate", "--plan", data_dir=data_dir, **urls)
    assert planned.code == 0
    assert f"-- the schema is at {HEAD}\n\n-- gigs\nCREATE POLICY gigs_create ON" in planned.output
    assert "\nGRANT SELECT (title) ON gigs TO parley_app;\n" in planned.output
    assert "\n    ('gigs', 'active', 'paused')\n" in planned.output
    assert "\nCREATE OR REPLACE TRIGGER gigs_touch BEFORE UPDATE OF " in planned.output
    assert "\n--   DROP POLICY gigs_old ON gigs;\n" in planned.output
    revoked = "REVOKE SELECT (document_file_ids) ON identity_verifications FROM parley_app;"
    assert f"\n--   {revoked}\n" in planned.output
    assert await dump(owner_database_url) == before

    made = await parley("migrate", data_dir=data_dir, **urls)
    assert made.code == 0
    assert made.output.splitlines()[:2] == [
        f"the schema is at {HEAD}",
        "changed as declared: gigs",
    ]
    assert "left over from before: gigs, identity_verifications; " in made.output
    assert not [d for d in await find_differences(owner_database_url, migration.DECLARED) if d.adds]
    contracted = await parley("migrate", "--contract", data_dir=data_dir, **urls)
    assert contracted.output.splitlines()[1:] == [
        "changed as declared: gigs, identity_verifications"
    ]
    done = await parley("migrate", "--plan", data_dir=data_dir, **urls)
    assert done.output == f"-- the schema is at {HEAD}\n-- nothing to do\n"


async def test_a_plan_is_sql_that_does_what_is_lacking(owner_database_url, connection):
    await connection.execute(await migration.plan(owner_database_url, WAIT_S))
    assert not [d for d in await find_differences(owner_database_url, migration.DECLARED) if d.adds]


async def test_a_plan_names_the_steps_to_come(empty_database_url):
    before = await dump(empty_database_url)
    planned = await migration.plan(empty_database_url, WAIT_S)
    assert [line.split()[2].rstrip(":") for line in planned.splitlines() if "-- step" in line] == (
        revisions()
    )
    assert "\nALTER TABLE gigs ENABLE ROW LEVEL SECURITY;\n" in planned
    assert await dump(empty_database_url) == before
    await migrate.upgrade(empty_database_url, "0008")
    assert (await migration.plan(empty_database_url, WAIT_S)).splitlines()[:2] == [
        "-- the schema is at 0008",
        "-- step 0009: Functions that the version before no longer calls are dropped.",
    ]


async def test_a_start_on_servers_of_its_own_makes_what_lacks(owner_database_url, connection):
    await migration.at_start(Database(owner_database_url), WAIT_S, is_own=True)
    assert not [d for d in await find_differences(owner_database_url, migration.DECLARED) if d.adds]


async def test_another_start_tells_of_it(owner_database_url, connection, logs):
    lacking = await find_differences(owner_database_url, migration.DECLARED)
    await migration.at_start(Database(owner_database_url), WAIT_S, is_own=False)
    assert [(line["event"], line["tables"]) for line in logs if "tables" in line] == [
        ("access_lacks", ["gigs"]),
        ("access_left_over", ["gigs", "identity_verifications"]),
    ]
    assert await find_differences(owner_database_url, migration.DECLARED) == lacking


async def test_a_login_that_owns_nothing_starts(owner_database_url, connection, logs):
    async with guest_of(connection, owner_database_url) as url:
        await migration.at_start(Database(url), WAIT_S, is_own=False)
        with pytest.raises(AccessError):
            await migration.bring_up(Database(url), WAIT_S)
    # One that inherits what a server needs: the schema is up to date, and is read.
    assert [line["event"] for line in logs] == [
        *("access_lacks", "access_left_over", "login_has_more_rights")
    ]


async def test_starts_that_migrate_make_it_too(empty_database_url):
    await migrate.upgrade(empty_database_url, "0008")
    connection = await asyncpg.connect(empty_database_url, timeout=10)
    await connection.execute(OTHERWISE)
    await connection.close()
    starts = (
        migration.at_start(Database(empty_database_url), WAIT_S, is_own=False) for _ in range(2)
    )
    await asyncio.gather(*starts)
    found = await find_differences(empty_database_url, migration.DECLARED)
    assert not [difference for difference in found if difference.adds]


async def test_a_program_of_before_leaves_a_newer_schema_alone(
    owner_database_url, connection, logs
):
    await connection.execute("update alembic_version set version_num = '9999'")
    before = await find_differences(owner_database_url, migration.DECLARED)
    await migration.at_start(Database(owner_database_url), WAIT_S, is_own=True)
    assert [line["event"] for line in logs] == ["schema_is_newer", "login_has_more_rights"]
    for contracts in (False, True):
        with pytest.raises(NewerSchemaError, match="at 9999, newer than this program"):
            await migration.bring_up(Database(owner_database_url), WAIT_S, contracts=contracts)
    assert await find_differences(owner_database_url, migration.DECLARED) == before
