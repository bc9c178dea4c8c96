"""What a provider has charged is booked, whatever becomes of what it was charged for."""

from decimal import Decimal

import pytest

from handlers.workflows.money.answers import Answers
from storage.payments.events import NotThereYet
from storage.payments.provider import Settled, Told
from storage.payments.standing import Standings
from tests.integration.transitions.money.test_deposits import captured, top_up

D = Decimal


@pytest.mark.parametrize("is_order", [False, True])
async def test_money_whose_purpose_fails_is_in_the_wallet(bank, market, is_order):
    ada, ben = await market.app.people("Ada", "Ben")
    status = "pending_payment" if is_order else "active"
    contract, (milestone,) = await bank.contract(ada, ben, "100", status=status)
    await market.app.as_owner(
        """
        create function test_fails() returns trigger language plpgsql as $$
        begin raise numeric_value_out_of_range using message = 'a bug'; end $$;
        create trigger test_fails before update of status on milestones
            for each row execute function test_fails()
        """
    )
    body = {"payment_method_id": await bank.card(ada)}
    path, action = f"milestones/{milestone}", "fund"
    if is_order:
        path, action = f"contracts/{contract}", "pay"
    answer = await market.act(ada, path, action, body)
    assert answer.status == 202, answer.body
    deposit = f"deposits/{answer.body['payment']['id']}"
    row = await bank.until(ada, deposit, status="captured")
    assert (row["is_unmatched"], row["processing_fee"]) == (True, "3.00")
    assert await market.wallet(ada) == {"funded": D(100)}
    assert await bank.sums() == {"wallet_funded": D(100), "fee": D(3), "cash": D(-103)}
    assert (await market.read(ada, f"contracts/{contract}"))["status"] == status
    await bank.settled()
    assert await bank.pool.fetchval("select min(state) from provider_events") == "applied"


@pytest.mark.parametrize(("cost", "booked"), [("0.001", None), ("0.006", D("-0.01"))])
async def test_a_cost_in_parts_of_a_cent_is_rounded(bank, market, cost, booked):
    ada = await market.app.person("Ada")
    await captured(bank, ada, f"tok_ok+cost={cost}")
    assert (await bank.sums()).get("cost") == booked
    assert await market.wallet(ada) == {"funded": D(100)}


async def test_a_cost_that_cannot_be_booked_holds_no_money_up(bank, market):
    ada = await market.app.person("Ada")
    await market.app.as_owner("alter table journal_lines add check (abs(amount) < 1e9)")
    await captured(bank, ada, "tok_ok+cost=99999999999")
    assert await bank.sums() == {"wallet_funded": D(100), "fee": D(3), "cash": D(-103)}


async def test_a_payment_by_a_provider_that_is_not_in_use_fails_at_once(bank, market):
    ada, ben = await market.app.people("Ada", "Ben")
    _, (milestone,) = await bank.contract(ada, ben, "100")
    card, path = await bank.card(ada), f"milestones/{milestone}"
    await bank.pool.execute("update payment_methods set provider = 'evil'")
    answer = await market.act(ada, path, "fund", {"payment_method_id": card})
    deposit = f"deposits/{answer.body['payment']['id']}"
    row = await bank.until(ada, deposit, status="failed")
    assert row["error_message"] == "the provider evil is not in use"
    answer = await market.act(ada, path, "fund", {"payment_method_id": await bank.card(ada)})
    assert answer.status == 202, answer.body
    await bank.until(ada, path, status="in_progress")


async def test_an_amount_in_parts_of_a_cent_is_for_people_to_look_at(bank, market):
    ada = await market.app.person("Ada")
    made = await top_up(bank, ada, "tok_ok+lost")
    path = f"deposits/{made.body['id']}"
    await bank.until(ada, path, status="processing")
    executor = market.app.app.core.workflows.executor
    answers = Answers(executor, Standings(bank.pool), bank.payments.provider)
    outcome = await answers.take(Told("charge", made.body["id"], Settled("r", D("103.001"), "USD")))
    assert isinstance(outcome, NotThereYet)
    assert "decimals" in outcome.reason
    assert (await market.read(ada, path))["status"] == "processing"
