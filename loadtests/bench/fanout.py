"""Fan-out: one sender, a group of many members who are all connected, some messages in flight.

    python -m loadtests.bench.fanout [--members 500] [--window 8] [--seconds 20] [--rounds 3]

starts a server of its own and ends it. Several sizes, as `--members 50 200 500`, are taken in turn.
"""

import sys
from collections.abc import Sequence

from loadtests.bench import figures, measured, rounds
from loadtests.bench.drivers import seats
from loadtests.bench.drivers.audience import Audience
from loadtests.bench.drivers.turns import without_collector
from loadtests.bench.measured import Round
from loadtests.bench.target import database
from loadtests.bench.target.cpu import CpuMeter, spent
from loadtests.bench.target.instance import Instance

MEMBERS = 500
WINDOW = 8


class FanOut:
    """Groups of one size or more, one after the other."""

    def __init__(
        self,
        members: Sequence[int] = (MEMBERS,),
        window: int = WINDOW,
        seconds: float = 20.0,
        warm_up_s: float = 5.0,
    ) -> None:
        self.sockets = 1 + max(members)
        self._window = window
        self._seconds = seconds
        self._warm_up_s = warm_up_s
        self._rounds: dict[int, list[Round]] = {each: [] for each in members}

    def round(self, server: Instance) -> None:
        """A new group of each size. Raises `seats.FAILURES`."""
        people = database.people(server, self.sockets)
        meter = CpuMeter(server.roots)
        for members, held in self._rounds.items():
            audience = seats.group(server.ws, people[: 1 + members])
            held.append(load(audience, meter, self._window, self._warm_up_s, self._seconds))

    def report(self) -> str:
        """A table a size."""
        return "\n\n".join(
            figures.table(
                f"fan-out: one sender, {members} members, {self._window} messages in flight; "
                f"{len(held)} rounds of {self._seconds:g} s",
                measured.rows("delivery", held),
            )
            for members, held in self._rounds.items()
        )


def load(
    audience: Audience, meter: CpuMeter, window: int, warm_up_s: float, seconds: float
) -> Round:
    """One round on a audience that is seated, which is then closed. Raises `seats.FAILURES`."""
    try:
        with without_collector():
            audience.begin(window)
            audience.run(warm_up_s)
            before = meter.read()
            counts = audience.run(seconds)
            cpu = spent(before, meter.read())
            audience.end()
    finally:
        audience.close()
    return Round(
        seconds=seconds,
        arrived=counts.deliveries,
        to_reply=measured.two_quantiles(counts.to_reply),
        to_received=measured.two_quantiles(counts.to_received),
        cpu=cpu,
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Run it alone."""
    parser = rounds.parser("fanout", __doc__)
    parser.add_argument("--members", type=int, nargs="+", default=[MEMBERS], help="sizes")
    parser.add_argument("--window", type=int, default=WINDOW, help="messages in flight")
    parser.add_argument("--seconds", type=float, default=20.0, help="of one round")
    parser.add_argument("--warm-up", type=float, default=5.0, help="seconds before each round")
    given = parser.parse_args(argv)
    fanout = FanOut(given.members, given.window, given.seconds, given.warm_up)
    return rounds.run({"fan-out": fanout}, given.rounds, given.data_dir)


if __name__ == "__main__":
    sys.exit(main())
