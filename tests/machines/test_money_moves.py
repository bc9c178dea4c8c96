"""Splits and lots over any amounts: what is there is divided whole, and goes back where it was."""

from uuid import UUID

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from protocol.money.currency import NONE, is_whole, of_units
from protocol.money.lots import Lot, NotEnoughError, Taken, give_back, take
from protocol.money.split import (
    HeldHasChangedError,
    Item,
    SplitItem,
    agreed,
    by_timer,
    mean_of,
)

CURRENCIES = st.sampled_from(["USD", "CNY", "JPY"])
UNITS = st.integers(0, 5) | st.integers(0, 10**12)
ITEMS = st.builds(
    Item, st.sampled_from(["milestone", "release"]), st.integers(1, 3).map(lambda n: UUID(int=n))
)


def amounts(currency, units=UNITS):
    return units.map(lambda n: of_units(n, currency))


@st.composite
def divided(draw, splits=1):
    """A currency, what is there, and splits that were said before it was."""
    currency = draw(CURRENCIES)
    there = draw(st.dictionaries(ITEMS, amounts(currency)))
    said = [
        [
            SplitItem(item, draw(amounts(currency)), draw(amounts(currency)))
            for item in draw(st.sets(ITEMS))
        ]
        for _ in range(splits)
    ]
    return currency, there, *said


def holds_what_is_there(items, there, currency):
    assert {one.item: one.whole for one in items} == {k: v for k, v in there.items() if v}
    for one in items:
        assert one.client >= NONE
        assert one.freelancer >= NONE
        assert is_whole(one.client, currency)


@given(divided())
def test_a_timer_divides_all_that_is_there_whatever_was_said(case):
    currency, there, said = case
    items = by_timer(said, there, currency)
    holds_what_is_there(items, there, currency)
    named = {one.item: one for one in said}
    for one in items:
        before = named.get(one.item)
        if before is None or not before.whole:
            assert one.freelancer == NONE
        else:
            apart = one.client * before.whole - one.whole * before.client
            assert abs(apart) * 2 <= before.whole * of_units(1, currency)


@given(divided())
def test_what_a_timer_divides_can_be_agreed_on_and_nothing_else_can(case):
    currency, there, said = case
    items = by_timer(said, there, currency)
    assert agreed(reversed(items), there) == items
    assert by_timer(items, there, currency) == items
    assume(items)
    first, *rest = items
    for wrong in ((first, first.client + of_units(1, currency)), (first, None)):
        one, client = wrong
        changed = [] if client is None else [SplitItem(one.item, client, one.freelancer)]
        with pytest.raises(HeldHasChangedError) as refused:
            agreed([*changed, *rest], there)
        assert refused.value.items == (one.item,)


@given(divided(splits=2))
def test_the_mean_lies_between_both_and_an_odd_unit_is_the_clients(case):
    currency, there, first, second = case
    mean = mean_of(first, second, there, currency)
    holds_what_is_there(mean, there, currency)
    assert mean == mean_of(second, first, there, currency)
    one, other = (by_timer(said, there, currency) for said in (first, second))
    for a, b, half in zip(one, other, mean, strict=True):
        odd = 2 * half.client - a.client - b.client
        assert odd in {NONE, of_units(1, currency)}


@st.composite
def wallets(draw):
    currency = draw(CURRENCIES)
    deposits = draw(st.lists(amounts(currency), max_size=5))
    funded = [Lot(UUID(int=n), amount) for n, amount in enumerate(deposits)]
    lots = draw(st.permutations([*funded, Lot(None, draw(amounts(currency)))]))
    return currency, lots


def held(lots):
    return {lot.deposit: lot.amount for lot in lots if lot.amount}


def moved(before, parts, sign):
    after = dict(before)
    for part in parts:
        after[part.deposit] = after.get(part.deposit, NONE) + sign * part.amount
    return {deposit: amount for deposit, amount in after.items() if amount}


@given(wallets(), st.data())
def test_what_is_taken_goes_back_to_where_it_was_in_whatever_parts(wallet, data):
    currency, lots = wallet
    balance = sum((lot.amount for lot in lots), NONE)
    unit = of_units(1, currency)
    asked = min(balance, data.draw(amounts(currency)))
    taken = take(lots, asked)
    assert sum((part.amount for part in taken), NONE) == asked
    now = moved(held(lots), taken, -1)
    assert all(amount > NONE for amount in now.values())
    # No lot but the last that was taken from has anything left.
    assert all(part.deposit not in now for part in taken[:-1])
    left = asked
    while left:
        part = min(left, max(unit, data.draw(amounts(currency))))
        given_back = give_back(taken, part)
        assert sum((one.amount for one in given_back), NONE) == part
        now = moved(now, given_back, 1)
        back = {one.deposit: one.amount for one in given_back}
        taken = tuple(
            Taken(one.deposit, one.amount, one.returned + back.get(one.deposit, NONE))
            for one in taken
        )
        left -= part
    assert now == held(lots)
    with pytest.raises(NotEnoughError):
        give_back(taken, unit)
    with pytest.raises(NotEnoughError) as refused:
        take(lots, balance + unit)
    assert refused.value.missing == unit


@given(wallets(), st.data())
def test_taking_twice_is_taking_both_at_once(wallet, data):
    currency, lots = wallet
    balance = sum((lot.amount for lot in lots), NONE)
    first = min(balance, data.draw(amounts(currency)))
    second = min(balance - first, data.draw(amounts(currency)))
    one = take(lots, first)
    after = moved(held(lots), one, -1)
    rest = [Lot(lot.deposit, after.get(lot.deposit, NONE)) for lot in lots]
    assert moved(after, take(rest, second), -1) == moved(held(lots), take(lots, first + second), -1)
