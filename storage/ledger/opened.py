"""What the ledger knows of rows that it has opened, and the steps that bring them up to date."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from protocol.money import lots
from protocol.money.fees import fee_given_back
from storage.database.ids import NewIds
from storage.database.write_steps import Step, delete, insert, update
from storage.ledger.accounts import (
    KEEPS_LOTS,
    PLATFORM,
    Account,
    Kind,
    Line,
    Lot,
    NotEnoughError,
)

ZERO = Decimal(0)


@dataclass(slots=True)
class OpenAccount:
    """An account that is locked: its balance and lots as they were, and as they are by now."""

    id: UUID
    account: Account
    balance: Decimal
    lots: dict[Lot, Decimal] = field(default_factory=dict)
    lot_ids: dict[Lot, UUID] = field(default_factory=dict)
    before: Decimal = ZERO
    lots_before: dict[Lot, Decimal] = field(default_factory=dict)

    @property
    def is_changed(self) -> bool:
        """True when something was booked on it."""
        return self.balance != self.before or self.lots != self.lots_before

    def check(self, line: Line) -> None:
        """Raise `NotEnoughError` where the line takes what is not there."""
        kind = self.account.kind
        if kind in PLATFORM:
            return
        after = self.balance + line.amount
        if kind is Kind.DEBT:
            if after > 0:
                raise NotEnoughError(self.account, after)
            return
        if after < 0:
            raise NotEnoughError(self.account, -after)
        if kind in KEEPS_LOTS and self.lots.get(line.lot, ZERO) + line.amount < 0:
            raise NotEnoughError(self.account, -line.amount - self.lots.get(line.lot, ZERO))

    def taken(
        self, amount: Decimal, first: UUID | None = None, milestone: UUID | None = None
    ) -> list[Line]:
        """Lines that take an amount from its lots, or all that they hold if that is less.

        `first` is a deposit whose lot goes before others, `milestone` the one whose lots alone are
        taken.
        """
        filled = {
            lot: there
            for lot, there in self.lots.items()
            if there > 0 and milestone in {None, lot.milestone}
        }
        by_deposit = {lot.deposit: lot for lot in filled}
        assert len(by_deposit) == len(filled), "lots of several milestones have no common order"
        part = min(amount, sum(filled.values(), ZERO))
        held = (lots.Lot(lot.deposit, there) for lot, there in filled.items())
        return [
            Line(self.account, -one.amount, by_deposit[one.deposit])
            for one in lots.take(held, part, first)
        ]

    def add(self, line: Line) -> None:
        """Carry the line out."""
        kind = self.account.kind
        if kind in PLATFORM:
            return
        self.balance += line.amount
        if kind in KEEPS_LOTS:
            self.lots[line.lot] = self.lots.get(line.lot, ZERO) + line.amount

    def steps(self, now: dt.datetime, new_ids: NewIds) -> Iterator[Step]:
        """What brings the account's row and lots up to date."""
        if self.balance != self.before:
            yield update("ledger_accounts", self.id, {"balance": self.balance})
        for lot, amount in self.lots.items():
            if amount == self.lots_before.get(lot, ZERO):
                continue
            row_id = self.lot_ids.get(lot)
            if row_id is None:
                yield insert("ledger_lots", self._lot_row(lot, amount, now, new_ids.next()))
            elif amount == 0:
                yield delete("ledger_lots", row_id)
            else:
                yield update("ledger_lots", row_id, {"amount": amount})

    def _lot_row(
        self, lot: Lot, amount: Decimal, now: dt.datetime, lot_id: UUID
    ) -> dict[str, object]:
        return {
            "id": lot_id,
            "account_id": self.id,
            "deposit_id": lot.deposit,
            "milestone_id": lot.milestone,
            "currency": self.account.currency,
            "amount": amount,
            "created_at": now,
        }


@dataclass(slots=True)
class OpenEscrow:
    """The sums of what a contract has held; what it holds is the balance of its account."""

    id: UUID
    contract_id: UUID
    currency: str
    is_new: bool
    released: Decimal = ZERO
    refunded: Decimal = ZERO
    charged_back: Decimal = ZERO

    def step(self, held: Decimal, now: dt.datetime) -> Step:
        """What brings its row up to date."""
        sums: dict[str, object] = {
            "total_amount": held + self.released + self.refunded + self.charged_back,
            "held_amount": held,
            "released_amount": self.released,
            "refunded_amount": self.refunded,
            "charged_back": self.charged_back,
            "updated_at": now,
        }
        if not self.is_new:
            return update("escrows", self.id, sums)
        fresh = {
            "id": self.id,
            "contract_id": self.contract_id,
            "currency": self.currency,
            "status": "active",
            "created_at": now,
        }
        return insert("escrows", fresh | sums)


