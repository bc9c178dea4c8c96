"""A gig is ordered: a package, extras and answers become a contract that waits for its money."""

import datetime as dt

import pytest

from tests.app import Person
from tests.integration.transitions.conftest import Json, Market
from tests.integration.transitions.listings.test_jobs import fire


@pytest.fixture
async def people(market: Market):
    """Who offers a gig, and who orders it."""
    return await market.app.people("Ben", "Ada")


async def asking(market, owner, gig, **more):
    """A question that the gig asks."""
    body = {"gig_id": gig["id"], "question": "Which film?"} | more
    return await market.done(owner, "gig-requirements", body=body)


async def extra(market, owner, gig, **more):
    """An extra of the gig."""
    body = {"gig_id": gig["id"], "title": "Subtitles", "price": "20.50", "extra_days": 1} | more
    return await market.done(owner, "gig-extras", body=body)


async def test_an_order_becomes_a_contract_that_waits_to_be_paid(market, people):
    owner, client = people
    gig = await market.gig(owner)
    subtitles = await extra(market, owner, gig)
    film = await asking(market, owner, gig, is_required=True)
    await asking(market, owner, gig, question="Anything else?", is_required=False)
    file = (await market.app.upload(client)).body["file"]["file_id"]
    contract = await market.order(
        client,
        gig,
        extras=[{"extra_id": subtitles["id"], "quantity": 2}],
        answers=[{"requirement_id": film["id"], "answer": "The long one", "file_ids": [file]}],
    )
    today = dt.datetime.now(dt.UTC).date()
    assert contract["status"] == "pending_payment"
    assert (contract["client_id"], contract["freelancer_id"]) == (str(client.id), str(owner.id))
    assert (contract["gig_id"], contract["job_id"]) == (gig["id"], None)
    assert (contract["total_amount"], contract["platform_fee"]) == ("141.00", "14.10")
    assert contract["deadline"] == str(today + dt.timedelta(days=5))
    assert contract["revisions_allowed"] == 1
    made, until = (dt.datetime.fromisoformat(contract[n]) for n in ("created_at", "expires_at"))
    assert until - made == dt.timedelta(minutes=15)
    assert contract["available_actions"] == ["pay", "cancel"]

    path = f"contract_id={contract['id']}"
    (part,) = await market.rows(owner, f"milestones?{path}")
    assert (part["amount"], part["status"]) == ("141.00", "pending")
    (ordered,) = await market.rows(owner, f"contract-extras?{path}")
    assert (ordered["title"], ordered["price"], ordered["quantity"]) == ("Subtitles", "20.50", 2)
    (answer,) = await market.rows(owner, f"contract-answers?{path}")
    told = (answer["question"], answer["answer"], answer["file_ids"])
    assert told == ("Which film?", "The long one", [file])
    (escrow,) = await market.rows(owner, f"escrows?{path}")
    assert escrow["status"] == "active"
    messages = await market.rows(owner, f"conversations/{contract['conversation_id']}/messages")
    assert [message["system"]["action"] for message in messages] == ["gig.order"]
    assert (await market.read(client, f"gigs/{gig['id']}"))["status"] == "active"


async def test_who_may_order(market, people):
    owner, client = people
    gig = await market.gig(owner)
    package = (await market.rows(client, f"gig-packages?gig_id={gig['id']}"))[0]["id"]
    path, body = f"gigs/{gig['id']}", {"package_id": package}
    assert await market.actions(client, path) == ["order"]
    assert await market.actions(owner, path) == ["pause", "remove"]
    assert (await market.act(owner, path, "order", body)).status == 403
    lender = await market.app.person("Dan")
    await market.pool.execute("UPDATE users SET kind = 'freelancer' WHERE id = $1", lender.id)
    assert await market.actions(lender, path) == []
    assert (await market.act(lender, path, "order", body)).status == 403
    await market.done(owner, path, "pause")
    assert (await market.act(client, path, "order", body)).status == 404


