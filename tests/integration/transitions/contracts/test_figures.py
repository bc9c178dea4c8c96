"""Figures of people: what they earn and spend, how much they complete, how punctual they are."""

import datetime as dt
from decimal import Decimal
from typing import Any

from tests.app import Person
from tests.integration.transitions.contracts.conftest import Deal, Deals, deal_of
from tests.integration.transitions.contracts.test_ends import share


async def shown(deals: Deals, person: Person) -> tuple[dict[str, str], dict[str, str]]:
    """What the dashboard says was spent and earned, by currency."""
    (board,) = await deals.rows(person, "user-dashboard")
    return by_currency(board["client"]["spent"]), by_currency(board["freelancer"]["earned"])


def by_currency(sums: list[dict[str, str]]) -> dict[str, str]:
    """Amounts by their currencies."""
    return {s["currency"]: s["amount"] for s in sums}


async def kept(deals: Deals, deal: Deal) -> tuple[tuple[str, Decimal], tuple[str, Decimal]]:
    """What is kept beside the profiles: what the client has spent, what the freelancer earned."""
    spent = await deals.read(deal.client, f"client-spending/{deal.client.id}")
    earned = await deals.read(deal.freelancer, f"freelancer-earnings/{deal.freelancer.id}")
    return (
        (spent["currency"], Decimal(spent["total_spent"])),
        (earned["currency"], Decimal(earned["total_earnings"])),
    )


async def profiles(deals: Deals, deal: Deal) -> None:
    """A profile of each of the two."""
    await deals.done(deal.freelancer, "freelancer-profiles", body={"tagline": "Films"})
    await deals.done(deal.client, "client-profiles", body={"company_name": "Clara Ltd"})


async def another(deals: Deals, deal: Deal, amount: str, currency: str) -> Deal:
    """One more contract of the same two, of one milestone."""
    contract = await deals.contract(deal.client, deal.freelancer, [amount], currency=currency)
    more = Deal(deals, deal.client, deal.freelancer, contract)
    more.parts = [part["id"] for part in await deals.milestones(deal.client, contract)]
    await deals.fund(deal.client, amount, currency)
    return more


async def give_back(deals: Deals, deal: Deal, amount: str) -> None:
    """What was paid for the first milestone is asked back and given back."""
    body = {"release_id": (await deal.release_of())["id"], "amount": amount, "reason": "No sound"}
    refund = await deals.done(deal.client, "refunds", body=body)
    await deals.done(deal.freelancer, f"refunds/{refund['id']}", "approve")


async def test_sums_are_of_what_was_paid_by_currency(deals: Deals) -> None:
    deal = await deal_of(deals, ["3000"])
    await profiles(deals, deal)
    assert await shown(deals, deal.client) == await shown(deals, deal.freelancer) == ({}, {})
    await deal.paid()
    yen = await another(deals, deal, "20000", "JPY")
    await yen.paid()
    assert await shown(deals, deal.client) == ({"JPY": "20000", "USD": "3000.00"}, {})
    assert await shown(deals, deal.freelancer) == ({}, {"JPY": "18000", "USD": "2700.00"})
    # A tip has no fee; what comes back has been neither spent nor earned.
    await deals.fund(deal.client, "50")
    await deals.done(deal.client, deal.path, "tip", {"amount": "50"})
    await give_back(deals, yen, "5000")
    assert await shown(deals, deal.client) == ({"JPY": "15000", "USD": "3050.00"}, {})
    assert await shown(deals, deal.freelancer) == ({}, {"JPY": "13500", "USD": "2750.00"})
    assert await kept(deals, deal) == (("USD", Decimal(3050)), ("USD", Decimal(2750)))


async def test_a_contract_that_was_split_counts_what_was_paid(deals: Deals) -> None:
    deal = await deal_of(deals, ["140"])
    await profiles(deals, deal)
    await deal.fund()
    body = {
        "contract_id": deal.id,
        "reason": "We part",
        "split": [share(deal.parts[0], "70", "70")],
    }
    proposed = await deals.done(deal.client, "contract-cancellations", body=body)
    await deals.done(deal.freelancer, f"contract-cancellations/{proposed['id']}", "agree")
    assert await deal.status() == "cancelled"
    assert await shown(deals, deal.client) == ({"USD": "70.00"}, {})
    assert await shown(deals, deal.freelancer) == ({}, {"USD": "63.00"})
    assert await kept(deals, deal) == (("USD", Decimal(70)), ("USD", Decimal(63)))


