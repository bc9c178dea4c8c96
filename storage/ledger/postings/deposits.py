"""Money that comes in by a provider, and deposits that go back to where they came from."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from storage.ledger.accounts import (
    Kind,
    Line,
    Lot,
    debt,
    earned,
    funded,
    platform,
    withdrawing,
)
from storage.ledger.booking import About, Ledger
from storage.ledger.postings.transactions import Moved, record


@dataclass(frozen=True, slots=True)
class Deposit:
    """A payment that a provider has captured: `amount` for the client, `fee` on top of it."""

    id: UUID
    user_id: UUID
    provider: str
    reference: str
    amount: Decimal
    fee: Decimal
    currency: str
    contract_id: UUID | None = None
    milestone_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class DepositReturn:
    """A part of a deposit that goes back to its source; `fee` is what of its fee goes with it."""

    id: UUID
    deposit_id: UUID
    user_id: UUID
    amount: Decimal
    fee: Decimal
    currency: str


def deposit(ledger: Ledger, captured: Deposit, *, pays_debt: bool) -> UUID:
    """Credit a captured payment; a plain top-up pays the user's debt first."""
    purse, owed = funded(captured.user_id, captured.currency), Decimal(0)
    lines: list[Line] = []
    if pays_debt:
        account = debt(captured.user_id, captured.currency)
        owed = min(captured.amount, -ledger.balance(account))
        lines.append(Line(account, owed))
    lines += [
        Line(purse, captured.amount - owed, Lot(captured.id)),
        Line(platform(Kind.FEE, captured.currency), captured.fee),
        Line(platform(Kind.CASH, captured.currency), -captured.amount - captured.fee),
    ]
    about = About(captured.contract_id, captured.milestone_id, captured.user_id)
    key = f"deposit:{captured.provider}:{captured.reference}"
    journal_id = ledger.book(key, "deposit", lines, about)
    moved = Moved(
        "payment",
        captured.amount,
        captured.currency,
        payer_id=captured.user_id,
        processing_fee=captured.fee,
        contract_id=captured.contract_id,
        milestone_id=captured.milestone_id,
        provider=captured.provider,
        provider_transaction_id=captured.reference,
    )
    record(ledger, journal_id, moved)
    return journal_id


def return_requested(ledger: Ledger, asked: DepositReturn) -> UUID:
    """Set aside what is to go back: it is taken from the deposit's own lot.

    Raises `NotEnoughError` when less of the deposit is left.
    """
    lines = [
        Line(funded(asked.user_id, asked.currency), -asked.amount, Lot(asked.deposit_id)),
        Line(withdrawing(asked.user_id, asked.currency), asked.amount),
    ]
    return ledger.book(f"return:{asked.id}:requested", "return", lines, _by(asked))


def return_succeeded(ledger: Ledger, asked: DepositReturn) -> UUID:
    """The money has gone, with the fee where the deposit never served."""
    lines = [
        Line(withdrawing(asked.user_id, asked.currency), -asked.amount),
        Line(platform(Kind.FEE, asked.currency), -asked.fee),
        Line(platform(Kind.CASH, asked.currency), asked.amount + asked.fee),
    ]
    journal_id = ledger.book(f"return:{asked.id}:succeeded", "return", lines, _by(asked))
    moved = Moved("refund", asked.amount + asked.fee, asked.currency, payee_id=asked.user_id)
    record(ledger, journal_id, moved)
    return journal_id


def return_failed(ledger: Ledger, asked: DepositReturn) -> UUID:
    """The source does not take the money: it is the deposit's again."""
    lines = [
        Line(withdrawing(asked.user_id, asked.currency), -asked.amount),
        Line(funded(asked.user_id, asked.currency), asked.amount, Lot(asked.deposit_id)),
    ]
    return ledger.book(f"return:{asked.id}:failed", "return", lines, _by(asked))


def return_as_earned(ledger: Ledger, asked: DepositReturn) -> UUID:
    """The source is dead: what is left of the lot, up to the amount, may be withdrawn instead."""
    lines = [
        Line(funded(asked.user_id, asked.currency), -asked.amount, Lot(asked.deposit_id)),
        Line(earned(asked.user_id, asked.currency), asked.amount),
    ]
    return ledger.book(f"return:{asked.id}:earned", "return", lines, _by(asked))


def _by(asked: DepositReturn) -> About:
    return About(created_by=asked.user_id)
