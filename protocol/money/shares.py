"""A release among the members of a team, by shares of 10,000.

The net is split by floors; the units that are left over go one each to the largest remainders, of
equal ones to the lower id. The fee is split alike among those who get something, and what a member
gets gross is their net and their fee. Who gets nothing is not named.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from protocol.money.currency import NONE, of_units, units_of

WHOLE = 10_000
"""All shares of a team together, in basis points."""


@dataclass(frozen=True, slots=True)
class MemberPart:
    """What a member gets of a release: their net, and the fee taken of their gross."""

    member: UUID
    net: Decimal
    fee: Decimal

    @property
    def gross(self) -> Decimal:
        """What was released to them before the fee."""
        return self.net + self.fee


def split_release(
    net: Decimal, fee: Decimal, shares: Mapping[UUID, int], currency: str
) -> tuple[MemberPart, ...]:
    """The members' parts of a release, in the order of their ids.

    They sum to the net and to the fee. A release that its fee takes whole stands with the member
    of the largest share, because somebody's gross has to be what left the escrow. Raises
    `ValueError` unless the shares sum to 10,000 and none is negative.
    """
    if sum(shares.values()) != WHOLE or min(shares.values()) < 0:
        raise ValueError(f"shares of {sum(shares.values())} are not {WHOLE} in all")
    nets = by_weight(net, shares, currency)
    paid = {member: shares[member] for member, part in nets.items() if part}
    if not paid and fee:
        largest = max(sorted(shares), key=lambda member: shares[member])
        paid = {largest: shares[largest]}
    fees = by_weight(fee, paid, currency)
    return tuple(MemberPart(member, nets[member], fees[member]) for member in sorted(paid))


def by_weight(amount: Decimal, weights: Mapping[UUID, int], currency: str) -> dict[UUID, Decimal]:
    """An amount in parts by weight, floors first and then the largest remainders."""
    units, whole = units_of(amount, currency), sum(weights.values())
    if not units:
        return dict.fromkeys(weights, NONE)
    cut = {member: divmod(units * weight, whole) for member, weight in weights.items()}
    left = units - sum(floor for floor, _ in cut.values())
    in_turn = sorted(cut, key=lambda member: (-cut[member][1], member))
    lucky = set(in_turn[:left])
    return {m: of_units(floor + (m in lucky), currency) for m, (floor, _) in cut.items()}
