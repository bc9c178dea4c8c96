"""Paying for milestones and orders: by a card, of which the provider tells later, or a wallet."""

from decimal import Decimal
from uuid import uuid4

import pytest

D = Decimal


@pytest.mark.parametrize(
    ("token", "amount", "currency"),
    [("tok_wrong_amount", D(104), "USD"), ("tok_wrong_currency", D(103), "EUR")],
)
async def test_another_sum_than_was_asked_for_is_the_payers_whole(
    bank, market, token, amount, currency
):
    ada, ben = await market.app.people("Ada", "Ben")
    _, (milestone,) = await bank.contract(ada, ben, "100")
    body = {"payment_method_id": await bank.card(ada, token)}
    answer = await market.act(ada, f"milestones/{milestone}", "fund", body)
    assert answer.status == 202, answer.body
    path = f"deposits/{answer.body['payment']['id']}"
    row = await bank.until(ada, path, status="captured")
    assert (row["is_unmatched"], row["processing_fee"], row["currency"]) == (
        True, "0.00", currency,
    )  # fmt: skip
    assert await market.wallet(ada, currency) == {"funded": amount}
    assert await bank.sums(currency) == {"wallet_funded": amount, "cash": -amount}
    assert (await market.read(ada, f"milestones/{milestone}"))["status"] == "pending"


async def test_a_milestone_is_funded_by_a_card(bank, market):
    ada, ben = await market.app.people("Ada", "Ben")
    _, (first, second) = await bank.contract(ada, ben, "100", "50")
    body = {"payment_method_id": await bank.card(ada)}
    answer = await market.act(ada, f"milestones/{first}", "fund", body)
    assert answer.status == 202
    assert set(answer.body["payment"]) == {"id", "status", "action_url"}
    where = answer.headers["Location"]
    assert where == f"/v1/deposits/{answer.body['payment']['id']}"
    assert (await market.app.http("GET", where, ada)).status == 200
    await bank.until(ada, f"milestones/{first}", status="in_progress")
    assert await market.wallet(ada) == {}
    assert await bank.sums() == {"escrow": D(100), "fee": D(3), "cash": D(-103)}
    assert (await market.read(ada, f"milestones/{second}"))["status"] == "pending"
    again = await market.act(ada, f"milestones/{first}", "fund", body)
    assert again.status == 409


async def test_a_milestone_is_funded_from_the_wallet(bank, market):
    ada, ben = await market.app.people("Ada", "Ben")
    _, (milestone,) = await bank.contract(ada, ben, "100")
    path = f"milestones/{milestone}"
    both = {"wallet": True, "payment_method_id": str(uuid4())}
    for body, is_both in (({}, False), (both, True)):
        answer = await market.act(ada, path, "fund", body)
        assert answer.status == 422
        assert ("not both" in answer.body["error"]["message"]) is is_both
    await market.fund(ada, "60")
    answer = await market.act(ada, path, "fund", {"wallet": True})
    assert answer.status == 409
    assert answer.body["error"]["details"] == {"missing": "40.00", "currency": "USD"}
    await market.fund(ada, "60")
    assert (await market.done(ada, path, "fund", {"wallet": True}))["status"] == "in_progress"
    assert await market.wallet(ada) == {"funded": D(20)}


async def test_one_payment_for_a_milestone_is_under_way_at_a_time(bank, market):
    ada, ben = await market.app.people("Ada", "Ben")
    _, (milestone,) = await bank.contract(ada, ben, "100")
    path, late = f"milestones/{milestone}", {"payment_method_id": await bank.card(ada, "tok_late")}
    first = await market.act(ada, path, "fund", late)
    assert first.status == 202
    await bank.until(ada, f"deposits/{first.body['payment']['id']}", status="processing")
    await market.fund(ada, "100")
    assert "fund" not in await market.actions(ada, path)
    for how in (late, {"wallet": True}):
        again = await market.act(ada, path, "fund", how)
        assert again.status == 409
        assert again.body["error"]["details"] == {"reason": "payment_under_way"}
    await market.clock(minutes=21)
    await bank.until(ada, path, status="in_progress")
    assert await market.wallet(ada) == {"funded": D(100)}
    assert (await bank.sums())["escrow"] == D(100)


