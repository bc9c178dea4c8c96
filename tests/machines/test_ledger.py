"""Whatever is booked in whatever order, the ledger on PostgreSQL is clean after each posting.

A step that asks for more than there is is refused and changes nothing. Each example is a
transaction that is rolled back.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal
from uuid import UUID, uuid4

import asyncpg
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from protocol.money.currency import of_units
from protocol.money.fees import FeeTerms
from storage.ledger.accounts import (
    Kind,
    NotEnoughError,
    debt,
    earned,
    for_contract,
    for_release,
    for_return,
    for_tip,
    for_withdrawal,
    platform,
)
from storage.ledger.checking import find_within
from storage.ledger.postings import deposits, withdrawals
from storage.ledger.postings.holding import back, split
from storage.ledger.postings.platform import writeoff
from storage.ledger.postings.releases import Tip, tip
from storage.ledger.postings.sharing import Member, shares_of
from tests.databases import Databases
from tests.integration.ledger.books import Books

STEPS = ("top_up", "fund", "divide", "give_back", "clear", "refund", "tip", "withdraw",
         "settle_withdrawal", "return_deposit", "settle_return", "write_off")  # fmt: skip
MILESTONES = (900, 40, 333, 1, 7, 250)
TOTAL = sum(MILESTONES)

Step = tuple[str, int, int]
"""What to do, which of those that can be meant, and how many units of money."""
steps = st.lists(
    st.tuples(st.sampled_from(STEPS), st.integers(0, 5), st.integers(1, 60_000)),
    min_size=4,
    max_size=25,
)


@dataclass
class Run:
    """One example: what there is to go on with."""

    books: Books
    terms: FeeTerms
    team: list[Member]
    funded: list[int] = field(default_factory=list)
    unfunded: list[int] = field(default_factory=lambda: list(range(len(MILESTONES))))
    releases: list[UUID] = field(default_factory=list)
    paid_in: list[UUID] = field(default_factory=list)
    leaving: list[withdrawals.Withdrawal] = field(default_factory=list)
    returning: list[deposits.DepositReturn] = field(default_factory=list)

    async def begin(self) -> None:
        """Something to go on with: Anna can pay for all, some is held, some has cleared."""
        self.paid_in = [await self.books.top_up(TOTAL), await self.books.top_up(50)]
        for number in (0, 1, 2):
            await self.fund(0, Decimal(number))
        await self.divide(0, Decimal(600))
        await self.clear(0, Decimal(0))

    async def do(self, step: Step) -> None:
        """Take a step. Raises `NotEnoughError` where there is too little."""
        name, which, units = step
        amount = of_units(units, self.books.currency)
        await getattr(self, name)(which, amount)

    async def top_up(self, which: int, amount: Decimal) -> None:
        user = (self.books.anna, self.books.ben)[which % 2]
        made = await self.books.top_up(amount, of_units(which, self.books.currency), user)
        if user == self.books.anna:
            self.paid_in.append(made)

    async def fund(self, which: int, _amount: Decimal) -> None:
        if self.unfunded:
            number = self.unfunded[which % len(self.unfunded)]
            await self.books.fund(MILESTONES[number], number)
            self.unfunded.remove(number)
            self.funded.append(number)

    async def divide(self, which: int, amount: Decimal) -> None:
        if not self.funded:
            return
        number = self.funded.pop(which % len(self.funded))
        books, users = self.books, [member.user_id for member in self.team]
        accounts = [*for_release(books.contract, users, books.currency),
                    *for_contract(books.contract, books.anna, books.currency)]  # fmt: skip
        async with books.ledger(*accounts) as ledger:
            before = ledger.escrow_sums(books.contract).released
            gross = min(amount, Decimal(MILESTONES[number]))
            shares = shares_of(gross, self.terms, before, self.team)
            released = split(ledger, books.held(number), shares, books.now)
        assert released is not None
        self.releases += released.release_ids

    async def give_back(self, which: int, _amount: Decimal) -> None:
        if self.funded:
            number = self.funded.pop(which % len(self.funded))
            books = self.books
            accounts = for_contract(books.contract, books.anna, books.currency)
            async with books.ledger(*accounts) as ledger:
                back(ledger, books.held(number))

    async def clear(self, which: int, _amount: Decimal) -> None:
        waiting = [r for r in await self._released() if r["status"] == "pending"]
        if waiting:
            release = waiting[which % len(waiting)]
            await self.books.clear(release["id"], release["user_id"])

    async def refund(self, which: int, amount: Decimal) -> None:
        open_to = [r for r in await self._released() if r["refunded"] < r["gross"]]
        if open_to:
            release = open_to[which % len(open_to)]
            asked = min(amount, release["gross"] - release["refunded"])
            await self.books.refund(
                release["id"], asked, release["user_id"], beyond_earned=bool(which % 2)
            )
            if asked == release["gross"] - release["refunded"]:
                await self.books.status(release["id"], "reversed")

    async def tip(self, _which: int, amount: Decimal) -> None:
        books = self.books
        given = Tip(uuid4(), books.contract, books.anna, books.ben, amount, books.currency)
        async with books.ledger(*for_tip(books.anna, books.ben, books.currency)) as ledger:
            tip(ledger, given, books.now)
        self.releases.append(given.id)

    async def withdraw(self, which: int, amount: Decimal) -> None:
        user = (self.books.ben, self.books.carl)[which % 2]
        currency = self.books.currency
        async with self.books.ledger(*for_withdrawal(user, currency)) as ledger:
            has = ledger.balance(earned(user, currency))
            amount = min(amount, has) if has and which < 4 else amount
            asked = withdrawals.Withdrawal(uuid4(), user, amount, currency)
            withdrawals.withdrawal_requested(ledger, asked)
        await self.books.connection.execute(
            "insert into withdrawals (id, user_id, amount, currency) values ($1, $2, $3, $4)",
            *(asked.id, user, amount, self.books.currency),
        )
        self.leaving.append(asked)

    async def settle_withdrawal(self, which: int, _amount: Decimal) -> None:
        if not self.leaving:
            return
        asked = self.leaving.pop(which % len(self.leaving))
        async with self.books.ledger(*for_withdrawal(asked.user_id, asked.currency)) as ledger:
            if which < 2:
                withdrawals.withdrawal_paid(ledger, asked)
            else:
                withdrawals.withdrawal_given_back(ledger, asked, "failed")
            if which == 1:
                withdrawals.withdrawal_returned(ledger, asked)
            if which == 2:
                withdrawals.withdrawal_paid_after_all(ledger, asked)
        await self.books.connection.execute("delete from withdrawals where id = $1", asked.id)

    async def return_deposit(self, which: int, amount: Decimal) -> None:
        if not self.paid_in:
            return
        books, of = self.books, self.paid_in[which % len(self.paid_in)]
        asked = deposits.DepositReturn(uuid4(), of, books.anna, amount, Decimal(0), books.currency)
        async with books.ledger(*for_return(books.anna, books.currency)) as ledger:
            deposits.return_requested(ledger, asked)
        await books.connection.execute(
            "insert into deposit_returns (id, deposit_id, user_id, amount, currency, created_at,"
            " updated_at) values ($1, $2, $3, $4, $5, $6, $6)",
            *(asked.id, of, books.anna, amount, books.currency, books.now),
        )
        self.returning.append(asked)

    async def settle_return(self, which: int, _amount: Decimal) -> None:
        if not self.returning:
            return
        asked = self.returning.pop(which % len(self.returning))
        async with self.books.ledger(*for_return(asked.user_id, asked.currency)) as ledger:
            if which % 2:
                deposits.return_succeeded(ledger, asked)
            else:
                deposits.return_failed(ledger, asked)
            if which == 0:
                deposits.return_as_earned(ledger, asked)
        await self.books.connection.execute("delete from deposit_returns where id = $1", asked.id)

    async def write_off(self, which: int, amount: Decimal) -> None:
        user, currency = self.team[which % len(self.team)].user_id, self.books.currency
        accounts = [debt(user, currency), platform(Kind.ADJUSTMENT, currency)]
        async with self.books.ledger(*accounts) as ledger:
            writeoff(ledger, uuid4(), user, amount, currency)

    async def _released(self) -> list[asyncpg.Record]:
        found: list[asyncpg.Record] = await self.books.connection.fetch(
            "select * from releases where id = any($1) and client_id is not null order by id",
            self.releases,
        )
        return found


@pytest.fixture(scope="module")
def loop() -> Iterator[asyncio.Runner]:
    """Where all examples run."""
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="module")
def connection(loop: asyncio.Runner, databases: Databases) -> Iterator[asyncpg.Connection]:
    """The owner's connection to a database of the module's own."""

    @asynccontextmanager
    async def opened() -> AsyncIterator[asyncpg.Connection]:
        async with databases.migrated() as url:
            connection = await asyncpg.connect(databases.owners(url), timeout=10)
            try:
                yield connection
            finally:
                await connection.close()

    context = opened()
    yield loop.run(context.__aenter__())
    loop.run(context.__aexit__(None, None, None))


@pytest.mark.timeout(180)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps=steps, currency=st.sampled_from(("USD", "JPY")), fee=st.integers(0, 300))
def test_the_ledger_is_clean_after_each_posting(
    loop: asyncio.Runner,
    connection: asyncpg.Connection,
    steps: list[Step],
    currency: Literal["USD", "JPY"],
    fee: int,
) -> None:
    loop.run(_run(connection, steps, currency, Decimal(fee)))


async def _run(
    connection: asyncpg.Connection, steps: list[Step], currency: str, fee: Decimal
) -> None:
    outer = connection.transaction()
    await outer.start()
    try:
        books = await Books(connection, currency).make(MILESTONES)
        team = await books.team((books.ben, 6667), (books.carl, 3333))
        run = Run(books, FeeTerms(Decimal(TOTAL), fee, currency), team)
        await run.begin()
        for step in steps:
            try:
                await run.do(step)
                event(f"{step[0]} done")
            except NotEnoughError:
                event(f"{step[0]} refused")
            await connection.execute("set constraints all immediate; set constraints all deferred")
            assert await find_within(connection, books.now) == [], step
    finally:
        await outer.rollback()
