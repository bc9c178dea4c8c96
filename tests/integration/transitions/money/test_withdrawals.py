"""Withdrawals: asked for, approved, paid out in batches; what the provider says of them."""

import asyncio
import dataclasses
from datetime import timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest

from protocol.text import format_time
from storage.payments.provider import Failed, Settled, Told
from tests.app import Person

D = Decimal


async def ask(bank, person, amount="50", method=None, **options):
    body = {"amount": amount, "currency": "USD"}
    body["payout_method_id"] = method or await bank.account(person)
    return await bank.market.act(person, "withdrawals", body=body, **options)


@pytest.fixture
async def ada(bank):
    """Somebody who has earned 100."""
    person = await bank.verified("Ada")
    await bank.earn(person, "100")
    return person


@pytest.fixture
async def dora(bank):
    """Staff."""
    return await bank.staff()


async def approved(bank, person, dora, amount="50", token="acct_ok"):
    made = await ask(bank, person, amount, await bank.account(person, token))
    assert made.status == 201, made.body
    path = f"withdrawals/{made.body['id']}"
    await bank.market.done(dora, path, "approve")
    return path


async def batch(bank, dora):
    asked = {"currency": "USD", "provider": "local"}
    made = await bank.market.done(dora, "payout-batches", body=asked)
    return f"payout-batches/{made['id']}"


async def test_the_lines_of_a_statement_tell_what_became_of_it(bank, market, ada):
    made = await ask(bank, ada)
    await market.done(ada, f"withdrawals/{made.body['id']}", "cancel")
    month = f"{(await bank.pool.fetchval('select workflow_now()')):%Y-%m}"
    found = await market.read(ada, f"wallets/statement?currency=USD&month={month}")
    told = [(entry["kind"], entry["state"]) for entry in found["entries"]]
    assert told[1:] == [("withdraw", "requested"), ("withdraw", "cancelled")]


async def test_earned_money_is_paid_out(bank, market, ada, dora):
    path = await approved(bank, ada, dora)
    assert await market.wallet(ada) == {"earned": D(50), "withdrawing": D(50)}
    made = await market.done(dora, "payout-batches", body={"currency": "USD"})
    assert (made["total_amount"], made["withdrawal_count"]) == ("50.00", 1)
    assert made["available_actions"] == ["submit", "cancel"]
    assert (await market.read(ada, path))["available_actions"] == []
    await market.done(dora, f"payout-batches/{made['id']}", "submit")
    row = await bank.until(ada, path, status="paid")
    assert row["paid_at"]
    await bank.until(dora, f"payout-batches/{made['id']}", status="settled")
    assert await market.wallet(ada) == {"earned": D(50)}
    assert await bank.sums() == {"wallet_earned": D(50), "cash": D(-50)}
    states = ["requested", "approved", "approved", "processing", "paid"]
    assert await market.history("withdrawal", row["id"]) == states


async def test_who_pays_out_hears_what_becomes_of_it(bank, market, ada, dora):
    path = await approved(bank, ada, dora)
    wire = await market.app.connect(dora)
    made = await market.done(dora, "payout-batches", body={"currency": "USD"})
    await market.done(dora, f"payout-batches/{made['id']}", "submit")
    await bank.until(ada, path, status="paid")
    for state in ("draft", "submitted", "settled"):
        told = (await wire.expect(f"payout_batch.{state}"))["d"]
        assert (told["id"], told["status"]) == (made["id"], state)


async def test_a_batch_names_its_provider(bank, market, ada, dora):
    await approved(bank, ada, dora)
    body = {"currency": "USD", "provider": "local"}
    made = await market.done(dora, "payout-batches", body=body)
    assert (made["provider"], made["withdrawal_count"]) == ("local", 1)
    for wrong in ("", "Local", "local\n", "x" * 51):
        answer = await market.act(dora, "payout-batches", body=body | {"provider": wrong})
        assert (answer.status, answer.body["errors"][0]["path"]) == (422, "provider")
    nobody = await market.act(dora, "payout-batches", body=body | {"provider": "another"})
    assert nobody.status == 409


