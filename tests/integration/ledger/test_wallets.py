"""Wallets: deposits and their returns, withdrawals, debt, the platform's own postings."""

from decimal import Decimal
from uuid import uuid4

import asyncpg
import pytest

from storage.ledger.accounts import (
    Kind,
    Line,
    NotEnoughError,
    debt,
    for_deposit,
    for_return,
    for_withdrawal,
    funded,
    platform,
    wallet,
)
from storage.ledger.booking import About
from storage.ledger.postings.deposits import (
    DepositReturn,
    return_as_earned,
    return_failed,
    return_requested,
    return_succeeded,
)
from storage.ledger.postings.platform import certification, cost, payout, reverse, writeoff
from storage.ledger.postings.withdrawals import (
    Withdrawal,
    withdrawal_given_back,
    withdrawal_paid,
    withdrawal_paid_after_all,
    withdrawal_requested,
    withdrawal_returned,
)
from tests.integration.ledger.books import amounts

D = Decimal


async def test_a_deposit_comes_with_the_provider_s_fee_on_top(books):
    first = await books.top_up(500, 15)
    assert await books.balances() == amounts(CASH=-515, W_A=500, FEE=15)
    assert await books.lots(funded(books.anna, "USD")) == [(first, D(500))]
    async with books.ledger(platform(Kind.COST, "USD"), platform(Kind.CASH, "USD")) as ledger:
        cost(ledger, "local", "r1", D(9), "USD")
    assert await books.balances() == amounts(CASH=-506, W_A=500, FEE=15, COST=-9)
    assert await books.findings() == []
    row = await books.connection.fetchrow("select * from transactions")
    assert (row["type"], row["gross_amount"], row["processing_fee"]) == ("payment", 500, 15)
    assert (row["status"], row["payer_id"]) == ("completed", books.anna)


async def test_a_payment_is_booked_once(books):
    row = await books.top_up(10)
    reference = await books.connection.fetchval("select business_key from journals")
    with pytest.raises(asyncpg.UniqueViolationError) as error:
        await books.connection.execute(
            "insert into journals (business_key, kind) values ($1, 'deposit')", reference
        )
    assert error.value.constraint_name == "journals_business_key_key"
    assert await books.lots(funded(books.anna, "USD")) == [(row, D(10))]


async def test_a_plain_top_up_pays_debt_first_and_one_for_an_order_does_not(books):
    async with books.ledger(debt(books.anna, "USD"), platform(Kind.ADJUSTMENT, "USD")) as ledger:
        writeoff_of_nothing = uuid4()
        with pytest.raises(NotEnoughError):
            writeoff(ledger, writeoff_of_nothing, books.anna, D(1), "USD")
    await books.owe(books.anna, 20)
    await books.top_up(5, pays_debt=False)
    assert (await books.balances())["D(A)"] == -20
    await books.top_up(50)
    balances = await books.balances()
    assert (balances["W(A)"], "D(A)" in balances) == (D(35), False)
    assert await books.findings() == []


async def test_debt_is_written_off_by_the_platform(books):
    await books.owe(books.anna, 20)
    async with books.ledger(debt(books.anna, "USD"), platform(Kind.ADJUSTMENT, "USD")) as ledger:
        writeoff(ledger, uuid4(), books.anna, D(20), "USD")
    assert "D(A)" not in await books.balances()
    assert await books.findings() == []


async def test_withdrawals_are_set_aside_paid_given_back_and_returned(books):
    await books.earn(books.ben, 100)
    one, two = (Withdrawal(uuid4(), books.ben, D(n), "USD") for n in (60, 40))
    async with books.ledger(*for_withdrawal(books.ben, "USD")) as ledger:
        withdrawal_requested(ledger, one)
        withdrawal_requested(ledger, two)
        with pytest.raises(NotEnoughError):
            withdrawal_requested(ledger, Withdrawal(uuid4(), books.ben, D(1), "USD"))
    assert (await books.balances())["X(B)"] == 100
    assert await books.findings() != []  # the rows of the withdrawals are not there
    async with books.ledger(*for_withdrawal(books.ben, "USD")) as ledger:
        withdrawal_paid(ledger, one)
        withdrawal_given_back(ledger, two, "failed")
    assert (await books.balances())["earned(B)"] == 40
    async with books.ledger(*for_withdrawal(books.ben, "USD")) as ledger:
        withdrawal_returned(ledger, one)
    assert await books.balances() == amounts(CASH=-100, earned_B=100)
    assert await books.findings() == []


