"""The server's login: what it may do, what it may not, and how a login becomes one."""

import contextlib
from collections.abc import AsyncIterator
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy.engine import make_url

from handlers.resources import RESOURCES
from server.processes import migration
from server.processes.migration import Database
from storage.database.lock_retries import WAIT_S
from storage.database.logins import LoginRefusedError, hold_login, rights_of
from storage.database.postgres import connect_pool
from storage.resources.resource import Filter
from storage.resources.rule import EVERYBODY
from tests.integration.database.test_partitions import guest_of

PASSWORD = "p@ss word/1"  # as URLs have to escape it
MINE = "SELECT current_user::text"
REFUSED = (
    asyncpg.InsufficientPrivilegeError,
    # Who may not use a schema finds nothing in it.
    asyncpg.UndefinedTableError,
    asyncpg.InvalidSchemaNameError,
)
FORBIDDEN = [
    "CREATE TABLE mine (n int)",
    "ALTER TABLE messages ADD COLUMN mine int",
    "DROP TABLE messages",
    "TRUNCATE messages",
    "ALTER TABLE users DISABLE ROW LEVEL SECURITY",
    "CREATE POLICY mine ON users USING (true)",
    "INSERT INTO status_transitions VALUES ('gigs', 'draft', 'mine')",
    "UPDATE alembic_version SET version_num = '0001'",
    "CREATE OR REPLACE FUNCTION app_is_staff() RETURNS boolean LANGUAGE sql AS 'SELECT true'",
    "CREATE ROLE mine",
    "CREATE DATABASE mine",
    "GRANT parley_service TO pg_monitor",
    "SET session_replication_role = replica",
    "COPY users TO '/tmp/mine'",
    "SELECT pg_read_file('/etc/passwd')",
    "ALTER SYSTEM SET jit = on",
    "SET ROLE pg_read_all_data",
    "SET ROLE {owner}",
    "SET SESSION AUTHORIZATION {owner}",
]


def url_of(url: str, login: str, password: str = PASSWORD) -> str:
    """The same database for another login."""
    return make_url(url).set(username=login, password=password).render_as_string(False)


@contextlib.asynccontextmanager
async def role(owner: asyncpg.Connection, made: str) -> AsyncIterator[str]:
    """A role of the test's own, as `CREATE ROLE name …` makes it; gone after the block."""
    name = f"role_{uuid4().hex}"
    if made:
        await owner.execute(f"CREATE ROLE {name} {made}")
    try:
        yield name
    finally:
        await owner.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1", name
        )
        if await owner.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", name):
            await owner.execute(f"DROP OWNED BY {name}; DROP ROLE {name}")


