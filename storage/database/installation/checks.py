"""What Parley needs of a PostgreSQL besides its tables: the version, extensions, roles.

A start and `parley migrate` ask for it before anything else, so that what lacks is one line with
what to do and not the error of some statement; `/readyz` asks for what may be lost later.
"""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import structlog

from storage.database.lock_retries import TURN
from storage.database.logins import SERVICE
from storage.database.postgres import connect
from storage.database.queries import load_queries

log = structlog.get_logger()
_SQL = load_queries("database/installation")

OWNER_SETTING = "PARLEY_OWNER_DATABASE_URL"
OLDEST, NEWEST = 15, 18
"""The versions of PostgreSQL that the tests run on."""
EXTENSIONS = ("btree_gin", "btree_gist", "citext", "pg_trgm")
ROLES = ("parley_app", SERVICE)
_STATEMENT_MS = 10_000
_TURN_MS = 5_000
_SCRIPT = "`parley migrate --print-superuser` prints what a superuser runs once"

Connection = Any
"""Of asyncpg, of a pool or not."""


class NotInstalledError(RuntimeError):
    """PostgreSQL cannot be used as it is; the message is one line that says what to do."""


class NewerSchemaError(RuntimeError):
    """The schema is of a later program, and this one does not know what that needs."""


@dataclass(frozen=True, slots=True)
class Lacking:
    """What a database lacks for this login.

    `refused` are roles that there are and that the login may not act as. Those that
    are `without_rights` may not read their tables.
    """

    extensions: Sequence[str]
    roles: Sequence[str]
    refused: Sequence[str]
    without_rights: Sequence[str]
    login: str

    @property
    def stops_everything(self) -> bool:
        """Whether nothing goes; the marketplace alone stands on what else may lack."""
        return SERVICE in {*self.roles, *self.refused, *self.without_rights}

    def said(self) -> tuple[str, ...]:
        """A line for each thing, with what to do."""
        lines = []
        if self.extensions:
            lines.append(f"the extensions {', '.join(self.extensions)} are missing: {_SCRIPT}")
        if self.roles:
            lines.append(f"the roles {', '.join(self.roles)} are missing: {_SCRIPT}")
        if self.refused:
            lines.append(
                f"the login {self.login} may not act as {', '.join(self.refused)}: run `parley "
                f"migrate` with PARLEY_OWNER_DATABASE_URL, or {_SCRIPT}"
            )
        if SERVICE in self.without_rights:
            lines.append(
                f"{SERVICE} has no rights on the tables, as when a dump is restored before its "
                "roles are made: restore it again, as docs/operations.md says"
            )
        elif self.without_rights:
            lines.append(
                f"{', '.join(self.without_rights)} has no rights on the tables: run `parley "
                "migrate`"
            )
        return tuple(lines)


async def lacking(connection: Connection) -> Lacking:
    """What is lost or was never there. Raises what asyncpg raises."""
    return Lacking(**await connection.fetchrow(_SQL["lacking"], EXTENSIONS, ROLES))


async def lacking_at(url: str) -> Lacking:
    """The same, over a connection of its own."""
    connection = await connect(url, _STATEMENT_MS)
    try:
        return await lacking(connection)
    finally:
        await connection.close()


async def check(url: str, setting: str) -> None:
    """See that the database can be migrated by this login; `setting` names the URL.

    Raises `NotInstalledError`.
    """
    with reaching(url, setting):
        connection = await connect(url, _STATEMENT_MS)
        try:
            found = await connection.fetchrow(_SQL["server"], EXTENSIONS)
        finally:
            await connection.close()
    assert found is not None
    if problem := _problem(found):
        raise NotInstalledError(problem)
    # Another login need not make extensions: its schema may be up to date.
    if found["refused"] and setting == OWNER_SETTING:
        raise NotInstalledError(
            f"the login {found['login']} may not make the extensions "
            f"{', '.join(found['refused'])}: {_SCRIPT}"
        )
    if found["version"] > NEWEST:
        log.warning("postgresql_is_newer", version=found["version_text"], tested_up_to=NEWEST)


async def see_one_database(owner_url: str, server_url: str) -> None:
    """See that both logins come to one database: else what is migrated is not what is served.

    A server's login that cannot connect yet is left: it is made later. Raises `NotInstalledError`.
    """
    try:
        served = await _identity(server_url)
    except (OSError, TimeoutError, asyncpg.PostgresError):
        return
    if None not in served and served != await _identity(owner_url):
        raise NotInstalledError(
            f"PARLEY_DATABASE_URL and {OWNER_SETTING} name different databases: correct one of them"
        )


async def _identity(url: str) -> tuple[object, object]:
    """What no other database has; None instead of what PostgreSQL does not tell this login."""
    connection = await connect(url, _STATEMENT_MS)
    try:
        found = await connection.fetchrow(_SQL["identity"])
    except asyncpg.InsufficientPrivilegeError:
        return None, None
    finally:
        await connection.close()
    assert found is not None
    return found["system_identifier"], found["oid"]


