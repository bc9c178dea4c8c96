"""A settings file that is changed beneath a running server, and told of by SIGHUP."""

import contextlib
import signal
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest

from client.connection.http import Api
from server.seed import ACCOUNTS, seed
from tests.faults.processes.workers import pids_of
from tests.program import Serving, serving, starting
from tests.wire import open_wire

pytestmark = pytest.mark.timeout(180)

Start = Callable[..., contextlib.AbstractAsyncContextManager[Serving]]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "parley.settings"


@pytest.fixture
async def start(database_url: str, redis_url: str, data_dir: Path, file: Path) -> Start:
    """What starts a server with this settings file, on the tests' PostgreSQL and Valkey."""
    await seed(database_url)

    @contextlib.asynccontextmanager
    async def start(**more: str) -> AsyncIterator[Serving]:
        given = {
            "PARLEY_REDIS_URL": redis_url,
            "PARLEY_DATABASE_POOL": "6",
            "PARLEY_SETTINGS_FILE": str(file),
        }
        async with serving(data_dir, **given | more) as server:
            yield server

    return start


def write(file: Path, database_url: str, *lines: str) -> None:
    replace(file, "\n".join([f"PARLEY_DATABASE_URL={database_url}", *lines]))


def replace(file: Path, text: str | None) -> None:
    """Another text of the file; None is no file."""
    if text is None:
        file.unlink()
    else:
        file.write_text(text)


async def longest_text(server: Serving) -> int:
    """The limit that a new connection is told."""
    async with Api(server.http_url) as api:
        grant = await api.login(ACCOUNTS[0].email, ACCOUNTS[0].password)
    wire = await open_wire(server.ws_port, "json")
    try:
        told = await wire.ask("hello", token=grant.access_token)
    finally:
        await wire.close()
    limit: int = told["limits"]["content"]
    return limit


@pytest.mark.parametrize("workers", [1, 2])
async def test_new_settings_come_with_new_workers(
    start: Start, file: Path, database_url: str, workers: int
) -> None:
    before = f"PARLEY_WORKERS={workers}"
    write(file, database_url, before, "PARLEY_LIMIT_CONTENT_CHARS=100")
    async with start() as server:
        assert await longest_text(server) == 100
        old = pids_of(server)
        assert len(old) == workers
        # The ports and the number of workers need a restart, which is told; the rest does not.
        write(
            file,
            database_url,
            f"PARLEY_WORKERS={workers + 1}",
            "PARLEY_LIMIT_CONTENT_CHARS=200",
            "PARLEY_HOST=127.0.0.2",
        )
        server.send(signal.SIGHUP)
        await server.logged("settings_need_restart", names=["PARLEY_HOST", "PARLEY_WORKERS"])
        await server.logged("settings_read", changed=["PARLEY_LIMIT_CONTENT_CHARS"])
        await server.logged("workers_restarted")
        new = pids_of(server)
        assert new.keys() == old.keys()
        assert not set(new.values()) & set(old.values())
        assert await longest_text(server) == 200
        # One that dies later has the same.
        at = len(server.log)
        for pid in new.values():
            psutil.Process(pid).kill()
        for name in new:
            await server.logged("worker_ready", after=at, worker=name)
        assert await longest_text(server) == 200
        assert await server.end(signal.SIGTERM) == 0


async def test_told_of_while_it_starts(data_dir: Path, file: Path) -> None:
    replace(file, "PARLEY_LIMIT_CONTENT_CHARS=100")
    async with starting(data_dir, PARLEY_SETTINGS_FILE=str(file)) as server:
        await server.logged("schema_migrated")
        replace(file, "PARLEY_LIMIT_CONTENT_CHARS=200")
        server.send(signal.SIGHUP)
        await server.up()
        await server.logged("workers_restarted")
        assert await longest_text(server) == 200
        assert await server.end(signal.SIGTERM) == 0


