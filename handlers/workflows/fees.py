"""Fees by the platform's tiers, of a contract and of a payment."""

from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal

from handlers.workflows.words import NO_FEE_FOR_IT
from protocol.money import fees
from protocol.money.fees import NoTierError, Tier
from storage.workflows.work import Work


async def fee_of_total(work: Work, total: Decimal, currency: str, at: datetime) -> Decimal:
    """The platform's fee of a whole contract, by the tiers in force when it was made.

    Raises `RequestError` (`conflict`) where there is no tier for it.
    """
    return await _by_tiers(work, fees.fee_of, total, currency, at)


async def processing_fee(work: Work, amount: Decimal, currency: str) -> Decimal:
    """What paying so much costs besides, now; raises as `fee_of_total` does."""
    return await _by_tiers(work, fees.processing_fee, amount, currency, work.now)


async def _by_tiers(
    work: Work,
    fee: Callable[[Decimal, Iterable[Tier], str], Decimal],
    amount: Decimal,
    currency: str,
    at: datetime,
) -> Decimal:
    records = await work.ask("fees", "tiers", currency, at)
    try:
        return fee(amount, [Tier(*record.values()) for record in records], currency)
    except NoTierError as error:
        raise NO_FEE_FOR_IT.error({"path": "currency"}) from error
