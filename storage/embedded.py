"""PostgreSQL and Valkey of our own in one data directory: what runs when no URL names others.

One process at a time owns a data directory, by a lock that ends with it. The addresses stand in
`servers.json` there while the servers run, so that `parley migrate`, psql and measurements find
them.
"""

import asyncio
import contextlib
import fcntl
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import msgspec

from storage.embedded_postgres import EmbeddedPostgres
from storage.embedded_valkey import EmbeddedValkey
from storage.processes import private_file

_ADDRESSES = "servers.json"


class Servers(msgspec.Struct, frozen=True):
    """Where the running servers are, with their passwords; None is one that was not asked for."""

    database_url: str | None
    redis_url: str | None
    postgres_pid: int | None
    valkey_pid: int | None


class DirectoryBusyError(RuntimeError):
    """Another process owns the data directory."""


@contextlib.asynccontextmanager
async def running(
    data_dir: Path, *, postgres: bool = True, valkey: bool = True, durable: bool = True
) -> AsyncIterator[Servers]:
    """Run the servers asked for below `data_dir` as long as the block lasts.

    Raises `DirectoryBusyError` when another process runs its own there, `ServerFailedError` with
    the end of a server's log when one does not come up.
    """
    with _owned(data_dir):
        async with contextlib.AsyncExitStack() as stack:
            database_url = redis_url = None
            database = EmbeddedPostgres(data_dir / "postgres", durable=durable)
            cache = EmbeddedValkey(data_dir / "valkey")
            if postgres:
                stack.push_async_callback(_unhurried, database.stop)
                database_url = await database.start()
            if valkey:
                stack.push_async_callback(_unhurried, cache.stop)
                redis_url = await cache.start()
            servers = Servers(database_url, redis_url, database.pid, cache.pid)
            addresses = data_dir / _ADDRESSES
            private_file(addresses, msgspec.json.encode(servers).decode(), None)
            stack.callback(addresses.unlink, missing_ok=True)
            yield servers


def addresses_of(data_dir: Path) -> Servers | None:
    """The servers that another process runs in `data_dir` now; None when it runs none."""
    try:
        return msgspec.json.decode((data_dir / _ADDRESSES).read_bytes(), type=Servers)
    except FileNotFoundError:
        return None


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
