"""Where money came from: what is spent is taken from lots in order, and goes back to them.

A lot is money of one account that came from one deposit, or was earned. Deposits go first, the
oldest before the others, and what was earned last. What was taken remembers this order, because
what goes back goes to the lot that was taken last.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from protocol.money.currency import NONE

_HIGHEST = UUID(int=2**128 - 1)


@dataclass(frozen=True, slots=True)
class Lot:
    """What is left of a deposit, or of what was earned (None).

    Ids of deposits are in the order of time.
    """

    deposit: UUID | None
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Taken:
    """What was taken of a lot, and how much of that went back since."""

    deposit: UUID | None
    amount: Decimal
    returned: Decimal = NONE


class NotEnoughError(Exception):
    """There is less than is to be taken; `missing` says how much less."""

    def __init__(self, missing: Decimal) -> None:
        super().__init__(f"{missing} is missing")
        self.missing = missing


def in_order(lots: Iterable[Lot], first: UUID | None = None) -> list[Lot]:
    """Lots as they are taken: funded ones first, the oldest deposit first, then what was earned.

    `first` is a deposit that goes before all others.
    """
    return sorted(
        lots,
        key=lambda lot: (
            first is None or lot.deposit != first,
            lot.deposit is None,
            lot.deposit or _HIGHEST,
        ),
    )


def take(lots: Iterable[Lot], amount: Decimal, first: UUID | None = None) -> tuple[Taken, ...]:
    """What is taken of each lot for an amount, in the order of taking; `first` as in `in_order`.

    Raises `NotEnoughError`, and `ValueError` for an amount below zero.
    """
    left, taken = _positive(amount), []
    for lot in in_order(lots, first):
        part = min(left, lot.amount)
        if part > NONE:
            taken.append(Taken(lot.deposit, part))
            left -= part
    if left:
        raise NotEnoughError(left)
    return tuple(taken)


def give_back(taken: Sequence[Taken], amount: Decimal) -> tuple[Taken, ...]:
    """What of an amount goes back to each lot: to the one that was taken last first.

    `taken` is in the order of taking. What went back before does not go back again. Raises
    `NotEnoughError`, and `ValueError` for an amount below zero.
    """
    left, given = _positive(amount), []
    for one in reversed(taken):
        part = min(left, one.amount - one.returned)
        if part > NONE:
            given.append(Taken(one.deposit, part))
            left -= part
    if left:
        raise NotEnoughError(left)
    return tuple(given)


def _positive(amount: Decimal) -> Decimal:
    if amount < NONE:
        raise ValueError(f"{amount} is below zero")
    return amount
