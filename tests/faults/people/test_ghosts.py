"""A process is killed: its people are gone unless they are back, and their places are free."""

import asyncio
import contextlib
import time
from uuid import uuid4

import psutil
import pytest
from websockets.exceptions import ConnectionClosed

from server.ws import registry
from storage.limits import open_sockets
from storage.people import presence
from tests.faults.process import process_like
from tests.wire import WAIT_S

EXPIRY_S = 5.0
GONE_S = 15.0
QUICK = {
    f"{presence.__name__}.EXPIRY_MS": 5_000,
    f"{open_sockets.__name__}.EXPIRY_MS": 5_000,
    f"{open_sockets.__name__}.KEEP_S": 1.0,
    f"{registry.__name__}.REFRESH_S": 1.0,
    f"{registry.__name__}.FLAP_S": 0.3,
    f"{registry.__name__}.SETTLED_S": 2.0,
}
"""What takes some twenty seconds takes five. Who says good-bye is gone sooner still."""
LIMITS = {"connections_per_user": 2, "connections_per_address": 3}
PROXY = "127.0.0.0/8"


def coming_from(address):
    """Options of a connection that a proxy forwards."""
    return {"additional_headers": {"X-Forwarded-For": address}}


async def who_talk(wire, other):
    """They have both written, so that each may see the other's presence."""
    made = await wire.ask("conversation.create", type="direct", participant_ids=[other.hello_id])
    for one in (wire, other):
        await one.ask(
            "message.send",
            conversation_id=made["conversation"]["id"],
            client_id=uuid4(),
            content="hello",
        )


async def watched(wire, *others):
    """What the wire sees of others, each of whom it talks with."""
    for other in others:
        other.hello_id = other.hello["user"]["id"]
        await who_talk(wire, other)
    ids = [other.hello_id for other in others]
    shown = (await wire.ask("presence.watch", user_ids=ids))["presences"]
    return {presence["user_id"]: presence["status"] for presence in shown}


def told_of(wire, user_id):
    """The statuses of a user that a wire was told."""
    events = [frame["d"] for frame in wire.frames if frame.get("ev") == "presence.changed"]
    return [d["status"] for d in events if d["user_id"] == str(user_id)]


async def let_in(app, person, **options):
    """A connection of this person; None if it is refused for the number of them."""
    wire = await app.open(**options)
    with contextlib.suppress(ConnectionClosed):
        await wire.ask("hello", token=person.token)
        return wire
    assert await wire.closed() == 4006
    return None


async def until_let_in(app, person, within_s, **options):
    async with asyncio.timeout(within_s):
        while (wire := await let_in(app, person, **options)) is None:
            await asyncio.sleep(0.25)
    return wire


@pytest.mark.timeout(120)
async def test_what_a_killed_process_leaves(serve, clock, monkeypatch):
    for name, value in QUICK.items():
        monkeypatch.setattr(name, value)
    async with (
        serve(limits=LIMITS, trusted_proxies=PROXY) as app,
        process_like(app.settings, QUICK, **LIMITS) as doomed,
    ):
        anna, ben, carl, dora, emil = await app.people("anna", "ben", "carl", "dora", "emil")
        c = await app.connect(carl, **coming_from("198.51.100.1"))
        a = await doomed.connect(anna, **coming_from("198.51.100.2"))
        b = await doomed.connect(ben, **coming_from("198.51.100.3"))
        assert await watched(c, a, b) == {str(anna.id): "online", str(ben.id): "online"}
        # All that dora may have, and that an address may have.
        far, near = coming_from("198.51.100.4"), coming_from("192.0.2.1")
        for person, place in ((dora, far), (dora, far), (emil, near), (emil, near)):
            await doomed.connect(person, **place)
        await doomed.open(**near)
        for node in (app, doomed):
            assert await let_in(node, dora, **coming_from("198.51.100.5")) is None
            assert await let_in(node, carl, **near) is None

        began = time.monotonic()
        await doomed.kill()
        back = await until_let_in(app, ben, WAIT_S)
        gone, place_of_dora, place_near = await asyncio.gather(
            c.expect("presence.changed", GONE_S, lambda d: d["status"] == "offline"),
            until_let_in(app, dora, GONE_S, **coming_from("198.51.100.6")),
            until_let_in(app, carl, GONE_S, **near),
        )
        clock.worst["all that was left is gone"] = time.monotonic() - began
        # It had no time to say good-bye: what it refreshed last had to run out.
        assert EXPIRY_S - 2 < time.monotonic() - began < GONE_S
        assert gone["d"]["user_id"] == str(anna.id)
        assert told_of(c, anna.id)[-1] == "offline"
        assert "offline" not in told_of(c, ben.id)
        for wire in (back, place_of_dora, place_near):
            await wire.flushed()


@pytest.mark.timeout(120)
async def test_an_old_redis_shows_no_ghosts(serve, valkey, clock, monkeypatch):
    """Redis comes back with a state in which anna, who is gone, is here, and ben looks gone."""
    monkeypatch.setattr(registry, "FLAP_S", 0.3)
    monkeypatch.setattr(registry, "SETTLED_S", 5.0)
    monkeypatch.setattr(presence, "EXPIRY_MS", 3000)
    monkeypatch.setattr(registry, "REFRESH_S", 1.0)
    async with serve(redis_url=valkey.url()) as app, serve(redis_url=valkey.url()) as slow:
        anna, ben, carl = await app.people("anna", "ben", "carl")
        a, b, c = await app.connect(anna), await slow.connect(ben), await app.connect(carl)
        assert set((await watched(c, a, b)).values()) == {"online"}
        await app.app.core.foundation.redis.execute_command("SAVE")
        await a.close()
        await c.expect("presence.changed", where=lambda d: d["status"] == "offline")
        psutil.Process(valkey.pid).kill()
        await valkey.stop()
        await asyncio.sleep(3)  # what is saved runs out
        refresh, may_refresh = slow.app.core.connections.registry._refresh, asyncio.Event()

        async def late():
            await may_refresh.wait()
            await refresh()

        monkeypatch.setattr(slow.app.core.connections.registry, "_refresh", late)
        await valkey.start()
        async with asyncio.timeout(WAIT_S):
            while app.app.core.connections.registry._is_behind:
                await asyncio.sleep(0.05)
        # The others have the time to come back too.
        asyncio.get_running_loop().call_later(2, may_refresh.set)
        with clock.time("told gone", 15):
            await c.expect("presence.changed", 15, where=lambda d: d["user_id"] == str(anna.id))
        await b.ask("presence.set", status="away")
        await c.expect("presence.changed", where=lambda d: d["status"] == "away")
        assert set(told_of(c, anna.id)) == {"offline"}
        assert "offline" not in told_of(c, ben.id)


@pytest.mark.timeout(120)
async def test_limits_hold_within_a_process_while_redis_is_away(serve, valkey):
    limits = {"connections_per_user": 2, "connections_per_address": 3}
    async with serve(redis_url=valkey.url(), limits=limits) as app:
        anna, ben = await app.people("anna", "ben")
        await app.connect(anna)
        psutil.Process(valkey.pid).kill()
        await valkey.stop()
        await app.connect(anna)
        assert await let_in(app, anna) is None
        await app.connect(ben)
        assert await (await app.open()).closed() == 4006
        await valkey.start()
        # What came meanwhile is told to the new Redis, where others count it.
        async with serve(redis_url=valkey.url(), limits={"connections_per_user": 2}) as other:
            async with asyncio.timeout(2 * WAIT_S):
                while (wire := await let_in(other, anna)) is not None:
                    await wire.close()
                    await asyncio.sleep(0.25)