@pytest.mark.parametrize("blocker", [0, 1])
async def test_who_is_blocked_orders_nothing(market, people, blocker):
    owner, client = people
    gig = await market.gig(owner)
    package = (await market.rows(client, f"gig-packages?gig_id={gig['id']}"))[0]["id"]
    pair = (people[blocker].id, people[1 - blocker].id)
    await market.pool.execute(
        "INSERT INTO user_blocks (blocker_id, blocked_id) VALUES ($1, $2)", *pair
    )
    assert await market.actions(client, f"gigs/{gig['id']}") == []
    refused = await market.act(client, f"gigs/{gig['id']}", "order", {"package_id": package})
    assert (refused.status, refused.body["error"]["code"]) == (409, "conflict")


async def test_what_an_order_asks_for_in_vain_is_named(market, people):
    owner, client = people
    gig, other = await market.gig(owner), await market.gig(owner)
    package = (await market.rows(client, f"gig-packages?gig_id={gig['id']}"))[0]["id"]
    foreign = (await market.rows(client, f"gig-packages?gig_id={other['id']}"))[0]["id"]
    one, strange = await extra(market, owner, gig), await extra(market, owner, other)
    film = await asking(market, owner, gig, is_required=True)
    choice = await asking(
        market,
        owner,
        gig,
        question="Format?",
        kind="choice",
        choices=["wide", "tall"],
        is_required=False,
    )
    proof = await asking(market, owner, gig, question="Script?", kind="file", is_required=True)
    theirs = (await market.app.upload(owner)).body["file"]["file_id"]
    answered = [{"requirement_id": film["id"], "answer": "This"}]

    async def refused(**body):
        answer = await market.act(client, f"gigs/{gig['id']}", "order", body)
        assert answer.status == 422, answer.body
        details = answer.body["error"]["details"]
        return [fault["path"] for fault in details.get("errors", [details])]

    assert await refused(package_id=foreign) == ["package_id", "answers", "answers"]
    assert await refused() == ["package_id"]
    unasked = [{"requirement_id": film["id"], "answer": " "}, {"requirement_id": proof["id"]}]
    found = await refused(package_id=package, answers=unasked)
    assert found == ["answers[0].answer", "answers[1].file_ids"]
    wrong = [*answered, {"requirement_id": choice["id"], "answer": "round"}]
    assert await refused(package_id=package, answers=wrong) == ["answers[1].answer", "answers"]
    twice = [*answered, *answered, {"requirement_id": proof["id"], "file_ids": [theirs]}]
    found = await refused(package_id=package, answers=twice)
    assert found == ["answers[1].requirement_id", "answers[2].file_ids"]
    extras = [{"extra_id": strange["id"]}, {"extra_id": one["id"]}, {"extra_id": one["id"]}]
    found = await refused(package_id=package, extras=extras, answers=answered)
    assert found == ["extras[0].extra_id", "extras[2].extra_id", "answers"]
    assert await refused(package_id=package, extras=[{"extra_id": one["id"], "quantity": 0}])
    assert await market.pool.fetchval("SELECT count(*) FROM contracts") == 0


async def test_an_order_that_takes_centuries_is_refused(market, people):
    owner, client = people
    gig = await market.gig(owner)
    slow = [await extra(market, owner, gig, extra_days=365) for _ in range(2)]
    package = (await market.rows(client, f"gig-packages?gig_id={gig['id']}"))[0]["id"]
    extras = [{"extra_id": one["id"], "quantity": 100} for one in slow]
    body = {"package_id": package, "extras": extras}
    refused = await market.act(client, f"gigs/{gig['id']}", "order", body)
    assert (refused.status, refused.body["error"]["details"]["path"]) == (422, "extras")


@pytest.mark.parametrize("is_required", [True, False])
async def test_a_question_for_a_file_is_not_answered_by_text(market, people, is_required):
    owner, client = people
    gig = await market.gig(owner)
    package = (await market.rows(client, f"gig-packages?gig_id={gig['id']}"))[0]["id"]
    script = await asking(
        market, owner, gig, question="Script?", kind="file", is_required=is_required
    )
    body = {
        "package_id": package,
        "answers": [{"requirement_id": script["id"], "answer": "later"}],
    }
    refused = await market.act(client, f"gigs/{gig['id']}", "order", body)
    assert refused.status == 422
    assert refused.body["error"]["message"] == "answers[0].file_ids: a file is needed"
    file = (await market.app.upload(client)).body["file"]["file_id"]
    body["answers"][0]["file_ids"] = [file]
    await market.done(client, f"gigs/{gig['id']}", "order", body)


