"""Amounts as people write and read them."""

from decimal import Decimal

import pytest

from protocol.money.currency import (
    half_even,
    is_whole,
    of_units,
    parse_amount,
    percentage,
    proportion,
    rounded,
    shown,
    units_of,
)


@pytest.mark.parametrize(
    ("value", "currency", "amount"),
    [
        ("10.00", "USD", "10.00"),
        ("10.5", "EUR", "10.50"),
        ("10", "CNY", "10.00"),
        (10, "USD", "10.00"),
        ("0", "USD", "0.00"),
        ("1000", "JPY", "1000"),
        (1000, "KRW", "1000"),
        (180.5, "USD", "180.50"),
        (10.0, "USD", "10.00"),
        (0.1, "USD", "0.10"),
        (999999999999.99, "USD", "999999999999.99"),
        ("999999999999.99", "USD", "999999999999.99"),
    ],
)
def test_an_amount_is_taken_as_text_or_as_a_number(value, currency, amount):
    parsed = parse_amount(value, currency)
    assert str(parsed) == amount


@pytest.mark.parametrize(
    ("value", "currency", "reason"),
    [
        ("10.001", "USD", "USD has 2 decimals"),
        ("10.5", "JPY", "JPY has no decimals"),
        ("1000.00", "JPY", "JPY has no decimals"),
        ("1e3", "USD", "an amount such as 100.00"),
        ("1e3", "JPY", "an amount such as 100"),
        (" 1", "USD", "an amount such as"),
        ("1\n", "USD", "an amount such as"),
        ("01", "USD", "an amount such as"),
        (".5", "USD", "an amount such as"),
        ("1.", "USD", "an amount such as"),
        ("+1", "USD", "an amount such as"),
        ("NaN", "USD", "an amount such as"),
        ("", "USD", "an amount such as"),
        ("\u0661\u0662", "USD", "an amount such as"),
        ("9" * 5000, "USD", "an amount such as"),
        (10.001, "USD", "USD has 2 decimals"),
        (10.5, "JPY", "JPY has no decimals"),
        (1e300, "USD", "an amount such as"),
        (1e-7, "USD", "an amount such as"),
        (float("nan"), "USD", "an amount such as"),
        (float("inf"), "USD", "an amount such as"),
        (-0.5, "USD", "below zero"),
        (True, "USD", "as text"),
        (None, "USD", "as text"),
        ("-1", "USD", "below zero"),
        (-1, "USD", "below zero"),
        ("1000000000000", "USD", "12 digits"),
        (10**12, "JPY", "12 digits"),
        ("10", "KWD", "KWD is not taken, but USD, EUR, CNY, JPY, KRW are"),
        ("10", "usd", "usd is not taken"),
    ],
)
def test_anything_else_is_refused_with_a_reason(value, currency, reason):
    with pytest.raises(ValueError, match=reason):
        parse_amount(value, currency)


def test_a_sign_is_taken_where_it_is_asked_for():
    assert parse_amount("-1.50", "USD", signed=True) == Decimal("-1.50")
    assert str(parse_amount("-0", "USD", signed=True)) == "0.00"


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        ("10", "USD", "10.00"),
        ("1000.00", "JPY", "1000"),
        ("-0.5", "EUR", "-0.50"),
        ("-0.00", "USD", "0.00"),
        ("100000000000", "KRW", "100000000000"),
    ],
)
def test_an_amount_is_shown_with_the_decimals_of_its_currency(amount, currency, text):
    assert shown(Decimal(amount), currency) == text


def test_what_is_finer_than_its_currency_is_neither_shown_nor_counted():
    assert not is_whole(Decimal("0.5"), "JPY")
    for how in (shown, units_of):
        with pytest.raises(ValueError, match="finer than JPY"):
            how(Decimal("0.5"), "JPY")


@pytest.mark.parametrize(
    ("amount", "currency", "unit"),
    [("0.005", "USD", "0.00"), ("0.015", "USD", "0.02"), ("0.5", "JPY", "0"), ("1.5", "JPY", "2")],
)
def test_halves_are_rounded_to_even(amount, currency, unit):
    assert str(rounded(Decimal(amount), currency)) == unit


def test_an_amount_is_a_number_of_units():
    assert units_of(Decimal("12.34"), "USD") == 1234
    assert units_of(Decimal(1234), "JPY") == 1234
    assert str(of_units(1234, "USD")) == "12.34"
    assert str(of_units(1234, "JPY")) == "1234"


def test_a_proportion_is_exact_until_it_is_rounded():
    # Of the largest amounts: quotients half a unit above a whole one, and the least step beyond.
    whole, part = 10**14 - 27, 10**14 - 29
    up, down = (whole + 1) // 2, (whole - 1) // 2
    for rest, is_up in ((up, True), (down, False)):
        amount = pow(part, -1, whole) * rest % whole
        expected = amount * part // whole + is_up
        of_amount, of_part, of_whole = (of_units(n, "USD") for n in (amount, part, whole))
        found = proportion(of_amount, of_part, of_whole, "USD")
        assert found == of_units(expected, "USD")
    assert [half_even(n, 2) for n in (1, 3, 5)] == [0, 2, 2]


def test_what_cannot_be_divided_is_refused():
    for numerator, denominator in ((-1, 2), (1, 0), (1, -2)):
        with pytest.raises(ValueError, match="cannot divide"):
            half_even(numerator, denominator)


def test_a_percentage_has_two_decimals():
    assert percentage(Decimal("80.00"), Decimal("12.50"), "USD") == Decimal("10.00")
    with pytest.raises(ValueError, match="two decimals"):
        percentage(Decimal("80.00"), Decimal("12.505"), "USD")
