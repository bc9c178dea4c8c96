"""The ledger within one transaction: accounts are opened, journals booked, steps handed over.

A journal is booked in memory, on balances and lots that are locked; what it takes must be there.
The steps write all of it at once. Contracts and users are locked before their accounts are opened.
"""

import datetime as dt
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from protocol.money.currency import units_of
from storage.database.ids import NewIds
from storage.database.queries import load_queries
from storage.database.write_steps import Step, insert
from storage.ledger.accounts import Account, Kind, Line, Lot, NotEnoughError, escrow
from storage.ledger.opened import (
    ZERO,
    OpenAccount,
    OpenEscrow,
    OpenMilestone,
    OpenRelease,
    id_of,
    read_release,
)

_SQL = load_queries("ledger/booking")


class MoneyLeftError(RuntimeError):
    """A contract is to end while money is held for it: nothing is ever swept."""


@dataclass(frozen=True, slots=True)
class About:
    """What a journal belongs to, who caused it, and what it says to people."""

    contract_id: UUID | None = None
    milestone_id: UUID | None = None
    created_by: UUID | None = None
    description: str | None = None
    reverses_id: UUID | None = None


NOTHING = About()


class Ledger:
    """Accounts, lots and journals of one transaction. It is thrown away with the transaction."""

    def __init__(
        self,
        connection: Any,
        now: dt.datetime,
        new_ids: NewIds | None = None,
        opened: Callable[[], None] = lambda: None,
    ) -> None:
        """`connection` is in a transaction, as parley_service; `now` is the workflows' clock.

        `opened` is called before accounts are opened.
        """
        self._opened = opened
        self.now = now
        self.new_ids = new_ids or NewIds(now)
        self._connection = connection
        self._accounts: dict[Account, OpenAccount] = {}
        self._escrows: dict[UUID, OpenEscrow] = {}
        self._milestones: dict[UUID, OpenMilestone] = {}
        self._releases: dict[UUID, OpenRelease] = {}
        self._refunded: set[UUID] = set()
        self._journals: list[Step] = []
        self._rows: list[Step] = []
        self._keys: set[str] = set()

    async def open(self, accounts: Iterable[Account], *, releases: Iterable[UUID] = ()) -> None:
        """Make, lock and read accounts, and releases that are cleared or refunded.

        With an escrow comes what the contract and its milestones have released and given back.
        Once for all accounts of a transaction: those of a second call are locked after the first.
        """
        wanted = sorted({a for a in accounts if a not in self._accounts}, key=_order)
        fresh = [i for i in releases if i not in self._releases]
        if not wanted and not fresh:
            return
        self._opened()
        asked = [{"kind": a.kind, "owner": _text(a.owner), "currency": a.currency} for a in wanted]
        contracts = [a.owner for a in wanted if a.kind is Kind.ESCROW]
        answer = await self._connection.fetchval(
            _SQL["open"], json.dumps(asked), contracts, fresh, self.now
        )
        self._take_in(json.loads(answer))
        for account in wanted:
            if account.kind is Kind.ESCROW and account.owner not in self._escrows:
                assert account.owner is not None
                self._escrows[account.owner] = OpenEscrow(
                    self.new_ids.next(), account.owner, account.currency, is_new=True
                )

    async def lines_of(self, journal_id: UUID) -> list[Line]:
        """The lines of a journal that is in the database."""
        rows = await self._connection.fetch(_SQL["journal_lines"], journal_id)
        return [
            Line(
                Account(Kind(row["kind"]), row["owner"], row["currency"]),
                row["amount"],
                Lot(row["deposit_id"], row["milestone_id"]),
            )
            for row in rows
        ]

    def balance(self, account: Account) -> Decimal:
        """What an opened account holds by now; negative for a debt."""
        return self._accounts[account].balance

    def lots(self, account: Account) -> dict[Lot, Decimal]:
        """The lots of an opened account, those without money too."""
        return dict(self._accounts[account].lots)

    def held(self, contract_id: UUID, milestone_id: UUID, currency: str) -> Decimal:
        """What the contract's escrow holds for a milestone."""
        lots = self._accounts[escrow(contract_id, currency)].lots
        return sum((a for lot, a in lots.items() if lot.milestone == milestone_id), ZERO)

    def release(self, release_id: UUID) -> OpenRelease:
        """An opened release."""
        return self._releases[release_id]

    def escrow_sums(self, contract_id: UUID) -> OpenEscrow:
        """What the contract's escrow has released and given back so far."""
        return self._escrows[contract_id]

    def milestone_sums(self, milestone_id: UUID) -> OpenMilestone:
        """What of a milestone was released and given back; what is changed in it is written."""
        sums = self._milestones.setdefault(milestone_id, OpenMilestone(milestone_id))
        sums.is_changed = True
        return sums

    def taken(
        self,
        accounts: Sequence[Account],
        amount: Decimal,
        *,
        first: UUID | None = None,
        milestone: UUID | None = None,
    ) -> list[Line]:
        """Lines that take an amount from accounts one after the other, lot by lot.

        `first` is a deposit whose lot goes before others, `milestone` the one whose lots alone are
        taken. Raises `NotEnoughError` for the last account when they hold less.
        """
        lines: list[Line] = []
        for account in accounts:
            part = self._accounts[account].taken(amount, first, milestone)
            amount += sum((line.amount for line in part), ZERO)
            lines += part
        if amount > 0:
            raise NotEnoughError(accounts[-1], amount)
        return lines

    def book(self, key: str, kind: str, lines: Sequence[Line], about: About = NOTHING) -> UUID:
        """Book a journal under its business key; returns its id.

        Raises `NotEnoughError`, and changes nothing then; `ValueError` for amounts that are finer
        than their currency. Lines of nothing are left out.
        """
        lines = [line for line in lines if line.amount]
        assert lines, f"{key}: books nothing"
        assert key not in self._keys, f"{key}: booked twice"
        for currency in {line.account.currency for line in lines}:
            booked = [line.amount for line in lines if line.account.currency == currency]
            total = sum(units_of(amount, currency) for amount in booked)
            assert total == 0, f"{key}: adds up to {total} {currency}"
        self._apply(lines)
        self._keys.add(key)
        return self._note(key, kind, lines, about)

    def row(self, step: Step) -> None:
        """Write a row of what the money means beside the journals, after them."""
        self._rows.append(step)

    def refunded(self, release: OpenRelease) -> None:
        """Note that a release has changed."""
        self._refunded.add(release.id)

    def end_of_contract(self, contract_id: UUID, currency: str) -> None:
        """Raise `MoneyLeftError` unless the contract holds nothing."""
        left = self._accounts[escrow(contract_id, currency)].balance
        if left:
            raise MoneyLeftError(f"contract {contract_id} ends with {left} {currency} in escrow")

    @property
    def steps(self) -> list[Step]:
        """All that is to be written, in an order that foreign keys allow."""
        steps = list(self._journals)
        for account in sorted(self._accounts, key=_order):
            steps += self._accounts[account].steps(self.now, self.new_ids)
        for contract_id, sums in self._escrows.items():
            held = self._accounts[escrow(contract_id, sums.currency)]
            if held.is_changed:
                steps.append(sums.step(held.balance, self.now))
        steps += [m.step() for m in self._milestones.values() if m.is_changed]
        for release_id in sorted(self._refunded):
            steps += self._releases[release_id].steps(self.now)
        return steps + self._rows

    def _apply(self, lines: Sequence[Line]) -> None:
        done: list[Line] = []
        try:
            for line in lines:
                self._accounts[line.account].check(line)
                self._accounts[line.account].add(line)
                done.append(line)
        except NotEnoughError:
            for line in done:
                self._accounts[line.account].add(line._replace(amount=-line.amount))
            raise

    def _note(self, key: str, kind: str, lines: Sequence[Line], about: About) -> UUID:
        journal_id = self.new_ids.next()
        head = {
            "id": journal_id,
            "business_key": key,
            "kind": kind,
            "contract_id": about.contract_id,
            "milestone_id": about.milestone_id,
            "reverses_id": about.reverses_id,
            "description": about.description,
            "created_by": about.created_by,
            "created_at": self.now,
        }
        self._journals.append(insert("journals", head))
        for number, line in enumerate(lines, 1):
            row = {
                "id": self.new_ids.next(),
                "journal_id": journal_id,
                "line": number,
                "account_id": self._accounts[line.account].id,
                "amount": line.amount,
                "currency": line.account.currency,
                "deposit_id": line.lot.deposit,
                "milestone_id": line.lot.milestone,
            }
            self._journals.append(insert("journal_lines", row))
        return journal_id

    def _take_in(self, answer: dict[str, list[dict[str, Any]]]) -> None:
        by_id: dict[str, OpenAccount] = {}
        for row in answer["accounts"]:
            account = Account(Kind(row["kind"]), id_of(row["owner"]), row["currency"])
            balance = Decimal(row["balance"])
            opened = OpenAccount(UUID(row["id"]), account, balance, before=balance)
            by_id[row["id"]] = self._accounts[account] = opened
        for row in answer["lots"]:
            opened = by_id[row["account_id"]]
            lot = Lot(id_of(row["deposit_id"]), id_of(row["milestone_id"]))
            opened.lot_ids[lot] = UUID(row["id"])
            opened.lots[lot] = opened.lots_before[lot] = Decimal(row["amount"])
        for row in answer["escrows"]:
            contract_id = UUID(row["contract_id"])
            names = ("released", "refunded", "charged_back")
            sums = {name: Decimal(row[name]) for name in names}
            self._escrows[contract_id] = OpenEscrow(
                UUID(row["id"]), contract_id, row["currency"], is_new=False, **sums
            )
        for row in answer["milestones"]:
            milestone_id = UUID(row["id"])
            self._milestones[milestone_id] = OpenMilestone(
                milestone_id, Decimal(row["released"]), Decimal(row["refunded"])
            )
        for row in answer["releases"]:
            self._releases[UUID(row["id"])] = read_release(row, answer["release_lots"])


def _order(account: Account) -> tuple[str, str, str]:
    return (account.kind, str(account.owner), account.currency)


def _text(owner: UUID | None) -> str | None:
    return None if owner is None else str(owner)