async def test_an_order_that_nobody_pays_is_cancelled_after_a_quarter_of_an_hour(market, people):
    owner, client = people
    contract = await market.order(client, await market.gig(owner))
    await market.clock(minutes=14)
    assert await fire(market, "contract", contract["id"], "cancel") is None
    await market.clock(minutes=2)
    assert await fire(market, "contract", contract["id"], "cancel") is not None
    over = await market.read(client, f"contracts/{contract['id']}")
    assert (over["status"], over["available_actions"]) == ("cancelled", [])
    assert over["expires_at"] is None
    (part,) = await market.milestones(client, contract)
    assert part["status"] == "cancelled"


async def test_orders_that_are_paid_for_are_counted(market, people):
    owner, client = people
    gig = await market.gig(owner)
    first, second = await market.order(client, gig), await market.order(client, gig)
    await market.done(client, f"contracts/{second['id']}", "cancel")
    before = await market.read(client, f"gigs/{gig['id']}")
    await market.fund(client, "100")
    await market.done(client, f"contracts/{first['id']}", "pay", {"wallet": True})
    after = await market.read(client, f"gigs/{gig['id']}")
    assert (before["order_count"], after["order_count"]) == (0, 1)
    assert after["trend_score"] > before["trend_score"]
    begun = await market.read(client, f"contracts/{first['id']}")
    assert (begun["status"], begun["start_date"] is None) == ("active", False)
    (part,) = await market.milestones(owner, first)
    assert (part["status"], await market.wallet(client)) == ("in_progress", {})


async def test_few_orders_of_somebody_wait_to_be_paid(market, people):
    owner, client = people
    gig, other = await market.gig(owner), await market.gig(owner)
    made = [await market.order(client, gig) for _ in range(5)]
    assert "order" not in await market.actions(client, f"gigs/{gig['id']}")
    assert (await refused_order(market, client, gig))["reason"] == "too_many_unpaid"
    await market.order(client, other)
    await market.done(client, f"contracts/{made[0]['id']}", "cancel")
    await market.order(client, gig)
    await market.pool.execute(
        "update platform_settings set value = '6' where key = 'unpaid_orders'"
    )
    assert "order" not in await market.actions(client, f"gigs/{other['id']}")


async def test_who_has_many_unpaid_orders_is_told_when_the_next_is_possible(market, people):
    """When so many are over that there is room for it, in the limit of the gig and in that of all.

    The settings may have been lowered meanwhile.
    """
    owner, client = people
    gig, other = await market.gig(owner), await market.gig(owner)
    made = [await market.order(client, other)]
    for _ in range(5):
        await market.clock(minutes=1)
        made.append(await market.order(client, gig))
    over = [dt.datetime.fromisoformat(c["created_at"]) + dt.timedelta(minutes=15) for c in made]

    async def possible() -> dt.datetime:
        details = await refused_order(market, client, gig)
        return dt.datetime.fromisoformat(details["possible_from"])

    async def lower(setting: str, value: str) -> None:
        await market.pool.execute(
            "update platform_settings set value = $2::text::jsonb where key = $1", setting, value
        )

    assert await possible() == over[1]
    await lower("unpaid_orders_per_gig", "3")
    assert await possible() == over[3]
    await lower("unpaid_orders", "2")
    assert await possible() == over[4]
    await lower("unpaid_orders_per_gig", "1")
    assert await possible() == over[5]
    await lower("unpaid_orders_per_gig", "5")
    await lower("unpaid_orders", "6")
    assert await possible() == over[1]


async def refused_order(market: Market, client: Person, gig: Json) -> Json:
    """What an order of the gig is refused with, for there are too many."""
    package = (await market.rows(client, f"gig-packages?gig_id={gig['id']}"))[0]["id"]
    refused = await market.act(client, f"gigs/{gig['id']}", "order", {"package_id": package})
    assert refused.status == 409
    details: Json = refused.body["error"]["details"]
    return details
