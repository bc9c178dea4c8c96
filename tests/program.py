"""`parley` as people and operators run it: a program, its output, its signals."""

import asyncio
import contextlib
import io
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest

from client.connection.connection import Dial
from client.connection.credentials import Credentials
from client.connection.frames import JSON, MSGPACK
from client.connection.http import Api
from client.session import Session
from server.cli import command_line
from server.seed import ACCOUNTS
from storage.embedded.data_directory import addresses_of
from tests.directories import server_directory

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
    """Runs a command to its end. Raises `TimeoutError`."""
    return await parley_within(UP_S, *arguments, data_dir=data_dir, **more)


async def parley_within(within_s: float, *arguments: str, data_dir: Path, **more: str) -> Ended:
    """The same of a command that takes longer, or is to take less."""
    process = await asyncio.create_subprocess_exec(
        PARLEY,
        *arguments,
        env=environment(data_dir, more),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(within_s):
            output, complaint = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.communicate()
        raise
    assert process.returncode is not None
    return Ended(process.returncode, output.decode(), complaint.decode())


async def command(*arguments: str, data_dir: Path, **more: str) -> Ended:
    """As `parley`, but in this process: for one command of many, without a start each.

    Only for commands that do not serve; what they log is left out.
    """
    return await asyncio.to_thread(_main, arguments, environment(data_dir, more))


def _main(arguments: Sequence[str], variables: Mapping[str, str]) -> Ended:
    output, complaint = io.StringIO(), io.StringIO()
    with (
        pytest.MonkeyPatch.context() as patch,
        contextlib.redirect_stdout(output),
        contextlib.redirect_stderr(complaint),
    ):
        patch.setattr(os, "environ", dict(variables))
        try:
            code = command_line.main(arguments)
        except SystemExit as ended:
            code = int(ended.code or 0)
    return Ended(code, output.getvalue(), complaint.getvalue())


class Serving:
    """A running `parley serve`; all that it says is read as it comes."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.said = ""
        self.log: list[dict[str, Any]] = []
        self._news = asyncio.Condition()
        self._reader = asyncio.create_task(self._read())

    @property
    def welcome(self) -> str:
        """What it printed to welcome us."""
        return self.said[self.said.index("Parley is up.") :]

    @property
    def ws_url(self) -> str:
        """Where sockets connect."""
        words = self.welcome.split()
        return words[words.index("WebSocket") + 1]

    @property
    def ws_port(self) -> int:
        """The port of that."""
        port = urlsplit(self.ws_url).port
        assert port is not None
        return port

    @property
    def http_url(self) -> str:
        """Where requests go."""
        words = self.welcome.split()
        return words[words.index("HTTP") + 1].removesuffix("/v1")

    async def up(self) -> None:
        """Waits until it serves. Raises `TimeoutError`."""
        async with asyncio.timeout(UP_S), self._news:
            await self._news.wait_for(lambda: "Ctrl-C ends it." in self.said or self._reader.done())
        assert "Ctrl-C ends it." in self.said, f"it ended instead of serving:\n{self.said}"

    async def logged(self, event: str, *, after: int = 0, **fields: Any) -> int:
        """Waits for a line of the log; the place after it. Raises `TimeoutError`."""

        def place() -> int | None:
            for number, line in enumerate(self.log[after:], start=after + 1):
                if line["event"] == event and fields.items() <= line.items():
                    return number
            return None

        async with asyncio.timeout(UP_S), self._news:
            await self._news.wait_for(lambda: place() is not None)
        found = place()
        assert found is not None
        return found

    def send(self, sign: signal.Signals) -> None:
        """Sends a signal."""
        self.process.send_signal(sign)

    async def ended(self) -> int:
        """Waits for its end; the exit code. Raises `TimeoutError`."""
        async with asyncio.timeout(DOWN_S):
            return await self.process.wait()

    async def end(self, sign: signal.Signals) -> int:
        """Ends it by a signal; the exit code. Raises `TimeoutError`."""
        self.send(sign)
        return await self.ended()

    async def close(self) -> None:
        """Reads what is left to be read."""
        async with asyncio.timeout(DOWN_S):
            await self._reader

    async def _read(self) -> None:
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            async with self._news:
                self.said += line.decode()
                if line.startswith(b"{"):
                    self.log.append(json.loads(line))
                self._news.notify_all()
        async with self._news:
            self._news.notify_all()


@contextlib.asynccontextmanager
async def serving(
    data_dir: Path, *, before: Sequence[str] = (), **more: str
) -> AsyncIterator[Serving]:
    """A server, gone at the end with all that it started; `before` it on the command line."""
    async with starting(data_dir, before=before, **more) as server:
        await server.up()
        yield server


@contextlib.asynccontextmanager
async def starting(
    data_dir: Path, *, before: Sequence[str] = (), **more: str
) -> AsyncIterator[Serving]:
    """As `serving`, from its first moment on."""
    process = await asyncio.create_subprocess_exec(
        *before,
        PARLEY,
        "serve",
        env=environment(data_dir, more),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    server = Serving(process)
    try:
        yield server
    finally:
        if process.returncode is None:
            # Workers end by themselves.
            process.kill()
            await process.wait()
        await server.close()


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A place for an instance; servers that a killed one leaves are ended."""
    with server_directory() as above, instance(above / "parley") as directory:
        yield directory


@contextlib.contextmanager
def instance(directory: Path) -> Iterator[Path]:
    """The directory of an instance; at the end of the block its servers are ended, if a killed
    process has left them.
    """
    try:
        yield directory
    finally:
        left = addresses_of(directory)
        for pid in (left.postgres_pid, left.valkey_pid) if left is not None else ():
            if pid is not None:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process = psutil.Process(pid)
                    process.kill()
                    process.wait(DOWN_S)


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
