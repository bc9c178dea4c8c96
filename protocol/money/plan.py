"""The milestones of a contract whose parties named none: a quarter of the total each."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from protocol.money.currency import percentage

_AT = (25, 50, 75, 100)


class PlannedPart(NamedTuple):
    """A milestone of the plan: how much of the work it completes, in per cent, and its amount."""

    percent: int
    amount: Decimal


def planned(total: Decimal, currency: str) -> tuple[PlannedPart, ...]:
    """The parts of a total at 25, 50, 75 and 100 %, which sum to it; parts of zero are left out."""
    reached = [percentage(total, Decimal(percent), currency) for percent in (0, *_AT)]
    parts = (
        PlannedPart(percent, upto - before)
        for percent, before, upto in zip(_AT, reached, reached[1:], strict=False)
    )
    return tuple(part for part in parts if part.amount)


def percents_reached(amounts: Sequence[Decimal]) -> list[int]:
    """How much of their sum each of these reaches with those before it, in per cent, at least 1."""
    total, reached, found = sum(amounts), Decimal(0), []
    for amount in amounts:
        reached += amount
        found.append(max(1, round(100 * reached / total)))
    return found
