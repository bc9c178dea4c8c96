"""Deposits: charged by a provider, booked once whatever it says, where they were meant to go."""

import asyncio
from decimal import Decimal
from uuid import UUID, uuid4

import pytest

from storage.payments.events import SentEvent
from storage.payments.provider import Settled, Told
from tests.wire import WAIT_S

D = Decimal


async def top_up(bank, person, token="tok_ok", amount="100.00", currency="USD", **options):
    body = {"amount": amount, "currency": currency}
    body["payment_method_id"] = await bank.card(person, token)
    return await bank.market.act(person, "deposits", body=body, **options)


async def captured(bank, person, token="tok_ok", amount="100.00"):
    made = await top_up(bank, person, token, amount)
    assert made.status == 201, made.body
    return await bank.until(person, f"deposits/{made.body['id']}", status="captured")


async def test_a_top_up_is_booked_when_the_provider_says_so(bank, market):
    ada = await market.app.person("Ada")
    made = await top_up(bank, ada)
    assert (made.status, made.body["status"]) == (201, "pending")
    assert (made.body["amount"], made.body["processing_fee"]) == ("100.00", "3.00")
    path = f"deposits/{made.body['id']}"
    row = await bank.until(ada, path, status="captured")
    assert row["captured_at"]
    assert row["available_actions"] == ["return"]
    assert await market.wallet(ada) == {"funded": D(100)}
    assert await bank.sums() == {"wallet_funded": D(100), "fee": D(3), "cash": D(-103)}
    assert await market.history("deposit", row["id"]) == ["pending", "processing", "captured"]
    ben = await market.app.person("Ben")
    assert (await market.app.http("GET", f"/v1/{path}", ben)).status == 404


async def test_a_yen_has_no_parts(bank, market):
    ada = await market.app.person("Ada")
    assert (await top_up(bank, ada, amount="10.5", currency="JPY")).status == 422
    made = await top_up(bank, ada, amount="1050", currency="JPY")
    assert (made.body["amount"], made.body["processing_fee"]) == ("1050", "32")
    await bank.until(ada, f"deposits/{made.body['id']}", status="captured")
    assert await market.wallet(ada, "JPY") == {"funded": D(1050)}


@pytest.mark.parametrize(
    ("body", "status", "path"),
    [
        ({"amount": "0", "currency": "USD"}, 422, "amount"),
        ({"amount": "-5", "currency": "USD"}, 422, "amount"),
        ({"amount": "5.001", "currency": "USD"}, 422, "amount"),
        ({"amount": 5.555, "currency": "USD"}, 422, "amount"),
        ({"amount": "50000.01", "currency": "USD"}, 422, "at most 50000.00 USD"),
        ({"amount": "5000001", "currency": "JPY"}, 422, "at most 5000000 JPY"),
        ({"amount": "5", "currency": "BHD"}, 422, "currency"),
        ({"amount": "5", "currency": "KRW"}, 409, "currency"),
        ({"amount": "5", "currency": "USD", "payment_method_id": str(uuid4())}, 422,
         "payment_method_id"),
    ],
)  # fmt: skip
async def test_what_cannot_be_charged_is_refused(bank, market, body, status, path):
    ada = await market.app.person("Ada")
    body = {"payment_method_id": await bank.card(ada)} | body
    answer = await market.act(ada, "deposits", body=body)
    assert answer.status == status, answer.body
    assert path in str(answer.body)
    assert not await bank.pool.fetchval("select count(*) from deposits")


async def test_others_cards_and_requests_without_a_key_are_refused(bank, market):
    ada, ben = await market.app.people("Ada", "Ben")
    body = {"amount": "5", "currency": "USD", "payment_method_id": await bank.card(ben)}
    assert (await market.act(ada, "deposits", body=body)).status == 422
    body["payment_method_id"] = await bank.card(ada)
    assert (await market.app.http("POST", "/v1/deposits", ada, body)).status == 400
    assert (await market.app.http("POST", "/v1/deposits", None, body)).status == 401


async def test_a_key_makes_one_deposit_for_ever(bank, market):
    ada = await market.app.person("Ada")
    body = {"amount": "5", "currency": "USD", "payment_method_id": await bank.card(ada)}
    key = {"headers": {"Idempotency-Key": "k"}}
    answers = await asyncio.gather(
        *(market.act(ada, "deposits", body=body, **key) for _ in range(6))
    )
    assert {answer.status for answer in answers} <= {201, 409}
    assert len({answer.body["id"] for answer in answers if answer.status == 201}) == 1
    await bank.settled()
    await bank.pool.execute("delete from idempotency_keys")
    later = await market.act(ada, "deposits", body=body, **key)
    assert later.status == 409
    assert later.body["error"]["details"]["resource"] == "deposits"
    assert await market.wallet(ada) == {"funded": D(5)}


