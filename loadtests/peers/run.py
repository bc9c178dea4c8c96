"""Parley and the servers that a team would write instead, under one load in one run.

    python -m loadtests.peers.run [--rounds 3] [--seconds 8] [--pairs 200] [--members 500]

The systems take turns: each is started, seated and loaded twice, with pairs and with a group, and
ended before the next. PostgreSQL and Valkey are the same for all; the driver is this process.
"""

import argparse
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import asyncpg
import msgspec

from loadtests.bench import fanout, measured, pairs
from loadtests.bench.drivers import seats
from loadtests.bench.drivers.turns import without_collector
from loadtests.bench.measured import Round
from loadtests.bench.target import descriptors
from loadtests.bench.target.cpu import CpuMeter
from loadtests.chaos.servers.stores import StoreError
from loadtests.peers import programs, stores, table
from loadtests.peers.programs import ProgramError
from loadtests.peers.stores import Stores
from loadtests.peers.systems import MissingError, System, every

_OTHERS = 200
"""Descriptors beside the sockets."""


class NotStoredError(Exception):
    """A system acknowledged messages that are not in its database, or stored others."""


FAILURES = (
    *seats.FAILURES,
    asyncpg.PostgresError,
    NotStoredError,
    ProgramError,
    TimeoutError,
)


class Options(msgspec.Struct, frozen=True):
    """The command line."""

    seconds: float
    warm_up: float
    rounds: int
    pairs: int
    members: int
    window: int
    only: list[str] | None


class Figures:
    """The rounds of one system so far."""

    def __init__(self) -> None:
        self.pairs: list[Round] = []
        self.group: list[Round] = []


def main(argv: Sequence[str] | None = None) -> int:
    """Run everything and print the tables; 1 when a system failed."""
    options = _parse(argv)
    seats.end_when_told()
    systems, failed = _present(options), {}
    descriptors.allow(max(2 * options.pairs, 1 + options.members) + _OTHERS)
    held = {system.name: Figures() for system in systems}
    try:
        with tempfile.TemporaryDirectory(prefix="parley-peers-") as made:
            data_dir = Path(made)
            # As root PostgreSQL runs under another account, which must pass through.
            data_dir.chmod(0o711)
            with stores.running(data_dir) as both:
                failed = _run(options, systems, both, data_dir, held)
    except (*FAILURES, StoreError) as failure:
        print(f"{type(failure).__name__}: {failure}", file=sys.stderr)
        return 1
    print(report(options, held))
    for name, why in failed.items():
        print(f"\n{name} failed: {why}")
    return 1 if failed else 0


def _present(options: Options) -> list[System]:
    """Those that were asked for and can run here; of the others it is said why not."""
    present = []
    for system in every():
        if options.only and system.name not in options.only:
            continue
        try:
            system.check()
        except MissingError as missing:
            print(f"{system.name} is left out: it needs {missing}", file=sys.stderr)
        else:
            present.append(system)
    return present


def _run(
    options: Options,
    systems: Sequence[System],
    both: Stores,
    data_dir: Path,
    held: dict[str, Figures],
) -> dict[str, str]:
    """All rounds; a system that fails has no further ones, and why is returned."""
    failed: dict[str, str] = {}
    for system in systems:
        system.prepare(both, options.pairs, options.members)
    for number in range(options.rounds):
        for system in systems:
            if system.name in failed:
                continue
            print(f"{system.name}: round {number + 1} of {options.rounds}", file=sys.stderr)
            try:
                turn(options, system, both, data_dir, held[system.name])
            except FAILURES as failure:
                failed[system.name] = f"{type(failure).__name__}: {failure}"
                print(f"{system.name}: {failed[system.name]}", file=sys.stderr)
                print(programs.last_lines(system.log_file(data_dir)), file=sys.stderr)
    return failed


def turn(options: Options, system: System, both: Stores, data_dir: Path, held: Figures) -> None:
    """Start a system, load it, end it, and see that all was stored. Raises `FAILURES`."""
    before = system.stored(both)
    with system.serving(both, data_dir) as serving:
        meter = CpuMeter(serving.roots)
        turns = serving.pairs()
        try:
            with without_collector():
                turns.begin()
                one = pairs.load(turns, meter, options.warm_up, options.seconds)
                turns.end()
        finally:
            turns.close()
        audience = serving.group()
        other = fanout.load(audience, meter, options.window, options.warm_up, options.seconds)
    sent, stored = turns.sent + audience.sent, system.stored(both) - before
    if sent != stored:
        raise NotStoredError(f"{sent} messages were sent and {stored} are stored")
    held.pairs.append(one)
    held.group.append(other)
    both.tidy(system.database)


def report(options: Options, held: Mapping[str, Figures]) -> str:
    """A table a load."""
    lasting = f"{options.rounds} rounds of {options.seconds:g} s, in turn"
    whole = {name: each for name, each in held.items() if each.group}
    if not whole:
        return "no system got through a round"
    return "\n\n".join(
        (
            _table(
                f"pairs: {options.pairs}, one message in flight each; {lasting}",
                "message",
                {name: each.pairs for name, each in whole.items()},
            ),
            _table(
                f"fan-out: one sender, {options.members} members, "
                f"{options.window} messages in flight; {lasting}",
                "delivery",
                {name: each.group for name, each in whole.items()},
            ),
        )
    )


def _table(title: str, what: str, rounds: Mapping[str, Sequence[Round]]) -> str:
    rows = {name: measured.rows(what, each) for name, each in rounds.items()}
    return table.comparison(title, rows, compared=measured.server_rows(what))


def _parse(argv: Sequence[str] | None) -> Options:
    names = [system.name for system in every()]
    parser = argparse.ArgumentParser(
        prog="python -m loadtests.peers.run",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--seconds", type=float, default=8.0, help="of each load in a round")
    parser.add_argument("--warm-up", type=float, default=3.0, help="seconds before each load")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--pairs", type=int, default=200)
    parser.add_argument("--members", type=int, default=fanout.MEMBERS)
    parser.add_argument("--window", type=int, default=fanout.WINDOW, help="messages in flight")
    parser.add_argument("--only", nargs="+", choices=names, metavar="NAME", help=", ".join(names))
    return Options(**vars(parser.parse_args(argv)))


if __name__ == "__main__":
    sys.exit(main())
