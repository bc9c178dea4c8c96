"""Places' clocks: which names of zones there are, and when a local time comes.

A clock that is set forward skips local times, and one that is set back shows some twice. A local
time comes once all the same: at the first instant at which the clock shows it, or has passed it.
"""

import datetime as dt
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo

_NO_PLACE = frozenset({"Factory"})
"""Names of the database that stand for a clock which nobody has set."""
_SECOND = dt.timedelta(seconds=1)


def is_zone(name: str) -> bool:
    """Whether a name is a zone of the IANA database; an offset such as +02:00 is none."""
    return name in zone_names()


@cache
def zone_names() -> frozenset[str]:
    """Every name that is taken: those of the package `tzdata`, the same on every machine."""
    listed = resources.files("tzdata").joinpath("zones").read_text(encoding="utf-8")
    return frozenset(listed.split()) - _NO_PLACE


def zone_of(name: str) -> ZoneInfo:
    """The clock of a place; UTC for a name that is no zone, as accounts of before may have one."""
    return ZoneInfo(name if is_zone(name) else "UTC")


def first_instant(local: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """When a local time, which is naive, comes, in UTC: the first time if the clock shows it twice.

    If the clock skips it, that is the instant at which the clock is set forward.
    """
    before, after = (_offset(local.replace(tzinfo=zone, fold=fold)) for fold in (0, 1))
    moment = (local - before).replace(tzinfo=dt.UTC)
    return moment if before >= after else _set_forward(moment - (after - before), moment, zone)


def _set_forward(early: dt.datetime, late: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """The one instant after `early`, and until `late`, at which the clock is set."""
    before = _offset(early.astimezone(zone))
    while late - early > _SECOND:
        middle = early + (late - early) // _SECOND // 2 * _SECOND
        if _offset(middle.astimezone(zone)) == before:
            early = middle
        else:
            late = middle
    return late.replace(microsecond=0)


def _offset(local: dt.datetime) -> dt.timedelta:
    offset = local.utcoffset()
    assert offset is not None
    return offset
