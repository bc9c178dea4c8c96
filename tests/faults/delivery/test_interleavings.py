"""Two steps that happen in the other order, or with a death between them: nothing is lost, doubled
or told out of order. Each is brought about on purpose (tests/faults/seams.py).
"""

import contextlib

import pytest

from server.delivery import reconciler
from storage.redis.keys import key as redis_key
from tests.faults.clients import (
    client_of,
    group,
    hears,
    is_whole,
    opened,
    revs,
    said,
    say,
    says_last,
    told_seqs,
)
from tests.faults.conftest import kill
from tests.faults.seams import (
    Ear,
    Publishing,
    holds_something,
    never_fetches,
    outbox_is_empty,
    redis_is_back,
    start_relay,
    stop_relay,
)

RELAYED_S = 5.0
"""What a dead writer left is published by another one within this time."""


@pytest.fixture
async def dying(serve):
    """A node that commits and publishes nothing; `die` ends it, and its wires."""
    async with contextlib.AsyncExitStack() as stack:
        node = await stack.enter_async_context(serve())
        node.die = stack.aclose
        yield node


async def stop_publishing(dying, *others):
    """What `dying` stores from now on stays in the outbox, where the others leave it for now."""
    Publishing(dying).fail()
    for node in (dying, *others):
        await stop_relay(node)


async def test_two_writers_publish_in_the_wrong_order(app, serve):
    """What skipped ahead waits, and PostgreSQL is not asked."""
    async with serve() as other:
        anna, ben, cora = await app.people("anna", "ben", "cora")
        a, c = await app.connect(anna), await other.connect(cora)
        b = await other.connect(ben, "msgpack")
        room = await group(a, ben, cora)
        for wire in (b, c):
            await wire.expect("conversation.created")
        never_fetches(other)
        publishing = Publishing(app)
        publishing.hold()
        await say(a, room, "first")
        await publishing.held()
        await say(c, room, "second")
        await holds_something(other)
        await b.flushed()
        assert revs(b, room) == [1]
        publishing.go_on()
        await hears(b, "second")
        assert revs(b, room) == [1, 2, 3]
        await hears(a, "second")
        # Of the own message cora has the reply.
        await hears(c, "first")
        assert revs(c, room) == [1, 2]


async def test_what_does_not_come_is_fetched_and_not_told_again(app, serve):
    """Sooner than the outbox would bring it, which here it never does."""
    async with serve() as other:
        anna, ben, cora = await app.people("anna", "ben", "cora")
        a, c, b = await app.connect(anna), await other.connect(cora), await other.connect(ben)
        room = await group(a, ben, cora)
        await b.expect("conversation.created")
        for node in (app, other):
            await stop_relay(node)
        publishing = Publishing(app)
        publishing.hold()
        await say(a, room, "first")
        await publishing.held()
        await say(c, room, "second")
        await hears(b, "first")
        await hears(b, "second")
        publishing.go_on()
        await publishing.done()
        await say(c, room, "third")
        await hears(b, "third")
        assert revs(b, room) == [1, 2, 3, 4]


async def test_a_writer_dies_between_commit_and_publish_while_its_reader_resumes(app, dying):
    """Nothing in the log shows that something was committed: it comes by the outbox."""
    anna, ben = await app.people("anna", "ben")
    a = await dying.connect(anna)
    room = await group(a, ben)
    async with client_of(app, ben) as device:
        state = device.state
    await stop_publishing(dying, app)
    await say(a, room, "unpublished")
    async with client_of(app, ben, state=state) as device:
        assert (await opened(device)).resumed
        assert said(device, room) == []
        await dying.die()
        start_relay(app)
        await device.until(lambda: said(device, room) == ["unpublished"], RELAYED_S)
        await is_whole(device, app, ben)
        assert told_seqs(await device.told(), room) == [1]


async def test_a_later_message_is_published_before_the_reader_resumes(app, dying):
    """The log skips what the dead writer left: the conversation is stale, and synced."""
    anna, ben, cora = await app.people("anna", "ben", "cora")
    a, c = await dying.connect(anna), await app.connect(cora)
    room = await group(a, ben, cora)
    await c.expect("conversation.created")
    async with client_of(app, ben) as device:
        await say(c, room, "heard")
        await device.until(lambda: said(device, room) == ["heard"])
        state = device.state
    await stop_publishing(dying, app)
    await say(a, room, "unpublished")
    await say(c, room, "after it")
    async with client_of(app, ben, state=state) as device:
        assert (await opened(device)).stale == [room]
        assert said(device, room) == ["heard", "unpublished", "after it"]
        await dying.die()
        start_relay(app)
        await outbox_is_empty(app)
        await say(c, room, "last")
        await device.until(lambda: said(device, room)[-1] == "last")
        await is_whole(device, app, ben)
        assert told_seqs(await device.told(), room) == [2, 3, 4]


