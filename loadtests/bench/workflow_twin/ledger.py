"""Double entry with lots, in the unit of work: accounts are locked, journals booked."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from fastapi import HTTPException
from sqlalchemy import select, tuple_
from sqlalchemy.dialects.postgresql import insert

from loadtests.bench.workflow_twin.execution import CONFLICT, Execution
from loadtests.bench.workflow_twin.models import (
    Account,
    Contract,
    Escrow,
    Journal,
    JournalLine,
    Lot,
    Milestone,
    new_id,
)

FUNDED, PENDING, ESCROW, FEE = "wallet_funded", "pending", "escrow", "fee"


class Line(NamedTuple):
    """What a journal adds to an account, and to which of its lots."""

    account: Account
    amount: Decimal
    deposit_id: UUID | None = None
    milestone_id: UUID | None = None


class Ledger:
    """The accounts of one execution."""

    def __init__(self, execution: Execution, currency: str) -> None:
        self._execution = execution
        self._session = execution.session
        self._currency = currency
        self._accounts: dict[tuple[str, UUID | None], Account] = {}
        self._lots: dict[UUID, list[Lot]] = {}

    async def open(self, *wanted: tuple[str, UUID | None]) -> list[Account]:
        """Make what is missing, and lock all but the platform's in one order; with their lots."""
        ordered = sorted(wanted, key=str)
        rows = [
            {"id": new_id(), "kind": kind, "owner_id": owner, "currency": self._currency}
            for kind, owner in ordered
        ]
        statement = insert(Account).values([{**row, "balance": Decimal(0)} for row in rows])
        await self._session.execute(statement.on_conflict_do_nothing())
        named = [(kind, owner) for kind, owner in ordered if owner is not None]
        columns = tuple_(Account.kind, Account.owner_id)
        mine = select(Account).where(Account.currency == self._currency)
        locked = mine.where(columns.in_(named)).order_by(Account.id).with_for_update()
        found = list((await self._session.scalars(locked)).all())
        if len(named) < len(ordered):
            kinds = [kind for kind, owner in ordered if owner is None]
            platform = mine.where(Account.kind.in_(kinds), Account.owner_id.is_(None))
            found += (await self._session.scalars(platform)).all()
        self._accounts |= {(account.kind, account.owner_id): account for account in found}
        await self._read_lots(account.id for account in found)
        return [self._accounts[one] for one in wanted]

    async def _read_lots(self, accounts: Iterable[UUID]) -> None:
        self._lots |= {account: [] for account in accounts}
        statement = select(Lot).where(Lot.account_id.in_(list(self._lots))).order_by(Lot.id)
        for lot in await self._session.scalars(statement):
            self._lots[lot.account_id].append(lot)

    def taken(
        self, account: Account, amount: Decimal, milestone_id: UUID | None = None
    ) -> list[Line]:
        """Lines that take an amount from the lots of an account, the oldest first.

        Raises `HTTPException` (409) where it holds less.
        """
        lines = []
        for lot in self._lots[account.id]:
            part = min(lot.amount, amount)
            if part > 0 and lot.milestone_id == milestone_id:
                lines.append(Line(account, -part, lot.deposit_id, lot.milestone_id))
                amount -= part
        if amount > 0:
            raise HTTPException(CONFLICT, f"{amount} {self._currency} are missing")
        return lines

    async def book(
        self, key: str, lines: Sequence[Line], contract: Contract, milestone: Milestone
    ) -> Journal:
        """Book a journal under its business key."""
        assert sum(line.amount for line in lines) == 0, key
        journal = Journal(
            id=new_id(),
            business_key=key,
            kind=key.partition(":")[0],
            contract_id=contract.id,
            milestone_id=milestone.id,
            created_by=self._execution.actor,
            created_at=self._execution.now,
        )
        self._session.add(journal)
        for number, line in enumerate(lines, 1):
            self._session.add(
                JournalLine(
                    journal=journal,
                    line=number,
                    account_id=line.account.id,
                    currency=self._currency,
                    amount=line.amount,
                    deposit_id=line.deposit_id,
                    milestone_id=line.milestone_id,
                )
            )
            if line.account.owner_id is not None:
                line.account.balance += line.amount
            if line.account.kind in {FUNDED, ESCROW}:
                await self._move_lot(line)
        return journal

    async def _move_lot(self, line: Line) -> None:
        lots = self._lots[line.account.id]
        named = (line.deposit_id, line.milestone_id)
        lot = next((one for one in lots if (one.deposit_id, one.milestone_id) == named), None)
        if lot is None:
            lot = Lot(
                id=new_id(),
                account_id=line.account.id,
                deposit_id=line.deposit_id,
                milestone_id=line.milestone_id,
                amount=line.amount,
            )
            self._session.add(lot)
            lots.append(lot)
        elif lot.amount + line.amount == 0:
            await self._session.delete(lot)
            lots.remove(lot)
        else:
            lot.amount += line.amount


async def escrow_of(execution: Execution, contract: Contract) -> Escrow:
    """The sums of a contract's escrow; the contract is locked."""
    found = await execution.of(Escrow, Escrow.contract_id == contract.id)
    return found[0]