async def test_what_is_given_back_is_taken_from_its_own_currency(deals: Deals) -> None:
    deal = await deal_of(deals, ["100"])
    await profiles(deals, deal)
    await deal.paid()
    yen = await another(deals, deal, "500", "JPY")
    await yen.paid()
    await give_back(deals, deal, "100")
    await give_back(deals, yen, "100")
    assert await shown(deals, deal.freelancer) == ({}, {"JPY": "360", "USD": "0.00"})
    assert await kept(deals, deal) == (("USD", Decimal(0)), ("USD", Decimal(0)))


async def test_a_profile_has_the_figures_of_what_was_before_it(deals: Deals) -> None:
    deal = await deal_of(deals)
    await deals.pool.execute(
        "UPDATE milestones SET due_date = workflow_now() + interval '1 day' * (3 - 2 * seq)"
        " WHERE contract_id = $1::uuid",
        deal.id,
    )
    await deal.paid(1)
    await deal.paid(2)
    ended = await another(deals, deal, "100", "USD")
    await ended.fund()
    body = {"contract_id": ended.id, "reason": "x", "split": [share(ended.parts[0], "100", "0")]}
    proposed = await deals.done(deal.freelancer, "contract-cancellations", body=body)
    assert proposed["status"] == "agreed"
    for person, stars in ((deal.client, 5), (deal.freelancer, 4)):
        review = {"contract_id": deal.id, "overall_rating": stars}
        await deals.done(person, "reviews", body=review)
    await profiles(deals, deal)
    profile = await deals.read(deal.client, f"freelancer-profiles/{deal.freelancer.id}")
    assert figures(profile) == (1, 50.0, 50.0, 62.5)
    assert (profile["rating"], profile["total_reviews"]) == (5.0, 1)
    other = await deals.read(deal.freelancer, f"client-profiles/{deal.client.id}")
    assert (other["rating"], other["total_reviews"], other["jobs_posted"]) == (4.0, 1, 2)
    assert await kept(deals, deal) == (("USD", Decimal(1000)), ("USD", Decimal(900)))
    # What comes after is counted on.
    more = await another(deals, deal, "10", "USD")
    await more.paid()
    assert (await kept(deals, deal))[1] == ("USD", Decimal(909))
    assert (await stored(deals, deal.freelancer))["jobs_completed"] == 2


async def test_an_order_is_in_time_by_the_contract_s_deadline(deals: Deals) -> None:
    owner, client = await deals.app.people("Ben", "Ada")
    await deals.done(owner, "freelancer-profiles", body={"tagline": "Films"})
    gig = await deals.gig(owner)
    await deals.fund(client, "200")
    for late, rate in ((False, 100.0), (True, 50.0)):
        contract = await deals.order(client, gig)
        await deals.done(client, f"contracts/{contract['id']}", "pay", {"wallet": True})
        (part,) = await deals.milestones(client, contract)
        assert part["due_date"] is None
        day = dt.date.fromisoformat(contract["deadline"]) + dt.timedelta(days=1)
        end = dt.datetime.combine(day, dt.time(), dt.UTC)
        now = await deals.pool.fetchval("SELECT workflow_now()")
        moved = end - now + dt.timedelta(seconds=60 if late else -60)
        await deals.clock(seconds=moved.total_seconds())
        await deals.done(owner, f"milestones/{part['id']}", "submit", {"description": "Here"})
        await deals.done(client, f"milestones/{part['id']}", "approve")
        assert figures(await stored(deals, owner))[1:3] == (100.0, rate)


async def stored(deals: Deals, person: Person) -> Any:
    """A profile as it is: a copy of it may be older for a moment."""
    return await deals.pool.fetchrow(
        "SELECT * FROM freelancer_profiles WHERE user_id = $1", person.id
    )


def figures(profile: Any) -> tuple[Any, ...]:
    """What a profile says of contracts that have ended."""
    names = ("jobs_completed", "success_rate", "on_time_rate", "reputation")
    return tuple(profile[name] for name in names)
