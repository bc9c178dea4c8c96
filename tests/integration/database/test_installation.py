"""What a PostgreSQL has to have: it is made where it may be, and else told in one line."""

import asyncio
from typing import Any

import asyncpg
import pytest
from sqlalchemy.engine import make_url

from server.processes import migration
from server.processes.migration import Database
from storage.database.installation import checks
from storage.database.installation.checks import OWNER_SETTING, NotInstalledError
from storage.database.installation.superuser_script import NoLoginError, superuser_script
from storage.database.lock_retries import WAIT_S
from storage.database.logins import LoginRefusedError
from storage.embedded.postgres import program
from tests.databases import Databases
from tests.integration.database.test_logins import PASSWORD, role, url_of


async def embeddings_of(url: str) -> str:
    """The table as pg_dump has it, without what differs from run to run."""
    command = (program("pg_dump"), "--schema-only", "--table=embeddings", url)
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    said, _ = await process.communicate()
    return "\n".join(line for line in said.decode().splitlines() if "restrict" not in line)


async def test_pgvector_that_comes_later_is_as_if_it_had_been_there(
    owner: asyncpg.Connection, owner_database_url: str
) -> None:
    before = await embeddings_of(owner_database_url)
    assert "USING hnsw" in before
    await owner.execute("DROP EXTENSION vector CASCADE; DROP TABLE embeddings")
    said = await migration.bring_up(Database(owner_database_url), WAIT_S)
    assert "ran CREATE TABLE IF NOT EXISTS embeddings" in said
    assert await embeddings_of(owner_database_url) == before
    again = await migration.bring_up(Database(owner_database_url), WAIT_S)
    assert not [line for line in again if line.startswith("ran ")]


async def test_one_who_may_not_make_pgvector_goes_without(
    owner: asyncpg.Connection, owner_database_url: str
) -> None:
    await owner.execute("DROP EXTENSION vector CASCADE; DROP TABLE embeddings")
    async with role(
        owner, f"LOGIN PASSWORD '{PASSWORD}' IN ROLE parley_app, parley_service"
    ) as one:
        url = url_of(owner_database_url, one)
        assert await checks.hold(url) == []
        assert (await checks.lacking_at(url)).said() == ()
        left = await checks.pgvector_left(url)
        assert left is not None
        assert "only a superuser may make it" in left
        assert "--print-superuser" in left
    # Made, but without what `parley migrate` makes upon it: the next one does.
    await owner.execute("CREATE EXTENSION vector")
    assert await checks.pgvector_left(owner_database_url) is None


