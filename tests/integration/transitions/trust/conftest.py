"""Contracts with money in them, and timers that are done when their time has come."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from handlers.workflows import WORKFLOWS
from protocol.machine import Party
from storage.workflows.asks import Ask
from tests.app import Answer, Person, Served
from tests.integration.transitions.conftest import Json, Market

_WRONG = """
WITH sums AS (
    SELECT a.id, a.kind, a.balance,
           (SELECT coalesce(sum(l.amount), 0) FROM journal_lines l
            WHERE l.account_id = a.id) AS lines,
           (SELECT coalesce(sum(l.amount), 0) FROM ledger_lots l WHERE l.account_id = a.id) AS lots,
           (SELECT coalesce(sum(r.net - r.refunded + r.refunded_fee), 0) FROM releases r
            WHERE r.user_id = a.user_id AND r.currency = a.currency
              AND r.status IN ('pending', 'frozen')) AS released
    FROM ledger_accounts a WHERE a.kind NOT IN ('fee', 'cash', 'cost', 'adjustment')
)
SELECT s.* FROM sums s
WHERE s.balance <> s.lines
   OR (s.kind IN ('wallet_funded', 'wallet_earned', 'escrow') AND s.balance <> s.lots)
   OR (s.kind = 'pending' AND s.balance <> s.released)
"""


@dataclass
class Deal:
    """A contract that is worked on, and how what is there is split."""

    market: Market
    client: Person
    freelancer: Person
    contract: Json
    milestones: list[Json]

    @property
    def path(self) -> str:
        """The contract's path."""
        return f"contracts/{self.contract['id']}"

    async def funded(self, *numbers: int) -> None:
        """Hold money for these milestones, counted from 1."""
        for number in numbers:
            milestone = self.milestones[number - 1]
            path = f"milestones/{milestone['id']}"
            await self.market.done(self.client, path, "fund", {"wallet": True})

    async def submitted(self, *numbers: int) -> None:
        """Fund these and hand in what was asked for."""
        await self.funded(*numbers)
        for number in numbers:
            path = f"milestones/{self.milestones[number - 1]['id']}"
            await self.market.done(self.freelancer, path, "submit", {"description": "Done"})

    async def paid(self, *numbers: int) -> list[str]:
        """Fund these, hand in and approve: the ids of their releases."""
        await self.submitted(*numbers)
        found = []
        for number in numbers:
            key = self.milestones[number - 1]["id"]
            await self.market.done(self.client, f"milestones/{key}", "approve")
            rows = await self.market.rows(self.freelancer, f"releases?milestone_id={key}")
            found.append(rows[0]["id"])
        return found

    def held(self, number: int, client: str, freelancer: str) -> Json:
        """What each gets of what is held for a milestone."""
        key = self.milestones[number - 1]["id"]
        return {"milestone_id": key, "client_amount": client, "freelancer_amount": freelancer}

    async def raised(self, by: Person, *items: Json, **more: Any) -> Json:
        """A dispute with the raiser's split."""
        return await self.market.done(by, "disputes", body=self.complaint(*items, **more))

    def complaint(self, *items: Json, **more: Any) -> Json:
        """The body by which a dispute is raised."""
        body = {
            "contract_id": self.contract["id"],
            "type": "quality",
            "title": "The sound is missing",
            "description": "Half of the film has no sound.",
            "split": list(items),
        }
        return body | more

    async def answered(self, dispute: Json, by: Person, *items: Json, **more: Any) -> Json:
        """The other side's answer."""
        body = {"answer": "It was agreed so.", "split": list(items), **more}
        return await self.market.done(by, f"disputes/{dispute['id']}", "respond", body)

    async def status(self) -> str:
        """The contract's state; a copy of the row may be older for a moment."""
        statement = "SELECT status FROM contracts WHERE id = $1::uuid"
        found: str = await self.market.pool.fetchval(statement, self.contract["id"])
        return found

    async def states(self) -> list[str]:
        """The states of the milestones in their order."""
        return [m["status"] for m in await self.market.milestones(self.client, self.contract)]


@dataclass
class Trust:
    """Staff, deals and timers."""

    app: Served
    market: Market

    async def deal(self, *amounts: str, currency: str = "USD", money: str = "1000") -> Deal:
        """A contract between two new people, of whom the client has money."""
        client, freelancer = await self.app.people("Ada", "Ben")
        await self.market.fund(client, money, currency)
        contract = await self.market.contract(client, freelancer, amounts, currency=currency)
        milestones = await self.market.milestones(client, contract)
        return Deal(self.market, client, freelancer, contract, milestones)

    async def staff(self) -> Person:
        """Somebody who is staff."""
        person = await self.app.person("Sue")
        await self.market.pool.execute(
            "UPDATE users SET staff_role = 'support' WHERE id = $1", person.id
        )
        return person

    async def timers(self) -> list[str]:
        """Do all that is due, reminders first; what was done, as `machine.action`."""
        pool, executor = self.market.pool, self.app.app.core.workflows.executor
        await pool.execute(
            "UPDATE timers t SET told_at = timer_due(t) WHERE t.kind = 'reminder'"
            " AND t.told_at IS NULL AND timer_due(t) <= workflow_now()"
        )
        due = await pool.fetch(
            "SELECT t.id, t.machine, t.entity_id, t.action FROM timers t"
            " WHERE t.kind = 'transition' AND timer_due(t) <= workflow_now() ORDER BY timer_due(t)"
        )
        done = []
        for timer in due:
            workflow, action = WORKFLOWS[timer["machine"]], timer["action"]
            key, timer_id = timer["entity_id"], timer["id"]
            ask = Ask(workflow, action, key, party=Party.TIMER, timer=timer_id)
            if await executor.run(ask) is not None:
                done.append(f"{timer['machine']}.{action}")
        return done

    async def ledger_is_clean(self) -> None:
        """Balances are the sums of lines and of lots, and what is pending that of releases."""
        assert not await self.market.pool.fetch(_WRONG)


@pytest.fixture
async def trust(app: Served, market: Market) -> AsyncIterator[Trust]:
    """What the tests of trust do; the ledger is clean after each."""
    found = Trust(app, market)
    yield found
    await found.ledger_is_clean()


def shared(release: str, client: str, freelancer: str) -> Json:
    """What each gets of a release."""
    return {"release_id": release, "client_amount": client, "freelancer_amount": freelancer}


def refused(answer: Answer, status: int) -> Json:
    """What is told of a refusal, which has this status."""
    assert answer.status == status, answer.body
    told: Json = answer.body["error"]
    return told
