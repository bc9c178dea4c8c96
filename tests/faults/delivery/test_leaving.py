"""Who leaves a conversation is told what was committed before, then `member.left`, and nothing of
later. What the relay tells is held back here, so that it is told late.
"""

import pytest

from tests.faults.clients import client_of, group, hears, is_whole, revs, said, say
from tests.faults.seams import Publishing, start_relay, stop_relay
from tests.integration.resuming.test_large import strangers

MORE_THAN_A_FEW = 40
"""Above 32 people a conversation has a channel of its own."""


async def large_group(app, wire, *others):
    """The key of a new conversation that has a channel of its own."""
    ids = [*(str(other.id) for other in others), *await strangers(app, MORE_THAN_A_FEW)]
    made = await wire.ask("conversation.create", type="group", participant_ids=ids)
    return made["conversation"]["id"]


@pytest.fixture(params=["small", "large"])
def size(request):
    """Whether the conversation has a channel of its own."""
    return request.param


async def room_of(size, app, wire, *others):
    """A conversation that everybody connected has been told of."""
    made = large_group(app, wire, *others) if size == "large" else group(wire, *others)
    return await made


def told(wire, room):
    """What a connection was told of a conversation: names, revs, and texts of messages."""
    return [
        (frame["ev"], frame["d"]["rev"], frame["d"].get("message", {}).get("content"))
        for frame in wire.frames
        if "ev" in frame and "rev" in frame["d"] and room in str(frame["d"])
    ]


def runs_on(wire, room):
    """Whether each event of a conversation follows on the one before."""
    held = None
    for frame in wire.frames:
        if "ev" in frame and "rev" in frame["d"] and room in str(frame["d"]):
            d = frame["d"]
            if held is not None and frame["ev"] != "conversation.created":
                assert d["prev_rev"] <= held <= d["rev"], frame
            held = d["rev"]
    return True


async def edit(wire, room, message, content):
    d = {"conversation_id": room, "message_id": message["id"], "content": content}
    await wire.ask("message.edit", d)


async def remove(wire, room, person):
    await wire.ask("member.remove", conversation_id=room, user_id=person.id)


async def add(wire, room, person):
    await wire.ask("member.add", conversation_id=room, user_id=person.id)


async def catches_up(size, wire, room, content):
    """Of a large one by a sync: what not all may see is published to nobody."""
    if size == "large":
        await wire.expect("resync", where=lambda d: d["conversation_ids"] == [room])
    else:
        await wire.expect("message.updated", where=lambda d: d["message"]["content"] == content)


async def settled(app, *wires):
    await Publishing(app).done()
    for wire in wires:
        await wire.flushed()


async def test_an_edit_before_the_removal_is_told(app, size):
    anna, ben = await app.people("anna", "ben")
    a, b = await app.connect(anna), await app.connect(ben)
    room = await room_of(size, app, a, ben)
    await b.expect("conversation.created")
    message = await say(a, room, "first")
    await hears(b, "first")
    await stop_relay(app)
    await edit(a, room, message, "edited")
    await remove(a, room, ben)
    start_relay(app)
    await b.expect("member.left", where=lambda d: d["user_id"] == str(ben.id))
    assert told(b, room)[-2:] == [("message.updated", 3, "edited"), ("member.left", 4, None)]
    await say(a, room, "unheard")
    await settled(app, b)
    assert revs(b, room) == [1, 2, 3, 4]


async def test_what_was_changed_after_the_removal_is_not_shown(app, size):
    """The event of the first edit is made of the message as it is: edited once more."""
    anna, ben, cora = await app.people("anna", "ben", "cora")
    a, b, c = [await app.connect(one) for one in (anna, ben, cora)]
    room = await room_of(size, app, a, ben, cora)
    for wire in (b, c):
        await wire.expect("conversation.created")
    message = await say(a, room, "first")
    other = await say(a, room, "second")
    for wire in (b, c):
        await hears(wire, "second")
    await stop_relay(app)
    await edit(a, room, message, "seen by ben")
    await edit(a, room, other, "not yet secret")
    await remove(a, room, ben)
    await edit(a, room, other, "secret")
    start_relay(app)
    await b.expect("member.left", where=lambda d: d["user_id"] == str(ben.id))
    await catches_up(size, c, room, "secret")
    await say(a, room, "unheard")
    await hears(c, "unheard")
    await settled(app, b)
    assert "secret" not in str(b.frames)
    assert told(b, room)[-2:] == [("message.updated", 4, "seen by ben"), ("member.left", 6, None)]
    assert runs_on(b, room)


