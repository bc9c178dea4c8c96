"""Nothing is done before those concerned have been told of it for a day."""

from typing import Any

import orjson

from protocol.machine import Due
from protocol.text import format_time
from storage.workflows.rows import Row
from storage.workflows.work import Work
from tests.app import Served
from tests.integration.transitions.timers.conftest import Timed, Timing
from tests.integration.transitions.timers.toy import keep_noted

PAUSE = Due("pause", "milestone_approval_days", reminds=True)


async def _reminders(timed: Timed) -> list[dict[str, Any]]:
    """What was noted for clients, in order, but for the copies that the relay has told already."""
    rows = await timed.pool.fetch("SELECT data FROM noted ORDER BY id")
    return [orjson.loads(row["data"]) for row in rows]


async def test_two_reminders_come_first(app: Served, timing: Timing) -> None:
    timed, owner = timing(PAUSE), await app.person()
    await keep_noted(app, "gig.reminder")
    (key,) = await timed.gigs(owner)
    started = await timed.pool.fetchval("SELECT min(start) FROM timers")
    poller = await timed.poller()
    await timed.market.clock(days=11, hours=23)
    await poller.turn()
    assert await timed.told() == []
    await timed.market.clock(hours=1)
    await poller.turn()
    await poller.turn()
    assert len(await timed.told()) == 1
    (told,) = await _reminders(timed)
    due_at = await timed.pool.fetchval("SELECT $1::timestamptz + interval '14 days'", started)
    assert told == {
        "name": "gig.reminder",
        "resource": "gigs",
        "id": str(key),
        "status": "active",
        "version": told["version"],
        "action": "pause",
        "actor_id": None,
        "due_at": format_time(due_at),
    }
    assert await timed.pool.fetchval("SELECT user_ids FROM noted") == [owner.id]

    await timed.market.clock(days=1)
    await poller.turn()
    assert len(await timed.told()) == 2
    assert await timed.states() == {"active": 1}
    await timed.market.clock(days=1)
    await poller.turn()
    assert await timed.states() == {"paused": 1}
    assert await timed.pool.fetchval("SELECT count(*) FROM timers") == 0


async def test_late_reminders_put_it_off(app: Served, timing: Timing) -> None:
    """No process ran for three weeks: nobody knew, so nothing is done for another day."""
    timed, owner = timing(PAUSE), await app.person()
    await keep_noted(app, "gig.reminder")
    await timed.gigs(owner)
    poller = await timed.poller()
    await timed.market.clock(days=21)
    for _ in range(3):
        await poller.turn()
    assert await timed.states() == {"active": 1}
    told = await timed.told()
    assert len(told) == 2
    first, last = await _reminders(timed)
    day_later = await timed.pool.fetch(
        "SELECT t + interval '24 hours' AS at FROM unnest($1::timestamptz[]) t", told
    )
    assert [first["due_at"], last["due_at"]] == [format_time(row["at"]) for row in day_later]
    await timed.market.clock(hours=23, minutes=59)
    await poller.turn()
    assert await timed.states() == {"active": 1}
    await timed.market.clock(minutes=1)
    await poller.turn()
    assert await timed.states() == {"paused": 1}


async def test_without_its_reminders_nothing_is_done(app: Served, timing: Timing) -> None:
    timed, owner = timing(PAUSE), await app.person()
    await timed.gigs(owner)
    await timed.pool.execute("UPDATE timers SET parked_at = now() WHERE number = 2")
    poller = await timed.poller()
    await timed.market.clock(days=60)
    await poller.turn()
    await timed.market.clock(days=60)
    await poller.turn()
    assert len(await timed.told()) == 1
    assert await timed.states() == {"active": 1}


async def test_a_reminder_is_told_with_the_transaction_that_notes_it_or_not_at_all(
    app: Served, timing: Timing
) -> None:
    timed, owner = timing(PAUSE), await app.person()
    await timed.gigs(owner)
    await app.as_owner(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE 'the outbox is full'; END $$;"
        "CREATE TRIGGER refuse BEFORE INSERT ON outbox FOR EACH ROW WHEN (NEW.consumer = 'domain')"
        " EXECUTE FUNCTION refuse()"
    )
    poller = await timed.poller()
    await timed.market.clock(days=12)
    await poller.turn()
    assert await timed.told() == []
    error = await timed.pool.fetchval("SELECT last_error FROM timers WHERE number = 1")
    assert "the outbox is full" in error


async def test_what_was_told_is_not_told_again_while_the_same_time_runs(
    app: Served, timing: Timing
) -> None:
    """Staff takes the matter up, which is another state: the time goes on, and so do reminders."""
    remove = Due("remove", "milestone_approval_days", since=("created_at",), reminds=True)
    timed, owner = timing(remove), await app.person()
    await keep_noted(app, "gig.reminder")
    (key,) = await timed.gigs(owner)
    poller = await timed.poller()
    await timed.market.clock(days=12)
    await poller.turn()
    await timed.ask(owner, key, "suspend")
    await timed.ask(owner, key, "reinstate")
    await poller.turn()
    assert len(await _reminders(timed)) == 1
    await timed.market.clock(days=1)
    await poller.turn()
    assert len(await _reminders(timed)) == 2
    await timed.market.clock(days=1)
    await poller.turn()
    assert await timed.states() == {"deleted": 1}


async def test_a_time_that_begins_anew_is_told_of_anew(app: Served, timing: Timing) -> None:
    timed, owner = timing(PAUSE), await app.person()
    await keep_noted(app, "gig.reminder")
    (key,) = await timed.gigs(owner)
    poller = await timed.poller()
    await timed.market.clock(days=13)
    await poller.turn()
    await timed.ask(owner, key, "suspend")
    await timed.ask(owner, key, "reinstate")
    await timed.market.clock(days=13)
    await poller.turn()
    assert len(await _reminders(timed)) == 4
    assert await timed.states() == {"active": 1}


async def test_a_timer_that_changes_no_state_goes_with_its_reminders(
    app: Served, timing: Timing
) -> None:
    noted = []

    async def note(_work: Work, row: Row, _body: Any) -> None:
        noted.append(row.id)

    timed, owner = timing(Due("note", "milestone_approval_days", reminds=True)), await app.person()
    timed.workflow.effects["note"] = note  # type: ignore[index]  # a dictionary here
    (key,) = await timed.gigs(owner)
    poller = await timed.poller()
    for _ in range(4):
        await timed.market.clock(days=13)
        await poller.turn()
    assert noted == [key]
    assert await timed.pool.fetchval("SELECT count(*) FROM timers") == 0
