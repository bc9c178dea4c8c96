"""Groups of people, a marketplace with contracts at hand, and what people are notified of."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from tests.app import Person, Serve, Served
from tests.integration.notifications.stage import Stages, stage_on
from tests.integration.transitions.contracts.conftest import Deal, Deals, deal_of
from tests.wire import WAIT_S, Wire

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


SOON = {"unread_notice_s": 0.3, "unread_notice_again_s": 1.0}


class Group:
    """A group of Ada, who owns it, and others, all connected; Ada and Ben with two devices."""

    def __init__(self, app: Served, people: dict[str, Person], wires: dict[str, Wire]) -> None:
        self.app, self.people, self.wires = app, people, wires
        self.id = ""

    async def say(self, who: str, content: str = "hello", **fields: Any) -> dict[str, Any]:
        """A message in the group."""
        d = {"conversation_id": self.id, "client_id": uuid4(), "content": content} | fields
        message: dict[str, Any] = (await self.wires[who].ask("message.send", d))["message"]
        return message

    async def mention(self, who: str, whom: str) -> dict[str, Any]:
        """A message that names somebody."""
        return await self.say(who, f"@{whom}", mentions=[self.people[whom].id])

    async def read(self, who: str, seq: int) -> None:
        """Somebody reads the group up to a message."""
        await self.wires[who].ask("receipt.read", conversation_id=self.id, seq=seq)

    async def listed(self, who: str) -> tuple[list[dict[str, Any]], int]:
        """Somebody's notifications, and how many are unread: by the list and by the badge alike."""
        async with asyncio.timeout(WAIT_S):
            while True:
                page = await self.wires[who].ask("notification.list")
                badge = (await self.app.http("GET", "/v1/unread", self.people[who])).body
                items = page["notifications"]
                counted = [
                    one for one in items if one["read_at"] is None and one["type"] != "message.run"
                ]
                if len(counted) == page["unread"] == badge["notifications"]:
                    return items, len(counted)
                await asyncio.sleep(0.05)

    async def until(self, who: str, *types: str) -> list[dict[str, Any]]:
        """Somebody's unread notifications, once they are of these types, the newest first."""
        async with asyncio.timeout(WAIT_S):
            while True:
                items, _unread = await self.listed(who)
                unread = [one for one in items if one["read_at"] is None]
                if [one["type"] for one in unread] == list(types):
                    return unread
                await asyncio.sleep(0.05)


Make = Callable[..., Awaitable[Group]]


@pytest.fixture
async def make(serve) -> AsyncIterator[Make]:
    """Makes groups of people on one server, whose unread messages are told soon."""
    async with serve(**SOON) as app:

        async def make(*names: str, kind: str = "group") -> Group:
            people = dict(zip(names, await app.people(*names), strict=True))
            wires = {name: await app.connect(person) for name, person in people.items()}
            group = Group(app, people, wires)
            owner, *others = names
            made = await wires[owner].ask(
                "conversation.create",
                type=kind,
                participant_ids=[people[name].id for name in others],
            )
            group.id = made["conversation"]["id"]
            for name in others if kind == "group" else ():
                await group.until(name, "conversation.invited")
            return group

        yield make


@pytest.fixture
def staged(serve: Serve, owner: asyncpg.Connection) -> Stages:
    """Makes the stage on which Ada writes to Ben."""
    return partial(stage_on, serve, owner)
