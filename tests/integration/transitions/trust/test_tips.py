"""A tip: from the client's wallet to the freelancer, without a fee, within limits."""

import asyncio

from tests.integration.transitions.trust.conftest import Deal, Trust, refused, shared


async def test_a_completed_contract_is_tipped(trust: Trust) -> None:
    deal = await trust.deal("300", money="500")
    refused(await deal.market.act(deal.client, deal.path, "tip", {"amount": "10"}), 409)
    await deal.paid(1)
    assert "tip" in await deal.market.actions(deal.client, deal.path)
    assert "tip" not in await deal.market.actions(deal.freelancer, deal.path)
    refused(await deal.market.act(deal.freelancer, deal.path, "tip", {"amount": "10"}), 403)
    for amount in ("0", "-5", "1.001", "300.01"):
        refused(await deal.market.act(deal.client, deal.path, "tip", {"amount": amount}), 422)
    poor = await deal.market.act(deal.client, deal.path, "tip", {"amount": "250"})
    assert refused(poor, 409)["details"] == {"missing": "50.00", "currency": "USD"}
    given = await deal.market.done(deal.client, deal.path, "tip", {"amount": 50})
    assert (given["kind"], given["gross"], given["fee"]) == ("tip", "50.00", "0.00")
    assert (given["status"], given["user_id"]) == ("pending", str(deal.freelancer.id))
    assert await deal.market.wallet(deal.client) == {"funded": 150}
    assert await deal.market.wallet(deal.freelancer) == {"pending": 320}
    await deal.market.clock(days=5, seconds=1)
    assert await trust.timers() == ["release.clear", "release.clear"]
    assert await deal.market.wallet(deal.freelancer) == {"earned": 320}
    assert await deal.status() == "completed"


async def test_an_empty_wallet_tips_nobody(trust: Trust) -> None:
    deal = await trust.deal("300", money="300")
    await deal.paid(1)
    assert "tip" not in await deal.market.actions(deal.client, deal.path)
    answer = await deal.market.act(deal.client, deal.path, "tip", {"amount": "1"})
    assert "the wallet" in refused(answer, 409)["message"]


async def test_both_are_told_of_a_tip_and_how_much_it_is(trust: Trust) -> None:
    deal = await trust.deal("300", money="500")
    await deal.paid(1)
    wire = await trust.app.connect(deal.freelancer)
    await deal.market.done(deal.client, deal.path, "tip", {"amount": "12.5"})
    heard = (await wire.expect("contract.tipped"))["d"]
    assert (heard["resource"], heard["id"]) == ("contracts", deal.contract["id"])
    talk = deal.contract["conversation_id"]
    told = (await deal.market.rows(deal.freelancer, f"conversations/{talk}/messages"))[-1]
    assert told["system"]["action"] == "contract.tip"
    facts = {"title": deal.contract["title"], "amount": "12.50", "currency": "USD"}
    assert told["system"]["facts"] == facts


async def test_an_amount_is_text_or_a_number_as_it_was_sent(trust: Trust) -> None:
    deal = await trust.deal("300", money="1000")
    await deal.paid(1)
    given = await deal.market.done(deal.client, deal.path, "tip", {"amount": 5.5})
    assert given["gross"] == "5.50"
    for amount in ("5.000000000000000001", "5.555", "1e-400", "-1.5", "1e30", "true"):
        headers = {"Idempotency-Key": amount, "Content-Type": "application/json"}
        body = f'{{"amount": {amount}}}'
        answer = await trust.app.http(
            "POST", f"/v1/{deal.path}/tip", deal.client, data=body, headers=headers
        )
        assert refused(answer, 422)["details"]["path"] == "amount"


async def test_a_member_too_many_is_told_alone(trust: Trust) -> None:
    deal = await trust.deal("300", money="1000")
    await deal.paid(1)
    answer = await deal.market.act(deal.client, deal.path, "tip", {"amount": "5", "x": 1})
    assert refused(answer, 422)["details"] == {
        "path": "x", "reason": "no such member or parameter", "unknown": ["x"],
    }  # fmt: skip


async def test_tips_never_exceed_the_contract_nor_its_days(trust: Trust) -> None:
    deal = await trust.deal("300", money="1000")
    await deal.paid(1)
    await deal.market.done(deal.client, deal.path, "tip", {"amount": "299"})
    refused(await deal.market.act(deal.client, deal.path, "tip", {"amount": "2"}), 422)
    await deal.market.clock(days=29, hours=23)
    assert "tip" in await deal.market.actions(deal.client, deal.path)
    await deal.market.clock(hours=2)
    assert "tip" not in await deal.market.actions(deal.client, deal.path)
    refused(await deal.market.act(deal.client, deal.path, "tip", {"amount": "1"}), 422)


async def test_a_request_gives_one_tip_for_ever(trust: Trust) -> None:
    deal = await trust.deal("300", money="1000")
    await deal.paid(1)
    keyless = await trust.app.http("POST", f"/v1/{deal.path}/tip", deal.client, {"amount": "10"})
    assert keyless.status == 400
    key = {"headers": {"Idempotency-Key": "thanks"}}
    first = await deal.market.act(deal.client, deal.path, "tip", {"amount": "10"}, **key)
    again = await deal.market.act(deal.client, deal.path, "tip", {"amount": "10"}, **key)
    assert (first.status, again.status) == (201, 201)
    assert again.body["id"] == first.body["id"]
    await trust.market.pool.execute("DELETE FROM idempotency_keys")
    late = await deal.market.act(deal.client, deal.path, "tip", {"amount": "10"}, **key)
    assert refused(late, 409)["details"] == {"resource": "releases", "id": first.body["id"]}
    assert await deal.market.wallet(deal.client) == {"funded": 690}