@pytest.mark.parametrize(("token", "says"), [("tok_declined", "declined"), ("tok_failed", "later")])
async def test_a_payment_that_fails_books_nothing(bank, market, token, says):
    ada = await market.app.person("Ada")
    made = await top_up(bank, ada, token)
    row = await bank.until(ada, f"deposits/{made.body['id']}", status="failed")
    assert says in row["error_message"]
    assert (await market.wallet(ada), await bank.sums()) == ({}, {})


@pytest.mark.parametrize(
    "switches", ["+doubled", "+twice", "+reordered", "+twice+doubled+reordered", "+silent"]
)
async def test_whatever_the_order_of_events_money_is_booked_once(bank, market, switches):
    ada = await market.app.person("Ada")
    row = await captured(bank, ada, f"tok_ok{switches}")
    await market.clock(seconds=5)
    await bank.settled()
    assert await market.wallet(ada) == {"funded": D(100)}
    assert await bank.sums() == {"wallet_funded": D(100), "fee": D(3), "cash": D(-103)}
    states = await market.history("deposit", row["id"])
    assert states[-1] == "captured"
    assert states.count("captured") == 1


async def test_what_no_event_tells_is_asked_for(bank, market):
    ada = await market.app.person("Ada")
    made = await top_up(bank, ada, "tok_ok+lost")
    path = f"deposits/{made.body['id']}"
    await bank.until(ada, path, status="processing")
    assert await bank.payments.asking.step() == 0
    await market.clock(minutes=11)
    assert await bank.payments.asking.step() == 1
    assert (await market.read(ada, path))["status"] == "captured"
    assert await market.wallet(ada) == {"funded": D(100)}


async def test_a_payer_agrees_at_the_bank(bank, market):
    ada = await market.app.person("Ada")
    made = await top_up(bank, ada, "tok_action_required")
    path = f"deposits/{made.body['id']}"
    row = await bank.until(ada, path, status="processing")
    assert row["action_url"].startswith("/v1/local-provider/payments/")
    agreed = await market.app.http("POST", f"{row['action_url']}/agree")
    assert agreed.status == 200
    row = await bank.until(ada, path, status="captured")
    assert row["action_url"] is None


async def test_what_the_provider_keeps_is_the_platforms_cost(bank, market):
    ada = await market.app.person("Ada")
    await captured(bank, ada, "tok_ok+cost=0.59")
    assert await bank.sums() == {
        "wallet_funded": D(100), "fee": D(3), "cost": D("-0.59"), "cash": D("-102.41"),
    }  # fmt: skip


async def test_a_top_up_pays_debt_first(bank, market):
    ada = await market.app.person("Ada")
    await market.app.as_owner(f"""
        insert into ledger_accounts (kind, currency) values ('cash', 'USD') on conflict do nothing;
        insert into ledger_accounts (kind, user_id, currency, balance)
        values ('debt', '{ada.id}', 'USD', -30);
        with j as (insert into journals (business_key, kind) values ('t', 't') returning id)
        insert into journal_lines (id, journal_id, line, account_id, amount, currency)
        select uuid7(), j.id, row_number() over (), a.id,
               case a.kind when 'debt' then -30 else 30 end, 'USD'
        from j, ledger_accounts a where a.kind in ('debt', 'cash') and a.currency = 'USD'
    """)
    await captured(bank, ada, amount="100.00")
    assert await market.wallet(ada) == {"funded": D(70)}


async def test_a_failed_payment_that_was_captured_after_all_is_booked(bank, market):
    ada = await market.app.person("Ada")
    made = await top_up(bank, ada, "tok_declined")
    path = f"deposits/{made.body['id']}"
    await bank.until(ada, path, status="failed")
    late = Settled("late", D(103), "USD")
    await bank.payments.calls._answered(Told("charge", made.body["id"], late))
    assert (await market.read(ada, path))["status"] == "captured"
    assert await market.wallet(ada) == {"funded": D(100)}


async def test_an_event_of_a_deposit_that_is_not_there_is_parked(bank, market):
    events, now = bank.payments.processor._events, await bank.pool.fetchval("select workflow_now()")
    body = '{"id": "e", "kind": "payment.captured", "data": {"key": "%s", "reference": "r",'
    body = (body + ' "amount": "5", "currency": "USD"}}') % uuid4()
    await events.store("local", SentEvent("e", "payment.captured", {}), body, now)
    found = "select state, attempts, error from provider_events"
    for attempt, seconds in enumerate((0, 5, 60, 600, 3600), start=1):
        await market.clock(seconds=seconds)
        bank.payments.processor.wake()
        # One that is being tried is not due until its lease is over.
        async with asyncio.timeout(WAIT_S):
            while (await bank.pool.fetchrow(found))["attempts"] < attempt:
                await asyncio.sleep(0.02)
    assert tuple(await bank.pool.fetchrow(found)) == ("parked", 5, "no such deposit")


