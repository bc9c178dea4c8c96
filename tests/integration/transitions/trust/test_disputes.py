"""A dispute is raised, answered, offered on, decided or withdrawn."""

import asyncio
import datetime as dt
from uuid import uuid4

from tests.app import Person
from tests.integration.transitions.trust.conftest import Trust, refused, shared


async def test_a_raised_dispute_stops_what_it_is_about(trust: Trust) -> None:
    deal = await trust.deal("300", "200", "100")
    [release] = await deal.paid(1)
    await deal.submitted(2)
    dispute = await deal.raised(
        deal.client, deal.held(2, "150", "50"), shared(release, "100", "200"), goes_on=True
    )
    assert dispute["status"] == "open"
    assert dispute["raiser_client_amount"] == "250.00"
    assert dispute["raiser_freelancer_amount"] == "250.00"
    assert dispute["available_actions"] == ["withdraw"]
    assert await deal.status() == "disputed"
    job = await deal.market.read(deal.client, f"jobs/{deal.contract['job_id']}")
    assert job["status"] == "disputed"
    frozen = await deal.market.read(deal.freelancer, f"releases/{release}")
    assert frozen["status"] == "frozen"
    assert (await deal.market.wallet(deal.freelancer))["frozen"] == 270

    path = f"milestones/{deal.milestones[1]['id']}"
    assert await deal.market.actions(deal.client, path) == []
    refused(await deal.market.act(deal.client, path, "approve"), 409)
    pending = f"milestones/{deal.milestones[2]['id']}"
    refused(await deal.market.act(deal.client, pending, "fund", {"wallet": True}), 409)
    refused(await deal.market.act(deal.client, "disputes", body=deal.complaint()), 409)
    await deal.market.clock(days=4)
    assert await trust.timers() == []
    seen = await deal.market.actions(deal.freelancer, f"disputes/{dispute['id']}")
    assert seen == ["respond"]
    items = await deal.market.rows(deal.client, f"split-items?dispute_id={dispute['id']}")
    assert sorted(item["client_amount"] for item in items) == ["100.00", "150.00"]


async def test_both_parties_are_told_of_it(trust: Trust) -> None:
    deal = await trust.deal("300")
    await deal.funded(1)
    sockets = [await trust.app.connect(person) for person in (deal.client, deal.freelancer)]
    dispute = await deal.raised(deal.freelancer, deal.held(1, "0", "300"))
    for socket in sockets:
        event = (await socket.expect("dispute.raised"))["d"]
        assert (event["id"], event["status"]) == (dispute["id"], "open")
    contract = await deal.market.read(deal.client, deal.path)
    path = f"conversations/{contract['conversation_id']}/messages"
    said = [m["system"] for m in await deal.market.rows(deal.client, path) if m["system"]]
    [told] = [s for s in said if s["resource"] == "disputes"]
    assert (told["action"], told["resource_id"]) == ("dispute.raise", dispute["id"])
    assert told["facts"]["title"] == dispute["title"]


async def test_it_is_raised_by_a_party_over_all_that_is_there(trust: Trust) -> None:
    deal = await trust.deal("300", "200")
    stranger, staff = await trust.app.person(), await trust.staff()
    complain = deal.complaint
    nothing = await deal.market.act(deal.client, "disputes", body=complain())
    assert "no money" in refused(nothing, 409)["message"]
    await deal.funded(1)
    unseen = await deal.market.act(stranger, "disputes", body=complain(deal.held(1, "300", "0")))
    refused(unseen, 403)
    other = await deal.market.act(staff, "disputes", body=complain(deal.held(1, "300", "0")))
    assert refused(other, 403)["message"] == refused(unseen, 403)["message"]
    for items, path, reason in (
        ([], "split", "300.00 USD to be divided"),
        ([deal.held(1, "299.99", "0")], "split[0]",
         "there are 300.00 USD to be divided, not 299.99 USD"),
        ([deal.held(1, "300", "0"), deal.held(2, "200", "0")], "split[1].milestone_id",
         "names nothing of the contract"),
        ([deal.held(1, "300", "0"), shared(str(uuid4()), "0", "0")], "split[1].release_id",
         "names nothing of the contract"),
        ([deal.held(1, "-1", "301")], "split[0].client_amount", "below zero"),
        ([deal.held(1, "150.001", "149.999")], "split[0].client_amount", "decimals"),
        ([{"client_amount": "300", "freelancer_amount": "0"}], "split[0]", "names either"),
        ([deal.held(1, "150", "0"), deal.held(1, "150", "0")], "split[1]", "twice"),
    ):  # fmt: skip
        answer = await deal.market.act(deal.client, "disputes", body=complain(*items))
        details = refused(answer, 422)["details"]
        assert details["path"] == path, details
        assert reason in details["reason"]
    blank = complain(deal.held(1, "300", "0"), title="\u200b")
    refused(await deal.market.act(deal.client, "disputes", body=blank), 422)
    assert await deal.status() == "active"


