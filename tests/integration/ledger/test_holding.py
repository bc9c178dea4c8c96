"""Money held for a contract: funded, released, split, given back to the lots it came from."""

import datetime as dt
from decimal import Decimal

import asyncpg
import pytest

from protocol.money.fees import FeeTerms
from storage.ledger.accounts import (
    NotEnoughError,
    earned,
    escrow,
    for_contract,
    for_release,
    funded,
)
from storage.ledger.booking import MoneyLeftError
from storage.ledger.postings.holding import Share, back, fund, split
from storage.ledger.postings.sharing import fee_terms, shares_of
from tests.integration.ledger.books import amounts

D = Decimal


async def test_funding_takes_deposits_first_the_oldest_before_others_then_earned_money(books):
    await books.earn(books.anna, 100)
    one, two = await books.top_up(200), await books.top_up(150)
    await books.fund(300)
    assert await books.lots(escrow(books.contract, "USD")) == [(one, D(200)), (two, D(100))]
    await books.fund(120, 1)
    held = await books.connection.fetch(
        "select deposit_id, amount from ledger_lots where milestone_id = $1"
        " order by deposit_id nulls last",
        books.milestones[1],
    )
    assert [tuple(row) for row in held] == [(two, D(50)), (None, D(70))]
    assert await books.lots(earned(books.anna, "USD")) == [(None, D(30))]
    row = await books.connection.fetchrow("select * from escrows")
    assert (row["total_amount"], row["held_amount"], row["status"]) == (420, 420, "active")
    assert await books.findings() == []


async def test_a_payment_for_an_order_goes_there_before_older_money(books):
    one, two = await books.top_up(200), await books.top_up(300, pays_debt=False)
    await books.fund(300, first=two)
    assert await books.lots(escrow(books.contract, "USD")) == [(two, D(300))]
    assert await books.lots(funded(books.anna, "USD")) == [(one, D(200))]


async def test_funding_more_than_there_is_says_what_is_missing_and_books_nothing(books):
    await books.top_up(100)
    async with books.ledger(*for_contract(books.contract, books.anna, "USD")) as ledger:
        with pytest.raises(NotEnoughError) as error:
            fund(ledger, books.held(), D(130))
        assert error.value.missing == 30
        assert ledger.steps == []
        fund(ledger, books.held(), D(100))
    assert await books.balances() == amounts(CASH=-100, E=100)


async def test_a_release_leaves_the_fee_and_remembers_the_lots(books):
    one, two = await books.top_up(200), await books.top_up(200)
    await books.fund(300)
    released = await books.release(300, 30)
    assert await books.balances() == amounts(CASH=-400, W_A=100, P_B=270, FEE=30)
    row = await books.connection.fetchrow("select * from releases")
    assert (row["id"], row["gross"], row["fee"], row["net"]) == (
        *released.release_ids, 300, 30, 270,
    )  # fmt: skip
    assert (row["user_id"], row["status"]) == (books.ben, "pending")
    assert row["clears_at"] == books.now + dt.timedelta(days=5)
    lots = await books.connection.fetch(
        "select deposit_id, amount from release_lots order by deposit_id"
    )
    assert [tuple(lot) for lot in lots] == [(one, 200), (two, 100)]
    sums = await books.connection.fetchrow("select * from escrows")
    assert (sums["total_amount"], sums["held_amount"], sums["released_amount"]) == (300, 0, 300)
    milestone = await books.connection.fetchrow(
        "select released, refunded from milestones where id = $1", books.milestones[0]
    )
    assert tuple(milestone) == (300, 0)
    assert await books.findings() == []


async def test_a_release_of_a_team_is_one_journal_and_a_row_a_member(books):
    await books.top_up(1000)
    await books.fund(300)
    shares = [Share(books.ben, D("200.01"), D("20.01")), Share(books.carl, D("99.99"), D("9.99")),
              Share(books.anna, D(0), D(0))]  # fmt: skip
    released = await books.release_shares(shares)
    assert len(released.release_ids) == 2
    assert await books.balances() == amounts(CASH=-1000, W_A=700, P_B=180, P_C=90, FEE=30)
    assert await books.connection.fetchval("select count(*) from journals") == 3
    assert await books.findings() == []


