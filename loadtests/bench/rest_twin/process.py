"""The FastAPI twin as a process, on the database of a running server."""

import contextlib
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from loadtests.bench import database
from loadtests.bench.instance import APP, Instance, InstanceError

ROOT = Path(__file__).parents[3]
UVICORN = ROOT / ".venv-peers" / "bin" / "uvicorn"

_START_S = 60.0
_STOP_S = 20.0
_POLL_S = 0.1
_LOG_TAIL_BYTES = 4_000


def is_installed() -> bool:
    """Whether `make bench` has installed what the twin needs."""
    return UVICORN.exists()


@contextlib.contextmanager
def started(server: Instance) -> Iterator[Instance]:
    """The twin as long as the block lasts, as `server` with another app. Raises `InstanceError`."""
    port = _free_port()
    log_file = server.data_dir / "rest_twin.log"
    with log_file.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603  # our own program, with a port that we choose
            [
                str(UVICORN),
                *("--app-dir", str(ROOT), "--host", "127.0.0.1", "--port", str(port)),
                *("--loop", "uvloop", "--http", "httptools", "--no-access-log"),
                "loadtests.bench.rest_twin.app:app",
            ],
            env=os.environ | {"TWIN_DATABASE_URL": database.url(server)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        _await_listening(process, port, log_file)
        yield msgspec.structs.replace(
            server,
            http=f"http://127.0.0.1:{port}",
            roots=server.roots | {APP: process.pid},
        )
    finally:
        process.terminate()
        try:
            process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(_STOP_S)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _await_listening(process: subprocess.Popen[bytes], port: int, log_file: Path) -> None:
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), _POLL_S):
            return
        time.sleep(_POLL_S)
    tail = log_file.read_bytes()[-_LOG_TAIL_BYTES:].decode(errors="replace")
    raise InstanceError(f"the FastAPI twin did not start:\n{tail}")
