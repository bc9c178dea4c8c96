"""Milestones: funded, handed in, sent back, approved; the contract and the money follow."""

import datetime as dt
from decimal import Decimal

import pytest

from tests.integration.transitions.contracts.conftest import Deal, Deals, deal_of


def money(**amounts: str) -> dict[str, Decimal]:
    """What a wallet has."""
    return {name: Decimal(amount) for name, amount in amounts.items()}


async def test_a_milestone_is_paid_and_its_money_clears(deals: Deals, deal: Deal) -> None:
    assert await deals.actions(deal.client, deal.where(1)) == ["fund"]
    assert await deals.actions(deal.freelancer, deal.where(1)) == []
    funded = await deal.fund()
    assert (funded["status"], funded["available_actions"]) == ("in_progress", [])
    assert await deal.wallets() == (money(funded="700"), {})
    assert await deals.actions(deal.freelancer, deal.where(1)) == ["submit"]
    assert await deal.status() == "active"

    handed_in = await deal.submit()
    assert handed_in["status"] == "submitted"
    assert handed_in["auto_approve_at"] is not None
    assert await deal.status() == "in_review"
    assert await deals.actions(deal.client, deal.where(1)) == ["request-revision", "approve"]

    approved = await deal.approve()
    assert (approved["status"], approved["released"]) == ("paid", "300.00")
    assert approved["auto_approve_at"] is None
    assert await deals.history("milestone", deal.parts[0]) == [
        "pending", "pending", "in_progress", "submitted", "approved", "paid",
    ]  # fmt: skip
    assert await deal.wallets() == (money(funded="700"), money(pending="270"))
    assert await deal.status() == "active"
    release = await deal.release_of()
    assert (release["gross"], release["fee"], release["net"]) == ("300.00", "30.00", "270.00")

    await deals.clock(days=4, hours=23)
    assert not await deals.ring("release", release["id"], "clear")
    await deals.clock(hours=2)
    assert await deals.ring("release", release["id"], "clear")
    assert (await deal.release_of())["status"] == "cleared"
    assert await deal.wallets() == (money(funded="700"), money(earned="270"))


async def test_the_last_milestone_completes_the_contract(deals: Deals, deal: Deal) -> None:
    await deal.paid(1)
    await deal.paid(2)
    contract = await deals.read(deal.client, deal.path)
    assert contract["status"] == "completed"
    assert contract["completed_at"] is not None
    assert await deal.wallets() == ({}, money(pending="900"))
    (escrow,) = await deals.rows(deal.client, f"escrows?contract_id={deal.id}")
    assert (escrow["status"], escrow["held_amount"]) == ("released", "0.00")
    assert await deals.history("contract", deal.id) == [
        "pending_acceptance", "active", "in_review", "active", "in_review", "completed",
    ]  # fmt: skip


async def test_work_is_sent_back_so_often_and_handed_in_again(deals: Deals, deal: Deal) -> None:
    await deal.fund()
    for revision in (1, 2):
        await deal.submit()
        sent_back = await deal.send_back()
        assert (sent_back["status"], sent_back["auto_approve_at"]) == ("in_progress", None)
        assert await deal.status() == "revision_requested"
        assert await deals.timers(deal.parts[0]) == {"cancel-late": "milestone_unreturned_days"}
        contract = await deals.read(deal.client, deal.path)
        assert contract["revisions_used"] == revision
    await deal.submit()
    assert await deals.actions(deal.client, deal.where(1)) == ["approve"]
    refused = await deals.act(deal.client, deal.where(1), "request-revision", {"notes": "More"})
    assert (refused.status, refused.body["error"]["message"]) == (422, "no revision is left")
    handed_in = await deals.rows(deal.client, f"deliverables?milestone_id={deal.parts[0]}")
    assert sorted((d["delivery_number"], d["status"]) for d in handed_in) == [
        (1, "revision_requested"), (2, "revision_requested"), (3, "submitted"),
    ]  # fmt: skip


async def test_what_is_not_answered_is_approved_after_reminders(deals: Deals, deal: Deal) -> None:
    await deal.fund()
    await deal.submit()
    await deals.clock(days=13, hours=23)
    assert not await deals.ring("milestone", deal.parts[0], "approve")
    await deals.clock(hours=26)
    assert await deals.ring("milestone", deal.parts[0], "approve")
    assert (await deal.part(1))["status"] == "paid"
    assert await deal.wallets() == (money(funded="700"), money(pending="270"))


@pytest.mark.parametrize("days", [74, 76])
async def test_nothing_handed_in_gives_the_money_back_in_the_end(deals: Deals, days: int) -> None:
    deal = await deal_of(deals)
    await deal.fund()
    await deals.clock(days=days)
    assert await deals.ring("milestone", deal.parts[0], "cancel-late") is (days > 75)
    expected = "cancelled" if days > 75 else "in_progress"
    assert (await deal.part(1))["status"] == expected
    assert await deal.status() == "active"


