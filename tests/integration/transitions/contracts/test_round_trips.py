"""How often a transition asks PostgreSQL: a count, which no busy machine changes."""

from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from handlers.resources import RESOURCES
from handlers.workflows import WORKFLOWS
from handlers.workflows.money.paying import Pay
from storage.database.idempotency import IdempotencyKey
from storage.database.postgres import connect_pool
from storage.resources.store import ResourceStore
from storage.workflows.asks import Ask
from storage.workflows.executor import Executor
from tests.app import Person
from tests.integration.transitions.contracts.conftest import Deals, deal_of

Act = Callable[..., Any]


@pytest.fixture
async def asked() -> list[str]:
    """The statements of the executor at hand, in order."""
    return []


@pytest.fixture
async def act(deals: Deals, asked: list[str]) -> AsyncIterator[Act]:
    """Acts as the door does, by an executor whose one connection tells each statement."""
    dsn = deals.app.settings.database_url
    assert dsn is not None
    pool = await connect_pool(dsn, size=1, statement_timeout_ms=5000)
    async with pool.acquire() as connection:
        connection.add_query_logger(lambda told: asked.append(told.query))
    store = ResourceStore(pool, RESOURCES)
    executor = Executor(pool, WORKFLOWS, lambda path: store.showing(RESOURCES[path]))

    async def carried_out(
        person: Person, machine: str, key: str, action: str, body: Any = None
    ) -> None:
        once = IdempotencyKey(person.id, "POST", f"/v1/{machine}/{action}", str(uuid4()), b"hash")
        ask = Ask(WORKFLOWS[machine], action, UUID(key), person.id, body, idempotency=once)
        done = await executor.run(ask)
        assert done is not None
        assert (done.actions is None) is (done.status == 202)

    yield carried_out
    await pool.close()


async def test_an_approval_is_seven_round_trips(deals: Deals, act: Act, asked: list[str]) -> None:
    deal = await deal_of(deals, ("300", "300", "400"))
    # The first learns the types of the rows that are read.
    for number in (1, 2):
        await deal.fund(number)
        await deal.submit(number)
        asked.clear()
        await act(deal.client, "milestone", deal.parts[number - 1], "approve")
    # Begin; the key, what is seen and the locks; the row with what is beside it; the accounts; the
    # write; the answer, shown and kept; commit.
    assert len(asked) == 7, told(asked)


async def test_an_acceptance_is_eight_round_trips(deals: Deals, act: Act, asked: list[str]) -> None:
    client, freelancer, other = await deals.app.people("Clara", "Fred", "Otto")
    for _ in range(2):
        job = await deals.job(client)
        proposal = await deals.proposal(job, freelancer)
        await deals.proposal(job, other)
        asked.clear()
        await act(client, "proposal", proposal["id"], "accept")
    # As an approval without accounts; and the proposals that wait, and the fees.
    assert len(asked) == 8, told(asked)


async def test_a_payment_is_nine_round_trips(deals: Deals, act: Act, asked: list[str]) -> None:
    deal = await deal_of(deals, ("300", "300", "400"))
    card = {"provider_token": f"tok_ok-{uuid4()}", "type": "card"}
    method = (await deals.done(deal.client, "payment-methods", body=card))["id"]
    for number in (1, 2):
        asked.clear()
        body = Pay(payment_method_id=UUID(method))
        await act(deal.client, "milestone", deal.parts[number - 1], "fund", body)
    # As an approval without accounts; and the method, the fees, an earlier use of the key.
    assert len(asked) == 9, told(asked)
    assert sum("payment_methods" in statement for statement in asked) == 1, told(asked)


def told(asked: list[str]) -> str:
    """The beginnings of statements."""
    return "\n".join(" ".join(statement.split())[:150] for statement in asked)
