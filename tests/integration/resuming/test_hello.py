"""Going on from the log: what was missed follows, in order, and PostgreSQL is not asked."""

from uuid import uuid4

import pytest

from storage.redis.keys import key

FORMATS = ("json", "msgpack")


async def direct(wire, other):
    made = await wire.ask("conversation.create", type="direct", participant_ids=[other.id])
    return made["conversation"]["id"]


async def say(wire, conversation, content="a word", **fields):
    sent = await wire.ask(
        "message.send", conversation_id=conversation, client_id=uuid4(), content=content, **fields
    )
    return sent["message"]


async def back(app, person, place, revs, form="json"):
    """A new connection that goes on from a place; its hello's reply is `hello`."""
    wire = await app.open(form)
    resume = {"epoch": place[0], "offset": place[1], "revs": revs}
    wire.hello = await wire.ask("hello", token=person.token, resume=resume)
    return wire


def told(wire):
    """The revs that events of conversations brought, in order."""
    return [frame["d"]["rev"] for frame in wire.frames if "rev" in frame.get("d", {})]


@pytest.mark.parametrize("form", FORMATS)
async def test_what_was_missed_follows_in_order(app, form):
    anna, ben = await app.people("anna", "ben")
    a, b = await app.connect(anna), await app.connect(ben)
    room = await direct(a, ben)
    await say(a, room)
    last = await b.expect("message.created")
    place = (b.hello["epoch"], last["at"])
    await b.close()
    sent = [await say(a, room, str(number)) for number in range(5)]
    edit = {"conversation_id": room, "message_id": sent[0]["id"], "content": "better"}
    await a.ask("message.edit", edit)
    await a.expect("message.updated")
    b = await back(app, ben, place, {room: 2}, form)
    assert (b.hello["resumed"], b.hello["missed"], b.hello["stale"]) == (True, 6, [])
    assert b.hello["unread"] is None
    assert b.hello["epoch"] == place[0]
    event = await b.expect("message.updated")
    assert event["d"]["message"]["content"] == "better"
    assert told(b) == [3, 4, 5, 6, 7, 8]
    following = await say(a, room, "live")
    await b.expect("message.created", where=lambda d: d["message"]["id"] == following["id"])
    assert told(b) == [3, 4, 5, 6, 7, 8, 9]


async def test_nothing_missed(app):
    anna, ben = await app.people("anna", "ben")
    a, b = await app.connect(anna), await app.connect(ben)
    room = await direct(a, ben)
    last = await b.expect("conversation.created")
    b = await back(app, ben, (b.hello["epoch"], last["at"]), {room: 1})
    assert (b.hello["resumed"], b.hello["missed"]) == (True, 0)
    await say(a, room)
    await b.expect("message.created")
    assert told(b) == [2]


async def test_postgresql_is_not_asked(app):
    anna, ben = await app.people("anna", "ben")
    a, b = await app.connect(anna), await app.connect(ben)
    room = await direct(a, ben)
    last = await b.expect("conversation.created")
    await b.close()
    await say(a, room)
    # Whoever asks it now gets an error.
    app.app.core.foundation.pool.terminate()
    b = await back(app, ben, (b.hello["epoch"], last["at"]), {room: 1})
    assert b.hello["resumed"]
    await b.expect("message.created")


async def test_another_epoch_is_not_gone_on_from(app):
    anna, ben = await app.people("anna", "ben")
    b = await app.connect(ben)
    for epoch, offset in [
        ("somewhere.else.0", b.hello["offset"]),
        (b.hello["epoch"], "1-1"),
        (b.hello["epoch"], "nonsense"),
        (b.hello["epoch"], "-"),
        ("", ""),
    ]:
        again = await back(app, ben, (epoch, offset), {})
        assert not again.hello["resumed"]
        assert again.hello["unread"] == {"messages": 0, "notifications": 0}
    await direct(await app.connect(anna), ben)
    await again.expect("conversation.created")


async def test_a_log_that_was_recreated_is_another_one(app):
    ben = await app.person("ben")
    b = await app.connect(ben)
    place = (b.hello["epoch"], b.hello["offset"])
    await app.app.core.foundation.redis.delete(key("log", str(ben.id)))
    again = await back(app, ben, place, {})
    assert not again.hello["resumed"]
    assert again.hello["epoch"] != place[0]


async def test_a_log_that_was_cut_off(app):
    anna, ben = await app.people("anna", "ben")
    a, b = await app.connect(anna), await app.connect(ben)
    room = await direct(a, ben)
    await b.expect("conversation.created")
    place = (b.hello["epoch"], b.hello["offset"])
    await app.app.core.foundation.redis.xtrim(key("log", str(ben.id)), maxlen=1, approximate=False)
    await say(a, room)
    again = await back(app, ben, place, {})
    assert not again.hello["resumed"]


async def test_a_large_event_makes_its_conversation_stale(app):
    anna, ben, cora = await app.people("anna", "ben", "cora")
    a, b = await app.connect(anna), await app.connect(ben)
    room, other = await direct(a, ben), await direct(await app.connect(cora), ben)
    last = await b.expect("conversation.created", where=lambda d: d["conversation"]["id"] == other)
    await b.close()
    await say(a, room, "x" * 3000)
    await say(a, room, "after it")
    b = await back(app, ben, (b.hello["epoch"], last["at"]), {room: 1, other: 1})
    assert (b.hello["resumed"], b.hello["missed"]) == (True, 0)
    assert b.hello["stale"] == [room]
    await say(a, room, "live")
    await b.expect("message.created", where=lambda d: d["message"]["content"] == "live")


async def test_a_missing_rev_makes_its_conversation_stale(app):
    anna, ben = await app.people("anna", "ben")
    a, b = await app.connect(anna), await app.connect(ben)
    room = await direct(a, ben)
    last = await b.expect("conversation.created")
    await b.close()
    await say(a, room, "one")
    await say(a, room, "two")
    entries = await app.app.core.foundation.redis.xrange(key("log", str(ben.id)))
    await app.app.core.foundation.redis.xdel(key("log", str(ben.id)), entries[-2][0])
    b = await back(app, ben, (b.hello["epoch"], last["at"]), {room: 1})
    assert b.hello["stale"] == [room]


async def test_watermarks_that_moved_meanwhile_follow(app):
    anna, ben = await app.people("anna", "ben")
    a, b = await app.connect(anna), await app.connect(ben)
    room = await direct(a, ben)
    sent = await say(b, room)
    await a.expect("message.created")
    await a.ask("receipt.delivered", conversation_id=room, seq=sent["seq"])
    await b.expect("receipt.delivered")
    later = await say(a, room)
    last = await b.expect("message.created")
    await b.close()
    await say(a, room)
    await a.ask("receipt.read", conversation_id=room, seq=later["seq"])
    b = await back(app, ben, (b.hello["epoch"], last["at"]), {room: 3})
    await b.expect("message.created")
    assert b.hello["missed"] >= 1


async def test_the_place_of_a_connection_on_another_node(app, serve):
    anna, ben = await app.people("anna", "ben")
    a, b = await app.connect(anna), await app.connect(ben)
    room = await direct(a, ben)
    last = await b.expect("conversation.created")
    await b.close()
    await say(a, room)
    async with serve() as other:
        b = await back(other, ben, (b.hello["epoch"], last["at"]), {room: 1})
        assert b.hello["resumed"]
        await b.expect("message.created")
