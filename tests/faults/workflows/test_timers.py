"""A process that is killed amid due timers: others do what it has not, each once."""

import asyncio
from collections.abc import Sequence

import pytest

from tests.app import Serve, Served
from tests.faults.process import Process, process_like
from tests.faults.workflows.slow_gig import PAUSE
from tests.integration.transitions.conftest import Market
from tests.integration.transitions.timers.conftest import Timed
from tests.integration.transitions.timers.toy import keep_noted

GIGS = 100
DONE_S = 60.0
TOY: dict[str, float | str] = {
    "server.workflows.wiring.WORKFLOWS": "tests.faults.workflows.slow_gig:WORKFLOWS"
}
_TOLD = "SELECT count(*) FROM timers WHERE told_at > '-infinity'"
_DONE = "SELECT count(*) FROM status_history WHERE action = 'pause'"


async def _reached(timed: Timed, query: str, count: int) -> None:
    async with asyncio.timeout(DONE_S):
        while await timed.pool.fetchval(query) < count:
            await asyncio.sleep(0.02)


async def _killed_amid(timed: Timed, processes: Sequence[Process], query: str, whole: int) -> int:
    """Kills the first of these processes in the middle; how much was done by then."""
    before = await timed.pool.fetchval(query)
    await _reached(timed, query, before + 20)
    await processes[0].kill()
    by_then: int = await timed.pool.fetchval(query)
    assert by_then < whole, "it had done everything already"
    return by_then


@pytest.mark.timeout(180)
async def test_each_fires_once_whoever_dies(serve: Serve) -> None:
    async with serve(test_clock=True) as app:
        await _each_fires_once(app)


async def _each_fires_once(app: Served) -> None:
    timed, owner = Timed(app, Market(app), (PAUSE,), None), await app.person()
    await keep_noted(app, "gig.paused")
    keys = await timed.gigs(owner, GIGS)
    await app.as_owner(
        "CREATE TABLE reminded AS SELECT 1 AS id, NULL::uuid AS gig LIMIT 0;"
        "GRANT ALL ON reminded TO parley_service;"
        "CREATE FUNCTION keep_reminded() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " IF NEW.data ->> 'name' = 'gig.reminder' THEN"
        " INSERT INTO reminded VALUES (1, (NEW.data ->> 'id')::uuid); END IF; RETURN NULL; END $$;"
        "CREATE TRIGGER keep_reminded AFTER INSERT ON outbox"
        " FOR EACH ROW EXECUTE FUNCTION keep_reminded()"
    )
    await timed.market.clock(days=13)
    async with process_like(app.settings, TOY) as first:
        await _killed_amid(timed, [first], _TOLD, 2 * GIGS)
    async with process_like(app.settings, TOY) as second, process_like(app.settings, TOY) as third:
        await _reached(timed, _TOLD, 2 * GIGS)
        await timed.market.clock(days=1)
        await _killed_amid(timed, [second, third], _DONE, GIGS)
        await _reached(timed, _DONE, GIGS)

    assert await timed.states() == {"paused": GIGS}
    assert sorted(await timed.done("pause")) == sorted(keys)
    told = await timed.pool.fetch("SELECT data ->> 'id' AS gig FROM noted")
    assert sorted(row["gig"] for row in told) == sorted(map(str, keys))
    reminded = await timed.pool.fetch("SELECT gig FROM reminded")
    assert sorted(row["gig"] for row in reminded) == sorted([*keys, *keys])
    left = "SELECT count(*) FROM timers t WHERE t.machine = 'gig'"
    assert await timed.pool.fetchval(left) == 0
