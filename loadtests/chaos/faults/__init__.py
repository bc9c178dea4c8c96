"""The faults, and the schedule of a run."""

import random
from collections.abc import Sequence

from loadtests.chaos.faults import links, nodes, postgres, valkey
from loadtests.chaos.faults.fault import Fault

FAULTS: tuple[Fault, ...] = (
    nodes.Kill(),
    nodes.KillWorker(),
    nodes.KillBeforePublish(),
    nodes.Drain(),
    nodes.Exchange(),
    valkey.Kill(),
    valkey.Flush(),
    valkey.Rollback(),
    valkey.CutSubscribers(),
    valkey.Stall(),
    postgres.Restart(),
    postgres.Stall(),
    links.ResetMidFrame(),
    links.StallClients(),
    links.SlowReaders(),
)


def schedule(chance: random.Random, count: int) -> Sequence[Fault]:
    """So many faults in an order of chance, each kind as often as any other."""
    faults: list[Fault] = []
    while len(faults) < count:
        faults += chance.sample(FAULTS, len(FAULTS))
    return faults[:count]