async def test_what_is_not_to_be_divided_any_more_is_no_fault_of_the_body(trust: Trust) -> None:
    """Somebody approved while the complaint was written: that is told, with what it is about."""
    deal = await trust.deal("300", "200")
    (release,) = await deal.paid(1)
    await deal.funded(2)
    late = deal.complaint(deal.held(1, "300", "0"), deal.held(2, "200", "0"))
    details = refused(await deal.market.act(deal.client, "disputes", body=late), 409)["details"]
    named = {"of": "milestone", "id": deal.milestones[0]["id"]}
    assert (details["reason"], details["items"]) == ("held_has_changed", [named])
    now = deal.complaint(shared(release, "300", "0"), deal.held(2, "200", "0"))
    assert (await deal.market.act(deal.client, "disputes", body=now)).status == 201


async def test_without_an_answer_the_raisers_split_is_applied(trust: Trust) -> None:
    deal = await trust.deal("300", "200", "500")
    [release] = await deal.paid(1)
    await deal.funded(2)
    dispute = await deal.raised(
        deal.client, deal.held(2, "150", "50"), shared(release, "100", "200"), goes_on=True
    )
    await deal.market.clock(days=5, seconds=1)
    assert await trust.timers() == ["dispute.apply"]
    ended = await deal.market.read(deal.client, f"disputes/{dispute['id']}")
    assert (ended["status"], ended["outcome"]) == ("closed", "unanswered")
    assert (ended["client_amount"], ended["freelancer_amount"]) == ("250.00", "250.00")
    assert ended["available_actions"] == []
    assert await deal.states() == ["paid", "paid", "pending"]
    assert await deal.status() == "active"
    # 300 and 50 were released of 1000 with a fee of 100; 100 of the first went back with 10 of fee.
    assert await deal.market.wallet(deal.freelancer) == {"pending": 180 + 45}
    assert await deal.market.wallet(deal.client) == {"funded": 500 + 150 + 100}
    refund = (await deal.market.rows(deal.client, f"refunds?release_id={release}"))[0]
    assert (refund["status"], refund["amount"], refund["fee"]) == ("succeeded", "100.00", "10.00")
    # What a split has decided is never within reach again.
    again = await deal.market.act(deal.client, "disputes", body=deal.complaint())
    assert "no money" in refused(again, 409)["message"]
    await deal.market.clock(days=6)
    assert await trust.timers() == ["release.clear", "release.clear"]
    assert await deal.market.wallet(deal.freelancer) == {"earned": 225}


async def test_halfway_between_both_sides_when_nobody_decides(trust: Trust) -> None:
    deal = await trust.deal("100.01", "50")
    await deal.funded(1)
    dispute = await deal.raised(deal.freelancer, deal.held(1, "0", "100.01"))
    await deal.answered(dispute, deal.client, deal.held(1, "100", "0.01"), goes_on=True)
    path = f"disputes/{dispute['id']}"
    assert await deal.market.actions(deal.client, path) == ["escalate"]
    assert await deal.market.actions(deal.freelancer, path) == ["escalate", "withdraw"]
    refused(await deal.market.act(deal.client, path, "respond", {"answer": "x", "split": []}), 409)
    await deal.market.clock(days=14, seconds=1)
    assert await trust.timers() == ["dispute.escalate"]
    await deal.market.clock(days=16)
    assert await trust.timers() == ["dispute.alert"]
    assert (await deal.market.read(deal.client, path))["alerted_at"] is not None
    await deal.market.clock(days=30)
    assert await trust.timers() == ["dispute.mean"]
    ended = await deal.market.read(deal.client, path)
    assert (ended["status"], ended["outcome"], ended["goes_on"]) == ("closed", "mean", False)
    # The odd cent is the client's.
    assert (ended["client_amount"], ended["freelancer_amount"]) == ("50.00", "50.01")
    assert await deal.states() == ["paid", "cancelled"]
    assert await deal.status() == "completed"
    assert await deal.market.history("dispute", dispute["id"]) == [
        "open", "open", "escalated", "escalated", "closed",
    ]  # fmt: skip


