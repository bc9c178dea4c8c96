"""A clock that jumps pauses what moves money; a test moves the clock through its door."""

import asyncio
from collections.abc import MutableMapping
from typing import Any

import pytest

from protocol.machine import Due
from storage.workflows.timers import paused, resume
from tests.app import Serve, Served
from tests.integration.transitions.timers.conftest import Timing
from tests.wire import WAIT_S

PAUSE = Due("pause", "milestone_approval_days")
REMOVE = Due("remove", "milestone_approval_days")
"""Only pausing moves money."""
DAY_S = 86_400


async def _jump(app: Served, seconds: float) -> None:
    """As if the machine's clock had been set."""
    await app.as_owner(
        f"UPDATE workflow_clock SET ahead = ahead + make_interval(secs => {seconds}),"
        f" jumped = jumped + make_interval(secs => {seconds})"
    )


@pytest.mark.parametrize("seconds", [DAY_S, -DAY_S])
async def test_timers_that_move_money_pause_when_the_clock_jumps(
    app: Served, timing: Timing, logs: list[MutableMapping[str, Any]], seconds: float
) -> None:
    timed, owner = timing(PAUSE), await app.person()
    await timed.gigs(owner, 3)
    poller, other = await timed.poller(), await timed.poller()
    await timed.market.clock(days=14 if seconds > 0 else 16)
    await _jump(app, seconds)
    await poller.turn()
    await other.turn()
    assert await timed.states() == {"active": 3}
    (told,) = [line for line in logs if line["event"] == "timers_paused"]
    assert told["log_level"] == "error"
    assert told["moved_s"] == pytest.approx(seconds, abs=60)
    assert timed.figure("parley_timers_paused") == 1

    later = await timed.poller()
    await timed.market.clock(days=1)
    await later.turn()
    assert await timed.states() == {"active": 3}, "until an operator has looked"
    async with timed.pool.acquire() as connection:
        pause = await paused(connection)
        assert pause is not None
        assert "the clock moved by" in pause.reason
        assert await resume(connection)
        assert not await resume(connection)
    await poller.turn()
    assert await timed.states() == {"paused": 3}
    assert timed.figure("parley_timers_paused") == 0


async def test_timers_that_move_no_money_go_on(app: Served, timing: Timing) -> None:
    timed, owner = timing(REMOVE), await app.person()
    await timed.gigs(owner, 2)
    poller = await timed.poller()
    await _jump(app, 14 * DAY_S)
    await poller.turn()
    assert await timed.states() == {"deleted": 2}


async def test_what_was_read_before_the_pause_is_not_done_after_it(
    app: Served, timing: Timing
) -> None:
    """Another process says that the clock has jumped while this one is about to begin."""
    timed, owner = timing(PAUSE), await app.person()
    await timed.gigs(owner)
    poller = await timed.poller()
    await timed.market.clock(days=14)
    run = timed.executor.run

    async def held(ask: Any) -> Any:
        await timed.pool.execute(
            "INSERT INTO timers_paused (since, reason) VALUES (now(), 'another says so')"
        )
        return await run(ask)

    poller._execute = held
    await poller.turn()
    assert await timed.states() == {"active": 1}
    assert timed.figure("parley_timers_total", outcome="late") == 1


async def test_five_minutes_are_no_jump(app: Served, timing: Timing) -> None:
    timed, owner = timing(PAUSE), await app.person()
    await timed.gigs(owner)
    poller = await timed.poller()
    await timed.market.clock(days=14)
    await _jump(app, 240)
    await poller.turn()
    assert await timed.states() == {"paused": 1}


async def test_a_test_moves_the_clock(serve: Serve) -> None:
    async with serve(test_clock=True, timers_poll_s=0.05) as app:
        began = await app.http("GET", "/v1/test-clock")
        assert (began.status, began.body["ahead_s"]) == (200, 0)
        moved = await app.http("POST", "/v1/test-clock", None, {"advance_s": 14 * DAY_S})
        assert (moved.status, moved.body["ahead_s"]) == (200, 14 * DAY_S)
        assert moved.body["now"] > began.body["now"]
        again = await app.http("POST", "/v1/test-clock", None, {"advance_s": 0.5})
        assert again.body["ahead_s"] == 14 * DAY_S + 0.5
        now = await app.app.core.foundation.pool.fetchval(
            "SELECT extract(epoch FROM workflow_now() - clock_timestamp())"
        )
        assert float(now) == pytest.approx(14 * DAY_S + 0.5, abs=1)
        for wrong in ({"advance_s": -1}, {}, {"advance_s": 1, "is_jmp": True}):
            refused = await app.http("POST", "/v1/test-clock", None, wrong)
            assert refused.status == 422, refused.body
        assert not await _is_paused(app)
        await app.http("POST", "/v1/test-clock", None, {"advance_s": DAY_S, "is_jump": True})
        async with asyncio.timeout(WAIT_S):
            while not await _is_paused(app):
                await asyncio.sleep(0.05)


async def _is_paused(app: Served) -> bool:
    async with app.app.core.foundation.pool.acquire() as connection:
        return await paused(connection) is not None


async def test_others_have_no_such_door(app: Served) -> None:
    for method in ("GET", "POST"):
        answer = await app.http(method, "/v1/test-clock", None, {"advance_s": 1})
        assert answer.status == 404
