"""`make run` as a newcomer has it: at a terminal, ended by Ctrl-C; and in the background."""

import asyncio
import contextlib
import fcntl
import os
import signal
import sys
import termios
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.program import DOWN_S, UP_S, Serving, environment

ROOT = Path(__file__).parents[3]
CTRL_C = b"\x03"
MAKE = ("make", "run", "READY=", f"BIN={Path(sys.executable).parent}")


class Terminal:
    """A terminal, and make as its foreground."""

    def __init__(self, ours: int, process: asyncio.subprocess.Process) -> None:
        self._ours = ours
        self.process = process
        self.shown = ""
        self._news = asyncio.Condition()
        asyncio.get_running_loop().add_reader(ours, self._read)

    async def shows(self, part: str) -> None:
        async with asyncio.timeout(UP_S), self._news:
            await self._news.wait_for(lambda: part in self.shown or self.process.returncode)
        assert part in self.shown, self.shown

    def press(self, keys: bytes) -> None:
        os.write(self._ours, keys)

    def _read(self) -> None:
        try:
            self.shown += os.read(self._ours, 65_536).decode(errors="replace")
        except OSError:  # nobody has the other side any more
            asyncio.get_running_loop().remove_reader(self._ours)
        self._told = asyncio.ensure_future(self._tell())

    async def _tell(self) -> None:
        async with self._news:
            self._news.notify_all()


@contextlib.asynccontextmanager
async def terminal(variables: dict[str, str]) -> AsyncIterator[Terminal]:
    ours, theirs = os.openpty()

    def take() -> None:
        """Make it the terminal of a session of its own."""
        os.setsid()
        fcntl.ioctl(theirs, termios.TIOCSCTTY, 0)

    process = await asyncio.create_subprocess_exec(
        *MAKE,
        cwd=ROOT,
        env=variables,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        preexec_fn=take,
    )
    os.close(theirs)
    try:
        yield Terminal(ours, process)
    finally:
        asyncio.get_running_loop().remove_reader(ours)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        await process.wait()
        os.close(ours)


@pytest.mark.parametrize("workers", ["1", "2"])
async def test_ctrl_c_ends_make_run_with_0(
    data_dir: Path, database_url: str, redis_url: str, workers: str
) -> None:
    urls = {"PARLEY_DATABASE_URL": database_url, "PARLEY_REDIS_URL": redis_url}
    variables = environment(data_dir, {**urls, "PARLEY_WORKERS": workers})
    async with terminal(variables) as shell:
        await shell.shows("Ctrl-C ends it.")
        shell.press(CTRL_C)
        async with asyncio.timeout(DOWN_S):
            assert await shell.process.wait() == 0, shell.shown
        assert "***" not in shell.shown


async def test_a_server_that_fails_is_a_failure_of_make(data_dir: Path) -> None:
    variables = environment(data_dir, {"PARLEY_HTTP_PORT": "70000"})
    async with terminal(variables) as shell:
        await shell.shows("PARLEY_HTTP_PORT: ")
        async with asyncio.timeout(DOWN_S):
            assert await shell.process.wait() == 2


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_to_the_group_is_one_signal(
    data_dir: Path, database_url: str, redis_url: str, sign: signal.Signals
) -> None:
    """It reaches the server itself, and again by make and by what make starts."""
    urls = {"PARLEY_DATABASE_URL": database_url, "PARLEY_REDIS_URL": redis_url}
    process = await asyncio.create_subprocess_exec(
        *MAKE,
        cwd=ROOT,
        env=environment(data_dir, {**urls, "PARLEY_LOG_FORMAT": "json"}),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    server = Serving(process)
    try:
        await server.up()
        os.killpg(process.pid, sign)
        await server.ended()
        # To the end of what the server says: make may be gone before it.
        await server.close()
        assert [line["event"] for line in server.log][-1] == "ended", server.said
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