async def test_staff_reviews_and_resolves_unless_they_are_a_party(trust: Trust) -> None:
    deal = await trust.deal("300", "200", "500")
    staff, other = await trust.staff(), await trust.staff()
    await deal.paid(1)
    await deal.funded(2)
    await deal.market.clock(days=6)
    await trust.timers()
    await trust.market.pool.execute(
        "UPDATE users SET staff_role = 'admin' WHERE id = $1", deal.client.id
    )
    dispute = await deal.raised(deal.freelancer, deal.held(2, "0", "200"))
    path = f"disputes/{dispute['id']}"
    decision = {"resolution": "Half of it is there.", "split": [deal.held(2, "180", "20")]}
    refused(await deal.market.act(deal.client, path, "resolve", decision), 403)
    refused(await deal.market.act(deal.client, path, "review"), 403)
    assert await deal.market.actions(deal.client, path) == ["respond"]
    assert await deal.market.actions(staff, path) == ["review", "resolve"]
    reviewed = await deal.market.done(staff, path, "review")
    assert (reviewed["status"], reviewed["assigned_to"]) == ("under_review", str(staff.id))
    assert await deal.market.actions(other, path) == ["resolve"]
    refused(await deal.market.act(staff, path, "review"), 409)
    wrong = decision | {"split": [deal.held(2, "180", "21")]}
    assert refused(await deal.market.act(staff, path, "resolve", wrong), 422)["details"] == {
        "path": "split[0]",
        "reason": "there are 200.00 USD to be divided, not 201.00 USD",
    }
    ended = await deal.market.done(staff, path, "resolve", decision)
    assert (ended["status"], ended["outcome"]) == ("closed", "resolved")
    assert ended["resolved_by"] == str(staff.id)
    assert await deal.states() == ["paid", "paid", "cancelled"]
    assert await deal.status() == "completed"
    # Of 1000 with a fee of 100: 300 took 30; 320 take 32.
    assert await deal.market.wallet(deal.freelancer) == {"earned": 270, "pending": 18}


async def test_withdrawn_everything_goes_on_from_where_it_was(trust: Trust) -> None:
    deal = await trust.deal("300", "200")
    [release] = await deal.paid(1)
    await deal.submitted(2)
    await deal.market.clock(days=3)
    second = f"milestones/{deal.milestones[1]['id']}"
    approved_at = (await deal.market.read(deal.client, second))["auto_approve_at"]
    dispute = await deal.raised(deal.client, deal.held(2, "200", "0"), shared(release, "300", "0"))
    path = f"disputes/{dispute['id']}"
    assert dispute["answer_due_at"] is not None
    assert (await deal.market.read(deal.client, second))["auto_approve_at"] is None
    refused(await deal.market.act(deal.freelancer, path, "withdraw"), 403)
    answered = await deal.answered(
        dispute, deal.freelancer, deal.held(2, "0", "200"), shared(release, "0", "300")
    )
    assert answered["answer_due_at"] is None
    await deal.market.clock(days=40)
    await trust.timers()
    assert (await deal.market.done(deal.client, path, "withdraw"))["outcome"] == "withdrawn"
    goes_on_until = (await deal.market.read(deal.client, second))["auto_approve_at"]
    longer = dt.datetime.fromisoformat(goes_on_until) - dt.datetime.fromisoformat(approved_at)
    assert dt.timedelta(days=40) <= longer < dt.timedelta(days=40, minutes=1)
    assert await deal.status() == "in_review"
    assert await deal.market.wallet(deal.freelancer) == {"pending": 270}
    await deal.market.clock(days=1, hours=23)
    assert await trust.timers() == []
    await deal.market.clock(hours=2)
    assert await trust.timers() == ["release.clear"]
    await deal.market.clock(days=9)
    assert await trust.timers() == ["milestone.approve"]
    assert await deal.status() == "completed"
    # Nothing was decided: what has been released since is within reach.
    rows = await deal.market.rows(deal.client, f"releases?milestone_id={deal.milestones[1]['id']}")
    again = await deal.raised(deal.freelancer, shared(rows[0]["id"], "200", "0"))
    await deal.market.done(deal.freelancer, f"disputes/{again['id']}", "withdraw")
    assert await deal.status() == "completed"


