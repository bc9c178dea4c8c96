"""A contract's end: by its parties after a while, by staff, by an agreed split."""

import datetime as dt
from decimal import Decimal

from tests.app import Person
from tests.integration.transitions.contracts.conftest import Deal, Deals, deal_of
from tests.integration.transitions.contracts.test_milestones import money


async def staff(deals: Deals) -> Person:
    """Somebody of the staff."""
    person = await deals.app.person("Stella")
    await deals.pool.execute("UPDATE users SET staff_role = 'support' WHERE id = $1", person.id)
    return person


def share(milestone: str, client: str, freelancer: str) -> dict[str, str]:
    """An item of a split."""
    return {
        "milestone_id": milestone,
        "client_amount": client,
        "freelancer_amount": freelancer,
    }


def of_release(release: str, client: str, freelancer: str) -> dict[str, str]:
    """An item of a split that is a release."""
    return {"release_id": release, "client_amount": client, "freelancer_amount": freelancer}


async def test_either_ends_an_idle_contract_and_a_timer_does(deals: Deals, deal: Deal) -> None:
    assert await deals.timers(deal.id) == {"end": "contract_idle_end_days"}
    early = await deals.act(deal.client, deal.path, "end")
    assert (early.status, early.body["error"]["code"]) == (422, "validation_failed")
    since = dt.datetime.fromisoformat((await deals.read(deal.client, deal.path))["idle_since"])
    possible = (since + dt.timedelta(days=30)).strftime("%Y-%m-%dT%H:%M:%S.")
    assert early.body["error"]["details"]["possible_from"].startswith(possible)
    assert f"possible from {possible}" in early.body["error"]["message"]
    await deal.fund(1)
    assert await deals.timers(deal.id) == {}
    held = await deals.act(deal.client, deal.path, "end")
    assert held.status == 409
    await deal.submit(1)
    await deal.approve(1)
    await deals.clock(days=29, hours=23)
    assert (await deals.act(deal.freelancer, deal.path, "end")).status == 422
    await deals.clock(hours=2)
    assert await deals.actions(deal.freelancer, deal.path) == ["end"]
    ended = await deals.done(deal.freelancer, deal.path, "end")
    assert ended["status"] == "completed"
    assert (await deal.part(2))["status"] == "cancelled"
    assert await deals.timers(deal.id) == {}


async def test_a_contract_that_was_never_funded_ends_by_itself(deals: Deals, deal: Deal) -> None:
    await deals.clock(days=59, hours=23)
    assert not await deals.ring("contract", deal.id, "end")
    await deals.clock(hours=2)
    assert await deals.ring("contract", deal.id, "end")
    assert await deal.status() == "cancelled"
    assert await deal.wallets() == (money(funded="1000"), {})


async def test_what_only_gave_money_back_is_refunded(deals: Deals) -> None:
    deal = await deal_of(deals, ["100"])
    await deal.fund()
    await deal.submit()
    await deal.send_back()
    await deals.clock(days=8)
    await deals.done(deal.client, deal.where(1), "cancel-late")
    contract = await deals.read(deal.client, deal.path)
    assert (contract["status"], contract["completed_at"]) == ("refunded", None)
    (escrow,) = await deals.rows(deal.client, f"escrows?contract_id={deal.id}")
    assert (escrow["status"], escrow["refunded_amount"]) == ("refunded", "100.00")


async def test_an_agreed_split_ends_a_contract(deals: Deals) -> None:
    # The example of the rules: 300 of 1000 are paid; of 300 the freelancer keeps 120.
    deal = await deal_of(deals, ["300", "300", "400"])
    await deal.paid(1)
    await deal.fund(2)
    release = await deal.release_of(1)
    split = [share(deal.parts[1], "180", "120"), of_release(release["id"], "0", "300")]
    body = {"contract_id": deal.id, "reason": "We part", "split": split}
    proposed = await deals.done(deal.client, "contract-cancellations", body=body)
    assert (proposed["client_amount"], proposed["freelancer_amount"]) == ("180.00", "420.00")
    assert proposed["available_actions"] == ["withdraw"]
    where = f"contract-cancellations/{proposed['id']}"
    assert await deals.actions(deal.freelancer, where) == ["agree", "decline"]
    assert (await deals.act(deal.client, where, "agree")).status == 403
    agreed = await deals.done(deal.freelancer, where, "agree")
    assert agreed["status"] == "agreed"
    assert await deal.status() == "cancelled"
    assert [(await deal.part(n))["status"] for n in (1, 2, 3)] == ["paid", "paid", "cancelled"]
    second = await deal.release_of(2)
    assert (second["gross"], second["fee"], second["is_decided"]) == ("120.00", "12.00", True)
    assert (await deal.release_of(1))["is_decided"] is True
    assert await deal.wallets() == (money(funded="580"), money(pending="378"))