async def test_who_may_not_withdraw(bank, market, dora):
    ada = await market.app.person("Ada")
    await bank.earn(ada, "100")
    answer = await ask(bank, ada)
    assert (answer.status, "verified" in answer.body["detail"]) == (409, True)
    await bank.pool.execute("update user_private set email_verified_at = now()")
    method = await bank.account(ada, is_new=True)
    answer = await ask(bank, ada, method=method)
    assert (answer.status, answer.body["errors"][0]["path"]) == (422, "payout_method_id")
    usable_at = (await market.read(ada, f"payout-methods/{method}"))["usable_at"]
    assert answer.body["error"]["details"]["possible_from"] == usable_at
    assert usable_at in answer.body["detail"]
    await market.clock(hours=73)
    changed_at = await bank.pool.fetchval(
        "insert into user_secrets (user_id, password_hash, password_changed_at) "
        "values ($1, 'x', workflow_now() - interval '71 hours') returning password_changed_at",
        ada.id,
    )
    answer = await ask(bank, ada, method=method)
    settled_at = format_time(changed_at + timedelta(hours=72))
    assert answer.status == 409
    assert answer.body["error"]["details"]["possible_from"] == settled_at
    await market.clock(hours=2)
    for wrong in ({"amount": "0"}, {"amount": "0.001"}, {"method": str(uuid4())}):
        assert (await ask(bank, ada, **{"method": method} | wrong)).status == 422
    ben = await bank.verified("Ben")
    assert (await ask(bank, ben, method=method)).status == 422
    answer = await ask(bank, ada, "100.01", method)
    assert (answer.status, answer.body["error"]["details"]["missing"]) == (409, "0.01")
    assert (await ask(bank, ada, "100", method)).status == 201


async def test_a_changed_password_holds_withdrawals(bank, market):
    words = {"email": "ada@example.org", "password": "the first one", "kind": "both"}
    made = await market.app.http("POST", "/v1/auth/register", body=words | {"display_name": "Ada"})
    ada = Person(UUID(made.body["user"]["id"]), "Ada", made.body["access_token"], "", uuid4())
    await bank.pool.execute("update user_private set email_verified_at = now()")
    await bank.earn(ada, "100")
    method = await bank.account(ada)
    # A new account's password is as new.
    answer = await ask(bank, ada, method=method)
    assert (answer.status, "password was changed" in answer.body["detail"]) == (409, True)
    await market.clock(hours=73)
    assert (await ask(bank, ada, "10", method)).status == 201
    body = {"password": "the first one", "new_password": "the second one"}
    changed = await market.app.http("POST", "/v1/auth/password", ada, body)
    ada = dataclasses.replace(ada, token=changed.body["access_token"])
    answer = await ask(bank, ada, "10", method)
    assert (answer.status, "password was changed" in answer.body["detail"]) == (409, True)
    await market.clock(hours=73)
    assert (await ask(bank, ada, "10", method)).status == 201


async def test_what_is_owed_and_what_was_deposited_is_not_withdrawn(bank, market, ada):
    await market.fund(ada, "500")
    assert (await ask(bank, ada, "101")).status == 409
    await market.app.as_owner(
        "insert into ledger_accounts (kind, user_id, currency, balance) "
        f"values ('debt', '{ada.id}', 'EUR', -1)"
    )
    answer = await ask(bank, ada, "50")
    assert (answer.status, "owe" in answer.body["detail"]) == (409, True)


async def test_the_whole_balance_is_withdrawn_once(bank, market, ada):
    method = await bank.account(ada)
    answers = await asyncio.gather(*(ask(bank, ada, "100", method) for _ in range(50)))
    assert sorted(answer.status for answer in answers) == [201] + [409] * 49
    assert await market.wallet(ada) == {"withdrawing": D(100)}


async def test_a_key_makes_one_withdrawal_for_ever(bank, market, ada):
    method, key = await bank.account(ada), {"headers": {"Idempotency-Key": "k"}}
    first = await ask(bank, ada, "10", method, **key)
    again = await ask(bank, ada, "10", method, **key)
    assert (again.status, again.body["id"]) == (201, first.body["id"])
    await bank.pool.execute("delete from idempotency_keys")
    later = await ask(bank, ada, "10", method, **key)
    assert (later.status, later.body["error"]["details"]["id"]) == (409, first.body["id"])
    assert await market.wallet(ada) == {"earned": D(90), "withdrawing": D(10)}


async def test_who_may_approve_and_cancel(bank, market, ada, dora):
    made = (await ask(bank, ada)).body
    path = f"withdrawals/{made['id']}"
    assert made["available_actions"] == ["cancel"]
    assert (await market.act(ada, path, "approve")).status == 403
    stranger = await market.app.person("Carl")
    assert (await market.act(stranger, path, "cancel")).status == 404
    await bank.pool.execute("update users set staff_role = 'support' where id = $1", ada.id)
    assert (await market.act(ada, path, "approve")).status == 409
    assert await market.actions(dora, path) == ["approve", "cancel"]
    await market.done(dora, path, "approve")
    assert (await market.act(dora, path, "approve")).status == 409
    await market.done(ada, path, "cancel")
    assert await market.wallet(ada) == {"earned": D(100)}
    assert (await market.act(ada, path, "cancel")).status == 409


