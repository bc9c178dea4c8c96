"""What PostgreSQL holds is what the declarations derive, and holds against whoever speaks SQL."""

from pathlib import Path

import asyncpg
import pytest

from handlers.resources import RESOURCES
from handlers.resources.machines import MACHINES
from storage.resources.access import (
    APP,
    READONLY,
    copied_sql,
    grants,
    machine_sql,
    policies,
)
from tests.integration.resources.world import (
    ANNA,
    BEN,
    CARL,
    DORA,
    HIDDEN,
    KEYS,
    ROLES,
    sees,
)

REFUSED = (
    asyncpg.InsufficientPrivilegeError,
    # Columns of views that are no columns.
    asyncpg.ObjectNotInPrerequisiteStateError,
    asyncpg.FeatureNotSupportedError,
)
SQL = Path(__file__).parents[3] / "storage" / "migrations" / "sql"
EVERY = list(RESOURCES.values())
USERS = {"owner": ANNA, "counterparty": BEN, "stranger": CARL, "staff": DORA, "anonymous": ""}
POLICIES = """
    select tablename, policyname, cmd, roles::text, qual, with_check, permissive
    from pg_policies order by tablename, policyname
"""


async def fetch_policies(connection):
    return [tuple(row) for row in await connection.fetch(POLICIES)]


@pytest.fixture
async def connection(database_url):
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


async def test_policies_are_the_derived_ones(connection):
    """Expressions come back in PostgreSQL's own words: the derived ones go through it too."""
    held = await fetch_policies(connection)
    for row in held:
        await connection.execute(f"drop policy {row[1]} on {row[0]}")
    for resource in EVERY:
        if not resource.is_view:
            for policy in policies(resource):
                await connection.execute(policy.sql())
    assert await fetch_policies(connection) == held


async def fetch_triggers(connection):
    return await connection.fetch(
        """
        select pg_get_triggerdef(t.oid) from pg_trigger t
        where t.tgname like '%_copied' and t.tgparentid = 0 order by t.tgname
        """
    )


async def test_what_is_kept_as_a_copy_tells_of_its_changes(connection):
    held = await fetch_triggers(connection)
    kept = [resource for resource in EVERY if resource.cache_s]
    assert len(held) == len(kept)
    for resource in kept:
        await connection.execute(f"drop trigger {resource.table}_copied on {resource.table}")
        await connection.execute(copied_sql(resource))
    assert await fetch_triggers(connection) == held


async def test_grants_are_the_derived_ones(connection):
    rows = await connection.fetch(
        """
        select grantee, privilege_type, table_name, column_name
        from information_schema.column_privileges
        where grantee in ($1, $2) and table_schema = 'public'
        """,
        APP,
        READONLY,
    )
    derived = {
        (role, privilege, resource.table, column)
        for resource in EVERY
        for (role, privilege), columns in grants(resource).items()
        for column in columns
    }
    assert {tuple(row) for row in rows} == derived
    deletes = await connection.fetch(
        """
        select table_name from information_schema.role_table_grants
        where grantee = $1 and privilege_type = 'DELETE'
        """,
        APP,
    )
    expected = {r.table for r in EVERY if (APP, "DELETE") in grants(r)}
    assert {row["table_name"] for row in deletes} == expected
    whole = await connection.fetch(
        """
        select table_name, privilege_type from information_schema.role_table_grants
        where grantee in ($1, $2) and privilege_type <> 'DELETE'
        """,
        APP,
        READONLY,
    )
    assert not whole


HANDLED = {
    "user_private": "GET /v1/me", "sessions": "GET /v1/auth/sessions",
    "user_blocks": "block.list", "notifications": "notification.list",
    "conversations": "conversation.list", "conversation_participants": "conversation.get",
    "messages": "message.history", "message_attachments": "message.history",
    "message_reactions": "message.history", "message_pins": "message.history",
    "message_words": "message.search", "message_tombstones": "sync",
}  # fmt: skip
"""Tables that commands and accounts show."""
UNSEEN = {
    "user_secrets", "auth_tokens", "mfa_factors", "mfa_recovery_codes", "oauth_identities",
    "session_replaced_tokens", "user_keys", "message_keys", "conversation_months", "outbox",
    "outbox_aside", "outbox_paused", "outbox_turns",
    "timers", "idempotency_keys", "provider_events", "embeddings", "view_events",
    "status_transitions", "alembic_version",
}  # fmt: skip
"""Tables that nobody is shown: secrets, and what the platform runs by."""


