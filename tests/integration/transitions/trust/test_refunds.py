"""Released money is asked back: freely while it is pending, within limits once it has cleared."""

import asyncio
from decimal import Decimal

from tests.integration.transitions.trust.conftest import Deal, Trust, refused, shared


def _asked(release: str, amount: str) -> dict[str, str]:
    return {"release_id": release, "amount": amount, "reason": "The sound is missing."}


async def _refund(deal: Deal, release: str, amount: str) -> str:
    made = await deal.market.done(deal.client, "refunds", body=_asked(release, amount))
    assert made["status"] == "requested"
    return f"refunds/{made['id']}"


async def test_what_is_pending_is_given_back_freely(trust: Trust) -> None:
    deal = await trust.deal("300", "700")
    [release] = await deal.paid(1)
    path = await _refund(deal, release, "100.01")
    assert await deal.market.actions(deal.client, path) == ["withdraw"]
    assert await deal.market.actions(deal.freelancer, path) == ["approve", "reject"]
    refused(await deal.market.act(deal.client, path, "approve"), 403)
    refused(await deal.market.act(deal.client, "refunds", body=_asked(release, "1")), 409)
    done = await deal.market.done(deal.freelancer, path, "approve")
    assert (done["status"], done["fee"]) == ("succeeded", "10.00")
    assert await deal.market.wallet(deal.freelancer) == {"pending": Decimal("179.99")}
    assert await deal.market.history("refund", path[8:]) == ["requested", "approved", "succeeded"]
    refused(await deal.market.act(deal.freelancer, path, "reject"), 409)
    rest = await _refund(deal, release, "199.99")
    assert (await deal.market.done(deal.freelancer, rest, "approve"))["fee"] == "20.00"
    assert await deal.market.wallet(deal.freelancer) == {}
    assert await deal.market.wallet(deal.client) == {"funded": 1000}
    assert (await deal.market.read(deal.client, f"releases/{release}"))["status"] == "reversed"
    refused(await deal.market.act(deal.client, "refunds", body=_asked(release, "1")), 409)
    assert await deal.states() == ["paid", "pending"]
    await deal.market.clock(days=6)
    assert await trust.timers() == []


async def test_only_its_client_asks_for_what_there_is(trust: Trust) -> None:
    deal = await trust.deal("300")
    [release] = await deal.paid(1)
    for amount in ("0", "-1", "300.01", "1.001", "x"):
        refused(await deal.market.act(deal.client, "refunds", body=_asked(release, amount)), 422)
    refused(await deal.market.act(deal.freelancer, "refunds", body=_asked(release, "1")), 403)
    stranger = await trust.app.person()
    refused(await deal.market.act(stranger, "refunds", body=_asked(release, "1")), 403)
    path = await _refund(deal, release, "300")
    assert (await deal.market.done(deal.freelancer, path, "reject"))["status"] == "rejected"
    again = await _refund(deal, release, "300")
    await deal.market.clock(days=14, seconds=1)
    assert "refund.reject" in await trust.timers()
    assert (await deal.market.read(deal.client, again))["status"] == "rejected"


async def test_a_refusal_says_why_and_who_asked_takes_it_back(trust: Trust) -> None:
    deal = await trust.deal("300")
    [release] = await deal.paid(1)
    path = await _refund(deal, release, "100")
    bad = await deal.market.act(deal.freelancer, path, "reject", {"reason": ""})
    assert refused(bad, 422)["details"]["path"] == "reason"
    await deal.market.done(deal.freelancer, path, "reject", {"reason": "All is there."})
    talk = deal.contract["conversation_id"]
    told = (await deal.market.rows(deal.client, f"conversations/{talk}/messages"))[-1]
    assert told["system"]["action"] == "refund.reject"
    assert told["system"]["facts"]["note"] == "All is there."
    path = await _refund(deal, release, "100")
    refused(await deal.market.act(deal.freelancer, path, "withdraw"), 403)
    assert await deal.market.actions(deal.client, path) == ["withdraw"]
    assert (await deal.market.done(deal.client, path, "withdraw"))["status"] == "withdrawn"
    refused(await deal.market.act(deal.freelancer, path, "approve"), 409)
    await deal.market.clock(days=15)
    assert "refund.reject" not in await trust.timers()
    await _refund(deal, release, "300")


