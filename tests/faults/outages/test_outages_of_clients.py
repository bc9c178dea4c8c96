"""A peer has vanished without a word: either side closes after silence, and nothing is missed."""

import asyncio

from loadtests.chaos.servers.proxy import Proxy, Way
from tests.faults.clients import client_of, group, is_whole, said, say, says_last, told_seqs
from tests.faults.talking import is_silent, speaks_again
from tests.wire import WAIT_S

HEARTBEAT_S = 0.3
SILENCE_S = 0.9


def door(app):
    return Proxy(lambda: [("127.0.0.1", app.app.ws_port)])


async def has_nobody(app, person):
    """Waits until the node knows of no connection of a person."""
    async with asyncio.timeout(WAIT_S):
        while app.app.core.delivery.hub.listeners.user(str(person.id)) is not None:
            await asyncio.sleep(0.01)


async def test_a_client_vanishes(serve, clock):
    """The server sees to it that it keeps nothing for it; the client comes back by another way."""
    async with (
        serve(heartbeat_s=HEARTBEAT_S, silence_s=SILENCE_S) as app,
        door(app) as way,
    ):
        anna, ben = await app.people("anna", "ben")
        a = await app.connect(anna)
        room = await group(a, ben)
        async with client_of(app, ben, port=way.port) as device:
            await say(a, room, "heard")
            await says_last(device, room, "heard")
            is_silent(way)
            with clock.time("the server gives it up", SILENCE_S + 2.0):
                await has_nobody(app, ben)
            await say(a, room, "missed")
            speaks_again(way)
            # The old connection stays silent: nobody told the client that it has ended.
            assert device.session.is_connected
            assert said(device, room) == ["heard"]
            async with client_of(app, ben, state=device.state) as back:
                assert said(back, room) == ["heard", "missed"]
                await is_whole(back, app, ben)
                assert told_seqs(await back.told(), room) == [2]


async def test_a_server_vanishes(app, clock):
    """The client's own pings tell it, and it goes on by a new connection."""
    async with door(app) as way:
        anna, ben = await app.people("anna", "ben")
        a = await app.connect(anna)
        room = await group(a, ben)
        async with client_of(app, ben, port=way.port, ping_s=HEARTBEAT_S) as device:
            await say(a, room, "heard")
            await says_last(device, room, "heard")
            is_silent(way)
            await say(a, room, "missed")
            with clock.time("the client gives it up", 2 * HEARTBEAT_S + 3.0):
                await device.hear("session.lost")
            speaks_again(way)
            await says_last(device, room, "missed")
            await is_whole(device, app, ben)
            assert told_seqs(await device.told(), room) == [1, 2]


async def test_a_client_is_reset_in_the_middle_of_a_frame(app):
    """Whatever came whole is held; the half of a frame is asked for again."""
    async with door(app) as way:
        anna, ben = await app.people("anna", "ben")
        a = await app.connect(anna)
        room = await group(a, ben)
        async with client_of(app, ben, port=way.port) as device:
            for count in range(1, 6):
                (link,) = [link for link in way.links if link.is_open]
                link.reset_after(Way.BACK, 140 * count)
                await say(a, room, f"{count} one")
                await say(a, room, f"{count} two")
                await device.hear("session.lost")
                await says_last(device, room, f"{count} two")
            await is_whole(device, app, ben)
            assert told_seqs(await device.told(), room) == list(range(1, 11))