async def test_every_table_is_a_resource_or_has_a_reason(connection):
    rows = await connection.fetch(
        """
        select c.relname from pg_class c
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
          and not c.relispartition
        """
    )
    tables = {row["relname"] for row in rows}
    shown = {resource.table for resource in EVERY}
    assert tables - shown == HANDLED.keys() | UNSEEN
    assert not shown & (HANDLED.keys() | UNSEEN)


async def test_every_table_of_a_resource_has_row_security(connection):
    rows = await connection.fetch("select relname from pg_class where relrowsecurity")
    expected = {r.table for r in EVERY if not r.is_view}
    assert {row["relname"] for row in rows} == expected


async def test_the_guard_has_the_machines_edges(connection):
    rows = await connection.fetch("select * from status_transitions")
    edges = {(m.table, *edge) for m in MACHINES for edge in m.edges()}
    assert {tuple(row) for row in rows} == edges
    assert machine_sql(MACHINES) == (SQL / "0003_80_machines.sql").read_text()
    guarded = await connection.fetch(
        """
        select distinct c.relname from pg_trigger t join pg_class c on c.oid = t.tgrelid
        where t.tgname like '%_guarded' and t.tgparentid = 0
        """
    )
    assert {row["relname"] for row in guarded} == {m.table for m in MACHINES}


async def test_machines_know_the_states_that_their_tables_allow(connection):
    for machine in MACHINES:
        check = await connection.fetchval(
            """
            select pg_get_constraintdef(c.oid) from pg_constraint c
            where c.conrelid = $1::text::regclass and c.contype = 'c'
              and c.conname in ($1 || '_status_check', $1 || '_status_known')
            """,
            machine.table,
        )
        allowed = {part.split("'")[1] for part in check.split("ARRAY[")[1].split(",")}
        assert allowed == machine.states, machine.name


@pytest.fixture
async def ask(world):
    """Run SQL as parley_app for a role of the world."""
    pool = world.app.app.core.pool

    async def ask(role, sql, *arguments):
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute(f"set local role {APP}")
            await connection.fetch("select set_config('app.user_id', $1, true)", str(USERS[role]))
            return await connection.fetch(sql, *arguments)

    return ask


async def test_rows_in_sql(ask):
    wrong = []
    for resource in EVERY:
        rows = [(KEYS[resource.path], False)]
        rows += [(HIDDEN[resource.path], True)] if resource.path in HIDDEN else []
        columns = ", ".join(resource.readable)
        sql = f"select {columns} from {resource.table} where {resource.key}::text = $1"
        for role in ROLES:
            for key, is_hidden in rows:
                seen = bool(await ask(role, sql, str(key)))
                if seen != sees(resource, role, is_hidden=is_hidden):
                    wrong.append((resource.path, role, is_hidden, seen))
    assert not wrong


async def test_columns_in_sql(ask, world):
    """Nobody reads what is read by nobody, or writes a status, a balance, a counter."""
    columns = await world.app.app.core.pool.fetch(
        """
        select c.table_name, c.column_name from information_schema.columns c
        where c.table_schema = 'public' and c.is_generated = 'NEVER' and c.is_identity = 'NO'
          and c.table_name !~ '_[0-9]{4}_[0-9]{2}$'
        """
    )
    of = {r.table: r for r in EVERY}
    tried = 0
    for table, column in map(tuple, columns):
        resource = of.get(table)
        if resource is None or column not in resource.readable:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await ask("staff", f'select "{column}" from {table} limit 1')
            tried += 1
        if resource is None or "change" not in resource.verbs or column not in resource.changeable:
            with pytest.raises(REFUSED):
                await ask("owner", f'update {table} set "{column}" = "{column}"')
            tried += 1
    assert tried > 500


async def test_other_peoples_rows_are_not_written_in_sql(ask):
    for resource in (r for r in EVERY if "change" in r.verbs and r.writer == "owner"):
        column = next(iter(resource.changeable))
        where = f"where {resource.key}::text = $1 returning 1"
        sql = f"update {resource.table} set {column} = {column} {where}"
        for role in ("stranger", "anonymous"):
            assert not await ask(role, sql, str(KEYS[resource.path])), (resource.path, role)


async def test_a_status_changes_as_its_machine_has_it(world):
    pool = world.app.app.core.pool
    with pytest.raises(asyncpg.CheckViolationError, match="draft does not become paused"):
        await pool.execute("update gigs set status = 'paused' where status = 'draft'")
    with pytest.raises(asyncpg.CheckViolationError, match="does not become completed"):
        await pool.execute(
            """
            insert into jobs (client_id, title, description, status)
            values ($1, 'x', 'x', 'completed')
            """,
            ANNA,
        )
    await pool.execute("update gigs set status = 'active' where status = 'draft'")
