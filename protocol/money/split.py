"""How two parties divide what is there: each milestone that is held, each release not yet cleared.

A split says of each item what goes to the client and what to the freelancer, in gross amounts. It
is said before it takes effect, and what is there may change in between. Parties agreed on amounts:
they are asked again. A timer asks nobody: it keeps the proportion, and what the split does not name
goes to the client, who paid it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, NamedTuple
from uuid import UUID

from protocol.money.currency import NONE, of_units, proportion, units_of

Of = Literal["milestone", "release"]


class Item(NamedTuple):
    """What is divided: money of a milestone in escrow, or a release that is not cleared yet."""

    of: Of
    id: UUID


@dataclass(frozen=True, slots=True)
class SplitItem:
    """An item's gross amounts for the client and the freelancer."""

    item: Item
    client: Decimal
    freelancer: Decimal

    @property
    def whole(self) -> Decimal:
        """Both together."""
        return self.client + self.freelancer


There = Mapping[Item, Decimal]
"""The gross amount of each item that is there, in the order in which they are divided."""


class HeldHasChangedError(Exception):
    """A split does not sum to what is there any more; `items` are those that differ."""

    def __init__(self, items: tuple[Item, ...]) -> None:
        super().__init__("what is held is not what the split divides")
        self.items = items


def agreed(items: Iterable[SplitItem], there: There) -> tuple[SplitItem, ...]:
    """The split that the parties agreed on, in the order of what is there.

    Items of zero are left out. Raises `HeldHasChangedError` unless each item sums to what is
    there, and all that is there is named; `ValueError` for amounts below zero or an item twice.
    """
    named = _named(items)
    differing = tuple(
        item
        for item in dict.fromkeys((*there, *named))
        if there.get(item, NONE) != (named[item].whole if item in named else NONE)
    )
    if differing:
        raise HeldHasChangedError(differing)
    return tuple(named[item] for item, amount in there.items() if amount)


def by_timer(items: Iterable[SplitItem], there: There, currency: str) -> tuple[SplitItem, ...]:
    """The split for what is there now, whatever it was when it was said; it never fails on that.

    Of each item the client gets round(there·C/(C+F)), the freelancer the rest.
    """
    named = _named(items)
    return tuple(
        _in_proportion(named.get(item), item, amount, currency)
        for item, amount in there.items()
        if amount
    )


def mean_of(
    first: Iterable[SplitItem], second: Iterable[SplitItem], there: There, currency: str
) -> tuple[SplitItem, ...]:
    """Halfway between two splits of what is there now; of an odd unit the client gets it."""
    one = by_timer(first, there, currency)
    other = by_timer(second, there, currency)
    return tuple(_halfway(a, b, currency) for a, b in zip(one, other, strict=True))


def _named(items: Iterable[SplitItem]) -> dict[Item, SplitItem]:
    named: dict[Item, SplitItem] = {}
    for one in items:
        if one.item in named:
            raise ValueError("an item of a split must be named once only")
        if one.client < NONE or one.freelancer < NONE:
            raise ValueError("an amount of a split must not be below zero")
        named[one.item] = one
    return named


def _in_proportion(said: SplitItem | None, item: Item, amount: Decimal, currency: str) -> SplitItem:
    if said is None or not said.whole:
        return SplitItem(item, amount, NONE)
    client = proportion(amount, said.client, said.whole, currency)
    return SplitItem(item, client, amount - client)


def _halfway(one: SplitItem, other: SplitItem, currency: str) -> SplitItem:
    freelancer = of_units(units_of(one.freelancer + other.freelancer, currency) // 2, currency)
    return SplitItem(one.item, one.whole - freelancer, freelancer)
