"""A short chaos run; `make chaos` is the long one. Nothing lost, doubled, reordered or adrift."""

import pytest

from loadtests.chaos import report
from loadtests.chaos.cast import Scale
from loadtests.chaos.options import Options
from loadtests.chaos.run import run

FAULTS = (
    "kill -9 of a node",
    "between commit and publish",
    "drain",
    "older snapshot",
    "subscribers cut",
    "PostgreSQL restarted",
    "reset mid-frame",
    "slow readers",
)
SHORT = Options(
    seed="short",
    messages=1_000,
    faults=len(FAULTS),
    only=FAULTS,
    workers=1,
    scale=Scale(
        people=36,
        second_devices=4,
        directs=12,
        groups=6,
        crowds=1,
        crowd_size=34,
        listeners=2,
    ),
)


@pytest.mark.timeout(240)
async def test_nothing_is_lost_whatever_dies():
    outcome, violations = await run(SHORT)
    assert not violations, report.text(outcome, violations)
    assert outcome.sent >= SHORT.messages
    assert outcome.stored >= outcome.acknowledged >= outcome.sent - outcome.unanswered - 5
    assert len(outcome.recoveries) == len(FAULTS)
    # The faults were real.
    assert outcome.evidence["groups committed and not published when killed"] > 0
    assert outcome.evidence["keys that came back with an older snapshot"] > 0
    assert outcome.evidence["subscriptions cut"] > 0
    assert outcome.closes["4004"] > 0
    assert outcome.closes["4005"] > 0
