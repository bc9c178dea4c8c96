"""Accounts of the ledger by their kinds, and the lots of which their balances are made.

A positive line raises what the platform owes to the account's owner; a debt is owed to the platform
and is never positive. The platform's own accounts keep no balance: their sums come from the lines.
"""

from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID


class Kind(StrEnum):
    """What an account holds; the first five belong to users, the sixth to contracts."""

    WALLET_FUNDED = "wallet_funded"
    WALLET_EARNED = "wallet_earned"
    PENDING = "pending"
    WITHDRAWING = "withdrawing"
    DEBT = "debt"
    ESCROW = "escrow"
    FEE = "fee"
    CASH = "cash"
    COST = "cost"
    ADJUSTMENT = "adjustment"


PLATFORM = frozenset({Kind.FEE, Kind.CASH, Kind.COST, Kind.ADJUSTMENT})
"""Accounts of nobody, without a balance and never locked."""

KEEPS_LOTS = frozenset({Kind.WALLET_FUNDED, Kind.WALLET_EARNED, Kind.ESCROW})
"""Accounts whose money keeps where it came from."""


class Account(NamedTuple):
    """One account: its kind, whose it is (a user, a contract, or nobody) and its currency."""

    kind: Kind
    owner: UUID | None
    currency: str


class Lot(NamedTuple):
    """Where money came from: a deposit, or work; in an escrow also the milestone it is held for."""

    deposit: UUID | None = None
    milestone: UUID | None = None


class Line(NamedTuple):
    """What a journal adds to an account, and to which of its lots."""

    account: Account
    amount: Decimal
    lot: Lot = Lot()


class NotEnoughError(Exception):
    """An account does not hold what a posting takes from it; `missing` says how much."""

    def __init__(self, account: Account, missing: Decimal) -> None:
        super().__init__(f"{account.kind} of {account.owner} lacks {missing} {account.currency}")
        self.account = account
        self.missing = missing


def funded(user_id: UUID, currency: str) -> Account:
    """What a user has deposited and not spent."""
    return Account(Kind.WALLET_FUNDED, user_id, currency)


def earned(user_id: UUID, currency: str) -> Account:
    """What a user has earned and may withdraw."""
    return Account(Kind.WALLET_EARNED, user_id, currency)


def pending(user_id: UUID, currency: str) -> Account:
    """What was released to a user and has not cleared."""
    return Account(Kind.PENDING, user_id, currency)


def withdrawing(user_id: UUID, currency: str) -> Account:
    """What is on its way out: withdrawals and returns of deposits."""
    return Account(Kind.WITHDRAWING, user_id, currency)


def debt(user_id: UUID, currency: str) -> Account:
    """What a user owes to the platform, as a negative balance."""
    return Account(Kind.DEBT, user_id, currency)


def escrow(contract_id: UUID, currency: str) -> Account:
    """What is held for a contract."""
    return Account(Kind.ESCROW, contract_id, currency)


def platform(kind: Kind, currency: str) -> Account:
    """One of the platform's own accounts."""
    assert kind in PLATFORM, kind
    return Account(kind, None, currency)


def wallet(user_id: UUID, currency: str) -> tuple[Account, Account]:
    """What a user can spend, in the order in which it is spent."""
    return funded(user_id, currency), earned(user_id, currency)


def for_deposit(user_id: UUID, currency: str) -> list[Account]:
    """The accounts that a captured deposit is booked on."""
    return [
        funded(user_id, currency),
        debt(user_id, currency),
        platform(Kind.CASH, currency),
        platform(Kind.FEE, currency),
    ]


def for_contract(contract_id: UUID, client_id: UUID, currency: str) -> list[Account]:
    """The accounts between which a client's money is held for a contract or goes back."""
    return [escrow(contract_id, currency), *wallet(client_id, currency)]


def for_release(contract_id: UUID, users: Iterable[UUID], currency: str) -> list[Account]:
    """The accounts that a release of held money to these users is booked on."""
    paid = [pending(user_id, currency) for user_id in users]
    return [escrow(contract_id, currency), *paid, platform(Kind.FEE, currency)]


def for_clearing(user_id: UUID, currency: str) -> list[Account]:
    """The accounts that the clearing of a release is booked on."""
    return [pending(user_id, currency), debt(user_id, currency), earned(user_id, currency)]


def for_refund(client_id: UUID, user_id: UUID, currency: str) -> list[Account]:
    """The accounts that a refund of a release to `user_id` is booked on."""
    return [
        pending(user_id, currency),
        *wallet(user_id, currency),
        debt(user_id, currency),
        *wallet(client_id, currency),
        platform(Kind.FEE, currency),
    ]


def for_withdrawal(user_id: UUID, currency: str) -> list[Account]:
    """The accounts that withdrawals are booked on."""
    return [
        *wallet(user_id, currency),
        withdrawing(user_id, currency),
        debt(user_id, currency),
        platform(Kind.CASH, currency),
    ]


def for_return(user_id: UUID, currency: str) -> list[Account]:
    """The accounts that returns of deposits are booked on."""
    return [*for_withdrawal(user_id, currency), platform(Kind.FEE, currency)]


def for_tip(client_id: UUID, user_id: UUID, currency: str) -> list[Account]:
    """The accounts that a tip is booked on."""
    return [*wallet(client_id, currency), pending(user_id, currency)]
