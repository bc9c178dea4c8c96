"""Who reads slowly or not at all loses the own connection, comes back, and misses nothing.

Its bound is in bytes that it has not taken. What it is told again is written at its own pace, so
that a slow reader gets through and is not sent away by its own replay.
"""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

from loadtests.chaos.servers.proxy import SMALL_BUFFER_BYTES, Proxy, Way
from server.connection.mailbox import Mailbox
from tests.app import Person, Served
from tests.faults.clients import (
    client_of,
    group,
    hears,
    is_whole,
    opened,
    revs,
    said,
    say,
    told_seqs,
)
from tests.faults.delivery.test_first_events import quiet
from tests.wire import WAIT_S, open_wire

BOUND = 65_536
LIMITS = {"queue_bytes": BOUND}
TEXT = "a line of four thousand code points is the longest " * 78
SHORT = "a line that the log holds whole " * 6
MISSED = 240
"""As much as a log holds, near enough: four times what may wait for one connection, or more."""
OVERSHOOT = 32_768
"""What may be written in one turn of the loop."""
PROMPT_S = 4.0
CLOSED_S = 5.0
"""From the decision to close until nothing is left of a connection."""


def mailboxes(app: Served, person: Person) -> list[Mailbox]:
    """What the connections of a person are sent."""
    channel = app.app.core.delivery.hub.listeners.user(str(person.id))
    return [] if channel is None else list(channel.listeners)


async def joining(app: Served, person: Person) -> Mailbox:
    """That of the person's only connection, when its hello is about to be answered.

    From then on the server's side of it keeps little, too: by itself the kernel lets it grow until
    all that is replayed has room there.
    """
    async with asyncio.timeout(WAIT_S):
        while not (found := mailboxes(app, person)):
            await asyncio.sleep(0)
    opened = found[0]._socket.transport.get_extra_info("socket")
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SMALL_BUFFER_BYTES)
    return found[0]


def door(app: Served) -> Proxy:
    """A way to the app that can be stalled, and keeps next to nothing on it."""
    return Proxy(lambda: [("127.0.0.1", app.app.ws_port)], slim=True)


async def ends(app: Served, code: int) -> int:
    """How many connections have ended with this code."""
    told = app.app.core.foundation.metrics.registry.get_sample_value(
        "parley_closes_total", {"code": str(code)}
    )
    return int(told or 0)


@contextlib.asynccontextmanager
async def slow_socket(app: Served) -> AsyncIterator[socket.socket]:
    """A connection that keeps little of what has not been read."""
    with socket.socket() as opened:
        opened.setblocking(False)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_BUFFER_BYTES // 4)
        await asyncio.get_running_loop().sock_connect(opened, ("127.0.0.1", app.app.ws_port))
        yield opened


async def read_slowly(transport: asyncio.Transport) -> None:
    """Takes a little every few milliseconds."""
    while True:
        transport.pause_reading()
        await asyncio.sleep(0.01)
        transport.resume_reading()
        for _ in range(2):
            await asyncio.sleep(0)


async def test_a_stalled_reader_loses_its_own_connection(serve, clock):
    """Others hear everything at once, what it holds is bounded, and it comes back once."""
    async with serve(limits=LIMITS) as app, door(app) as way:
        anna, ben, cora = await app.people("anna", "ben", "cora")
        a, c = await app.connect(anna), await app.connect(cora, "msgpack")
        room = await group(a, ben, cora)
        await quiet(app)
        async with client_of(app, ben, port=way.port) as device:
            (mailbox,) = mailboxes(app, ben)
            way.stop(Way.BACK)
            count = most = 0
            while not mailbox._is_closed:
                count += 1
                assert count < 300
                with clock.time("another one hears", PROMPT_S):
                    await say(a, room, f"{count} {TEXT}")
                    await hears(c, f"{count} {TEXT}")
                most = max(most, mailbox.waiting_bytes)
            assert most < BOUND + OVERSHOOT
            way.go(Way.BACK)
            await device.until(lambda: device.at(room).last_seq == count)
            await device.session.ready()
            await say(a, room, "live")
            await device.until(lambda: said(device, room)[-1] == "live")
            await is_whole(device, app, ben)
            assert told_seqs(await device.told(), room) == list(range(1, count + 2))
            names = await device.names()
            assert (names.count("session.lost"), names.count("session.opened")) == (1, 2)
            assert await ends(app, 4004) == 1


