"""A proposal is accepted: one contract, with all that belongs to it, and no other proposal left."""

import asyncio
import datetime as dt
import hashlib

import pytest

from tests.integration.transitions.conftest import Market


@pytest.fixture
async def people(market: Market):
    """A client and two freelancers."""
    return await market.app.people("Ada", "Ben", "Cleo")


BOTH = "WHERE $1::uuid <> $2::uuid"
"""Where a statement is not about the two people."""


def match(proposal):
    """The header that names the version that was read."""
    return {"If-Match": f'"{proposal["version"]}"'}


async def test_an_accepted_proposal_becomes_a_contract(market, people):
    client, ben, cleo = people
    job = await market.job(client)
    plan = [
        {"title": "Film", "amount": "300", "due_date": "2040-02-01T12:00:00Z"},
        {"title": "Cut", "amount": 700, "description": "With titles."},
    ]
    offered = await market.proposal(
        job, ben, amount="1000", milestones=plan, timeline_days=10, revisions=3
    )
    other = await market.proposal(job, cleo)

    contract = await market.done(
        client, f"proposals/{offered['id']}", "accept", headers=match(offered)
    )
    today = dt.datetime.now(dt.UTC).date()
    assert contract["status"] == "pending_acceptance"
    assert (contract["client_id"], contract["freelancer_id"]) == (str(client.id), str(ben.id))
    assert (contract["job_id"], contract["proposal_id"]) == (job["id"], offered["id"])
    assert (contract["title"], contract["scope_of_work"]) == (job["title"], "I have two cameras.")
    amounts = (contract["total_amount"], contract["platform_fee"], contract["payout"])
    assert amounts == ("1000.00", "100.00", "900.00")
    assert contract["revisions_allowed"] == 3
    assert contract["deadline"] == str(today + dt.timedelta(days=10))
    assert contract["available_actions"] == ["cancel"]

    parts = await market.milestones(ben, contract)
    named = ("seq", "title", "description", "amount", "due_date", "status")
    assert [tuple(part[name] for name in named) for part in parts] == [
        (1, "Film", None, "300.00", "2040-02-01T12:00:00.000Z", "pending"),
        (2, "Cut", "With titles.", "700.00", None, "pending"),
    ]
    (member,) = await market.rows(ben, f"contract-members?contract_id={contract['id']}")
    assert (member["user_id"], member["share_bp"]) == (str(ben.id), 10_000)
    (escrow,) = await market.rows(client, f"escrows?contract_id={contract['id']}")
    assert (escrow["held_amount"], escrow["status"]) == ("0.00", "active")

    assert (await market.read(client, f"jobs/{job['id']}"))["status"] == "in_progress"
    won = await market.read(ben, f"proposals/{offered['id']}")
    assert (won["status"], won["available_actions"]) == ("accepted", [])
    assert (await market.read(cleo, f"proposals/{other['id']}"))["status"] == "rejected"
    assert await market.history("contract", contract["id"]) == ["pending_acceptance"]


async def test_the_terms_say_what_was_agreed_and_are_hashed(market, people):
    client, ben, _ = people
    offered = await market.proposal(await market.job(client), ben, amount="1000.50")
    contract = await market.accepted(client, offered)
    assert "Total: 1000.50 USD" in contract["terms"]
    assert "1. Film our opening: 1000.50 USD" in contract["terms"]
    stored = await market.pool.fetchval(
        "SELECT terms_hash FROM contracts WHERE id = $1::uuid", contract["id"]
    )
    assert stored == hashlib.sha256(contract["terms"].encode()).digest()


async def test_the_parties_have_a_conversation_that_tells_of_it(market, people):
    client, ben, cleo = people
    offered = await market.proposal(await market.job(client), ben)
    contract = await market.accepted(client, offered)
    path = f"conversations/{contract['conversation_id']}"
    for person in (client, ben):
        (message,) = await market.rows(person, f"{path}/messages")
        assert (message["type"], message["sender_id"]) == ("system", str(client.id))
        said = message["system"]
        assert (said["action"], said["resource_id"]) == ("proposal.accept", contract["id"])
    hidden = await market.app.http("GET", f"/v1/{path}", cleo)
    assert hidden.status == 404


