"""Databases for tests: copies of a migrated one, made ahead of the tests that use them.

The server under test has the login that it has in service, which owns nothing: whatever a test
makes it do proves that its rights suffice. The test's own hand may be the owner's.
"""

import asyncio
import contextlib
import itertools
import os
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import asyncpg
from sqlalchemy.engine import make_url

from server.processes import migration
from server.processes.migration import Database
from storage.database.lock_retries import WAIT_S

_CONNECT_S = 10
_EXECUTE_S = 50
_numbers = itertools.count(1)


def named(url: str, name: str) -> str:
    """The URL of another database of the same server."""
    return make_url(url).set(database=name).render_as_string(hide_password=False)


class Databases:
    """One thread with one connection makes and drops all databases of a session.

    A copy takes a tenth of a second: the next one is made while a test uses the one before.
    """

    def __init__(self, server_url: str, owner_url: str) -> None:
        """`server_url` names the server's login, which the owner makes if it is not there."""
        self._server_url = server_url
        self._url = named(owner_url, "postgres")
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="databases")
        self._runner = asyncio.Runner()
        self._connection: asyncpg.Connection | None = None
        self._template = self._thread.submit(self._migrated).result()
        self._next = self._thread.submit(self._copy, self._template)
        self._dropped: list[Future[None]] = []

    @contextlib.asynccontextmanager
    async def migrated(self) -> AsyncIterator[str]:
        """The URL of a migrated, empty database, which is there as long as the block lasts.

        It is for the server's login; `owners` makes it the owner's.
        """
        ready, self._next = self._next, self._thread.submit(self._copy, self._template)
        async with self._used(ready) as name:
            yield named(self._server_url, name)

    @contextlib.asynccontextmanager
    async def empty(self) -> AsyncIterator[str]:
        """The owner's URL of a database without any schema."""
        async with self._used(self._thread.submit(self._copy, "template1")) as name:
            yield named(self._url, name)

    def owners(self, url: str) -> str:
        """The owner's URL of a database of ours."""
        return named(self._url, make_url(url).database or "")

    def close(self) -> None:
        """Drop what is left. Raises what went wrong with any that was dropped before."""
        for name in (self._next.result(), self._template):
            self._dropped.append(self._thread.submit(self._drop, name))
        self._thread.submit(self._end).result()
        self._thread.shutdown()
        for dropped in self._dropped:
            dropped.result()

    @contextlib.asynccontextmanager
    async def _used(self, ready: "Future[str]") -> AsyncIterator[str]:
        name = await asyncio.wrap_future(ready)
        try:
            yield name
        finally:
            self._dropped.append(self._thread.submit(self._drop, name))

    # What follows runs in the thread.

    def _migrated(self) -> str:
        name = f"parley_template_{os.getpid()}"
        self._execute(f"create database {name}")
        database = Database(named(self._server_url, name), named(self._url, name))
        self._runner.run(migration.bring_up(database, WAIT_S))
        return name

    def _copy(self, template: str) -> str:
        name = f"parley_test_{os.getpid()}_{next(_numbers)}"
        self._execute(f"create database {name} template {template} strategy file_copy")
        return name

    def _drop(self, name: str) -> None:
        self._execute(f"drop database {name} with (force)")

    def _execute(self, sql: str) -> None:
        async def execute() -> None:
            if self._connection is None:
                self._connection = await asyncpg.connect(self._url, timeout=_CONNECT_S)
            await self._connection.execute(sql, timeout=_EXECUTE_S)

        self._runner.run(execute())

    def _end(self) -> None:
        assert self._connection is not None
        self._runner.run(self._connection.close(timeout=_CONNECT_S))
        self._runner.close()


@contextlib.contextmanager
def databases_on(server_url: str, owner_url: str) -> Iterator[Databases]:
    """Those of a session."""
    databases = Databases(server_url, owner_url)
    yield databases
    databases.close()
