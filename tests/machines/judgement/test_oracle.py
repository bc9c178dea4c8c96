"""Random scenarios of sending, editing, reading, deleting, leaving, muting, activity and crashes.

Nothing redundant leaves the house and nothing is missing. The suite plays a share of the hundred
thousand scenarios; `PARLEY_SCENARIOS=100000` plays all.
"""

import os
import random

import pytest

from tests.machines.judgement.delivering import played
from tests.machines.judgement.oracle import faults
from tests.machines.judgement.scenario import drawn

SEEDS = 8
ALL = int(os.environ.get("PARLEY_SCENARIOS", "16000"))


@pytest.mark.timeout(120)
@pytest.mark.parametrize("seed", range(SEEDS))
def test_nothing_is_redundant_and_nothing_is_missing(seed):
    dice = random.Random(seed)  # the same dice every time
    sent = doubled = 0
    for number in range(ALL // SEEDS):
        scenario = drawn(dice)
        world = played(scenario)
        wrong = faults(scenario, world.sent)
        assert not wrong, (seed, number, wrong, scenario, world.sent)
        sent += len(world.sent)
        doubled += len(world.sent) - len({s.delivery for s in world.sent})
    # The scenarios are worth something: much is sent, and crashes double some of it.
    assert sent > ALL // SEEDS
    assert doubled
