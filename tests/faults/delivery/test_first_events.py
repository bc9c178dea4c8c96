"""Where the order of a conversation begins for a connection, when a slower publisher is under way.

What the relay tells is held back here; what writers tell is not.
"""

import asyncio
from uuid import uuid4

import pytest

from storage.redis.keys import conversation_channel, user_channel
from storage.redis.keys import key as redis_key
from tests.faults.clients import client_of, group, hears, is_whole, revs, said, say
from tests.faults.seams import Publishing, holds_something, never_fetches, start_relay, stop_relay
from tests.integration.resuming.test_large import strangers


async def edit(wire, room, message, content):
    """Tells of a change that only the relay publishes."""
    d = {"conversation_id": room, "message_id": message["id"], "content": content}
    await wire.ask("message.edit", d)


async def quiet(app):
    """As if the last change had been told long ago."""
    await app.app.core.foundation.pool.execute(
        "update conversations set relayed_at = relayed_at - interval '6 seconds'"
    )


async def settled(app, *wires):
    """Waits until what was told before now has been heard by all of these."""
    await Publishing(app).done()
    for wire in wires:
        await wire.flushed()


def place(wire, room, rev):
    """What a client says as it comes back, holding this rev."""
    return {
        "epoch": wire.hello["epoch"],
        "offset": wire.hello["offset"],
        "revs": {room: rev},
    }


async def test_the_conversation_comes_before_its_first_message(app):
    anna, ben = await app.people("anna", "ben")
    a, b = await app.connect(anna), await app.connect(ben)
    never_fetches(app)
    await stop_relay(app)
    room = await group(a, ben)
    await say(a, room, "hello")
    await say(a, room, "and more")
    await holds_something(app)
    await settled(app, b)
    assert revs(b, room) == []
    start_relay(app)
    await hears(b, "and more")
    assert revs(b, room) == [1, 2, 3]
    events = [frame["ev"] for frame in b.frames if "ev" in frame]
    assert events[0] == "conversation.created"


async def test_its_maker_hears_of_the_conversation_whatever_was_sent_meanwhile(app):
    """The own messages come by their replies, and begin no order in which it would be missing."""
    anna, ben = await app.people("anna", "ben")
    a, b = await app.connect(anna), await app.connect(ben)
    never_fetches(app)
    await stop_relay(app)
    room = await group(a, ben)
    for number in range(20):
        await say(a, room, f"{number}")
    await settled(app, a)
    start_relay(app)
    await a.expect("conversation.created")
    await say(b, room, "an answer")
    await hears(a, "an answer")
    assert revs(a, room) == [1, 22]


async def test_an_edit_is_told_to_who_has_just_connected(app):
    anna, ben = await app.people("anna", "ben")
    a = await app.connect(anna)
    room = await group(a, ben)
    message = await say(a, room, "first")
    await a.expect("conversation.created")
    await quiet(app)
    await stop_relay(app)
    await edit(a, room, message, "edited")
    b = await app.connect(ben)
    never_fetches(app)
    await say(a, room, "second")
    await holds_something(app)
    await settled(app, b)
    assert revs(b, room) == []
    start_relay(app)
    await hears(b, "second")
    assert revs(b, room) == [3, 4]


async def test_an_edit_that_comes_too_late_is_told_by_resync(serve):
    async with serve(hold_ms=20) as app:
        anna, ben = await app.people("anna", "ben")
        a = await app.connect(anna)
        room = await group(a, ben)
        message = await say(a, room, "first")
        await a.expect("conversation.created")
        await stop_relay(app)
        await edit(a, room, message, "edited")
        b = await app.connect(ben)
        await say(a, room, "second")
        await hears(b, "second")
        start_relay(app)
        told = await b.expect("resync")
        assert told["d"] == {"conversation_ids": [room]}
        await say(a, room, "third")
        await hears(b, "third")
        assert revs(b, room) == [4, 5]


async def test_nothing_waits_where_nothing_is_under_way(app):
    """A conversation that has been changed by its writers only."""
    anna, ben = await app.people("anna", "ben")
    a = await app.connect(anna)
    room = await group(a, ben)
    await a.expect("conversation.created")
    await quiet(app)
    never_fetches(app)
    b = await app.connect(ben)
    await say(a, room, "at once")
    await hears(b, "at once")
    assert revs(b, room) == [2]


async def test_a_first_edit_waits_for_nothing_either(app):
    """The relay's own events begin an order, if no other change was made just before."""
    anna, ben = await app.people("anna", "ben")
    a = await app.connect(anna)
    room = await group(a, ben)
    message = await say(a, room, "first")
    await a.expect("conversation.created")
    await quiet(app)
    never_fetches(app)
    b = await app.connect(ben)
    await edit(a, room, message, "edited")
    await b.expect("message.updated")
    assert revs(b, room) == [3]


