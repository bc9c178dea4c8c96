"""A contract's money while it is held: funded, released to who worked, given back to the client."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from storage.database.write_steps import insert
from storage.ledger.accounts import (
    Account,
    Kind,
    Line,
    Lot,
    earned,
    escrow,
    funded,
    pending,
    platform,
    wallet,
)
from storage.ledger.booking import About, Ledger
from storage.ledger.postings.transactions import Moved, record


@dataclass(frozen=True, slots=True)
class Held:
    """The milestone that money is held for, and its contract."""

    milestone_id: UUID
    contract_id: UUID
    client_id: UUID
    freelancer_id: UUID
    currency: str
    created_by: UUID | None = None

    @property
    def about(self) -> About:
        """What a journal of it belongs to."""
        return About(self.contract_id, self.milestone_id, self.created_by)


@dataclass(frozen=True, slots=True)
class Share:
    """What one of a team gets of a release: gross, of which the platform keeps the fee."""

    user_id: UUID
    gross: Decimal
    fee: Decimal
    member_id: UUID | None = None

    @property
    def net(self) -> Decimal:
        """What he gets."""
        return self.gross - self.fee


@dataclass(frozen=True, slots=True)
class Released:
    """The journal of a release and the rows that it made, one for each who gets something."""

    journal_id: UUID
    rows: tuple[Mapping[str, Any], ...]

    @property
    def release_ids(self) -> tuple[UUID, ...]:
        """The ids of the rows."""
        return tuple(row["id"] for row in self.rows)


def fund(ledger: Ledger, held: Held, amount: Decimal, *, first: UUID | None = None) -> UUID:
    """Hold the client's money for a milestone: deposits first, the oldest before others.

    `first` is the deposit that was made for it. Raises `NotEnoughError`.
    """
    purse = wallet(held.client_id, held.currency)
    taken = ledger.taken(purse, amount, first=first)
    into = escrow(held.contract_id, held.currency)
    put = [Line(into, -t.amount, Lot(t.lot.deposit, held.milestone_id)) for t in taken]
    key = f"fund:{held.milestone_id}"
    journal_id = ledger.book(key, "fund", [*taken, *put], held.about)
    record(ledger, journal_id, _moved("escrow_hold", held, amount, payer_id=held.client_id))
    return journal_id


def release(
    ledger: Ledger,
    held: Held,
    shares: Sequence[Share],
    clears_at: dt.datetime,
    *,
    is_decided: bool = False,
) -> Released:
    """Release what is held for a milestone, or a part of it, to those who share it.

    The shares' gross amounts add up to what is released; one that its fee takes whole has no row.
    What a split has released is decided. Raises `NotEnoughError` when less is held.
    """
    shares = [share for share in shares if share.gross]
    gross = sum((share.gross for share in shares), Decimal(0))
    source = escrow(held.contract_id, held.currency)
    taken = ledger.taken([source], gross, milestone=held.milestone_id)
    paid = [Line(pending(share.user_id, held.currency), share.net) for share in shares]
    fees = Line(platform(Kind.FEE, held.currency), gross - sum(share.net for share in shares))
    key = f"release:{held.milestone_id}"
    journal_id = ledger.book(key, "release", [*taken, *paid, fees], held.about)
    ledger.escrow_sums(held.contract_id).released += gross
    ledger.milestone_sums(held.milestone_id).released += gross
    parts = _portions([(line.lot.deposit, -line.amount) for line in taken], shares)
    rows = []
    for share, lots in parts:
        _record(ledger, held, share, journal_id)
        if share.net:
            row = _release_row(held, share, journal_id, clears_at)
            row |= {"id": ledger.new_ids.next(), "is_decided": is_decided}
            rows.append(write_release(ledger, row, lots))
    return Released(journal_id, tuple(rows))


def back(ledger: Ledger, held: Held) -> UUID | None:
    """Give what is held for a milestone back to the client, to the lots that it came from.

    Returns None when nothing is held for it.
    """
    amount = ledger.held(held.contract_id, held.milestone_id, held.currency)
    if not amount:
        return None
    source = escrow(held.contract_id, held.currency)
    taken = ledger.taken([source], amount, milestone=held.milestone_id)
    parts = [(line.lot.deposit, -line.amount) for line in taken]
    put = list(to_client(held.client_id, held.currency, parts))
    key = f"back:{held.milestone_id}"
    journal_id = ledger.book(key, "back", [*taken, *put], held.about)
    ledger.escrow_sums(held.contract_id).refunded += amount
    ledger.milestone_sums(held.milestone_id).refunded += amount
    record(ledger, journal_id, _moved("refund", held, amount, payee_id=held.client_id))
    return journal_id


def split(
    ledger: Ledger, held: Held, shares: Sequence[Share], clears_at: dt.datetime
) -> Released | None:
    """Divide what is held for a milestone: the shares are released, the client gets the rest.

    Returns None where nothing is released. What it releases is decided.
    """
    released = None
    if any(share.gross for share in shares):
        released = release(ledger, held, shares, clears_at, is_decided=True)
    back(ledger, held)
    return released


def to_client(
    client_id: UUID, currency: str, parts: Iterable[tuple[UUID | None, Decimal]]
) -> Iterator[Line]:
    """Lines that put money back into the client's lots: deposits, or what was earned (None)."""
    for deposit_id, amount in parts:
        into: Account = earned(client_id, currency)
        if deposit_id is not None:
            into = funded(client_id, currency)
        yield Line(into, amount, Lot(deposit_id))