async def test_a_title_of_after_the_removal_is_not_shown(app, size):
    anna, ben = await app.people("anna", "ben")
    a, b = await app.connect(anna), await app.connect(ben)
    room = await room_of(size, app, a, ben)
    await b.expect("conversation.created")
    await stop_relay(app)
    await a.ask("conversation.update", conversation_id=room, title="before")
    await remove(a, room, ben)
    await a.ask("conversation.update", conversation_id=room, title="secret")
    start_relay(app)
    await b.expect("member.left", where=lambda d: d["user_id"] == str(ben.id))
    await a.expect("conversation.updated", where=lambda d: d["conversation"]["title"] == "secret")
    await settled(app, b)
    assert "secret" not in str(b.frames)
    assert told(b, room)[-1] == ("member.left", 3, None)
    assert runs_on(b, room)


async def test_messages_before_leaving_are_told_before_it(app, serve, size):
    """One node's events are late: the other's, of leaving, waits for them."""
    async with serve() as other:
        anna, ben = await app.people("anna", "ben")
        a, b = await app.connect(anna), await other.connect(ben)
        room = await room_of(size, app, a, ben)
        await b.expect("conversation.created")
        await stop_relay(app)
        publishing = Publishing(app)
        publishing.hold()
        await say(a, room, "late")
        await publishing.held()
        await b.ask("conversation.leave", conversation_id=room)
        publishing.go_on()
        await b.expect("member.left")
        assert told(b, room)[-2:] == [("message.created", 2, "late"), ("member.left", 3, None)]
        start_relay(app)
        await say(a, room, "unheard")
        await settled(app, b)
        assert revs(b, room) == [1, 2, 3]


async def test_the_others_hear_of_it_once(app, size):
    anna, ben, cora = await app.people("anna", "ben", "cora")
    a, b, c = [await app.connect(one) for one in (anna, ben, cora)]
    second = await app.connect(ben)
    room = await room_of(size, app, a, ben, cora)
    for wire in (a, b, c, second):
        await wire.expect("conversation.created")
    await remove(a, room, ben)
    for wire in (b, c, second):
        await wire.expect("member.left")
    await add(a, room, ben)
    await say(a, room, "again")
    for wire in (b, c, second):
        await hears(wire, "again")
    left_and_joined = [("member.left", 2, None), ("member.joined", 3, None)]
    assert told(c, room)[1:3] == left_and_joined
    for wire in (b, second):
        names = [name for name, rev, _text in told(wire, room) if rev == 2]
        assert names == ["member.left"]
        assert ("conversation.created", 3, None) in told(wire, room)
        assert told(wire, room)[-1] == ("message.created", 4, "again")


async def test_who_has_come_in_again_is_told_of_that_only(app, size):
    """Leaving, told after it, would undo it."""
    anna, ben = await app.people("anna", "ben")
    a, b = await app.connect(anna), await app.connect(ben)
    room = await room_of(size, app, a, ben)
    await b.expect("conversation.created")
    await stop_relay(app)
    await remove(a, room, ben)
    await add(a, room, ben)
    start_relay(app)
    await b.expect("conversation.created")
    await say(a, room, "again")
    await hears(b, "again")
    events = told(b, room)
    assert ("member.left", 2, None) not in events[events.index(("conversation.created", 3, None)) :]
    assert events[-1] == ("message.created", 4, "again")


async def test_nothing_is_told_between_leaving_and_coming_in_again(serve):
    """A message that skips ahead of the latter brings a sync, not what was said meanwhile."""
    async with serve(hold_ms=20) as app:
        anna, ben = await app.people("anna", "ben")
        a, b = await app.connect(anna), await app.connect(ben)
        room = await group(a, ben)
        await b.expect("conversation.created")
        await remove(a, room, ben)
        await b.expect("member.left")
        await say(a, room, "unheard")
        await stop_relay(app)
        await add(a, room, ben)
        await say(a, room, "welcome")
        await a.ask("conversation.update", conversation_id=room, title="a title")
        told_so = await b.expect("resync")
        assert told_so["d"] == {"conversation_ids": [room]}
        assert told(b, room)[-1] == ("member.left", 2, None)
        start_relay(app)
        await say(a, room, "again")
        await hears(b, "again")
        assert "unheard" not in str(b.frames)


async def test_left_while_away(app, size):
    """The log tells what came before; what it cannot tell, the sync does."""
    anna, ben = await app.people("anna", "ben")
    a = await app.connect(anna)
    room = await room_of(size, app, a, ben)
    async with client_of(app, ben) as device:
        message = await say(a, room, "first")
        await device.until(lambda: said(device, room) == ["first"])
        state = device.state
    await stop_relay(app)
    await edit(a, room, message, "edited")
    await remove(a, room, ben)
    await edit(a, room, message, "secret")
    start_relay(app)
    await catches_up(size, a, room, "secret")
    await settled(app, a)
    async with client_of(app, ben, state=state) as device:
        await device.until(lambda: room not in device.state.conversations)
        await is_whole(device, app, ben)
