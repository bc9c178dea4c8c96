"""A refund takes effect: a part of a release goes back to the client who paid it."""

from decimal import Decimal
from uuid import UUID

from protocol.money.fees import fee_given_back
from storage.workflows.accounts import for_refund
from storage.workflows.postings.releases import Refund, refund
from storage.workflows.rows import Row
from storage.workflows.steps import update
from storage.workflows.work import Work


async def give_back(
    work: Work, release: Row, refund_id: UUID, amount: Decimal, *, beyond_earned: bool = False
) -> Decimal:
    """Book a refund of a release, whose row is brought up to date; returns the fee in it.

    Of a cleared one `beyond_earned` lets it take what its user has deposited, and make a debt.
    Whoever gives back several opens all their accounts before. Raises `NotEnoughError`.
    """
    currency = release["currency"]
    accounts = for_refund(release["client_id"], release["user_id"], currency)
    await work.ledger.open(accounts, releases=[release.id])
    opened = work.ledger.release(release.id)
    fee = fee_given_back(opened.gross, opened.fee, opened.refunded, amount, currency)
    asked = Refund(refund_id, release.id, amount, work.actor)
    journal = refund(work.ledger, asked, beyond_earned=beyond_earned)
    work.ledger.row(update("refunds", refund_id, {"journal_id": journal}))
    release.take({"refunded": opened.refunded, "refunded_fee": opened.refunded_fee})
    if not opened.there:
        work.set(release, clears_at=None)
        await work.transition("release", "reverse", release)
    return fee


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
        reason="By a split of what was held",
        updated_at=work.now,
    )
    work.set(made, fee=await give_back(work, release, made.id, amount))