async def test_a_split_gives_a_part_of_a_release_back(deals: Deals, deal: Deal) -> None:
    await deal.paid(1)
    release = await deal.release_of(1)
    body = {
        "contract_id": deal.id,
        "reason": "We part",
        "split": [of_release(release["id"], "100.01", "199.99")],
    }
    proposed = await deals.done(deal.freelancer, "contract-cancellations", body=body)
    await deals.done(deal.client, f"contract-cancellations/{proposed['id']}", "agree")
    left = await deal.release_of(1)
    # Of the fee of 30 goes back round(30 · 100.01 / 300).
    assert (left["refunded"], left["refunded_fee"], left["status"]) == (
        "100.01",
        "10.00",
        "pending",
    )
    assert await deal.wallets() == (money(funded="800.01"), money(pending="179.99"))
    assert await deal.status() == "cancelled"


async def test_a_freelancer_alone_gives_everything_back(deals: Deals, deal: Deal) -> None:
    await deal.paid(1)
    await deal.fund(2)
    release = await deal.release_of(1)
    body = {"contract_id": deal.id, "reason": "Not mine", "split": []}
    await deals.done(
        deal.client, "contract-cancellations",
        body=body | {"split": [share(deal.parts[1], "700", "0"),
                               of_release(release["id"], "0", "300")]},
    )  # fmt: skip
    everything = [share(deal.parts[1], "700", "0"), of_release(release["id"], "300", "0")]
    given = await deals.done(
        deal.freelancer, "contract-cancellations", body=body | {"split": everything}
    )
    assert given["status"] == "agreed"
    rows = await deals.rows(deal.client, f"contract-cancellations?contract_id={deal.id}")
    assert sorted(row["status"] for row in rows) == ["agreed", "withdrawn"]
    assert await deal.status() == "cancelled"
    assert (await deal.release_of(1))["status"] == "reversed"
    assert await deal.wallets() == (money(funded="1000"), {})
    # Everything to the client asks for agreement where the client proposes it.
    other = await deal_of(deals)
    await other.fund(1)
    proposed = await deals.done(
        other.client, "contract-cancellations",
        body={"contract_id": other.id, "reason": "x",
              "split": [share(other.parts[0], "300", "0")]},
    )  # fmt: skip
    assert proposed["status"] == "proposed"


async def test_a_split_of_what_is_not_there_is_refused(deals: Deals, deal: Deal) -> None:
    await deal.fund(1)
    body = {"contract_id": deal.id, "reason": "We part"}
    for split, path in (
        ([], "split"),
        ([share(deal.parts[0], "200", "99.99")], "split[0]"),
        ([share(deal.parts[0], "200", "100"), share(deal.parts[1], "700", "0")],
         "split[1].milestone_id"),
    ):  # fmt: skip
        refused = await deals.act(
            deal.client, "contract-cancellations", body=body | {"split": split}
        )
        assert refused.status == 422, refused.body
        assert refused.body["error"]["details"]["path"] == path
    for wrong in ("-1", "300.001", "x"):
        split = [share(deal.parts[0], wrong, "0")]
        refused = await deals.act(
            deal.client, "contract-cancellations", body=body | {"split": split}
        )
        assert refused.status == 422, wrong
    fitting = body | {"split": [share(deal.parts[0], "200", "100")]}
    proposed = await deals.done(deal.client, "contract-cancellations", body=fitting)
    second = await deals.act(deal.client, "contract-cancellations", body=fitting)
    assert second.status == 409
    # What is there changes: nobody agrees to that any more, though it can be declined.
    await deal.fund(2)
    where = f"contract-cancellations/{proposed['id']}"
    assert await deals.actions(deal.freelancer, where) == ["decline"]
    late = await deals.act(deal.freelancer, where, "agree")
    assert (late.status, late.body["error"]["details"]["reason"]) == (409, "held_has_changed")
    await deals.done(deal.freelancer, where, "decline")


async def test_an_unanswered_cancellation_expires(deals: Deals, deal: Deal) -> None:
    body = {"contract_id": deal.id, "reason": "We part", "split": []}
    proposed = await deals.done(deal.client, "contract-cancellations", body=body)
    await deals.clock(days=7, minutes=1)
    assert await deals.ring("cancellation", proposed["id"], "expire")
    row = await deals.read(deal.client, f"contract-cancellations/{proposed['id']}")
    assert row["status"] == "expired"
    again = await deals.done(deal.client, "contract-cancellations", body=body)
    await deals.done(deal.client, f"contract-cancellations/{again['id']}", "withdraw")
    assert await deal.status() == "active"


