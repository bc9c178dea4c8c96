"""What the platform takes, by the numbers that it was worked through with."""

from decimal import Decimal

import pytest

from protocol.money.fees import (
    FeeTerms,
    NoTierError,
    Tier,
    fee_given_back,
    fee_of,
    processing_fee,
)

D = Decimal

PLATFORM = (Tier(D(0), None, D("10.00"), D("3.00")),)
CREATOR = (Tier(D(0), D(1000), D(10)), Tier(D(1000), None, D(8)))


def test_the_fee_is_a_percentage_of_the_whole():
    assert fee_of(D(1000), PLATFORM, "USD") == D(100)
    assert fee_of(D("0.05"), PLATFORM, "USD") == D("0.00")
    assert fee_of(D("0.15"), PLATFORM, "USD") == D("0.02")
    assert fee_of(D(15), PLATFORM, "JPY") == D(2)


def test_a_tier_begins_at_its_least_amount_and_ends_before_its_most():
    assert fee_of(D("999.99"), CREATOR, "USD") == D("100.00")
    assert fee_of(D("1000.00"), CREATOR, "USD") == D("80.00")


def test_without_a_tier_there_is_no_fee_to_agree_on():
    with pytest.raises(NoTierError):
        fee_of(D(10), (), "USD")
    with pytest.raises(NoTierError):
        processing_fee(D(10), CREATOR[1:], "USD")


def test_paying_costs_a_percentage_and_a_fixed_fee():
    assert processing_fee(D(500), PLATFORM, "USD") == D("15.00")
    card = (Tier(D(0), None, D(10), D("2.90"), D("0.30")),)
    assert processing_fee(D(100), card, "USD") == D("3.20")
    assert fee_of(D(100), card, "USD") == D("10.00")


def test_the_second_release_of_a_split_takes_its_part():
    # M1 300 paid, M2's 300 split C 180 / F 120 of T 1000, F 100.
    assert FeeTerms(D(1000), D(100), "USD").part(D(0), D(300)) == D(30)
    assert FeeTerms(D(1000), D(100), "USD").part(D(300), D(120)) == D(12)


def test_parts_add_up_where_each_by_itself_would_not():
    thirds = [D("0.33"), D("0.33"), D("0.34")]
    before, parts = D(0), []
    for third in thirds:
        parts.append(FeeTerms(D(1), D("0.05"), "USD").part(before, third))
        before += third
    assert parts == [D("0.02"), D("0.01"), D("0.02")]
    assert sum(parts) == D("0.05")


def test_no_more_is_released_than_there_is():
    for before, released in (
        (D(900), D(101)),
        (D(0), D(-1)),
        (D(-1), D(1)),
    ):
        with pytest.raises(ValueError, match="released"):
            FeeTerms(D(1000), D(100), "USD").part(before, released)


def test_a_release_of_nothing_takes_nothing():
    assert FeeTerms(D(0), D(0), "USD").part(D(0), D(0)) == D(0)


def test_an_amendment_leaves_the_fees_that_were_taken():
    terms = FeeTerms(D(1000), D(100), "USD")
    assert terms.part(D(0), D(300)) == D(30)
    # 300 paid, the total becomes 900 at 8 %: R = round(72 * 600 / 900) = 48.
    amended = terms.amended(D(900), D(72), D(300))
    assert (amended.total, amended.fee) == (D(900), D(78))
    assert (amended.base_released, amended.base_taken) == (D(300), D(30))
    assert amended.part(D(300), D(200)) == D(16)
    assert amended.part(D(500), D(400)) == D(32)
    again = amended.amended(D(700), D(70), D(500))
    assert again.fee == D(30) + D(16) + D(20)
    assert again.part(D(500), D(200)) == D(20)


def test_an_amendment_to_what_was_released_leaves_nothing_to_take():
    amended = FeeTerms(D(1000), D(100), "USD").amended(D(300), D(30), D(300))
    assert (amended.fee, amended.part(D(300), D(0))) == (D(30), D(0))
    with pytest.raises(ValueError, match="was released"):
        amended.amended(D("299.99"), D(30), D(300))


def test_after_an_amendment_no_release_lies_before_it():
    amended = FeeTerms(D(1000), D(100), "USD").amended(D(900), D(90), D(300))
    with pytest.raises(ValueError, match="cannot be released"):
        amended.part(D(0), D(300))


def test_a_refund_gives_back_its_part_of_the_fee():
    assert fee_given_back(D(300), D(30), D(0), D(100), "USD") == D(10)
    assert fee_given_back(D(300), D(30), D(100), D(200), "USD") == D(20)
    # 270 of a payout and 30 of a fee: what was taken whole is given back whole.
    assert fee_given_back(D(300), D(30), D(0), D(300), "USD") == D(30)
    # Thirds of one cent of fee: the second gives it back, the others nothing.
    gives = [fee_given_back(D("0.03"), D("0.01"), D(n) / 100, D("0.01"), "USD") for n in range(3)]
    assert gives == [D(0), D("0.01"), D(0)]


def test_no_more_is_refunded_than_was_released():
    for before, refunded in (
        (D(200), D(101)),
        (D(0), D(-1)),
        (D(-1), D(1)),
    ):
        with pytest.raises(ValueError, match="no refund"):
            fee_given_back(D(300), D(30), before, refunded, "USD")
    assert fee_given_back(D(0), D(0), D(0), D(0), "USD") == D(0)
