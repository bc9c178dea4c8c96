"""The calendar that people name times in: what lies outside of it is a mistake, or meant to harm.

Everything reckons with times, adds days to them and shows them in other zones, so that they stay
far from where calendars of languages and databases end. PostgreSQL checks the same in columns
(`in_calendar`).
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from protocol.errors import Fault

FIRST_DAY = dt.date(1900, 1, 1)
LAST_DAY = dt.date(2199, 12, 31)
OUT_OF_CALENDAR = f"must be from {FIRST_DAY} to {LAST_DAY}, in UTC"

_FIRST = dt.datetime.combine(FIRST_DAY, dt.time(), dt.UTC)
_END = dt.datetime.combine(LAST_DAY + dt.timedelta(days=1), dt.time(), dt.UTC)


def in_calendar(value: dt.date) -> bool:
    """Whether a date, or a time with a zone, lies within the calendar."""
    if isinstance(value, dt.datetime):
        return _FIRST <= value < _END
    return FIRST_DAY <= value <= LAST_DAY


def calendar_faults(value: Any, path: str = "") -> Iterator[Fault]:
    """The dates and times outside of the calendar in a value that was read from a request.

    It looks into structs and lists: JSON that nothing reads holds no times.
    """
    if isinstance(value, dt.date):
        if not in_calendar(value):
            yield Fault(path, OUT_OF_CALENDAR)
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from calendar_faults(getattr(value, name), f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for at, item in enumerate(value):
            if not isinstance(item, (list, dict)):
                yield from calendar_faults(item, f"{path}[{at}]")


def faults_of_members(values: Mapping[str, Any]) -> list[Fault]:
    """As `calendar_faults`, of members that were read one by one."""
    return [fault for name, value in values.items() for fault in calendar_faults(value, name)]
