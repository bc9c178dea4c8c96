"""Out of a conversation and in again, and two of its people on one process."""

from storage.bus.publisher import DURABLE, Publication
from tests.faults.clients import (
    client_of,
    cut,
    group,
    hears,
    is_whole,
    opened,
    revs,
    said,
    say,
    told_seqs,
)
from tests.faults.seams import Publishing, holds_something, never_fetches, start_relay, stop_relay
from tests.integration.resuming.test_large import strangers

MORE_THAN_A_FEW = 40
"""Above 32 people a conversation has a channel of its own."""


async def remove(wire, room, person):
    await wire.ask("member.remove", conversation_id=room, user_id=person.id)


async def add(wire, room, person):
    await wire.ask("member.add", conversation_id=room, user_id=person.id)


async def test_removed_and_added_again(app):
    """What was said in between belongs to the history, and the live order begins anew."""
    anna, ben = await app.people("anna", "ben")
    a = await app.connect(anna)
    room = await group(a, ben)
    async with client_of(app, ben) as device:
        await say(a, room, "before")
        await device.until(lambda: device.at(room).last_seq == 1)
        await remove(a, room, ben)
        await device.until(lambda: room not in device.state.conversations)
        await say(a, room, "unseen")
        await add(a, room, ben)
        await device.until(lambda: room in device.state.conversations)
        await say(a, room, "after")
        await device.until(lambda: said(device, room) == ["after"])
        assert device.at(room).rev == 6
        await is_whole(device, app, ben)
        assert not [name for name in await device.names() if name == "session.lost"]


async def test_away_while_removed_and_added_again(app):
    """The log holds references to some of it: the conversation is synced, and not lost."""
    anna, ben = await app.people("anna", "ben")
    a = await app.connect(anna)
    room = await group(a, ben)
    await a.expect("conversation.created")
    async with client_of(app, ben) as device:
        await say(a, room, "before")
        await device.until(lambda: device.at(room).last_seq == 1)
        state = device.state
    await remove(a, room, ben)
    await say(a, room, "unseen")
    await add(a, room, ben)
    await a.expect("member.joined")
    await say(a, room, "after")
    await Publishing(app).done()
    async with client_of(app, ben, state=state) as device:
        assert (await opened(device)).resumed
        await device.until(lambda: room in device.state.conversations)
        await device.until(lambda: said(device, room)[-1:] == ["after"])
        await say(a, room, "live")
        await device.until(lambda: said(device, room)[-1] == "live")
        await is_whole(device, app, ben)
        assert told_seqs(await device.told(), room) == [2, 3, 4]


async def test_added_again_is_published_before_removed(app, serve):
    """Two relays: who was added again stays in, and hears what follows."""
    async with serve() as other:
        anna, ben = await app.people("anna", "ben")
        a, elsewhere = await app.connect(anna), await other.connect(anna)
        room = await group(a, ben)
        for wire in (a, elsewhere):
            await wire.expect("conversation.created")
        async with client_of(other, ben) as device:
            await stop_relay(other)
            publishing = Publishing(app)
            publishing.hold()
            await remove(a, room, ben)
            await publishing.held()
            start_relay(other)
            await add(elsewhere, room, ben)
            await device.until(lambda: device.at(room).rev == 3)
            publishing.go_on()
            await publishing.done()
            await say(elsewhere, room, "still here")
            await device.until(lambda: said(device, room) == ["still here"])
            await is_whole(device, app, ben)


async def test_added_again_to_a_large_one_before_removed(app, serve):
    """As above, where the conversation has a channel of its own: its member stays joined to it."""
    async with serve() as other:
        anna, ben = await app.people("anna", "ben")
        a, elsewhere = await app.connect(anna), await other.connect(anna)
        crowd = [str(ben.id), *await strangers(app, MORE_THAN_A_FEW)]
        made = await a.ask("conversation.create", type="group", participant_ids=crowd)
        room = made["conversation"]["id"]
        for wire in (a, elsewhere):
            await wire.expect("conversation.created")
        async with client_of(other, ben) as device:
            await stop_relay(other)
            publishing = Publishing(app)
            publishing.hold()
            await remove(a, room, ben)
            await publishing.held()
            start_relay(other)
            await add(elsewhere, room, ben)
            await say(elsewhere, room, "joined")
            await device.until(lambda: said(device, room)[-1:] == ["joined"])
            publishing.go_on()
            await publishing.done()
            await say(elsewhere, room, "still here")
            await device.until(lambda: said(device, room)[-1:] == ["still here"])
            await is_whole(device, app, ben)


async def test_two_of_a_conversation_on_one_process(app, serve):
    """What one of them has missed is told to that one only."""
    async with serve() as other:
        anna, ben, cora = await app.people("anna", "ben", "cora")
        c = await other.connect(cora)
        a, b = await app.connect(anna), await app.connect(ben, "msgpack")
        room = await group(c, anna, ben)
        for wire in (a, b):
            await wire.expect("conversation.created")
        publishing = Publishing(other)
        publishing.lose()
        await say(c, room, "first")
        await publishing.done()
        (body,) = [one for one in publishing.bodies if b'"first"' in one]
        publishing.go_on()
        only_anna = [Publication(body, [str(anna.id)], DURABLE)]
        assert await other.app.core.bus.publisher.publish_and_wait(only_anna)
        await say(c, room, "second")
        for wire in (a, b):
            await hears(wire, "second")
        assert revs(a, room) == revs(b, room) == [1, 2, 3]


async def test_one_resumes_beside_another_who_waits(app, serve):
    """Each connection's channel has an order of its own, though both are of one conversation."""
    async with serve() as other:
        anna, ben, cora, dora = await app.people("anna", "ben", "cora", "dora")
        c, d = await other.connect(cora), await app.connect(dora)
        a = await app.connect(anna)
        room = await group(c, anna, ben, dora)
        for wire in (a, d):
            await wire.expect("conversation.created")
        async with client_of(app, ben) as device:
            await say(d, room, "heard")
            await device.until(lambda: said(device, room) == ["heard"])
            never_fetches(app)
            publishing = Publishing(other)
            publishing.hold()
            await say(c, room, "late")
            await publishing.held()
            await say(d, room, "skips ahead")
            await holds_something(app)
            cut(device)
            await device.hear("session.opened", lambda hello: hello.resumed)
            # Of ben, who synced what was stale; anna's channel still waits.
            await device.until(lambda: said(device, room) == ["heard", "late", "skips ahead"])
            await a.flushed()
            assert revs(a, room) == [1, 2]
            publishing.go_on()
            await hears(a, "skips ahead")
            assert revs(a, room) == [1, 2, 3, 4]
            await is_whole(device, app, ben)
