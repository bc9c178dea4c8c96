"""Quiet hours: when a person wants to be left alone, by the clock of the place where they are."""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec

from protocol.notifications.zones import first_instant, zone_of
from protocol.text import DayTime

Weekday = Annotated[int, msgspec.Meta(ge=0, le=6)]
"""0 is Monday."""

_WEEK = dt.timedelta(weeks=1)
_DAY = dt.timedelta(days=1)
_LOOKED_AHEAD = 8 * _DAY
"""A week comes round: who is quiet for as long is quiet always, and is asked about again then."""


class QuietHours(msgspec.Struct, frozen=True, rename={"start": "from", "end": "until"}):
    """Quiet on one day of every week, from `start` until before `end`, which are never the same.

    Where `end` is earlier than `start`, it is of the next day. The wire calls them `from` and
    `until`.
    """

    weekday: Weekday
    start: DayTime
    end: DayTime

    @property
    def begins(self) -> dt.timedelta:
        """How long after the beginning of the week."""
        return self.weekday * _DAY + _of_day(self.start)

    @property
    def lasts(self) -> dt.timedelta:
        """How long they are by the clock; nothing where `start` and `end` are the same."""
        return (_of_day(self.end) - _of_day(self.start)) % _DAY


def quiet_until(now: dt.datetime, zone: str, hours: Sequence[QuietHours]) -> dt.datetime | None:
    """When a person who is quiet now is no longer, in UTC; None for who is not quiet.

    Hours that overlap or follow on each other are one quiet time. Who is quiet for the whole week
    is told a time about a week from now, at which they are quiet still.
    """
    place = zone_of(zone)
    end = _end_of_hours(now, place, hours)
    following = end
    while following is not None and following - now < _LOOKED_AHEAD:
        end, following = following, _end_of_hours(following, place, hours)
    return end


def overlaps(hours: Sequence[QuietHours]) -> Iterator[tuple[int, int]]:
    """The places of hours, in the list, that overlap others before them in the week, and of those.

    Hours that follow on each other do not overlap. The week is a circle.
    """
    order = sorted(range(len(hours)), key=lambda at: hours[at].begins)
    ends = [one.begins + one.lasts for one in hours]
    last = None
    for at in order:
        if last is not None and hours[at].begins < ends[last]:
            yield at, last
        last = at if last is None else max(last, at, key=ends.__getitem__)
    if last is not None and hours[order[0]].begins + _WEEK < ends[last]:
        yield order[0], last


def fills_week(hours: Sequence[QuietHours]) -> bool:
    """Whether hours that do not overlap leave no time of the week."""
    return sum((one.lasts for one in hours), dt.timedelta()) >= _WEEK


def _of_day(time: dt.time) -> dt.timedelta:
    return dt.datetime.combine(dt.date.min, time) - dt.datetime.combine(dt.date.min, dt.time())


def _end_of_hours(
    now: dt.datetime, place: ZoneInfo, hours: Sequence[QuietHours]
) -> dt.datetime | None:
    """The last end of the hours that hold an instant."""
    today = now.astimezone(place).date()
    # What is of tomorrow has begun already where the clock was set back over midnight.
    days = (today - _DAY, today, today + _DAY)
    spans = (
        (_comes(day, one.start, place), _comes(_last_day(day, one), one.end, place))
        for day in days
        for one in hours
        if one.weekday == day.weekday()
    )
    return max((end for start, end in spans if start <= now < end), default=None)


def _last_day(day: dt.date, hours: QuietHours) -> dt.date:
    return day if hours.start < hours.end else day + _DAY


def _comes(day: dt.date, time: dt.time, place: ZoneInfo) -> dt.datetime:
    return first_instant(dt.datetime.combine(day, time), place)
