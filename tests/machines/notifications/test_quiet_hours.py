"""Quiet hours of every zone, for three years in which clocks are set, against the walked clock."""

import datetime as dt
import random
from collections.abc import Iterator

import pytest

from protocol.notifications.quiet_hours import QuietHours, quiet_until
from protocol.notifications.zones import first_instant, zone_of
from tests.machines.notifications.clocks import (
    DAY,
    FROM,
    HOUR,
    STEP,
    UNTIL,
    WEEK,
    Clock,
    clocks,
    in_steps,
    of_step,
)

ABOUT = (-30 * HOUR, -HOUR - 1, -HOUR, -7, -6, -1, 0, 1, 5, 6, 7, HOUR, HOUR + 6, 20 * HOUR)
"""Steps before and after each setting of a clock."""
AT_ANY_TIME = 12
SEED = 16


def time_of(step: int) -> dt.time:
    """The time of day, by the clock's own count."""
    return dt.time(step % DAY // HOUR, step % HOUR * 5)


def hours_about(clock: Clock, step: int, random_: random.Random) -> Iterator[QuietHours]:
    """Hours of which some begin and end about the local time that a clock shows at a step."""
    near = clock.reached(step)
    for _ in range(random_.randint(1, 5)):
        begin = near + random_.choice((random_.randrange(-18, 19), random_.randrange(-WEEK, WEEK)))
        length = random_.choice((random_.randrange(1, 24), random_.randrange(1, DAY)))
        weekday = begin % WEEK // DAY
        yield QuietHours(weekday, time_of(begin), time_of(begin + length))


def cases(clock: Clock) -> list[tuple[int, list[QuietHours], int | None]]:
    """Steps and hours of a clock, and until when it is quiet then."""
    random_ = random.Random(SEED)
    set_at = [step for step in clock.set_at if FROM <= step < UNTIL]
    steps = [step + about for step in set_at for about in ABOUT]
    steps += [random_.randrange(FROM, UNTIL) for _ in range(AT_ANY_TIME)]
    asked = [(step, list(hours_about(clock, step, random_))) for step in steps]
    return [(step, hours, clock.quiet_until(step, hours)) for step, hours in asked]


@pytest.mark.timeout(120)
def test_in_every_zone_one_is_quiet_until_the_clock_has_come_to_the_end():
    random_ = random.Random(SEED)
    known: dict[Clock, list[tuple[int, list[QuietHours], int | None]]] = {}
    asked = quiet = 0
    for zone, clock in clocks():
        if clock not in known:
            known[clock] = cases(clock)
        for step, hours, until in known[clock]:
            now = of_step(step) + random_.choice((0.0, random_.random())) * STEP
            wanted = None if until is None else of_step(until)
            assert quiet_until(now, zone, hours) == wanted, (zone, now, hours)
            asked, quiet = asked + 1, quiet + (until is not None)
    assert asked > 20_000 and quiet > asked / 3


@pytest.mark.parametrize(
    ("zone", "local", "instant"),
    [
        # The clock skips 02:00 to 03:00, and 02:00 to 02:30 on Lord Howe Island.
        ("Europe/Berlin", "2027-03-28T02:30", "2027-03-28T01:00Z"),
        ("Europe/Berlin", "2027-03-28T03:00", "2027-03-28T01:00Z"),
        ("Australia/Lord_Howe", "2027-10-03T02:15", "2027-10-02T15:30Z"),
        # It shows 02:00 to 03:00 twice, and 00:00 to 01:00 in Havana.
        ("Europe/Berlin", "2027-10-31T02:30", "2027-10-31T00:30Z"),
        ("Europe/Berlin", "2027-10-31T03:00", "2027-10-31T02:00Z"),
        ("America/Havana", "2027-11-07T00:00", "2027-11-07T04:00Z"),
        # The hour before midnight comes twice, and midnight once; on another day it is skipped.
        ("Africa/Cairo", "2027-10-28T23:30", "2027-10-28T20:30Z"),
        ("Africa/Cairo", "2027-10-29T00:00", "2027-10-28T22:00Z"),
        ("Africa/Cairo", "2027-04-30T00:00", "2027-04-29T22:00Z"),
        # A day that a place has left out, and a minute after midnight that goes back over it.
        ("Pacific/Apia", "2011-12-30T12:00", "2011-12-30T10:00Z"),
        ("America/St_Johns", "2010-11-06T23:30", "2010-11-07T02:00Z"),
        ("Mars/Olympus", "2027-01-01T12:00", "2027-01-01T12:00Z"),
    ],
)
def test_a_local_time_comes_once(zone, local, instant):
    wanted = dt.datetime.fromisoformat(instant)
    assert first_instant(dt.datetime.fromisoformat(local), zone_of(zone)) == wanted


def test_what_has_begun_before_the_clock_goes_back_over_midnight_goes_on():
    # At 00:01 on Sunday it is 23:01 on Saturday again.
    sunday = [QuietHours(6, dt.time(0), dt.time(1))]
    at_second_2330 = dt.datetime(2010, 11, 7, 3, 0, tzinfo=dt.UTC)
    assert at_second_2330.astimezone(zone_of("America/St_Johns")).isoformat() == (
        "2010-11-06T23:30:00-03:30"
    )
    assert quiet_until(at_second_2330, "America/St_Johns", sunday) == dt.datetime(
        2010, 11, 7, 4, 30, tzinfo=dt.UTC
    )


def test_hours_that_follow_on_each_other_are_one():
    nights = [QuietHours(4, dt.time(22), dt.time(0)), QuietHours(5, dt.time(0), dt.time(9))]
    friday = dt.datetime(2027, 1, 8, 23, 15, tzinfo=dt.UTC)
    assert quiet_until(friday, "UTC", nights) == dt.datetime(2027, 1, 9, 9, tzinfo=dt.UTC)
    assert quiet_until(friday, "Asia/Tokyo", nights) == dt.datetime(2027, 1, 9, tzinfo=dt.UTC)
    assert quiet_until(friday, "UTC", nights[1:]) is None
    assert quiet_until(friday, "UTC", []) is None


def test_who_is_quiet_always_is_asked_about_again_in_a_week():
    halves = [(dt.time(0), dt.time(12)), (dt.time(12), dt.time(0))]
    always = [QuietHours(day, *half) for day in range(7) for half in halves]
    now = dt.datetime(2027, 3, 25, 6, tzinfo=dt.UTC)
    until = quiet_until(now, "Europe/Berlin", always)
    assert until is not None
    assert dt.timedelta(days=7) < until - now < dt.timedelta(days=9)


def test_the_walked_clock_knows_what_is_set_when():
    clock = dict(clocks())["Europe/Berlin"]
    assert len([step for step in clock.set_at if FROM <= step < UNTIL]) == 6
    forward = next(step for step in clock.set_at if step >= FROM)
    assert of_step(forward) == dt.datetime(2026, 3, 29, 1, tzinfo=dt.UTC)
    assert time_of(clock.reached(forward)) == dt.time(3)
    assert in_steps(dt.time(3)) == 3 * HOUR
