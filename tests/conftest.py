"""Real servers for the tests that ask for them: one PostgreSQL and one Valkey a session.

Each process of `pytest -n` has servers of its own. `PARLEY_TEST_DATABASE_URL` and
`PARLEY_TEST_REDIS_URL` name others to use instead: a role that may create databases and extensions,
and a Redis database that is emptied before every test. Of several processes the first uses that
Redis database, the second the one after it, and so on.
"""

import asyncio
import contextlib
import itertools
import os
from collections.abc import AsyncIterator, Callable, Iterator
from urllib.parse import urlsplit

import asyncpg
import pytest
import redis.asyncio
import uvloop
from sqlalchemy.engine import make_url

from server.processes import migration
from storage.database.lock_retries import WAIT_S
from storage.embedded import data_directory
from tests.directories import server_directory

pytest_plugins = ["tests.app", "tests.program"]

_numbers = itertools.count(1)


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Tests run on the loop that the server runs on."""
    return {"uvloop": uvloop.new_event_loop}


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
            database_url or own.database_url,
            redis_url or own.redis_url,
            own.postgres_pid,
            own.valkey_pid,
        )
        runner.run(stack.aclose())


def _redis_of(worker_id: str, url: str | None) -> str | None:
    """The Redis database of one process of several: `gw0`, `gw1`, …; `master` is the only one."""
    number = int(worker_id.removeprefix("gw")) if worker_id.startswith("gw") else 0
    if not url or not number:
        return url
    parts = urlsplit(url)
    first = int(parts.path.strip("/") or 0)
    return parts._replace(path=f"/{first + number}").geturl()


@pytest.fixture(scope="session")
def template_url(embedded_servers: data_directory.Servers) -> Iterator[str]:
    """A migrated database that nobody writes to; every test's own is a copy of it."""
    assert embedded_servers.database_url is not None
    name = f"parley_template_{os.getpid()}"
    url = _database(embedded_servers.database_url, name)
    with asyncio.Runner() as runner:
        runner.run(_execute(embedded_servers.database_url, f"create database {name}"))
        runner.run(migration.bring_up(url, WAIT_S))
        yield url
        runner.run(_execute(embedded_servers.database_url, f"drop database {name} with (force)"))


@pytest.fixture
async def empty_database_url(embedded_servers: data_directory.Servers) -> AsyncIterator[str]:
    """The URL of a database of this test's own, without any schema."""
    assert embedded_servers.database_url is not None
    async with _own_database(embedded_servers.database_url, "template1") as url:
        yield url


@pytest.fixture
async def database_url(template_url: str) -> AsyncIterator[str]:
    """The URL of a migrated, empty database of this test's own."""
    async with _own_database(template_url, str(make_url(template_url).database)) as url:
        yield url


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


@contextlib.asynccontextmanager
async def _own_database(server_url: str, template: str) -> AsyncIterator[str]:
    name = f"parley_test_{os.getpid()}_{next(_numbers)}"
    maintenance_url = _database(server_url, "postgres")
    create = f"create database {name} template {template} strategy file_copy"
    await _execute(maintenance_url, create)
    try:
        yield _database(server_url, name)
    finally:
        await _execute(maintenance_url, f"drop database {name} with (force)")


def _database(url: str, name: str) -> str:
    return make_url(url).set(database=name).render_as_string(hide_password=False)


async def _execute(url: str, sql: str) -> None:
    connection = await asyncpg.connect(url, timeout=10)
    try:
        await connection.execute(sql, timeout=50)
    finally:
        await connection.close(timeout=10)
