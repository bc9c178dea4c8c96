"""What happens in the marketplace notifies those whom it concerns, and settles what it answers."""

from typing import Any

import orjson

from server.http.documents.notifications import EVENT_DATA, MAYBE_DATA
from tests.app import Person, Served
from tests.integration.notifications.conftest import Inbox
from tests.integration.transitions.contracts.conftest import Deal, Deals


async def test_from_a_proposal_to_a_contract(app: Served, deals: Deals, inbox: Inbox) -> None:
    client, freelancer, other = await app.people("Clara", "Fred", "Otto")
    job = await deals.job(client)
    proposal = await deals.proposal(job, freelancer)
    (received,) = await inbox.rows(client)
    assert (received["type"], received["priority"]) == ("proposal.received", "high")
    assert received["category"] == "proposal"
    assert received["data"]["id"] == proposal["id"]
    assert set(EVENT_DATA) <= received["data"].keys() <= {*EVENT_DATA, *MAYBE_DATA}
    assert await inbox.types(freelancer) == []

    await deals.proposal(job, other)
    assert await inbox.types(client) == ["proposal.received"] * 2
    proposal = await deals.done(client, f"proposals/{proposal['id']}", "shortlist")
    # Who has acted on it has read it, and who has not acted on the other has not.
    assert await inbox.types(client) == ["proposal.received"]
    assert await inbox.types(freelancer) == ["proposal.shortlisted"]

    contract = await deals.accepted(client, proposal)
    assert await inbox.types(client) == []
    assert await inbox.types(freelancer) == ["proposal.shortlisted", "contract.offered"]
    assert await inbox.types(other) == ["proposal.rejected"]

    await deals.done(freelancer, f"contracts/{contract['id']}", "accept")
    assert await inbox.types(client) == ["contract.accepted"]
    assert await inbox.types(freelancer) == ["proposal.shortlisted"]


async def test_a_withdrawn_proposal_is_asked_about_no_more(
    app: Served, deals: Deals, inbox: Inbox
) -> None:
    client, freelancer = await app.people("Clara", "Fred")
    proposal = await deals.proposal(await deals.job(client), freelancer)
    assert await inbox.types(client) == ["proposal.received"]
    await deals.done(freelancer, f"proposals/{proposal['id']}", "withdraw")
    assert await inbox.types(client) == ["proposal.withdrawn"]
    assert await inbox.types(client, unread=False) == ["proposal.received", "proposal.withdrawn"]
    assert await inbox.types(freelancer, unread=False) == []


async def test_a_changed_proposal_still_waits(app: Served, deals: Deals, inbox: Inbox) -> None:
    client, freelancer = await app.people("Clara", "Fred")
    proposal = await deals.proposal(await deals.job(client), freelancer)
    for amount in ("900.00", "800.00"):
        changed = await deals.change(freelancer, f"proposals/{proposal['id']}", amount=amount)
        assert changed.status == 200, changed.body
    received, changes = await inbox.rows(client)
    assert (received["type"], received["count"]) == ("proposal.received", 1)
    assert (changes["type"], changes["count"]) == ("proposal.changed", 2)


async def test_a_milestone_from_money_to_money(deal: Deal, inbox: Inbox) -> None:
    client, freelancer = deal.client, deal.freelancer
    await deal.fund()
    assert await inbox.types(client) == []
    assert await inbox.types(freelancer) == ["milestone.funded"]

    await deal.submit()
    assert await inbox.types(client) == ["milestone.submitted"]
    # Who hands in has seen that it was funded.
    assert await inbox.types(freelancer) == []

    await deal.send_back()
    assert await inbox.types(client) == []
    assert await inbox.types(freelancer) == ["milestone.revision_requested"]

    await deal.submit()
    await deal.approve()
    assert await inbox.types(client) == []
    (paid,) = await inbox.rows(freelancer)
    assert (paid["type"], paid["category"]) == ("payment.received", "payment")
    release = await deal.release_of()
    assert (paid["data"]["amount"], paid["data"]["currency"]) == (release["net"], "USD")


async def test_the_end_of_a_contract(deal: Deal, inbox: Inbox) -> None:
    await deal.paid(1)
    await inbox.read_all(deal.freelancer)
    await deal.paid(2)
    assert await inbox.types(deal.client) == []
    assert sorted(await inbox.types(deal.freelancer)) == [
        "contract.completed",
        "payment.received",
        "review.invited",
    ]


async def test_what_a_timer_does_is_told_to_both(deals: Deals, deal: Deal, inbox: Inbox) -> None:
    await deal.fund()
    await deal.submit()
    assert await inbox.types(deal.client) == ["milestone.submitted"]
    await deals.clock(days=15)
    assert await deals.ring("milestone", deal.parts[0], "approve")
    # What was asked for is settled, on every device, though nobody has read it.
    assert await inbox.types(deal.client) == ["milestone.approved"]
    assert await inbox.types(deal.freelancer) == ["payment.received"]


