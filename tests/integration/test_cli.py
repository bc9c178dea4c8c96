"""`parley serve | migrate | seed | config` as programs: what a person and an operator see."""

import asyncio
import contextlib
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from client.connection import Dial
from client.credentials import Credentials
from client.frames import JSON, MSGPACK
from client.http import Api
from client.session import Session
from server.seed import ACCOUNTS
from storage.embedded import addresses_of

PARLEY = Path(sys.executable).with_name("parley")
UP_S = 60.0
"""initdb on a slow machine included."""
DOWN_S = 15.0


def environment(data_dir: Path, more: Mapping[str, str]) -> dict[str, str]:
    """Nothing of Parley's but what the test says."""
    inherited = {name: text for name, text in os.environ.items() if not name.startswith("PARLEY_")}
    ports = {"PARLEY_HTTP_PORT": "0", "PARLEY_WS_PORT": "0"}
    return inherited | ports | {"PARLEY_DATA_DIR": str(data_dir)} | dict(more)


@dataclass(frozen=True)
class Ended:
    """What a program said, and its exit code."""

    code: int
    output: str
    complaint: str


async def parley(*arguments: str, data_dir: Path, **more: str) -> Ended:
    """Runs a command to its end."""
    process = await asyncio.create_subprocess_exec(
        PARLEY,
        *arguments,
        env=environment(data_dir, more),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(UP_S):
        output, complaint = await process.communicate()
    assert process.returncode is not None
    return Ended(process.returncode, output.decode(), complaint.decode())


class Serving:
    """A running `parley serve`, with what it printed to welcome us."""

    def __init__(self, process: asyncio.subprocess.Process, welcome: str) -> None:
        self._process = process
        self.welcome = welcome
        words = welcome.split()
        self.ws_url = words[words.index("WebSocket") + 1]
        self.http_url = words[words.index("HTTP") + 1].removesuffix("/v1")

    async def end(self, sign: signal.Signals) -> int:
        """Sends a signal; the exit code. Raises `TimeoutError`."""
        self._process.send_signal(sign)
        async with asyncio.timeout(DOWN_S):
            # What it says at its end is read, or it could not say it.
            await self._process.communicate()
        assert self._process.returncode is not None
        return self._process.returncode


@contextlib.asynccontextmanager
async def serving(data_dir: Path, **more: str) -> AsyncIterator[Serving]:
    """A server, gone at the end with all that it started."""
    process = await asyncio.create_subprocess_exec(
        PARLEY,
        "serve",
        env=environment(data_dir, more),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert process.stdout is not None
    try:
        said = ""
        async with asyncio.timeout(UP_S):
            while "Ctrl-C ends it." not in said:
                line = await process.stdout.readline()
                assert line, f"it ended instead of serving:\n{said}"
                said += line.decode()
        yield Serving(process, said[said.index("Parley is up.") :])
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


@pytest.fixture
def data_dir():
    """A place for an instance; servers that a killed one leaves are ended.

    Not below pytest's own directory, which every session of pytest closes to other accounts.
    """
    above = Path(tempfile.mkdtemp(prefix="parley-tests-"))
    directory = above / "parley"
    yield directory
    left = addresses_of(directory)
    for pid in (left.postgres_pid, left.valkey_pid) if left is not None else ():
        if pid is not None:
            with contextlib.suppress(psutil.NoSuchProcess):
                process = psutil.Process(pid)
                process.kill()
                process.wait(DOWN_S)
    shutil.rmtree(above)


def embedded_in(data_dir: Path) -> list[Path]:
    """The logs of servers of its own that an instance has started."""
    return list(data_dir.glob("*/server.log"))


@contextlib.asynccontextmanager
async def chatting(server: Serving) -> AsyncIterator[tuple[Session, Session]]:
    """The first two of the seeded accounts, logged in and up to date."""
    async with Api(server.http_url) as api, contextlib.AsyncExitStack() as stack:
        sessions = []
        for account, form in zip(ACCOUNTS, (JSON, MSGPACK), strict=False):
            credentials = Credentials(api, login=(account.email, account.password))
            session = Session(credentials, Dial(server.ws_url, form))
            sessions.append(await stack.enter_async_context(session))
            await session.ready()
        yield sessions[0], sessions[1]


def direct_of(session: Session) -> str:
    """The seeded direct conversation."""
    return next(
        key for key, held in session.state.conversations.items() if held.shown.type == "direct"
    )


async def say(server: Serving, text: str) -> list[str | None]:
    """One says it, the other hears it; what both have said so far."""
    async with chatting(server) as (one, other):
        key = direct_of(one)
        sent = await one.send(key, text)
        await other.until(lambda: other.state.conversations[key].last_seq == sent.seq)
        page = await other.history(key)
        return [message.content for message in page.messages]


@pytest.mark.timeout(240)
async def test_serve_keeps_what_was_said(data_dir: Path) -> None:
    async with serving(data_dir) as server:
        for account in ACCOUNTS[:2]:
            assert f"--email {account.email} --password {account.password}" in server.welcome
        assert str(data_dir) in server.welcome
        first = await say(server, "before the end")
        assert len(first) == 5  # four were seeded
        busy = await parley("serve", data_dir=data_dir)
        assert busy.code == 1
        assert "another parley runs in" in busy.complaint
        # The schema and the seed of a running instance are looked at, and are as they should be.
        assert (await parley("migrate", data_dir=data_dir)).output == "the schema is at 0001\n"
        seeded = await parley("seed", data_dir=data_dir)
        assert (seeded.code, seeded.output) == (0, "there are people already; nothing done\n")
        assert await server.end(signal.SIGINT) == 0
    assert addresses_of(data_dir) is None
    async with serving(data_dir) as server:
        second = await say(server, "before the crash")
        assert second == [*first, "before the crash"]
        assert await server.end(signal.SIGKILL) == -signal.SIGKILL
    async with serving(data_dir) as server:
        assert await say(server, "after the crash") == [*second, "after the crash"]
        assert await server.end(signal.SIGTERM) == 0


@pytest.mark.timeout(120)
async def test_clients_that_stay_do_not_hold_up_the_end(data_dir: Path) -> None:
    async with serving(data_dir, PARLEY_DRAIN_S="1") as server, chatting(server) as (one, _):
        heard = one.changes()
        assert await server.end(signal.SIGINT) == 0
        async with asyncio.timeout(DOWN_S):
            assert "session.lost" in [(await anext(heard)).name for _ in range(2)]


async def test_other_servers_are_used_when_named(
    data_dir: Path, empty_database_url: str, redis_url: str
) -> None:
    urls = {"PARLEY_DATABASE_URL": empty_database_url, "PARLEY_REDIS_URL": redis_url}
    migrated = await parley("migrate", data_dir=data_dir, **urls)
    assert (migrated.code, migrated.output) == (0, "the schema is at 0001\n")
    seeded = await parley("seed", data_dir=data_dir, **urls)
    assert (seeded.code, seeded.output) == (0, "seeded\n")
    async with serving(data_dir, **urls) as server:
        assert ACCOUNTS[0].password not in server.welcome
        assert len(await say(server, "hello")) == 5
        assert await server.end(signal.SIGINT) == 0
    back = await parley("migrate", "--back-to", "base", data_dir=data_dir, **urls)
    assert (back.code, back.output) == (0, "the schema is at nothing\n")
    assert not embedded_in(data_dir)


async def test_config_shows_what_is_in_force_and_no_secret(data_dir: Path) -> None:
    secret = {
        "PARLEY_DATABASE_URL": "postgresql://parley:hunter2@db.example.org/parley",
        "PARLEY_SECRET_KEY": "a key of sixteen letters or more",
    }
    shown = await parley(
        "config", "--heartbeat-s", "5", "--limit-pins", "7", data_dir=data_dir, **secret
    )
    assert shown.code == 0
    values = dict(line.split("#")[0].strip().split("=", 1) for line in shown.output.splitlines())
    assert values["PARLEY_HEARTBEAT_S"] == "5.0"
    assert values["PARLEY_LIMIT_PINS"] == "7"
    assert values["PARLEY_DATA_DIR"] == str(data_dir)
    assert values["PARLEY_SECRET_KEY"] == "(hidden)"
    assert values["PARLEY_DATABASE_URL"] == "postgresql://(hidden)@db.example.org/parley"
    assert "hunter2" not in shown.output + shown.complaint
    assert not list(data_dir.parent.iterdir())


@pytest.mark.parametrize("command", ["serve", "config"])
async def test_a_wrong_value_names_itself(data_dir: Path, command: str) -> None:
    wrong = {"PARLEY_WS_PORT": "many", "PARLEY_LIMIT_PINS": "-1", "PARLEY_REDIS_URL": "http://x"}
    ended = await parley(command, data_dir=data_dir, **wrong)
    assert ended.code == 2
    for name in wrong:
        assert f"{name}: " in ended.complaint
    misspelt = await parley("config", data_dir=data_dir, PARLEY_WSPORT="1")
    assert misspelt.code == 0
    assert "PARLEY_WSPORT: not a setting of Parley" in misspelt.complaint
