"""Finds what may be the number of a payment card, which must not be sent here and never be stored.

13 to 19 digits, with spaces or hyphens between them, whose last digit is the check digit of those
before it. Source: ISO/IEC 7812, annex B (Luhn).
"""

import re
from typing import Any

_ID = re.compile(
    r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
    r"|(?<![0-9A-Za-z])[0-9a-fA-F]{24,}(?![0-9A-Za-z])"
)
"""UUIDs, and hexadecimal words longer than any number of a card, as tokens of providers have."""
_AMOUNT = re.compile(r"\d+\.\d{1,2}")
_DIGITS = re.compile(r"(?<!\d)\d(?:[\s\-‐-―.·_/]{0,3}\d){12,18}(?!\d)")


def holds_card_number(value: Any) -> bool:
    """Whether any text, number or name of a member in this JSON may be one; not in ids."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            waiting += [*one.keys(), *one.values()]
        elif isinstance(one, list):
            waiting += one
        elif isinstance(one, float) and one.is_integer():
            waiting.append(str(int(one)))
        elif isinstance(one, str | int) and _is_in(str(one)):
            return True
    return False


def _is_in(text: str) -> bool:
    return _AMOUNT.fullmatch(text) is None and any(
        _has_check_digit([int(char) for char in found[0] if char.isdecimal()])
        for found in _DIGITS.finditer(_ID.sub("-id-", text))
    )


def _has_check_digit(digits: list[int]) -> bool:
    """Whether the digits sum to a multiple of ten, every second from the right doubled."""
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[-2::-2])
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0
