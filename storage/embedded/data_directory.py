"""PostgreSQL and Valkey of our own in one data directory: what runs when no URL names others.

One process at a time owns a data directory, by a lock that ends with it. The addresses stand in
`servers.json` there while the servers run, so that `parley migrate`, psql and measurements find
them.
"""

import asyncio
import contextlib
import fcntl
import os
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import structlog

from storage.embedded.postgres import EmbeddedPostgres, has_data
from storage.embedded.processes import private_file
from storage.embedded.valkey import EmbeddedValkey

log = structlog.get_logger()

WATCH_S = 0.25
_ADDRESSES = "servers.json"
_POSTGRES = "postgres"

_Server = EmbeddedPostgres | EmbeddedValkey


class Servers(msgspec.Struct, frozen=True):
    """Where the running servers are, with their passwords; None is one that was not asked for.

    `database_url` is for the server's login, `owner_database_url` for the owner's.
    """

    database_url: str | None
    redis_url: str | None
    postgres_pid: int | None
    valkey_pid: int | None
    owner_database_url: str | None = None


class DirectoryBusyError(RuntimeError):
    """Another process owns the data directory."""


@contextlib.asynccontextmanager
async def running(
    data_dir: Path, *, postgres: bool = True, valkey: bool = True, durable: bool = True
) -> AsyncIterator[Servers]:
    """Run the servers asked for below `data_dir` as long as the block lasts.

    One that dies meanwhile is started again, at the same address and on the same data. Raises
    `DirectoryBusyError` when another process runs its own there, `ServerFailedError` with the end
    of a server's log when one does not come up.
    """
    with _owned(data_dir):
        async with contextlib.AsyncExitStack() as stack:
            database_url = owner_url = redis_url = None
            database = EmbeddedPostgres(data_dir / _POSTGRES, durable=durable)
            cache = EmbeddedValkey(data_dir / "valkey")
            if postgres:
                stack.push_async_callback(_unhurried, database.stop)
                database_url = await database.start()
                owner_url = database.owner_dsn()
            if valkey:
                stack.push_async_callback(_unhurried, cache.stop)
                redis_url = await cache.start()
            addresses = data_dir / _ADDRESSES

            def told() -> Servers:
                servers = Servers(database_url, redis_url, database.pid, cache.pid, owner_url)
                private_file(addresses, msgspec.json.encode(servers).decode(), None)
                return servers

            servers = told()
            stack.callback(addresses.unlink, missing_ok=True)
            await stack.enter_async_context(_watched([database, cache], told))
            yield servers


@contextlib.asynccontextmanager
async def _watched(servers: Sequence[_Server], again: Callable[[], object]) -> AsyncIterator[None]:
    """Start each again when it dies, as long as the block lasts; `again` is called when one is."""

    async def watch(server: _Server) -> None:
        while True:
            await asyncio.sleep(WATCH_S)
            if server.has_died:
                name = type(server).__name__
                log.error("embedded_server_died", server=name, pid=server.pid)
                try:
                    await server.start()
                except Exception:  # whatever it was, the next attempt may succeed
                    log.exception("embedded_server_stays_away", server=name)
                else:
                    log.warning("embedded_server_started_again", server=name, pid=server.pid)
                    again()

    tasks = [asyncio.create_task(watch(server)) for server in servers]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


@contextlib.asynccontextmanager
async def database_running(data_dir: Path) -> AsyncIterator[Servers]:
    """The PostgreSQL of `data_dir`: run as long as the block lasts, or that of whoever runs it now.

    Raises as `running` does; `DirectoryBusyError` while another process begins or ends there.
    """
    async with contextlib.AsyncExitStack() as stack:
        try:
            servers = await stack.enter_async_context(running(data_dir, valkey=False))
        except DirectoryBusyError:
            others = addresses_of(data_dir)
            if others is None:
                raise
            servers = others
        yield servers


def addresses_of(data_dir: Path) -> Servers | None:
    """The servers that another process runs in `data_dir` now; None when it runs none."""
    try:
        return msgspec.json.decode((data_dir / _ADDRESSES).read_bytes(), type=Servers)
    except FileNotFoundError:
        return None


def has_database(data_dir: Path) -> bool:
    """Whether a PostgreSQL of ours has its data in `data_dir`, running or not."""
    return has_data(data_dir / _POSTGRES)


def server_log(data_dir: Path) -> Path:
    """Where the PostgreSQL in `data_dir` writes its log."""
    return data_dir / _POSTGRES / "server.log"


def make_data_dir(data_dir: Path) -> None:
    """Make the data directory, closed to others.

    As root the servers run as another account, which must pass through it to its own data.
    """
    data_dir.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)


@contextlib.contextmanager
def _owned(data_dir: Path) -> Iterator[None]:
    make_data_dir(data_dir)
    with (data_dir / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DirectoryBusyError(
                f"another parley runs in {data_dir}; set PARLEY_DATA_DIR to run a second one"
            ) from None
        yield


async def _unhurried(stop: Any) -> None:
    """Let a server end in its own time even when we are cancelled meanwhile."""
    stopping = asyncio.ensure_future(stop())
    try:
        await asyncio.shield(stopping)
    except asyncio.CancelledError:
        await stopping
        raise