async def test_an_offer_settles_it(trust: Trust) -> None:
    deal = await trust.deal("300", "200")
    await deal.funded(1)
    dispute = await deal.raised(deal.client, deal.held(1, "300", "0"))
    offer = {"dispute_id": dispute["id"], "split": [deal.held(1, "100", "200")], "goes_on": True}
    low = offer | {"split": [deal.held(1, "250", "50")]}
    staff = await trust.staff()
    refused(await deal.market.act(staff, "dispute-offers", body=offer), 403)
    wrong = offer | {"split": [deal.held(1, "100", "100")]}
    refused(await deal.market.act(deal.freelancer, "dispute-offers", body=wrong), 422)
    made = await deal.market.done(deal.freelancer, "dispute-offers", body=offer)
    refused(await deal.market.act(deal.freelancer, "dispute-offers", body=offer), 409)
    mine = await deal.market.done(deal.client, "dispute-offers", body=low)
    path = f"dispute-offers/{made['id']}"
    assert made["available_actions"] == ["withdraw"]
    assert (made["client_amount"], made["freelancer_amount"]) == ("100.00", "200.00")
    assert await deal.market.actions(deal.client, path) == ["accept", "decline"]
    refused(await deal.market.act(deal.freelancer, path, "accept"), 403)
    declined = await deal.market.done(deal.freelancer, f"dispute-offers/{mine['id']}", "decline")
    assert declined["status"] == "declined"
    third = await deal.market.done(deal.client, "dispute-offers", body=low)
    assert (await deal.market.done(deal.client, path, "accept"))["status"] == "accepted"
    ended = await deal.market.read(deal.client, f"disputes/{dispute['id']}")
    assert (ended["status"], ended["outcome"], ended["goes_on"]) == ("closed", "settled", True)
    left = await deal.market.read(deal.client, f"dispute-offers/{third['id']}")
    assert left["status"] == "expired"
    assert await deal.states() == ["paid", "pending"]
    assert await deal.market.wallet(deal.freelancer) == {"pending": 180}
    refused(await deal.market.act(deal.client, "dispute-offers", body=low), 409)


async def test_an_offer_expires(trust: Trust) -> None:
    deal = await trust.deal("300")
    await deal.funded(1)
    dispute = await deal.raised(deal.client, deal.held(1, "300", "0"))
    await deal.answered(dispute, deal.freelancer, deal.held(1, "0", "300"))
    body = {"dispute_id": dispute["id"], "split": [deal.held(1, "100", "200")]}
    made = await deal.market.done(deal.freelancer, "dispute-offers", body=body)
    await deal.market.clock(days=7, seconds=1)
    assert await trust.timers() == ["dispute_offer.expire"]
    path = f"dispute-offers/{made['id']}"
    assert (await deal.market.read(deal.client, path))["status"] == "expired"
    refused(await deal.market.act(deal.client, path, "accept"), 409)


async def test_of_two_ends_at_once_one_is_carried_out(trust: Trust) -> None:
    deal = await trust.deal("300")
    await deal.funded(1)
    dispute = await deal.raised(deal.client, deal.held(1, "300", "0"))
    body = {"dispute_id": dispute["id"], "split": [deal.held(1, "100", "200")]}
    offer = await deal.market.done(deal.freelancer, "dispute-offers", body=body)
    staff, path = await trust.staff(), f"disputes/{dispute['id']}"
    decision = {"resolution": "Halves.", "split": [deal.held(1, "150", "150")]}
    answer = {"answer": "It is done.", "split": [deal.held(1, "0", "300")]}
    answers = await asyncio.gather(
        deal.market.act(staff, path, "resolve", decision),
        deal.market.act(deal.client, f"dispute-offers/{offer['id']}", "accept"),
        deal.market.act(deal.client, path, "withdraw"),
        deal.market.act(deal.freelancer, path, "respond", answer),
        deal.market.act(deal.freelancer, path, "respond", answer),
    )
    ends, responses = answers[:3], answers[3:]
    assert sorted(a.status for a in ends) == [200, 409, 409]
    assert sum(a.status == 200 for a in responses) <= 1
    ended = await deal.market.read(deal.client, path)
    assert ended["status"] == "closed"
    assert (await deal.market.history("dispute", dispute["id"])).count("closed") == 1