async def test_refusals_come_in_their_order(market, people):
    client, ben, cleo = people
    job = await market.job(client)
    offered = await market.proposal(job, ben)
    path = f"proposals/{offered['id']}"
    assert (await market.act(cleo, path, "accept")).status == 404
    assert (await market.act(ben, path, "accept", {"wrong": 1})).status == 403
    assert (await market.act(client, path, "accept")).status == 428
    old = {"If-Match": '"77"'}
    assert (await market.act(client, path, "accept", {"wrong": 1}, headers=old)).status == 412
    wrong = await market.act(client, path, "accept", {"wrong": 1}, headers=match(offered))
    assert wrong.status == 422
    await market.done(client, path, "accept", headers=match(offered))
    again = await market.act(client, path, "accept", headers=old)
    assert (again.status, again.body["error"]["details"]) == (409, {"status": "accepted"})


async def test_a_proposal_that_changed_since_it_was_read_is_not_accepted(market, people):
    client, ben, _ = people
    offered = await market.proposal(await market.job(client), ben)
    path = f"proposals/{offered['id']}"
    assert (await market.change(ben, path, amount="5000")).status == 200
    refused = await market.act(client, path, "accept", headers=match(offered))
    assert refused.status == 412
    assert await market.pool.fetchval("SELECT count(*) FROM contracts") == 0


@pytest.mark.parametrize(
    ("statement", "status"),
    [
        ("INSERT INTO user_blocks (blocker_id, blocked_id) VALUES ($1, $2)", 409),
        ("INSERT INTO user_blocks (blocker_id, blocked_id) VALUES ($2, $1)", 409),
        ("UPDATE users SET status = 'suspended' WHERE id = $2 AND id <> $1", 409),
        (f"UPDATE fee_structure SET effective_until = now() {BOTH}", 409),
        (f"UPDATE fee_structure SET min_amount = 5000 {BOTH} AND kind = 'platform'", 409),
    ],
)
async def test_what_stands_against_it_is_known_before(market, people, statement, status):
    client, ben, _ = people
    offered = await market.proposal(await market.job(client), ben)
    path = f"proposals/{offered['id']}"
    await market.pool.execute(statement, client.id, ben.id)
    assert await market.actions(client, path) == ["shortlist", "reject"]
    refused = await market.act(client, path, "accept", headers=match(offered))
    assert refused.status == status
    assert (await market.read(client, path))["status"] == "pending"


async def test_a_delivery_date_that_has_passed_is_not_agreed_on(market, people):
    client, ben, _ = people
    day = (dt.datetime.now(dt.UTC) + dt.timedelta(days=2)).isoformat()
    offered = await market.proposal(await market.job(client), ben, delivery_date=day)
    path = f"proposals/{offered['id']}"
    await market.clock(days=2)
    assert "accept" in await market.actions(client, path)
    await market.clock(days=1)
    # Offered all the same: who could mend it is the freelancer, and the refusal says so.
    assert "accept" in await market.actions(client, path)
    refused = await market.act(client, path, "accept", headers=match(offered))
    told = refused.body["error"]
    assert (refused.status, told["details"]["path"]) == (409, "delivery_date")
    assert told["details"]["reason"] == "date_has_passed"
    assert "ask the freelancer" in told["message"]
    day = (dt.datetime.now(dt.UTC) + dt.timedelta(days=9)).isoformat()
    mended = await market.change(ben, path, delivery_date=day)
    await market.accepted(client, mended.body)


async def test_a_milestone_that_is_past_due_is_not_agreed_on(market, people):
    client, ben, _ = people
    day = (dt.datetime.now(dt.UTC) + dt.timedelta(days=2)).isoformat()
    plan = [{"title": "All", "amount": "1000", "due_date": day}]
    offered = await market.proposal(await market.job(client), ben, milestones=plan)
    path = f"proposals/{offered['id']}"
    await market.clock(days=3)
    assert "accept" in await market.actions(client, path)
    refused = await market.act(client, path, "accept", headers=match(offered))
    assert (refused.status, refused.body["error"]["details"]["path"]) == (409, "milestones")


