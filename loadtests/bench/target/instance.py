"""The server that a benchmark loads: one that runs already, or one of its own, ended with it."""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec
import orjson

from loadtests.bench.target.cpu import parent_of

APP = "app"
POSTGRES = "PostgreSQL"
REDIS = "Redis"

_START_S = 120.0
_STOP_S = 30.0
_POLL_S = 0.1
_LOG_TAIL_BYTES = 4_000
_LOAD_SETTINGS = {
    "PARLEY_HTTP_PORT": "0",
    "PARLEY_WS_PORT": "0",
    "PARLEY_RATE_LIMITS": "off",
    "PARLEY_ACCESS_TOKEN_TTL_S": "86400",
    "PARLEY_LIMIT_UNAUTHENTICATED_PER_ADDRESS": "20000",
    "PARLEY_LIMIT_CONNECTIONS_PER_ADDRESS": "20000",
    "PARLEY_LIMIT_HTTP_PER_ADDRESS": "20000",
    "PARLEY_LIMIT_REGISTRATIONS_PER_HOUR": "100000",
    "PARLEY_LIMIT_NEW_DIRECT_PER_DAY": "100000",
    "PARLEY_LOG_FORMAT": "json",
    "PARLEY_LOG_LEVEL": "info",
}


class InstanceError(Exception):
    """No server to load: it did not start, or is not where it was said to be."""


class Instance(msgspec.Struct, frozen=True):
    """Where a server listens, where its data are, and the first process of each of its groups."""

    http: str
    ws: str
    data_dir: Path
    roots: dict[str, int]


class _Servers(msgspec.Struct):
    """What is read of `servers.json`, which the server keeps in its data directory."""

    postgres_pid: int | None
    valkey_pid: int | None


def given(http: str, ws: str, data_dir: Path) -> Instance:
    """A server that runs already on servers of its own in `data_dir`. Raises `InstanceError`."""
    pids = _embedded(data_dir)
    return Instance(http, ws, data_dir, {APP: parent_of(pids[POSTGRES]), **pids})


@contextlib.contextmanager
def started(
    data_dir: Path | None = None, settings: Mapping[str, str] | None = None
) -> Iterator[Instance]:
    """A server without rate limits, unless `settings` say so, as long as the block lasts.

    Its data are kept in `data_dir`, or thrown away when none is named. Raises `InstanceError`.
    """
    with contextlib.ExitStack() as stack:
        if data_dir is None:
            made = stack.enter_context(tempfile.TemporaryDirectory(prefix="parley-bench-"))
            data_dir = Path(made)
            # As root PostgreSQL runs under another account, which must pass through.
            data_dir.chmod(0o711)
        with _serving(data_dir, settings or {}) as (pid, ports):
            yield _at(ports, data_dir, {APP: pid, **_embedded(data_dir)})


@contextlib.contextmanager
def started_beside(
    data_dir: Path, database_url: str, redis_url: str, roots: Mapping[str, int]
) -> Iterator[Instance]:
    """As `started`, on a PostgreSQL and a Redis that run already, whose processes are `roots`."""
    settings = {"PARLEY_DATABASE_URL": database_url, "PARLEY_REDIS_URL": redis_url}
    with _serving(data_dir, settings) as (pid, ports):
        yield _at(ports, data_dir, {APP: pid, **roots})


def _at(ports: Mapping[str, int], data_dir: Path, roots: dict[str, int]) -> Instance:
    return Instance(
        f"http://127.0.0.1:{ports['http_port']}",
        f"ws://127.0.0.1:{ports['ws_port']}/v1/ws",
        data_dir,
        roots,
    )


@contextlib.contextmanager
def _serving(data_dir: Path, settings: Mapping[str, str]) -> Iterator[tuple[int, dict[str, int]]]:
    """A server's process and its ports."""
    data_dir.mkdir(parents=True, exist_ok=True)
    log_file = data_dir / "bench_server.log"
    process = _launch(data_dir, log_file, settings)
    try:
        yield process.pid, _await_ports(process, log_file)
    finally:
        _end(process, data_dir)


def _launch(data_dir: Path, log_file: Path, settings: Mapping[str, str]) -> subprocess.Popen[bytes]:
    command = [Path(sys.executable).with_name("parley"), "serve", "--data-dir", data_dir]
    with log_file.open("wb") as output:
        return subprocess.Popen(  # noqa: S603  # our own program, with the path that we are given
            [str(part) for part in command],
            env={**os.environ, **_LOAD_SETTINGS, **settings},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            # Ctrl-C reaches the benchmark, which then ends the server.
            start_new_session=True,
        )


def _await_ports(process: subprocess.Popen[bytes], log_file: Path) -> dict[str, int]:
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline:
        for line in log_file.read_bytes().splitlines():
            if b'"serving"' in line:
                ports: dict[str, int] = orjson.loads(line)
                return ports
        if process.poll() is not None:
            break
        time.sleep(_POLL_S)
    tail = log_file.read_bytes()[-_LOG_TAIL_BYTES:].decode(errors="replace")
    raise InstanceError(f"the server did not start:\n{tail}")


def _end(process: subprocess.Popen[bytes], data_dir: Path) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(_STOP_S)
        # Killed, it leaves its servers running.
        with contextlib.suppress(InstanceError, ProcessLookupError):
            for pid in _embedded(data_dir).values():
                os.kill(pid, signal.SIGTERM)


def _embedded(data_dir: Path) -> dict[str, int]:
    try:
        servers = msgspec.json.decode((data_dir / "servers.json").read_bytes(), type=_Servers)
    except FileNotFoundError:
        raise InstanceError(f"no server runs in {data_dir}") from None
    if servers.postgres_pid is None or servers.valkey_pid is None:
        raise InstanceError("only a server with PostgreSQL and Valkey of its own can be measured")
    return {POSTGRES: servers.postgres_pid, REDIS: servers.valkey_pid}
