"""A proposal is made, judged, taken back; who may not deal with a client makes none."""

import pytest

from tests.integration.transitions.conftest import Market


@pytest.fixture
async def people(market: Market):
    """A client and two freelancers."""
    return await market.app.people("Ada", "Ben", "Cleo")


async def test_a_proposal_is_judged_by_the_client_alone(market, people):
    client, ben, cleo = people
    job = await market.job(client)
    made = await market.proposal(job, ben)
    path = f"proposals/{made['id']}"
    assert (made["status"], made["available_actions"]) == ("pending", ["withdraw"])
    assert await market.actions(client, path) == ["shortlist", "accept", "reject"]
    assert (await market.act(cleo, path, "shortlist")).status == 404
    assert (await market.act(ben, path, "shortlist")).status == 403
    assert (await market.act(client, path, "withdraw")).status == 403

    listed = await market.done(client, path, "shortlist")
    assert (listed["status"], listed["reviewed_at"] is None) == ("shortlisted", False)
    assert listed["available_actions"] == ["accept", "reject"]
    assert (await market.act(client, path, "shortlist")).status == 409
    wrong = await market.act(client, path, "reject", {"why": "No"})
    assert wrong.status == 422
    assert wrong.body["error"]["details"]["unknown"] == ["why"]
    unsaid = await market.act(client, path, "reject", {"reason": " \u200b"})
    assert (unsaid.status, unsaid.body["errors"][0]["path"]) == (422, "reason")
    refused = await market.done(client, path, "reject", {"reason": "One camera is enough."})
    assert (refused["status"], refused["available_actions"]) == ("rejected", [])
    assert (await market.read(ben, path))["rejection_reason"] == "One camera is enough."
    assert await market.history("proposal", made["id"]) == ["pending", "shortlisted", "rejected"]


async def test_a_proposal_is_withdrawn_and_comes_again_while_the_job_is_open(market, people):
    client, ben, _ = people
    job = await market.job(client)
    made = await market.proposal(job, ben)
    path = f"proposals/{made['id']}"
    gone = await market.done(ben, path, "withdraw")
    assert (gone["status"], gone["available_actions"]) == ("withdrawn", ["resubmit"])
    assert (await market.act(client, path, "shortlist")).status == 409
    assert (await market.change(ben, path, amount="900")).status == 409
    back = await market.done(ben, path, "resubmit")
    assert (back["status"], back["available_actions"]) == ("pending", ["withdraw"])
    assert (await market.change(ben, path, amount="900")).status == 200

    await market.done(ben, path, "withdraw")
    await market.done(client, f"jobs/{job['id']}", "close")
    assert await market.actions(ben, path) == []
    late = await market.act(ben, path, "resubmit")
    assert (late.status, late.body["error"]["message"]) == (409, "the job is not open")


async def test_a_closed_job_takes_no_proposals(market, people):
    client, ben, cleo = people
    job = await market.job(client)
    await market.proposal(job, ben)
    await market.done(client, f"jobs/{job['id']}", "close")
    body = {"job_id": job["id"], "cover_letter": "Me", "amount": "10"}
    late = await market.act(cleo, "proposals", body=body)
    assert (late.status, late.body["error"]["details"]) == (403, {"path": "job_id"})
    assert (await market.act(ben, "proposals", body=body)).status == 403


async def test_nobody_bids_on_their_own_job_or_one_that_they_do_not_see(market, people):
    client, ben, _ = people
    own = await market.job(client)
    # What else would stand against it, a stranger is not told.
    hidden = await market.job(client, publish=False, currency="KRW")
    body = {"cover_letter": "Me", "amount": "10"}
    for person, job in ((client, own), (ben, hidden)):
        refused = await market.act(person, "proposals", body=body | {"job_id": job["id"]})
        assert (refused.status, refused.body["error"]["details"]) == (403, {"path": "job_id"})


@pytest.mark.parametrize("by", ["client", "freelancer"])
async def test_who_is_blocked_offers_nothing(market, people, by):
    client, ben, _ = people
    job = await market.job(client)
    offered = await market.proposal(job, ben)
    await market.done(ben, f"proposals/{offered['id']}", "withdraw")
    blocker, blocked = (client, ben) if by == "client" else (ben, client)
    await market.pool.execute(
        "INSERT INTO user_blocks (blocker_id, blocked_id) VALUES ($1, $2)", blocker.id, blocked.id
    )
    other = await market.job(client)
    body = {"job_id": other["id"], "cover_letter": "Me", "amount": "10"}
    refused = await market.act(ben, "proposals", body=body)
    assert (refused.status, refused.body["error"]["code"]) == (409, "conflict")
    assert await market.actions(ben, f"proposals/{offered['id']}") == []
    again = await market.act(ben, f"proposals/{offered['id']}", "resubmit")
    assert again.status == 409


async def test_two_proposals_for_one_job_are_one_too_many(market, people):
    client, ben, _ = people
    job = await market.job(client)
    await market.proposal(job, ben)
    body = {"job_id": job["id"], "cover_letter": "Me again", "amount": "10"}
    assert (await market.act(ben, "proposals", body=body)).status == 409
    counted = await market.read(client, f"jobs/{job['id']}")
    assert counted["proposal_count"] == 1


@pytest.mark.parametrize(
    ("plan", "says"),
    [
        ([{"title": "All", "amount": "999"}], "must add up to what the proposal comes to, 1000"),
        ([{"title": "All", "amount": "1000", "colour": 1}], "must be objects with title, amount"),
        ([{"title": "", "amount": "1000"}], "must each have a title"),
        ([{"title": "All", "amount": "1000.001"}], "must each have an amount"),
        ([{"title": "No", "amount": "0"}, {"title": "All", "amount": "1000"}], "above zero"),
        ([{"title": "All", "amount": "1000", "due_date": "2030-02-31T00:00:00Z"}], "as due_date"),
        ([{"title": "All", "amount": "1000", "due_date": "tomorrow"}], "as due_date"),
        ([{"title": "All", "amount": "1000", "description": 5}], "must have descriptions"),
        (["All"], "must be objects"),
    ],
)
async def test_a_plan_that_could_not_be_accepted_is_refused(market, people, plan, says):
    client, ben, _ = people
    job = await market.job(client)
    body = {"job_id": job["id"], "cover_letter": "Me", "amount": "1000", "milestones": plan}
    refused = await market.act(ben, "proposals", body=body)
    assert refused.status == 422
    assert refused.body["error"]["details"]["path"] == "milestones"
    assert says in refused.body["error"]["message"]


async def test_by_the_hour_the_hours_are_offered(market, people):
    client, ben, _ = people
    job = await market.job(client, budget_type="hourly")
    body = {"job_id": job["id"], "cover_letter": "Me", "amount": "50"}
    missing = await market.act(ben, "proposals", body=body)
    assert missing.status == 422
    assert missing.body["error"]["details"]["path"] == "estimated_hours"
    much = await market.act(
        ben, "proposals", body=body | {"amount": "100000000000", "estimated_hours": 10}
    )
    assert (much.status, much.body["error"]["details"]["path"]) == (422, "estimated_hours")
    plan = [{"title": "All", "amount": "500"}]
    await market.proposal(job, ben, amount="50", estimated_hours=10, milestones=plan)
    fixed = await market.change(client, f"jobs/{job['id']}", budget_type="fixed")
    assert (fixed.status, fixed.body["error"]["details"]["path"]) == (409, "budget_type")
