"""Released money: it clears, is given back, and comes as a tip or from another platform."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from storage.ledger.accounts import Kind, Line, earned, pending, platform, wallet
from storage.ledger.booking import About, Ledger
from storage.ledger.postings.holding import Released, to_client, write_release
from storage.ledger.postings.owing import earned_or_paid, taken_or_owed
from storage.ledger.postings.transactions import Moved, record


@dataclass(frozen=True, slots=True)
class Refund:
    """A part of a release that goes back: a gross amount, with the platform's fee on it."""

    id: UUID
    release_id: UUID
    amount: Decimal
    created_by: UUID | None = None


@dataclass(frozen=True, slots=True)
class Tip:
    """What a client gives on top, without a fee; the id is that of the release that it makes."""

    id: UUID
    contract_id: UUID
    client_id: UUID
    freelancer_id: UUID
    amount: Decimal
    currency: str
    request_key: str | None = None


@dataclass(frozen=True, slots=True)
class ExternalPayment:
    """What an external platform paid for a job; `kept` is what it kept, `fee` what we keep."""

    release_id: UUID
    job_id: UUID
    user_id: UUID
    provider: str
    reference: str
    gross: Decimal
    kept: Decimal
    fee: Decimal
    currency: str


def clear(ledger: Ledger, release_id: UUID) -> UUID | None:
    """What is left of a release becomes its user's, after what he owes.

    Returns None when all of it was given back.
    """
    release = ledger.release(release_id)
    if not release.held:
        return None
    user_id, held, currency = release.user_id, release.held, release.currency
    into = earned_or_paid(ledger, user_id, held, currency)
    lines = [Line(pending(user_id, currency), -held), *into]
    about = About(release.contract_id, release.milestone_id)
    return ledger.book(f"clear:{release_id}", "clear", lines, about)


def refund(ledger: Ledger, asked: Refund, *, beyond_earned: bool = False) -> UUID:
    """Give a part of a release back to the lots of the client that paid for it.

    Of one that has not cleared it is taken from what is pending. Of a cleared one it is taken from
    what its user has earned; `beyond_earned`, which only staff may decide, lets it take what they
    have deposited too, and what is lacking then becomes their debt. Raises `NotEnoughError`.
    """
    release = ledger.release(asked.release_id)
    assert release.client_id is not None, "nobody paid for it here"
    fee = release.fee_given_back(asked.amount)
    net = asked.amount - fee
    user_id, currency = release.user_id, release.currency
    if release.status != "cleared":
        taken = [Line(pending(user_id, currency), -net)]
    elif beyond_earned:
        taken = taken_or_owed(ledger, user_id, net, currency)
    else:
        taken = ledger.taken([earned(user_id, currency)], net)
    parts = release.parts(asked.amount)
    given = [(lot.deposit, part) for lot, part in parts]
    put = to_client(release.client_id, release.currency, given)
    lines = [*taken, Line(platform(Kind.FEE, release.currency), -fee), *put]
    about = About(release.contract_id, release.milestone_id, asked.created_by)
    journal_id = ledger.book(f"refund:{asked.id}", "refund", lines, about)
    release.give_back(fee, parts)
    ledger.refunded(release)
    moved = Moved(
        "refund",
        asked.amount,
        release.currency,
        payer_id=release.user_id,
        payee_id=release.client_id,
        contract_id=release.contract_id,
        milestone_id=release.milestone_id,
    )
    record(ledger, journal_id, moved)
    return journal_id


def tip(ledger: Ledger, given: Tip, clears_at: dt.datetime) -> Released:
    """Take a tip from the client's wallet; it clears like any release. Raises `NotEnoughError`."""
    taken = ledger.taken(wallet(given.client_id, given.currency), given.amount)
    paid = Line(pending(given.freelancer_id, given.currency), given.amount)
    about = About(given.contract_id, created_by=given.client_id)
    journal_id = ledger.book(f"tip:{given.id}", "tip", [*taken, paid], about)
    row = {
        "id": given.id,
        "kind": "tip",
        "contract_id": given.contract_id,
        "client_id": given.client_id,
        "freelancer_id": given.freelancer_id,
        "user_id": given.freelancer_id,
        "journal_id": journal_id,
        "gross": given.amount,
        "fee": Decimal(0),
        "currency": given.currency,
        "request_key": given.request_key,
        "clears_at": clears_at,
    }
    made = write_release(ledger, row, [(line.lot.deposit, -line.amount) for line in taken])
    moved = Moved(
        "tip",
        given.amount,
        given.currency,
        payer_id=given.client_id,
        payee_id=given.freelancer_id,
        contract_id=given.contract_id,
    )
    record(ledger, journal_id, moved)
    return Released(journal_id, (made,))


def external(ledger: Ledger, paid: ExternalPayment, clears_at: dt.datetime) -> UUID:
    """Book what an external platform has paid out for a job, less what it kept."""
    came = paid.gross - paid.kept
    lines = [
        Line(platform(Kind.CASH, paid.currency), -came),
        Line(pending(paid.user_id, paid.currency), came - paid.fee),
        Line(platform(Kind.FEE, paid.currency), paid.fee),
    ]
    key = f"external:{paid.provider}:{paid.reference}"
    journal_id = ledger.book(key, "external", lines)
    row = {
        "id": paid.release_id,
        "kind": "external",
        "job_id": paid.job_id,
        "freelancer_id": paid.user_id,
        "user_id": paid.user_id,
        "journal_id": journal_id,
        "gross": came,
        "fee": paid.fee,
        "currency": paid.currency,
        "clears_at": clears_at,
    }
    write_release(ledger, row, [])
    moved = Moved(
        "payment",
        came,
        paid.currency,
        payee_id=paid.user_id,
        creator_fee=paid.fee,
        job_id=paid.job_id,
        provider=paid.provider,
        provider_transaction_id=paid.reference,
    )
    record(ledger, journal_id, moved)
    return journal_id