async def test_nothing_is_kept_for_a_reader_that_never_reads_again(serve, clock):
    """It cannot even be told that it is closed; nobody waits for that."""
    async with serve(limits=LIMITS) as app, door(app) as way:
        anna, ben = await app.people("anna", "ben")
        a = await app.connect(anna)
        room = await group(a, ben)
        await quiet(app)
        async with client_of(app, ben, port=way.port):
            (mailbox,) = mailboxes(app, ben)
            way.stop(Way.BACK)
            count = 0
            while not mailbox._is_closed:
                count += 1
                assert count < 300
                await say(a, room, f"{count} {TEXT}")
            with clock.time("it is gone", CLOSED_S):
                async with asyncio.timeout(WAIT_S):
                    while mailboxes(app, ben):
                        await asyncio.sleep(0.01)
            assert await ends(app, 4004) == 1


async def test_a_slow_reader_gets_through_a_replay_beyond_its_bound(serve):
    """In one connection, with what is said meanwhile behind it."""
    async with serve(limits={"queue_bytes": 24_576}) as app:
        anna, ben = await app.people("anna", "ben")
        a, b = await app.connect(anna), await app.connect(ben)
        room = await group(a, ben)
        await quiet(app)
        last = await b.expect("conversation.created")
        resume = {"epoch": b.hello["epoch"], "offset": last["at"], "revs": {room: 1}}
        await b.close()
        for number in range(MISSED):
            await say(a, room, f"{number} {SHORT}")
        async with slow_socket(app) as sock, asyncio.timeout(3 * WAIT_S):
            slow = await open_wire(app.app.ws_port, "json", sock=sock)
            pace = asyncio.create_task(read_slowly(slow.socket.transport))
            asked = await slow.tell("hello", token=ben.token, resume=resume)
            mailbox = await joining(app, ben)
            hello = await slow.answer(asked)
            assert hello["resumed"] and hello["missed"] >= MISSED
            assert not mailbox.is_open
            await say(a, room, "live")
            await hears(slow, "live", 2 * WAIT_S)
            assert revs(slow, room) == list(range(2, MISSED + 3))
            assert sum(len(str(frame)) for frame in slow.frames) > 4 * 24_576
            pace.cancel()
            await slow.close()
        assert await ends(app, 4004) == 0


async def test_a_reader_that_stalls_in_its_replay(serve):
    """What is held for it is bounded as well; what it was told last is where it goes on."""
    async with serve(limits=LIMITS) as app, door(app) as way:
        anna, ben = await app.people("anna", "ben")
        a = await app.connect(anna)
        room = await group(a, ben)
        await quiet(app)
        async with client_of(app, ben) as device:
            state = device.state
        for number in range(MISSED):
            await say(a, room, f"{number} {SHORT}")
        async with client_of(app, ben, port=way.port, state=state, ready=False) as device:
            mailbox = await joining(app, ben)
            way.stop(Way.BACK)
            count = MISSED
            while not mailbox._is_closed:
                count += 1
                assert count < 500
                await say(a, room, f"{count} {TEXT}")
                assert mailbox._held_bytes < BOUND + OVERSHOOT
            assert not mailbox.is_open
            way.go(Way.BACK)
            await device.until(lambda: device.at(room).last_seq == count)
            await device.session.ready()
            await is_whole(device, app, ben)
            assert sorted(told_seqs(await device.told(), room)) == list(range(1, count + 1))
            assert (await opened(device)).resumed
            assert await ends(app, 4004) == 1
            assert (await device.names()).count("session.opened") == 2