@dataclass(slots=True)
class OpenMilestone:
    """What of a milestone was released, and what went back to the client."""

    id: UUID
    released: Decimal = ZERO
    refunded: Decimal = ZERO
    is_changed: bool = False

    def step(self) -> Step:
        """What brings its row up to date."""
        return update("milestones", self.id, {"released": self.released, "refunded": self.refunded})


@dataclass(slots=True)
class ReleaseLot:
    """A client's lot that paid for a part of a release."""

    id: UUID
    deposit: UUID | None
    amount: Decimal
    returned: Decimal = ZERO

    @property
    def left(self) -> Decimal:
        """What has not gone back to it."""
        return self.amount - self.returned


@dataclass(slots=True)
class OpenRelease:
    """A release, with the lots that it was paid from in the order in which they were taken."""

    id: UUID
    kind: str
    contract_id: UUID | None
    milestone_id: UUID | None
    client_id: UUID | None
    user_id: UUID
    currency: str
    status: str
    gross: Decimal
    fee: Decimal
    refunded: Decimal
    refunded_fee: Decimal
    lots: list[ReleaseLot]

    @property
    def there(self) -> Decimal:
        """The gross amount that was not given back."""
        return self.gross - self.refunded

    @property
    def held(self) -> Decimal:
        """What its user has of it, in `pending` until it clears."""
        return self.there - self.fee + self.refunded_fee

    def parts(self, amount: Decimal) -> list[tuple[ReleaseLot, Decimal]]:
        """The lots that get a refund back: the one that was taken last before the others."""
        taken = [lots.Taken(lot.deposit, lot.amount, lot.returned) for lot in self.lots]
        by_deposit = {lot.deposit: lot for lot in self.lots}
        given = lots.give_back(taken, amount)
        return [(by_deposit[one.deposit], one.amount) for one in given]

    def fee_given_back(self, amount: Decimal) -> Decimal:
        """The part of its fee that goes back with a refund of so much."""
        return fee_given_back(self.gross, self.fee, self.refunded, amount, self.currency)

    def give_back(self, fee: Decimal, parts: Iterable[tuple[ReleaseLot, Decimal]]) -> None:
        """Note a refund to these lots, of which `fee` is the platform's part."""
        for lot, part in parts:
            lot.returned += part
            self.refunded += part
        self.refunded_fee += fee

    def steps(self, now: dt.datetime) -> Iterator[Step]:
        """What brings its row and those of its lots up to date."""
        sums = {"refunded": self.refunded, "refunded_fee": self.refunded_fee, "updated_at": now}
        yield update("releases", self.id, sums)
        for lot in self.lots:
            if lot.returned:
                yield update("release_lots", lot.id, {"returned": lot.returned})


def read_release(row: dict[str, Any], rows: Iterable[dict[str, Any]]) -> OpenRelease:
    """A release as `ledger_open` answers it, with those of the rows that are its lots."""
    taken = {
        id_of(lot["deposit_id"]): ReleaseLot(
            UUID(lot["id"]),
            id_of(lot["deposit_id"]),
            Decimal(lot["amount"]),
            Decimal(lot["returned"]),
        )
        for lot in rows
        if lot["release_id"] == row["id"]
    }
    spent = lots.in_order(lots.Lot(deposit, lot.amount) for deposit, lot in taken.items())
    return OpenRelease(
        id=UUID(row["id"]),
        kind=row["kind"],
        contract_id=id_of(row["contract_id"]),
        milestone_id=id_of(row["milestone_id"]),
        client_id=id_of(row["client_id"]),
        user_id=UUID(row["user_id"]),
        currency=row["currency"],
        status=row["status"],
        gross=Decimal(row["gross"]),
        fee=Decimal(row["fee"]),
        refunded=Decimal(row["refunded"]),
        refunded_fee=Decimal(row["refunded_fee"]),
        lots=[taken[lot.deposit] for lot in spent],
    )


def id_of(text: str | None) -> UUID | None:
    """The id that a text in JSON is."""
    return None if text is None else UUID(text)
