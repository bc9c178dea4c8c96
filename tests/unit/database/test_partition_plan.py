"""What is to be done to partitions follows from what is there and from the day."""

from datetime import UTC, datetime

import pytest

from storage.database.partition_plan import (
    TABLES,
    Drop,
    Finalize,
    Make,
    State,
    ahead,
    steps,
)

MESSAGES, KEYS = TABLES[:2]
DAY = datetime(2026, 11, 29, 23, 30, tzinfo=UTC)


def made(table: str, state: State, now: datetime = DAY) -> list[str]:
    return [step.partition for step in steps({table: state}, now) if isinstance(step, Make)]


def test_months_are_made_three_ahead_over_the_end_of_the_year():
    assert made("messages", State()) == [
        "messages_2026_11",
        "messages_2026_12",
        "messages_2027_01",
        "messages_2027_02",
    ]
    (step,) = steps({"messages": State(frozenset(made("messages", State())[:3]))}, DAY)
    assert isinstance(step, Make)
    assert step.period.begins == datetime(2027, 2, 1, tzinfo=UTC)
    assert step.period.ends == datetime(2027, 3, 1, tzinfo=UTC)


def test_weeks_are_those_of_iso_8601():
    # The last days of 2024 are of the first week of 2025.
    assert made("message_keys", State(), datetime(2024, 12, 31, tzinfo=UTC)) == [
        "message_keys_2024_52",
        *(f"message_keys_2025_{week:02}" for week in range(1, 6)),
    ]
    assert made("message_keys", State(), datetime(2027, 1, 1, tzinfo=UTC))[:3] == [
        "message_keys_2026_52",
        "message_keys_2026_53",
        "message_keys_2027_01",
    ]


@pytest.mark.parametrize(
    ("now", "goes"),
    [
        # The week ended as Monday the 16th began.
        (datetime(2026, 11, 23, tzinfo=UTC), False),
        (datetime(2026, 11, 23, 0, 0, 1, tzinfo=UTC), True),
    ],
)
def test_a_week_goes_seven_days_after_its_end(now, goes):
    state = State(frozenset(["message_keys_2026_46"]))
    dropped = [step for step in steps({"message_keys": state}, now) if isinstance(step, Drop)]
    assert dropped == (
        [Drop("message_keys", "message_keys_2026_46", is_attached=True)] if goes else []
    )


def test_what_was_broken_off_is_ended_first():
    there = frozenset(made("message_keys", State())[:-1])
    state = State(
        there,
        pending=frozenset(["message_keys_2026_30"]),
        loose=frozenset(
            ["message_keys_2026_29", "message_keys_2026_99", made("message_keys", State())[-1]]
        ),
    )
    finalize, make, *drops = steps({"message_keys": state}, DAY)
    assert finalize == Finalize("message_keys", "message_keys_2026_30")
    assert isinstance(make, Make)
    assert make.is_there
    assert drops == [
        Drop("message_keys", "message_keys_2026_29", is_attached=False),
        Drop("message_keys", "message_keys_2026_30", is_attached=False),
    ]


def test_months_are_kept():
    assert not [
        step
        for table in TABLES
        if table is not KEYS
        for step in steps({table.table: State(frozenset([f"{table.table}_2020_01"]))}, DAY)
        if isinstance(step, Drop)
    ]


def test_a_hole_ends_what_is_ahead():
    months = made("messages", State())
    assert ahead(MESSAGES, months, DAY) == 3
    assert ahead(MESSAGES, [months[0], *months[2:]], DAY) == 0
    assert ahead(MESSAGES, months[1:], DAY) == -1
