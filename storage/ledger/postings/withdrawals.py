"""Earned money on its way out."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal
from uuid import UUID

from storage.ledger.accounts import Kind, Line, earned, platform, withdrawing
from storage.ledger.booking import About, Ledger
from storage.ledger.postings.owing import earned_or_paid, taken_or_owed
from storage.ledger.postings.transactions import Moved, record


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A withdrawal of what somebody has earned."""

    id: UUID
    user_id: UUID
    amount: Decimal
    currency: str

    @property
    def about(self) -> About:
        """Who caused a journal of it."""
        return About(created_by=self.user_id)


def withdrawal_requested(ledger: Ledger, asked: Withdrawal) -> UUID:
    """Set the amount aside. Raises `NotEnoughError` when less was earned."""
    lines = [
        *ledger.taken([earned(asked.user_id, asked.currency)], asked.amount),
        Line(withdrawing(asked.user_id, asked.currency), asked.amount),
    ]
    return ledger.book(f"withdraw:{asked.id}:requested", "withdraw", lines, asked.about)


def withdrawal_paid(ledger: Ledger, asked: Withdrawal) -> UUID:
    """The provider has paid it out."""
    lines = [
        Line(withdrawing(asked.user_id, asked.currency), -asked.amount),
        Line(platform(Kind.CASH, asked.currency), asked.amount),
    ]
    return _paid(ledger, asked, lines)


def withdrawal_paid_after_all(ledger: Ledger, asked: Withdrawal) -> UUID:
    """The provider has paid one that it had called failed, whose money was given back.

    What was spent of it meanwhile becomes the user's debt.
    """
    lines = [
        *taken_or_owed(ledger, asked.user_id, asked.amount, asked.currency),
        Line(platform(Kind.CASH, asked.currency), asked.amount),
    ]
    return _paid(ledger, asked, lines)


def withdrawal_given_back(
    ledger: Ledger, asked: Withdrawal, state: Literal["failed", "cancelled"]
) -> UUID:
    """It has failed or was cancelled: the money is earned money again, after what its user owes."""
    lines = [
        Line(withdrawing(asked.user_id, asked.currency), -asked.amount),
        *earned_or_paid(ledger, asked.user_id, asked.amount, asked.currency),
    ]
    return ledger.book(f"withdraw:{asked.id}:{state}", "withdraw", lines, asked.about)


def withdrawal_returned(ledger: Ledger, asked: Withdrawal) -> UUID:
    """It was paid, and the money has come back: it pays what its user owes before it is earned."""
    lines = [
        Line(platform(Kind.CASH, asked.currency), -asked.amount),
        *earned_or_paid(ledger, asked.user_id, asked.amount, asked.currency),
    ]
    journal_id = ledger.book(f"withdraw:{asked.id}:returned", "withdraw", lines, asked.about)
    moved = Moved("adjustment", asked.amount, asked.currency, payee_id=asked.user_id)
    record(ledger, journal_id, moved)
    return journal_id


def _paid(ledger: Ledger, asked: Withdrawal, lines: list[Line]) -> UUID:
    journal_id = ledger.book(f"withdraw:{asked.id}:paid", "withdraw", lines, asked.about)
    record(
        ledger, journal_id, Moved("payout", asked.amount, asked.currency, payee_id=asked.user_id)
    )
    return journal_id
