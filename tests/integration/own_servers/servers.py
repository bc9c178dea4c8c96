"""Servers of one's own for tests: PostgreSQL of each version that Parley runs on, and a Redis.

A version is Debian's where its package is installed, else that of `package.json` beside this file
(`make test` installs it), and the newest is the wheel's. A test whose server is not there is
skipped, with the reason; without a Redis they take the Valkey of the wheel.
"""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import asyncpg
import pytest
import redis.asyncio
import redis.exceptions

from storage.embedded import valkey
from storage.embedded.postgres import installation
from storage.embedded.processes import (
    account_for,
    end,
    free_port,
    last_lines,
    launch,
    let_read,
    private_directory,
    private_file,
    run_to_end,
)

VERSIONS = (15, 16, 17, 18)
SUPERUSER = "postgres"
PASSWORD = "of-the-superuser"
_START_S = 40.0
_POLL_S = 0.02
_SETTINGS = """\
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
port = {port}
max_connections = 50
fsync = off
synchronous_commit = off
full_page_writes = off
"""


def programs(version: int) -> Path:
    """The programs of a PostgreSQL; skips the test where that version is not at hand."""
    debian = Path(f"/usr/lib/postgresql/{version}/bin")
    if (debian / "postgres").exists():
        return debian
    if version == VERSIONS[-1]:
        return installation() / "bin"
    package = Path(__file__).parent / "node_modules" / f"postgres-{version}"
    if not (package / "native" / "bin" / "postgres").exists():
        pytest.skip(f"no PostgreSQL {version} here: postgresql-{version} of Debian, or npm ci")
    _link_libraries(package)
    return package / "native" / "bin"


def _link_libraries(package: Path) -> None:
    """Make the links that the package's install script would make: npm keeps none."""
    for link in json.loads((package / "native" / "pg-symlinks.json").read_text()):
        target = package / link["target"]
        with contextlib.suppress(FileExistsError):
            target.symlink_to(os.path.relpath(package / link["source"], target.parent))


def newest_tools() -> Path:
    """Where psql is that serves every version, and pg_dump."""
    return installation() / "bin"


class Address(NamedTuple):
    """Where an empty PostgreSQL listens, for its superuser."""

    port: int

    def url(self, login: str = SUPERUSER, password: str = PASSWORD, database: str = "") -> str:
        """A URL of the server for a login."""
        return f"postgresql://{login}:{password}@127.0.0.1:{self.port}/{database or 'postgres'}"

    @property
    def variables(self) -> dict[str, str]:
        """How psql finds it, as its superuser."""
        return {
            "PGHOST": "127.0.0.1",
            "PGPORT": str(self.port),
            "PGUSER": SUPERUSER,
            "PGPASSWORD": PASSWORD,
        }

    async def run(self, *statements: str, database: str = "postgres") -> None:
        """Run statements as the superuser."""
        connection = await asyncpg.connect(self.url(database=database), timeout=10)
        try:
            for statement in statements:
                await connection.execute(statement, timeout=30)
        finally:
            await connection.close(timeout=10)


@contextlib.asynccontextmanager
async def postgres(version: int, above: Path) -> AsyncIterator[Address]:
    """An empty PostgreSQL below a directory, as a package's first start leaves it."""
    bin_directory = programs(version)
    directory = above / f"postgres-{version}"
    account = account_for(directory)
    private_directory(directory, account)
    if account is not None and bin_directory.is_relative_to(Path(__file__).parent):
        let_read([bin_directory.parent])
    password, data = directory / "password", directory / "data"
    private_file(password, PASSWORD, account)
    command: list[str | Path] = [
        bin_directory / "initdb",
        f"--pgdata={data}",
        f"--username={SUPERUSER}",
        f"--pwfile={password}",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--locale=C.UTF-8",
        "--no-sync",
    ]
    run_to_end(command, directory, account, _START_S)
    address = Address(free_port())
    private_file(data / "postgresql.conf", _SETTINGS.format(port=address.port), account)
    log = directory / "server.log"
    process = launch([bin_directory / "postgres", "-D", data], directory, account, log)
    try:
        await _ready(data / "postmaster.pid", log)
        yield address
    finally:
        await end(process, ask=signal.SIGINT, insist=signal.SIGQUIT)


def _is_ready(pid_file: Path) -> bool:
    lines = pid_file.read_text().splitlines() if pid_file.exists() else []
    return len(lines) >= 8 and lines[7].strip() == "ready"


async def _ready(pid_file: Path, log: Path) -> None:
    """Wait until PostgreSQL takes connections, which it notes in its pid file."""
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline:
        if _is_ready(pid_file):
            return
        await asyncio.sleep(_POLL_S)
    raise AssertionError(last_lines(log))


@contextlib.asynccontextmanager
async def redis_server(above: Path, *settings: str) -> AsyncIterator[str]:
    """An empty Redis, by its URL; where none is installed, the wheel's Valkey."""
    program = shutil.which("redis-server") or str(valkey.program())
    directory = above / "redis"
    directory.mkdir()
    port, log = free_port(), directory / "server.log"
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", *settings]
    process = launch(command, directory, None, log)
    url = f"redis://127.0.0.1:{port}/0"
    client = redis.asyncio.Redis.from_url(url, socket_timeout=10, retry=None)
    try:
        deadline = time.monotonic() + _START_S
        while True:
            try:
                await client.ping()
                break
            except redis.exceptions.RedisError:
                assert time.monotonic() < deadline, last_lines(log)
                await asyncio.sleep(_POLL_S)
        yield url
    finally:
        await client.aclose()
        await end(process, ask=signal.SIGTERM, insist=signal.SIGKILL)
