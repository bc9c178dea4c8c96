"""Two nodes of one instance, a contract at hand, and fifty requests at once."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from storage.ledger import checking
from tests.app import Answer, Person, Serve, Served
from tests.integration.transitions.contracts.conftest import Deal, Deals, deal_of
from tests.wire import WAIT_S, Wire

FIFTY = 50
REFUSED = {409, 412}
"""What is told to those who come too late."""
_TRIES = 5

Request = tuple[Person, str, str, dict[str, Any], dict[str, str]]


class Race:
    """Requests that are sent at once to both nodes, and what has come of them."""

    def __init__(self, nodes: Sequence[Served]) -> None:
        self.nodes = nodes
        self.markets = [Deals(node) for node in nodes]
        self.pool = self.markets[0].pool

    async def deal(self, *amounts: str) -> Deal:
        """A contract that is worked on, whose client has twice the money for it."""
        deal = await deal_of(self.markets[0], amounts)
        await self.markets[0].fund(deal.client, str(sum(map(int, amounts))))
        return deal

    async def run(
        self, requests: Iterable[Request], *beside: Callable[[], Awaitable[Any]]
    ) -> Counter[tuple[str, int]]:
        """How often each action was answered with each status; all of them began at once."""
        go = asyncio.Event()

        async def one(number: int, request: Request) -> tuple[str, int]:
            await go.wait()
            answer = await self._answer(number, request)
            assert answer.status in {200, 201, *REFUSED}, answer.body
            return request[2] or request[1], answer.status

        async def another(act: Callable[[], Awaitable[Any]]) -> None:
            await go.wait()
            await act()

        asked = [asyncio.create_task(one(*each)) for each in enumerate(requests)]
        others = [asyncio.create_task(another(act)) for act in beside]
        go.set()
        await asyncio.gather(*others)
        return Counter(await asyncio.gather(*asked))

    async def _answer(self, number: int, request: Request) -> Answer:
        """Whoever is told to come again does so with the same key."""
        person, path, action, body, headers = request
        headers = {"Idempotency-Key": str(uuid4()), **headers}
        market = self.markets[number % len(self.markets)]
        for _ in range(_TRIES):
            answer = await market.act(person, path, action, body, headers=headers)
            if answer.status != 503:
                break
        return answer

    async def times(self, machine: str, key: str, action: str) -> int:
        """How often a row has had a transition."""
        found: int = await self.pool.fetchval(
            "SELECT count(*) FROM status_history WHERE entity_type = $1 AND entity_id = $2::uuid"
            " AND action = $3", machine, key, action,
        )  # fmt: skip
        return found

    async def journals(self, like: str) -> int:
        """How many journals have such a business key."""
        found: int = await self.pool.fetchval(
            "SELECT count(*) FROM journals WHERE business_key LIKE $1", like
        )
        return found

    async def is_sound(self) -> None:
        """The ledger is clean, and every history goes on from where it was."""
        connection = await asyncpg.connect(
            self.nodes[0].settings.owner_database_url, timeout=WAIT_S
        )
        try:
            now = await checking.clock(connection)
            assert await checking.find(connection, now) == []
            assert await connection.fetch(_BROKEN) == []
        finally:
            await connection.close(timeout=WAIT_S)

    async def told(self, wire: Wire, person: Person, name: str, key: str) -> int:
        """How often a connection was told of an event of a row, once all events are told."""
        last = await self.markets[0].gig(person)
        await wire.expect("gig.active", where=lambda d: d["id"] == last["id"])
        return sum(f.get("ev") == name and f["d"]["id"] == key for f in wire.frames)


_BROKEN = """
SELECT h.* FROM (
    SELECT entity_type, entity_id, action, from_status,
           lag(to_status) OVER (PARTITION BY entity_type, entity_id ORDER BY id) AS before
    FROM status_history
) h WHERE h.before IS NOT NULL AND h.from_status IS DISTINCT FROM h.before
"""


def asked(person: Person, path: str, action: str = "", body: Any = None, **headers: str) -> Request:
    """A request of somebody."""
    return person, path, action, body or {}, headers


@pytest.fixture
async def race(serve: Serve) -> AsyncIterator[Race]:
    """Two nodes, in which timers are carried out when a test says so; all is sound afterwards."""
    async with serve(timers_poll_s=3600) as one, serve(timers_poll_s=3600) as other:
        race = Race([one, other])
        yield race
        await race.is_sound()
