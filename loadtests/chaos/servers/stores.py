"""The run's own PostgreSQL and Valkey, which it may end and start again as it likes.

A first `parley serve` makes them in a data directory of the run. How each was started is read from
its process, and from then on this module starts them, on the same ports and data.
"""

import asyncio
import contextlib
import os
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import msgspec
import psutil
import redis.asyncio
import redis.exceptions

from loadtests.bench.target import instance

_UP_S = 60.0
_ASK_S = 2.0
_POLL_S = 0.05


class StoreError(Exception):
    """A store did not come up or did not end."""


class _Addresses(msgspec.Struct):
    """What is read of `servers.json`."""

    database_url: str
    redis_url: str
    postgres_pid: int
    valkey_pid: int


class Store(ABC):
    """A server process: how it is started, and whether it answers."""

    def __init__(self, url: str, pid: int, arguments: list[str]) -> None:
        process = psutil.Process(pid)
        self.url = url
        self.directory = Path(process.cwd())
        self._command = [process.exe(), *arguments]
        self._account = process.uids().real, process.gids().real
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Its process, once it was started."""
        assert self._process is not None
        return self._process.pid

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens."""
        parts = urlsplit(self.url)
        return parts.hostname or "", parts.port or 0

    def url_by(self, port: int) -> str:
        """Its address by way of a proxy on a local port."""
        parts = urlsplit(self.url)
        login = parts.netloc.rpartition("@")[0]
        return parts._replace(netloc=f"{login}@127.0.0.1:{port}").geturl()

    async def start(self) -> None:
        """Start it and wait until it answers; a start that fails is repeated."""
        deadline = time.monotonic() + _UP_S
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                self._launch()
            if await self.answers():
                return
            await asyncio.sleep(_POLL_S)
        raise StoreError(f"{self._command[0]} does not answer; its log is in {self.directory}")

    async def end(self, sign: signal.Signals) -> None:
        """End it by a signal and wait until it has gone."""
        assert self._process is not None
        self._process.send_signal(sign)
        deadline = time.monotonic() + _UP_S
        while self._process.poll() is None:
            if time.monotonic() > deadline:
                self._process.kill()
                raise StoreError(f"{self._command[0]} did not end by {sign.name}")
            await asyncio.sleep(_POLL_S)

    @abstractmethod
    async def answers(self) -> bool:
        """Whether it serves now."""

    def _launch(self) -> None:
        user, group = self._account
        is_other = user != os.getuid()
        with (self.directory / "chaos.log").open("ab") as output:
            self._process = subprocess.Popen(  # noqa: S603  # as the server itself started it
                self._command,
                cwd=self.directory,
                env={"LC_ALL": "C.UTF-8"},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                user=user if is_other else None,
                group=group if is_other else None,
                extra_groups=[] if is_other else None,
            )


class Postgres(Store):
    """PostgreSQL, durable as ever."""

    async def answers(self) -> bool:
        """Whether it lets us in."""
        try:
            connection = await asyncpg.connect(self.url, timeout=_ASK_S)
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return False
        await connection.close(timeout=_ASK_S)
        return True

    async def fetch(self, sql: str) -> list[asyncpg.Record]:
        """Rows, past all proxies."""
        connection = await asyncpg.connect(self.url, timeout=_ASK_S)
        try:
            return await connection.fetch(sql, timeout=60)
        finally:
            await connection.close(timeout=_ASK_S)


class Valkey(Store):
    """Valkey; what it is told to save it loads again at its next start."""

    @property
    def dump(self) -> Path:
        """The snapshot that `SAVE` writes."""
        return self.directory / "dump.rdb"

    async def answers(self) -> bool:
        """Whether it answers a ping."""
        try:
            await self.do("PING")
        except (redis.exceptions.RedisError, OSError):
            return False
        return True

    async def do(self, *command: str | int) -> object:
        """One command, past all proxies."""
        client = redis.asyncio.Redis.from_url(
            self.url, socket_connect_timeout=_ASK_S, socket_timeout=30, retry=None
        )
        try:
            answer: object = await client.execute_command(*command)  # type: ignore[no-untyped-call]  # redis-py leaves it untyped
            return answer
        finally:
            await client.aclose()


@contextlib.asynccontextmanager
async def running(data_dir: Path) -> AsyncIterator[tuple[Postgres, Valkey]]:
    """Both, as long as the block lasts; their data stay in `data_dir`."""
    postgres, valkey = await asyncio.to_thread(_made, data_dir)
    try:
        await asyncio.gather(postgres.start(), valkey.start())
        yield postgres, valkey
    finally:
        for store, sign in ((postgres, signal.SIGQUIT), (valkey, signal.SIGKILL)):
            with contextlib.suppress(AssertionError, StoreError):
                await store.end(sign)


def _made(data_dir: Path) -> tuple[Postgres, Valkey]:
    with instance.started(data_dir) as made:
        text = (made.data_dir / "servers.json").read_bytes()
        found = msgspec.json.decode(text, type=_Addresses)
        data = str(data_dir.resolve() / "postgres" / "data")
        settings = str(data_dir.resolve() / "valkey" / "valkey.conf")
        return (
            Postgres(found.database_url, found.postgres_pid, ["-D", data]),
            Valkey(found.redis_url, found.valkey_pid, [settings]),
        )
