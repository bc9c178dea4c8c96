"""Who watches somebody ends up with what is so, whatever was not heard on the way."""

import asyncio

import pytest

from server.delivery.hub import Hub
from storage.redis.keys import key
from tests.faults.conftest import freeze, thaw
from tests.faults.people.test_ghosts import told_of, watched

BACK_S = 15.0


@pytest.fixture
def soon(monkeypatch):
    monkeypatch.setattr("server.ws.registry.FLAP_S", 0.3)


async def test_a_change_that_was_not_heard_is_told_again(app, serve, soon, monkeypatch):
    """It is published while the watcher's process is not subscribed."""
    deaf, missed = asyncio.Event(), asyncio.Event()
    hear = Hub._on_message

    def may_hear(hub, channel, payload):
        if deaf.is_set() and b":watch:" in channel:
            missed.set()
        else:
            hear(hub, channel, payload)

    monkeypatch.setattr(Hub, "_on_message", may_hear)
    async with serve() as near, serve() as far:
        ben, carl, dora = await app.people("ben", "carl", "dora")
        b, d, c = await far.connect(ben), await far.connect(dora), await near.connect(carl)
        await watched(c, b, d)
        deaf.set()
        await b.ask("presence.set", status="dnd", text="busy")
        await missed.wait()
        deaf.clear()
        await near.app.core.foundation.redis.execute_command("CLIENT", "KILL", "TYPE", "pubsub")
        told = await c.expect("presence.changed", BACK_S, lambda d: d["user_id"] == str(ben.id))
        assert (told["d"]["status"], told["d"]["text"]) == ("dnd", "busy")
        assert set(told_of(c, dora.id)) <= {"online"}


@pytest.mark.timeout(120)
async def test_who_could_not_be_told_is_told_later(serve, valkey, soon, monkeypatch):
    monkeypatch.setattr("server.ws.registry.REFRESH_S", 0.2)
    monkeypatch.setattr("server.ws.registry.DEAF_MS", 0)
    async with serve(redis_url=valkey.url()) as app:
        ben, carl = await app.people("ben", "carl")
        b, c = await app.connect(ben), await app.connect(carl)
        await watched(c, b)
        await c.ask("presence.unwatch", user_ids=[ben.id])
        # It is long ago that ben came: no news since.
        announced = await app.app.core.foundation.redis.get(key("announced", str(ben.id)))
        async with asyncio.timeout(BACK_S):
            while (app.app.core.connections.registry._heard_ms or 0) <= int(announced.split()[0]):
                await asyncio.sleep(0.05)
        freeze(valkey.pid)
        try:
            shown = await c.ask("presence.watch", user_ids=[ben.id])
        finally:
            thaw(valkey.pid)
        assert shown == {"presences": []}
        told = await c.expect("presence.changed", BACK_S)
        assert (told["d"]["user_id"], told["d"]["status"]) == (str(ben.id), "online")


@pytest.mark.timeout(120)
async def test_who_left_while_redis_was_away_is_told_gone_afterwards(serve, valkey, soon):
    """Not when the connection would have run out: as soon as Redis can be told."""
    async with serve(redis_url=valkey.url()) as app:
        ben, carl = await app.people("ben", "carl")
        b, c = await app.connect(ben), await app.connect(carl)
        await watched(c, b)
        freeze(valkey.pid)
        try:
            await b.close()
            async with asyncio.timeout(BACK_S):
                while len(app.app.core.connections.registry) > 1:
                    await asyncio.sleep(0.05)
                while (
                    not app.app.core.connections.registry._left
                    or not app.app.core.foundation.guard._is_away
                ):
                    await asyncio.sleep(0.05)
        finally:
            thaw(valkey.pid)
        told = await c.expect("presence.changed", 9, lambda d: d["status"] == "offline")
        assert told["d"]["user_id"] == str(ben.id)
