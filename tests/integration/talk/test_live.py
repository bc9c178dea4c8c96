"""What is shown for a moment, and what goes to one's own devices: typing, presence, settings."""

import asyncio
import time

import pytest

import handlers.messages.typing
import server.ws.registry


@pytest.fixture
async def both_wrote(pair):
    """The pair, both having written."""
    await pair.anna.session.send(pair.key, "hello")
    await pair.ben.session.send(pair.key, "hello")
    for device in (pair.anna, pair.ben):
        await device.until(lambda device=device: device.at(pair.key).last_seq == 2)
        await device.told()
        device.log.clear()
    return pair


def is_by(user):
    return lambda d: d.user_id == user


async def test_typing_starts_and_stops(both_wrote):
    anna, ben, key = both_wrote.anna, both_wrote.ben, both_wrote.key
    await anna.session.typing(key)
    started = await ben.hear("typing.started", is_by(anna.me))
    assert started.conversation_id == key
    assert ben.state.ephemeral.typing_in(key, time.monotonic()) == [anna.me]
    await anna.session.typing(key)  # goes on: no further event
    await anna.session.typing(key, stop=True)
    await ben.hear("typing.stopped", is_by(anna.me))
    assert (await ben.names()).count("typing.started") == 1
    assert ben.state.ephemeral.typing_in(key, time.monotonic()) == []
    assert not [name for name in await anna.names() if name.startswith("typing")]


async def test_typing_stops_at_the_end_of_the_connection(both_wrote, connect):
    ben, key = both_wrote.ben, both_wrote.key
    phone = await connect(both_wrote.people[0])
    await phone.session.typing(key)
    await ben.hear("typing.started")
    await phone.session._connection.close()
    await ben.hear("typing.stopped", is_by(phone.me))


async def test_typing_stops_by_itself(both_wrote, monkeypatch):
    monkeypatch.setattr(handlers.messages.typing, "STOPS_AFTER_S", 0.1)
    anna, ben, key = both_wrote.anna, both_wrote.ben, both_wrote.key
    await anna.session.typing(key)
    await ben.hear("typing.started")
    await ben.hear("typing.stopped", is_by(anna.me))


async def test_nobody_sees_typing_before_both_wrote(pair):
    anna, ben, key = pair.anna, pair.ben, pair.key
    await anna.session.typing(key)
    await anna.session.send(key, "hello")
    await anna.session.typing(key)
    await ben.hear("message.created")
    await ben.session.send(key, "hello")
    await anna.session.typing(key, stop=True)
    await anna.session.typing(key)
    await ben.hear("typing.started")
    assert [name for name in await ben.names() if name.startswith("typing")] == ["typing.started"]


async def test_a_block_hides_typing_and_presence(both_wrote):
    anna, ben, key = both_wrote.anna, both_wrote.ben, both_wrote.key
    assert len((await ben.ask("presence.watch", user_ids=[anna.me]))["presences"]) == 1
    await ben.ask("presence.unwatch", user_ids=[anna.me])
    await ben.ask("block.add", user_id=anna.me)
    for one, other in ((anna, ben), (ben, anna)):
        assert await one.ask("presence.watch", user_ids=[other.me]) == {"presences": []}
        await one.session.typing(key)
    await ben.ask("block.remove", user_id=anna.me)
    for device in (anna, ben):
        await device.session.typing(key, stop=True)
    last = await anna.session.send(key, "after all")
    await ben.hear("message.created", lambda d: d.message.id == last.id)
    assert not [name for name in await ben.names() if name.startswith("typing")]


