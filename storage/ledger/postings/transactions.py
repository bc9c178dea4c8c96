"""Rows of `transactions`: what people read of a movement of money."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from storage.database.write_steps import insert
from storage.ledger.booking import Ledger


@dataclass(frozen=True, slots=True)
class Moved:
    """A movement that has happened: who paid, who was paid, and for what."""

    type: str
    amount: Decimal
    currency: str
    payer_id: UUID | None = None
    payee_id: UUID | None = None
    platform_fee: Decimal = Decimal(0)
    processing_fee: Decimal = Decimal(0)
    creator_fee: Decimal = Decimal(0)
    contract_id: UUID | None = None
    milestone_id: UUID | None = None
    job_id: UUID | None = None
    contract_member_id: UUID | None = None
    provider: str | None = None
    provider_transaction_id: str | None = None
    description: str | None = None


def record(ledger: Ledger, journal_id: UUID, moved: Moved) -> None:
    """Write the row of a movement, which is complete as soon as it is booked."""
    row: dict[str, object] = {
        "id": ledger.new_ids.next(),
        "type": moved.type,
        "journal_id": journal_id,
        "gross_amount": moved.amount,
        "net_amount": moved.amount - moved.platform_fee - moved.creator_fee,
        "status": "completed",
        "completed_at": ledger.now,
        "created_at": ledger.now,
        "updated_at": ledger.now,
    }
    named = {name: getattr(moved, name) for name in Moved.__slots__ if name != "amount"}
    ledger.row(insert("transactions", named | row))
