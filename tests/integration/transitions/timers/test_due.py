"""What is due is done, once, and not before its time."""

import asyncio

import pytest

from protocol.machine import Due, Party
from server.workflows import wiring
from storage.workflows.asks import Ask
from tests.app import Serve, Served
from tests.integration.transitions.conftest import Market
from tests.integration.transitions.timers.conftest import Timed, Timing
from tests.integration.transitions.timers.toy import toy

PAUSE = Due("pause", "milestone_approval_days")


async def test_a_timer_is_carried_out_when_its_time_has_passed(app: Served, timing: Timing) -> None:
    timed, owner = timing(PAUSE), await app.person()
    (key,) = await timed.gigs(owner)
    poller = await timed.poller()
    await timed.market.clock(days=13, hours=23)
    await poller.turn()
    assert await timed.states() == {"active": 1}

    await timed.market.clock(hours=1)
    await poller.turn()
    assert await timed.states() == {"paused": 1}
    assert await timed.done("pause") == [key]
    assert await timed.pool.fetchval("SELECT count(*) FROM timers") == 0
    assert timed.figure("parley_timers_total", outcome="done") == 1


async def test_what_was_due_when_it_was_read_is_judged_again_under_the_lock(
    app: Served, timing: Timing
) -> None:
    """The owner pauses and resumes between the reading and the execution: the time begins anew."""
    timed, owner = timing(PAUSE), await app.person()
    (key,) = await timed.gigs(owner)
    timer = await timed.pool.fetchval("SELECT id FROM timers")
    await timed.market.clock(days=14)
    await timed.ask(owner, key, "pause")
    await timed.ask(owner, key, "resume")
    ask = Ask(timed.workflow, "pause", key, party=Party.TIMER, timer=timer)
    assert await timed.executor.run(ask) is None
    await timed.pool.execute("UPDATE timers SET id = $1", timer)
    assert await timed.executor.run(ask) is None
    assert await timed.states() == {"active": 1}
    await timed.market.clock(days=14)
    assert await timed.executor.run(ask) is not None
    assert await timed.states() == {"paused": 1}


async def test_two_pollers_have_one_effect(app: Served, timing: Timing) -> None:
    timed, owner = timing(PAUSE), await app.person()
    keys = await timed.gigs(owner, 40)
    pollers = [await timed.poller() for _ in range(3)]
    await timed.market.clock(days=14)
    await asyncio.gather(*(poller.turn() for poller in pollers))
    assert sorted(await timed.done("pause")) == sorted(keys)
    assert await timed.states() == {"paused": 40}
    kinds = await timed.pool.fetch(
        "SELECT count(*) FROM status_history WHERE action = 'pause' GROUP BY entity_id"
    )
    assert {row["count"] for row in kinds} == {1}


async def test_more_than_a_batch_is_worked_off_in_turns(app: Served, timing: Timing) -> None:
    timed, owner = timing(PAUSE), await app.person()
    await timed.gigs(owner, 70)
    poller = await timed.poller()
    await timed.market.clock(days=14)
    assert await poller.turn()
    assert not await poller.turn()
    assert await timed.states() == {"paused": 70}


async def test_timers_of_machines_that_a_process_does_not_know_are_left(
    app: Served, timing: Timing
) -> None:
    timed, owner = timing(PAUSE), await app.person()
    await timed.gigs(owner)
    await timed.pool.execute("UPDATE timers SET action = 'pause_of_tomorrow'")
    poller = await timed.poller()
    await timed.market.clock(days=20)
    await poller.turn()
    (left,) = await timed.pool.fetch("SELECT attempts, parked_at FROM timers")
    assert tuple(left) == (0, None)


async def test_the_app_looks_by_itself_and_tells_of_it(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    workflows = {"gig": toy(PAUSE)}
    monkeypatch.setattr(wiring, "WORKFLOWS", workflows)
    async with serve(timers_poll_s=0.05) as app:
        timed, owner = Timed(app, Market(app), (PAUSE,), None), await app.person()
        wire = await app.connect(owner)
        (key,) = await timed.gigs(owner)
        await timed.market.clock(days=14)
        event = await wire.expect("gig.paused")
        assert event["d"] == {
            "resource": "gigs",
            "id": str(key),
            "status": "paused",
            "version": await timed.pool.fetchval("SELECT version FROM gigs WHERE id = $1", key),
            "action": "pause",
            "actor_id": None,
        }
