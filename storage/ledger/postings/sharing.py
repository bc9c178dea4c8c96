"""How a release is shared: the fee by the contract's terms, the rest among the team."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from protocol.money.fees import FeeTerms
from protocol.money.shares import split_release
from storage.ledger.postings.holding import Share


class Member(NamedTuple):
    """An accepted member of a contract's team, with a share of 10,000."""

    id: UUID
    user_id: UUID
    share_bp: int


def fee_terms(contract: Mapping[str, Any]) -> FeeTerms:
    """The fee of a contract as it stands, by its row."""
    return FeeTerms(
        contract["total_amount"],
        contract["platform_fee"],
        contract["currency"],
        contract["fee_base_released"],
        contract["fee_base_taken"],
    )


def shares_of(
    gross: Decimal, terms: FeeTerms, before: Decimal, members: Sequence[Member]
) -> list[Share]:
    """Who gets what of a release, when `before` was released on the contract until now.

    `before` is `ledger.escrow_sums(contract_id).released`. Raises `ValueError` for more than the
    contract's total, and for members whose shares are not the whole.
    """
    fee = terms.part(before, gross)
    # By the ids of members, not of people: of equal remainders the older member gets the unit.
    by_id = {member.id: member for member in members}
    weights = {member.id: member.share_bp for member in members}
    parts = split_release(gross - fee, fee, weights, terms.currency)
    return [Share(by_id[p.member].user_id, p.gross, p.fee, p.member) for p in parts]
