"""Whether a clock goes as fast as time does."""

import datetime as dt
import time

import pytest

from server.workflows.clock_watch import ClockWatch, elapsed_s

NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


class Time:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.s = 1000.0

    def __call__(self) -> float:
        return self.s


@pytest.mark.parametrize("moved", [0.0, 86_400.0, -600.0])
def test_a_move_is_what_the_clock_shows_beyond_the_time_that_passed(moved: float) -> None:
    passed = Time()
    watch = ClockWatch(passed)
    assert watch.moved_s(NOON) is None
    passed.s += 30
    shown = NOON + dt.timedelta(seconds=30 + moved)
    assert watch.moved_s(shown) == pytest.approx(moved)
    passed.s += 30
    assert watch.moved_s(shown + dt.timedelta(seconds=30)) == pytest.approx(0), "told once"


def test_time_passes() -> None:
    before, began = elapsed_s(), time.monotonic()
    while time.monotonic() == began:
        pass
    assert 0 < elapsed_s() - before < 60
