"""The oracle: clocks of all zones as lists of settings, walked in steps of five minutes.

It knows one thing of a local time: it has come once the clock has shown it, or passed it. How far a
clock has come never goes back, so that all questions are arithmetic on whole numbers of steps.
"""

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, pairwise
from zoneinfo import ZoneInfo

from protocol.notifications.quiet_hours import QuietHours
from protocol.notifications.zones import zone_names

STEP = dt.timedelta(minutes=5)
HOUR, DAY, WEEK = 12, 12 * 24, 12 * 24 * 7
BEGIN = dt.datetime(2025, 12, 29, tzinfo=dt.UTC)
"""A Monday: step 0, by UTC and by each clock's own count."""
FROM, UNTIL = DAY * 10, DAY * (10 + 3 * 365)
"""Three years of steps. The clocks are known for some weeks on either side."""

_KNOWN = range(-WEEK, UNTIL + 4 * WEEK, 2 * DAY)
"""No clock is set twice within two days."""


@dataclass(frozen=True)
class Clock:
    """From each step of `set_at` on the clock is ahead of UTC by so many steps as `ahead` says."""

    set_at: tuple[int, ...]
    ahead: tuple[int, ...]

    def reached(self, step: int) -> int:
        """How far the clock has come by a step: the latest local time that it has shown."""
        last = bisect_right(self.set_at, step) - 1
        ends = [self.set_at[at + 1] - 1 + self.ahead[at] for at in range(max(0, last - 3), last)]
        return max([step + self.ahead[last], *ends])

    def is_quiet(self, step: int, hours: list[QuietHours]) -> bool:
        """Whether one of the hours has begun and not ended."""
        reached = self.reached(step)
        for one in hours:
            start = one.weekday * DAY + in_steps(one.start)
            length = (in_steps(one.end) - in_steps(one.start)) % DAY
            if (reached - start) % WEEK < length:
                return True
        return False

    def quiet_until(self, step: int, hours: list[QuietHours]) -> int | None:
        """The first step that is not quiet; None where this one is not."""
        if not self.is_quiet(step, hours):
            return None
        return next(at for at in count(step) if not self.is_quiet(at, hours))

    def digest_due(self, step: int, every: str, hour: int, weekday: int) -> int:
        """The first step by which the clock has come to the next end of a window."""
        length = {"hourly": HOUR, "daily": DAY, "weekly": WEEK}[every]
        begins = {"hourly": 0, "daily": hour * HOUR, "weekly": weekday * DAY + hour * HOUR}[every]
        now = (self.reached(step) - begins) // length
        return next(at for at in count(step) if (self.reached(at) - begins) // length > now)


def in_steps(time: dt.time) -> int:
    """A time of day that is a whole number of steps."""
    return time.hour * HOUR + time.minute // 5


def of_step(step: int) -> dt.datetime:
    """The instant at which a step begins, in UTC."""
    return BEGIN + step * STEP


def clocks() -> Iterator[tuple[str, Clock]]:
    """The clock of each zone there is."""
    for name in sorted(zone_names()):
        yield name, _clock_of(ZoneInfo(name))


def _clock_of(zone: ZoneInfo) -> Clock:
    set_at, ahead = [_KNOWN.start], [_ahead(zone, _KNOWN.start)]
    for early, late in pairwise(_KNOWN):
        if _ahead(zone, late) != ahead[-1]:
            set_at.append(_set_between(zone, early, late))
            ahead.append(_ahead(zone, late))
    return Clock(tuple(set_at), tuple(ahead))


def _set_between(zone: ZoneInfo, early: int, late: int) -> int:
    before = _ahead(zone, early)
    return bisect_left(range(late), 1, early + 1, key=lambda at: _ahead(zone, at) != before)


def _ahead(zone: ZoneInfo, step: int) -> int:
    offset = of_step(step).astimezone(zone).utcoffset()
    assert offset is not None and offset % STEP == dt.timedelta()
    return offset // STEP
