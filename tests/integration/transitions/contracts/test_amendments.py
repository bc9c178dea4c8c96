"""Amendments: other amounts of what is not funded, dates of what is, milestones that are new."""

import datetime as dt

import pytest

from tests.integration.transitions.contracts.conftest import Deal, Deals, deal_of
from tests.integration.transitions.contracts.test_milestones import money


def changing(deal: Deal, *changes: dict[str, str], **more: str) -> dict[str, object]:
    """The body of an amendment."""
    return {
        "contract_id": deal.id,
        "reason": "More work",
        "milestones": list(changes),
        **more,
    }


async def test_a_due_time_is_written_as_all_times_are(deals: Deals, deal: Deal) -> None:
    due = "2027-01-10T02:00:00+02:00"
    body = changing(deal, {"milestone_id": deal.parts[1], "due_date": due})
    proposed = await deals.done(deal.freelancer, "contract-amendments", body=body)
    assert proposed["milestones"][0]["due_date"] == "2027-01-10T00:00:00.000Z"
    await deals.done(deal.client, f"contract-amendments/{proposed['id']}", "accept")
    contract = await deals.read(deal.client, deal.path)
    assert ", due 2027-01-10T00:00:00.000Z\n" in contract["terms"]


async def test_what_an_amendment_changes_is_told(deals: Deals, deal: Deal) -> None:
    contract, changed = await deals.read(deal.client, deal.path), deal.parts[1]
    body = changing(deal, {"milestone_id": changed, "amount": "900"}, {"title": "X", "amount": "1"})
    proposed = await deals.done(deal.freelancer, "contract-amendments", body=body)
    wire = await deals.app.connect(deal.freelancer)
    await deals.done(deal.client, f"contract-amendments/{proposed['id']}", "accept")
    told = (await wire.expect("contract.changed"))["d"]
    assert (told["action"], told["status"]) == ("change", contract["status"])
    after = await deals.read(deal.client, deal.path)
    assert told["version"] == after["version"] > contract["version"]
    told = (await wire.expect("milestone.changed"))["d"]
    assert (told["id"], told["status"]) == (changed, "pending")
    await wire.flushed()
    names = [frame["ev"] for frame in wire.frames if "ev" in frame]
    assert (names.count("milestone.changed"), names.count("milestone.pending")) == (1, 1)


async def test_an_accepted_amendment_changes_total_and_fee(deals: Deals, deal: Deal) -> None:
    await deal.paid(1)
    before = await deals.read(deal.client, deal.path)
    body = changing(
        deal,
        {"milestone_id": deal.parts[1], "amount": "900", "title": "Longer"},
        {"title": "Extra", "amount": "100.05"},
        scope_of_work="Twice as much",
        deadline="2099-01-01",
    )
    proposed = await deals.done(deal.freelancer, "contract-amendments", body=body)
    assert (proposed["total_amount"], proposed["status"]) == ("1300.05", "proposed")
    assert proposed["available_actions"] == ["withdraw"]
    where = f"contract-amendments/{proposed['id']}"
    assert await deals.actions(deal.client, where) == ["accept", "decline"]
    accepted = await deals.done(deal.client, where, "accept")
    assert accepted["status"] == "accepted"
    contract = await deals.read(deal.client, deal.path)
    # 30 was taken; of the new fee, 130.00, what is to come takes 130·1000.05/1300.05.
    assert (contract["total_amount"], contract["platform_fee"]) == ("1300.05", "130.00")
    assert contract["scope_of_work"] == "Twice as much"
    assert contract["deadline"] == "2099-01-01"
    assert contract["terms"] != before["terms"]
    parts = await deals.rows(deal.client, f"milestones?contract_id={deal.id}&sort=seq")
    assert [p["percentage"] for p in parts] == [23, 92, 100]
    assert [(p["seq"], p["title"], p["amount"], p["status"]) for p in parts] == [
        (1, "Part 1", "300.00", "paid"),
        (2, "Longer", "900.00", "pending"),
        (3, "Extra", "100.05", "pending"),
    ]
    await deals.fund(deal.client, "300.05")
    deal.parts = [p["id"] for p in parts]
    await deal.paid(2)
    await deal.paid(3)
    assert await deal.status() == "completed"
    assert await deal.wallets() == ({}, money(pending="1170.05"))


@pytest.mark.parametrize(
    "time", ["9999-12-31T23:59:59-12:00", "2200-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00"]
)
async def test_times_outside_of_the_calendar_are_refused_where_they_stand(deals, deal, time):
    changes = ({"milestone_id": deal.parts[1], "due_date": time},)
    for body, path in (
        (changing(deal, *changes), "milestones[0].due_date"),
        (changing(deal, deadline=time[:10]), "deadline"),
    ):
        refused = await deals.act(deal.client, "contract-amendments", body=body)
        assert refused.status == 422
        assert refused.body["error"]["details"]["path"] == path


async def test_a_time_of_before_the_calendar_was_checked_takes_no_effect(deals, deal):
    body = changing(deal, {"milestone_id": deal.parts[1], "due_date": "2099-01-01T00:00:00-12:00"})
    proposed = await deals.done(deal.client, "contract-amendments", body=body)
    assert proposed["milestones"][0]["due_date"] == "2099-01-01T12:00:00.000Z"
    await deals.pool.execute(
        "update contract_amendments set milestones = "
        "jsonb_set(milestones, '{0,due_date}', '\"9999-12-31T23:59:59-12:00\"')"
    )
    where = f"contract-amendments/{proposed['id']}"
    refused = await deals.act(deal.freelancer, where, "accept")
    assert (refused.status, "due_date" in str(refused.body)) == (422, True)
    await deals.done(deal.freelancer, where, "decline")
    await deal.paid(2)


