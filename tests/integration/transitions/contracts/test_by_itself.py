"""What a contract comes to when nobody acts: those concerned are told of it on their sockets."""

from datetime import datetime, timedelta
from decimal import Decimal

from protocol.text import format_time
from tests.integration.transitions.contracts.conftest import Deal, Deals


async def test_a_milestone_is_approved_after_two_reminders(deals: Deals, deal: Deal) -> None:
    app = deals.app
    client, freelancer = await app.connect(deal.client), await app.connect(deal.freelancer)
    timers = app.app.core.workflows.timers
    await deal.fund()
    due_at = (await deal.submit())["auto_approve_at"]
    later = format_time(datetime.fromisoformat(due_at) + timedelta(minutes=1))
    await deals.clock(days=11, hours=23)
    await timers.turn()
    for until, more in ((12, {"hours": 1}), (13, {"days": 1})):
        await deals.clock(**more)
        await timers.turn()
        for wire in (client, freelancer):
            reminder = (await wire.expect("milestone.reminder"))["d"]
            told = (reminder["id"], reminder["action"], reminder["status"], reminder["actor_id"])
            assert told == (deal.parts[0], "approve", "submitted", None)
            # The last one is told a moment late, and everything follows a day after it.
            assert due_at <= reminder["due_at"] < later, until
    assert (await deal.part(1))["status"] == "submitted"

    await deals.clock(days=1)
    await timers.turn()
    for wire in (client, freelancer):
        paid = (await wire.expect("milestone.paid"))["d"]
        assert (paid["id"], paid["actor_id"]) == (deal.parts[0], None)
    assert await deal.wallets() == ({"funded": Decimal(700)}, {"pending": Decimal(270)})
    await deals.clock(days=5)
    await timers.turn()
    await freelancer.expect("release.cleared")
    assert await deal.wallets() == ({"funded": Decimal(700)}, {"earned": Decimal(270)})
    reminders = [f for f in client.frames if f.get("ev") == "milestone.reminder"]
    assert len(reminders) == 2
