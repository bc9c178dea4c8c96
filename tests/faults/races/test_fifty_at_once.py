"""Fifty ask at once for what only one can have, or for what cannot both happen."""

import asyncio
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from protocol.text import format_time
from tests.faults.races.conftest import FIFTY, Race, asked
from tests.integration.transitions.conftest import Json
from tests.integration.transitions.contracts.conftest import Deal
from tests.integration.transitions.contracts.test_ends import share
from tests.wire import WAIT_S

pytestmark = pytest.mark.timeout(180)


async def _wires(race: Race, deal: Deal) -> dict[Any, Any]:
    """A connection of each party, one to each node."""
    parties = (deal.client, deal.freelancer)
    return {p: await node.connect(p) for p, node in zip(parties, race.nodes, strict=True)}


async def test_one_of_five_proposals_is_accepted(race: Race) -> None:
    market = race.markets[0]
    client, *freelancers = await race.nodes[0].people("Ada", *"BCDEF")
    wire = await race.nodes[1].connect(client)
    job = await market.job(client)
    proposals = [await market.proposal(job, freelancer) for freelancer in freelancers]
    requests = [
        asked(client, f"proposals/{p['id']}", "accept", None, **{"If-Match": f'"{p["version"]}"'})
        for p in proposals * (FIFTY // 5)
    ]
    assert await race.run(requests) == {("accept", 201): 1, ("accept", 409): FIFTY - 1}

    rows = await market.rows(client, f"proposals?job_id={job['id']}")
    assert sorted(row["status"] for row in rows) == ["accepted", *["rejected"] * 4]
    assert await race.pool.fetchval("SELECT count(*) FROM contracts") == 1
    assert await race.times("job", job["id"], "award") == 1
    (won,) = [row["id"] for row in rows if row["status"] == "accepted"]
    assert await race.told(wire, client, "proposal.accepted", won) == 1


async def test_it_is_approved_by_the_client_or_by_its_timer(race: Race) -> None:
    deal = await race.deal("300", "700")
    wires = await _wires(race, deal)
    timers = [node.app.core.workflows.timers for node in race.nodes]
    await asyncio.gather(*(poller.turn() for poller in timers))
    await deal.fund()
    await deal.submit()
    await deal.market.clock(days=14)
    await race.pool.execute(
        "UPDATE timers t SET told_at = timer_due(t) WHERE t.kind = 'reminder'"
        " AND timer_due(t) <= workflow_now()"
    )
    requests = [asked(deal.client, deal.where(1), "approve")] * FIFTY
    answers = await race.run(requests, *(poller.turn for poller in timers))

    assert answers[("approve", 200)] <= 1
    assert answers.total() == FIFTY
    part = deal.parts[0]
    for action in ("approve", "pay"):
        assert await race.times("milestone", part, action) == 1
    assert await race.journals(f"release:{part}") == 1
    assert await race.pool.fetchval("SELECT count(*) FROM releases") == 1
    left = "SELECT count(*) FROM timers WHERE entity_id = $1::uuid"
    assert await race.pool.fetchval(left, part) == 0
    for person, wire in wires.items():
        assert await race.told(wire, person, "milestone.paid", part) == 1


async def test_the_whole_balance_is_withdrawn_once(race: Race) -> None:
    deal = await race.deal("300", "700")
    freelancer, market = deal.freelancer, race.markets[0]
    wire = await race.nodes[1].connect(freelancer)
    await deal.paid()
    release = (await deal.release_of())["id"]
    await market.clock(days=5, seconds=1)
    assert await deal.market.ring("release", release, "clear")
    await race.pool.execute(
        "UPDATE user_private SET email_verified_at = now() WHERE user_id = $1", freelancer.id
    )
    body = {"provider_account_token": f"acct_ok-{uuid4()}", "type": "bank_transfer"}
    method = (await market.done(freelancer, "payout-methods", body=body))["id"]
    await market.clock(days=4)
    whole = {"amount": "270", "currency": "USD", "payout_method_id": method}
    answers = await race.run([asked(freelancer, "withdrawals", "", whole)] * FIFTY)

    assert answers == {("withdrawals", 201): 1, ("withdrawals", 409): FIFTY - 1}
    assert await market.wallet(freelancer) == {"withdrawing": Decimal(270)}
    assert await race.journals("withdraw:%") == 1
    (row,) = await market.rows(freelancer, "withdrawals")
    assert await race.told(wire, freelancer, "withdrawal.requested", row["id"]) == 1


async def test_it_is_funded_once(race: Race) -> None:
    deal = await race.deal("300", "700")
    wires = await _wires(race, deal)
    requests = [asked(deal.client, deal.where(1), "fund", {"wallet": True})] * FIFTY
    assert await race.run(requests) == {("fund", 200): 1, ("fund", 409): FIFTY - 1}

    assert await race.journals("fund:%") == 1
    assert await race.times("milestone", deal.parts[0], "hold") == 1
    assert (await deal.wallets())[0] == {"funded": Decimal(1700)}
    for person, wire in wires.items():
        assert await race.told(wire, person, "milestone.in_progress", deal.parts[0]) == 1


async def test_it_is_disputed_or_released(race: Race) -> None:
    deal = await race.deal("300", "700")
    wires = await _wires(race, deal)
    await deal.fund()
    await deal.submit()
    dispute = {
        "contract_id": deal.id,
        "type": "quality",
        "title": "The sound is missing",
        "description": "Half of the film has no sound.",
        "split": [share(deal.parts[0], "300", "0")],
    }
    requests = [
        asked(deal.client, deal.where(1), "approve"),
        asked(deal.freelancer, "disputes", "", dispute),
    ] * (FIFTY // 2)
    answers = await race.run(requests)

    raised, approved = answers[("disputes", 201)], answers[("approve", 200)]
    assert (raised, approved) in {(1, 0), (0, 1)}
    assert answers.total() == FIFTY
    assert await race.pool.fetchval("SELECT count(*) FROM disputes") == raised
    assert await race.times("contract", deal.id, "dispute") == raised
    assert await race.times("milestone", deal.parts[0], "approve") == approved
    assert await race.journals("release:%") == approved
    for person, wire in wires.items():
        assert await race.told(wire, person, "milestone.paid", deal.parts[0]) == approved
        assert await race.told(wire, person, "contract.disputed", deal.id) == raised


async def test_it_is_cancelled_whatever_is_handed_in(race: Race) -> None:
    deal = await race.deal("300", "700")
    wires = await _wires(race, deal)
    await deal.fund()
    said = {
        "contract_id": deal.id,
        "reason": "It rains.",
        "split": [share(deal.parts[0], "200", "100")],
    }
    proposed: Json = await race.markets[0].done(deal.client, "contract-cancellations", body=said)
    path = f"contract-cancellations/{proposed['id']}"
    requests = [
        asked(deal.freelancer, path, "agree"),
        asked(deal.freelancer, deal.where(1), "submit", {"description": "Here it is."}),
    ] * (FIFTY // 2)
    answers = await race.run(requests)

    assert answers[("agree", 200)] == 1
    assert answers[("submit", 200)] <= 1
    assert answers.total() == FIFTY
    assert await deal.status() == "cancelled"
    assert await race.times("contract", deal.id, "agree") == 1
    assert await race.times("milestone", deal.parts[0], "submit") == answers[("submit", 200)]
    assert await race.journals("release:%") == 1
    assert await race.journals("back:%") == 1
    assert await deal.wallets() == ({"funded": Decimal(1900)}, {"pending": Decimal(90)})
    for person, wire in wires.items():
        assert await race.told(wire, person, "contract.cancelled", deal.id) == 1


async def test_what_has_waited_for_another_is_later_than_it(race: Race) -> None:
    """The time is read under the locks: else a history would tell things in another order."""
    deal = await race.deal("300", "700")
    await deal.fund()
    waits = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    async with race.pool.acquire() as connection, connection.transaction():
        lock = "SELECT FROM contracts WHERE id = $1::uuid FOR UPDATE"
        await connection.execute(lock, deal.id)
        waiting = asyncio.create_task(deal.submit())
        async with asyncio.timeout(WAIT_S):
            while not await race.pool.fetchval(waits):
                await asyncio.sleep(0.01)
        await deal.market.clock(days=1)
        began = await race.pool.fetchval("SELECT workflow_now()")
    assert (await waiting)["submitted_at"] >= format_time(began)