async def test_who_resumes_beside_a_new_connection_misses_nothing(app):
    anna, ben = await app.people("anna", "ben")
    a, b = await app.connect(anna), await app.connect(ben)
    room = await group(a, ben)
    message = await say(a, room, "first")
    await hears(b, "first")
    held = place(b, room, 2)
    await b.close()
    fresh = await app.connect(ben)
    await stop_relay(app)
    await edit(a, room, message, "edited")
    resumed = await app.open()
    reply = await resumed.ask("hello", token=ben.token, resume=held)
    assert reply["resumed"]
    never_fetches(app)
    await say(a, room, "second")
    await holds_something(app)
    start_relay(app)
    for wire in (fresh, resumed):
        await hears(wire, "second")
    assert revs(resumed, room)[-2:] == [3, 4]
    assert revs(fresh, room) == [3, 4]


async def test_who_resumed_ahead_of_another_connection_hears_nothing_older(app, serve):
    """The log told it of a later change than the other connection has been told of."""
    async with serve() as other:
        anna, ben, cora = await app.people("anna", "ben", "cora")
        a, c = await app.connect(anna), await other.connect(cora)
        b = await other.connect(ben)
        held = {"epoch": b.hello["epoch"], "offset": b.hello["offset"]}
        room = await group(a, ben, cora)
        for wire in (b, c):
            await wire.expect("conversation.created")
        await quiet(app)
        never_fetches(other)
        publishing = Publishing(app)
        publishing.hold()
        await say(a, room, "first")
        await publishing.held()
        await say(c, room, "second")
        await holds_something(other)
        # It says of no conversation what it holds, and its log begins after this one's creation.
        entries = await other.app.core.foundation.redis.xrange(redis_key("log", str(ben.id)))
        held["offset"] = entries[-2][0].decode()
        resumed = await other.open()
        assert (await resumed.ask("hello", token=ben.token, resume=held))["resumed"]
        await hears(resumed, "second")
        publishing.go_on()
        await hears(b, "second")
        told = await resumed.expect("resync")
        assert told["d"] == {"conversation_ids": [room]}
        await say(a, room, "third")
        for wire in (b, resumed):
            await hears(wire, "third")
        assert revs(b, room) == [1, 2, 3, 4]
        assert revs(resumed, room) == [3, 4]


async def test_two_devices_that_come_at_once_hear_a_large_conversation(app):
    """Neither has joined its channel when the other one looks."""
    anna, ben = await app.people("anna", "ben")
    a = await app.connect(anna)
    crowd = [str(ben.id), *await strangers(app, 40)]
    made = await a.ask("conversation.create", type="group", participant_ids=crowd)
    room = made["conversation"]["id"]
    await a.expect("conversation.created")
    for _ in range(5):
        devices = await asyncio.gather(*(app.connect(ben) for _ in range(3)))
        await say(a, room, "to all")
        for device in devices:
            await hears(device, "to all")
            await device.close()


async def test_a_rev_that_another_connection_held_is_told_by_resync(app):
    """One device knows a change by its own reply, and comes back before the change is told."""
    anna, ben = await app.people("anna", "ben")
    a = await app.connect(anna)
    room = await group(a, ben)
    message = await say(a, room, "first")
    await a.expect("conversation.created")
    await settled(app, a)
    await stop_relay(app)
    await edit(a, room, message, "edited")
    held = place(a, room, 3)
    await a.close()
    fresh, again = await app.connect(anna), await app.open()
    assert (await again.ask("hello", token=anna.token, resume=held))["resumed"]
    start_relay(app)
    told = await fresh.expect("resync")
    assert told["d"] == {"conversation_ids": [room]}
    await again.flushed()
    assert [frame for frame in again.frames if frame.get("ev") == "resync"] == []


async def test_a_device_that_joins_after_the_publishing_does_not_bring_the_sender_an_echo(app):
    """Another device joins between the publishing and its answer: nobody was published to."""
    anna, ben = await app.people("anna", "ben")
    a, b = await app.connect(anna), await app.connect(ben)
    room = await group(a, ben)
    for wire in (a, b):
        await wire.expect("conversation.created")
    publishing = Publishing(app)
    publishing.hold_answers()
    await say(a, room, "mine")
    await publishing.held()
    second = await app.connect(anna)
    publishing.go_on()
    await publishing.done()
    # What follows skips the own message, which is fetched for the second device.
    await say(b, room, "yours")
    for wire in (a, second):
        await hears(wire, "yours")
    assert revs(a, room) == [1, 3]
    assert revs(second, room) == [2, 3]


