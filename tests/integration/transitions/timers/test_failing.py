"""A timer that fails is tried again, at last parked, and holds up no other."""

from collections.abc import MutableMapping
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from protocol.errors import RequestError
from protocol.machine import Due
from server.workflows import timers
from storage.workflows.rows import Row
from storage.workflows.timers import retry
from storage.workflows.work import Work
from tests.app import Served
from tests.integration.transitions.timers.conftest import Timed, Timing

PAUSE = Due("pause", "milestone_approval_days")


class Broken:
    """An effect that fails for some gigs."""

    def __init__(self) -> None:
        self.gigs: set[UUID] = set()
        self.tries = 0

    async def __call__(self, _work: Work, row: Row, _body: Any) -> None:
        if row.id in self.gigs:
            self.tries += 1
            raise ArithmeticError("something that nobody thought of")


async def _left(timed: Timed) -> asyncpg.Record:
    (row,) = await timed.pool.fetch(
        "SELECT id, attempts, next_attempt_at, parked_at, last_error FROM timers"
    )
    return row


async def test_ten_failures_park_it_and_no_other_waits(
    app: Served, timing: Timing, logs: list[MutableMapping[str, Any]]
) -> None:
    broken = Broken()
    timed, owner = timing(PAUSE, effect=broken), await app.person()
    keys = await timed.gigs(owner, 3)
    broken.gigs = {keys[0]}
    poller = await timed.poller()
    await timed.market.clock(days=14)
    await poller.turn()
    assert await timed.states() == {"active": 1, "paused": 2}, "it held up the others"
    first = await _left(timed)
    assert first["attempts"] == broken.tries == 1
    assert first["last_error"] == "ArithmeticError: something that nobody thought of"

    await poller.turn()
    assert broken.tries == 1, "it is tried again only after a pause"
    for pause_s in (*timers.AGAIN_S, *[timers.AGAIN_S[-1]] * 2):
        assert (await _left(timed))["parked_at"] is None
        await timed.market.clock(seconds=pause_s)
        await poller.turn()
    parked = await _left(timed)
    assert (parked["attempts"], broken.tries) == (10, 10)
    assert parked["parked_at"] is not None
    (told,) = [line for line in logs if line["event"] == "timer_parked"]
    assert (told["log_level"], told["entity"]) == ("error", str(keys[0]))
    await timed.market.clock(days=1)
    await poller.turn()
    assert broken.tries == 10
    assert timed.figure("parley_timers_total", outcome="failed") == 9
    assert timed.figure("parley_timers_total", outcome="parked") == 1
    assert timed.figure("parley_timers_parked") == 1
    assert await timed.states() == {"active": 1, "paused": 2}, "nothing of it was kept"

    broken.gigs = set()
    async with timed.pool.acquire() as connection:
        assert await retry(connection, [parked["id"]]) == [parked["id"]]
    await poller.turn()
    assert await timed.states() == {"paused": 3}
    assert timed.figure("parley_timers_parked") == 0


async def test_one_that_was_held_up_is_not_parked_for_it(
    app: Served, timing: Timing, monkeypatch: pytest.MonkeyPatch
) -> None:
    timed, owner = timing(PAUSE), await app.person()
    await timed.gigs(owner)
    monkeypatch.setattr(timed.executor, "run", _unavailable)
    poller = await timed.poller()
    await timed.market.clock(days=14)
    for _ in range(12):
        await poller.turn()
        await timed.market.clock(seconds=timers.BUSY_S)
    assert tuple(await _left(timed))[1:4:2] == (0, None)


async def _unavailable(_ask: Any) -> None:
    raise RequestError.unavailable("the database")


async def test_a_timer_of_another_state_does_nothing(app: Served, timing: Timing) -> None:
    """It would be a fault of ours: it is told, and not done."""
    timed, owner = timing(PAUSE), await app.person()
    await timed.gigs(owner)
    await timed.pool.execute("UPDATE timers SET state = 'draft'")
    poller = await timed.poller()
    await timed.market.clock(days=14)
    await poller.turn()
    assert await timed.states() == {"active": 1}
    assert "a timer of draft" in (await _left(timed))["last_error"]
