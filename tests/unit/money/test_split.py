"""How two parties divide what is there."""

from decimal import Decimal
from uuid import UUID

import pytest

from protocol.money.split import (
    HeldHasChangedError,
    Item,
    SplitItem,
    agreed,
    by_timer,
    mean_of,
)

D = Decimal

M1, M2 = (Item("milestone", UUID(int=n)) for n in (1, 2))
R1 = Item("release", UUID(int=1))


def split(*items):
    return [SplitItem(item, D(client), D(freelancer)) for item, client, freelancer in items]


def amounts(items):
    return [(one.item, str(one.client), str(one.freelancer)) for one in items]


def test_what_is_agreed_sums_to_what_is_there():
    there = {M2: D(300), R1: D(270)}
    items = split((R1, 270, 0), (M2, 180, 120))
    assert amounts(agreed(items, there)) == [(M2, "180", "120"), (R1, "270", "0")]


def test_items_of_zero_may_be_named_or_not():
    assert agreed(split((M1, 0, 0), (M2, 1, 2)), {M2: D(3), R1: D(0)}) == (
        SplitItem(M2, D(1), D(2)),
    )


@pytest.mark.parametrize(
    ("items", "differing"),
    [
        (split((M2, 180, 120)), (R1,)),
        (split((M2, 180, 119), (R1, 0, 270)), (M2,)),
        (split((M2, 180, 120), (R1, 0, 270), (M1, 0, 1)), (M1,)),
        (split((M2, 120, 120), (R1, 60, 270)), (M2, R1)),  # in all it is what is there
    ],
)
def test_what_differs_from_what_is_there_is_named(items, differing):
    with pytest.raises(HeldHasChangedError) as refused:
        agreed(items, {M2: D(300), R1: D(270)})
    assert refused.value.items == differing


@pytest.mark.parametrize(
    "items", [split((M1, 1, 1), (M1, 1, 1)), split((M1, -1, 3)), split((M1, 3, -1))]
)
def test_no_amount_is_below_zero_and_no_item_named_twice(items):
    with pytest.raises(ValueError, match="must"):
        agreed(items, {M1: D(2)})
    with pytest.raises(ValueError, match="must"):
        by_timer(items, {M1: D(2)}, "USD")


def test_a_timer_keeps_the_proportion_of_what_is_there_now():
    items = split((M1, 180, 120), (M2, 0, 300))
    there = {M1: D(100), M2: D(150), R1: D(270)}
    assert amounts(by_timer(items, there, "USD")) == [
        (M1, "60.00", "40.00"), (M2, "0.00", "150.00"), (R1, "270", "0"),
    ]  # fmt: skip


def test_a_timer_gives_to_the_client_what_nobody_divided():
    assert amounts(by_timer(split((M1, 0, 0), (M2, 1, 1)), {M1: D(7)}, "JPY")) == [(M1, "7", "0")]
    assert by_timer(split((M1, 1, 1)), {M1: D(0)}, "USD") == ()


def test_halfway_between_two_splits_the_odd_unit_is_the_clients():
    there = {M1: D("1.01"), M2: D(10)}
    mean = mean_of(split((M1, "1.01", 0)), split((M1, 0, "1.01"), (M2, 4, 6)), there, "USD")
    assert amounts(mean) == [(M1, "0.51", "0.50"), (M2, "7.00", "3.00")]
