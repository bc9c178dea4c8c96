"""The platform's own money: costs, earnings paid out, debts written off, fees, and reversals."""

from decimal import Decimal
from uuid import UUID

from storage.ledger.accounts import Kind, Line, debt, platform, wallet
from storage.ledger.booking import About, Ledger
from storage.ledger.postings.transactions import Moved, record


def cost(ledger: Ledger, provider: str, reference: str, amount: Decimal, currency: str) -> UUID:
    """What a provider charges the platform for a payment."""
    lines = [
        Line(platform(Kind.COST, currency), -amount),
        Line(platform(Kind.CASH, currency), amount),
    ]
    return ledger.book(f"cost:{provider}:{reference}", "cost", lines)


def payout(
    ledger: Ledger, reference: str, amount: Decimal, currency: str, created_by: UUID
) -> UUID:
    """The platform takes earnings out, under the bank's reference."""
    lines = [
        Line(platform(Kind.FEE, currency), -amount),
        Line(platform(Kind.CASH, currency), amount),
    ]
    about = About(created_by=created_by)
    return ledger.book(f"payout:{reference}", "payout", lines, about)


def writeoff(
    ledger: Ledger, writeoff_id: UUID, user_id: UUID, amount: Decimal, currency: str
) -> UUID:
    """The platform forgoes what a user owes. Raises `NotEnoughError` when it is less."""
    lines = [
        Line(debt(user_id, currency), amount),
        Line(platform(Kind.ADJUSTMENT, currency), -amount),
    ]
    return ledger.book(f"writeoff:{writeoff_id}", "writeoff", lines)


def certification(
    ledger: Ledger, certification_id: UUID, user_id: UUID, amount: Decimal, currency: str
) -> UUID:
    """The fee of an examination, from the wallet. Its reversal gives it back."""
    taken = ledger.taken(wallet(user_id, currency), amount)
    lines = [*taken, Line(platform(Kind.FEE, currency), amount)]
    about = About(created_by=user_id)
    journal_id = ledger.book(f"certification:{certification_id}", "certification", lines, about)
    moved = Moved("certification_fee", amount, currency, payer_id=user_id)
    record(ledger, journal_id, moved)
    return journal_id


async def reverse(ledger: Ledger, journal_id: UUID, about: About) -> UUID:
    """Book the opposite of a journal: each lot gets back what it gave. Opens the accounts.

    `about` says who and why. Raises `NotEnoughError` where what it gave was spent.
    """
    lines = await ledger.lines_of(journal_id)
    await ledger.open(line.account for line in lines)
    opposite = [line._replace(amount=-line.amount) for line in lines]
    whole = About(
        about.contract_id, about.milestone_id, about.created_by, about.description, journal_id
    )
    return ledger.book(f"reverse:{journal_id}", "reverse", opposite, whole)