async def test_fifty_answers_at_once_book_once(bank, market):
    ada, ben = await market.app.people("Ada", "Ben")
    _, (milestone,) = await bank.contract(ada, ben, "100")
    body = {"payment_method_id": await bank.card(ada, "tok_ok+late=99999")}
    answer = await market.act(ada, f"milestones/{milestone}", "fund", body)
    key = answer.body["payment"]["id"]
    await bank.until(ada, f"deposits/{key}", status="processing")
    told = Told("charge", key, Settled("r", D(103), "USD"))
    await asyncio.gather(*(bank.payments.calls._answered(told) for _ in range(50)))
    assert await bank.sums() == {"escrow": D(100), "fee": D(3), "cash": D(-103)}
    assert await market.history("deposit", key) == ["pending", "processing", "captured"]
    journals = await bank.pool.fetch("select business_key from journals order by 1")
    assert [row["business_key"] for row in journals] == ["deposit:local:r", f"fund:{milestone}"]


async def test_what_is_left_goes_back_to_the_card(bank, market):
    ada = await market.app.person("Ada")
    row = await captured(bank, ada)
    path = f"deposits/{row['id']}"
    much = await market.act(ada, path, "return", {"amount": "100.01"})
    assert (much.status, much.body["error"]["details"]["path"]) == (422, "amount")
    assert "no more than 100.00 of it is left" in much.body["error"]["message"]
    part = await market.done(ada, path, "return", {"amount": "40"})
    assert (part["status"], part["processing_fee"]) == ("requested", "0.00")
    await bank.until(ada, f"deposit-returns/{part['id']}", status="succeeded")
    assert (await market.read(ada, path))["returned"] == "40.00"
    rest = await market.done(ada, path, "return")
    assert rest["amount"] == "60.00"
    await bank.until(ada, f"deposit-returns/{rest['id']}", status="succeeded")
    # The processing fee is kept: the money was there to be used.
    assert await bank.sums() == {"fee": D(3), "cash": D(-3)}
    assert (await market.read(ada, path))["available_actions"] == []
    assert (await market.act(ada, path, "return")).status == 409


async def test_what_is_spent_meanwhile_is_not_returned(bank, market):
    """It was there when the return was judged, and is not when the wallet is locked."""
    ada = await market.app.person("Ada")
    row = await captured(bank, ada)
    hold = "select from ledger_accounts where user_id = $1 for no key update"
    async with bank.pool.acquire() as connection:
        async with connection.transaction():
            await connection.execute(hold, ada.id)
            asking = asyncio.create_task(market.act(ada, f"deposits/{row['id']}", "return"))
            await asyncio.wait([asking], timeout=0.5)
            spend = "delete from ledger_lots where deposit_id = $1"
            assert await connection.execute(spend, UUID(row["id"])) == "DELETE 1"
        answer = await asking
    assert (answer.status, "meanwhile" in answer.body["detail"]) == (409, True)


async def test_a_return_is_tried_five_times_and_then_is_money_of_the_wallet(bank, market):
    ada, dora = await market.app.person("Ada"), await bank.staff()
    row = await captured(bank, ada, "tok_ok+dead")
    made = await market.done(ada, f"deposits/{row['id']}", "return")
    path = f"deposit-returns/{made['id']}"
    for attempt in range(1, 6):
        wanted = {"status": "failed"} if attempt == 5 else {"attempts": attempt}
        found = await bank.until(ada, path, **wanted)
        await bank.settled()
        assert found["attempts"] == attempt
        assert await market.wallet(ada) == (
            {"funded": D(100)} if attempt == 5 else {"withdrawing": D(100)}
        )
        await market.clock(hours=7)
        await bank.ring("deposit_return")
    assert (await market.act(dora, path, "make-earned")).status == 409
    assert (await market.act(ada, path, "make-earned")).status == 403
    await bank.pool.execute(
        "insert into identity_verifications (user_id, kind, status) values ($1, 'passport', "
        "'pending')", ada.id,
    )  # fmt: skip
    await bank.pool.execute("update identity_verifications set status = 'approved'")
    await market.done(dora, path, "make-earned")
    assert await market.wallet(ada) == {"earned": D(100)}
    assert (await market.act(dora, path, "make-earned")).status == 409


async def test_deposits_of_a_bank_that_asks_back_are_kept(bank, market):
    ada = await market.app.person("Ada")
    row = await captured(bank, ada)
    await bank.pool.execute(
        "insert into chargebacks (id, deposit_id, user_id, provider, provider_reference, amount, "
        "currency, created_at, updated_at) values (uuid7(), $1, $2, 'local', 'c', 1, 'USD', now(), "
        "now())", UUID(row["id"]), ada.id,
    )  # fmt: skip
    path = f"deposits/{row['id']}"
    assert (await market.read(ada, path))["available_actions"] == []
    assert (await market.act(ada, path, "return")).status == 409
