"""What is there when an action is judged may be spent before it is booked: that is a refusal."""

import asyncio
from collections.abc import Coroutine
from decimal import Decimal
from typing import Any, TypeVar

from tests.app import Person
from tests.integration.transitions.conftest import Market
from tests.integration.transitions.contracts.conftest import Deals
from tests.integration.transitions.money.conftest import Bank
from tests.wire import WAIT_S

T = TypeVar("T")


async def in_turn(
    market: Market, person: Person, kind: str, *requests: Coroutine[Any, Any, T]
) -> list[T]:
    """Requests that are all judged before the first of them books on an account."""
    asked = []
    async with market.pool.acquire() as connection, connection.transaction():
        await connection.execute(
            "SELECT FROM ledger_accounts WHERE user_id = $1 AND kind = $2 FOR UPDATE",
            person.id, kind,
        )  # fmt: skip
        for number, request in enumerate(requests, 1):
            asked.append(asyncio.create_task(request))
            async with asyncio.timeout(WAIT_S):
                while await market.pool.fetchval(_WAITING) < number:
                    await connection.execute("SELECT pg_sleep(0.02)")
    return await asyncio.gather(*asked)


_WAITING = """
SELECT count(DISTINCT l.pid) FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
WHERE NOT l.granted AND a.datname = current_database()
"""


async def test_a_refund_of_what_is_spent_meanwhile(bank: Bank, market: Market) -> None:
    client, freelancer, other = await market.app.people("Ada", "Ben", "Cy")
    await market.fund(client, "300")
    contract = await market.contract(client, freelancer, ["300"])
    [milestone] = await market.milestones(client, contract)
    held = f"milestones/{milestone['id']}"
    await market.done(client, held, "fund", {"wallet": True})
    await market.done(freelancer, held, "submit", {"description": "Done"})
    await market.done(client, held, "approve")
    [release] = await market.rows(freelancer, f"releases?milestone_id={milestone['id']}")
    await market.clock(days=5, seconds=1)
    assert await Deals(market.app).ring("release", release["id"], "clear")
    body = {"release_id": release["id"], "amount": "100", "reason": "The sound is missing."}
    refund = f"refunds/{(await market.done(client, 'refunds', body=body))['id']}"
    own = await market.contract(freelancer, other, ["270"])
    [part] = await market.milestones(freelancer, own)
    spent, refunded = await in_turn(
        market, freelancer, "wallet_earned",
        market.act(freelancer, f"milestones/{part['id']}", "fund", {"wallet": True}),
        market.act(freelancer, refund, "approve"),
    )  # fmt: skip
    assert (spent.status, refunded.status) == (200, 409), refunded.body
    assert refunded.body["error"]["details"] == {"missing": "90.00", "currency": "USD"}
    assert (await market.read(client, refund))["status"] == "requested"


async def test_a_lot_that_is_spent_meanwhile_is_not_made_earned(bank: Bank, market: Market) -> None:
    client, other = await market.app.people("Ada", "Ben")
    staff = await bank.staff()
    body = {"amount": "100", "currency": "USD"}
    body["payment_method_id"] = await bank.card(client, "tok_ok+dead")
    deposit = f"deposits/{(await market.done(client, 'deposits', body=body))['id']}"
    await bank.until(client, deposit, status="captured")
    made = await market.done(client, deposit, "return")
    path = f"deposit-returns/{made['id']}"
    # The provider has refused it four times.
    await bank.settled()
    await bank.pool.execute("UPDATE deposit_returns SET attempts = 4")
    await market.clock(hours=7)
    assert await Deals(market.app).ring("deposit_return", made["id"], "retry")
    await bank.until(client, path, status="failed")
    await bank.pool.execute(
        "INSERT INTO identity_verifications (user_id, kind, status)"
        " VALUES ($1, 'passport', 'pending')",
        client.id,
    )
    await bank.pool.execute("UPDATE identity_verifications SET status = 'approved'")
    contract = await market.contract(client, other, ["60"])
    [part] = await market.milestones(client, contract)
    spent, earned = await in_turn(
        market, client, "wallet_funded",
        market.act(client, f"milestones/{part['id']}", "fund", {"wallet": True}),
        market.act(staff, path, "make-earned"),
    )  # fmt: skip
    assert (spent.status, earned.status) == (200, 409), earned.body
    assert earned.body["error"]["details"]["missing"] == "60.00"
    assert await market.wallet(client) == {"funded": Decimal(40)}
