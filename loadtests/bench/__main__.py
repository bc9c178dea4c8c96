"""Every benchmark, each round on a server of its own that is started for it: `make bench`.

    python -m loadtests.bench [--only pairs idle] [--rounds 3] [--quick]

The benchmarks take turns: the first round of each, then the second. `--quick` shows in some minutes
that all of it works, at sizes whose figures mean nothing. Each runs by itself, with options for its
sizes, as `python -m loadtests.bench.NAME`.
"""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from loadtests.bench import measured, pairs, rounds
from loadtests.bench.announcement import Announcement
from loadtests.bench.deliveries import Deliveries
from loadtests.bench.fanout import FanOut
from loadtests.bench.first import First
from loadtests.bench.history import History
from loadtests.bench.idle import Idle
from loadtests.bench.notifications import Notifications
from loadtests.bench.rest import Rest
from loadtests.bench.rounds import Bench
from loadtests.bench.storm import Storm
from loadtests.bench.sync import Sync
from loadtests.bench.target.instance import Instance
from loadtests.bench.workflows import Workflows


class Pairs:
    """`loadtests.bench.pairs`, a round at a time: messages alone, then with receipts."""

    def __init__(self, count: int = 200, seconds: float = 20.0, warm_up_s: float = 5.0) -> None:
        self.sockets = 2 * count
        self._options = pairs.Options(
            pairs=count,
            seconds=seconds,
            warm_up=warm_up_s,
            rounds=1,
            receipts=True,
            http=None,
            ws=None,
            data_dir=None,
        )
        self._plain: list[measured.Round] = []
        self._with_receipts: list[measured.Round] = []

    def round(self, server: Instance) -> None:
        """Both loads once."""
        plain, with_receipts = pairs.measure(self._options, server)
        self._plain += plain
        self._with_receipts += with_receipts

    def report(self) -> str:
        """The tables of pairs."""
        options = msgspec.structs.replace(self._options, rounds=len(self._plain))
        return pairs.report(options, self._plain, self._with_receipts)


FULL: Mapping[str, Callable[[], Bench]] = {
    "pairs": Pairs,
    "fanout": FanOut,
    "idle": Idle,
    "storm": Storm,
    "first": First,
    "history": History,
    "sync": Sync,
    "rest": Rest,
    "workflows": Workflows,
    "announcement": Announcement,
    "notifications": Notifications,
    "deliveries": Deliveries,
}
QUICK: Mapping[str, Callable[[], Bench]] = {
    "pairs": lambda: Pairs(20, seconds=2.0, warm_up_s=0.5),
    "fanout": lambda: FanOut([40], seconds=2.0, warm_up_s=0.5),
    "idle": lambda: Idle(200, seconds=3.0),
    "storm": lambda: Storm(100),
    "first": lambda: First(20),
    "history": lambda: History(5_000, seconds=1.0),
    "sync": lambda: Sync(1_000, 50),
    "rest": lambda: Rest(seconds=1.0),
    "workflows": lambda: Workflows(12, (1, 4)),
    "announcement": lambda: Announcement(2_000, seconds=2.0),
    "notifications": lambda: Notifications(100, 5, per_s=500.0),
    "deliveries": lambda: Deliveries(200),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmarks and print their tables; 1 when one of them failed."""
    parser = argparse.ArgumentParser(
        prog="python -m loadtests.bench",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--only", nargs="+", choices=list(FULL), default=list(FULL))
    parser.add_argument("--rounds", type=int, help=f"of each; {rounds.ROUNDS}, and 1 if quick")
    parser.add_argument("--quick", action="store_true", help="small, to see that it works")
    parser.add_argument("--data-dir", type=Path, help="keep the servers' data below here")
    given = parser.parse_args(argv)
    sizes = QUICK if given.quick else FULL
    benches = {name: sizes[name]() for name in FULL if name in given.only}
    count = given.rounds or (1 if given.quick else rounds.ROUNDS)
    return rounds.run(benches, count, given.data_dir)


if __name__ == "__main__":
    sys.exit(main())
