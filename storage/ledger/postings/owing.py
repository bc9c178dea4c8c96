"""Debts: what is taken from somebody who may have spent it, and what pays it."""

from decimal import Decimal
from uuid import UUID

from storage.ledger.accounts import Line, debt, earned, funded
from storage.ledger.booking import Ledger


def taken_or_owed(ledger: Ledger, user_id: UUID, amount: Decimal, currency: str) -> list[Line]:
    """Lines that take an amount from what a user has earned, then from what they have deposited.

    What both lack is added to the user's debt. The three accounts are open.
    """
    lines: list[Line] = []
    for account in (earned(user_id, currency), funded(user_id, currency)):
        part = min(amount, ledger.balance(account))
        lines += ledger.taken([account], part)
        amount -= part
    return [*lines, Line(debt(user_id, currency), -amount)]


def earned_or_paid(ledger: Ledger, user_id: UUID, amount: Decimal, currency: str) -> list[Line]:
    """Lines that add an amount to what a user has earned, after it has paid what they owe.

    The account of the debt is open.
    """
    owes = debt(user_id, currency)
    paid = min(amount, -ledger.balance(owes))
    return [Line(owes, paid), Line(earned(user_id, currency), amount - paid)]