async def test_a_dispute(deals: Deals, deal: Deal, inbox: Inbox) -> None:
    await deal.fund()
    await inbox.read_all(deal.freelancer)
    split = {"milestone_id": deal.parts[0], "client_amount": "300", "freelancer_amount": "0"}
    body = {
        "contract_id": deal.id,
        "type": "quality",
        "title": "The sound is missing",
        "description": "Half of the film has no sound.",
        "split": [split],
    }
    dispute = await deals.done(deal.client, "disputes", body=body)
    assert await inbox.types(deal.client) == []
    assert await inbox.types(deal.freelancer) == ["dispute.raised"]

    answer = {"answer": "It was agreed so.", "split": [split | {
        "client_amount": "0", "freelancer_amount": "300",
    }]}  # fmt: skip
    await deals.done(deal.freelancer, f"disputes/{dispute['id']}", "respond", answer)
    assert await inbox.types(deal.freelancer) == []
    assert await inbox.types(deal.client) == ["dispute.answered"]

    offer = {"dispute_id": dispute["id"], "split": [split | {
        "client_amount": "100", "freelancer_amount": "200",
    }]}  # fmt: skip
    offer = await deals.done(deal.client, "dispute-offers", body=offer)
    assert await inbox.types(deal.freelancer) == ["dispute_offer.offered"]
    await deals.done(deal.freelancer, f"dispute-offers/{offer['id']}", "accept")
    # It is told that it is settled, and not each step that follows of it.
    assert sorted(await inbox.types(deal.client)) == [
        "dispute.answered",
        "dispute.settled",
        "review.invited",
    ]
    assert await inbox.types(deal.freelancer) == []


async def test_a_reminder_takes_the_place_of_what_was_asked(
    app: Served, deals: Deals, deal: Deal, inbox: Inbox
) -> None:
    await deal.fund()
    await deal.submit()
    await deals.clock(days=13)
    await app.app.core.workflows.timers.turn()
    (due,) = await inbox.rows(deal.client)
    assert (due["type"], due["priority"]) == ("milestone.approval_due", "high")
    assert due["expires_at"] == due["data"]["due_at"]


async def test_who_may_not_read_it_is_not_told(app: Served, deal: Deal, inbox: Inbox) -> None:
    stranger = await app.person("Eve")
    gone = await app.person("Dan")
    await inbox.pool.execute("UPDATE users SET staff_role = 'admin' WHERE id = $1", gone.id)
    audience = [deal.client, deal.freelancer, stranger, gone]
    await _noted(inbox, _event(deal, "contract.completed", "complete", audience, "active", 99))
    for person in (deal.client, deal.freelancer, gone):
        assert await inbox.types(person) == ["contract.completed"]
    assert await inbox.types(stranger) == []

    await inbox.pool.execute("UPDATE users SET status = 'deleted' WHERE id = $1", gone.id)
    await _noted(inbox, _event(deal, "contract.refunded", "refund", [gone], "active", 100))
    await inbox.settled()
    told = await inbox.pool.fetch("SELECT type FROM notifications WHERE user_id = $1", gone.id)
    assert [row["type"] for row in told] == ["contract.completed"]


async def test_nobody_is_asked_for_what_has_been_done(deal: Deal, inbox: Inbox) -> None:
    """Executions may be taken up in another order than that of their commits."""
    offered = _event(
        deal, "contract.pending_acceptance", "offer", [deal.freelancer], "pending_acceptance", 1
    )
    await _noted(inbox, offered)
    assert await inbox.types(deal.freelancer) == []


async def test_what_is_older_settles_nothing_newer(deal: Deal, inbox: Inbox) -> None:
    await deal.fund()
    await deal.submit()
    assert await inbox.types(deal.client) == ["milestone.submitted"]
    before = _event(deal, "milestone.in_progress", "hold", [deal.client], "in_progress", 1)
    about = {"resource": "milestones", "id": deal.parts[0]}
    await _noted(inbox, before | about | {"actor_id": str(deal.client.id)})
    assert await inbox.types(deal.client) == ["milestone.submitted"]


