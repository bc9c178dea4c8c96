"""Digests: the windows of time of which a person is told in one."""

import datetime as dt

from protocol.notifications.zones import first_instant, zone_of

_STEPS = {
    "hourly": dt.timedelta(hours=1),
    "daily": dt.timedelta(days=1),
    "weekly": dt.timedelta(weeks=1),
}


def digest_due(after: dt.datetime, zone: str, every: str, hour: int, weekday: int) -> dt.datetime:
    """The end, in UTC, of the window that `after` lies in, which is later than `after`.

    Windows end at each full hour of the local clock (`hourly`), at `hour` of each day (`daily`), or
    of each `weekday`, 0 for Monday (`weekly`). An hour that the clock shows twice ends one window.
    `off` has none: `ValueError`.
    """
    if every not in _STEPS:
        raise ValueError(f"no digest comes {every}")
    place, step = zone_of(zone), _STEPS[every]
    local = after.astimezone(place).replace(tzinfo=None)
    end = _last_end(local, every, hour, weekday) + step
    # A clock that was set back shows anew what has come already.
    while (moment := first_instant(end, place)) <= after:
        end += step
    return moment


def _last_end(local: dt.datetime, every: str, hour: int, weekday: int) -> dt.datetime:
    """The last end of a window by the clock alone, at or before a local time."""
    step = _STEPS[every]
    first = dt.datetime.combine(local.date(), dt.time())
    if every != "hourly":
        first += dt.timedelta(hours=hour)
    if every == "weekly":
        first += dt.timedelta(days=weekday - local.weekday())
    return first + (local - first) // step * step
