"""A proposal is made, judged, taken back; who may not deal with a client makes none."""

import datetime as dt

import pytest

from handlers.resources import RESOURCES
from handlers.workflows import WORKFLOWS
from protocol.events import CHANGING
from protocol.text import format_time
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


@pytest.mark.parametrize("time", ["9999-12-31T00:00:00Z", "9999-12-31T23:59:59-12:00"])
async def test_what_is_offered_for_a_time_outside_of_the_calendar_is_refused(market, people, time):
    client, ben, _ = people
    job = await market.job(client)
    plan = [{"title": "All", "amount": "10", "due_date": time}]
    for more, path in (
        ({"delivery_date": time}, "delivery_date"),
        ({"milestones": plan}, "milestones[0].due_date"),
    ):
        body = {"job_id": job["id"], "cover_letter": "Me", "amount": "10"} | more
        refused = await market.act(ben, "proposals", body=body)
        assert (refused.status, refused.body["error"]["details"]["path"]) == (422, path)


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
    ("part", "path", "says"),
    [
        ({"amount": "999"}, "milestones", "must add up to what the proposal comes to, 1000.00"),
        ({"colour": 1}, "milestones[0].colour", "no such member"),
        ({"title": ""}, "milestones[0].title", "must be text of 1 to 200 characters"),
        ({"amount": "1000.001"}, "milestones[0].amount", "an amount above zero"),
        ({"amount": True}, "milestones[0].amount", "an amount above zero"),
        ({"amount": "0"}, "milestones[0].amount", "must be an amount above zero"),
        ({"due_date": "2030-02-31T00:00:00Z"}, "milestones[0].due_date", "a time with its zone"),
        ({"due_date": "tomorrow"}, "milestones[0].due_date", "a time with its zone"),
        ({"due_date": "2020-01-01T00:00:00Z"}, "milestones[0].due_date", "must not be past"),
        ({"description": 5}, "milestones[0].description", "must be text of at most 1000"),
    ],
)
async def test_a_plan_that_could_not_be_accepted_is_refused(market, people, part, path, says):
    client, ben, _ = people
    job = await market.job(client)
    plan = [{"title": "All", "amount": "1000"} | part]
    body = {"job_id": job["id"], "cover_letter": "Me", "amount": "1000", "milestones": plan}
    refused = await market.act(ben, "proposals", body=body)
    assert refused.status == 422
    told = refused.body["errors"]
    assert [fault["path"] for fault in told] == [path]
    assert says in told[0]["message"]
    whole = await market.proposal(job, ben)
    changed = await market.change(ben, f"proposals/{whole['id']}", milestones=plan)
    assert (changed.status, changed.body["errors"][0]["path"]) == (422, path)


@pytest.mark.parametrize(
    ("currency", "sent", "shown"),
    [("USD", (350.5, "300", "349.50"), ("350.50", "300.00", "349.50")),
     ("JPY", (350, "300.00", "350"), ("350", "300", "350"))],
)  # fmt: skip
async def test_amounts_of_a_plan_are_text_of_the_currency(market, people, currency, sent, shown):
    client, ben, _ = people
    job = await market.job(client, currency=currency)
    plan = [{"title": f"Part {n}", "amount": amount} for n, amount in enumerate(sent, 1)]
    made = await market.proposal(job, ben, milestones=plan)
    assert tuple(part["amount"] for part in made["milestones"]) == shown
    plan[0]["title"] = "The first"
    changed = await market.change(ben, f"proposals/{made['id']}", milestones=plan)
    assert tuple(part["amount"] for part in changed.body["milestones"]) == shown


