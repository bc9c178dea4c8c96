"""The calendar that times are held to, wherever in a body they stand."""

import datetime as dt

import msgspec
import pytest

from protocol.faults.calendar import FIRST_DAY, LAST_DAY, calendar_faults, in_calendar

HALF_A_DAY = dt.timezone(dt.timedelta(hours=12))


class Part(msgspec.Struct):
    due: dt.datetime | None = None


class Body(msgspec.Struct):
    parts: list[Part]
    last: dt.date | None = None


@pytest.mark.parametrize(
    ("value", "is_in"),
    [
        (FIRST_DAY, True),
        (LAST_DAY, True),
        (FIRST_DAY - dt.timedelta(days=1), False),
        (LAST_DAY + dt.timedelta(days=1), False),
        (dt.datetime(1900, 1, 1, tzinfo=dt.UTC), True),
        (dt.datetime(2199, 12, 31, 23, 59, tzinfo=dt.UTC), True),
        (dt.datetime(2200, 1, 1, 11, tzinfo=HALF_A_DAY), True),
        (dt.datetime(1900, 1, 1, 11, tzinfo=HALF_A_DAY), False),
        (dt.datetime.max.replace(tzinfo=dt.timezone(-dt.timedelta(hours=12))), False),
        (dt.datetime.min.replace(tzinfo=HALF_A_DAY), False),
    ],
)
def test_times_are_held_to_it_in_utc(value, is_in):
    assert in_calendar(value) is is_in


def test_each_time_of_a_body_is_told_by_its_path():
    far = dt.datetime.max.replace(tzinfo=dt.UTC)
    body = Body([Part(), Part(far), Part(dt.datetime(2030, 1, 1, tzinfo=dt.UTC))], dt.date.max)
    assert [fault.path for fault in calendar_faults(body)] == ["parts[1].due", "last"]
