"""Two hundred transitions of a server that is killed -9: each comes about, and is told, once."""

import asyncio
import os
import sys
from collections import Counter
from random import Random
from typing import Any

import aiohttp
import asyncpg
import pytest

from storage.ledger import checking
from tests.app import Person, Serve
from tests.faults.executions.chain import STEPS, Chain
from tests.faults.executions.mortal import MOMENTS, UNLIMITED, Mortal
from tests.faults.process import Process, process_after
from tests.integration.transitions.conftest import Json, Market
from tests.integration.transitions.contracts.conftest import Deals, deal_of
from tests.wire import WAIT_S

CHAINS = 8
SEED = os.environ.get("PARLEY_KILLS_SEED", "1")
Place = dict[str, Any]


@pytest.mark.timeout(600)
async def test_each_transition_comes_about_once(serve: Serve, owner_database_url: str) -> None:
    async with (
        asyncpg.create_pool(owner_database_url, min_size=1, max_size=4) as pool,
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(WAIT_S)) as http,
    ):
        async with serve() as app:
            chains = [await _chain(Deals(app)) for _ in range(CHAINS + 1)]
            places = {}
            for chain in chains:
                for person in (chain.client, chain.freelancer):
                    places[person] = await _place(await app.connect(person))
            whole, *killed = chains
            await whole.play(_sends(Market(app)), pool)

        mortal = Mortal(app.settings, http, Random(SEED))
        work = asyncio.gather(*(chain.play(mortal.send, pool) for chain in killed))
        await asyncio.gather(mortal.live(work), work)
        sys.stdout.write(f"seed {SEED}: {dict(Counter(mortal.deaths))}, {mortal.repeated} repeated")
        assert set(mortal.deaths) == set(MOMENTS), "every way to die"

        expected = await whole.left(pool)
        assert sum(expected.history.values()) >= STEPS
        for chain in killed:
            assert await chain.left(pool) == expected
        async with process_after(UNLIMITED, app.settings, {}) as process:
            await _is_told(pool)
            told = [await _told(process, c, places) for c in chains]
            differs = [
                (dict(counts - wanted), dict(wanted - counts))
                for both in told
                for counts, wanted in zip(both, told[0], strict=True)
            ]
            assert differs == [({}, {})] * len(differs)
        connection: Any
        async with pool.acquire() as connection:
            now = await checking.clock(connection)
            assert await checking.find(connection, now) == []


async def _chain(deals: Deals) -> Chain:
    deal = await deal_of(deals)
    await deals.fund(deal.client, "500")
    return Chain(deal, await deals.category())


async def _place(wire: Any) -> Place:
    """Where somebody has got to who goes away now."""
    await wire.close()
    return {"epoch": wire.hello["epoch"], "offset": wire.hello["offset"]}


def _sends(market: Market) -> Any:
    async def send(person: Person, path: str, body: Json, headers: dict[str, str]) -> Json:
        return await market.done(person, path, body=body, headers=headers)

    return send


async def _is_told(pool: Any) -> None:
    """Until nothing waits to be told."""
    async with asyncio.timeout(3 * WAIT_S):
        while await pool.fetchval(
            "SELECT count(*) FROM outbox WHERE consumer IN ('domain', 'realtime')"
        ):
            await asyncio.sleep(0.05)


async def _told(
    process: Process, chain: Chain, places: dict[Person, Place]
) -> list[Counter[tuple[str, str]]]:
    """What both are told who come back: how often each event of a machine."""
    found = []
    for person in (chain.client, chain.freelancer):
        wire = await process.open()
        resume = {**places[person], "revs": {}}
        hello = await wire.ask("hello", token=person.token, resume=resume)
        assert hello["resumed"]
        await wire.flushed()
        events = [frame for frame in wire.frames if "ev" in frame]
        assert len({event["at"] for event in events}) == len(events)
        found.append(
            Counter(
                (event["ev"], event["d"]["action"]) for event in events if "resource" in event["d"]
            )
        )
    return found