async def test_a_withdrawal_that_is_paid_after_it_had_failed_leaves_debt_where_money_lacks(books):
    await books.earn(books.ben, 100)
    asked = Withdrawal(uuid4(), books.ben, D(100), "USD")
    async with books.ledger(*for_withdrawal(books.ben, "USD")) as ledger:
        withdrawal_requested(ledger, asked)
        withdrawal_given_back(ledger, asked, "failed")
        other = Withdrawal(uuid4(), books.ben, D(70), "USD")
        withdrawal_requested(ledger, other)
        withdrawal_paid(ledger, other)
        withdrawal_paid_after_all(ledger, asked)
    assert await books.balances() == amounts(CASH=70, D_B=-70)
    assert await books.findings() == []


async def test_a_deposit_goes_back_to_its_source_from_its_own_lot(books):
    one, two = await books.top_up(200, 6), await books.top_up(100, 3)
    asked = DepositReturn(uuid4(), one, books.anna, D(200), D(0), "USD")
    async with books.ledger(*for_return(books.anna, "USD")) as ledger:
        return_requested(ledger, asked)
        with pytest.raises(NotEnoughError):
            return_requested(ledger, DepositReturn(uuid4(), one, books.anna, D(1), D(0), "USD"))
    assert await books.lots(funded(books.anna, "USD")) == [(two, D(100))]
    async with books.ledger(*for_return(books.anna, "USD")) as ledger:
        return_succeeded(ledger, asked)
    assert await books.balances() == amounts(CASH=-109, W_A=100, FEE=9)


async def test_a_deposit_that_never_served_takes_its_fee_back_with_it(books):
    one = await books.top_up(200, 6)
    asked = DepositReturn(uuid4(), one, books.anna, D(200), D(6), "USD")
    async with books.ledger(*for_return(books.anna, "USD")) as ledger:
        return_requested(ledger, asked)
        return_succeeded(ledger, asked)
    assert await books.balances() == {}
    assert await books.findings() == []


async def test_a_return_that_fails_restores_the_lot_which_staff_can_turn_into_earned_money(books):
    one = await books.top_up(200)
    asked = DepositReturn(uuid4(), one, books.anna, D(150), D(0), "USD")
    async with books.ledger(*for_return(books.anna, "USD")) as ledger:
        return_requested(ledger, asked)
        return_failed(ledger, asked)
    assert await books.lots(funded(books.anna, "USD")) == [(one, D(200))]
    async with books.ledger(*for_return(books.anna, "USD")) as ledger:
        return_as_earned(ledger, asked)
    assert await books.balances() == amounts(CASH=-200, W_A=50, earned_A=150)
    assert await books.findings() == []


async def test_earnings_are_paid_out_and_an_examination_is_paid_and_given_back(books):
    one = await books.top_up(100, 3)
    accounts = [*wallet(books.anna, "USD"), platform(Kind.FEE, "USD"), platform(Kind.CASH, "USD")]
    async with books.ledger(*accounts) as ledger:
        payout(ledger, "bank-1", D(2), "USD", books.anna)
        journal = certification(ledger, uuid4(), books.anna, D(40), "USD")
    assert await books.balances() == amounts(CASH=-101, W_A=60, FEE=41)
    async with books.ledger() as ledger:
        await reverse(ledger, journal, About(description="cancelled in time"))
    assert await books.balances() == amounts(CASH=-101, W_A=100, FEE=1)
    assert await books.lots(funded(books.anna, "USD")) == [(one, D(100))]
    assert await books.findings() == []
    with pytest.raises(asyncpg.UniqueViolationError):
        async with books.ledger() as ledger:
            await reverse(ledger, journal, About())


@pytest.mark.parametrize(("currency", "amount"), [("JPY", "0.50"), ("KWD", "1"), ("XXX", "1")])
async def test_lines_finer_than_their_currency_are_refused(books, currency, amount):
    async with books.ledger(*for_deposit(books.anna, currency)) as ledger:
        owed, cash = debt(books.anna, currency), platform(Kind.CASH, currency)
        with pytest.raises(ValueError, match=currency):
            ledger.book("x", "x", [Line(owed, -D(amount)), Line(cash, D(amount))])
    account = await books.connection.fetchval(
        "select id from ledger_accounts where kind = 'cash' and currency = $1", currency
    )
    journal = await books.connection.fetchval(
        "insert into journals (business_key, kind) values ('y', 'y') returning id"
    )
    with pytest.raises(asyncpg.CheckViolationError) as error:
        await books.connection.execute(
            "insert into journal_lines (journal_id, line, account_id, amount, currency)"
            " values ($1, 1, $2, $3, $4)",
            *(journal, account, D(amount), currency),
        )
    assert error.value.constraint_name == "journal_lines_fineness"
