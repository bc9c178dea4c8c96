"""Released money: it clears, is refunded, comes as a tip or from another platform."""

from decimal import Decimal
from uuid import uuid4

import pytest

from storage.ledger.accounts import (
    Kind,
    NotEnoughError,
    earned,
    for_tip,
    for_withdrawal,
    funded,
    pending,
    platform,
)
from storage.ledger.postings.releases import ExternalPayment, Tip, external, tip
from storage.ledger.postings.withdrawals import (
    Withdrawal,
    withdrawal_paid,
    withdrawal_requested,
)
from tests.integration.ledger.books import amounts

D = Decimal


async def test_clearing_pays_debt_first(books):
    await books.top_up(300)
    await books.fund(300)
    released = await books.release(300, 30)
    await books.owe(books.ben, 100)
    await books.clear(*released.release_ids)
    balances = await books.balances()
    assert (balances["earned(B)"], "D(B)" in balances, "P(B)" in balances) == (170, False, False)
    assert await books.findings() == []


async def test_a_refund_of_what_has_not_cleared_comes_from_the_release_itself(books):
    one, two = await books.top_up(200), await books.top_up(100)
    await books.fund(300)
    released = await books.release(300, 30)
    await books.refund(released.release_ids[0], 150)
    assert await books.balances() == amounts(CASH=-300, W_A=150, P_B=135, FEE=15)
    assert await books.lots(funded(books.anna, "USD")) == [(one, D(50)), (two, D(100))]
    row = await books.connection.fetchrow("select * from releases")
    assert (row["refunded"], row["refunded_fee"]) == (150, 15)
    assert await books.findings() == []
    await books.refund(released.release_ids[0], 150)
    await books.status(released.release_ids[0], "reversed")
    assert await books.balances() == amounts(CASH=-300, W_A=300)
    assert await books.lots(funded(books.anna, "USD")) == [(one, D(200)), (two, D(100))]
    assert await books.findings() == []


async def test_a_refund_after_clearing_takes_earned_money_and_beyond_it_only_if_staff_say_so(books):
    await books.top_up(300)
    await books.fund(300)
    released = await books.release(300, 30)
    await books.clear(*released.release_ids)
    withdrawal = Withdrawal(uuid4(), books.ben, D(200), "USD")
    async with books.ledger(*for_withdrawal(books.ben, "USD")) as ledger:
        withdrawal_requested(ledger, withdrawal)
        withdrawal_paid(ledger, withdrawal)
    await books.top_up(50, user=books.ben)
    with pytest.raises(NotEnoughError) as error:
        await books.refund(released.release_ids[0], 200)
    assert (error.value.missing, error.value.account) == (D(110), earned(books.ben, "USD"))
    await books.refund(released.release_ids[0], 200, beyond_earned=True)
    balances = await books.balances()
    assert (balances["D(B)"], balances["W(A)"], balances["FEE"]) == (-60, 200, 10)
    assert "earned(B)" not in balances and "W(B)" not in balances
    assert await books.findings() == []


async def test_a_tip_comes_from_the_wallet_without_a_fee(books):
    one = await books.top_up(50)
    given = Tip(uuid4(), books.contract, books.anna, books.ben, D(20), "USD", "key-1")
    async with books.ledger(*for_tip(books.anna, books.ben, "USD")) as ledger:
        tip(ledger, given, books.now)
    assert await books.balances() == amounts(CASH=-50, W_A=30, P_B=20)
    row = await books.connection.fetchrow("select * from releases")
    assert (row["id"], row["kind"], row["fee"], row["request_key"]) == (given.id, "tip", 0, "key-1")
    assert await books.connection.fetchval("select deposit_id from release_lots") == one
    assert await books.findings() == []


async def test_an_external_platform_s_payment_is_pending_after_both_fees(books):
    job = await books.external_job(books.ben)
    paid = ExternalPayment(uuid4(), job, books.ben, "upwork", "p1", D(500), D(50), D(45), "USD")
    accounts = [platform(Kind.CASH, "USD"), platform(Kind.FEE, "USD"), pending(books.ben, "USD")]
    async with books.ledger(*accounts) as ledger:
        external(ledger, paid, books.now)
    assert await books.balances() == amounts(CASH=-450, P_B=405, FEE=45)
    assert await books.findings() == []
