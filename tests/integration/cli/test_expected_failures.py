"""What an operator is to expect is one line that says what to do, without a traceback."""

import asyncio
import os
import re
import shutil
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from server.config import Settings
from server.processes import failures
from storage.embedded.processes import telling
from tests.program import PARLEY, Ended, command, environment, parley

pytestmark = pytest.mark.timeout(180)  # programs that start, one after the other

AS_ANOTHER = """
import os, sys
from server.cli.command_line import main

if os.geteuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
sys.exit(main(["migrate"]))
"""
"""`parley migrate` as nobody, or as oneself where one is not root; all is imported before."""


def line_of(ended: Ended) -> str:
    """The only thing that was said, but for the log."""
    assert ended.code == 1
    assert "Traceback" not in ended.complaint
    said = [line for line in ended.complaint.splitlines() if not line.startswith(("{", "20"))]
    assert len(said) == 1, said
    return said[0]


@pytest.fixture
def taken() -> Iterator[str]:
    """A port that somebody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        yield str(door.getsockname()[1])


@pytest.mark.parametrize(
    "more",
    [
        {"PARLEY_WS_PORT": "taken"},
        {"PARLEY_METRICS_PORT": "taken"},
        {"PARLEY_HTTP_PORT": "taken", "PARLEY_WORKERS": "2"},
    ],
)
async def test_a_port_that_is_taken(
    data_dir: Path, database_url: str, redis_url: str, taken: str, more: dict[str, str]
) -> None:
    given = {name: taken if text == "taken" else text for name, text in more.items()}
    urls = {"PARLEY_DATABASE_URL": database_url, "PARLEY_REDIS_URL": redis_url}
    ended = await parley("serve", data_dir=data_dir, **urls, **given)
    (setting,) = (name for name, text in more.items() if text == "taken")
    assert line_of(ended).startswith(f"port {taken} of 127.0.0.1 is taken")
    assert f"set {setting} to another port" in ended.complaint


async def test_a_port_of_operators_that_is_taken_is_told_before_workers_start(
    data_dir: Path, database_url: str, redis_url: str, taken: str
) -> None:
    given = {"PARLEY_METRICS_PORT": taken, "PARLEY_WORKERS": "2", "PARLEY_LOG_FORMAT": "json"}
    urls = {"PARLEY_DATABASE_URL": database_url, "PARLEY_REDIS_URL": redis_url}
    ended = await parley("serve", data_dir=data_dir, **urls, **given)
    assert line_of(ended).startswith(f"port {taken} of 127.0.0.1 is taken")
    assert "PARLEY_METRICS_PORT" in ended.complaint
    assert "worker" not in ended.complaint


@pytest.mark.parametrize(
    "words",
    [("migrate",), ("migrate", "--plan"), ("partitions",), ("emails", "list"), ("seed",)],
)
async def test_postgresql_that_is_away(data_dir: Path, words: tuple[str, ...]) -> None:
    url = "postgresql://ada:secret@127.0.0.1:1/parley"
    ended = await command(*words, data_dir=data_dir, PARLEY_DATABASE_URL=url)
    assert line_of(ended).startswith("PostgreSQL does not answer at 127.0.0.1:1")
    assert "start it, or correct" in ended.complaint
    assert "secret" not in ended.complaint


async def test_a_reader_that_has_enough_of_a_plan_is_no_failure(
    data_dir: Path, empty_database_url: str
) -> None:
    """What a migration would run is longer than a pipe takes at once."""
    process = await asyncio.create_subprocess_exec(
        *("bash", "-c", 'set -o pipefail; "$0" migrate --plan | head -n 1', PARLEY),
        env=environment(data_dir, {"PARLEY_DATABASE_URL": empty_database_url}),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(60):
        output, complaint = await process.communicate()
    assert (process.returncode, output.decode()) == (0, "-- the schema is at nothing\n")
    assert "PostgreSQL went away" not in complaint.decode()


async def test_data_of_another_version(data_dir: Path) -> None:
    data = data_dir / "postgres" / "data"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("17\n")
    ended = await command("migrate", data_dir=data_dir)
    assert "are of PostgreSQL 17, and this Parley brings 18" in line_of(ended)


def test_data_of_another_person(data_dir: Path) -> None:
    data_dir.mkdir()
    (data_dir / "postgres").mkdir()
    data_dir.chmod(stat.S_IRWXU if os.geteuid() == 0 else 0)
    try:
        done = subprocess.run(
            [sys.executable, "-c", AS_ANOTHER],
            env=environment(data_dir, {}),
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    finally:
        data_dir.chmod(stat.S_IRWXU)
    line = line_of(Ended(done.returncode, done.stdout, done.stderr))
    assert re.search(
        r"Permission denied: it is \S+'s, and this runs as \S+; run as its owner", line
    )


@pytest.fixture
def file(data_dir: Path) -> Path:
    """A file where a directory is expected."""
    file = data_dir.with_name("file")
    file.write_text("")
    return file


async def test_a_data_directory_that_is_a_file(file: Path) -> None:
    ended = await parley("serve", data_dir=file)
    assert line_of(ended) == f"{file} is not a directory: set PARLEY_DATA_DIR to another one"


@pytest.fixture
def small_disk(data_dir: Path) -> Iterator[Path]:
    """A disk that is too small for a PostgreSQL; skips the test where none may be mounted."""
    disk = data_dir.with_name("disk")
    disk.mkdir()
    mount = shutil.which("mount")
    made = mount and subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=20m", "tmpfs", str(disk)],
        check=False,
        capture_output=True,
    )
    if not made or made.returncode:
        pytest.skip("no small disk can be mounted here: that takes root and its capabilities")
    try:
        yield disk
    finally:
        subprocess.run(["umount", str(disk)], check=True)


async def test_a_full_disk_at_the_first_start(small_disk: Path) -> None:
    line = line_of(await parley("serve", data_dir=small_disk / "data"))
    assert "No space left on device: make room there, or set PARLEY_DATA_DIR" in line
    assert line.startswith("initdb failed in ")


def test_what_follows_a_full_disk_does_not_hide_it() -> None:
    log = (
        "2026-11-29 20:32:17 UTC [1] PANIC:  could not write: No space left on device\n"
        "2026-11-29 20:32:18 UTC [2] LOG:  server process was terminated by signal 6\n"
        "2026-11-29 20:32:18 UTC [2] FATAL:  could not start\n"
    )
    assert telling(log).startswith("PANIC:  could not write: No space left on device: make room")
    assert telling(log.splitlines()[2]) == "FATAL:  could not start"
    part = "FATAL:  file: wrote only 4096 of 8192 bytes\nHINT:  Check free disk space.\n"
    assert "8192 bytes: No space left on device: make room" in telling(part)
    assert telling("\n") == "it said nothing"


def test_only_what_is_expected_is_one_line(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    full = asyncpg.DiskFullError("could not extend file\nHINT:  Check free disk space.")
    grouped = ExceptionGroup("tasks", [ExceptionGroup("tasks", [full])])
    line = failures.expected(grouped, settings)
    assert line is not None
    assert line.startswith("PostgreSQL's disk is full (could not extend file): make room there")
    several = ExceptionGroup("tasks", [full, ValueError("ours")])
    assert failures.expected(several, settings) is None
    for fault in (ValueError("ours"), FileNotFoundError(2, "none", "/nowhere"), OSError("ours")):
        assert failures.expected(fault, settings) is None
