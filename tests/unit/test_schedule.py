"""When something is done again."""

import datetime as dt

from server.schedules.schedule import AGAIN_S, Daily, Every, Outcome, Schedule

AT = dt.datetime(2026, 3, 1, 2, 59, 30, tzinfo=dt.UTC)


async def nothing() -> Outcome:
    return Outcome()


def seconds(later: dt.datetime) -> float:
    return (later - AT).total_seconds()


def test_the_night_begins_at_its_hour():
    assert seconds(Daily(3).following(AT)) == 30
    assert seconds(Daily(3).following(AT + dt.timedelta(seconds=30))) == 30 + 86_400
    assert seconds(Daily(2).following(AT)) == 86_400 - 3570


def test_the_hour_is_of_utc():
    paris = dt.timezone(dt.timedelta(hours=1))
    assert Daily(3).following(AT.astimezone(paris)) == Daily(3).following(AT)


def test_pauses_after_failures_are_bounded_and_never_longer_than_usual():
    daily = Schedule("a", Every(86_400), nothing, 1)
    pauses = [seconds(daily.after_failure(AT, number)) for number in range(1, 10)]
    assert pauses == [*AGAIN_S, 900, 900, 900]
    often = Schedule("a", Every(10), nothing, 1)
    assert [seconds(often.after_failure(AT, number)) for number in (1, 2, 3, 9)] == [1, 5, 10, 10]


def test_a_run_that_has_more_to_do_goes_on_earlier_and_never_later():
    schedule = Schedule("a", Every(60), nothing, 1)
    assert seconds(schedule.after(AT, Outcome())) == 60
    assert seconds(schedule.after(AT, Outcome(again_s=1))) == 1
    assert seconds(schedule.after(AT, Outcome(again_s=600))) == 60
