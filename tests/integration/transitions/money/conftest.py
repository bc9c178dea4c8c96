"""People with cards and accounts, contracts that wait for money, and a provider that answers."""

import asyncio
from collections.abc import AsyncIterator, Callable
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from handlers.resources import RESOURCES
from handlers.workflows import WORKFLOWS
from protocol.machine import Party
from server.http.resources import marketplace
from storage.workflows.asks import Ask
from tests.app import Person, Serve, Served
from tests.integration.transitions.conftest import Json, Market
from tests.wire import WAIT_S


class Bank:
    """What the tests of payments do besides asking."""

    def __init__(self, market: Market) -> None:
        self.market = market
        self.pool = market.pool
        self.payments = market.app.app.core.workflows.payments
        self.local = market.app.app.core.workflows.local

    async def ring(self, machine: str) -> None:
        """Carry out the timers of a machine that are due."""
        due = await self.pool.fetch(
            "select t.id, t.entity_id, t.action from timers t "
            "where t.machine = $1 and timer_due(t) <= workflow_now()", machine
        )  # fmt: skip
        for timer in due:
            key, action = timer["entity_id"], timer["action"]
            ask = Ask(WORKFLOWS[machine], action, key, party=Party.TIMER, timer=timer["id"])
            await self.market.app.app.core.workflows.executor.run(ask)

    async def card(self, person: Person, token: str = "tok_ok") -> str:
        """A payment method; the token says what happens."""
        body = {"provider_token": f"{token}-{uuid4()}", "type": "card"}
        made: str = (await self.market.done(person, "payment-methods", body=body))["id"]
        return made

    async def account(self, person: Person, token: str = "acct_ok", *, is_new: bool = False) -> str:
        """A payout method, which is old enough to be paid to."""
        body = {"provider_account_token": f"{token}-{uuid4()}", "type": "bank_transfer"}
        made: str = (await self.market.done(person, "payout-methods", body=body))["id"]
        if not is_new:
            await self.pool.execute(
                "update payout_methods set created_at = created_at - interval '4 days' "
                "where id = $1", UUID(made),
            )  # fmt: skip
        return made

    async def earn(self, person: Person, amount: str, currency: str = "USD") -> None:
        """Earned money out of nothing: the platform owes it, and has it in cash."""
        await self.market.app.as_owner(f"""
            with a as (
                insert into ledger_accounts (kind, user_id, currency, balance) values
                    ('wallet_earned', '{person.id}', '{currency}', {amount}) returning id
            ), c as (
                insert into ledger_accounts (kind, currency) values ('cash', '{currency}')
                on conflict do nothing returning id
            ), j as (
                insert into journals (business_key, kind) values ('test-{uuid4()}', 'test')
                returning id
            ), k as (
                select id from c union all
                select id from ledger_accounts where kind = 'cash' and currency = '{currency}'
                limit 1
            ), l as (
                insert into ledger_lots (id, account_id, currency, amount, created_at)
                select uuid7(), a.id, '{currency}', {amount}, now() from a
            )
            insert into journal_lines (id, journal_id, line, account_id, amount, currency)
            select uuid7(), j.id, 1, a.id, {amount}, '{currency}' from j, a
            union all select uuid7(), j.id, 2, k.id, -{amount}, '{currency}' from j, k
        """)

    async def verified(self, name: str) -> Person:
        """Somebody whose e-mail address is verified."""
        person = await self.market.app.person(name)
        await self.pool.execute(
            "update user_private set email_verified_at = now() where user_id = $1", person.id
        )
        return person

    async def staff(self, name: str = "Dora") -> Person:
        """Somebody of the platform."""
        person = await self.market.app.person(name)
        await self.pool.execute("update users set staff_role = 'admin' where id = $1", person.id)
        return person

    async def contract(
        self, client: Person, freelancer: Person, *amounts: str, status: str = "active"
    ) -> tuple[str, list[str]]:
        """A contract with a milestone of each amount: its id, and theirs."""
        contract, milestones = uuid4(), [uuid4() for _ in amounts]
        category = await self.market.category()
        total = sum(map(Decimal, amounts))
        rows = ", ".join(
            f"('{m}', '{contract}', {n}, 'Part {n}', {amount})"
            for n, (m, amount) in enumerate(zip(milestones, amounts, strict=True), 1)
        )
        await self.market.app.as_owner(f"""
            set session_replication_role = replica;
            insert into gigs (id, freelancer_id, title, slug, description, category_id, status)
            values ('{contract}', '{freelancer.id}', 'Film', '{contract}', 'A film', '{category}',
                    'active');
            insert into contracts (id, gig_id, client_id, freelancer_id, title, total_amount,
                                   status, idle_since)
            values ('{contract}', '{contract}', '{client.id}', '{freelancer.id}', 'Film', {total},
                    '{status}', now());
            insert into milestones (id, contract_id, seq, title, amount) values {rows};
            insert into contract_members (contract_id, user_id, role, share_bp)
            values ('{contract}', '{freelancer.id}', 'lead', 10000);
            set session_replication_role = origin;
        """)
        return str(contract), [str(m) for m in milestones]

    async def until(self, person: Person, path: str, **wanted: Any) -> Json:
        """The row once it is as wanted: what the provider says comes soon after."""
        row: Json = {}
        async with asyncio.timeout(WAIT_S):
            while not row or any(row[name] != value for name, value in wanted.items()):
                await self.pool.execute("select pg_sleep(0.02)")
                row = await self.market.read(person, path)
        return row

    async def settled(self, holds: Callable[[], bool] | None = None) -> None:
        """Once nothing is left to be called, sent or applied by now."""
        query = """
            select (select count(*) from outbox where consumer = 'payments')
                 + (select count(*) from local_provider_events
                    where sent < times and due_at <= workflow_now())
                 + (select count(*) from provider_events
                    where state = 'waiting' and (attempts = 0 or next_attempt_at <= workflow_now()))
        """
        async with asyncio.timeout(WAIT_S):
            while await self.pool.fetchval(query) or (holds is not None and not holds()):
                await self.pool.execute("select pg_sleep(0.02)")

    async def sums(self, currency: str = "USD") -> dict[str, Decimal]:
        """What each kind of account comes to by its lines; all of them add up to nothing."""
        rows = await self.pool.fetch(
            "select a.kind, sum(l.amount) as amount from journal_lines l "
            "join ledger_accounts a on a.id = l.account_id where l.currency = $1 group by 1",
            currency,
        )
        assert not sum(row["amount"] for row in rows)
        wrong = await self.pool.fetchval(
            "select count(*) from ledger_accounts a where a.kind not in "
            "('fee', 'cash', 'cost', 'adjustment') and a.balance <> "
            "(select coalesce(sum(l.amount), 0) from journal_lines l where l.account_id = a.id)"
        )
        assert wrong == 0
        return {row["kind"]: row["amount"] for row in rows if row["amount"]}


@pytest.fixture(autouse=True)
def every_resource(monkeypatch: pytest.MonkeyPatch) -> None:
    """Contracts have paths here, whoever makes them."""
    monkeypatch.setattr(marketplace, "SHOWN", RESOURCES)


@pytest.fixture
async def bank(market: Market) -> Bank:
    """Cards, accounts and what the provider says."""
    return Bank(market)


@pytest.fixture
async def app(serve: Serve) -> AsyncIterator[Served]:
    """With paths for everything."""
    async with serve() as served:
        yield served
