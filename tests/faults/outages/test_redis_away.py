"""Redis is killed or frozen: what is durable goes on, and what waited arrives when it is back."""

import asyncio
from dataclasses import dataclass
from uuid import uuid4

import pytest

from tests.app import Person, Served
from tests.faults.conftest import freeze, kill, thaw
from tests.integration.talk.device import FORMATS, Device, contents, device_of
from tests.wire import WAIT_S, Wire

BOUND_S = 3.0
"""For anything that a client asks for meanwhile."""
BACK_S = 15.0


async def emptied(app, within_s=BACK_S):
    """Waits until nothing waits in the outbox for clients."""
    async with asyncio.timeout(within_s):
        while await app.app.core.foundation.pool.fetchval(
            "select count(*) from outbox where consumer = 'realtime'"
        ):
            await asyncio.sleep(0.05)


async def work(wire, key, clock):
    """What must go on, each within the bound; returns the message sent."""
    with clock.time("message.send", BOUND_S):
        sent = await wire.ask(
            "message.send", conversation_id=key, client_id=uuid4(), content="meanwhile"
        )
    target = {"conversation_id": key, "message_id": sent["message"]["id"]}
    commands: tuple[tuple[str, dict[str, object]], ...] = (
        ("message.edit", target | {"content": "edited meanwhile"}),
        ("message.history", {"conversation_id": key}),
        ("conversation.list", {}),
        ("sync", {"conversations": {key: 1}}),
        ("receipt.read", {"conversation_id": key, "seq": sent["message"]["seq"]}),
        ("typing.start", {"conversation_id": key}),
        ("presence.set", {"status": "away"}),
        ("notification.list", {}),
    )
    for op, d in commands:
        with clock.time(op, BOUND_S):
            await wire.ask(op, d)
    return sent["message"]


@dataclass(frozen=True)
class Room:
    """Anna and ben in a direct conversation; ben's second device keeps a whole state."""

    app: Served
    people: list[Person]
    a: Wire
    b: Wire
    device: Device
    key: str

    async def send(self, content):
        """Anna sends; the message."""
        d = {"conversation_id": self.key, "client_id": uuid4(), "content": content}
        return (await self.a.ask("message.send", d))["message"]


@pytest.fixture
async def room(serve, valkey):
    async with serve(redis_url=valkey.url(), rate_limits=True) as app:
        people = await app.people("anna", "ben")
        a, b = await app.connect(people[0]), await app.connect(people[1], "msgpack")
        made = await a.ask("conversation.create", type="direct", participant_ids=[people[1].id])
        async with device_of(app, people[1], FORMATS["json"]) as device:
            room = Room(app, people, a, b, device, made["conversation"]["id"])
            await room.send("before")
            await device.until(lambda: device.at(room.key).last_seq == 1)
            await device.told()
            device.log.clear()
            yield room


@pytest.mark.parametrize("how", ["killed", "frozen"])
@pytest.mark.timeout(120)
async def test_what_is_durable_goes_on(room, valkey, clock, how):
    app, (anna, _ben) = room.app, room.people
    late = await app.login(anna)
    assert (await app.http("GET", "/readyz")).body["status"] == "ready"
    if how == "killed":
        kill(valkey.pid)
        await valkey.stop()
    else:
        freeze(valkey.pid)

    await work(room.a, room.key, clock)
    last = await work(room.b, room.key, clock)
    with clock.time("hello", BOUND_S):
        c = await app.connect(late)
    assert c.hello["resumed"] is False
    assert c.hello["unread"] == {"messages": 1, "notifications": 0}
    with clock.time("readyz", BOUND_S):
        ready = await app.http("GET", "/readyz")
    assert (ready.status, ready.body["status"]) == (200, "degraded")
    assert (ready.body["postgresql"], ready.body["redis"]) == ("ok", "away")

    if how == "killed":
        await valkey.start()
        # What is published before it is covered by the sync that it asks for.
        for wire in (room.a, room.b, c):
            await wire.expect("resync", BACK_S)
    else:
        thaw(valkey.pid)
        with clock.time("events that waited", BACK_S):
            await room.b.expect("message.created", BACK_S, lambda d: d["message"]["seq"] == 2)
            await room.a.expect("message.created", BACK_S, lambda d: d["message"]["seq"] == 3)
    await all_is_as_before(room, c, clock, last["rev"])


async def all_is_as_before(room, late, clock, rev):
    """Live traffic, order and readiness; `rev` is that of the last message sent meanwhile."""
    # Its edit is the last change of the outage.
    await room.device.until(lambda: room.device.at(room.key).rev > rev, timeout_s=BACK_S)
    await emptied(room.app)
    after = await room.send("after")
    for wire in (room.b, late):
        with clock.time("live again", 2.0):
            await wire.expect("message.created", WAIT_S, lambda d: d["message"] == after)
    said = ["edited meanwhile", "edited meanwhile", "after"]
    await room.device.until(lambda: contents(room.device.at(room.key).history())[-3:] == said)
    # None twice; what a sync has brought is not told as created.
    assert (await room.device.names()).count("message.created") <= 3
    for wire in (room.b, late):
        changes = [e["d"] for e in wire.frames if e.get("ev", "").startswith("message.")]
        revs = [change["rev"] for change in changes]
        assert revs == sorted(set(revs))
    assert (await room.app.http("GET", "/readyz")).body["status"] == "ready"