async def test_staff_has_the_queue_with_its_counts_in_one_request(trust: Trust) -> None:
    staff, deals = await trust.staff(), [await trust.deal("100") for _ in range(3)]
    disputes = []
    for deal in deals:
        await deal.funded(1)
        disputes.append(await deal.raised(deal.client, deal.held(1, "100", "0")))
    await deals[0].market.done(staff, f"disputes/{disputes[1]['id']}", "review")
    await deals[2].market.done(deals[2].client, f"disputes/{disputes[2]['id']}", "withdraw")
    query = "status=open,escalated&sort=created_at&counts=true&expand=contract,client,items"
    queue = await trust.market.read(staff, f"disputes?{query}")
    assert [row["id"] for row in queue["data"]] == [disputes[0]["id"]]
    assert queue["data"][0]["items"]["data"][0]["client_amount"] == "100.00"
    assert queue["counts"] == {
        "open": 1, "under_review": 1, "escalated": 0, "closed": 1,
    }  # fmt: skip
    mine = await trust.market.read(staff, "disputes?assigned_to=me&counts=true")
    assert [row["id"] for row in mine["data"]] == [disputes[1]["id"]]
    assert mine["counts"]["under_review"] == 1 and mine["counts"]["open"] == 0
    own = await trust.market.read(deals[0].client, "disputes?counts=true")
    assert own["counts"]["open"] == 1 and own["counts"]["closed"] == 0
    wrong = await trust.app.http("GET", "/v1/disputes?counts=yes", staff)
    assert wrong.status == 422
    unknown = await trust.app.http("GET", "/v1/contracts?counts=true", staff)
    assert unknown.status == 422


async def test_amounts_are_those_of_their_currency(trust: Trust) -> None:
    deal = await trust.deal("1001", "200", currency="JPY", money="5000")
    await deal.funded(1)
    fine = deal.complaint(deal.held(1, "500.5", "500.5"))
    refused(await deal.market.act(deal.client, "disputes", body=fine), 422)
    dispute = await deal.raised(deal.client, deal.held(1, "1001", "0"))
    assert dispute["raiser_client_amount"] == "1001"
    await deal.answered(
        dispute, deal.freelancer, deal.held(1, "0", "1001") | {"freelancer_amount": 1001}
    )
    await deal.market.clock(days=60, seconds=1)
    while "dispute.mean" not in await trust.timers():
        await deal.market.clock(days=1)
    ended = await deal.market.read(deal.client, f"disputes/{dispute['id']}")
    assert (ended["client_amount"], ended["freelancer_amount"]) == ("501", "500")
    items = await deal.market.rows(deal.client, f"split-items?dispute_id={dispute['id']}")
    assert {item["side"]: item["freelancer_amount"] for item in items} == {
        "raiser": "0", "answer": "1001", "resolution": "500",
    }  # fmt: skip


async def test_a_dispute_is_not_raised_and_withdrawn_in_turns(trust: Trust) -> None:
    deal = await trust.deal("300", "200", "100")
    await deal.paid(1)
    await deal.submitted(2)
    held = deal.held(2, "200", "0")
    [release] = await deal.market.rows(
        deal.client, f"releases?milestone_id={deal.milestones[0]['id']}"
    )
    whole = (held, shared(release["id"], "0", "300"))

    async def withdrawn(by: Person) -> None:
        """Somebody raises one and lets it be."""
        dispute = await deal.raised(by, *whole)
        await deal.market.done(by, f"disputes/{dispute['id']}", "withdraw")

    async def is_refused(by: Person) -> None:
        """Nothing has happened for which they could raise another."""
        answer = await deal.market.act(by, "disputes", body=deal.complaint(*whole))
        assert "nothing since that is new" in refused(answer, 409)["message"]

    for party in (deal.client, deal.freelancer):
        await withdrawn(party)
    # Neither what oneself does, nor the passing of time, is something new.
    await deal.market.clock(days=1)
    for party in (deal.client, deal.freelancer):
        await is_refused(party)
    where = f"milestones/{deal.milestones[1]['id']}"
    await deal.market.done(deal.client, where, "request-revision", {"notes": "Once more"})
    await is_refused(deal.client)
    await withdrawn(deal.freelancer)
    await deal.market.done(deal.freelancer, where, "submit", {"description": "Now"})
    await is_refused(deal.freelancer)
    await withdrawn(deal.client)
    await is_refused(deal.client)
    # The rest goes on as it would have.
    await deal.market.clock(days=14, seconds=1)
    assert "milestone.approve" in await trust.timers()