async def test_a_client_cancels_what_is_late(deals: Deals, deal: Deal) -> None:
    await deals.pool.execute(
        "UPDATE milestones SET due_date = workflow_now() + interval '2 days' WHERE id = $1::uuid",
        deal.parts[0],
    )
    await deal.fund(1)
    await deal.fund(2)
    await deals.clock(days=2, hours=23)
    early = await deals.act(deal.client, deal.where(1), "cancel-late")
    due = dt.datetime.fromisoformat((await deal.part(1))["due_date"])
    possible = (due + dt.timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%S.")
    assert early.status == 422
    assert f"not late enough: possible from {possible}" in early.body["error"]["message"]
    await deals.clock(hours=2)
    assert await deals.actions(deal.client, deal.where(1)) == ["cancel-late"]
    never_due = await deals.act(deal.client, deal.where(2), "cancel-late")
    assert (never_due.status, never_due.body["error"]["message"]) == (422, "it is not late enough")
    cancelled = await deals.done(deal.client, deal.where(1), "cancel-late")
    assert (cancelled["status"], cancelled["refunded"]) == ("cancelled", "300.00")
    assert await deal.wallets() == (money(funded="300"), {})
    assert await deal.status() == "active"


async def test_a_client_cancels_what_does_not_come_back(deals: Deals, deal: Deal) -> None:
    await deal.fund()
    await deal.submit()
    await deal.send_back()
    await deals.clock(days=6, hours=23)
    assert (await deals.act(deal.client, deal.where(1), "cancel-late")).status == 422
    await deals.clock(hours=2)
    await deals.done(deal.client, deal.where(1), "cancel-late")
    assert await deal.wallets() == (money(funded="1000"), {})


async def test_a_wallet_that_holds_too_little_funds_nothing(deals: Deals, deal: Deal) -> None:
    await deal.fund(2)
    await deals.pool.execute(
        "UPDATE milestones SET amount = 301 WHERE id = $1::uuid", deal.parts[0]
    )
    refused = await deals.act(deal.client, deal.where(1), "fund", {"wallet": True})
    assert refused.status == 409
    assert refused.body["error"]["details"] == {"missing": "1.00", "currency": "USD"}
    assert (await deal.part(1))["status"] == "pending"
    await deals.pool.execute(
        "UPDATE milestones SET amount = 300 WHERE id = $1::uuid", deal.parts[0]
    )


async def test_money_asks_for_a_key_and_moves_once(deals: Deals, deal: Deal) -> None:
    path = f"/v1/{deal.where(1)}/fund"
    keyless = await deals.app.http("POST", path, deal.client, {"wallet": True})
    assert keyless.status == 400
    key = {"Idempotency-Key": "once"}
    for _ in range(2):
        answer = await deals.app.http("POST", path, deal.client, {"wallet": True}, headers=key)
        assert answer.status == 200, answer.body
    assert await deal.wallets() == (money(funded="700"), {})
    again = await deals.act(deal.client, deal.where(1), "fund", {"wallet": True})
    assert again.status == 409


async def test_who_may_and_in_which_order_refusals_are_told(deals: Deals, deal: Deal) -> None:
    stranger = await deals.app.person()
    path = deal.where(1)
    assert (await deals.act(stranger, path, "fund", {"wallet": True})).status == 404
    assert (await deals.act(deal.freelancer, path, "fund", {"wallet": True})).status == 403
    assert (await deals.act(deal.client, path, "submit", {"description": "x"})).status == 403
    assert (await deals.act(deal.client, path, "approve", {"nonsense": 1})).status == 409
    neither = await deals.act(deal.client, path, "fund", {})
    assert (neither.status, neither.body["error"]["code"]) == (422, "validation_failed")
    await deal.fund()
    empty = await deals.act(deal.freelancer, path, "submit", {})
    assert empty.status == 422


async def test_files_that_are_handed_in_are_ones_own(deals: Deals, deal: Deal) -> None:
    await deal.fund()
    theirs = (await deals.app.upload(deal.client)).body["file"]["file_id"]
    own = (await deals.app.upload(deal.freelancer)).body["file"]["file_id"]
    refused = await deals.act(deal.freelancer, deal.where(1), "submit", {"file_ids": [theirs]})
    assert refused.status == 422
    await deals.done(
        deal.freelancer, deal.where(1), "submit",
        {"file_ids": [own], "video_urls": ["https://example.org/film"], "title": "First cut"},
    )  # fmt: skip
    (handed_in,) = await deals.rows(deal.client, f"deliverables?milestone_id={deal.parts[0]}")
    assert (handed_in["file_ids"], handed_in["title"]) == ([own], "First cut")


async def test_fees_of_parts_add_up_in_a_currency_without_decimals(deals: Deals) -> None:
    deal = await deal_of(deals, ["5", "5", "5"], "JPY")
    for number in (1, 2, 3):
        await deal.paid(number)
    fees = await deals.pool.fetch(
        "SELECT fee FROM releases WHERE contract_id = $1::uuid ORDER BY id", deal.id
    )
    # The fee of 15 is 2 (half to even): of parts of 5 it is 1, 0 and 1.
    assert [row["fee"] for row in fees] == [1, 0, 1]
    assert await deals.wallet(deal.freelancer, "JPY") == money(pending="13")


async def test_what_is_never_handed_in_again_is_given_up(deals: Deals, deal: Deal) -> None:
    await deal.fund()
    await deal.submit()
    await deal.send_back()
    await deals.clock(days=29)
    assert not await deals.ring("milestone", deal.parts[0], "cancel-late")
    await deals.clock(days=2)
    assert await deals.ring("milestone", deal.parts[0], "cancel-late")
    assert (await deal.part(1))["status"] == "cancelled"
    assert await deal.wallets() == (money(funded="1000"), {})
    assert await deal.status() == "active"
    assert await deals.timers(deal.id) == {"end": "contract_idle_end_days"}
