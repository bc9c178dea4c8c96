"""Currencies, and amounts as people write and read them.

An amount is a `Decimal` of whole units of its currency: of cents for dollars, of yen for yen. What
divides is done on integers of such units, exactly, and rounded once, half to even.
"""

import re
from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from types import MappingProxyType

EXPONENTS: Mapping[str, int] = MappingProxyType({"USD": 2, "EUR": 2, "CNY": 2, "JPY": 0, "KRW": 0})
"""The decimals of each currency that is taken."""

NONE = Decimal(0)
"""No money, of any currency."""

WHOLE_DIGITS = 12
"""The digits before the point of an amount: a column of amounts is numeric(14,2)."""

_WRITTEN = re.compile(r"(-?)(0|[1-9][0-9]*)(?:\.([0-9]+))?")


def exponent(currency: str) -> int:
    """The decimals of a currency; raises `ValueError` for one that is not taken."""
    decimals = EXPONENTS.get(currency)
    if decimals is None:
        raise ValueError(f"{currency} is not taken, but {', '.join(EXPONENTS)} are")
    return decimals


def parse_amount(value: str | float, currency: str, *, signed: bool = False) -> Decimal:
    """An amount that somebody sent: a text such as "10.00", or a number.

    Fewer decimals than the currency has are taken, more are not. A `float` is read as the shortest
    text that makes it, which is the text that it was made of unless that was rounded. Raises
    `ValueError` with a reason that can be shown to who sent it.
    """
    decimals = exponent(currency)
    if type(value) not in {str, int, float}:
        raise ValueError('must be an amount as text, such as "10.00", or a number')
    found = _WRITTEN.fullmatch(str(value)) if len(str(value)) <= 40 else None
    if found is None:
        raise ValueError(f"must be an amount such as {shown(Decimal(100), currency)}")
    sign, whole, fraction = found.groups()
    if sign and not signed:
        raise ValueError("must not be below zero")
    if len(fraction or "") > decimals:
        raise ValueError(too_fine(currency))
    if len(whole) > WHOLE_DIGITS:
        raise ValueError(f"must have at most {WHOLE_DIGITS} digits before the point")
    return rounded(Decimal(found.group()), currency)


def too_fine(currency: str) -> str:
    """Why an amount with more decimals than its currency has is refused."""
    decimals = exponent(currency)
    has = {0: "no decimals", 1: "one decimal"}.get(decimals, f"{decimals} decimals")
    return f"must have at most the decimals of its currency: {currency} has {has}"


def is_whole(amount: Decimal, currency: str) -> bool:
    """Whether an amount is one of whole units of its currency."""
    return amount == amount.quantize(_unit(currency), ROUND_HALF_EVEN)


def shown(amount: Decimal, currency: str) -> str:
    """An amount as JSON has it, with exactly the decimals of its currency.

    Raises `ValueError` for one that is finer than that: it is a mistake of ours, and rounding would
    hide it.
    """
    if not is_whole(amount, currency):
        raise ValueError(f"{amount} is finer than {currency} is")
    return f"{rounded(amount, currency):f}"


def rounded(amount: Decimal, currency: str) -> Decimal:
    """The amount to the unit of its currency, half to even; never a zero below zero."""
    return amount.quantize(_unit(currency), ROUND_HALF_EVEN) + NONE


def units_of(amount: Decimal, currency: str) -> int:
    """How many units of its currency an amount is; raises `ValueError` for one that is finer."""
    if not is_whole(amount, currency):
        raise ValueError(f"{amount} is finer than {currency} is")
    return int(amount.scaleb(exponent(currency)))


def of_units(units: int, currency: str) -> Decimal:
    """The amount of so many units of a currency."""
    return Decimal(units).scaleb(-exponent(currency))


def proportion(amount: Decimal, part: Decimal, whole: Decimal, currency: str) -> Decimal:
    """round(amount · part / whole), exact until it is rounded; none may be negative.

    A quotient of decimals would be rounded to the precision of the context first, and a second time
    to the unit.
    """
    numerator = units_of(amount, currency) * units_of(part, currency)
    return of_units(half_even(numerator, units_of(whole, currency)), currency)


def percentage(amount: Decimal, percent: Decimal, currency: str) -> Decimal:
    """So many per cent of an amount, exact until it is rounded; a percentage has two decimals."""
    points = int(percent.scaleb(2))
    if points != percent.scaleb(2):
        raise ValueError(f"a percentage has at most two decimals, not {percent}")
    return of_units(half_even(units_of(amount, currency) * points, 10_000), currency)


def half_even(numerator: int, denominator: int) -> int:
    """The whole number that is nearest to a quotient, of two as near the even one."""
    if numerator < 0 or denominator <= 0:
        raise ValueError(f"cannot divide {numerator} by {denominator}")
    quotient, rest = divmod(numerator, denominator)
    twice = 2 * rest
    is_up = twice > denominator or (twice == denominator and quotient % 2 == 1)
    return quotient + is_up


def _unit(currency: str) -> Decimal:
    return Decimal(1).scaleb(-exponent(currency))