async def test_a_migration_says_what_pgvector_waits_for(
    owner: asyncpg.Connection, owner_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(owner_database_url)
    assert not [line for line in await migration.bring_up(database, WAIT_S) if "pgvector" in line]
    await owner.execute("DROP EXTENSION vector CASCADE; DROP TABLE embeddings")

    async def may_not(_url: str) -> list[str]:
        return []

    monkeypatch.setattr(checks, "hold", may_not)
    (line,) = [line for line in await migration.bring_up(database, WAIT_S) if "pgvector" in line]
    assert "run `parley migrate` again" in line


async def test_who_has_made_the_roles_may_act_as_them_after_a_migration(
    owner: asyncpg.Connection, owner_database_url: str
) -> None:
    """Since PostgreSQL 16 who makes a role may hand it on, and not act as it."""
    async with role(owner, f"LOGIN PASSWORD '{PASSWORD}'") as one:
        for name in checks.ROLES:
            await owner.execute(f"GRANT {name} TO {one} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE")
        url = url_of(owner_database_url, one)
        assert (await checks.lacking_at(url)).refused == list(checks.ROLES)
        assert len(await checks.hold(url)) == len(checks.ROLES)
        assert (await checks.lacking_at(url)).said() == ()
        connection = await asyncpg.connect(url, timeout=10)
        await connection.execute("SET ROLE parley_app; SET ROLE parley_service")
        await connection.close()


async def test_a_table_that_was_left_without_its_index_gets_it(
    owner: asyncpg.Connection, owner_database_url: str
) -> None:
    await owner.execute("DROP INDEX embeddings_near")
    (statement,) = await checks.hold(owner_database_url)
    assert statement.startswith("CREATE INDEX IF NOT EXISTS embeddings_near")


async def test_what_cannot_be_used_is_one_line_with_what_to_do(
    owner: asyncpg.Connection, owner_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = make_url(owner_database_url)

    async def told(changed: str, setting: str = OWNER_SETTING) -> str:
        with pytest.raises(NotInstalledError) as raised:
            await migration.bring_up(Database("postgresql://x/y", changed), WAIT_S)
        assert "\n" not in str(raised.value)
        return str(raised.value)

    def to(**parts: Any) -> str:
        return url.set(**parts).render_as_string(hide_password=False)

    assert f"start it, or correct {OWNER_SETTING}" in await told(to(port=1))
    assert "--print-superuser" in await told(to(database="nowhere"))
    assert f"correct the login in {OWNER_SETTING}" in await told(to(password="wrong"))
    for query, reason in (
        ({"sslmod": "require"}, 'unrecognized configuration parameter "sslmod"'),
        ({"sslmode": "perhaps"}, "`sslmode` parameter must be one of"),
    ):
        assert f"is wrong ({reason}" in await told(to(query=query))
    # Of several hosts none answers.
    several = "postgresql://ada@127.0.0.1:1,127.0.0.1:2/parley"
    assert "does not answer at 127.0.0.1:1,127.0.0.1:2 " in await told(several)
    with monkeypatch.context() as patch:
        patch.setattr(checks, "EXTENSIONS", ("citext", "of_nobody"))
        assert "has not got the extensions of_nobody" in await told(owner_database_url)
    with monkeypatch.context() as patch:
        patch.setattr(checks, "OLDEST", 99)
        assert "is too old: Parley runs on 99" in await told(owner_database_url)
    name = f"latin_{url.database}"
    await owner.execute(
        f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'LATIN1'"
        " LOCALE_PROVIDER libc LOCALE 'C'"
    )
    try:
        assert "has the encoding LATIN1" in await told(to(database=name))
    finally:
        await owner.execute(f"DROP DATABASE {name} WITH (FORCE)")


async def test_a_later_version_is_used_and_told(
    owner_database_url: str,
    logs: list[dict[str, object]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(checks, "NEWEST", 15)
    await checks.check(owner_database_url, OWNER_SETTING)
    assert [line["event"] for line in logs] == ["postgresql_is_newer"]


async def test_an_owner_that_may_make_no_extension_says_so(
    owner: asyncpg.Connection, empty_database_url: str
) -> None:
    async with role(owner, f"LOGIN PASSWORD '{PASSWORD}'") as one:
        poor = url_of(empty_database_url, one)
        with pytest.raises(NotInstalledError, match="may not make the extensions"):
            await checks.check(poor, OWNER_SETTING)


@pytest.mark.parametrize(
    ("server", "owner_url", "said"),
    [
        (None, None, "have to name the logins"),
        ("postgresql://one@h/", None, "PARLEY_DATABASE_URL has to name a login and a database"),
        ("postgresql://a:x@h/one", "postgresql://b:x@h/two", "have to be the same"),
        (None, "postgresql://a:%C3%A9@h/one", "PARLEY_OWNER_DATABASE_URL: its password should be"),
    ],
)
def test_the_superusers_script_takes_names_from_the_urls(
    server: str | None, owner_url: str | None, said: str
) -> None:
    with pytest.raises(NoLoginError, match=said):
        superuser_script(server, owner_url)


def test_the_superusers_script_has_no_password_and_quotes_names() -> None:
    script = superuser_script(
        "postgresql://se%27rver:secret-of-it@h/da%5Cta", "postgresql://owner:another-one@h/da%5Cta"
    )
    assert "secret-of-it" not in script
    assert "another-one" not in script
    assert "\\set server 'se\\'rver'\n" in script
    assert "\\set database 'da\\\\ta'\n" in script
    # As an identifier: psql would take quotes in a bare name for its own.
    assert '\\connect :"database"\n' in script


async def test_two_urls_of_different_databases_are_told(
    databases: Databases, database_url: str, owner_database_url: str
) -> None:
    """The schema of the one would be upgraded, and the other be served."""
    await checks.see_one_database(owner_database_url, database_url)
    async with databases.empty() as other:
        one = Database(database_url, other)
        for starting in (migration.at_start(one, WAIT_S, is_own=False), migration.bring_up(one, 1)):
            with pytest.raises(NotInstalledError, match="name different databases"):
                await starting


async def test_a_servers_login_that_is_not_there_yet_is_no_other_database(
    owner_database_url: str,
) -> None:
    await checks.see_one_database(owner_database_url, url_of(owner_database_url, "not_there"))


async def test_a_login_that_does_not_serve_is_told_so_before_what_it_cannot_migrate(
    owner: asyncpg.Connection, owner_database_url: str
) -> None:
    async with role(owner, f"LOGIN NOINHERIT PASSWORD '{PASSWORD}'") as one:
        url = url_of(owner_database_url, one)
        with pytest.raises(LoginRefusedError, match=f"{one} does not act as parley_service"):
            await migration.at_start(Database(url), WAIT_S, is_own=False)
