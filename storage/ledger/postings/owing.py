"""What is taken from somebody who may have spent it: the rest becomes their debt."""

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