async def test_one_payment_for_an_order_is_under_way_at_a_time(bank, market):
    ada, ben = await market.app.people("Ada", "Ben")
    contract, _ = await bank.contract(ada, ben, "80", status="pending_payment")
    path, late = f"contracts/{contract}", {"payment_method_id": await bank.card(ada, "tok_late")}
    assert (await market.act(ada, path, "pay", late)).status == 202
    await market.fund(ada, "80")
    assert "pay" not in await market.actions(ada, path)
    for how in (late, {"wallet": True}):
        assert (await market.act(ada, path, "pay", how)).status == 409
    await bank.settled()
    await market.clock(minutes=21)
    await bank.until(ada, path, status="active")
    assert await market.wallet(ada) == {"funded": D(80)}


async def test_whoever_does_not_agree_at_the_bank_pays_in_another_way(bank, market):
    ada, ben = await market.app.people("Ada", "Ben")
    contract = await market.contract(ada, ben, ["100"])
    [milestone] = await market.milestones(ada, contract)
    path = f"milestones/{milestone['id']}"
    card = {"payment_method_id": await bank.card(ada, "tok_action_required")}
    begun = (await market.act(ada, path, "fund", card)).body["payment"]
    deposit = await bank.until(ada, f"deposits/{begun['id']}", status="processing")
    await market.fund(ada, "100")
    assert (await market.act(ada, path, "fund", {"wallet": True})).status == 409
    assert (await market.app.http("POST", f"{deposit['action_url']}/decline")).status == 200
    await bank.until(ada, f"deposits/{begun['id']}", status="failed")
    assert (await market.said(contract))[-1] == "deposit.fail"
    assert "fund" in await market.actions(ada, path)
    await market.done(ada, path, "fund", {"wallet": True})
    assert (await market.said(contract))[-1] == "milestone.fund"


async def test_a_room_hears_of_what_becomes_of_a_payment(bank, market):
    ada, ben = await market.app.people("Ada", "Ben")
    gig = await market.gig(ben)
    order = await market.order(ada, gig)
    path = f"contracts/{order['id']}"
    for token, status, wanted in (
        ("tok_failed", "failed", "deposit.fail"),
        ("tok_ok", "captured", "contract.start"),
    ):
        before = await market.said(order)
        card = {"payment_method_id": await bank.card(ada, token)}
        begun = (await market.act(ada, path, "pay", card)).body["payment"]
        await bank.until(ada, f"deposits/{begun['id']}", status=status)
        assert await market.said(order) == [*before, "contract.pay", wanted]


async def test_an_order_begins_when_it_is_paid(bank, market):
    ada, ben = await market.app.people("Ada", "Ben")
    for body in ({"payment_method_id": await bank.card(ada)}, {"wallet": True}):
        contract, (milestone,) = await bank.contract(ada, ben, "80", status="pending_payment")
        await market.fund(ada, "80" if "wallet" in body else "1")
        answer = await market.act(ada, f"contracts/{contract}", "pay", body)
        assert answer.status == (200 if "wallet" in body else 202), answer.body
        await bank.until(ada, f"contracts/{contract}", status="active")
        assert (await market.read(ada, f"milestones/{milestone}"))["status"] == "in_progress"
        assert (await market.act(ada, f"contracts/{contract}", "pay", body)).status == 409


async def test_a_payment_for_an_order_that_is_cancelled_is_the_clients(bank, market):
    ada, ben = await market.app.people("Ada", "Ben")
    contract, _ = await bank.contract(ada, ben, "80", status="pending_payment")
    body = {"payment_method_id": await bank.card(ada, "tok_late")}
    answer = await market.act(ada, f"contracts/{contract}", "pay", body)
    assert answer.status == 202
    path = f"deposits/{answer.body['payment']['id']}"
    await bank.until(ada, path, status="processing")
    await market.done(ada, f"contracts/{contract}", "cancel")
    await market.clock(minutes=21)
    row = await bank.until(ada, path, status="captured")
    assert (row["is_unmatched"], await market.wallet(ada)) == (True, {"funded": D(80)})
    assert (await market.read(ada, f"contracts/{contract}"))["status"] == "cancelled"
    # It never served: the fee goes back with it.
    returned = await market.done(ada, path, "return")
    assert (returned["amount"], returned["processing_fee"]) == ("80.00", "2.40")
    await bank.until(ada, f"deposit-returns/{returned['id']}", status="succeeded")
    assert (await market.wallet(ada), await bank.sums()) == ({}, {})
