"""Idle: 10,000 people are connected and say nothing; what one of them costs in memory and CPU.

    python -m loadtests.bench.idle [--connections 10000] [--seconds 60] [--rounds 3]

One connection a person. Memory is the difference between a server with a hundred connections and
one that has all, after a while. CPU is that of the seconds held, pings and everybody's presence
included, and what the server does without anybody.
"""

import sys
import time
from collections.abc import Sequence

import msgspec

from loadtests.bench import figures, rounds
from loadtests.bench.drivers.crowd import Crowd, Seat
from loadtests.bench.target import database, memory
from loadtests.bench.target.cpu import CpuMeter, spent
from loadtests.bench.target.instance import Instance

_FIRST = 100
"""Connected before memory is read, so that what all connections share is there."""
_SETTLE_S = 10.0
_AT_ONCE = 100
"""They come one by one, not as a storm."""


class Round(msgspec.Struct, frozen=True):
    """One time that all were held; memory in bytes, CPU in seconds, by group."""

    open_s: float
    held_s: float
    memory: dict[str, float]
    cpu: dict[str, float]


class Idle:
    """A crowd that is held, not asked anything."""

    def __init__(
        self, connections: int = 10_000, seconds: float = 60.0, settle_s: float = _SETTLE_S
    ) -> None:
        self.sockets = connections + _FIRST
        self._settle_s = settle_s
        self._connections = connections
        self._seconds = seconds
        self._rounds: list[Round] = []

    def round(self, server: Instance) -> None:
        """Connect all, hold them."""
        logins = database.people(server, self._connections + _FIRST)
        first, others = logins[:_FIRST], logins[_FIRST:]
        meter = CpuMeter(server.roots)
        crowd = Crowd(server.ws, at_once=_AT_ONCE)
        try:
            crowd.open([Seat(login) for login in first])
            crowd.hold(self._settle_s)
            before = memory.pss_bytes(server.roots)
            began = time.perf_counter()
            crowd.open([Seat(login) for login in others])
            open_s = time.perf_counter() - began
            crowd.hold(self._settle_s)
            cpu, began = meter.read(), time.perf_counter()
            crowd.hold(self._seconds)
            cpu, held_s = spent(cpu, meter.read()), time.perf_counter() - began
            after = memory.pss_bytes(server.roots)
        finally:
            crowd.close()
        grown = {name: after[name] - before[name] for name in server.roots}
        self._rounds.append(Round(open_s, held_s, grown, cpu))

    def report(self) -> str:
        """Memory a connection; CPU a connection and second."""
        count = self._connections
        rows = {
            f"memory a connection, KiB: {name}": [
                sum(one.memory[group] for group in groups) / count / memory.KIB
                for one in self._rounds
            ]
            for name, groups in figures.GROUPS.items()
        }
        rows |= figures.costs(
            "a connection and second",
            [one.cpu for one in self._rounds],
            [one.held_s * self.sockets for one in self._rounds],
        )
        rows["connected, a second"] = [count / one.open_s for one in self._rounds]
        return figures.table(f"idle: {count:,} connections held {self._seconds:g} s", rows)


def main(argv: Sequence[str] | None = None) -> int:
    """Run it alone."""
    parser = rounds.parser("idle", __doc__)
    parser.add_argument("--connections", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=60.0, help="how long all are held")
    given = parser.parse_args(argv)
    idle = Idle(given.connections, given.seconds)
    return rounds.run({"idle": idle}, given.rounds, given.data_dir)


if __name__ == "__main__":
    sys.exit(main())
