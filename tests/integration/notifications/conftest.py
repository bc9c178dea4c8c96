"""A marketplace in which contracts are at hand, and what its people are notified of."""

import asyncio
from typing import Any

import pytest

from tests.app import Person, Served
from tests.integration.transitions.contracts.conftest import Deal, Deals, deal_of
from tests.wire import WAIT_S

Json = dict[str, Any]


class Inbox:
    """What people are notified of, as they read it once the outbox is worked off."""

    def __init__(self, app: Served) -> None:
        self.app = app
        self.pool: Any = app.app.core.foundation.pool

    async def rows(self, person: Person, *, unread: bool = True) -> list[Json]:
        """The notifications of a person, the oldest first."""
        await self.settled()
        answer = await self.app.command("notification.list", person, {"unread": unread})
        assert answer.status == 200, answer.body
        assert not unread or answer.body["unread"] == len(answer.body["notifications"])
        found: list[Json] = answer.body["notifications"]
        return found[::-1]

    async def types(self, person: Person, *, unread: bool = True) -> list[str]:
        """Their types."""
        return [row["type"] for row in await self.rows(person, unread=unread)]

    async def settled(self) -> None:
        """Return when the outbox holds nothing that makes notifications."""
        asked = "SELECT count(*) FROM outbox WHERE consumer = 'notifications'"
        async with asyncio.timeout(WAIT_S):
            while await self.pool.fetchval(asked):
                await asyncio.sleep(0.02)

    async def read_all(self, *people: Person) -> None:
        """These people have read all that they were notified of."""
        await self.settled()
        for person in people:
            ids = [row["id"] for row in await self.rows(person)]
            answer = await self.app.command("notification.read", person, {"ids": ids})
            assert answer.body["unread"] == 0


@pytest.fixture
async def deals(app: Served) -> Deals:
    """The marketplace of the app at hand."""
    return Deals(app)


@pytest.fixture
async def inbox(app: Served) -> Inbox:
    """What people of the app at hand are notified of."""
    return Inbox(app)


@pytest.fixture
async def deal(deals: Deals, inbox: Inbox) -> Deal:
    """A contract of two milestones of 300 and 700, and a wallet that holds 1000; all is read."""
    deal = await deal_of(deals)
    await inbox.read_all(deal.client, deal.freelancer)
    return deal
