"""Which quiet hours overlap, on the circle of a week."""

import datetime as dt

import pytest

from protocol.notifications.quiet_hours import QuietHours, fills_week, overlaps


def hours(text):
    """`0 22-7` is Monday from 22:00 until Tuesday, 07:00."""
    day, _, span = text.partition(" ")
    start, end = (dt.time(int(one)) for one in span.split("-"))
    return QuietHours(int(day), start, end)


@pytest.mark.parametrize(
    ("texts", "pairs"),
    [
        ([], []),
        (["0 22-7"], []),
        (["0 22-7", "1 7-9", "1 22-7"], []),
        (["0 22-7", "1 6-9"], [(1, 0)]),
        (["1 6-9", "0 22-7"], [(0, 1)]),
        (["0 9-10", "0 9-10"], [(1, 0)]),
        # The long one meets both, and they do not meet each other.
        (["0 8-20", "0 9-10", "0 12-13"], [(1, 0), (2, 0)]),
        # Sunday's night goes on on Monday.
        (["6 22-7", "0 7-8"], []),
        (["6 22-7", "0 6-8"], [(1, 0)]),
        (["0 0-6", "6 0-12", "6 20-1"], [(0, 2)]),
    ],
)
def test_hours_overlap_where_they_share_time(texts, pairs):
    assert list(overlaps([hours(text) for text in texts])) == pairs


def test_a_week_is_full_when_no_time_is_left():
    halves = [f"{day} {half}" for day in range(7) for half in ("0-12", "12-0")]
    assert fills_week([hours(text) for text in halves])
    assert not fills_week([hours(text) for text in halves[:-1]])
    assert not fills_week([])
