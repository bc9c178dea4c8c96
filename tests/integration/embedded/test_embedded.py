"""The embedded servers: they start, keep data, survive a kill, and live side by side."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import asyncpg
import psutil
import pytest
import redis.asyncio

from server.processes import migration
from server.processes.migration import Database
from storage.database import migrate
from storage.database.logins import rights_of
from storage.embedded import data_directory
from storage.embedded.processes import has_ended
from tests.directories import server_directory

_KILLED_RUN = """
import asyncio, pathlib, sys
from server.processes import migration
from server.processes.migration import Database
from storage.database import migrate
from storage.database.logins import rights_of
from storage.embedded import data_directory

async def main():
    async with data_directory.running(pathlib.Path(sys.argv[1]), durable=False):
        print("up", flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.fixture
def data_dir() -> Iterator[Path]:
    with server_directory() as directory:
        yield directory / "deeper" / "data"


def is_alive(pid: int | None) -> bool:
    assert pid
    try:
        return not has_ended(psutil.Process(pid))
    except psutil.NoSuchProcess:
        return False


async def one(dsn: str | None, query: str) -> object:
    connection = await asyncpg.connect(dsn, timeout=10)
    try:
        *before, last = query.split("; ")
        for statement in before:
            await connection.execute(statement)
        return await connection.fetchval(last)
    finally:
        await connection.close()


async def retried(ask: Callable[[], Awaitable[object]]) -> object:
    """The first answer of a server that is away."""
    while True:
        with contextlib.suppress(OSError, asyncpg.PostgresError, redis.exceptions.RedisError):
            return await ask()
        await asyncio.sleep(0.05)


@contextlib.asynccontextmanager
async def killed_run(data_dir: Path) -> AsyncIterator[data_directory.Servers]:
    """A run of the servers by another process, which is killed at the end of the block."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _KILLED_RUN, str(data_dir), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(40):
            async for line in process.stdout:
                if line == b"up\n":
                    break
        left = data_directory.addresses_of(data_dir)
        assert left
        yield left
    finally:
        process.kill()
        await process.communicate()


async def test_data_outlives_the_servers_and_the_servers_do_not_outlive_the_block(data_dir):
    async with data_directory.running(data_dir) as first:
        await one(first.owner_database_url, "create table kept as select 7 as n")
        assert data_directory.addresses_of(data_dir) == first
    assert data_directory.addresses_of(data_dir) is None
    assert not is_alive(first.postgres_pid)
    assert not is_alive(first.valkey_pid)
    async with data_directory.running(data_dir) as second:
        assert await one(second.owner_database_url, "select n from kept") == 7


async def test_servers_are_those_the_design_asks_for(data_dir):
    async with data_directory.running(data_dir) as servers:
        dsn = servers.owner_database_url
        assert str(await one(dsn, "show server_version")).startswith("18.")
        assert await one(dsn, "show server_encoding") == "UTF8"
        assert await one(dsn, "show fsync") == "on"
        assert await one(dsn, "show synchronous_commit") == "on"
        assert await one(dsn, "select lower('ÄΩ') = 'äω'") is True
        await one(dsn, "create extension pg_trgm")
        assert await one(dsn, "select show_trgm('消息')")
        await one(dsn, "create extension pg_stat_statements")
        async with redis.asyncio.Redis.from_url(str(servers.redis_url)) as client:
            assert (await client.info("server"))["valkey_version"].startswith("9.")


async def test_a_log_of_one_entry_is_small(data_dir):
    async with (
        data_directory.running(data_dir, postgres=False) as servers,
        redis.asyncio.Redis.from_url(str(servers.redis_url)) as client,
    ):
        await client.xadd("log", {"m": "0123456789abcdef"})
        assert (await client.memory_usage("log") or 0) in range(1, 2048)


async def test_a_password_is_asked_for(data_dir):
    async with data_directory.running(data_dir) as servers:
        stripped = str(servers.database_url).replace("parley_server:", "parley_server:wrong", 1)
        with pytest.raises(asyncpg.InvalidPasswordError):
            await one(stripped, "select 1")
        address = str(servers.redis_url).split("@")[1]
        with pytest.raises(redis.exceptions.AuthenticationError):
            async with redis.asyncio.Redis.from_url(f"redis://{address}") as client:
                await client.ping()


async def test_a_killed_run_is_picked_up(data_dir):
    async with killed_run(data_dir) as left:
        await one(left.owner_database_url, "create table kept as select 7 as n")
    assert is_alive(left.postgres_pid)

    async with data_directory.running(data_dir) as servers:
        assert await one(servers.owner_database_url, "select n from kept") == 7
        assert not is_alive(left.postgres_pid)
        assert not is_alive(left.valkey_pid)


async def test_killed_servers_recover_what_was_committed(data_dir):
    async with data_directory.running(data_dir) as servers:
        await one(servers.owner_database_url, "create table kept as select 7 as n")
        assert servers.postgres_pid and servers.valkey_pid
        os.kill(servers.postgres_pid, signal.SIGKILL)
        os.kill(servers.valkey_pid, signal.SIGKILL)
    async with data_directory.running(data_dir) as servers:
        assert await one(servers.owner_database_url, "select n from kept") == 7


async def test_killed_servers_are_started_again_where_they_were(data_dir):
    async with data_directory.running(data_dir) as servers:
        await one(servers.owner_database_url, "create table kept as select 7 as n")
        assert servers.postgres_pid and servers.valkey_pid
        os.kill(servers.postgres_pid, signal.SIGKILL)
        os.kill(servers.valkey_pid, signal.SIGKILL)
        async with asyncio.timeout(30):
            assert await retried(lambda: one(servers.owner_database_url, "select n from kept")) == 7
            async with redis.asyncio.Redis.from_url(str(servers.redis_url)) as client:
                assert await retried(client.ping)
            while servers == (again := data_directory.addresses_of(data_dir)):
                await asyncio.sleep(0.05)
        assert again
    assert not is_alive(again.postgres_pid)
    assert not is_alive(again.valkey_pid)


async def test_a_stale_pid_file_that_names_a_stranger_harms_nobody(data_dir):
    async with data_directory.running(data_dir):
        pass
    stranger = await asyncio.create_subprocess_exec("sleep", "60")
    pid_file = data_dir / "postgres" / "data" / "postmaster.pid"
    pid_file.write_text(f"{stranger.pid}\n{pid_file.parent}\n")
    try:
        async with data_directory.running(data_dir) as servers:
            assert await one(servers.database_url, "select 1") == 1
            assert stranger.returncode is None
    finally:
        stranger.kill()
        await stranger.wait()


async def test_one_directory_has_one_owner_and_two_directories_run_side_by_side(data_dir):
    async with contextlib.AsyncExitStack() as stack:
        first = await stack.enter_async_context(data_directory.running(data_dir))
        with pytest.raises(data_directory.DirectoryBusyError):
            await stack.enter_async_context(data_directory.running(data_dir))
        second = await stack.enter_async_context(
            data_directory.running(data_dir.with_name("second"))
        )
        await one(first.owner_database_url, "create table mine as select 1 as n")
        assert await one(second.database_url, "select to_regclass('mine')") is None


async def test_nothing_readable_by_others_holds_a_secret(data_dir):
    async with data_directory.running(data_dir) as servers:
        urls = (servers.database_url, servers.owner_database_url)
        secrets = {str(url).split(":")[2].split("@")[0] for url in urls}
        assert len(secrets) == 2
        secrets.add(str(servers.redis_url).split(":")[2].split("@")[0])
        for file in (path for path in data_dir.rglob("*") if path.is_file()):
            if file.stat().st_mode & 0o077:
                text = file.read_text(errors="replace")
                assert not any(secret in text for secret in secrets), file


async def test_data_of_earlier_versions_get_the_servers_login(data_dir):
    """They have one login, a superuser that owns all; what it made is the server's to use."""
    async with data_directory.running(data_dir, valkey=False) as servers:
        assert servers.owner_database_url is not None
        await migrate.upgrade(servers.owner_database_url, "0009")
        insert = "insert into users (display_name, kind) values ('Anna', 'both') returning true"
        assert await one(servers.owner_database_url, insert) is True
        await one(
            servers.owner_database_url,
            "drop owned by parley_server; drop role parley_server",
        )
    (data_dir / "postgres" / "server_password").unlink()
    for _ in range(2):
        async with data_directory.running(data_dir, valkey=False) as servers:
            database = Database(str(servers.database_url), servers.owner_database_url)
            await migration.at_start(database, 60, is_own=True)
            assert await one(servers.database_url, "select current_user") == "parley_service"
            assert await one(servers.database_url, "select display_name from users") == "Anna"
            rights = await rights_of(database.server)
            assert (rights.serves, rights.beyond) == (True, [])
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await one(servers.database_url, "drop table users")
