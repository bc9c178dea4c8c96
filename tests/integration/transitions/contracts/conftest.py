"""A contract between two people, with money at hand, and a clock that can be moved."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from handlers.workflows import WORKFLOWS
from protocol.machine import Party
from storage.workflows.asks import Ask
from tests.app import Person, Served
from tests.integration.transitions.conftest import Json, Market


class Deals(Market):
    """A market in which contracts are at hand."""

    async def ring(self, machine: str, key: str, action: str) -> bool:
        """Do what a timer does, if it is due; reminders are taken for told as they came due."""
        executor = self.app.app.core.workflows.executor
        await self.pool.execute(
            "UPDATE timers t SET told_at = timer_due(t) WHERE t.kind = 'reminder'"
            " AND t.entity_id = $1::uuid AND timer_due(t) <= workflow_now()",
            key,
        )
        timer = await self.pool.fetchval(
            "SELECT t.id FROM timers t WHERE t.machine = $1 AND t.entity_id = $2::uuid"
            " AND t.action = $3 AND t.kind = 'transition'",
            machine, key, action,
        )  # fmt: skip
        if timer is None:
            return False
        ask = Ask(WORKFLOWS[machine], action, UUID(key), timer=timer, party=Party.TIMER)
        return await executor.run(ask) is not None

    async def timers(self, key: str) -> dict[str, str]:
        """The actions that a row waits for, with the settings that say how long."""
        found = await self.pool.fetch(
            "SELECT action, setting FROM timers WHERE entity_id = $1::uuid AND kind = 'transition'",
            key,
        )
        return {row["action"]: row["setting"] for row in found}


class Deal:
    """A contract that is worked on, with what its parties do."""

    def __init__(self, market: Deals, client: Person, freelancer: Person, contract: Json) -> None:
        self.market = market
        self.client = client
        self.freelancer = freelancer
        self.contract = contract
        self.id = contract["id"]
        self.path = f"contracts/{self.id}"
        self.parts: list[str] = []

    async def job(self) -> str:
        """The state of the job that the contract is for."""
        return str(
            (await self.market.read(self.client, f"jobs/{self.contract['job_id']}"))["status"]
        )

    async def status(self) -> str:
        """The state of the contract."""
        return str((await self.market.read(self.client, self.path))["status"])

    async def part(self, number: int) -> Json:
        """A milestone, as the client reads it."""
        return await self.market.read(self.client, self.where(number))

    def where(self, number: int) -> str:
        """The path of a milestone."""
        return f"milestones/{self.parts[number - 1]}"

    async def fund(self, number: int = 1) -> Json:
        """The client funds a milestone from the wallet."""
        return await self.market.done(self.client, self.where(number), "fund", {"wallet": True})

    async def submit(self, number: int = 1) -> Json:
        """The freelancer hands in."""
        body = {"description": "Here it is."}
        return await self.market.done(self.freelancer, self.where(number), "submit", body)

    async def approve(self, number: int = 1) -> Json:
        """The client approves."""
        return await self.market.done(self.client, self.where(number), "approve")

    async def send_back(self, number: int = 1) -> Json:
        """The client asks for a revision."""
        where = self.where(number)
        return await self.market.done(self.client, where, "request-revision", {"notes": "Again"})

    async def paid(self, number: int = 1) -> None:
        """A milestone is funded, handed in and approved."""
        await self.fund(number)
        await self.submit(number)
        await self.approve(number)

    async def release_of(self, number: int = 1) -> Json:
        """The one release of a milestone."""
        path = f"releases?milestone_id={self.parts[number - 1]}"
        (found,) = await self.market.rows(self.freelancer, path)
        return found

    async def wallets(self) -> tuple[Json, Json]:
        """What the client and the freelancer have."""
        market = self.market
        return await market.wallet(self.client), await market.wallet(self.freelancer)


@pytest.fixture
async def deals(app: Served) -> Deals:
    """The marketplace of the app at hand."""
    return Deals(app)


async def deal_of(
    deals: Deals, amounts: Sequence[str] = ("300", "700"), currency: str = "USD"
) -> Deal:
    """A contract that has been taken; the client's wallet holds its total."""
    client, freelancer = await deals.app.people("Clara", "Fred")
    contract = await deals.contract(client, freelancer, amounts, currency=currency)
    deal = Deal(deals, client, freelancer, contract)
    await deals.pool.execute(
        "UPDATE contracts SET revisions_allowed = 2 WHERE id = $1::uuid", deal.id
    )
    await deals.fund(client, str(sum(map(Decimal, amounts))), currency)
    parts = await deals.rows(client, f"milestones?contract_id={deal.id}&sort=seq")
    deal.parts = [part["id"] for part in parts]
    return deal


@pytest.fixture
async def deal(deals: Deals) -> Deal:
    """A contract of two milestones of 300 and 700, and a wallet that holds 1000."""
    return await deal_of(deals)


@pytest.fixture(autouse=True)
async def clean(app: Served) -> Any:
    """After each test the ledger adds up."""
    yield
    wrong = await app.app.core.foundation.pool.fetch(_WRONG)
    assert [tuple(row) for row in wrong] == []


_WRONG = """
WITH held AS (
    SELECT m.contract_id, sum(m.amount) AS amount FROM milestones m
    WHERE m.status IN ('in_progress', 'submitted') GROUP BY m.contract_id
), lines AS (
    SELECT l.account_id, sum(l.amount) AS amount FROM journal_lines l GROUP BY l.account_id
), lots AS (
    SELECT l.account_id, sum(l.amount) AS amount FROM ledger_lots l GROUP BY l.account_id
), uncleared AS (
    SELECT r.user_id, r.currency, sum(r.net - r.refunded + r.refunded_fee) AS amount
    FROM releases r WHERE r.status IN ('pending', 'frozen') GROUP BY r.user_id, r.currency
)
SELECT 'lines', a.id::text FROM ledger_accounts a LEFT JOIN lines l ON l.account_id = a.id
WHERE a.kind NOT IN ('fee', 'cash', 'cost', 'adjustment') AND a.balance <> coalesce(l.amount, 0)
UNION ALL
SELECT 'lots', a.id::text FROM ledger_accounts a LEFT JOIN lots l ON l.account_id = a.id
WHERE a.kind IN ('wallet_funded', 'wallet_earned', 'escrow')
  AND a.balance <> coalesce(l.amount, 0)
UNION ALL
SELECT 'zero', l.currency FROM journal_lines l GROUP BY l.currency HAVING sum(l.amount) <> 0
UNION ALL
SELECT 'escrow', e.contract_id::text FROM escrows e
LEFT JOIN held h USING (contract_id) LEFT JOIN ledger_accounts a USING (contract_id)
WHERE e.held_amount <> coalesce(h.amount, 0) OR e.held_amount <> coalesce(a.balance, 0)
UNION ALL
SELECT 'pending', a.user_id::text FROM ledger_accounts a
LEFT JOIN uncleared u ON u.user_id = a.user_id AND u.currency = a.currency
WHERE a.kind = 'pending' AND a.balance <> coalesce(u.amount, 0)
UNION ALL
SELECT 'timers', t.entity_id::text FROM timers t JOIN held h ON h.contract_id = t.entity_id
WHERE t.machine = 'contract' AND t.action = 'end'
"""
"""What is wrong with the ledger, or with what is timed by it."""
