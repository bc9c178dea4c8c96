"""A contract that waits for its freelancer: taken, declined, taken back, or left alone too long."""

import pytest

from tests.integration.transitions.conftest import Market
from tests.integration.transitions.listings.test_jobs import fire


@pytest.fixture
async def people(market: Market):
    """A client and three freelancers."""
    return await market.app.people("Ada", "Ben", "Cleo", "Dan")


async def offered(market, people):
    """A contract that waits, with its job and the proposals of all three, the first accepted."""
    client, *others = people
    job = await market.job(client)
    proposals = [await market.proposal(job, one) for one in others]
    await market.done(client, f"proposals/{proposals[2]['id']}", "reject", {"reason": "Too far"})
    return await market.accepted(client, proposals[0]), job, proposals


async def states(market, proposals):
    """The states of proposals."""
    statement = "SELECT status FROM proposals WHERE id = $1::uuid"
    return [await market.pool.fetchval(statement, one["id"]) for one in proposals]


async def test_the_freelancer_takes_it(market, people):
    client, ben, cleo, _ = people
    contract, job, _ = await offered(market, people)
    path = f"contracts/{contract['id']}"
    assert await market.actions(ben, path) == ["accept", "decline"]
    assert (await market.act(cleo, path, "accept")).status == 404
    assert (await market.act(client, path, "accept")).status == 403
    taken = await market.done(ben, path, "accept")
    assert taken["status"] == "active"
    assert None not in (taken["accepted_at"], taken["started_at"], taken["start_date"])
    assert (await market.act(ben, path, "decline")).status == 409
    assert (await market.act(client, path, "cancel")).status == 409
    assert (await market.read(client, f"jobs/{job['id']}"))["status"] == "in_progress"
    messages = await market.rows(ben, f"conversations/{contract['conversation_id']}/messages")
    said = [message["system"]["action"] for message in messages]
    assert sorted(said) == ["contract.accept", "proposal.accept"]


async def test_the_freelancer_declines_and_the_job_is_to_be_had_again(market, people):
    client, ben, cleo, _ = people
    contract, job, proposals = await offered(market, people)
    over = await market.done(ben, f"contracts/{contract['id']}", "decline")
    assert (over["status"], over["available_actions"]) == ("cancelled", [])
    assert over["cancelled_at"] is not None
    assert (await market.read(client, f"jobs/{job['id']}"))["status"] == "open"
    # One who was rejected before, and for another reason, stays so.
    assert await states(market, proposals) == ["withdrawn", "pending", "rejected"]
    (part,) = await market.milestones(client, contract)
    assert part["status"] == "cancelled"
    (escrow,) = await market.rows(client, f"escrows?contract_id={contract['id']}")
    assert escrow["status"] == "refunded"
    assert await market.actions(ben, f"proposals/{proposals[0]['id']}") == ["resubmit"]

    second = await market.read(client, f"proposals/{proposals[1]['id']}")
    again = await market.accepted(client, second)
    assert again["freelancer_id"] == str(cleo.id)
    assert await market.actions(ben, f"proposals/{proposals[0]['id']}") == []


async def test_the_client_takes_it_back_and_may_accept_the_same_proposal_again(market, people):
    client, ben, _, _ = people
    contract, job, proposals = await offered(market, people)
    assert (await market.act(ben, f"contracts/{contract['id']}", "cancel")).status == 403
    await market.done(client, f"contracts/{contract['id']}", "cancel")
    assert await states(market, proposals) == ["pending", "pending", "rejected"]
    first = await market.read(client, f"proposals/{proposals[0]['id']}")
    assert (first["accepted_at"], first["reviewed_at"]) == (None, None)
    again = await market.accepted(client, first)
    assert again["id"] != contract["id"]
    assert again["conversation_id"] != contract["conversation_id"]
    await market.done(ben, f"contracts/{again['id']}", "decline")
    assert await states(market, proposals) == ["withdrawn", "pending", "rejected"]
    assert await market.history("job", job["id"]) == [
        "draft", "open", "in_progress", "open", "in_progress", "open",
    ]  # fmt: skip


async def test_who_may_not_be_dealt_with_any_more_stays_rejected(market, people):
    client, ben, cleo, _ = people
    contract, _, proposals = await offered(market, people)
    await market.pool.execute(
        "INSERT INTO user_blocks (blocker_id, blocked_id) VALUES ($1, $2)", cleo.id, client.id
    )
    await market.done(ben, f"contracts/{contract['id']}", "decline")
    assert await states(market, proposals) == ["withdrawn", "rejected", "rejected"]


async def test_a_contract_that_nobody_answers_is_cancelled_after_a_week(market, people):
    client, ben, _, _ = people
    contract, job, proposals = await offered(market, people)
    await market.clock(days=6, hours=23)
    assert await fire(market, "contract", contract["id"], "cancel") is None
    await market.clock(hours=2)
    assert await fire(market, "contract", contract["id"], "cancel") is not None
    assert (await market.read(ben, f"contracts/{contract['id']}"))["status"] == "cancelled"
    assert (await market.read(client, f"jobs/{job['id']}"))["status"] == "open"
    assert await states(market, proposals) == ["pending", "pending", "rejected"]


@pytest.mark.parametrize("blocker", [0, 1])
async def test_people_who_have_blocked_each_other_begin_no_work(market, people, blocker):
    client, ben, _, _ = people
    contract, _, _ = await offered(market, people)
    pair = (client, ben) if blocker == 0 else (ben, client)
    await market.pool.execute(
        "INSERT INTO user_blocks (blocker_id, blocked_id) VALUES ($1, $2)", *(p.id for p in pair)
    )
    path = f"contracts/{contract['id']}"
    assert await market.actions(ben, path) == ["decline"]
    refused = await market.act(ben, path, "accept")
    assert (refused.status, refused.body["error"]["code"]) == (409, "conflict")
    assert (await market.done(ben, path, "decline"))["status"] == "cancelled"
