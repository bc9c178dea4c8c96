"""Where money came from, and where it goes back to."""

import datetime as dt
from decimal import Decimal
from uuid import UUID

import pytest

from protocol.money.lots import Lot, NotEnoughError, Taken, give_back, take

D = Decimal

FIRST, SECOND, THIRD = (UUID(int=n) for n in (3, 2, 1))
DAY = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
LOTS = [
    Lot(None, None, D(100)),
    Lot(SECOND, DAY + dt.timedelta(days=1), D(30)),
    Lot(FIRST, DAY, D(20)),
]


def test_the_oldest_deposit_goes_first_and_what_was_earned_last():
    assert take(LOTS, D(20)) == (Taken(FIRST, D(20)),)
    assert take(LOTS, D(60)) == (
        Taken(FIRST, D(20)),
        Taken(SECOND, D(30)),
        Taken(None, D(10)),
    )
    assert take(LOTS, D(0)) == ()


def test_deposits_of_one_moment_go_by_their_ids():
    lots = [Lot(SECOND, DAY, D(1)), Lot(THIRD, DAY, D(1))]
    assert [one.deposit for one in take(lots, D(2))] == [THIRD, SECOND]


def test_an_empty_lot_is_not_taken():
    assert take([Lot(FIRST, DAY, D(0)), Lot(None, None, D(1))], D(1)) == (Taken(None, D(1)),)


def test_what_is_missing_is_said():
    with pytest.raises(NotEnoughError) as refused:
        take(LOTS, D("150.01"))
    assert refused.value.missing == D("0.01")


def test_what_was_taken_last_goes_back_first():
    taken = take(LOTS, D(60))
    assert give_back(taken, D(10)) == (Taken(None, D(10)),)
    assert give_back(taken, D(45)) == (
        Taken(None, D(10)),
        Taken(SECOND, D(30)),
        Taken(FIRST, D(5)),
    )


def test_what_went_back_does_not_go_back_again():
    taken = (
        Taken(FIRST, D(20)),
        Taken(SECOND, D(30), returned=D(25)),
        Taken(None, D(10), D(10)),
    )
    assert give_back(taken, D(6)) == (Taken(SECOND, D(5)), Taken(FIRST, D(1)))
    with pytest.raises(NotEnoughError) as refused:
        give_back(taken, D(26))
    assert refused.value.missing == D(1)


def test_nothing_below_zero_is_moved():
    with pytest.raises(ValueError, match="below zero"):
        take(LOTS, D(-1))
    with pytest.raises(ValueError, match="below zero"):
        give_back((), D(-1))
