"""The twin's tables, in a schema of its own.

A relationship stands where one unit of work makes both rows, which it then writes in order.
"""

import os
import time
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import (
    DDL,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    MetaData,
    Numeric,
    UniqueConstraint,
    event,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column, relationship

SCHEMA = "workflow_twin"


def new_id() -> UUID:
    """A UUID of version 7."""
    made = bytearray(int(time.time() * 1000).to_bytes(6, "big") + os.urandom(10))
    made[6] = made[6] & 0x0F | 0x70
    made[8] = made[8] & 0x3F | 0x80
    return UUID(bytes=bytes(made))


class Base(DeclarativeBase):
    """Every table."""

    metadata = MetaData(schema=SCHEMA)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: DateTime(timezone=True),
        Decimal: Numeric(16, 2),
        dict[str, Any]: JSONB,
        list[Any]: JSONB,
    }


class Identified:
    """A row with an id, made at a time."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Stateful(Identified):
    """A row with a status that is changed under an optimistic version."""

    status: Mapped[str]
    version: Mapped[int] = mapped_column(default=1)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805 - SQLAlchemy gives it the class
        return {"version_id_col": cls.version}


class Job(Stateful, Base):
    """What a client wants done."""

    __tablename__ = "jobs"
    client_id: Mapped[UUID] = mapped_column(index=True)
    title: Mapped[str]
    description: Mapped[str]
    currency: Mapped[str]
    closed_at: Mapped[datetime | None]


class Proposal(Stateful, Base):
    """What a freelancer offers for a job."""

    __tablename__ = "proposals"
    job_id: Mapped[UUID] = mapped_column(ForeignKey(Job.id), index=True)
    client_id: Mapped[UUID]
    freelancer_id: Mapped[UUID]
    cover_letter: Mapped[str]
    amount: Mapped[Decimal]
    milestones: Mapped[list[Any]]
    reviewed_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    rejected_by: Mapped[UUID | None]


class Conversation(Identified, Base):
    """Where the parties of a contract talk, and its transitions are told."""

    __tablename__ = "conversations"
    client_id: Mapped[UUID]
    freelancer_id: Mapped[UUID]
    last_seq: Mapped[int] = mapped_column(default=0)


class Message(Identified, Base):
    """One message of the system's own."""

    __tablename__ = "messages"
    conversation_id: Mapped[UUID] = mapped_column(ForeignKey(Conversation.id))
    seq: Mapped[int]
    system: Mapped[dict[str, Any]]
    __table_args__ = (UniqueConstraint("conversation_id", "seq"),)


class Contract(Stateful, Base):
    """What two parties agreed on."""

    __tablename__ = "contracts"
    job_id: Mapped[UUID] = mapped_column(ForeignKey(Job.id), index=True)
    proposal_id: Mapped[UUID] = mapped_column(ForeignKey(Proposal.id), unique=True)
    conversation_id: Mapped[UUID] = mapped_column(ForeignKey(Conversation.id))
    client_id: Mapped[UUID]
    freelancer_id: Mapped[UUID]
    title: Mapped[str]
    terms: Mapped[str]
    terms_hash: Mapped[str]
    currency: Mapped[str]
    total_amount: Mapped[Decimal]
    platform_fee: Mapped[Decimal]
    started_at: Mapped[datetime | None]
    idle_since: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    conversation: Mapped[Conversation] = relationship(lazy="raise")


class Milestone(Stateful, Base):
    """A part of a contract that is paid by itself."""

    __tablename__ = "milestones"
    contract_id: Mapped[UUID] = mapped_column(ForeignKey(Contract.id), index=True)
    seq: Mapped[int]
    title: Mapped[str]
    amount: Mapped[Decimal]
    released: Mapped[Decimal] = mapped_column(default=Decimal(0))
    funded_at: Mapped[datetime | None]
    submitted_at: Mapped[datetime | None]
    auto_approve_at: Mapped[datetime | None]
    approved_at: Mapped[datetime | None]
    paid_at: Mapped[datetime | None]
    contract: Mapped[Contract] = relationship(lazy="raise")


class Deliverable(Stateful, Base):
    """What was handed in for a milestone."""

    __tablename__ = "deliverables"
    milestone_id: Mapped[UUID] = mapped_column(ForeignKey(Milestone.id), index=True)
    number: Mapped[int]
    description: Mapped[str]
    client_feedback: Mapped[str | None]


class Account(Identified, Base):
    """An account of the ledger; the platform's own keep no balance."""

    __tablename__ = "accounts"
    kind: Mapped[str]
    owner_id: Mapped[UUID | None]
    currency: Mapped[str]
    balance: Mapped[Decimal] = mapped_column(default=Decimal(0))
    __table_args__ = (
        UniqueConstraint("kind", "owner_id", "currency", postgresql_nulls_not_distinct=True),
        CheckConstraint("balance >= 0"),
    )


