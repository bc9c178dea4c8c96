"""Redis is out of reach while people write and edit on two nodes: afterwards all comes in order."""

import asyncio
import contextlib
from uuid import uuid4

from redis.asyncio import Redis

from protocol.bus import unpack
from storage.redis.keys import key as redis_key
from tests.faults.outbox.test_between_commit_and_publish import (
    direct,
    outbox_is_empty,
    proxied,
)
from tests.faults.seams import start_relay, stop_relay
from tests.wire import WAIT_S

ROUNDS = 15


async def log_of(redis, person):
    """(rev, eid) of each change in a user's log, in the order in which they were published."""
    entries = await redis.xrange(redis_key("log", str(person.id)))
    events = [unpack(fields[b"e"]) for _place, fields in entries if b"e" in fields]
    return [(int(event.rev), event.eid) for event in events if event.rev]


async def write(wire, key, content):
    """A message, and an edit of it by its sender."""
    body = {"conversation_id": key, "client_id": uuid4(), "content": content}
    sent = (await wire.ask("message.send", body))["message"]
    target = {"conversation_id": key, "message_id": sent["id"]}
    await wire.ask("message.edit", target | {"content": f"{content}, edited"})


@contextlib.asynccontextmanager
async def relays_held(*nodes):
    """Relays take nothing, as if nothing were heard of Redis yet."""
    for node in nodes:
        await stop_relay(node)
    try:
        yield
    finally:
        for node in nodes:
            start_relay(node)


async def reached(*nodes):
    """Waits until the nodes hear Redis again."""
    async with asyncio.timeout(WAIT_S):
        while not all(node.app.core.delivery.hub.listeners.is_connected for node in nodes):
            await asyncio.sleep(0.05)


async def overdue(app):
    """Waits until what the writers had begun to publish is anybody's to take."""
    async with asyncio.timeout(WAIT_S):
        while not await app.app.core.foundation.pool.fetchval(
            "select bool_and(available_at < clock_timestamp()) from outbox "
            "where consumer = 'realtime'"
        ):
            await asyncio.sleep(0.05)


async def test_nothing_overtakes_what_waited(serve, redis_url):
    async with (
        Redis.from_url(redis_url) as redis,
        proxied(redis_url) as (proxy, url),
        serve(redis_url=url) as one,
        serve(redis_url=url) as two,
    ):
        anna, ben = await one.people("anna", "ben")
        a, b = await one.connect(anna), await two.connect(ben, "msgpack")
        key = await direct(a, ben)
        await write(a, key, "before")
        await b.expect("message.updated")
        await outbox_is_empty(one)

        await proxy.cut()
        for number in range(ROUNDS):
            await asyncio.gather(write(a, key, f"{number} of a"), write(b, key, f"{number} of b"))
        await overdue(one)
        # Redis is back, and the relays have not begun: what is sent now waits behind the rest.
        async with relays_held(one, two):
            proxy.is_cut = False
            await reached(one, two)
            await asyncio.gather(write(a, key, "late of a"), write(b, key, "late of b"))
            await asyncio.gather(
                *(node.app.core.bus.publisher.publish_and_wait(()) for node in (one, two))
            )
            for person in (anna, ben):
                assert max(rev for rev, _eid in await log_of(redis, person)) == 3
        await outbox_is_empty(one)
        last = 3 + 4 * (ROUNDS + 1)
        for person in (anna, ben):
            told = await log_of(redis, person)
            revs = [rev for rev, _eid in told]
            assert revs == sorted(revs)
            # The creation is two events of one rev to each.
            assert set(revs) >= set(range(2, last + 1))
            assert len({eid for _rev, eid in told}) == len(told)
        async with asyncio.timeout(WAIT_S):
            while any(node.app.core.bus.publisher.is_behind for node in (one, two)):
                await asyncio.sleep(0.05)

        await asyncio.gather(write(a, key, "after, of a"), write(b, key, "after, of b"))
        for wire in (a, b):
            await wire.expect("message.updated", where=lambda d: d["rev"] == last + 4)
            revs = [e["d"]["rev"] for e in wire.frames if e.get("ev", "").startswith("message.")]
            assert revs == sorted(set(revs))
