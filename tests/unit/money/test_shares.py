"""A release among the members of a team."""

from decimal import Decimal
from uuid import UUID

import pytest

from protocol.money.shares import split_release

D = Decimal

A, B, C = (UUID(int=n) for n in (1, 2, 3))


def parts_of(net, fee, shares, currency="USD"):
    parts = split_release(D(net), D(fee), shares, currency)
    return [(part.member, str(part.net), str(part.fee)) for part in parts]


def test_units_left_over_go_to_the_largest_remainders_and_then_the_lower_id():
    shares = {A: 3333, B: 3333, C: 3334}
    assert parts_of("0.05", "0.00", shares) == [
        (A, "0.02", "0"), (B, "0.01", "0"), (C, "0.02", "0"),
    ]  # fmt: skip
    # The order in which members are named decides nothing.
    turned = dict(reversed(shares.items()))
    assert parts_of("0.05", "0.00", turned) == parts_of("0.05", "0.00", shares)


def test_the_fee_is_split_alike_and_makes_the_gross():
    parts = split_release(D("90.00"), D("10.00"), {A: 5000, B: 2500, C: 2500}, "USD")
    assert [part.gross for part in parts] == [D(50), D(25), D(25)]
    assert [part.fee for part in parts] == [D("5.00"), D("2.50"), D("2.50")]


def test_a_member_who_gets_nothing_has_no_part_of_the_fee_either():
    shares = {A: 1, B: 9999}
    assert parts_of("0.09", "0.01", shares) == [(B, "0.09", "0.01")]
    # His share is left out of the fee's whole: it is split among those who are paid.
    shares = {A: 4, B: 4998, C: 4998}
    assert parts_of("4", "2", shares, "JPY") == [(B, "2", "1"), (C, "2", "1")]


def test_a_release_that_its_fee_takes_whole_stands_with_the_largest_share():
    assert parts_of("0.00", "0.01", {A: 3000, B: 4000, C: 3000}) == [(B, "0", "0.01")]
    assert parts_of("0.00", "0.01", {C: 5000, A: 5000}) == [(A, "0", "0.01")]
    assert parts_of("0.00", "0.00", {A: 10_000}) == []


@pytest.mark.parametrize("shares", [{A: 9999}, {A: 5000, B: 5001}, {A: 10_001, B: -1}])
def test_shares_are_ten_thousand_in_all(shares):
    with pytest.raises(ValueError, match="10000 in all"):
        split_release(D(1), D(0), shares, "USD")