async def test_presence_between_people_who_both_wrote(pair, app, connect, monkeypatch):
    monkeypatch.setattr(server.ws.registry, "FLAP_S", 0.05)
    anna, ben = pair.anna, pair.ben
    (stranger,) = await app.people("carl")
    watch = {"user_ids": [ben.me, str(stranger.id)]}
    assert await anna.ask("presence.watch", **watch) == {"presences": []}
    await anna.session.send(pair.key, "hello")
    assert await anna.ask("presence.watch", **watch) == {"presences": []}
    await ben.session.send(pair.key, "hello")
    (seen,) = (await anna.ask("presence.watch", **watch))["presences"]
    assert (seen["user_id"], seen["status"]) == (ben.me, "online")
    await ben.session.appear("dnd", "in a meeting")
    changed = await anna.hear("presence.changed")
    assert (changed.d.user_id, changed.d.status, changed.d.text) == (ben.me, "dnd", "in a meeting")
    await ben.session.appear("invisible")
    gone = await anna.hear("presence.changed")
    assert (gone.d.status, gone.d.text) == ("offline", None)
    assert gone.d.last_seen_at is not None
    await ben.session.send(pair.key, "still here, unseen")
    (unseen,) = (await anna.ask("presence.watch", **watch))["presences"]
    assert (unseen["status"], unseen["last_seen_at"]) == ("offline", gone.d.last_seen_at)
    await ben.session.appear("online")
    back = await anna.hear("presence.changed")
    assert (back.d.status, back.d.user_id) == ("online", ben.me)
    phone = await connect(pair.people[1])
    await ben.session.__aexit__(None, None, None)
    await phone.session.appear("away")
    assert (await anna.hear("presence.changed")).d.status == "away"
    await phone.session.__aexit__(None, None, None)
    assert (await anna.hear("presence.changed")).d.status == "offline"


async def test_a_connection_that_flaps_shows_nothing(both_wrote, monkeypatch):
    anna, ben = both_wrote.anna, both_wrote.ben
    monkeypatch.setattr(server.ws.registry, "FLAP_S", 0.5)
    await anna.session.watch([ben.me])
    await ben.session._connection.close()
    await ben.until(lambda: not ben.session.is_connected)
    await ben.session.ready()
    await ben.session.appear("away")  # what comes after it is told
    assert (await anna.hear("presence.changed")).d.status == "away"
    assert (await anna.names()).count("presence.changed") == 1


async def test_settings_go_to_ones_own_devices_only(pair, connect):
    anna, ben, key = pair.anna, pair.ben, pair.key
    phone = await connect(pair.people[0], "msgpack")
    await anna.session.configure(key, is_pinned=True, is_archived=True)
    told = await phone.hear("conversation.settings")
    assert (told.d.conversation.is_pinned, told.d.conversation.is_archived) == (True, True)
    assert phone.at(key).is_archived
    page = await anna.ask("conversation.list")
    assert page["conversations"] == []
    page = await anna.ask("conversation.list", archived=True)
    assert [conversation["id"] for conversation in page["conversations"]] == [key]
    await phone.session.configure(key, is_pinned=True, is_archived=True)  # nothing new
    await phone.session.configure(key, is_archived=False)
    await anna.until(lambda: not anna.at(key).is_archived)
    await anna.session.send(key, "hello")
    await ben.hear("message.created")
    assert "conversation.settings" not in await ben.names()
    assert (await phone.names()).count("conversation.settings") <= 2
    assert (anna.at(key).is_pinned, ben.at(key).is_pinned) == (True, False)


async def test_receipts_of_others_are_shown(pair, connect):
    anna, ben, key = pair.anna, pair.ben, pair.key
    phone = await connect(pair.people[1])
    await anna.session.send(key, "hello")
    await ben.hear("message.created")
    await ben.session.delivered(key, 1)
    delivered = await anna.hear("receipt.delivered")
    assert (delivered.d.user_id, delivered.d.seq) == (ben.me, 1)
    await asyncio.gather(ben.session.read(key, 1), phone.session.read(key, 1))
    read = await anna.hear("receipt.read")
    assert (read.d.user_id, read.d.seq) == (ben.me, 1)
    await ben.session.read(key, 1)  # nothing moves: no event
    last = await ben.session.send(key, "seen")
    await anna.hear("message.created", lambda d: d.message.id == last.id)
    assert (await anna.names()).count("receipt.read") == 1
