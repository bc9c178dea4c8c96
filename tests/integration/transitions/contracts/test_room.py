"""What follows of a contract's transitions around it: its job, its conversation, who is told."""

import asyncio

from tests.integration.transitions.contracts.conftest import Deal, Deals, deal_of
from tests.integration.transitions.contracts.test_ends import share
from tests.integration.transitions.contracts.test_milestones import money
from tests.integration.transitions.money.conftest import Bank


async def test_the_job_is_where_its_contract_is(deals: Deals, deal: Deal) -> None:
    assert await deal.job() == "in_progress"
    await deal.fund(1)
    await deal.submit(1)
    assert await deal.job() == "review"
    await deal.send_back(1)
    assert await deal.job() == "in_progress"
    await deal.submit(1)
    await deal.approve(1)
    assert await deal.job() == "in_progress"
    await deal.paid(2)
    assert await deal.job() == "completed"
    assert await deals.said(deal.contract) == [
        "proposal.accept", "contract.accept",
        "milestone.fund", "milestone.submit", "milestone.request-revision",
        "milestone.submit", "milestone.approve",
        "milestone.fund", "milestone.submit", "milestone.approve",
    ]  # fmt: skip


async def test_the_conversation_tells_when_a_payment_has_come(deals: Deals, deal: Deal) -> None:
    bank = Bank(deals)
    body = {"payment_method_id": await bank.card(deal.client)}
    assert (await deals.act(deal.client, deal.where(1), "fund", body)).status == 202
    await bank.until(deal.client, deal.where(1), status="in_progress")
    asked, came = (await deals.told(deal.contract))[-2:]
    assert (asked["action"], asked["facts"]["status"]) == ("milestone.fund", "pending")
    assert (came["action"], came["facts"]["status"]) == ("milestone.hold", "in_progress")
    assert (came["resource"], came["resource_id"]) == ("milestones", deal.parts[0])
    assert came["actor_id"] is None
    gig = await deals.gig(deal.freelancer)
    order = Deal(deals, deal.client, deal.freelancer, await deals.order(deal.client, gig))
    assert (await deals.act(order.client, order.path, "pay", body)).status == 202
    await bank.until(order.client, order.path, status="active")
    assert await deals.said(order.contract) == ["gig.order", "contract.pay", "contract.start"]


async def test_a_job_whose_contract_came_to_nothing_is_open_again(deals: Deals, deal: Deal) -> None:
    await deals.clock(days=31)
    await deals.done(deal.client, deal.path, "end")
    assert await deal.status() == "cancelled"
    assert await deal.job() == "open"


async def test_a_job_whose_money_was_split_is_over(deals: Deals) -> None:
    deal = await deal_of(deals, ["100"])
    await deal.fund()
    body = {"contract_id": deal.id, "reason": "x", "split": [share(deal.parts[0], "100", "0")]}
    await deals.done(deal.freelancer, "contract-cancellations", body=body)
    assert await deal.job() == "cancelled"


async def test_a_job_that_a_dispute_completes_tells_when(deals: Deals) -> None:
    deal = await deal_of(deals, ["100"])
    await deal.fund()
    await deal.submit()
    body = {"contract_id": deal.id, "type": "quality", "title": "x", "description": "x"}
    body["split"] = [share(deal.parts[0], "50", "50")]
    first = await deals.done(deal.client, "disputes", body=body)
    assert await deal.job() == "disputed"
    await deals.clock(days=6)
    assert await deals.ring("dispute", first["id"], "apply")
    path = f"jobs/{deal.contract['job_id']}"
    job = await deals.read(deal.client, path)
    contract = await deals.read(deal.client, deal.path)
    assert (job["status"], contract["status"]) == ("completed", "completed")
    assert job["completed_at"] == contract["completed_at"] is not None


async def test_who_accepts_a_share_reads_the_conversation(deals: Deals, deal: Deal) -> None:
    editor = await deals.app.person("Eve")
    path = f"/v1/conversations/{deal.contract['conversation_id']}"
    body = {"contract_id": deal.id, "user_id": str(editor.id), "share_bp": 100}
    member = await deals.done(deal.freelancer, "contract-members", body=body)
    assert (await deals.app.http("GET", path, editor)).status != 200
    await deals.done(editor, f"contract-members/{member['id']}", "accept")
    assert (await deals.app.http("GET", path, editor)).status == 200


async def test_the_room_is_one_request(deals: Deals, deal: Deal) -> None:
    await deal.paid(1)
    await deal.fund(2)
    await deal.submit(2)
    shown = "client,milestones.deliverables,members.user,escrow,releases,amendments,cancellations"
    room = await deals.read(deal.client, f"{deal.path}?expand={shown},disputes,extras,answers")
    assert [m["seq"] for m in room["milestones"]["data"]] == [1, 2]
    milestones = {m["id"]: m for m in room["milestones"]["data"]}
    second = milestones[deal.parts[1]]
    assert second["available_actions"] == ["request-revision", "approve"]
    assert second["deliverables"]["data"][0]["status"] == "submitted"
    assert [r["status"] for r in room["releases"]["data"]] == ["pending"]
    theirs = await deals.read(deal.freelancer, f"{deal.path}?expand=milestones")
    actions = [m["available_actions"] for m in theirs["milestones"]["data"]]
    assert actions == [[], []]


async def test_whoever_asked_reads_what_has_changed(deals: Deals, deal: Deal) -> None:
    path = f"/v1/{deal.path}"
    await deal.fund(1)
    for _ in range(2):  # the second is a copy
        assert (await deals.app.http("GET", path, deal.client)).body["status"] == "active"
    await deal.submit(1)
    assert (await deals.app.http("GET", path, deal.client)).body["status"] == "in_review"


async def test_of_many_at_once_one_takes_effect(deals: Deals, deal: Deal) -> None:
    funds = [deals.act(deal.client, deal.where(1), "fund", {"wallet": True}) for _ in range(20)]
    answers = await asyncio.gather(*funds)
    assert sorted(a.status for a in answers) == [200] + [409] * 19
    assert await deal.wallets() == (money(funded="700"), {})
    await deal.submit(1)
    await deals.clock(days=13)
    await deals.ring("milestone", deal.parts[0], "approve")  # its reminders are told
    await deals.clock(days=2)
    both = await asyncio.gather(
        *(deals.act(deal.client, deal.where(1), "approve") for _ in range(10)),
        *(deals.act(deal.client, deal.where(1), "request-revision", {"notes": "x"})
          for _ in range(5)),
        deals.ring("milestone", deal.parts[0], "approve"),
        return_exceptions=True,
    )  # fmt: skip
    assert sum(getattr(a, "status", 0) == 200 or a is True for a in both) == 1
    assert await deals.pool.fetchval("SELECT count(*) FROM journals WHERE kind = 'release'") <= 1