class Lot(Identified, Base):
    """Where the money of an account came from."""

    __tablename__ = "lots"
    account_id: Mapped[UUID] = mapped_column(ForeignKey(Account.id))
    deposit_id: Mapped[UUID | None]
    milestone_id: Mapped[UUID | None]
    amount: Mapped[Decimal]
    __table_args__ = (
        UniqueConstraint(
            "account_id", "deposit_id", "milestone_id", postgresql_nulls_not_distinct=True
        ),
        CheckConstraint("amount > 0"),
    )


class Journal(Identified, Base):
    """A movement of money, once for its business key."""

    __tablename__ = "journals"
    business_key: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    contract_id: Mapped[UUID | None] = mapped_column(index=True)
    milestone_id: Mapped[UUID | None]
    created_by: Mapped[UUID | None]


class JournalLine(Base):
    """What a journal adds to an account; the lines of one sum to zero."""

    __tablename__ = "journal_lines"
    journal_id: Mapped[UUID] = mapped_column(ForeignKey(Journal.id), primary_key=True)
    line: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey(Account.id), index=True)
    currency: Mapped[str]
    amount: Mapped[Decimal]
    deposit_id: Mapped[UUID | None]
    milestone_id: Mapped[UUID | None]
    journal: Mapped[Journal] = relationship(lazy="raise")


class Transaction(Identified, Base):
    """A movement as the parties read it."""

    __tablename__ = "transactions"
    type: Mapped[str]
    payer_id: Mapped[UUID] = mapped_column(index=True)
    payee_id: Mapped[UUID] = mapped_column(index=True)
    contract_id: Mapped[UUID]
    milestone_id: Mapped[UUID]
    journal_id: Mapped[UUID]
    currency: Mapped[str]
    gross: Mapped[Decimal]
    fee: Mapped[Decimal]
    net: Mapped[Decimal]


class Escrow(Stateful, Base):
    """The sums of what is and was held for a contract."""

    __tablename__ = "escrows"
    contract_id: Mapped[UUID] = mapped_column(ForeignKey(Contract.id), unique=True)
    held: Mapped[Decimal] = mapped_column(default=Decimal(0))
    released: Mapped[Decimal] = mapped_column(default=Decimal(0))
    contract: Mapped[Contract] = relationship(lazy="raise")


class Release(Stateful, Base):
    """What was released to a freelancer, until it clears."""

    __tablename__ = "releases"
    contract_id: Mapped[UUID] = mapped_column(ForeignKey(Contract.id), index=True)
    milestone_id: Mapped[UUID] = mapped_column(ForeignKey(Milestone.id))
    user_id: Mapped[UUID] = mapped_column(index=True)
    currency: Mapped[str]
    gross: Mapped[Decimal]
    fee: Mapped[Decimal]
    net: Mapped[Decimal]
    clears_at: Mapped[datetime]


class ReleaseLot(Identified, Base):
    """A client's lot that paid for a part of a release."""

    __tablename__ = "release_lots"
    release_id: Mapped[UUID] = mapped_column(ForeignKey(Release.id), index=True)
    deposit_id: Mapped[UUID | None]
    amount: Mapped[Decimal]
    release: Mapped[Release] = relationship(lazy="raise")


class StatusHistory(Identified, Base):
    """One transition of a row."""

    __tablename__ = "status_history"
    entity_type: Mapped[str]
    entity_id: Mapped[UUID]
    action: Mapped[str]
    from_status: Mapped[str | None]
    to_status: Mapped[str]
    actor_id: Mapped[UUID | None]
    __table_args__ = (Index("status_history_of_entity", "entity_type", "entity_id"),)


class Timer(Identified, Base):
    """An action that is due at a time."""

    __tablename__ = "timers"
    machine: Mapped[str]
    entity_id: Mapped[UUID]
    action: Mapped[str]
    due_at: Mapped[datetime] = mapped_column(index=True)
    __table_args__ = (UniqueConstraint("entity_id", "machine", "action"),)


class Outbox(Base):
    """An event that is to be told."""

    __tablename__ = "outbox"
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    name: Mapped[str]
    data: Mapped[dict[str, Any]]


class IdempotencyKey(Base):
    """A request that may come again, and what it was answered with."""

    __tablename__ = "idempotency_keys"
    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    request_hash: Mapped[bytes]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    status: Mapped[int | None]
    body: Mapped[bytes | None]


_BALANCED = (
    f"""
CREATE FUNCTION {SCHEMA}.journal_is_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM {SCHEMA}.journal_lines l WHERE l.journal_id = NEW.journal_id
               GROUP BY l.currency HAVING sum(l.amount) <> 0) THEN
        RAISE check_violation USING MESSAGE = 'the lines of a journal sum to zero';
    END IF;
    RETURN NULL;
END $$
""",
    f"""
CREATE CONSTRAINT TRIGGER journal_lines_balanced AFTER INSERT ON {SCHEMA}.journal_lines
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION {SCHEMA}.journal_is_balanced()
""",
)
for _statement in _BALANCED:
    # SQLAlchemy has no types for it.
    event.listen(Base.metadata, "after_create", DDL(_statement))  # type: ignore[no-untyped-call]  # DDL has no types
