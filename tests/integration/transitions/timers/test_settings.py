"""A setting that changes releases nothing early."""

from protocol.machine import Due, Party
from storage.workflows.asks import Ask
from tests.app import Person, Served
from tests.integration.transitions.timers.conftest import Timed, Timing

PAUSE = Due("pause", "milestone_approval_days")
RUNNING = 1_000


async def _admin(app: Served) -> Person:
    admin = await app.person("Ada")
    await app.app.core.foundation.pool.execute(
        "UPDATE users SET staff_role = 'admin' WHERE id = $1", admin.id
    )
    return admin


async def _set(app: Served, admin: Person, days: int) -> None:
    path = "/v1/platform-settings/milestone_approval_days"
    answer = await app.http("PATCH", path, admin, {"value": days}, headers={"If-Match": "*"})
    assert answer.status == 200, answer.body


async def _work_off(timed: Timed) -> None:
    poller = await timed.poller()
    while await poller.turn():
        pass


async def test_a_thousand_timers_that_run(app: Served, timing: Timing) -> None:
    timed, owner = timing(PAUSE), await app.person()
    admin = await _admin(app)
    keys = await timed.gigs(owner, 4)
    await timed.pool.execute(
        "INSERT INTO timers (machine, entity_id, action, state, start, seconds, setting,"
        " moves_money)"
        " SELECT machine, uuid7(), action, state, start, seconds, setting, moves_money"
        " FROM timers, generate_series(1, $1) WHERE entity_id = $2",
        RUNNING - len(keys),
        keys[0],
    )
    # Those that belong to no row would fail if they were carried out.
    await _set(app, admin, 2)
    (fifth,) = await timed.gigs(owner)
    await timed.market.clock(days=3)
    await _work_off(timed)
    assert await timed.states() == {"active": 4, "paused": 1}
    assert await timed.done("pause") == [fifth], "only what started later is shorter"
    untouched = "SELECT count(*) FROM timers WHERE attempts = 0 AND last_error IS NULL"
    assert await timed.pool.fetchval(untouched) == RUNNING

    await _set(app, admin, 30)
    await timed.market.clock(days=26)
    await _work_off(timed)
    assert await timed.states() == {"active": 4, "paused": 1}, "longer for all that run"
    assert await timed.pool.fetchval(untouched) == RUNNING
    await timed.pool.execute(
        "DELETE FROM timers WHERE NOT EXISTS (SELECT FROM gigs g WHERE g.id = entity_id)"
    )
    await timed.market.clock(days=1)
    await _work_off(timed)
    assert await timed.states() == {"paused": 5}


async def test_another_state_makes_a_time_that_runs_no_shorter(app: Served, timing: Timing) -> None:
    """The time goes on from when it began: with the length that it began with, too."""
    timed = timing(Due("remove", "milestone_approval_days", since=("created_at",)))
    owner, admin = await app.person(), await _admin(app)
    (key,) = await timed.gigs(owner)
    await _set(app, admin, 2)
    await timed.ask(owner, key, "suspend")
    await timed.market.clock(days=13)
    await _work_off(timed)
    assert await timed.states() == {"suspended": 1}
    await timed.ask(owner, key, "reinstate")
    await _work_off(timed)
    assert await timed.states() == {"active": 1}
    await timed.market.clock(days=1)
    await _work_off(timed)
    assert await timed.states() == {"deleted": 1}


async def test_a_setting_that_is_longer_by_now_is_seen_under_the_lock(
    app: Served, timing: Timing
) -> None:
    """It was lengthened after the timer had been read as due."""
    timed, owner = timing(PAUSE), await app.person()
    (key,) = await timed.gigs(owner)
    timer = await timed.pool.fetchval("SELECT id FROM timers")
    await timed.market.clock(days=14)
    await _set(app, await _admin(app), 15)
    ask = Ask(timed.workflow, "pause", key, party=Party.TIMER, timer=timer)
    assert await timed.executor.run(ask) is None
    await timed.market.clock(days=1)
    assert await timed.executor.run(ask) is not None
