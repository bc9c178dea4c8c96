"""Server processes: `parley serve`, each behind proxies of its own, started again when they die."""

import asyncio
import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import psutil

from loadtests.chaos.servers.proxy import Address, Proxy
from loadtests.chaos.servers.stores import Postgres, Valkey

_UP_S = 60.0
_DOWN_S = 15.0
_POLL_S = 0.05
_PAUSE_S = 0.2

SETTINGS = {
    "PARLEY_HTTP_PORT": "0",
    "PARLEY_WS_PORT": "0",
    "PARLEY_RATE_LIMITS": "off",
    "PARLEY_ACCESS_TOKEN_TTL_S": "86400",
    "PARLEY_LIMIT_UNAUTHENTICATED_PER_ADDRESS": "20000",
    "PARLEY_LIMIT_CONNECTIONS_PER_ADDRESS": "20000",
    "PARLEY_LIMIT_HTTP_PER_ADDRESS": "20000",
    "PARLEY_LIMIT_REGISTRATIONS_PER_HOUR": "100000",
    "PARLEY_LIMIT_NEW_DIRECT_PER_DAY": "100000",
    # A stalled reader is to be noticed within seconds of this little traffic.
    "PARLEY_LIMIT_QUEUE_BYTES": "65536",
    "PARLEY_DRAIN_S": "2",
    "PARLEY_LOG_FORMAT": "json",
    "PARLEY_LOG_LEVEL": "info",
}


class NodeError(Exception):
    """A node does not come up."""


class Node:
    """One `parley serve`. Enter it to have it kept running until the block ends."""

    def __init__(
        self, name: str, data_dir: Path, postgres: Postgres, valkey: Valkey, *, workers: int = 1
    ) -> None:
        """With more than one worker there is a supervisor, which replaces them by itself."""
        self.name = name
        self.workers = workers
        self.starts = 0
        self.log_file = data_dir / f"{name}.log"
        self.to_postgres = Proxy(lambda: [postgres.address])
        self.to_valkey = Proxy(lambda: [valkey.address])
        self._data_dir = data_dir
        self._stores = postgres, valkey
        self._ports: dict[str, int] = {}
        self._log_from = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._stack = contextlib.AsyncExitStack()

    async def __aenter__(self) -> Self:
        await self._stack.enter_async_context(self.to_postgres)
        await self._stack.enter_async_context(self.to_valkey)
        self._keeper = asyncio.create_task(self._keep())
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._keeper is not None
        self._keeper.cancel()
        await asyncio.wait([self._keeper])
        self._signal(signal.SIGKILL)
        await self._stack.aclose()

    @property
    def is_up(self) -> bool:
        """Whether it serves, as far as is known."""
        return bool(self._ports) and self._process is not None and self._process.poll() is None

    @property
    def websocket(self) -> Address:
        """The door for sockets."""
        return "127.0.0.1", self._ports.get("ws_port", 0)

    @property
    def http(self) -> str:
        """The door for HTTP."""
        return f"http://127.0.0.1:{self._ports.get('http_port', 0)}"

    async def up(self) -> None:
        """Wait until it serves. Raises `NodeError`."""
        deadline = time.monotonic() + _UP_S
        while not self.is_up:
            if self._keeper is not None and self._keeper.done():
                raise NodeError(f"{self.name} is not kept") from self._keeper.exception()
            if time.monotonic() > deadline:
                raise NodeError(f"{self.name} does not come up:\n{self._tail()}")
            await asyncio.sleep(_POLL_S)

    async def kill(self) -> None:
        """SIGKILL to all of its processes; returns when they have ended."""
        await self._end(signal.SIGKILL)

    async def drain(self) -> None:
        """SIGTERM; returns when the process has ended."""
        await self._end(signal.SIGTERM)

    async def kill_worker(self, chance: random.Random) -> None:
        """SIGKILL to one of several workers, once they serve; returns when it has ended."""
        await self.up()
        pids = [entry["pid"] for entry in self._told("worker_ready")]
        alive = [pid for pid in pids if psutil.pid_exists(pid)]
        with contextlib.suppress(psutil.NoSuchProcess):
            victim = psutil.Process(chance.choice(alive))
            victim.kill()
            await asyncio.to_thread(psutil.wait_procs, [victim], _DOWN_S)

    async def exchange(self) -> None:
        """SIGHUP: every worker gives way to a new one, once they serve; returns when all have."""
        await self.up()
        before = len(self._told("workers_restarted"))
        self._signal(signal.SIGHUP)
        deadline = time.monotonic() + _UP_S
        while len(self._told("workers_restarted")) == before:
            if time.monotonic() > deadline:
                raise NodeError(f"{self.name} did not exchange its workers within {_UP_S:g} s")
            await asyncio.sleep(_POLL_S)

    def _told(self, event: str) -> list[dict[str, Any]]:
        """What the present process has logged under this name."""
        marker = f'"{event}"'.encode()
        with self.log_file.open("rb") as log:
            log.seek(self._log_from)
            return [json.loads(line) for line in log if marker in line]

    async def _end(self, sign: signal.Signals) -> None:
        self._signal(sign)
        process, deadline = self._process, time.monotonic() + _DOWN_S
        while process is not None and process.poll() is None:
            if time.monotonic() > deadline:
                raise NodeError(f"{self.name} did not end by {sign.name} within {_DOWN_S:g} s")
            await asyncio.sleep(_POLL_S)

    async def _keep(self) -> None:
        while True:
            self._launch()
            await self._await_ports()
            while self._process is not None and self._process.poll() is None:
                await asyncio.sleep(_POLL_S)
            self._ports = {}
            # What the dead process had sent is the kernel's to deliver, not this program's.
            await asyncio.sleep(_PAUSE_S)

    def _launch(self) -> None:
        self.starts += 1
        self._ports = {}
        command = [str(Path(sys.executable).with_name("parley")), "serve"]
        if self.workers > 1:
            command += ["--workers", str(self.workers)]
        with self.log_file.open("ab") as output:
            self._log_from = output.tell()
            self._process = subprocess.Popen(  # noqa: S603  # our own program
                [*command, "--data-dir", str(self._data_dir)],
                env=os.environ | self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def _environment(self) -> Mapping[str, str]:
        postgres, valkey = self._stores
        return SETTINGS | {
            "PARLEY_DATABASE_URL": postgres.url_by(self.to_postgres.port),
            "PARLEY_REDIS_URL": valkey.url_by(self.to_valkey.port),
        }

    async def _await_ports(self) -> None:
        while self._process is not None and self._process.poll() is None:
            if serving := self._told("serving"):
                self._ports = serving[0]
                return
            await asyncio.sleep(_POLL_S)

    def _signal(self, sign: signal.Signals) -> None:
        if self._process is None or self._process.poll() is not None:
            return
        if sign is not signal.SIGKILL:
            self._process.send_signal(sign)
            return
        with contextlib.suppress(psutil.NoSuchProcess):
            for process in psutil.Process(self._process.pid).children(recursive=True):
                process.kill()
        self._process.kill()

    def _tail(self) -> str:
        return self.log_file.read_bytes()[-3_000:].decode(errors="replace")


def backends(nodes: list[Node], start: int) -> list[Address]:
    """The nodes that serve, beginning with another one for every `start`: a simple balancer."""
    ordered = nodes[start % len(nodes) :] + nodes[: start % len(nodes)]
    return [node.websocket for node in ordered if node.is_up]
