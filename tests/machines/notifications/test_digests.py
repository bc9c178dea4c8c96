"""The windows of digests in every zone, for three years in which clocks are set."""

import datetime as dt
import random
from itertools import product

import pytest

from protocol.notifications.digests import digest_due
from tests.machines.notifications.clocks import (
    DAY,
    FROM,
    HOUR,
    STEP,
    UNTIL,
    Clock,
    clocks,
    of_step,
)

Case = tuple[int, tuple[str, int, int], int]
ABOUT = (-DAY - HOUR, -HOUR, -6, -1, 0, 6, HOUR - 1, HOUR, HOUR + 6)
AT_ANY_TIME = 4
SEED = 16


def cases(clock: Clock) -> list[Case]:
    """Steps, a digest, and the end of its window."""
    random_ = random.Random(SEED)
    set_at = [step for step in clock.set_at if FROM <= step < UNTIL]
    steps = [step + about for step in set_at for about in ABOUT]
    steps += [random_.randrange(FROM, UNTIL) for _ in range(AT_ANY_TIME)]
    found = []
    for step, every in product(steps, ("hourly", "daily", "weekly")):
        # About the hours and the weekday that the clock is set at.
        local = clock.reached(step) + random_.randrange(-2 * HOUR, 2 * HOUR)
        digest = (every, local % DAY // HOUR, local // DAY % 7)
        found.append((step, digest, clock.digest_due(step, *digest)))
    return found


@pytest.mark.timeout(120)
def test_in_every_zone_a_window_ends_when_the_clock_has_come_to_its_end():
    random_ = random.Random(SEED)
    known: dict[Clock, list[Case]] = {}
    asked = 0
    for zone, clock in clocks():
        if clock not in known:
            known[clock] = cases(clock)
        for step, digest, due in known[clock]:
            after = of_step(step) + random_.choice((0.0, random_.random())) * STEP
            assert digest_due(after, zone, *digest) == of_step(due), (zone, after, digest)
            asked += 1
    assert asked > 20_000


@pytest.mark.parametrize("zone", ["UTC", "America/Havana", "Australia/Lord_Howe", "Africa/Cairo"])
@pytest.mark.parametrize(
    ("every", "longest"), [("hourly", 2), ("daily", 25), ("weekly", 7 * 24 + 1)]
)
def test_windows_follow_on_each_other(zone, every, longest):
    after = first = dt.datetime(2027, 1, 1, tzinfo=dt.UTC)
    number = 0
    while after < dt.datetime(2028, 1, 1, tzinfo=dt.UTC):
        due = digest_due(after, zone, every, 0, 6)
        assert after < due <= after + dt.timedelta(hours=longest)
        # Any instant of a window has the same end.
        assert digest_due(due - dt.timedelta(seconds=1), zone, every, 0, 6) == due
        after, number = due, number + 1
    hours = (after - first) / dt.timedelta(hours=1)
    assert number == pytest.approx(hours / {"hourly": 1, "daily": 24, "weekly": 168}[every], abs=2)


def test_a_digest_of_nothing_has_no_window():
    with pytest.raises(ValueError, match="no digest comes off"):
        digest_due(dt.datetime(2027, 1, 1, tzinfo=dt.UTC), "UTC", "off", 9, 0)