async def test_a_time_that_has_passed_is_not_offered(market, people):
    client, ben, _ = people
    job = await market.job(client)
    past = "2020-01-01T00:00:00Z"
    body = {"job_id": job["id"], "cover_letter": "Me", "amount": "10", "delivery_date": past}
    refused = await market.act(ben, "proposals", body=body)
    assert (refused.status, refused.body["errors"][0]["path"]) == (422, "delivery_date")
    soon = (dt.datetime.now(dt.UTC) + dt.timedelta(days=1)).isoformat()
    made = await market.proposal(job, ben, delivery_date=soon)
    path = f"proposals/{made['id']}"
    refused = await market.change(ben, path, delivery_date=past)
    assert (refused.status, refused.body["errors"][0]["path"]) == (422, "delivery_date")
    # What has passed meanwhile holds up no other change.
    await market.clock(days=3)
    assert (await market.change(ben, path, cover_letter="I have three.")).status == 200


async def test_a_second_proposal_is_told_which_is_there(market, people):
    client, ben, _ = people
    job = await market.job(client)
    made = await market.proposal(job, ben)
    body = {"job_id": job["id"], "cover_letter": "Me again", "amount": "10"}
    refused = await market.act(ben, "proposals", body=body)
    assert refused.status == 409
    assert refused.body["error"]["details"] == {"path": "job_id", "id": made["id"]}


async def test_a_change_is_told_to_the_client(market, people):
    client, ben, _ = people
    made = await market.proposal(await market.job(client), ben)
    wire = await market.app.connect(client)
    changed = (await market.change(ben, f"proposals/{made['id']}", amount="900")).body
    heard = (await wire.expect("proposal.changed"))["d"]
    assert heard == {
        "resource": "proposals",
        "id": made["id"],
        "status": "pending",
        "version": changed["version"],
        "action": "change",
        "actor_id": str(ben.id),
    }


async def test_a_changed_job_is_told_to_who_waits_for_an_answer(market, people):
    client, ben, cleo = people
    job = await market.job(client)
    await market.proposal(job, ben)
    gone = await market.proposal(job, cleo)
    await market.done(cleo, f"proposals/{gone['id']}", "withdraw")
    wire, other = await market.app.connect(ben), await market.app.connect(cleo)
    own = await market.app.connect(client)
    await market.change(client, f"jobs/{job['id']}", description="Two evenings.")
    assert (await wire.expect("job.changed"))["d"]["id"] == job["id"]
    assert (await own.expect("job.changed"))["d"]["id"] == job["id"]
    await other.flushed()
    assert all(frame.get("ev") != "job.changed" for frame in other.frames)


async def test_every_row_with_a_machine_that_is_changed_tells_of_it(market):
    found = await market.pool.fetch(
        "SELECT t.tgrelid::regclass::text AS of, encode(t.tgargs, 'escape') AS arguments, ARRAY("
        "  SELECT a.attname FROM pg_attribute a WHERE a.attrelid = t.tgrelid"
        "  AND a.attnum = ANY (t.tgattr::int2[])) AS columns"
        " FROM pg_trigger t WHERE t.tgfoid = 'tell_of_change'::regproc"
    )
    told = {row["of"]: set(row["columns"]) for row in found}
    workflows = [w for w in WORKFLOWS.values() if "change" in RESOURCES[w.resource].verbs]
    changed = {RESOURCES[w.resource] for w in workflows}
    assert told == {resource.table: set(resource.changeable) for resource in changed}
    assert {w.machine.name for w in workflows} == set(CHANGING)


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


async def test_a_proposal_comes_again_a_few_times_a_day(market, people):
    client, ben, _ = people
    made = await market.proposal(await market.job(client), ben)
    path = f"proposals/{made['id']}"
    for _ in range(5):
        await market.done(ben, path, "withdraw")
        await market.done(ben, path, "resubmit")
    gone = await market.done(ben, path, "withdraw")
    assert gone["available_actions"] == []
    refused = await market.act(ben, path, "resubmit")
    assert refused.status == 409
    details = refused.body["error"]["details"]
    first = await market.pool.fetchval(
        "SELECT min(created_at) FROM status_history WHERE action = 'resubmit'"
        " AND entity_id = $1::uuid",
        made["id"],
    )
    possible = format_time(first + dt.timedelta(days=1))
    assert (details["reason"], details["possible_from"]) == ("asked_too_often", possible)
    await market.clock(hours=25)
    await market.done(ben, path, "resubmit")