async def test_a_wrong_file_is_logged_and_the_old_workers_stay(
    start: Start, file: Path, database_url: str
) -> None:
    write(file, database_url, "PARLEY_WORKERS=2", "PARLEY_LIMIT_CONTENT_CHARS=100")
    async with start() as server:
        old = pids_of(server)
        replace(file, "PARLEY_LIMIT_CONTENT_CHARS=many\nPARLEY_HTPP_PORT=1\n")
        server.send(signal.SIGHUP)
        await server.logged(
            "settings_refused",
            reasons=[f"{file}, line 2: PARLEY_HTPP_PORT: not a setting of Parley"],
        )
        replace(file, None)
        server.send(signal.SIGHUP)
        reason = f"PARLEY_SETTINGS_FILE: {file}: No such file or directory"
        await server.logged("settings_refused", reasons=[reason])
        assert pids_of(server) == old
        # A worker that dies meanwhile comes back with the settings that are in force.
        psutil.Process(old["1"]).kill()
        died = await server.logged("worker_died", worker="1")
        await server.logged("worker_ready", after=died, worker="1")
        assert await longest_text(server) == 100
        # What only a start can find out: nobody listens there.
        write(file, "postgresql://nobody:x@127.0.0.1:1/none", "PARLEY_WORKERS=2")
        server.send(signal.SIGHUP)
        given_up = await server.logged("restart_given_up")
        assert not [line for line in server.log[:given_up] if line["event"] == "workers_restarted"]
        assert await longest_text(server) == 100
        write(file, database_url, "PARLEY_WORKERS=2", "PARLEY_LIMIT_CONTENT_CHARS=300")
        server.send(signal.SIGHUP)
        await server.logged("workers_restarted")
        assert await longest_text(server) == 300


async def test_a_redis_that_refuses_is_found_out_before_the_exchange(
    data_dir: Path, database_url: str, redis_url: str, file: Path
) -> None:
    """Workers come up without Redis, and nobody would be told of anything any more."""
    await seed(database_url)
    write(file, database_url, f"PARLEY_REDIS_URL={redis_url}")
    async with serving(data_dir, PARLEY_SETTINGS_FILE=str(file)) as server:
        wrong = redis_url.replace("://", "://:wrong@", 1)
        write(file, database_url, f"PARLEY_REDIS_URL={wrong}")
        server.send(signal.SIGHUP)
        refused = await server.logged("settings_refused")
        write(file, database_url, f"PARLEY_REDIS_URL={redis_url}", "PARLEY_LIMIT_CONTENT_CHARS=9")
        server.send(signal.SIGHUP)
        await server.logged("workers_restarted", after=refused)
        restarts = [line for line in server.log if line["event"] == "workers_restarting"]
        assert len(restarts) == 1
        assert await longest_text(server) == 9


async def test_when_the_second_worker_does_not_come_up_the_first_goes_back(
    start: Start, file: Path, database_url: str, tmp_path: Path
) -> None:
    write(file, database_url, "PARLEY_WORKERS=2", "PARLEY_LIMIT_CONTENT_CHARS=100")
    address = urlsplit(database_url)
    password_file = tmp_path / "passwords"
    password_file.write_text(f"*:*:*:*:{address.password}\n")
    password_file.chmod(0o600)
    place = f"{address.username}@{address.hostname}:{address.port}"
    elsewhere = address._replace(netloc=place, query=f"passfile={password_file}").geturl()
    async with start(PARLEY_DRAIN_S="5") as server, contextlib.AsyncExitStack() as stack:
        async with Api(server.http_url) as api:
            grant = await api.login(ACCOUNTS[0].email, ACCOUNTS[0].password)
        for _ in range(8):  # the first worker drains its own before the second is exchanged
            wire = await open_wire(server.ws_port, "json")
            stack.push_async_callback(wire.close)
            await wire.ask("hello", token=grant.access_token)
        write(file, elsewhere, "PARLEY_WORKERS=2", "PARLEY_LIMIT_CONTENT_CHARS=200")
        server.send(signal.SIGHUP)
        restarting = await server.logged("workers_restarting")
        ready = await server.logged("worker_ready", after=restarting, worker="1")
        password_file.unlink()
        given_up = await server.logged("restart_given_up", after=ready, worker="2")
        await server.logged("worker_ready", after=given_up, worker="1")
        assert {await longest_text(server) for _ in range(8)} == {100}


async def test_without_a_file_a_terminal_that_closes_ends_it(
    database_url: str, redis_url: str, data_dir: Path
) -> None:
    given = {"PARLEY_DATABASE_URL": database_url, "PARLEY_REDIS_URL": redis_url}
    async with serving(data_dir, **given) as server:
        assert await server.end(signal.SIGHUP) == 0
