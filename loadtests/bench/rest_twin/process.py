"""A FastAPI twin as a process, on the database of a running server."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import msgspec

from loadtests.bench.target import database
from loadtests.bench.target.instance import APP, Instance, InstanceError
from loadtests.peers import programs

ROOT = Path(__file__).parents[3]
UVICORN = ROOT / ".venv-peers" / "bin" / "uvicorn"
REST = "loadtests.bench.rest_twin.app:app"


def is_installed() -> bool:
    """Whether `make bench` has installed what the twin needs."""
    return UVICORN.exists()


@contextlib.contextmanager
def started(server: Instance, app: str = REST) -> Iterator[Instance]:
    """The twin as long as the block lasts, as `server` with another app. Raises `InstanceError`."""
    port = programs.free_port()
    log_file = server.data_dir / "twin.log"
    command = [
        str(UVICORN),
        *("--app-dir", str(ROOT), "--host", "127.0.0.1", "--port", str(port)),
        *("--loop", "uvloop", "--http", "httptools", "--no-access-log"),
        # A connection waits for the slowest of its round.
        *("--timeout-keep-alive", "60"),
        app,
    ]
    settings = os.environ | {"TWIN_DATABASE_URL": database.url(server)}
    with contextlib.ExitStack() as stack:
        try:
            pid = stack.enter_context(programs.running(command, settings, port, log_file))
        except programs.ProgramError as error:
            tail = programs.last_lines(log_file)
            raise InstanceError(f"the FastAPI twin did not start: {error}\n{tail}") from error
        yield msgspec.structs.replace(
            server, http=f"http://127.0.0.1:{port}", roots=server.roots | {APP: pid}
        )
