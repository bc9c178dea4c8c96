"""Rounds: what every benchmark is, and the one way in which they are run.

Each round has a server of its own, started for it and ended with it, on the data that the
benchmark's earlier rounds left: no benchmark finds another's memory or caches. Several benchmarks
take turns, so that a slow minute of the machine does not fall on one of them alone.
"""

import argparse
import signal
import sys
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol

import asyncpg

from loadtests.bench import pairs
from loadtests.bench.drivers.closed_loop import SilentError
from loadtests.bench.drivers.http_asker import StatusError
from loadtests.bench.drivers.live import LivePairsError
from loadtests.bench.target import descriptors, instance
from loadtests.bench.target.descriptors import TooFewDescriptorsError
from loadtests.bench.target.instance import Instance

ROUNDS = 3


class BrokenRoundError(Exception):
    """The server did not do what the benchmark is about; the message says what."""


FAILURES = (
    *pairs.FAILURES,
    asyncpg.PostgresError,
    BrokenRoundError,
    TimeoutError,
    LivePairsError,
    SilentError,
    StatusError,
    TooFewDescriptorsError,
)


class Bench(Protocol):
    """One benchmark; sizes are given when it is made."""

    sockets: int
    """The most that one process holds at a time."""

    def round(self, server: Instance) -> None:
        """Load the server once and keep the figures. Raises `FAILURES`."""

    def report(self) -> str:
        """The figures of all rounds so far."""


def parser(name: str, about: str | None) -> argparse.ArgumentParser:
    """The options that every benchmark has when it is run by itself."""
    made = argparse.ArgumentParser(
        prog=f"python -m loadtests.bench.{name}",
        description=about,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("--rounds", type=int, default=ROUNDS)
    made.add_argument(
        "--data-dir", type=Path, help="keep the server's data here, for the next run to find"
    )
    return made


def run(benches: Mapping[str, Bench], rounds: int, data_dir: Path | None) -> int:
    """Run the rounds in turn and print each benchmark's table; 1 when one of them failed.

    A benchmark that fails has no further rounds; the others go on.
    """
    # So that what was started is ended also when this is told to end.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    failed: dict[str, str] = {}
    with ExitStack() as stack:
        if data_dir is None:
            made = stack.enter_context(tempfile.TemporaryDirectory(prefix="parley-bench-"))
            data_dir = Path(made)
            # As root PostgreSQL runs under another account, which must pass through.
            data_dir.chmod(0o711)
        for number in range(rounds):
            for name, bench in benches.items():
                if name in failed:
                    continue
                print(f"{name}: round {number + 1} of {rounds}", file=sys.stderr, flush=True)
                try:
                    _round(bench, data_dir / name)
                except FAILURES as failure:
                    failed[name] = f"{type(failure).__name__}: {failure}"
                    print(f"{name}: {failed[name]}", file=sys.stderr, flush=True)
    for name, bench in benches.items():
        print("\n" + (f"{name} failed: {failed[name]}" if name in failed else bench.report()))
    return 1 if failed else 0


def _round(bench: Bench, data_dir: Path) -> None:
    descriptors.allow(bench.sockets)
    with instance.started(data_dir) as server:
        bench.round(server)