@pytest.fixture
async def server(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection as the server has it."""
    connection = await asyncpg.connect(database_url, timeout=10, statement_cache_size=0)
    yield connection
    await connection.close()


async def test_a_server_has_nothing_of_its_own(database_url: str, server, owner) -> None:
    rights = await rights_of(database_url)
    assert (rights.serves, rights.beyond, rights.is_owner) == (True, [], False)
    login = make_url(database_url).username
    held = await owner.fetchval(
        """
        SELECT array_agg(classid::regclass::text) FROM pg_shdepend
        WHERE refclassid = 'pg_authid'::regclass AND refobjid = $1::regrole
        AND dbid IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
        """,
        login,
    )
    # It is in no list of rights, and the owner of nothing; its memberships are the two roles.
    assert set(held or ()) <= {"pg_auth_members"}
    assert await server.fetchval(MINE) == "parley_service"


@pytest.mark.parametrize("first", ["", "RESET ROLE", "SET ROLE NONE", "DISCARD ALL"])
async def test_what_a_server_may_not_do(server, owner, first: str) -> None:
    name = await owner.fetchval("SELECT quote_ident(current_user)")
    if first:
        await server.execute(first)
    for statement in FORBIDDEN:
        with pytest.raises(REFUSED):
            await server.execute(statement.format(owner=name))


async def test_whatever_is_reset_the_server_is_the_service_at_most(server) -> None:
    # A pooler in transaction mode says the last of these before it hands a connection on.
    for reset in ("RESET ROLE", "RESET ALL", "SET ROLE parley_app; RESET ROLE", "DISCARD ALL"):
        await server.execute(reset)
        assert await server.fetchval(MINE) == "parley_service", reset
    await server.execute("SET ROLE NONE")
    for table in ("users", "public.users"):
        with pytest.raises(REFUSED):
            await server.fetch(f"SELECT FROM {table}")
    await server.execute("RESET SESSION AUTHORIZATION")
    assert await server.fetchval(MINE) == "parley_service"


async def test_a_request_may_nothing_that_the_service_may_not(owner) -> None:
    beyond = await owner.fetch(
        """
        SELECT c.relname, a.attname, p.name FROM pg_class c
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped,
        unnest(ARRAY['SELECT', 'INSERT', 'UPDATE']) AS p(name)
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v')
        AND has_column_privilege('parley_app', c.oid, a.attnum, p.name)
        AND NOT has_column_privilege('parley_service', c.oid, a.attnum, p.name)
        """
    )
    assert not beyond


async def test_a_temporary_table_makes_nobody_staff(server) -> None:
    """Functions of the owner do not look into what the caller has made."""
    await server.execute("CREATE TEMP TABLE users (id uuid, staff_role text, status text)")
    key = uuid4()
    await server.execute("INSERT INTO pg_temp.users VALUES ($1, 'admin', 'active')", key)
    async with server.transaction():
        await server.execute("SELECT set_config('app.user_id', $1, true)", str(key))
        assert await server.fetchval("SELECT app_is_staff() OR app_is_admin()") is False


async def test_functions_of_the_owner_look_up_temporary_tables_last(owner) -> None:
    paths = await owner.fetch(
        """
        SELECT p.oid::regprocedure::text AS name, setting FROM pg_proc p
        LEFT JOIN LATERAL unnest(p.proconfig) AS s(setting) ON s.setting LIKE 'search_path=%'
        WHERE p.pronamespace = 'public'::regnamespace AND p.prosecdef
        """
    )
    wrong = [
        row["name"]
        for row in paths
        if not (row["setting"] or "").endswith(", pg_temp") or "$user" in row["setting"]
    ]
    assert paths
    assert not wrong, "SET search_path = public, pg_temp"


async def test_the_views_without_a_veil_have_what_lists_ask_for(owner) -> None:
    columns = {
        (row["table_name"], row["column_name"])
        for row in await owner.fetch(
            "SELECT table_name, column_name FROM information_schema.columns"
        )
    }
    lacking = []
    for resource in RESOURCES.values():
        filters = [f for f in resource.fields if f.filter is not Filter.NONE]
        veiled = any(f.filter is Filter.HAS or not f.kind.is_leakproof for f in filters)
        veiled |= any(not resource.named(s.lstrip("-")).kind.is_leakproof for s in resource.sorts)
        if not veiled or not (resource.shelf or resource.public is EVERYBODY):
            continue
        asked = {resource.key, *(f.name for f in filters)}
        asked |= {sort.lstrip("-") for sort in resource.sorts}
        asked |= resource.shelf.columns if resource.shelf else set()
        view = f"{resource.table}_unveiled"
        lacking += [(view, name) for name in asked if (view, name) not in columns]
    assert not lacking


@pytest.mark.parametrize(
    "made", ["", f"LOGIN PASSWORD '{PASSWORD}'", f"LOGIN INHERIT PASSWORD '{PASSWORD}'"]
)
async def test_migrating_makes_a_login_a_servers(owner, owner_database_url: str, made: str) -> None:
    """One that is not there, or one that is; with a non-superuser that owns the roles."""
    async with role(owner, made) as login:
        database = Database(url_of(owner_database_url, login), owner_database_url)
        said = await migration.bring_up(database, WAIT_S)
        assert f"the login {login} was made a server's" in said
        assert (await rights_of(database.server)).beyond == []
        again = await migration.bring_up(database, WAIT_S)
        assert not [line for line in again if login in line]
        pool = await connect_pool(database.server, size=1, statement_timeout_ms=5_000)
        assert await pool.fetchval(MINE) == "parley_service"
        pool.terminate()
        kept = await owner.fetchval("SELECT rolpassword FROM pg_authid WHERE rolname = $1", login)
        assert PASSWORD not in kept


async def test_one_that_inherits_no_longer_does(owner, owner_database_url: str) -> None:
    async with role(owner, f"LOGIN PASSWORD '{PASSWORD}' IN ROLE parley_service") as login:
        url = url_of(owner_database_url, login)
        assert (await rights_of(url)).beyond == ["inherits"]
        await hold_login(owner_database_url, url)
        assert (await rights_of(url)).beyond == []


async def test_an_owners_login_is_left_as_it_is_and_told(owner, owner_database_url, logs) -> None:
    await migration.at_start(Database(owner_database_url), WAIT_S, is_own=False)
    (line,) = [line for line in logs if line["event"] == "login_has_more_rights"]
    assert {"superuser", "owner"} <= set(line["rights"])
    mine = await owner.fetchval("SELECT quote_ident(current_user)")
    async with role(owner, f"LOGIN PASSWORD '{PASSWORD}' IN ROLE {mine}") as login:
        url = url_of(owner_database_url, login)
        assert await hold_login(owner_database_url, url) == []
        assert (await rights_of(url)).is_owner


async def test_an_owner_that_may_not_make_logins_says_so(owner, owner_database_url, logs) -> None:
    async with (
        role(owner, f"LOGIN PASSWORD '{PASSWORD}'") as poor,
        role(owner, f"LOGIN PASSWORD '{PASSWORD}'") as login,
    ):
        own, url = url_of(owner_database_url, poor), url_of(owner_database_url, login)
        with pytest.raises(LoginRefusedError, match=f"may not make {login} a server's login"):
            await hold_login(own, url)
        with pytest.raises(LoginRefusedError, match="PARLEY_OWNER_DATABASE_URL"):
            await migration.at_start(Database(url), WAIT_S, is_own=False)


async def test_who_owns_nothing_says_that_steps_are_lacking(empty_database_url: str) -> None:
    connection = await asyncpg.connect(empty_database_url, timeout=10)
    async with guest_of(connection, empty_database_url) as url:
        with pytest.raises(LoginRefusedError, match="PARLEY_OWNER_DATABASE_URL"):
            await migration.at_start(Database(url), WAIT_S, is_own=False)
    await connection.close()


async def test_an_owner_that_is_no_superuser_keeps_a_database(
    owner, empty_database_url: str, redis_url: str
) -> None:
    """As managed servers have it: CREATEROLE, the database its own, extensions there before."""
    connection = await asyncpg.connect(empty_database_url, timeout=10)
    for name in ("citext", "btree_gin", "btree_gist", "pg_trgm", "vector"):
        await connection.execute(f"CREATE EXTENSION {name}")
    async with (
        role(owner, f"LOGIN CREATEROLE PASSWORD '{PASSWORD}'") as keeper,
        role(owner, "") as login,
    ):
        for name in ("parley_app", "parley_service", "parley_readonly"):
            await connection.execute(f"GRANT {name} TO {keeper} WITH ADMIN OPTION")
        await connection.execute(f"GRANT ALL ON SCHEMA public TO {keeper}")
        database = Database(url_of(empty_database_url, login), url_of(empty_database_url, keeper))
        await migration.bring_up(database, WAIT_S)
        assert (await rights_of(database.server)).beyond == []
        server = await asyncpg.connect(database.server, timeout=10)
        assert await server.fetchval("SELECT count(*) FROM messages") == 0
        await server.close()
        await connection.execute(f"DROP OWNED BY {keeper} CASCADE")
    await connection.close()
