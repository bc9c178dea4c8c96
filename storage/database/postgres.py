"""Connections to PostgreSQL, bounded in every wait, and which errors mean that it is away."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg
import structlog

from protocol.errors import RequestError
from storage.database.installation.acting import ServiceLostError
from storage.database.queries import load_queries

log = structlog.get_logger()
_INSTALLATION = load_queries("database/installation")

UNAVAILABLE = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    # What a connection says that the server is just ending.
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    # Both pass: somebody makes room, and a fail-over ends the sessions of the former primary.
    asyncpg.DiskFullError,
    asyncpg.ReadOnlySQLTransactionError,
    # Our statements are short: one that runs into the timeout waits for a server that is too slow.
    asyncpg.QueryCanceledError,
    # Administrators take a role away and give it back; nobody's socket has to close meanwhile.
    ServiceLostError,
)
"""What asyncpg raises when the server, and not the statement, is at fault."""

LATE = (TimeoutError, asyncpg.QueryCanceledError)
"""Those of them after which nobody waits as long once more."""

REPEATABLE = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError)
"""Nothing was kept and the same call may succeed at once."""

CONNECT_S = 5.0


def session_settings(statement_timeout_ms: int) -> dict[str, str]:
    """Settings of every connection.

    Generic plans: our statements are prepared and repeated, and planning the group functions anew
    costs more than running them on one row. No sequential scans where an index serves: a plan made
    while a table, or a new week's partition, was empty would read all of it once it has grown.
    """
    return {
        "statement_timeout": str(statement_timeout_ms),
        "plan_cache_mode": "force_generic_plan",
        "enable_seqscan": "off",
        "jit": "off",
        "timezone": "UTC",
        "application_name": "parley",
    }


async def connect(dsn: str, statement_timeout_ms: int, **settings: str) -> asyncpg.Connection:
    """One connection of its own, with further settings. Raises one of `UNAVAILABLE`."""
    return await asyncpg.connect(
        dsn,
        timeout=CONNECT_S,
        command_timeout=statement_timeout_ms / 1000 + 1,
        server_settings=session_settings(statement_timeout_ms) | settings,
    )


async def connect_pool(
    dsn: str, *, size: int, statement_timeout_ms: int, **settings: str
) -> "asyncpg.Pool[asyncpg.Record]":
    """The pool that everything but the writers uses, with further settings of its connections.

    Raises one of `UNAVAILABLE`.
    """
    pool = await asyncpg.create_pool(
        dsn,
        min_size=1,
        max_size=size,
        timeout=CONNECT_S,
        command_timeout=statement_timeout_ms / 1000 + 1,
        server_settings=session_settings(statement_timeout_ms) | settings,
        init=see_role,
        reset=_as_it_is,
    )
    assert pool is not None
    return pool


async def see_role(connection: asyncpg.Connection) -> None:
    """See that a new connection has the role that its login is set to take on.

    PostgreSQL only warns when it cannot, and every statement fails then. Raises `ServiceLostError`.
    """
    role = await connection.fetchval(_INSTALLATION["role_not_taken"])
    if role is not None:
        error = ServiceLostError(
            f"the login does not act as {role}: `parley migrate --print-superuser` prints the "
            "statements that make the role and let the login act as it"
        )
        log.error("role_lacking", reason=str(error))
        raise error


async def _as_it_is(_connection: object) -> None:
    """Give a connection back without asyncpg's four statements that undo what a session may hold.

    Here a session holds nothing: roles, settings and advisory locks are a transaction's, and a
    transaction that was left open has been rolled back by now.
    """


def is_bad_argument(error: Exception) -> bool:
    """True for asyncpg's word for an argument that it cannot send: our fault, not the server's."""
    return isinstance(error, asyncpg.InterfaceError) and isinstance(error, ValueError)


@contextmanager
def losses_told() -> Iterator[None]:
    """Around any use of a connection: its loss is an error of `UNAVAILABLE`.

    asyncpg may answer a lost connection by cancelling what awaits it, which looks as if somebody
    had cancelled the task: a task that takes it for that ends, and nobody hears of it.
    """
    try:
        yield
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        raise asyncpg.ConnectionDoesNotExistError("the connection was lost") from None


def unavailable() -> RequestError:
    """What a command is told while PostgreSQL is away."""
    return RequestError.unavailable("the database")