async def test_a_message_that_the_relay_tells_again_is_no_echo_to_its_sender(app):
    """Redis refused what the writer published; the relay knows no connection of the sender."""
    anna, ben = await app.people("anna", "ben")
    a, b = await app.connect(anna), await app.connect(ben)
    second = await app.connect(anna)
    room = await group(a, ben)
    for wire in (a, b, second):
        await wire.expect("conversation.created")
    publishing = Publishing(app)
    publishing.fail()
    await say(a, room, "mine")
    publishing.go_on()
    for wire in (b, second):
        await hears(wire, "mine")
    await say(b, room, "yours")
    for wire in (a, second):
        await hears(wire, "yours")
    assert revs(a, room) == [1, 3]
    assert revs(second, room) == [*revs(b, room)[:2], 3] == [1, 2, 3]


@pytest.mark.parametrize("people", [0, 40], ids=["small", "large"])
async def test_who_resumes_behind_what_was_fetched_is_told_to_sync(app, serve, people):
    """A change that is in no log was fetched for another connection, and is followed by others."""
    async with serve() as other:
        anna, ben, cora = await app.people("anna", "ben", "cora")
        a, c = await app.connect(anna), await other.connect(cora)
        first = await other.connect(ben)
        crowd = [str(ben.id), str(cora.id), *await strangers(app, people)]
        made = await a.ask("conversation.create", type="group", participant_ids=crowd)
        room = made["conversation"]["id"]
        for wire in (first, c):
            await wire.expect("conversation.created")
        await say(a, room, "heard")
        for wire in (first, c):
            await hears(wire, "heard")
        held = place(first, room, 2)
        core = other.app.core
        log = await core.foundation.redis.xrevrange(redis_key("log", str(ben.id)), count=1)
        held["offset"] = log[0][0].decode()
        for node in (app, other):
            await stop_relay(node)
        Publishing(app).fail()
        await say(a, room, "fetched")
        name = conversation_channel(room) if people else user_channel(str(ben.id))
        channel = core.delivery.hub.listeners.channel(name)
        core.delivery.hub.delivery.expect(channel, room, 3)
        await hears(first, "fetched")
        again = await other.open()
        reply = await again.ask("hello", token=ben.token, resume=held)
        assert reply["resumed"]
        await say(c, room, "later")
        await hears(again, "later")
        syncs = [frame["d"] for frame in again.frames if frame.get("ev") == "resync"]
        assert reply["stale"] == [room] or syncs == [{"conversation_ids": [room]}]


async def test_a_message_is_no_echo_to_its_sender_before_the_reply(app, monkeypatch):
    """The answer of PostgreSQL is late, and the relay tells of what was committed."""
    anna, ben = await app.people("anna", "ben")
    a, b = await app.connect(anna), await app.connect(ben)
    second = await app.connect(anna)
    room = await group(a, ben)
    for wire in (a, b, second):
        await wire.expect("conversation.created")
    core = app.app.core
    call = core.writers.messages._call
    fetch, heard = call.fetch, asyncio.Event()

    async def late(arguments):
        rows = await fetch(arguments)
        await core.foundation.pool.execute("update outbox set owner = null, available_at = now()")
        core.outbox.relay.wake()
        await heard.wait()
        return rows

    monkeypatch.setattr(call, "fetch", late)
    sent = await a.tell(
        "message.send", {"conversation_id": room, "client_id": uuid4(), "content": "mine"}
    )
    for wire in (b, second):
        await hears(wire, "mine")
    await a.flushed()
    assert revs(a, room) == [1]
    heard.set()
    await a.answer(sent)
    await say(b, room, "yours")
    for wire in (a, second):
        await hears(wire, "yours")
    assert revs(a, room) == [1, 3]
    assert revs(second, room) == [*revs(b, room), 3] == [1, 2, 3]


async def test_an_order_that_begins_anew_brings_no_echo(app):
    """The log is lost after an own message, and an older event comes first."""
    anna, ben = await app.people("anna", "ben")
    a, b = await app.connect(anna), await app.connect(ben)
    room = await group(a, ben)
    for wire in (a, b):
        await wire.expect("conversation.created")
    await stop_relay(app)
    await a.ask("conversation.update", conversation_id=room, title="a title")
    await say(a, room, "mine")
    await settled(app, b)
    core = app.app.core
    channel = core.delivery.hub.listeners.user(str(anna.id))
    channel.begin_at(channel.place)
    start_relay(app)
    await a.expect("conversation.updated")
    await say(b, room, "yours")
    await hears(a, "yours")
    assert revs(a, room) == [1, 2, 4]


async def test_a_client_ends_whole_whatever_begins_its_order(serve):
    """The library over the same: it syncs where it is told to."""
    async with serve(hold_ms=20) as app:
        anna, ben = await app.people("anna", "ben")
        a = await app.connect(anna)
        await stop_relay(app)
        async with client_of(app, ben) as device:
            room = await group(a, ben)
            await say(a, room, "before the conversation")
            await settled(app, a)
            start_relay(app)
            await device.until(
                lambda: (
                    room in device.state.conversations
                    and said(device, room) == ["before the conversation"]
                )
            )
            await is_whole(device, app, ben)
