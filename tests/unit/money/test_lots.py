"""Where money came from, and where it goes back to."""

from decimal import Decimal
from uuid import UUID

import pytest

from protocol.money.lots import Lot, NotEnoughError, Taken, give_back, take

D = Decimal

FIRST, SECOND = (UUID(int=n) for n in (1, 2))
LOTS = [Lot(None, D(100)), Lot(SECOND, D(30)), Lot(FIRST, D(20))]


def test_the_oldest_deposit_goes_first_and_what_was_earned_last():
    assert take(LOTS, D(20)) == (Taken(FIRST, D(20)),)
    assert take(LOTS, D(60)) == (
        Taken(FIRST, D(20)),
        Taken(SECOND, D(30)),
        Taken(None, D(10)),
    )
    assert take(LOTS, D(0)) == ()


def test_a_deposit_that_was_made_for_it_goes_before_older_ones():
    assert take(LOTS, D(40), SECOND) == (Taken(SECOND, D(30)), Taken(FIRST, D(10)))


def test_an_empty_lot_is_not_taken():
    assert take([Lot(FIRST, D(0)), Lot(None, D(1))], D(1)) == (Taken(None, D(1)),)


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
