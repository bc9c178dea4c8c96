"""The main load: pairs of people with one message in flight each, and what a message costs.

    python -m loadtests.bench.pairs [--pairs 200] [--seconds 20] [--rounds 3] [--receipts]

starts a server of its own and ends it; `--http`, `--ws` and `--data-dir` name one that runs.
"""

import argparse
import contextlib
import gc
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec

from loadtests.bench import accounts, figures, instance, parley
from loadtests.bench.cpu import DRIVER, OTHERS, CpuMeter, ProcessGoneError, spent
from loadtests.bench.instance import APP, POSTGRES, REDIS, Instance
from loadtests.bench.turns import StalledError, Turns
from loadtests.bench.wire import ConnectionLostError

_SPARE_S = 60.0
_SERVER = (APP, POSTGRES, REDIS)
_MICRO = 1e6
_MILLI = 1e3

FAILURES = (
    accounts.AccountsError,
    instance.InstanceError,
    parley.RefusedError,
    ConnectionLostError,
    OSError,
    ProcessGoneError,
    StalledError,
)


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


class Round(msgspec.Struct, frozen=True):
    """One round: messages and receipts, latencies in seconds, CPU seconds by group."""

    seconds: float
    messages: int
    receipts: int
    to_reply: tuple[float, float]
    to_received: tuple[float, float]
    cpu: dict[str, float]

    def cost_us(self, *groups: str) -> float:
        """CPU µs a message of these groups together."""
        return sum(self.cpu[group] for group in groups) / self.messages * _MICRO


def main(argv: Sequence[str] | None = None) -> int:
    """Run the load and print its tables; the exit code is 1 when the server failed it."""
    options = _parse(argv)
    # So that what was started is ended also when this is told to end.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        with _instance(options) as server:
            print(report(options, *measure(options, server)))
    except FAILURES as failure:
        print(f"{type(failure).__name__}: {failure}", file=sys.stderr)
        return 1
    return 0


def measure(options: Options, server: Instance) -> tuple[list[Round], list[Round]]:
    """The rounds of messages alone and those with receipts, taken in turn. Raises `FAILURES`."""
    people = accounts.logins(
        server.http,
        2 * options.pairs,
        server.data_dir / "bench_logins.json",
        for_s=options.duration_s + _SPARE_S,
    )
    meter = CpuMeter(server.roots)
    plain: list[Round] = []
    with_receipts: list[Round] = []
    turns = Turns()
    try:
        for one, other in zip(people[::2], people[1::2], strict=True):
            _seat(turns, server.ws, one, other)
        # The driver makes no cycles, and the collector would only stop it now and then.
        gc.collect()
        gc.disable()
        turns.begin()
        for _ in range(options.rounds):
            plain.append(_round(turns, meter, options))
            if options.receipts:
                turns.with_receipts = True
                with_receipts.append(_round(turns, meter, options))
                turns.with_receipts = False
        turns.end()
    finally:
        gc.enable()
        turns.close()
    return plain, with_receipts


def report(options: Options, plain: Sequence[Round], with_receipts: Sequence[Round]) -> str:
    """The tables as text."""
    lasting = f"{options.rounds} rounds of {options.seconds:g} s"
    title = f"{options.pairs} pairs, one message in flight each; {lasting}"
    tables = [figures.table(title, _rows(plain))]
    if with_receipts:
        rows = _rows(with_receipts)
        rows["receipts/s"] = [each.receipts / each.seconds for each in with_receipts]
        tables.append(figures.table(f"{title}; each message marked read", rows))
        rows = {
            f"CPU µs a receipt: {name}": [
                (read.cost_us(*groups) - sent.cost_us(*groups)) * read.messages / read.receipts
                for sent, read in zip(plain, with_receipts, strict=True)
            ]
            for name, groups in _cost_groups().items()
        }
        tables.append(figures.table("a receipt, as the difference of the two", rows))
    return "\n\n".join(tables)


def _rows(rounds: Sequence[Round]) -> dict[str, list[float]]:
    columns: dict[str, Callable[[Round], float]] = {
        "messages/s": lambda each: each.messages / each.seconds,
        "send to reply, p50 ms": lambda each: each.to_reply[0] * _MILLI,
        "send to reply, p99 ms": lambda each: each.to_reply[1] * _MILLI,
        "send to received, p50 ms": lambda each: each.to_received[0] * _MILLI,
        "send to received, p99 ms": lambda each: each.to_received[1] * _MILLI,
    }
    rows = {name: [column(each) for each in rounds] for name, column in columns.items()}
    for name, groups in (*_cost_groups().items(), ("driver", (DRIVER,))):
        rows[f"CPU µs a message: {name}"] = [each.cost_us(*groups) for each in rounds]
    rows["other processes, cores"] = [each.cpu[OTHERS] / each.seconds for each in rounds]
    return rows


def _cost_groups() -> dict[str, tuple[str, ...]]:
    return {**{name: (name,) for name in _SERVER}, "all three": _SERVER}


def _round(turns: Turns, meter: CpuMeter, options: Options) -> Round:
    turns.run(options.warm_up)
    before = meter.read()
    tally = turns.run(options.seconds)
    cpu = spent(before, meter.read())
    return Round(
        seconds=options.seconds,
        messages=len(tally.to_received),
        receipts=tally.receipts,
        to_reply=_two_quantiles(tally.to_reply),
        to_received=_two_quantiles(tally.to_received),
        cpu=cpu,
    )


def _two_quantiles(values: Sequence[float]) -> tuple[float, float]:
    return figures.quantile(values, 0.50), figures.quantile(values, 0.99)


def _seat(turns: Turns, ws_url: str, one: accounts.Login, other: accounts.Login) -> None:
    """Connect two people and let them take turns in their direct conversation."""
    first = parley.connect(ws_url, one.token)
    second = parley.connect(ws_url, other.token)
    turns.add((first, second), *parley.direct_conversation(first, other.user_id))


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