async def test_amounts_of_funded_milestones_are_fixed(deals: Deals, deal: Deal) -> None:
    await deal.fund(1)
    funded = {"milestone_id": deal.parts[0]}
    refused = await deals.act(
        deal.client, "contract-amendments", body=changing(deal, funded | {"amount": "1"})
    )
    assert refused.status == 409
    for wrong in (
        changing(deal),
        changing(deal, funded),
        changing(deal, {"title": "No amount"}),
        changing(deal, {"milestone_id": deal.parts[1], "amount": "0"}),
        changing(deal, {"milestone_id": deal.parts[1], "amount": "1.001"}),
        changing(deal, {"milestone_id": deal.id, "amount": "1"}),
        changing(deal, *[{"milestone_id": deal.parts[1], "amount": "1"}] * 2),
    ):
        answer = await deals.act(deal.client, "contract-amendments", body=wrong)
        assert answer.status == 422, wrong
    due = "2099-05-05T12:00:00.000Z"
    body = changing(deal, funded | {"due_date": due, "title": "Later"})
    proposed = await deals.done(deal.client, "contract-amendments", body=body)
    assert proposed["total_amount"] == "1000.00"
    second = await deals.act(deal.freelancer, "contract-amendments", body=body)
    assert second.status == 409
    await deals.done(deal.freelancer, f"contract-amendments/{proposed['id']}", "accept")
    part = await deal.part(1)
    assert (part["due_date"], part["awaited_since"], part["title"]) == (due, due, "Later")
    start = await deals.pool.fetchval(
        "SELECT start FROM timers WHERE entity_id = $1::uuid AND kind = 'transition'",
        deal.parts[0],
    )
    assert start.isoformat() == "2099-05-05T12:00:00+00:00"


async def test_what_is_funded_meanwhile_is_not_amended(deals: Deals, deal: Deal) -> None:
    body = changing(deal, {"milestone_id": deal.parts[0], "amount": "250"})
    proposed = await deals.done(deal.freelancer, "contract-amendments", body=body)
    where = f"contract-amendments/{proposed['id']}"
    await deal.fund(1)
    assert await deals.actions(deal.client, where) == ["decline"]
    assert (await deals.act(deal.client, where, "accept")).status == 409
    await deals.done(deal.client, where, "decline")
    again = await deals.done(
        deal.freelancer, "contract-amendments",
        body=changing(deal, {"milestone_id": deal.parts[1], "amount": "250"}),
    )  # fmt: skip
    await deals.clock(days=7, minutes=1)
    assert await deals.ring("amendment", again["id"], "expire")
    contract = await deals.read(deal.client, deal.path)
    assert contract["total_amount"] == "1000.00"


async def test_a_smaller_total_takes_less(deals: Deals) -> None:
    deal = await deal_of(deals, ["5", "5", "5"], "JPY")
    await deal.paid(1)
    body = changing(deal, {"milestone_id": deal.parts[2], "amount": "3"})
    proposed = await deals.done(deal.client, "contract-amendments", body=body)
    await deals.done(deal.freelancer, f"contract-amendments/{proposed['id']}", "accept")
    contract = await deals.read(deal.client, deal.path)
    # 1 was taken of 5; of the new total of 13 the fee is 1, of which round(1·8/13) is to come.
    assert (contract["total_amount"], contract["platform_fee"]) == ("13", "2")


async def test_dates_that_have_passed_are_not_proposed(deals: Deals, deal: Deal) -> None:
    past = {"milestone_id": deal.parts[1], "due_date": "2020-01-01T00:00:00Z"}
    for body, path in (
        (changing(deal, {"milestone_id": deal.parts[0], "amount": "1"}, past),
         "milestones[1].due_date"),
        (changing(deal, {"title": "New", "amount": "1", "due_date": past["due_date"]}),
         "milestones[0].due_date"),
        (changing(deal, deadline="2020-01-01"), "deadline"),
    ):  # fmt: skip
        refused = await deals.act(deal.client, "contract-amendments", body=body)
        assert (refused.status, refused.body["error"]["details"]["path"]) == (422, path)


async def test_dates_that_have_passed_meanwhile_are_not_agreed_on(deals: Deals, deal: Deal) -> None:
    soon = (dt.datetime.now(dt.UTC) + dt.timedelta(days=1)).isoformat()
    body = changing(deal, {"milestone_id": deal.parts[0], "due_date": soon})
    made = await deals.done(deal.client, "contract-amendments", body=body)
    await deals.clock(days=3)
    path = f"contract-amendments/{made['id']}"
    assert await deals.actions(deal.freelancer, path) == ["accept", "decline"]
    refused = await deals.act(deal.freelancer, path, "accept")
    assert (refused.status, refused.body["error"]["details"]["reason"]) == (409, "date_has_passed")


async def test_who_takes_back_what_they_ask_for_asks_a_few_times_a_day(
    deals: Deals, deal: Deal
) -> None:
    body = changing(deal, scope_of_work="More")
    asked = []
    for _ in range(5):
        made = await deals.done(deal.client, "contract-amendments", body=body)
        asked.append(dt.datetime.fromisoformat(made["created_at"]))
        await deals.done(deal.client, f"contract-amendments/{made['id']}", "withdraw")
    refused = await deals.act(deal.client, "contract-amendments", body=body)
    assert refused.status == 409
    details = refused.body["error"]["details"]
    assert details["reason"] == "asked_too_often"
    possible = dt.datetime.fromisoformat(details["possible_from"])
    assert possible == asked[0] + dt.timedelta(days=1)
    await deals.done(deal.freelancer, "contract-amendments", body=body)
