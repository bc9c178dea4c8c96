"""People who talk over two nodes while something fails, and what they have heard in the end."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from loadtests.chaos.servers.proxy import Proxy, Way
from tests.app import Person, Serve, Served
from tests.faults.clients import client_of, is_whole, stored_in, told_seqs
from tests.faults.conftest import Clock
from tests.integration.talk.device import FORMATS, Device
from tests.wire import Wire

BACK_S = 20.0
"""From the end of a fault until everybody hears everybody again."""
PAUSE_S = 0.2
"""Between two things that one says: what a node misses stays below 200 messages, which a sync
brings in order. Of more it brings the newest first.
"""
LOOK_S = 0.02
BOTH = (Way.FORTH, Way.BACK)


def proxy_of(url: str) -> tuple[Proxy, Callable[[], str]]:
    """A proxy before the server of a URL, and the URL that leads through it once it listens."""
    parts = urlsplit(url)
    assert parts.hostname is not None and parts.port is not None
    backend = (parts.hostname, parts.port)
    proxy = Proxy(lambda: [backend])
    return proxy, lambda: url.replace(f":{parts.port}", f":{proxy.port}")


@dataclass
class Stage:
    """Two nodes of one instance, with a proxy before each of what they stand on."""

    nodes: Sequence[Served]
    redis: Proxy
    database: Proxy


@contextlib.asynccontextmanager
async def staged(serve: Serve, redis_url: str, database_url: str) -> AsyncIterator[Stage]:
    """Both nodes are up, and reach Redis and PostgreSQL through the proxies."""
    redis, to_redis = proxy_of(redis_url)
    database, to_database = proxy_of(database_url)
    async with redis, database:
        settings = {
            "redis_url": to_redis(),
            "database_url": to_database(),
            "statement_timeout_ms": 1_000,
        }
        async with serve(**settings) as one, serve(**settings) as two:
            yield Stage([one, two], redis, database)


def is_gone(proxy: Proxy) -> None:
    """Nobody is reached, as with a server that has stopped."""
    proxy.refuse(on=True)
    proxy.cut(reset=True)


def is_silent(proxy: Proxy) -> None:
    """What is sent arrives nowhere, and nobody says so."""
    for way in BOTH:
        proxy.stop(way)


def speaks_again(proxy: Proxy) -> None:
    """To those who connect from now on: what was open before stays silent for ever."""
    old = list(proxy.links)
    for way in BOTH:
        proxy.go(way)
        for link in old:
            link.stop(way)


@dataclass
class Talk:
    """Everybody says one thing after the other in one group; `sent` counts what was stored."""

    people: list[Person]
    devices: list[Device]
    nodes: Sequence[Served]
    room: str
    sent: Counter[str] = field(default_factory=Counter)
    is_over: bool = False

    async def chat(self, person: Person, device: Device) -> None:
        """Until it is over; what is said last is stored by then."""
        while not self.is_over:
            await device.session.send(self.room, f"{person.name} {self.sent[person.name] + 1}")
            self.sent[person.name] += 1
            await asyncio.sleep(PAUSE_S)

    async def goes_on(self, count: int = 3, within_s: float = BACK_S) -> None:
        """Waits until each has said so many things more, and each has heard all of it."""
        goals = {person.name: self.sent[person.name] + count for person in self.people}
        await self._until(lambda: all(self.sent[name] >= goals[name] for name in goals), within_s)
        total = self.sent.total()
        await self._until(lambda: all(self._has(one, total) for one in self.devices), within_s)

    async def ends(self) -> None:
        """Nobody says more: everybody holds everything, in order, and was told each once."""
        total = self.sent.total()
        await self._until(lambda: all(self._has(one, total) for one in self.devices), BACK_S)
        stored = await stored_in(self.devices[0], self.room)
        said = [f"{name} {n}" for name, count in self.sent.items() for n in range(1, count + 1)]
        assert sorted(str(message.content) for message in stored) == sorted(said)
        for person, device, node in zip(self.people, self.devices, self.nodes, strict=True):
            await is_whole(device, node, person)
            assert told_seqs(await device.told(), self.room) == list(range(1, total + 1))

    def _has(self, device: Device, seq: int) -> bool:
        return device.session.is_ready and device.at(self.room).last_seq >= seq

    async def _until(self, condition: Callable[[], bool], within_s: float) -> None:
        async with asyncio.timeout(within_s):
            while not condition():
                await asyncio.sleep(LOOK_S)


@contextlib.asynccontextmanager
async def talking(nodes: Sequence[Served], *names: str) -> AsyncIterator[Talk]:
    """People on the nodes in turn, who talk as long as the block lasts, and are held to it."""
    people = await nodes[0].people(*names)
    places = [nodes[number % len(nodes)] for number in range(len(people))]
    async with contextlib.AsyncExitStack() as stack:
        devices = []
        for number, person in enumerate(people):
            form = FORMATS["msgpack" if number % 2 else "json"]
            device = await stack.enter_async_context(client_of(places[number], person, form=form))
            devices.append(device)
        ids = [str(person.id) for person in people[1:]]
        made = await devices[0].ask("conversation.create", type="group", participant_ids=ids)
        talk = Talk(people, devices, places, made["conversation"]["id"])
        for device in devices:
            await device.until(partial(_knows, device, talk.room))
        async with asyncio.TaskGroup() as group:
            for person, device in zip(people, devices, strict=True):
                group.create_task(talk.chat(person, device))
            yield talk
            talk.is_over = True
        await talk.ends()


def _knows(device: Device, room: str) -> bool:
    return room in device.state.conversations


class Asked:
    """Commands to every node, each on a connection of its own: how long they take meanwhile."""

    def __init__(self, wires: list[tuple[Wire, str, dict[str, Any]]]) -> None:
        self._wires = wires
        self._refused: dict[Wire, UUID] = {}
        """Messages that a connection has to send again before any other."""

    async def answers(self, clock: Clock, within_s: float, *, refusals: bool = False) -> None:
        """All at once: each is answered in time, carried out or, if it may be, refused for now."""
        async with asyncio.TaskGroup() as group:
            for wire, op, d in self._wires:
                group.create_task(self._ask(wire, op, d, clock, within_s, refusals))

    async def _ask(
        self, wire: Wire, op: str, d: dict[str, Any], clock: Clock, within_s: float, refusals: bool
    ) -> None:
        client_id = self._refused.pop(wire, None) or uuid4()
        with clock.time(op, within_s):
            command = await wire.tell(op, d, **({"client_id": client_id} if "send" in op else {}))
            reply = await wire.reply(command, within_s)
        if "error" in reply:
            code, retryable = reply["error"]["code"], reply["error"]["retryable"]
            assert refusals and (code, retryable) == ("unavailable", True), op
            self._refused[wire] = client_id


async def asking(nodes: Sequence[Served]) -> Asked:
    """Connections of somebody beside those who talk."""
    dora, eva = await nodes[0].people("dora", "eva")
    first = await nodes[0].connect(dora)
    made = await first.ask("conversation.create", type="direct", participant_ids=[eva.id])
    key = made["conversation"]["id"]
    sent = await first.ask("message.send", conversation_id=key, client_id=uuid4(), content="one")
    target = {"conversation_id": key, "message_id": sent["message"]["id"]}
    commands: list[tuple[str, dict[str, Any]]] = [
        ("message.send", {"conversation_id": key, "content": "another"}),
        ("reaction.add", target | {"emoji": "👍"}),
        ("message.history", {"conversation_id": key}),
        ("conversation.list", {}),
        ("sync", {"conversations": {key: 1}}),
        ("receipt.delivered", {"conversation_id": key, "seq": 1}),
        ("typing.start", {"conversation_id": key}),
    ]
    return Asked([(await node.connect(dora), op, d) for node in nodes for op, d in commands])