async def test_the_last_message_of_a_quiet_conversation_meets_a_broken_subscriber(app, serve):
    """It was published, and read by nobody: it is told as soon as Redis is heard again."""
    async with serve() as other:
        anna, ben = await app.people("anna", "ben")
        a, b = await other.connect(anna), await app.connect(ben)
        room = await group(a, ben)
        await b.expect("conversation.created")
        ear = Ear(app)
        ear.stop()
        await say(a, room, "the last one")
        await Publishing(other).done()
        ear.cut()
        await hears(b, "the last one")
        assert revs(b, room) == [1, 2]


async def test_what_the_subscriber_never_hears_is_found(serve, monkeypatch):
    """Nothing breaks, and yet something is missing: places are compared with the logs' tops."""
    monkeypatch.setattr(reconciler, "RECONCILE_S", 0.2)
    async with serve() as app:
        anna, ben = await app.people("anna", "ben")
        a, b = await app.connect(anna), await app.connect(ben)
        room = await group(a, ben)
        await b.expect("conversation.created")
        publishing = Publishing(app)
        publishing.hold()
        await say(a, room, "only in the log")
        await publishing.held()
        log = redis_key("log", str(ben.id))
        await app.app.core.foundation.redis.xadd(log, {"e": publishing.bodies[-1]})
        await hears(b, "only in the log")
        publishing.go_on()
        await say(a, room, "next")
        await hears(b, "next")
        assert revs(b, room) == [1, 2, 3]


async def test_a_log_recreated_under_an_old_offset(app):
    """The offset is there, but in another log: what the first one held was missed."""
    anna, ben = await app.people("anna", "ben")
    a = await app.connect(anna)
    room = await group(a, ben)
    async with client_of(app, ben) as device:
        state = device.state
    await say(a, room, "in the first log")
    await Publishing(app).done()
    redis = app.app.core.foundation.redis
    log, place = (redis_key(kind, str(ben.id)) for kind in ("log", "place"))
    run = (await redis.info("server"))["run_id"]
    await redis.delete(log, place)
    await redis.xadd(log, {"m": "another"}, id=state.offset)
    await redis.hset(place, "epoch", f"another.{run}")
    async with client_of(app, ben, state=state) as device:
        assert not (await opened(device)).resumed
        assert said(device, room) == ["in the first log"]
        await is_whole(device, app, ben)


async def test_a_redis_that_has_lost_its_last_second(serve, valkey):
    """It comes back with an older snapshot: who was there, and who was away, miss nothing."""
    async with serve(redis_url=valkey.url()) as app, serve(redis_url=valkey.url()) as other:
        anna, ben, cora = await app.people("anna", "ben", "cora")
        a = await app.connect(anna)
        room = await group(a, ben, cora)
        async with client_of(app, ben) as device:
            state = device.state
        async with client_of(other, cora) as stays:
            await app.app.core.foundation.redis.save()
            await say(a, room, "in the last second")
            await stays.until(lambda: said(stays, room) == ["in the last second"])
            await outbox_is_empty(app)
            kill(valkey.pid)
            await valkey.stop()
            await valkey.start()
            await redis_is_back(app)
            # The offset of who was away is there, and what came after it is not.
            entries = dict(
                await app.app.core.foundation.redis.xrange(redis_key("log", str(ben.id)))
            )
            assert str(state.offset).encode() in entries
            assert b"in the last second" not in b"".join(
                entry.get(b"e", b"") for entry in entries.values()
            )
            async with client_of(app, ben, state=state) as back:
                assert not (await opened(back)).resumed
                assert said(back, room) == ["in the last second"]
                await say(a, room, "after it")
                for device, person in ((back, ben), (stays, cora)):
                    await says_last(device, room, "after it")
                    await is_whole(device, app, person)
                    assert told_seqs(await device.told(), room) == [1, 2]