def _problem(found: asyncpg.Record) -> str | None:
    if found["version"] < OLDEST:
        return (
            f"PostgreSQL {found['version_text']} is too old: Parley runs on {OLDEST} to {NEWEST}; "
            "move the database to one of them with pg_dump and pg_restore"
        )
    if found["encoding"] != "UTF8":
        return (
            f"the database {found['database']} has the encoding {found['encoding']}: make another "
            f"with ENCODING 'UTF8' TEMPLATE template0; {_SCRIPT}, which makes it so"
        )
    if found["unavailable"]:
        return (
            f"PostgreSQL {found['version_text']} has not got the extensions "
            f"{', '.join(found['unavailable'])}: install its contrib package "
            f"(Debian has them in postgresql-{found['version']})"
        )
    return None


async def hold(url: str) -> list[str]:
    """Let the login that migrates act as the roles of requests, and make pgvector's table.

    What the login may not do is left: the start that needs it says so. Returns what was run.
    """
    connection = await connect(url, _STATEMENT_MS)
    try:
        return [
            *await _run(connection, _SQL["act"], ROLES),
            *await _run(connection, _SQL["embeddings"]),
        ]
    finally:
        await connection.close()


async def pgvector_left(url: str) -> str | None:
    """What is to be done for pgvector, where the server has it and `hold` could not use it."""
    connection = await connect(url, _STATEMENT_MS)
    try:
        found = await connection.fetchrow(_SQL["pgvector_left"])
    finally:
        await connection.close()
    if found is None or found["has_table"]:
        return None
    if found["installed_version"] is None:
        if not found["would_serve"]:  # as if the server had none
            return None
        return (
            f"pgvector {found['default_version']} is there, and only a superuser may make it: "
            f"{_SCRIPT}, then run `parley migrate` again; matching alone will need it"
        )
    if not found["has_hnsw"]:
        return (
            f"pgvector {found['installed_version']} is older than 0.5: install a newer one, run "
            "ALTER EXTENSION vector UPDATE as its owner, then `parley migrate` again; matching "
            "alone will need it"
        )
    return None


async def _run(connection: asyncpg.Connection, query: str, *arguments: object) -> list[str]:
    """Run the statements that a query gives; none, when another is in the way for long."""
    if not await connection.fetch(query, *arguments):
        return []
    try:
        async with connection.transaction():
            await connection.execute(f"SET LOCAL lock_timeout = '{_TURN_MS}ms'")
            await connection.fetchval("SELECT pg_advisory_xact_lock($1)", TURN)
            # Another may have run them by now.
            statements = [row["statement"] for row in await connection.fetch(query, *arguments)]
            for statement in statements:
                await connection.execute(statement)
    except (asyncpg.InsufficientPrivilegeError, asyncpg.LockNotAvailableError) as error:
        log.warning("installation_not_completed", reason=str(error))
        return []
    log.info("installation_completed", statements=statements)
    return statements


@contextlib.contextmanager
def reaching(url: str, setting: str) -> Iterator[None]:
    """Around connecting: why it fails, as a `NotInstalledError` that names the setting."""
    try:
        yield
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        problem = _unreachable(error, url, setting)
        if problem is None:
            raise
        raise NotInstalledError(problem) from error


def _unreachable(error: Exception, url: str, setting: str) -> str | None:
    place = urlsplit(url).netloc.rpartition("@")[2] or "localhost"
    if ":" not in place.rpartition("]")[2]:
        place += ":5432"
    said = str(error).splitlines()[0] if str(error) else type(error).__name__
    match error:
        case OSError() | TimeoutError():
            told = f"PostgreSQL does not answer at {place} ({said}): start it, or correct {setting}"
        case asyncpg.InvalidCatalogNameError():
            told = f"PostgreSQL at {place}: {said}: {_SCRIPT}, or correct {setting}"
        case asyncpg.InvalidPasswordError() | asyncpg.InvalidAuthorizationSpecificationError():
            told = f"PostgreSQL at {place}: {said}: correct the login in {setting}, or {_SCRIPT}"
        case asyncpg.CannotConnectNowError() | asyncpg.TooManyConnectionsError():
            told = f"PostgreSQL at {place} takes no connection now ({said}): try again"
        case asyncpg.InsufficientPrivilegeError():
            told = f"PostgreSQL at {place}: {said}: GRANT CONNECT to the login in {setting}"
        case asyncpg.UndefinedObjectError() | asyncpg.InterfaceError():
            # A parameter behind the question mark.
            told = f"the URL of PostgreSQL at {place} is wrong ({said}): correct {setting}"
        case _:
            return None
    return told
