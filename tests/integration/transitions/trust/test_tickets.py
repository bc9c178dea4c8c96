"""A question to staff, from asking to closed."""

from tests.integration.transitions.trust.conftest import Trust, refused

ASKED = {"category": "payments", "subject": "Where is it?", "description": "My money is away."}


async def test_a_ticket_is_taken_answered_and_closed(trust: Trust) -> None:
    owner, staff, market = await trust.app.person(), await trust.staff(), trust.market
    ticket = await market.done(owner, "support-tickets", body=ASKED)
    path = f"support-tickets/{ticket['id']}"
    assert ticket["available_actions"] == []
    assert await market.actions(staff, path) == ["take", "resolve"]
    refused(await market.act(owner, path, "take"), 403)
    assert (await market.done(staff, path, "take"))["assigned_to"] == str(staff.id)
    refused(await market.act(staff, path, "answer", {"message": "\u200b"}), 422)
    asked = await market.done(staff, path, "answer", {"message": "Which currency?"})
    assert asked["status"] == "waiting_on_customer"
    assert await market.actions(owner, path) == ["reply"]
    await market.done(owner, path, "reply", {"message": "Euros."})
    assert (await market.done(staff, path, "resolve"))["resolved_at"] is not None
    assert await market.actions(owner, path) == ["reopen", "close"]
    await market.done(owner, path, "reopen", {"message": "It is away again."})
    await market.done(staff, path, "resolve")
    await market.clock(days=7, seconds=1)
    assert await trust.timers() == ["ticket.close"]
    assert (await market.read(owner, path))["status"] == "closed"
    history = await market.rows(owner, f"status-history?entity_id={ticket['id']}")
    assert [h["note"] for h in reversed(history) if h["note"]] == [
        "Which currency?",
        "Euros.",
        "It is away again.",
    ]
    shown = await market.read(owner, f"{path}?expand=history")
    assert shown["history"]["data"] == history


async def test_staff_does_not_answer_itself(trust: Trust) -> None:
    staff = await trust.staff()
    ticket = await trust.market.done(staff, "support-tickets", body=ASKED)
    path = f"support-tickets/{ticket['id']}"
    assert await trust.market.actions(staff, path) == []
    refused(await trust.market.act(staff, path, "take"), 403)