def _portions(
    parts: Sequence[tuple[UUID | None, Decimal]], shares: Sequence[Share]
) -> Iterator[tuple[Share, list[tuple[UUID | None, Decimal]]]]:
    """Which lots pay for which share: in the order of both."""
    left = list(parts)
    for share in shares:
        wanted, lots = share.gross, []
        while wanted:
            deposit_id, there = left.pop(0)
            part = min(there, wanted)
            lots.append((deposit_id, part))
            wanted -= part
            if there > part:
                left.insert(0, (deposit_id, there - part))
        yield share, lots


def _release_row(
    held: Held, share: Share, journal_id: UUID, clears_at: dt.datetime
) -> dict[str, object]:
    return {
        "kind": "milestone",
        "contract_id": held.contract_id,
        "milestone_id": held.milestone_id,
        "client_id": held.client_id,
        "freelancer_id": held.freelancer_id,
        "user_id": share.user_id,
        "journal_id": journal_id,
        "gross": share.gross,
        "fee": share.fee,
        "currency": held.currency,
        "clears_at": clears_at,
    }


def _record(ledger: Ledger, held: Held, share: Share, journal_id: UUID) -> None:
    moved = _moved(
        "escrow_release",
        held,
        share.gross,
        payer_id=held.client_id,
        payee_id=share.user_id,
        platform_fee=share.fee,
        contract_member_id=share.member_id,
    )
    record(ledger, journal_id, moved)


def write_release(
    ledger: Ledger, row: dict[str, object], lots: Iterable[tuple[UUID | None, Decimal]]
) -> Mapping[str, Any]:
    """Write a release that begins, and the lots that paid for it; returns its columns."""
    stamps = {"status": "pending", "created_at": ledger.now, "updated_at": ledger.now}
    whole = row | stamps
    ledger.row(insert("releases", whole))
    for deposit_id, amount in lots:
        lot = {
            "id": ledger.new_ids.next(),
            "release_id": row["id"],
            "deposit_id": deposit_id,
            "currency": row["currency"],
            "amount": amount,
            "created_at": ledger.now,
        }
        ledger.row(insert("release_lots", lot))
    return whole | {"refunded": Decimal(0), "refunded_fee": Decimal(0)}


def _moved(kind: str, held: Held, amount: Decimal, **more: object) -> Moved:
    return Moved(
        kind,
        amount,
        held.currency,
        contract_id=held.contract_id,
        milestone_id=held.milestone_id,
        **more,  # type: ignore[arg-type]  # the fields of Moved by name
    )
