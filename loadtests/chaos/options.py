"""What to run, by the command line."""

import argparse
import secrets
from collections.abc import Sequence
from pathlib import Path

import msgspec

from loadtests.chaos.people.cast import Scale


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """A run. Traffic, and which faults strike in which order, derive from `seed`."""

    seed: str
    messages: int = 200_000
    faults: int = 150
    nodes: int = 3
    workers: int = 2
    """Of one of the nodes, under a supervisor; the others are a process each."""
    rate: float = 400.0
    """Messages a second, at the most."""
    minutes: float | None = None
    """After so many the run goes on to its end, with what was done so far."""
    checkpoint: int = 25
    """Faults between two comparisons."""
    only: tuple[str, ...] = ()
    """Strike only faults with one of these in their name, in turn."""
    data_dir: Path | None = None
    """Where the servers' data and logs are kept; thrown away when none is named."""
    trace: Path | None = None
    """A file for a line a frame that a client takes in: much, to find out what happened."""
    scale: Scale = Scale()


def parse(description: str, argv: Sequence[str] | None) -> Options:
    """The options given; a seed of chance when none is."""
    parser = argparse.ArgumentParser(prog="python -m loadtests.chaos.run", description=description)
    default = Options(seed=str(secrets.randbelow(1_000_000)))
    parser.add_argument("--seed", default=default.seed, help="that of a run to be replayed")
    parser.add_argument("--messages", type=int, default=default.messages)
    parser.add_argument("--faults", type=int, default=default.faults)
    parser.add_argument("--nodes", type=int, default=default.nodes)
    parser.add_argument("--workers", type=int, default=default.workers, help="of one of the nodes")
    parser.add_argument("--rate", type=float, default=default.rate, help="messages a second")
    parser.add_argument("--minutes", type=float, default=None, help="ends early, with the table")
    parser.add_argument(
        "--checkpoint", type=int, default=default.checkpoint, help="faults between comparisons"
    )
    parser.add_argument("--only", nargs="+", default=default.only, help="words of faults' names")
    parser.add_argument("--data-dir", type=Path, default=None, help="kept, with the nodes' logs")
    parser.add_argument("--trace", type=Path, default=None, help="a file for a line a frame")
    return Options(**vars(parser.parse_args(argv)))
