"""A peer's process: started on a port of its own, waited for, ended."""

import contextlib
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

_START_S = 60.0
_STOP_S = 10.0
_POLL_S = 0.05
_LOG_TAIL_BYTES = 4_000


class ProgramError(Exception):
    """A peer did not start."""


@contextlib.contextmanager
def running(
    command: Sequence[str], settings: Mapping[str, str], port: int, log_file: Path
) -> Iterator[int]:
    """The program as long as the block lasts; its process id. Raises `ProgramError`."""
    with log_file.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603  # the peers' own commands
            command,
            env=dict(settings),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            # Ctrl-C reaches the run, which then ends the program.
            start_new_session=True,
        )
    try:
        _await_port(process, port)
        yield process.pid
    finally:
        process.terminate()
        try:
            process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(_STOP_S)


def free_port() -> int:
    """A port of the loopback interface that nobody listens on."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port: int = held.getsockname()[1]
        return port


def last_lines(log_file: Path) -> str:
    """The end of a log; nothing when there is none."""
    with contextlib.suppress(FileNotFoundError):
        return log_file.read_bytes()[-_LOG_TAIL_BYTES:].decode(errors="replace")
    return ""


def _await_port(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1.0):
            return
        time.sleep(_POLL_S)
    raise ProgramError(f"it did not listen within {_START_S:.0f} s, or ended")
