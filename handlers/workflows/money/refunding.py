"""A refund takes effect: a part of a release goes back to the client who paid it."""

from decimal import Decimal

from storage.ledger.accounts import for_refund, for_withdrawal, wallet
from storage.ledger.postings.releases import Refund, refund
from storage.workflows.rows import Row
from storage.workflows.work import Work

_WAITING = frozenset({"requested", "approved"})


async def give_back(work: Work, release: Row, row: Row, *, beyond_earned: bool = False) -> None:
    """Book a refund of a release; both rows are brought up to date.

    Of a cleared one `beyond_earned` lets it take what its user has deposited, and make a debt.
    Whoever gives back several opens all their accounts before. Raises `NotEnoughError`.
    """
    currency, amount = release["currency"], row["amount"]
    accounts = for_refund(release["client_id"], release["user_id"], currency)
    await work.ledger.open(accounts, releases=[release.id])
    opened = work.ledger.release(release.id)
    fee = opened.fee_given_back(amount)
    asked = Refund(row.id, release.id, amount, work.actor)
    journal = refund(work.ledger, asked, beyond_earned=beyond_earned)
    work.set(row, fee=fee, journal_id=journal)
    release.take({"refunded": opened.refunded, "refunded_fee": opened.refunded_fee})
    if not opened.there:
        work.set(release, clears_at=None)
        await work.transition("release", "reverse", release)


async def stop_withdrawals(work: Work, release: Row, amount: Decimal) -> None:
    """Cancel withdrawals of who was paid as far as a refund of so much would make a debt.

    The latest goes first. One that is in a batch stays: it is on its way. The user is locked.
    """
    user_id, currency = release["user_id"], release["currency"]
    accounts = for_refund(release["client_id"], user_id, currency)
    accounts += for_withdrawal(user_id, currency)
    await work.ledger.open(accounts, releases=[release.id])
    net = amount - work.ledger.release(release.id).fee_given_back(amount)
    waiting = None
    while sum(map(work.ledger.balance, wallet(user_id, currency))) < net:
        if waiting is None:
            rows = await work.of("withdrawals", user_id=user_id, currency=currency)
            waiting = [w for w in rows if w.status in _WAITING and w["payout_batch_id"] is None]
        if not waiting:
            return
        await work.transition("withdrawal", "cancel", waiting.pop())


async def share_back(work: Work, release: Row, amount: Decimal) -> None:
    """What a split gives the client of a release that has not cleared: a refund without a request.

    The accounts are open (`for_refund`, and the release itself).
    """
    made = await work.begin(
        "refund",
        "share",
        contract_id=release["contract_id"],
        release_id=release.id,
        requested_by=release["client_id"],
        amount=amount,
        currency=release["currency"],
        reason="By a split of what was paid",
        updated_at=work.now,
    )
    await give_back(work, release, made)
