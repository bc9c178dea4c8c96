"""Reviews by invitation: nobody answers what they could read, and staff hides."""

import asyncio

from tests.app import Person
from tests.integration.transitions.conftest import Json
from tests.integration.transitions.trust.conftest import Deal, Trust, refused, shared


async def _ended(trust: Trust) -> Deal:
    deal = await trust.deal("100")
    await deal.paid(1)
    return deal


def _review(deal: Deal, stars: int = 4, **more: object) -> Json:
    return {"contract_id": deal.contract["id"], "overall_rating": stars, "comment": "Well", **more}


async def _rating(deal: Deal, person: Person) -> int:
    path = f"user-ratings?user_id={person.id}"
    rows = await deal.market.rows(deal.client, path)
    return rows[0]["total_reviews"] if rows else 0


async def _invitation(deal: Deal, person: Person) -> Json:
    [found] = await deal.market.rows(person, f"review-invitations?reviewer_id={person.id}")
    return found


async def test_both_reviews_are_published_together(trust: Trust) -> None:
    deal = await trust.deal("100", "50")
    await deal.paid(1)
    early = await deal.market.act(deal.client, "reviews", body=_review(deal))
    assert "no invitation" in refused(early, 409)["message"]
    await deal.paid(2)
    first = await deal.market.done(deal.client, "reviews", body=_review(deal, 5))
    assert (first["status"], first["available_actions"]) == ("pending", [])
    assert (await _invitation(deal, deal.client))["status"] == "accepted"
    path = f"reviews/{first['id']}"
    refused(await deal.market.app.http("GET", f"/v1/{path}", deal.freelancer), 404)
    refused(await deal.market.act(deal.client, "reviews", body=_review(deal)), 409)
    assert await _rating(deal, deal.freelancer) == 0
    changed = await deal.market.change(deal.client, path, overall_rating=4)
    assert changed.status == 200

    second = await deal.market.done(deal.freelancer, "reviews", body=_review(deal, 3))
    assert second["status"] == "published"
    shown = await deal.market.read(deal.freelancer, path)
    assert (shown["status"], shown["overall_rating"]) == ("published", 4)
    assert shown["published_at"] is not None
    assert await _rating(deal, deal.freelancer) == await _rating(deal, deal.client) == 1
    late = await deal.market.change(deal.client, path, overall_rating=1)
    assert late.status in {403, 404, 409}
    assert await deal.market.history("review", first["id"]) == ["pending", "published"]


async def test_when_the_window_ends_what_is_written_is_published(trust: Trust) -> None:
    deal = await _ended(trust)
    first = await deal.market.done(deal.client, "reviews", body=_review(deal))
    await deal.market.clock(days=13)
    await trust.timers()
    assert (await deal.market.read(deal.client, f"reviews/{first['id']}"))["status"] == "pending"
    await deal.market.clock(days=1, seconds=1)
    assert "review_invitation.expire" in await trust.timers()
    shown = await deal.market.read(deal.freelancer, f"reviews/{first['id']}")
    assert (shown["status"], shown["available_actions"]) == ("published", ["respond"])
    answer = await deal.market.act(deal.freelancer, "reviews", body=_review(deal))
    assert "no invitation" in refused(answer, 409)["message"]
    assert (await _invitation(deal, deal.freelancer))["status"] == "expired"


async def test_the_window_is_longer_by_a_dispute(trust: Trust) -> None:
    deal = await trust.deal("100")
    [release] = await deal.paid(1)
    before = await _invitation(deal, deal.client)
    await deal.market.clock(days=4)
    dispute = await deal.raised(deal.client, shared(release, "100", "0"))
    answer = await deal.market.act(deal.client, "reviews", body=_review(deal))
    assert "disputed" in refused(answer, 409)["message"]
    await deal.market.clock(days=4)
    await deal.market.done(deal.client, f"disputes/{dispute['id']}", "withdraw")
    after = await _invitation(deal, deal.client)
    assert after["expires_at"] > before["expires_at"]
    await deal.market.clock(days=9, hours=23)
    assert "review_invitation.expire" not in await trust.timers()
    await deal.market.done(deal.client, "reviews", body=_review(deal))
    await deal.market.clock(hours=2)
    assert await trust.timers() == ["review_invitation.expire"]


async def test_only_parties_review(trust: Trust) -> None:
    deal = await _ended(trust)
    stranger, staff = await trust.app.person(), await trust.staff()
    assert (await deal.market.act(stranger, "reviews", body=_review(deal))).status in {403, 404}
    assert (await deal.market.act(staff, "reviews", body=_review(deal))).status == 403


