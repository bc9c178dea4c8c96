"""The login that servers connect with: no superuser, owner of nothing, with no grant of its own.

It is a member of the roles that requests and writers act as, and inherits from neither. Its role
from the start is the service's, by `ALTER ROLE … SET role`, which PostgreSQL applies itself: also
to connections that a pooler makes, and again after `RESET ROLE`
(docs/decisions/0027-logins.md).
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

import asyncpg
import structlog

from storage.database import scram
from storage.database.postgres import connect
from storage.database.queries import load_queries

log = structlog.get_logger()
_SQL = load_queries("database/logins")

SERVICE = "parley_service"
STATEMENT_MS = 10_000
ATTEMPTS = 5
PAUSE_S = 0.1

_TAKEN = (
    asyncpg.DuplicateObjectError,
    asyncpg.UniqueViolationError,
    asyncpg.InternalServerError,  # "tuple concurrently updated"
)
"""Roles belong to the whole server: another database's program made the same one at once."""


class LoginRefusedError(RuntimeError):
    """A login may not do what it is used for; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Rights:
    """What a login may do. `beyond` is what a server does not need.

    `serves` is true for a session that has the service's rights.
    """

    login: str
    serves: bool
    beyond: Sequence[str]

    @property
    def is_owner(self) -> bool:
        """True for a login that may do whatever the tables' owner may."""
        return bool({"superuser", "owner"} & set(self.beyond))


def login_of(url: str) -> str:
    """The name of the login in a URL; empty where it names none."""
    return unquote(urlsplit(url).username or "")


async def hold_login(owner_url: str, server_url: str, *, is_own: bool = False) -> list[str]:
    """Let the login of `server_url` serve, over a connection of the owner's; what was changed.

    A login that is not there is made, with the password of the URL; that of one that is there
    stays, unless the PostgreSQL `is_own`. One that is the owner, or may act as the owner, is left
    as it is. Raises `LoginRefusedError` where the owner may not do it, or one of `UNAVAILABLE`.
    """
    login = login_of(server_url)
    if not login or login == login_of(owner_url):
        return []
    connection = await connect(owner_url, STATEMENT_MS)
    try:
        for attempt in range(ATTEMPTS):
            try:
                return await _hold(connection, login, server_url, is_own=is_own)
            except _TAKEN:
                if attempt == ATTEMPTS - 1:
                    raise
                await asyncio.sleep(PAUSE_S)
        raise AssertionError
    except asyncpg.InsufficientPrivilegeError as error:
        raise LoginRefusedError(
            f"the login of PARLEY_OWNER_DATABASE_URL may not make {login} a server's login: "
            f"{error}; `parley migrate --print-superuser` prints the statements for a superuser"
        ) from error
    finally:
        await connection.close()


async def rights_of(url: str) -> Rights:
    """What the login of a URL may do, over a connection of its own. Raises one of `UNAVAILABLE`."""
    connection = await connect(url, STATEMENT_MS)
    try:
        found = await connection.fetchrow(_SQL["rights"], None)
        assert found is not None
        return Rights(**found)
    finally:
        await connection.close()


async def _hold(
    connection: asyncpg.Connection, login: str, server_url: str, *, is_own: bool
) -> list[str]:
    """All in one transaction: a login is never there without what it needs."""
    async with connection.transaction():
        found = await connection.fetchrow(_SQL["rights"], login)
        if found is not None and Rights(**found).is_owner:
            return []
        kept = _verifier(server_url) if found is None or is_own else ""
        made = await _run(connection, await connection.fetch(_SQL["create"], login, kept))
        if is_own and found is not None:
            await _run(connection, await connection.fetch(_SQL["set_password"], login, kept))
        made += await _run(connection, await connection.fetch(_SQL["adjust"], login))
    if made:
        log.info("login_held", login=login, statements=len(made))
    return made


def _verifier(url: str) -> str:
    try:
        return scram.verifier(unquote(urlsplit(url).password or ""))
    except ValueError as error:
        raise LoginRefusedError(f"PARLEY_DATABASE_URL: its password {error}") from error


async def _run(connection: asyncpg.Connection, statements: Sequence[asyncpg.Record]) -> list[str]:
    for row in statements:
        await connection.execute(row["statement"])
    # The password's verifier is told to nobody.
    return [row["statement"].partition(" PASSWORD ")[0] for row in statements]
