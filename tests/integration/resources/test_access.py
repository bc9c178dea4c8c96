"""What PostgreSQL holds is what the declarations derive, and holds against whoever speaks SQL."""

import asyncpg
import pytest

from handlers.resources import RESOURCES
from handlers.resources.machines import MACHINES
from server.processes.migration import DECLARED
from storage.database import migrate
from storage.resources.access import APP, LOOKED_INTO, READONLY
from storage.resources.resource import stored_of
from storage.resources.upkeep.holding import find_differences
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
EVERY = list(RESOURCES.values())
USERS = {"owner": ANNA, "counterparty": BEN, "stranger": CARL, "staff": DORA, "anonymous": ""}


@pytest.fixture
async def connection(owner_database_url):
    connection = await asyncpg.connect(owner_database_url)
    yield connection
    await connection.close()


async def test_the_released_version_left_nothing_to_do(empty_database_url):
    """Its migrations held grants, policies and triggers themselves."""
    await migrate.upgrade(empty_database_url)
    found = await find_differences(empty_database_url, DECLARED)
    assert not [d for d in found if d.table not in DECLARED_SINCE]


DECLARED_SINCE: set[str] = {
    "users", "wallets", "platform_settings", "gigs", "jobs", "gig_counters", "job_counters",
    "payment_methods", "payout_methods", "deposits", "deposit_returns", "releases", "release_lots",
    "ledger_lots", "contract_amendments", "dispute_offers", "split_items", "contract_members",
    "proposals", "contracts", "milestones", "escrows", "refunds", "withdrawals", "journal_lines",
    "disputes", "client_private", "freelancer_private", "freelancer_profiles",
    "review_invitations", "review_votes", "reviews", "status_history", "payout_batches",
    "push_devices", "notification_settings", "saved_searches", "notification_deliveries",
}  # fmt: skip
"""Tables whose declarations are new or other than in the last version that had them in SQL."""


async def test_what_holds_is_what_is_declared(database_url):
    assert not await find_differences(database_url, DECLARED)


async def test_nobody_has_a_whole_table(connection):
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
    "gig_counters": "GET /v1/gigs", "job_counters": "GET /v1/jobs",
    "user_private": "GET /v1/me", "sessions": "GET /v1/auth/sessions",
    "user_blocks": "block.list", "notifications": "notification.list",
    "conversations": "conversation.list", "conversation_participants": "conversation.get",
    "quiet_hours": "preference.get", "announcements": "GET /v1/announcements/{id}",
    "messages": "message.history", "message_attachments": "message.history",
    "message_reactions": "message.history", "message_pins": "message.history",
    "message_words": "message.search", "message_tombstones": "sync",
}  # fmt: skip
"""Tables that commands and accounts show."""
UNSEEN = {
    "user_secrets", "auth_tokens", "mfa_factors", "mfa_recovery_codes", "oauth_identities",
    "login_networks", "session_replaced_tokens", "user_keys", "message_keys", "conversation_months",
    "outbox", "outbox_aside", "outbox_paused", "outbox_turns", "backfills", "strangers_reached",
    "people_names", "hidden_people",
    "search_rebuilds", "search_words", "file_uploads", "file_removals", "file_usage",
    "timers", "timers_paused", "workflow_clock", "idempotency_keys", "ledger_daily", "chargebacks",
    "provider_events", "local_provider_operations", "schedules", "mail_suppressions",
    "notification_delivery_items",
    "local_provider_events", "embeddings", "view_events", "status_transitions", "alembic_version",
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


async def test_machines_know_the_states_that_their_tables_allow(connection):
    for machine in MACHINES:
        check = await connection.fetchval(
            """
            select pg_get_constraintdef(c.oid) from pg_constraint c
            where c.conrelid = $1::text::regclass and c.contype = 'c'
              and c.conname ~ '_status_(check|known)$'
            """,
            machine.table,
        )
        allowed = {part.split("'")[1] for part in check.split("ARRAY[")[1].split(",")}
        assert allowed == machine.states, machine.name


@pytest.fixture
async def ask(world):
    """Run SQL as parley_app for a role of the world."""
    pool = world.app.app.core.foundation.pool

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
        columns = ", ".join(stored_of(resource))
        sql = f"select {columns} from {resource.table} where {resource.key}::text = $1"
        for role in ROLES:
            for key, is_hidden in rows:
                seen = bool(await ask(role, sql, str(key)))
                if seen != sees(resource, role, is_hidden=is_hidden):
                    wrong.append((resource.path, role, is_hidden, seen))
    assert not wrong


async def test_columns_in_sql(ask, world):
    """Nobody reads what is read by nobody, or writes a status, a balance, a counter."""
    columns = await world.app.app.core.foundation.pool.fetch(
        """
        select c.table_name, c.column_name from information_schema.columns c
        where c.table_schema = 'public' and c.is_generated = 'NEVER' and c.is_identity = 'NO'
          and c.table_name !~ '_[0-9]{4}_[0-9]{2}$'
        """
    )
    of = {r.table: r for r in EVERY}
    beside = {r.beside.table: {r.beside.key, "status", *r.counted} for r in EVERY if r.beside}
    tried = 0
    for table, column in map(tuple, columns):
        resource = of.get(table)
        if LOOKED_INTO.get(table) == column:
            continue
        readable = beside.get(table, ()) if resource is None else stored_of(resource)
        if column not in readable:
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
    pool = world.app.app.core.foundation.pool
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