async def test_who_is_reviewed_responds_once_and_staff_hides(trust: Trust) -> None:
    deal = await _ended(trust)
    staff = await trust.staff()
    review = await deal.market.done(deal.client, "reviews", body=_review(deal))
    await deal.market.done(deal.freelancer, "reviews", body=_review(deal))
    path, body = f"reviews/{review['id']}", {"response": "Thank you."}
    assert await deal.market.actions(deal.client, path) == []
    refused(await deal.market.act(deal.client, path, "respond", body), 403)
    refused(await deal.market.act(deal.freelancer, path, "respond", {"response": "\u200b"}), 422)
    answered = await deal.market.done(deal.freelancer, path, "respond", body)
    assert (answered["response_text"], answered["available_actions"]) == ("Thank you.", [])
    assert answered["response_at"] is not None
    refused(await deal.market.act(deal.freelancer, path, "respond", body), 409)

    assert await deal.market.actions(staff, path) == ["hide"]
    assert (await deal.market.done(staff, path, "hide"))["status"] == "hidden"
    assert await _rating(deal, deal.freelancer) == 0
    refused(await deal.market.app.http("GET", f"/v1/{path}", deal.freelancer), 404)
    assert (await deal.market.done(staff, path, "show"))["status"] == "published"
    assert await _rating(deal, deal.freelancer) == 1
    pool = trust.market.pool
    await pool.execute("UPDATE users SET staff_role = 'admin' WHERE id = $1", deal.freelancer.id)
    refused(await deal.market.act(deal.freelancer, path, "hide"), 403)


async def test_staff_who_is_a_party_does_not_read_what_is_pending(trust: Trust) -> None:
    deal = await _ended(trust)
    staff = await trust.staff()
    review = await deal.market.done(deal.client, "reviews", body=_review(deal))
    pool = trust.market.pool
    await pool.execute("UPDATE users SET staff_role = 'admin' WHERE id = $1", deal.freelancer.id)
    path = f"/v1/reviews/{review['id']}"
    refused(await deal.market.app.http("GET", path, deal.freelancer), 404)
    assert (await deal.market.app.http("GET", path, staff)).status == 200


async def test_votes_are_counted_also_at_once_and_not_by_who_it_is_about(trust: Trust) -> None:
    deal = await _ended(trust)
    review = await deal.market.done(deal.client, "reviews", body=_review(deal))
    await deal.market.done(deal.freelancer, "reviews", body=_review(deal))
    vote = {"review_id": review["id"], "is_helpful": True}
    voters = await trust.app.people(*"abcdef")
    answers = await asyncio.gather(
        *(deal.market.act(voter, "review-votes", body=vote) for voter in voters)
    )
    assert {a.status for a in answers} == {201}
    path = f"reviews/{review['id']}"
    assert (await deal.market.read(deal.client, path))["helpful_count"] == 6
    for person in (deal.client, deal.freelancer):
        assert (await deal.market.act(person, "review-votes", body=vote)).status in {403, 422}


async def test_two_reviews_at_once_are_both_published(trust: Trust) -> None:
    deal = await _ended(trust)
    answers = await asyncio.gather(
        deal.market.act(deal.client, "reviews", body=_review(deal)),
        deal.market.act(deal.freelancer, "reviews", body=_review(deal)),
        deal.market.act(deal.client, "reviews", body=_review(deal)),
    )
    assert sorted(a.status for a in answers) == [201, 201, 409]
    states = await trust.market.pool.fetch("SELECT status FROM reviews")
    assert [row["status"] for row in states] == ["published", "published"]


async def test_stars_are_not_had_for_cents_nor_for_nothing(trust: Trust) -> None:
    cheap = await trust.deal("4.99")
    await cheap.paid(1)
    few = await trust.deal("499", currency="JPY")
    await few.paid(1)
    back = await _ended(trust)
    [release] = await back.market.rows(back.client, f"releases?contract_id={back.contract['id']}")
    asked = {"release_id": release["id"], "amount": "95.01", "reason": "The sound is missing."}
    refund = await back.market.done(back.client, "refunds", body=asked)
    await back.market.done(back.freelancer, f"refunds/{refund['id']}", "approve")
    for deal in (cheap, few, back):
        for party in (deal.client, deal.freelancer):
            answer = await deal.market.act(party, "reviews", body=_review(deal, 5))
            assert "too little was paid" in refused(answer, 409)["message"]
    for amount, currency in (("5", "USD"), ("500", "JPY")):
        deal = await trust.deal(amount, currency=currency)
        await deal.paid(1)
        await deal.market.done(deal.client, "reviews", body=_review(deal, 5))