async def test_small_amounts_are_approved_by_themselves(bank, market, ada):
    await bank.pool.execute(
        "update platform_settings set value = '20' where key = 'withdrawal_automatic_amount'"
    )
    assert (await ask(bank, ada, "20")).body["status"] == "approved"
    assert (await ask(bank, ada, "20.01")).body["status"] == "requested"


async def test_a_withdrawal_that_nobody_pays_is_cancelled(bank, market, ada, dora):
    one, other = (await ask(bank, ada, "30")).body, await approved(bank, ada, dora, "20")
    await market.clock(days=14, hours=-1)
    await bank.ring("withdrawal")
    assert (await market.read(ada, other))["status"] == "approved"
    await market.clock(hours=2)
    await bank.ring("withdrawal")
    for path in (f"withdrawals/{one['id']}", other):
        assert (await market.read(ada, path))["status"] == "cancelled"
    assert await market.wallet(ada) == {"earned": D(100)}


async def test_a_batch_stops_the_timer_and_a_cancelled_one_lets_it_run(bank, market, ada, dora):
    path = await approved(bank, ada, dora)
    draft = await batch(bank, dora)
    assert (await market.act(ada, path, "cancel")).status == 409
    await market.clock(days=15)
    await bank.ring("withdrawal")
    assert (await market.read(ada, path))["status"] == "approved"
    await market.done(dora, draft, "cancel")
    assert await market.actions(ada, path) == ["cancel"]
    await bank.ring("withdrawal")
    assert (await market.read(ada, path))["status"] == "cancelled"


async def test_a_batch_that_nobody_submits_is_given_up(bank, market, ada, dora):
    path = await approved(bank, ada, dora)
    draft = await batch(bank, dora)
    await market.clock(hours=23)
    await bank.ring("payout_batch")
    assert (await market.read(dora, draft))["status"] == "draft"
    await market.clock(hours=1, seconds=1)
    await bank.ring("payout_batch")
    assert (await market.read(dora, draft))["status"] == "cancelled"
    assert await market.actions(ada, path) == ["cancel"]
    # What was let go is gathered again.
    await market.done(dora, await batch(bank, dora), "submit")
    await bank.until(ada, path, status="paid")


async def test_a_method_that_is_taken_away_takes_its_withdrawals_with_it(bank, market, ada, dora):
    method = await bank.account(ada)
    made = (await ask(bank, ada, "30", method)).body
    assert (await market.app.http("DELETE", f"/v1/payout-methods/{method}", ada)).status == 204
    path = f"withdrawals/{made['id']}"
    assert (await market.read(ada, path))["payout_method_id"] is None
    assert (await market.act(dora, path, "approve")).status == 409
    await bank.ring("withdrawal")
    assert (await market.read(ada, path))["status"] == "cancelled"
    assert await market.wallet(ada) == {"earned": D(100)}


async def test_a_method_that_is_paid_to_stays(bank, market, ada, dora):
    path = await approved(bank, ada, dora)
    method = (await market.read(ada, path))["payout_method_id"]
    await batch(bank, dora)
    answer = await market.app.http("DELETE", f"/v1/payout-methods/{method}", ada)
    assert answer.status == 409
    assert (await market.read(ada, path))["payout_method_id"] == method


async def test_payouts_of_a_batch_go_their_own_ways(bank, market, dora):
    people, paths = {}, {}
    for token in ("acct_ok", "acct_failed", "acct_declined", "acct_returned"):
        people[token] = await bank.verified(token)
        await bank.earn(people[token], "10")
        paths[token] = await approved(bank, people[token], dora, "10", token)
    submitted = await batch(bank, dora)
    await market.done(dora, submitted, "submit")
    for token, status in (
        ("acct_ok", "paid"), ("acct_failed", "failed"), ("acct_declined", "failed"),
    ):  # fmt: skip
        await bank.until(people[token], paths[token], status=status)
    await bank.until(dora, submitted, status="partially_failed")
    await market.clock(seconds=2)
    await bank.until(people["acct_returned"], paths["acct_returned"], status="returned")
    for token, person in people.items():
        expected = {} if token == "acct_ok" else {"earned": D(10)}
        assert await market.wallet(person) == expected
    assert await bank.sums() == {"wallet_earned": D(30), "cash": D(-30)}
    assert (await market.read(dora, submitted))["status"] == "partially_failed"


@pytest.mark.parametrize("switches", ["+twice", "+doubled", "+reordered+late=1", "+silent"])
async def test_whatever_the_order_of_events_a_payout_is_booked_once(
    bank, market, ada, dora, switches
):
    path = await approved(bank, ada, dora, "50", f"acct_ok{switches}")
    await market.done(dora, await batch(bank, dora), "submit")
    await market.clock(seconds=10)
    await bank.until(ada, path, status="paid")
    await bank.settled()
    assert await bank.sums() == {"wallet_earned": D(50), "cash": D(-50)}