async def test_the_conversation_spells_amounts_as_their_rows_do(trust: Trust) -> None:
    deal = await trust.deal("1001", "200", currency="JPY", money="5000")
    [release] = await deal.paid(1)
    path = await _refund(deal, release, "250")
    await deal.market.done(deal.freelancer, path, "reject")
    split = [
        {"release_id": release, "client_amount": "1", "freelancer_amount": "1000"},
    ]
    body = {"contract_id": deal.contract["id"], "reason": "x", "split": split}
    await deal.market.done(deal.client, "contract-cancellations", body=body)
    talk = deal.contract["conversation_id"]
    rows = await deal.market.rows(deal.client, f"conversations/{talk}/messages")
    told = {row["system"]["action"]: row["system"]["facts"] for row in rows}
    title = deal.contract["title"]
    accepted = {"title": title, "total_amount": "1201", "currency": "JPY"}
    assert told["proposal.accept"] == accepted
    assert told["milestone.fund"]["amount"] == "1001"
    assert told["refund.reject"] == {"amount": "250", "currency": "JPY", "note": None}
    assert told["cancellation.propose"] == {"client_amount": "1", "freelancer_amount": "1000"}


async def test_of_cleared_money_what_was_earned_and_within_days(trust: Trust) -> None:
    deal = await trust.deal("300", "700")
    staff = await trust.staff()
    [release] = await deal.paid(1)
    await deal.market.clock(days=6)
    await trust.timers()
    path = await _refund(deal, release, "100")
    assert (await deal.market.done(deal.freelancer, path, "approve"))["status"] == "succeeded"
    assert await deal.market.wallet(deal.freelancer) == {"earned": 180}
    # What was earned is held for a contract of their own by now: it is not there to be given back.
    other = await trust.app.person("Cy")
    spent = await trust.market.contract(deal.freelancer, other, ["100"])
    [milestone] = await trust.market.milestones(deal.freelancer, spent)
    held = f"milestones/{milestone['id']}"
    await trust.market.done(deal.freelancer, held, "fund", {"wallet": True})
    path = await _refund(deal, release, "200")
    assert await deal.market.actions(deal.freelancer, path) == ["reject"]
    refused(await deal.market.act(deal.freelancer, path, "approve"), 422)
    assert await deal.market.actions(staff, path) == ["approve", "reject"]
    assert (await deal.market.done(staff, path, "approve"))["fee"] == "20.00"
    assert await deal.market.wallet(deal.freelancer) == {"debt": 100}
    assert await deal.market.wallet(deal.client) == {"funded": 1000}


async def test_after_some_days_staff_alone_decides(trust: Trust) -> None:
    deal = await trust.deal("300", "700")
    staff = await trust.staff()
    [release] = await deal.paid(1)
    await deal.market.clock(days=5, seconds=1)
    await trust.timers()
    path = await _refund(deal, release, "100")
    await deal.market.clock(days=13)
    assert await deal.market.actions(deal.freelancer, path) == ["approve", "reject"]
    await deal.market.clock(days=2)
    assert "refund.reject" in await trust.timers()
    await deal.market.clock(days=16)
    path = await _refund(deal, release, "100")
    assert await deal.market.actions(deal.freelancer, path) == ["reject"]
    assert await deal.market.actions(staff, path) == ["approve", "reject"]
    await trust.market.pool.execute(
        "UPDATE users SET staff_role = 'admin' WHERE id = $1", deal.client.id
    )
    refused(await deal.market.act(deal.client, path, "approve"), 403)
    assert (await deal.market.done(staff, path, "approve"))["status"] == "succeeded"


async def test_a_dispute_freezes_it(trust: Trust) -> None:
    deal = await trust.deal("300")
    [release] = await deal.paid(1)
    path = await _refund(deal, release, "100")
    dispute = await deal.raised(deal.client, shared(release, "300", "0"))
    assert (await deal.market.read(deal.client, path))["status"] == "rejected"
    refused(await deal.market.act(deal.client, "refunds", body=_asked(release, "1")), 409)
    await deal.market.done(deal.client, f"disputes/{dispute['id']}", "withdraw")
    await _refund(deal, release, "100")


async def test_two_answers_at_once_are_one(trust: Trust) -> None:
    deal = await trust.deal("300")
    [release] = await deal.paid(1)
    path, staff = await _refund(deal, release, "100"), await trust.staff()
    answers = await asyncio.gather(
        deal.market.act(deal.freelancer, path, "approve"),
        deal.market.act(staff, path, "approve"),
        deal.market.act(deal.freelancer, path, "reject"),
    )
    assert sorted(a.status for a in answers) == [200, 409, 409]


async def test_half_a_unit_is_rounded_as_python_rounds_it(trust: Trust) -> None:
    pool = trust.market.pool
    for amount, part, whole, currency, expected in (
        ("5", "1", "2", "JPY", "2"), ("7", "1", "2", "JPY", "4"),
        ("0.05", "0.50", "1.00", "USD", "0.02"), ("30.00", "100.01", "300.00", "USD", "10.00"),
        ("10.01", "33.33", "100.00", "USD", "3.34"),
    ):  # fmt: skip
        found = await pool.fetchval(
            "SELECT proportion_of($1::text::numeric, $2::text::numeric, $3::text::numeric, $4)",
            amount, part, whole, currency,
        )  # fmt: skip
        assert str(found.normalize()) == str(type(found)(expected).normalize()), (amount, part)