async def test_by_the_hour_the_total_is_the_rate_for_the_hours(market, people):
    client, ben, _ = people
    job = await market.job(client, budget_type="hourly")
    offered = await market.proposal(job, ben, amount="12.35", estimated_hours=7)
    contract = await market.accepted(client, offered)
    assert (contract["total_amount"], contract["estimated_hours"]) == ("86.45", 7)
    assert contract["platform_fee"] == "8.64"  # of 8.645, to the even cent
    (part,) = await market.milestones(client, contract)
    assert (part["amount"], part["percentage"]) == ("86.45", 100)
    made, until = (dt.datetime.fromisoformat(contract[n]) for n in ("created_at", "expires_at"))
    assert until - made == dt.timedelta(days=7)
    begun = await market.done(ben, f"contracts/{contract['id']}", "accept")
    assert begun["expires_at"] is None


@pytest.mark.parametrize(
    ("total", "currency", "amounts"),
    [
        ("100.01", "USD", {25: "25.00", 50: "25.00", 75: "25.01", 100: "25.00"}),
        ("0.02", "USD", {50: "0.01", 100: "0.01"}),
        ("1001", "JPY", {25: "250", 50: "250", 75: "251", 100: "250"}),
    ],
)
async def test_a_job_may_ask_for_a_milestone_each_quarter(market, people, total, currency, amounts):
    client, ben, _ = people
    job = await market.job(client, milestone_plan="quarters", currency=currency)
    contract = await market.accepted(client, await market.proposal(job, ben, amount=total))
    parts = await market.milestones(client, contract)
    assert {part["percentage"]: part["amount"] for part in parts} == amounts
    assert [part["seq"] for part in parts] == list(range(1, len(amounts) + 1))


async def test_of_acceptances_at_once_one_is_carried_out(market, people):
    client, ben, cleo = people
    dan, eve = await market.app.people("Dan", "Eve")
    job = await market.job(client)
    offered = [await market.proposal(job, person) for person in (ben, cleo, dan, eve)]
    answers = await asyncio.gather(
        *(
            market.act(client, f"proposals/{one['id']}", "accept", headers=match(one))
            for one in offered * 3
        )
    )
    statuses = sorted(answer.status for answer in answers)
    assert statuses == [201, *[409] * 11], [a.body for a in answers]
    assert await market.pool.fetchval("SELECT count(*) FROM contracts") == 1
    states = await market.pool.fetch("SELECT status FROM proposals ORDER BY status")
    assert [row["status"] for row in states] == ["accepted", "rejected", "rejected", "rejected"]
    assert await market.history("job", job["id"]) == ["draft", "open", "in_progress"]


async def test_the_same_key_makes_one_contract(market, people):
    client, ben, _ = people
    offered = await market.proposal(await market.job(client), ben)
    headers = match(offered) | {"Idempotency-Key": "once"}
    path = f"proposals/{offered['id']}"
    first = await market.act(client, path, "accept", headers=headers)
    second = await market.act(client, path, "accept", headers=headers)
    assert (first.status, second.status) == (201, 201)
    assert second.headers["Idempotency-Replayed"] == "true"
    assert second.body == first.body
    assert first.headers["Location"] == f"/v1/contracts/{first.body['id']}"


async def test_no_proposal_slips_in_while_the_job_is_awarded(market, people):
    client, ben, _ = people
    job = await market.job(client)
    chosen = await market.proposal(job, ben)
    others = await market.app.people(*(f"Bidder {n}" for n in range(8)))
    body = {"job_id": job["id"], "cover_letter": "Me too", "amount": "10"}
    accepted, *bids = await asyncio.gather(
        market.act(client, f"proposals/{chosen['id']}", "accept", headers=match(chosen)),
        *(market.act(person, "proposals", body=body) for person in others),
    )
    assert accepted.status == 201
    assert {bid.status for bid in bids} <= {201, 403}
    counted = await market.pool.fetch("SELECT status, count(*) AS n FROM proposals GROUP BY status")
    states = {row["status"]: row["n"] for row in counted}
    made = sum(bid.status == 201 for bid in bids)
    assert states == {"accepted": 1, **({"rejected": made} if made else {})}