async def test_a_payout_that_had_failed_and_was_paid_after_all(bank, market, ada, dora, logs):
    path = await approved(bank, ada, dora, "80", "acct_failed")
    await market.done(dora, await batch(bank, dora), "submit")
    row = await bank.until(ada, path, status="failed")
    await market.fund(ada, "7")
    method = await bank.account(ada)
    assert (await ask(bank, ada, "70", method)).status == 201
    told = Told("payout", row["id"], Settled("late", D(80), "USD"))
    await bank.payments.calls._answered(told)
    assert (await market.read(ada, path))["status"] == "paid"
    # 30 were left of what was earned, 7 of what was deposited.
    assert await market.wallet(ada) == {"withdrawing": D(70), "debt": D(43)}
    assert any(line["event"] == "withdrawal_paid_after_it_had_failed" for line in logs)
    await bank.payments.calls._answered(told)
    assert await market.wallet(ada) == {"withdrawing": D(70), "debt": D(43)}


async def test_what_cannot_be_true_moves_nothing(bank, market, ada, dora):
    path = await approved(bank, ada, dora, "50")
    row = await market.read(ada, path)
    answered = bank.payments.calls._answered
    with pytest.raises(Exception, match="while it is approved"):
        await answered(Told("payout", row["id"], Settled("r", D(50), "USD")))
    await market.done(dora, await batch(bank, dora), "submit")
    await bank.until(ada, path, status="paid")
    for wrong in (Settled("r", D(51), "USD"), Settled("r", D(50), "EUR"), Failed("no")):
        with pytest.raises(Exception, match=r"another amount|while it is paid"):
            await answered(Told("payout", row["id"], wrong))
    assert await bank.sums() == {"wallet_earned": D(50), "cash": D(-50)}


async def test_batches_are_made_by_staff_of_what_waits(bank, market, ada, dora):
    assert (await market.act(dora, "payout-batches", body={"currency": "USD"})).status == 409
    path = await approved(bank, ada, dora)
    assert (await market.act(ada, "payout-batches", body={"currency": "USD"})).status == 403
    assert (await market.act(dora, "payout-batches", body={"currency": "EUR"})).status == 409
    assert (await market.act(dora, "payout-batches", body={"currency": "XXX"})).status == 422
    named = {"currency": "USD", "provider": "local"}
    answers = await asyncio.gather(
        *(market.act(dora, "payout-batches", body=named) for _ in range(8))
    )
    assert sorted(answer.status for answer in answers) == [201] + [409] * 7
    (made,) = (answer.body for answer in answers if answer.status == 201)
    batch_path = f"payout-batches/{made['id']}"
    assert (await market.app.http("GET", f"/v1/{batch_path}", ada)).status == 404
    answers = await asyncio.gather(
        *(market.act(dora, batch_path, "submit") for _ in range(8)),
        *(market.act(dora, batch_path, "cancel") for _ in range(8)),
    )
    assert [answer.status for answer in answers].count(200) == 1
    status = (await market.read(dora, batch_path))["status"]
    assert (await market.read(ada, path))["status"] in (
        {"approved"} if status == "cancelled" else {"processing", "paid"}
    )


async def test_cancelling_and_gathering_at_once(bank, market, dora):
    people = [await bank.verified(f"P{n}") for n in range(6)]
    paths = []
    for person in people:
        await bank.earn(person, "10")
        paths.append(await approved(bank, person, dora, "10"))
    answers = await asyncio.gather(
        market.act(dora, "payout-batches", body={"currency": "USD"}),
        *(market.act(p, path, "cancel") for p, path in zip(people, paths, strict=True)),
    )
    assert all(answer.status in {200, 201, 409} for answer in answers), answers
    made = answers[0]
    in_batch = await bank.pool.fetchval(
        "select count(*) from withdrawals where payout_batch_id is not null"
    )
    assert in_batch == (made.body["withdrawal_count"] if made.status == 201 else 0)
    rows = await bank.pool.fetch("select status, payout_batch_id from withdrawals")
    assert all((r["status"] == "cancelled") == (r["payout_batch_id"] is None) for r in rows)


async def test_little_is_withdrawn_only_where_there_is_no_more(bank, market, ada):
    refused = await ask(bank, ada, "0.99")
    assert (refused.status, "1.00 USD" in str(refused.body)) == (422, True)
    assert (await ask(bank, ada, "99.50")).status == 201
    assert (await ask(bank, ada, "0.50")).status == 201