async def test_a_team_hears_of_its_work_and_of_its_own_money(
    app: Served, deals: Deals, deal: Deal, inbox: Inbox
) -> None:
    member = await app.person("Mia")
    await deals.pool.execute(
        "INSERT INTO freelancer_profiles (user_id) VALUES ($1) ON CONFLICT DO NOTHING", member.id
    )
    body = {"contract_id": deal.id, "user_id": str(member.id), "share_bp": 4000}
    asked = await deals.act(deal.freelancer, "contract-members", body=body)
    assert asked.status == 201, asked.body
    (invited,) = await inbox.rows(member)
    assert invited["type"] == "contract_member.invited"
    assert await inbox.types(deal.client) == []
    await deals.done(member, f"contract-members/{asked.body['id']}", "accept")
    assert await inbox.types(deal.freelancer) == ["contract_member.accepted"]
    await deal.fund()
    await deal.submit()
    await deal.approve()
    (first,) = [r for r in await inbox.rows(deal.freelancer) if r["category"] == "payment"]
    (second,) = [r for r in await inbox.rows(member) if r["category"] == "payment"]
    assert first["data"]["amount"] != second["data"]["amount"]
    releases = await deals.rows(member, f"releases?milestone_id={deal.parts[0]}")
    assert second["data"]["amount"] in {release["net"] for release in releases}


async def test_who_has_left_hears_of_a_dispute_that_holds_back_their_money(
    app: Served, deals: Deals, deal: Deal, inbox: Inbox
) -> None:
    member = await app.person("Mia")
    await deals.pool.execute("INSERT INTO freelancer_profiles (user_id) VALUES ($1)", member.id)
    body = {"contract_id": deal.id, "user_id": str(member.id), "share_bp": 4000}
    invited = await deals.done(deal.freelancer, "contract-members", body=body)
    await deals.done(member, f"contract-members/{invited['id']}", "accept")
    await deal.paid()
    await deal.fund(2)
    await deals.done(member, f"contract-members/{invited['id']}", "leave")
    await inbox.read_all(member, deal.freelancer)
    split = {"milestone_id": deal.parts[1], "client_amount": "700", "freelancer_amount": "0"}
    kept = [
        {"release_id": release["id"], "client_amount": "0", "freelancer_amount": release["gross"]}
        for release in await deals.rows(deal.client, f"releases?contract_id={deal.id}")
        if release["user_id"] == str(deal.freelancer.id)
    ]
    await deals.done(deal.client, "disputes", body={
        "contract_id": deal.id,
        "type": "quality",
        "title": "The sound is missing",
        "description": "Half of the film has no sound.",
        "split": [split, *kept],
    })  # fmt: skip
    assert await inbox.types(deal.freelancer) == ["dispute.raised"]
    assert await inbox.types(member) == ["dispute.raised"]


async def test_it_is_told_in_chinese_through_both_doors(
    app: Served, deal: Deal, inbox: Inbox
) -> None:
    await inbox.pool.execute(
        "UPDATE users SET locale = 'zh-CN', timezone = 'Asia/Shanghai' WHERE id = $1",
        deal.client.id,
    )
    wire = await app.connect(deal.client)
    await deal.fund()
    await deal.submit()
    heard = (await wire.expect("notification.created"))["d"]["notification"]
    (over_http,) = await inbox.rows(deal.client)
    page = await wire.ask("notification.list", unread=True)
    (over_socket,) = page["notifications"]
    assert heard == over_http == over_socket
    assert heard["title"] == "Fred 提交了“Part 1”"
    assert heard["content"] == f"请在“{deal.contract['title']}”中验收或要求修改。"
    assert heard["action_url"] == f"/milestones/{deal.parts[0]}"


async def test_what_is_newer_than_what_settles_stays(app: Served, deal: Deal, inbox: Inbox) -> None:
    await inbox.read_all(deal.client)
    items = [
        {
            "user_id": str(deal.client.id),
            "type": kind,
            "category": "contract",
            "data": {"version": version},
            "subject_type": "contracts",
            "subject_id": deal.id,
        }
        for kind, version in (("contract.funded", 3), ("contract.completed", 9))
    ]
    await inbox.pool.execute("SELECT notify_users($1::jsonb)", orjson.dumps(items).decode())
    event = _event(deal, "contract.changed", "fund", [], "active", 3)
    await _noted(inbox, event | {"actor_id": str(deal.client.id)})
    assert await inbox.types(deal.client) == ["contract.completed"]


def _event(
    deal: Deal, name: str, action: str, audience: list[Person], status: str, version: int
) -> dict[str, Any]:
    return {
        "name": name,
        "audience": [str(person.id) for person in audience],
        "resource": "contracts",
        "id": deal.id,
        "status": status,
        "version": version,
        "action": action,
        "actor_id": None,
    }


async def _noted(inbox: Inbox, event: dict[str, Any]) -> None:
    """An execution that has told this."""
    await inbox.settled()
    await inbox.pool.execute(
        "INSERT INTO outbox (consumer, kind, data) VALUES ('notifications', 'domain', $1::jsonb)",
        orjson.dumps({"events": [event]}).decode(),
    )
