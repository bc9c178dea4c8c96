"""A connection that comes while other connections of its user are told: it hears no hole, and
nothing twice; and a sender that is refused what was stored all the same.
"""

import asyncio
from uuid import uuid4

from tests.faults.clients import client_of, group, hears, is_whole, revs, say
from tests.faults.delivery.test_first_events import place, quiet
from tests.faults.seams import (
    Ear,
    Publishing,
    holds_something,
    never_fetches,
    start_relay,
    stop_relay,
)
from tests.integration.resuming.test_large import strangers


async def test_a_connection_beside_one_that_lags_hears_no_hole(app, serve):
    """What it joined after reaches the process late, some of it together with what waited."""
    async with serve() as other:
        anna, ben, cora = await app.people("anna", "ben", "cora")
        a, c = await app.connect(anna), await other.connect(cora)
        b = await other.connect(ben)
        room = await group(a, ben, cora)
        for wire in (b, c):
            await wire.expect("conversation.created")
        await quiet(app)
        never_fetches(other)
        publishing, ear = Publishing(app), Ear(other)
        publishing.hold()
        await say(a, room, "first")
        await publishing.held()
        await say(c, room, "second")
        await holds_something(other)
        ear.stop()
        publishing.go_on()
        await publishing.done()
        await say(c, room, "third")
        await Publishing(other).done()
        fresh = await other.connect(ben)
        ear.go_on()
        await say(c, room, "fourth")
        for wire in (b, fresh):
            await hears(wire, "fourth")
        assert revs(b, room) == [1, 2, 3, 4, 5]
        # What was caught up before its hello was answered, the sync brings.
        told = revs(fresh, room)
        assert told == list(range(told[0], 6))


async def test_a_large_conversation_that_moves_while_one_comes_back_is_told_once(app):
    """It listens already when the log is read, which holds the same."""
    anna, ben = await app.people("anna", "ben")
    a, b = await app.connect(anna), await app.connect(ben)
    made = await a.ask(
        "conversation.create",
        type="group",
        participant_ids=[str(ben.id), *await strangers(app, 40)],
    )
    room = made["conversation"]["id"]
    await say(a, room, "heard")
    await hears(b, "heard")
    held = place(b, room, 2)
    logs = app.app.core.delivery.large_joiner._event_log
    read = logs.conversation

    async def later(name, rev):
        await say(a, room, "meanwhile")
        await hears(b, "meanwhile")
        return await read(name, rev)

    app.app.core.delivery.large_joiner._event_log.conversation = later
    again = await app.open()
    reply = await again.ask("hello", token=ben.token, resume=held)
    assert (reply["resumed"], reply["stale"]) == (True, [])
    await say(a, room, "after")
    await hears(again, "after")
    assert revs(again, room) == [3, 4]


async def test_who_is_told_of_a_conversation_by_its_second_event_has_to_sync(app):
    """The log holds a message, and not yet the conversation, nor that its reader is in it."""
    anna, ben = await app.people("anna", "ben")
    a, b = await app.connect(anna), await app.connect(ben)
    held = {"epoch": b.hello["epoch"], "offset": b.hello["offset"], "revs": {}}
    await stop_relay(app)
    room = await group(a, ben)
    await say(a, room, "first")
    await Publishing(app).done()
    again = await app.open()
    reply = await again.ask("hello", token=ben.token, resume=held)
    assert (reply["resumed"], reply["stale"], reply["missed"]) == (True, [room], 0)
    start_relay(app)
    await say(a, room, "second")
    await hears(again, "second")
    assert revs(again, room) == [3]
    async with client_of(app, ben) as device:
        await is_whole(device, app, ben)


async def test_a_refused_message_that_was_stored_is_told_to_its_sender(app, monkeypatch):
    """PostgreSQL has committed it and does not say so; the relay tells of it before."""
    anna, ben = await app.people("anna", "ben")
    a, b = await app.connect(anna), await app.connect(ben)
    room = await group(a, ben)
    for wire in (a, b):
        await wire.expect("conversation.created")
    call = app.app.core.writers.messages._call
    fetch, refuse = call.fetch, asyncio.Event()

    async def lost(arguments):
        await fetch(arguments)
        await app.app.core.foundation.pool.execute(
            "update outbox set owner = null, available_at = now()"
        )
        app.app.core.outbox.relay.wake()
        await refuse.wait()
        raise TimeoutError

    monkeypatch.setattr(call, "fetch", lost)
    d = {"conversation_id": room, "client_id": uuid4(), "content": "mine"}
    sent = await a.tell("message.send", d)
    await hears(b, "mine")
    refuse.set()
    assert (await a.reply(sent))["error"]["code"] == "unavailable"
    told = await a.expect("resync")
    assert told["d"] == {"conversation_ids": [room]}


async def test_a_refused_message_is_told_to_its_sender_when_it_is_relayed_later(app, monkeypatch):
    """The same with a relay that is slower than the refusal."""
    anna, ben = await app.people("anna", "ben")
    a, b = await app.connect(anna), await app.connect(ben)
    room = await group(a, ben)
    for wire in (a, b):
        await wire.expect("conversation.created")
    call = app.app.core.writers.messages._call
    fetch = call.fetch

    async def lost(arguments):
        await fetch(arguments)
        raise TimeoutError

    monkeypatch.setattr(call, "fetch", lost)
    error = await a.refusal(
        "message.send", {"conversation_id": room, "client_id": uuid4(), "content": "mine"}
    )
    assert error["code"] == "unavailable"
    await app.app.core.foundation.pool.execute(
        "update outbox set owner = null, available_at = now()"
    )
    app.app.core.outbox.relay.wake()
    for wire in (a, b):
        await hears(wire, "mine")
    assert revs(a, room) == [1, 2]
