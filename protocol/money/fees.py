"""What the platform takes: of a whole by its tier, of each release its part, back with a refund.

The fee of a contract is fixed with its total. A release takes the difference of two roundings of
the fee up to it and before it, so that the parts add up to the fee whatever the releases are:

    part = round(F·after/T) - round(F·before/T)

`before` and `after` are the gross that was released on the contract up to then, in the order of
releases. Neither a refund nor a cancelled milestone lowers it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from protocol.money.currency import NONE, percentage, proportion, rounded


class NoTierError(Exception):
    """No tier is in force for an amount in its currency: nothing can be agreed on it."""


@dataclass(frozen=True, slots=True)
class Tier:
    """What is taken of amounts of at least `min_amount` and below `max_amount`; None is no end.

    Percentages are such as 12.50. The fixed fee is the provider's, and comes with each payment.
    """

    min_amount: Decimal
    max_amount: Decimal | None
    percentage: Decimal
    processing_percentage: Decimal = NONE
    fixed_fee: Decimal = NONE

    def holds(self, amount: Decimal) -> bool:
        """Whether this is the tier of an amount."""
        return self.min_amount <= amount and (self.max_amount is None or amount < self.max_amount)


def tier_of(amount: Decimal, tiers: Iterable[Tier]) -> Tier:
    """The tier of a whole amount; raises `NoTierError`."""
    for tier in tiers:
        if tier.holds(amount):
            return tier
    raise NoTierError(f"there is no fee for {amount}")


def fee_of(total: Decimal, tiers: Iterable[Tier], currency: str) -> Decimal:
    """The platform's fee of a whole; raises `NoTierError`."""
    return percentage(total, tier_of(total, tiers).percentage, currency)


def processing_fee(amount: Decimal, tiers: Iterable[Tier], currency: str) -> Decimal:
    """What paying an amount costs on top of it; raises `NoTierError`."""
    tier = tier_of(amount, tiers)
    fixed = rounded(tier.fixed_fee, currency)
    return percentage(amount, tier.processing_percentage, currency) + fixed


def fee_given_back(
    gross: Decimal, fee: Decimal, before: Decimal, refunded: Decimal, currency: str
) -> Decimal:
    """The part of a release's fee that goes back with a refund, after `before` was refunded.

    Refunds that add up to the release give back all of its fee. None gives back more fee than it
    is itself. Raises `ValueError` where more would be refunded than was released.
    """
    after = before + refunded
    if before < NONE or refunded < NONE or after > gross:
        raise ValueError(f"{refunded} after {before} is no refund of {gross}")
    if not after:
        return NONE
    was = proportion(fee, before, gross, currency)
    return proportion(fee, after, gross, currency) - was


@dataclass(frozen=True, slots=True)
class FeeTerms:
    """The fee of a contract as it stands, from which each release takes its part.

    `total` and `fee` are those of the contract (`contracts.total_amount`, `.platform_fee`). The
    base is what was released and taken when it was amended last (`contracts.fee_base_released`,
    `.fee_base_taken`), zero before: what is taken later is spread over what is released later.
    """

    total: Decimal
    fee: Decimal
    currency: str
    base_released: Decimal = NONE
    base_taken: Decimal = NONE

    def taken(self, released: Decimal) -> Decimal:
        """The fee in all once so much of the contract was released.

        Raises `ValueError` below what was released when it was amended, and above the total.
        """
        since = released - self.base_released
        if since < NONE or released > self.total:
            raise ValueError(f"{released} of {self.total} cannot be released")
        if not since:
            return self.base_taken
        rest, left = self.fee - self.base_taken, self.total - self.base_released
        return self.base_taken + proportion(rest, since, left, self.currency)

    def part(self, before: Decimal, released: Decimal) -> Decimal:
        """The fee of a release, after `before` was released; raises as `taken` does."""
        if released < NONE:
            raise ValueError(f"{released} cannot be released")
        return self.taken(before + released) - self.taken(before)

    def amended(self, total: Decimal, fee_of_total: Decimal, released: Decimal) -> "FeeTerms":
        """The terms for a new total, of which so much was released before.

        `fee_of_total` is what the contract's tiers take of the new total. Its part for what is
        still to come is added to what was taken, which stays. Raises `ValueError` for a total below
        what was released.
        """
        if total < released:
            raise ValueError(f"{released} was released, which is more than {total}")
        taken, left = self.taken(released), total - released
        rest = proportion(fee_of_total, left, total, self.currency) if left else NONE
        return replace(
            self, total=total, fee=taken + rest, base_released=released, base_taken=taken
        )