async def test_tips_at_once_share_what_is_left(trust: Trust) -> None:
    deal = await trust.deal("100", money="1000")
    await deal.paid(1)
    answers = await asyncio.gather(
        *(deal.market.act(deal.client, deal.path, "tip", {"amount": "60"}) for _ in range(5))
    )
    assert sorted(a.status for a in answers) == [201, 422, 422, 422, 422]


async def test_debt_and_refunds_of_tips(trust: Trust) -> None:
    deal = await trust.deal("300", money="1000")
    await deal.paid(1)
    given = await deal.market.done(deal.client, deal.path, "tip", {"amount": "50"})
    asked = {"release_id": given["id"], "amount": "50", "reason": "A mistake."}
    refund = await deal.market.done(deal.client, "refunds", body=asked)
    await deal.market.done(deal.freelancer, f"refunds/{refund['id']}", "approve")
    assert await deal.market.wallet(deal.client) == {"funded": 700}
    await trust.app.as_owner(
        "INSERT INTO ledger_accounts (kind, user_id, currency, balance)"
        f" VALUES ('debt', '{deal.client.id}', 'EUR', -1)"
    )
    assert "tip" not in await deal.market.actions(deal.client, deal.path)
    refused(await deal.market.act(deal.client, deal.path, "tip", {"amount": "1"}), 409)
    await trust.app.as_owner("UPDATE ledger_accounts SET balance = 0 WHERE kind = 'debt'")


async def _refunded(trust: Trust, deal: Deal, release: str, amount: str) -> None:
    """The freelancer gives back a part of a release."""
    asked = {"release_id": release, "amount": amount, "reason": "A mistake."}
    refund = await deal.market.done(deal.client, "refunds", body=asked)
    await deal.market.done(deal.freelancer, f"refunds/{refund['id']}", "approve")


async def test_tips_are_no_more_than_what_the_work_was_paid(trust: Trust) -> None:
    deal = await trust.deal("100", "900", money="3000")
    [release] = await deal.paid(1)
    # 900 come back: 100 were paid for the work.
    await deal.funded(2)
    dispute = await deal.raised(deal.client, deal.held(2, "900", "0"), shared(release, "0", "100"))
    body = {"dispute_id": dispute["id"]}
    body["split"] = [deal.held(2, "900", "0"), shared(release, "0", "100")]
    offer = await deal.market.done(deal.client, "dispute-offers", body=body)
    await deal.market.done(deal.freelancer, f"dispute-offers/{offer['id']}", "accept")
    assert await deal.status() == "completed"
    much = await deal.market.act(deal.client, deal.path, "tip", {"amount": "100.01"})
    assert refused(much, 422)["details"]["path"] == "amount"
    await _refunded(trust, deal, release, "60")
    refused(await deal.market.act(deal.client, deal.path, "tip", {"amount": "41"}), 422)
    await deal.market.done(deal.client, deal.path, "tip", {"amount": "40"})
    assert "tip" not in await deal.market.actions(deal.client, deal.path)
    refused(await deal.market.act(deal.client, deal.path, "tip", {"amount": "1"}), 422)


async def test_what_was_given_back_whole_takes_no_tip(trust: Trust) -> None:
    deal = await trust.deal("300", money="1000")
    [release] = await deal.paid(1)
    await _refunded(trust, deal, release, "300")
    assert "tip" not in await deal.market.actions(deal.client, deal.path)
    refused(await deal.market.act(deal.client, deal.path, "tip", {"amount": "1"}), 422)


async def test_what_a_tip_stands_on_is_given_back_after_it(trust: Trust) -> None:
    deal = await trust.deal("300", money="1000")
    [release] = await deal.paid(1)
    given = await deal.market.done(deal.client, deal.path, "tip", {"amount": "200"})
    asked = {"release_id": release, "amount": "100.01", "reason": "A mistake."}
    refund = await deal.market.done(deal.client, "refunds", body=asked)
    where = f"refunds/{refund['id']}"
    assert await deal.market.actions(deal.freelancer, where) == ["reject"]
    assert (
        "tips go back first"
        in refused(await deal.market.act(deal.freelancer, where, "approve"), 409)["message"]
    )
    await deal.market.done(deal.freelancer, where, "reject")
    # Nor by a dispute, which the other leaves unanswered.
    split = [shared(release, "300", "0"), shared(given["id"], "0", "200")]
    complaint = deal.complaint(*split)
    assert (
        "tips go back first"
        in refused(await deal.market.act(deal.client, "disputes", body=complaint), 422)["message"]
    )
    split[1] = shared(given["id"], "200", "0")
    dispute = await deal.raised(deal.client, *split)
    await deal.market.done(deal.client, f"disputes/{dispute['id']}", "withdraw")
    await _refunded(trust, deal, given["id"], "200")
    await _refunded(trust, deal, release, "300")
