"""Real servers for the tests that ask for them: one PostgreSQL and one Valkey a session.

Each process of `pytest -n` has servers of its own. `PARLEY_TEST_DATABASE_URL` and
`PARLEY_TEST_REDIS_URL` name others to use instead: a role that may create databases and extensions,
and a Redis database that is emptied before every test. Of several processes the first uses that
Redis database, the second the one after it, and so on.
"""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Callable, Iterator
from urllib.parse import urlsplit

import asyncpg
import pytest
import redis.asyncio
import structlog
import uvloop
from sqlalchemy.engine import make_url

from server.telemetry import logging_setup
from storage.embedded import data_directory
from tests.databases import Databases, databases_on
from tests.directories import server_directory

pytest_plugins = ["tests.app", "tests.program", "tests.s3_server", "tests.smtp_server"]


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Tests run on the loop that the server runs on."""
    return {"uvloop": uvloop.new_event_loop}


@pytest.fixture(scope="session", autouse=True)
def _commands_leave_logging_alone() -> Iterator[None]:
    """A command that a test runs in its own process does not set up the logs of all tests.

    A logger keeps what it is told at its first use: later tests would not hear it.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(logging_setup, "set_up", lambda *_: None)
        yield


@pytest.fixture(autouse=True)
def _logging_is_as_before() -> Iterator[None]:
    """Fails the test that sets up logging, and not one of those after it."""
    before = structlog.get_config()
    yield
    assert structlog.get_config() == before, "the test has set up the logs of all that follow"


@pytest.fixture(scope="session")
def embedded_servers(worker_id: str) -> Iterator[data_directory.Servers]:
    """The session's servers: embedded ones, except where the environment names others."""
    database_url = os.environ.get("PARLEY_TEST_DATABASE_URL")
    redis_url = _redis_of(worker_id, os.environ.get("PARLEY_TEST_REDIS_URL"))
    stack = contextlib.AsyncExitStack()
    with server_directory() as directory, asyncio.Runner() as runner:
        own = runner.run(
            stack.enter_async_context(
                data_directory.running(
                    directory, postgres=not database_url, valkey=not redis_url, durable=False
                )
            )
        )
        yield data_directory.Servers(
            _servers_login(database_url) if database_url else own.database_url,
            redis_url or own.redis_url,
            own.postgres_pid,
            own.valkey_pid,
            database_url or own.owner_database_url,
        )
        runner.run(stack.aclose())


def _servers_login(owner_url: str) -> str:
    """On a PostgreSQL that the environment names: a login that the tests make."""
    login = make_url(owner_url).set(username="parley_test_server", password="parley-test-server")
    return login.render_as_string(hide_password=False)


def _redis_of(worker_id: str, url: str | None) -> str | None:
    """The Redis database of one process of several: `gw0`, `gw1`, …; `master` is the only one."""
    number = int(worker_id.removeprefix("gw")) if worker_id.startswith("gw") else 0
    if not url or not number:
        return url
    parts = urlsplit(url)
    first = int(parts.path.strip("/") or 0)
    return parts._replace(path=f"/{first + number}").geturl()


@pytest.fixture(scope="session")
def databases(embedded_servers: data_directory.Servers) -> Iterator[Databases]:
    """What makes databases for tests."""
    assert embedded_servers.database_url is not None
    assert embedded_servers.owner_database_url is not None
    with databases_on(
        embedded_servers.database_url, embedded_servers.owner_database_url
    ) as databases:
        yield databases


@pytest.fixture
async def empty_database_url(databases: Databases) -> AsyncIterator[str]:
    """The owner's URL of a database of this test's own, without any schema."""
    async with databases.empty() as url:
        yield url


@pytest.fixture
async def database_url(databases: Databases) -> AsyncIterator[str]:
    """The URL of a migrated, empty database of this test's own, for the server's login."""
    async with databases.migrated() as url:
        yield url


@pytest.fixture
def owner_database_url(databases: Databases, database_url: str) -> str:
    """The owner's URL of the same database: for what only he may do."""
    return databases.owners(database_url)


@pytest.fixture
async def owner(owner_database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection of the owner's, to the test's database."""
    connection = await asyncpg.connect(owner_database_url, timeout=10)
    yield connection
    await connection.close(timeout=10)


@pytest.fixture
async def redis_url(embedded_servers: data_directory.Servers) -> str:
    """The URL of a Valkey database that is empty when the test begins."""
    assert embedded_servers.redis_url is not None
    client = redis.asyncio.Redis.from_url(embedded_servers.redis_url, socket_timeout=10)
    try:
        await client.flushdb()
    finally:
        await client.aclose()
    return embedded_servers.redis_url
