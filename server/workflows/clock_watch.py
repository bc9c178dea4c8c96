"""Whether a clock goes as fast as time does."""

import datetime as dt
import time
from collections.abc import Callable


def elapsed_s() -> float:
    """Seconds since some moment that nobody sets; where it can be, those of standby too.

    A machine that slept wakes up late, which is no jump of its clock.
    """
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot is None else time.clock_gettime(boot)


class ClockWatch:
    """Compares what a clock shows, each time that it is read, with the seconds that have passed."""

    def __init__(self, elapsed: Callable[[], float] = elapsed_s) -> None:
        self._elapsed = elapsed
        self._last: tuple[dt.datetime, float] | None = None

    def moved_s(self, shown: dt.datetime) -> float | None:
        """How many seconds the clock has moved beyond those that passed since it was last read.

        Negative where it was set back; None for the first reading, which there is nothing to
        compare with.
        """
        last, self._last = self._last, (shown, self._elapsed())
        if last is None:
            return None
        return (shown - last[0]).total_seconds() - (self._last[1] - last[1])