async def test_staff_terminates_by_a_split_but_not_its_own(deals: Deals, deal: Deal) -> None:
    await deal.fund(1)
    person = await staff(deals)
    body = {"reason": "Fraud", "split": [share(deal.parts[0], "150", "150")]}
    assert await deals.actions(person, deal.path) == ["terminate"]
    assert (await deals.act(deal.client, deal.path, "terminate", body)).status == 403
    await deals.pool.execute(
        "UPDATE users SET staff_role = 'support' WHERE id = $1", deal.client.id
    )
    own = await deals.act(deal.client, deal.path, "terminate", body)
    assert own.status == 422
    ended = await deals.done(person, deal.path, "terminate", body)
    assert ended["status"] == "terminated"
    assert await deal.wallets() == (money(funded="850"), money(pending="135"))
    assert (await deal.part(2))["status"] == "cancelled"


async def test_both_parties_read_why_staff_terminated(deals: Deals, deal: Deal) -> None:
    await deal.fund(1)
    body = {"reason": "Fraud", "split": [share(deal.parts[0], "150", "150")]}
    person = await staff(deals)
    unreadable = await deals.act(person, deal.path, "terminate", body | {"reason": "\u200b"})
    assert (unreadable.status, unreadable.body["error"]["details"]["path"]) == (422, "reason")
    await deals.done(person, deal.path, "terminate", body)
    talk = deal.contract["conversation_id"]
    path = f"status-history?entity_id={deal.id}&entity_type=contract"
    for reader in (deal.client, deal.freelancer, person):
        history = await deals.rows(reader, path)
        notes = {step["action"]: step["note"] for step in history}
        assert notes["terminate"] == "Fraud"
    for reader in (deal.client, deal.freelancer):
        told = (await deals.rows(reader, f"conversations/{talk}/messages"))[-1]["system"]
        assert told["action"] == "contract.terminate"
        title = deal.contract["title"]
        assert told["facts"] == {"title": title, "status": "terminated", "note": "Fraud"}


async def test_a_contract_s_end_withdraws_what_is_proposed(deals: Deals) -> None:
    deal = await deal_of(deals, ["100"])
    await deal.fund()
    await deal.submit()
    amendment = await deals.done(
        deal.client, "contract-amendments",
        body={"contract_id": deal.id, "reason": "x", "scope_of_work": "More"},
    )  # fmt: skip
    cancellation = await deals.done(
        deal.client, "contract-cancellations",
        body={"contract_id": deal.id, "reason": "x",
              "split": [share(deal.parts[0], "100", "0")]},
    )  # fmt: skip
    await deal.approve()
    for path in (
        f"contract-amendments/{amendment['id']}",
        f"contract-cancellations/{cancellation['id']}",
    ):
        assert (await deals.read(deal.client, path))["status"] == "withdrawn"
    refused = await deals.act(
        deal.client, "contract-amendments",
        body={"contract_id": deal.id, "reason": "x", "scope_of_work": "More"},
    )  # fmt: skip
    assert refused.status == 409


async def test_figures_follow_ends_and_releases(deals: Deals, deal: Deal) -> None:
    pool, freelancer, client = deals.pool, deal.freelancer, deal.client
    await pool.execute(
        "INSERT INTO freelancer_profiles (user_id, rating) VALUES ($1, 0)", freelancer.id
    )
    await pool.execute(
        "INSERT INTO client_profiles (user_id, company_name) VALUES ($1, 'C')", client.id
    )
    await pool.execute(
        "UPDATE milestones SET due_date = workflow_now() + interval '1 day'"
        " WHERE contract_id = $1::uuid",
        deal.id,
    )
    measured = ("success_rate", "on_time_rate")
    fresh = await deals.read(client, f"freelancer-profiles/{freelancer.id}")
    assert [fresh[name] for name in measured] == [None, None]
    await deal.paid(1)
    await deals.clock(days=2)
    await deal.paid(2)
    profile = await deals.read(freelancer, f"freelancer-profiles/{freelancer.id}")
    assert profile["jobs_completed"] == 1
    assert (profile["success_rate"], profile["on_time_rate"]) == (100.0, 50.0)
    assert profile["reputation"] == 87.5
    assert profile["version"] == 1
    earned = await deals.read(freelancer, f"freelancer-earnings/{freelancer.id}")
    assert (earned["total_earnings"], earned["currency"]) == ("900.00", "USD")
    spent = await deals.read(client, f"client-spending/{client.id}")
    assert Decimal(spent["total_spent"]) == 1000
