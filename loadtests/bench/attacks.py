"""What an outsider's attacks on the doors cost those who talk, each beside the same live pairs.

    python -m loadtests.bench.attacks [--seconds 10] [--pairs 25] [--rate 100] [--only pings]

For each attack the pairs talk alone, then beside it: at a steady pace, and a message is late from
when it was due. Told are p50 and p99 of both, the longest silence, and what a newcomer found that
connected and said hello now and then (from an address of its own, within five seconds). The aim is
a p99 of at most 1.5 times that before.

The server has its usual limits of rates and addresses on. The attackers are a process of their own
at a bounded rate, as told in `drivers/attackers.py`: 1 MB/s of frames over four sockets, one brotli
bomb a second, 1,100 silent sockets. `--scale` multiplies all of these. They share the machine's
cores with the server: the CPU that they take themselves is told as `cores`, and a row in which that
is above a tenth of a core measures the machine as well.
"""

import argparse
import os
import sys
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection as Pipe
from pathlib import Path

import msgspec

from loadtests.bench import figures
from loadtests.bench.drivers import parley
from loadtests.bench.drivers.attackers import ATTACKS, Doors, Scene
from loadtests.bench.drivers.dialect import RefusedError
from loadtests.bench.drivers.paced import Beside, Lateness, talk
from loadtests.bench.drivers.wire import Connection, ConnectionLostError
from loadtests.bench.target import accounts, descriptors, instance
from loadtests.bench.target.instance import Instance

AIM = 1.5
_SETTINGS = {
    "PARLEY_RATE_LIMITS": "on",
    "PARLEY_LIMIT_UNAUTHENTICATED_PER_ADDRESS": "10",
    "PARLEY_LIMIT_CONNECTIONS_PER_ADDRESS": "200",
}
"""A benchmark's server has them off otherwise."""
_NEWCOMER_S = 5.0
_EACH_S = 0.5
_STEP_S = 0.01
_SETTLE_S = 1.0
_STILL_MS = 1_000.0
_SPARE_S = 300.0
_HEADERS = {"Sec-WebSocket-Protocol": "parley.v1.json"}


class Options(msgspec.Struct, frozen=True):
    """The command line."""

    seconds: float
    pairs: int
    rate: float
    scale: float
    only: str
    data_dir: Path | None


class Row(msgspec.Struct, frozen=True):
    """What one attack came to."""

    name: str
    before: Lateness
    during: Lateness
    newcomers: int
    failed: int
    cores: float

    @property
    def ratio(self) -> float:
        """p99 during the attack, of that before."""
        return self.during.p99 / self.before.p99


class Bench:
    """Pairs at a server, who are attacked."""

    def __init__(self, server: Instance, options: Options) -> None:
        self._server = server
        self._options = options
        kept = server.data_dir / "bench_logins.json"
        lasting_s = _SPARE_S + 3 * options.seconds * len(ATTACKS)
        people = accounts.logins(server.http, 2 * options.pairs + 2, kept, for_s=lasting_s)
        self._newcomer, self._attacker, *talking = people
        self._pairs = Beside(talk, server.ws, talking, options.rate)
        self._recover()

    def row(self, name: str) -> Row:
        """The pairs alone, then beside this attack. Raises `paced.GoneError`."""
        self._pairs.ask()
        self._spend()
        before: Lateness = self._pairs.ask()
        doors = Doors.of(self._server.http, self._server.ws)
        scene = Scene(doors, self._attacker.token, self._options.scale)
        attack = Beside(attackers_work, name, scene)
        self._pairs.ask()
        try:
            newcomers, failed = self._spend()
            during: Lateness = self._pairs.ask()
            cores = attack.ask() / self._options.seconds
        finally:
            attack.end()
        self._recover()
        return Row(name, before, during, newcomers, failed, cores)

    def end(self) -> None:
        """Stop talking."""
        self._pairs.end()

    def _spend(self) -> tuple[int, int]:
        """Some seconds, in which somebody comes now and then: how many came, how many in vain."""
        came = failed = 0
        until = time.perf_counter() + self._options.seconds
        while (now := time.perf_counter()) < until:
            came += 1
            failed += not self._comes()
            time.sleep(max(0.0, min(until, now + _EACH_S) - time.perf_counter()))
        return came, failed

    def _comes(self) -> bool:
        try:
            connection = Connection.open(self._server.ws, _HEADERS, timeout_s=_NEWCOMER_S)
        except (OSError, ConnectionLostError):
            return False
        try:
            parley.ask(connection, "hello", {"token": self._newcomer.token}, 1)
        except (OSError, ConnectionLostError, RefusedError):
            return False
        finally:
            connection.close()
        return True

    def _recover(self) -> None:
        """Wait until the pairs are heard again as before, and not for ever."""
        for _ in range(30):
            time.sleep(_SETTLE_S)
            heard: Lateness = self._pairs.ask()
            if heard.arrived and heard.most < _STILL_MS:
                return


def attackers_work(name: str, scene: Scene, pipe: Pipe) -> None:
    """Carry out an attack; to be run by `Beside`. Tells the CPU seconds that it took."""
    descriptors.allow(int(1_500 * scene.scale))
    attack = ATTACKS[name](scene)
    began = sum(os.times()[:2])
    pipe.send("ready")
    while True:
        attack.step(time.perf_counter())
        if not pipe.poll(_STEP_S):
            continue
        try:
            pipe.recv()
        except EOFError:
            attack.end()
            return
        pipe.send(sum(os.times()[:2]) - began)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the attacks and print their table."""
    options = _parse(argv)
    names = [name for name in ATTACKS if options.only in name]
    with instance.started(options.data_dir, _SETTINGS) as server:
        bench = Bench(server, options)
        rows = []
        try:
            for name in names:
                rows.append(bench.row(name))
                print(f"{name}: {rows[-1].ratio:.2f}", file=sys.stderr)
        finally:
            bench.end()
    print(report(options, rows))
    return 0


def report(options: Options, rows: Sequence[Row]) -> str:
    """The table as text."""
    title = (
        f"{options.pairs} pairs, {options.rate:g} messages/s; {options.seconds:g} s alone, then "
        f"beside each attack; due to received, ms; the aim is a ratio of at most {AIM}"
    )
    heads = ("p50", "p50 during", "p99", "p99 during", "ratio", "most", "newcomers", "cores")
    width = max(len(row.name) for row in rows) + 2
    lines = [title, f"{'':<{width}}" + "".join(f"{head:>12}" for head in heads)]
    for row in rows:
        shown = [row.before.p50, row.during.p50, row.before.p99, row.during.p99, row.ratio]
        told = [figures.number(value) for value in [*shown, row.during.most]]
        told += [f"{row.newcomers - row.failed}/{row.newcomers}", f"{row.cores:.2f}"]
        lines.append(f"{row.name:<{width}}" + "".join(f"{one:>12}" for one in told))
    return "\n".join(lines)


def _parse(argv: Sequence[str] | None) -> Options:
    parser = argparse.ArgumentParser(
        prog="loadtests.bench.attacks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--seconds", type=float, default=10.0, help="alone, and beside each")
    parser.add_argument("--pairs", type=int, default=25)
    parser.add_argument("--rate", type=float, default=100.0, help="messages/s of all pairs")
    parser.add_argument("--scale", type=float, default=1.0, help="of the attackers' rates")
    parser.add_argument("--only", default="", help="attacks whose name holds this")
    parser.add_argument("--data-dir", type=Path, help="where to keep the accounts")
    return Options(**vars(parser.parse_args(argv)))


if __name__ == "__main__":
    sys.exit(main())