async def test_what_is_cancelled_goes_back_to_the_lots_that_it_came_from(books):
    await books.earn(books.anna, 100)
    one, two = await books.top_up(200), await books.top_up(50)
    await books.fund(300)
    async with books.ledger(*for_contract(books.contract, books.anna, "USD")) as ledger:
        back(ledger, books.held())
        assert back(ledger, books.held(1)) is None
        ledger.end_of_contract(books.contract, "USD")
    assert await books.lots(funded(books.anna, "USD")) == [(one, D(200)), (two, D(50))]
    assert await books.lots(earned(books.anna, "USD")) == [(None, D(100))]
    sums = await books.connection.fetchrow("select * from escrows")
    assert (sums["held_amount"], sums["refunded_amount"]) == (0, 300)
    assert await books.findings() == []


async def test_a_contract_does_not_end_with_money_in_it(books):
    await books.top_up(300)
    await books.fund(300)
    async with books.ledger(*for_contract(books.contract, books.anna, "USD")) as ledger:
        with pytest.raises(MoneyLeftError, match="300"):
            ledger.end_of_contract(books.contract, "USD")
    await books.connection.execute("set session_replication_role = replica")
    await books.connection.execute("update contracts set status = 'cancelled'")
    (found,) = await books.findings()
    assert found.startswith("ended: contract ")


async def test_a_split_releases_the_one_part_and_gives_back_the_other(books):
    """M1 of 300 is paid; of M2's 300 the client gets 180, the freelancer 120 with a fee of 12."""
    one, two = await books.top_up(300), await books.top_up(300)
    await books.fund(300)
    await books.fund(300, 1)
    await books.release(300, 30)
    accounts = [*for_contract(books.contract, books.anna, "USD"),
                *for_release(books.contract, [books.ben], "USD")]  # fmt: skip
    async with books.ledger(*accounts) as ledger:
        split(ledger, books.held(1), [Share(books.ben, D(120), D(12))], books.now)
        ledger.end_of_contract(books.contract, "USD")
    assert await books.balances() == amounts(CASH=-600, W_A=180, P_B=378, FEE=42)
    assert await books.lots(funded(books.anna, "USD")) == [(two, D(180))]
    assert one != two
    sums = await books.connection.fetchrow(
        "select released, refunded from milestones where id = $1", books.milestones[1]
    )
    assert tuple(sums) == (120, 180)
    assert await books.findings() == []


async def test_the_fees_of_a_contract_s_releases_add_up_to_its_fee(books):
    """By terms: a total of 1000 with a fee of 100, released in 300, 120 and the rest of a team."""
    await books.top_up(1000)
    for number, amount in enumerate((300, 200, 500)):
        await books.fund(amount, number)
    team = await books.team((books.ben, 6667), (books.carl, 3333))
    row = await books.connection.fetchrow("select * from contracts")
    terms = fee_terms(dict(row) | {"platform_fee": D(100)})
    for number, gross in enumerate((D(300), D(120), D("500"))):
        users = [books.ben, books.carl]
        accounts = [*for_release(books.contract, users, "USD"),
                    *for_contract(books.contract, books.anna, "USD")]  # fmt: skip
        async with books.ledger(*accounts) as ledger:
            before = ledger.escrow_sums(books.contract).released
            split(ledger, books.held(number), shares_of(gross, terms, before, team), books.now)
    assert await books.balances() == amounts(CASH=-1000, W_A=80, P_B="552.03", P_C="275.97", FEE=92)
    fees = await books.connection.fetch("select fee from releases order by id")
    assert sum(row["fee"] for row in fees) == 92
    assert await books.findings() == []


async def test_a_member_who_gets_nothing_has_no_release(books):
    await books.top_up(1)
    await books.fund("0.05")
    terms = FeeTerms(D(1), D(0), "USD")
    team = await books.team((books.anna, 3333), (books.ben, 3333), (books.carl, 3334))
    await books.release_shares(shares_of(D("0.05"), terms, D(0), team))
    assert await books.balances() == amounts(
        CASH=-1, W_A="0.95", P_A="0.02", P_B="0.01", P_C="0.02"
    )
    await books.fund("0.01", 1)
    released = await books.release_shares(shares_of(D("0.01"), terms, D("0.05"), team), 1)
    assert len(released.release_ids) == 1
    assert await books.findings() == []


async def test_shares_of_accepted_members_are_the_whole_at_the_commit(books):
    with pytest.raises(asyncpg.CheckViolationError) as error:
        await books.team((books.ben, 6000), (books.carl, 3000))
    assert error.value.constraint_name == "contract_members_hold_all"
    await books.team((books.ben, 6000), (books.carl, 4000))
    with pytest.raises(asyncpg.CheckViolationError):
        await books.connection.execute(
            "update contract_members set status = 'left' where user_id = $1", books.carl
        )
