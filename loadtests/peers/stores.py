"""The PostgreSQL and the Valkey that all systems of a run share, each with a database of its own.

They are Parley's embedded servers with the settings that Parley gives them, durability included.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import asyncpg

from loadtests.bench.target.instance import POSTGRES, REDIS
from loadtests.chaos.servers import stores as found

Result = TypeVar("Result")

_CONNECT_S = 10.0
_WORK_S = 120.0


class Stores:
    """Both, running; made by `running`."""

    def __init__(
        self, runner: asyncio.Runner, postgres: found.Postgres, valkey: found.Valkey
    ) -> None:
        self._runner = runner
        self._postgres = postgres
        self._valkey = valkey
        self.redis_url = valkey.url

    @property
    def roots(self) -> dict[str, int]:
        """The first process of each, to be measured."""
        return {POSTGRES: self._postgres.pid, REDIS: self._valkey.pid}

    def url(self, database: str) -> str:
        """Where a database is."""
        return urlsplit(self._postgres.url)._replace(path=f"/{database}").geturl()

    def create(self, database: str) -> None:
        """Make an empty database."""
        self.work("postgres", lambda on: on.execute(f'create database "{database}"'))

    def work(self, database: str, do: Callable[[Any], Awaitable[Result]]) -> Result:
        """Do something on a connection of the databases' owner."""

        async def connected() -> Result:
            connection = await asyncpg.connect(
                self.url(database), timeout=_CONNECT_S, command_timeout=_WORK_S
            )
            try:
                return await do(connection)
            finally:
                await connection.close(timeout=_CONNECT_S)

        return self._runner.run(connected())

    def tidy(self, database: str) -> None:
        """Leave nothing for the servers to do while another system is measured."""
        self.work(database, lambda on: on.execute("vacuum analyze"))
        self.work(database, lambda on: on.execute("checkpoint"))
        self._runner.run(self._valkey.do("FLUSHALL"))


@contextlib.contextmanager
def running(data_dir: Path) -> Iterator[Stores]:
    """Both as long as the block lasts, their data below `data_dir`."""
    with asyncio.Runner() as runner:
        context = found.running(data_dir)
        postgres, valkey = runner.run(_entered(context))
        try:
            yield Stores(runner, postgres, valkey)
        finally:
            runner.run(_left(context))


async def _entered(
    context: contextlib.AbstractAsyncContextManager[tuple[found.Postgres, found.Valkey]],
) -> tuple[found.Postgres, found.Valkey]:
    return await context.__aenter__()


async def _left(context: contextlib.AbstractAsyncContextManager[object]) -> None:
    await context.__aexit__(None, None, None)
