"""The main load: pairs of people with one message in flight each, and what a message costs.

    python -m loadtests.bench.pairs [--pairs 200] [--seconds 20] [--rounds 3] [--receipts]

starts a server of its own and ends it; `--http`, `--ws` and `--data-dir` name one that runs.
"""

import argparse
import contextlib
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from loadtests.bench import figures, measured
from loadtests.bench.drivers import seats
from loadtests.bench.drivers.turns import Turns, without_collector
from loadtests.bench.measured import Round
from loadtests.bench.target import accounts, instance
from loadtests.bench.target.cpu import CpuMeter, spent
from loadtests.bench.target.instance import Instance

FAILURES = seats.FAILURES
_SPARE_S = 60.0


class Options(msgspec.Struct, frozen=True):
    """The command line."""

    pairs: int
    seconds: float
    warm_up: float
    rounds: int
    receipts: bool
    http: str | None
    ws: str | None
    data_dir: Path | None

    @property
    def duration_s(self) -> float:
        """How long the load lasts."""
        rounds = self.rounds * (2 if self.receipts else 1)
        return (self.warm_up + self.seconds) * rounds


def main(argv: Sequence[str] | None = None) -> int:
    """Run the load and print its tables; the exit code is 1 when the server failed it."""
    options = _parse(argv)
    seats.end_when_told()
    try:
        with _instance(options) as server:
            print(report(options, *measure(options, server)))
    except FAILURES as failure:
        print(f"{type(failure).__name__}: {failure}", file=sys.stderr)
        return 1
    return 0


def measure(options: Options, server: Instance) -> tuple[list[Round], list[Round]]:
    """The rounds of messages alone and those with receipts, taken in turn.

    Raises `FAILURES`.
    """
    people = accounts.logins(
        server.http,
        2 * options.pairs,
        server.data_dir / "bench_logins.json",
        for_s=options.duration_s + _SPARE_S,
    )
    meter = CpuMeter(server.roots)
    plain: list[Round] = []
    with_receipts: list[Round] = []
    turns = seats.pairs(server.ws, people)
    try:
        with without_collector():
            turns.begin()
            for _ in range(options.rounds):
                plain.append(load(turns, meter, options.warm_up, options.seconds))
                if options.receipts:
                    turns.with_receipts = True
                    with_receipts.append(load(turns, meter, options.warm_up, options.seconds))
                    turns.with_receipts = False
            turns.end()
    finally:
        turns.close()
    return plain, with_receipts


def load(turns: Turns, meter: CpuMeter, warm_up_s: float, seconds: float) -> Round:
    """One round of pairs that have begun. Raises `FAILURES`."""
    turns.run(warm_up_s)
    before = meter.read()
    counts = turns.run(seconds)
    cpu = spent(before, meter.read())
    return Round(
        seconds=seconds,
        arrived=len(counts.to_received),
        receipts=counts.receipts,
        to_reply=measured.two_quantiles(counts.to_reply),
        to_received=measured.two_quantiles(counts.to_received),
        cpu=cpu,
    )


def report(options: Options, plain: Sequence[Round], with_receipts: Sequence[Round]) -> str:
    """The tables as text."""
    lasting = f"{options.rounds} rounds of {options.seconds:g} s"
    title = f"{options.pairs} pairs, one message in flight each; {lasting}"
    tables = [figures.table(title, measured.rows("message", plain))]
    if with_receipts:
        rows = measured.rows("message", with_receipts)
        rows["receipts/s"] = [each.receipts / each.seconds for each in with_receipts]
        tables.append(figures.table(f"{title}; each message marked read", rows))
        rows = {
            f"CPU µs a receipt: {name}": [
                (read.cost_us(*groups) - sent.cost_us(*groups)) * read.arrived / read.receipts
                for sent, read in zip(plain, with_receipts, strict=True)
            ]
            for name, groups in figures.GROUPS.items()
        }
        tables.append(figures.table("a receipt, as the difference of the two", rows))
    return "\n\n".join(tables)


@contextlib.contextmanager
def _instance(options: Options) -> Iterator[Instance]:
    if options.http and options.ws and options.data_dir:
        yield instance.given(options.http, options.ws, options.data_dir)
        return
    with instance.started(options.data_dir) as server:
        yield server


def _parse(argv: Sequence[str] | None) -> Options:
    parser = argparse.ArgumentParser(prog="loadtests.bench.pairs", description=__doc__)
    parser.add_argument("--pairs", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=20.0, help="of one round")
    parser.add_argument("--warm-up", type=float, default=5.0, help="seconds before each round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--receipts", action="store_true", help="measure receipt.read as well")
    parser.add_argument("--http", metavar="URL", help="http://HOST:PORT of a running server")
    parser.add_argument("--ws", metavar="URL", help="ws://HOST:PORT/v1/ws of it")
    parser.add_argument("--data-dir", type=Path, help="its data, or where to keep one's own")
    given = parser.parse_args(argv)
    if bool(given.http) != bool(given.ws) or (given.http and given.data_dir is None):
        parser.error("--http, --ws and --data-dir go together")
    return Options(**vars(given))


if __name__ == "__main__":
    sys.exit(main())
