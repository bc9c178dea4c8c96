"""What two people and their devices see of a conversation: everything, once, in order."""

import asyncio
from uuid import uuid4

import pytest

from client.errors import CommandError
from tests.integration.talk.device import contents, message_revs, picture


async def test_each_change_comes_once_and_in_order(pair, connect):
    anna, ben = pair.anna, pair.ben
    devices = [ben, await connect(pair.people[1], "json"), await connect(pair.people[1], "msgpack")]
    first = await anna.session.send(pair.key, "hello")
    second = await anna.session.send(pair.key, "世界，你好")
    await anna.session.edit(first, "hello!")
    await ben.session.react(first, "👍")
    await ben.session.react(first, "👍")  # nothing new: no change of anything
    reply = await ben.session.send(pair.key, "well met", parent_id=second.id)
    await anna.ask("message.pin", conversation_id=pair.key, message_id=second.id)
    await ben.session.react(first, "👍", remove=True)
    await anna.session.delete(first)
    last = await anna.session.send(pair.key, "good night")
    for device in [anna, *devices]:
        await device.until(lambda device=device: device.at(pair.key).rev == last.rev)
        told = await device.told()
        # A change of a device's own comes as its event; of a send it has the reply instead.
        assert message_revs(told, pair.key) == list(range(2, last.rev + 1))
        assert "session.synced" not in [change.name for change in told]
        held = device.at(pair.key)
        assert contents(held.history()) == [None, "世界，你好", "well met", "good night"]
        assert held.messages[second.id].reply_count == 1
        assert held.messages[second.id].is_pinned
        assert held.messages[reply.id].parent_id == second.id
    fresh = [await connect(person) for person in pair.people]
    for device, new in ((anna, fresh[0]), *((device, fresh[1]) for device in devices)):
        await new.session.history(pair.key)
        assert picture(device) == picture(new)


async def test_unread_is_right_on_three_devices(pair, connect):
    anna, phone = pair.anna, pair.ben
    devices = [phone, await connect(pair.people[1]), await connect(pair.people[1], "msgpack")]

    async def all_show(unread: int) -> None:
        for device in devices:
            await device.until(lambda device=device: device.at(pair.key).unread == unread)
            await device.until(lambda device=device: device.state.unread_messages == unread)

    messages = [await anna.session.send(pair.key, f"{number}") for number in range(5)]
    await all_show(5)
    assert anna.at(pair.key).unread == 0
    reply = await phone.session.read(pair.key, 2)
    assert (reply.seq, reply.unread) == (2, 3)
    await all_show(3)
    # What was read elsewhere no client can compute of all conversations: it is told.
    for device in devices:
        told = await device.hear("unread.changed")
        assert told.d.messages == 3
        assert told.d.conversations == {pair.key: 3}
    await anna.session.delete(messages[3])
    await all_show(2)
    assert (await phone.session.read(pair.key, 1)).unread == 2, "a watermark never goes back"
    await anna.session.delete(messages[0])  # read already: nothing less to read
    await all_show(2)
    assert (await phone.session.delivered(pair.key, 99)).seq == 5
    await anna.until(lambda: anna.at(pair.key).participants[phone.me].last_delivered_seq == 5)
    assert anna.at(pair.key).participants[phone.me].last_read_seq == 2
    await devices[1].session.configure(pair.key, is_muted=True)
    for device in devices:
        await device.until(lambda device=device: device.state.unread_messages == 0)
        assert device.at(pair.key).unread == 2
    await devices[2].session.configure(pair.key, is_muted=False)
    await all_show(2)
    await devices[2].session.send(pair.key, "sending is reading")
    await all_show(0)
    fresh = await connect(pair.people[1])
    assert fresh.state.unread_messages == fresh.at(pair.key).unread == 0


async def test_figures_are_told_once_a_second_at_most(pair, connect):
    phone = await connect(pair.people[1])
    messages = [await pair.anna.session.send(pair.key, f"{number}") for number in range(12)]
    await phone.until(lambda: phone.at(pair.key).unread == 12)
    phone.log.clear()
    loop = asyncio.get_running_loop()
    began = loop.time()
    for message in messages:
        await pair.anna.session.delete(message)
    await phone.hear("unread.changed", lambda d: d.messages == 0)
    seconds = loop.time() - began
    assert (await phone.names()).count("unread.changed") <= seconds + 2


async def test_a_repeated_client_id_is_the_same_message(pair, app, connect):
    anna, ben, key = pair.anna, pair.ben, pair.key
    client_id = str(uuid4())
    first = await anna.session.send(key, "once", client_id=client_id)
    assert await anna.session.send(key, "once", client_id=client_id) == first
    edited = await anna.session.edit(first, "edited")
    assert await anna.session.send(key, "once", client_id=client_id) == edited
    deleted = await anna.session.delete(first)
    again = await anna.session.send(key, "once", client_id=client_id)
    assert again == deleted
    assert again.is_deleted
    body = {"conversation_id": key, "client_id": client_id, "content": "once"}
    over_http = await app.command("message.send", pair.people[0], body)
    assert (over_http.status, over_http.body["message"]["id"]) == (200, first.id)
    other = body | {"content": "twice"}
    assert await anna.refusal("message.send", **other) == "duplicate_mismatch"
    refused = await app.command("message.send", pair.people[0], other)
    assert (refused.status, refused.body["error"]["code"]) == (422, "duplicate_mismatch")
    assert (await anna.session.get(key)).last_seq == 1
    # Somebody else's client id is somebody else's message.
    assert (await ben.session.send(key, "once", client_id=client_id)).seq == 2
    # Two devices that send it at one moment have made one message.
    both = [anna, await connect(pair.people[0], "msgpack")]
    client_id = str(uuid4())
    sent = await asyncio.gather(
        *(device.session.send(key, "both", client_id=client_id) for device in both)
    )
    assert sent[0] == sent[1]
    assert (await anna.session.get(key)).last_seq == 3


async def test_a_repeat_after_removal(pair, app, connect):
    anna, ben = pair.anna, pair.ben
    group = await anna.session.create([ben.me], title="Pier")
    client_id = str(uuid4())
    await ben.until(lambda: group.id in ben.state.conversations)
    first = await ben.session.send(group.id, "once", client_id=client_id)
    await anna.session.change_member(group.id, ben.me, verb="remove")
    again = await ben.ask(
        "message.send", conversation_id=group.id, client_id=client_id, content="once"
    )
    assert again["message"]["id"] == first.id
    body = {"conversation_id": group.id, "client_id": client_id}
    assert await ben.refusal("message.send", content="twice", **body) == "duplicate_mismatch"
    body["client_id"] = str(uuid4())
    assert await ben.refusal("message.send", content="once", **body) == "not_found"


async def test_a_blocked_user(pair, connect):
    anna, ben, key = pair.anna, pair.ben, pair.key
    group = await anna.session.create([ben.me])
    sent = await anna.session.send(key, "before")
    blocks = await ben.ask("block.add", user_id=anna.me)
    assert [block["user_id"] for block in blocks["blocks"]] == [anna.me]
    # Either way, and in a group in which only the two are, too.
    for device in (anna, ben):
        for place in (key, group.id):
            with pytest.raises(CommandError) as refused:
                await device.session.send(place, "hello")
            assert refused.value.code == "blocked"
    assert await anna.refusal("conversation.create", type="group", participant_ids=[ben.me]) == (
        "blocked"
    )
    with pytest.raises(CommandError) as refused:
        await ben.session.react(sent, "👍")
    assert refused.value.code == "blocked"
    assert (await ben.ask("block.remove", user_id=anna.me)) == {"blocks": []}
    assert (await anna.session.send(key, "after")).seq == 2


async def test_a_removed_member_stops_receiving_at_once(pair, app, connect):
    anna, ben = pair.anna, pair.ben
    (carl_person,) = await app.people("carl")
    carl = [await connect(carl_person), await connect(carl_person, "msgpack")]
    group = await anna.session.create([ben.me, carl[0].me], title="Pier")
    for device in (ben, *carl):
        await device.until(lambda device=device: group.id in device.state.conversations)
    await anna.session.send(group.id, "all")
    for device in carl:
        await device.until(lambda device=device: device.state.unread_messages == 1)
        await device.told()
        device.log.clear()
    await anna.session.change_member(group.id, carl[0].me, verb="remove")
    secret = await anna.session.send(group.id, "secret")
    await ben.until(lambda: ben.at(group.id).last_seq == 2)
    # What comes later on the same channel has come: the secret would have, too.
    between = await anna.session.create_direct(carl[0].me)
    await anna.session.send(between.id, "sorry")
    for device in carl:
        await device.hear("member.left")
        await device.hear("unread.changed", lambda d: d.messages == 0)
        await device.until(lambda device=device: between.id in device.state.conversations)
        await device.until(lambda device=device: device.at(between.id).last_seq == 1)
        told = await device.told()
        assert group.id not in device.state.conversations
        assert all(secret.id != change.d.message.id for change in told if "message." in change.name)
        assert await device.refusal("message.history", conversation_id=group.id) == "not_found"
    # Taken in again, all history is there, and nothing of it is unread.
    await anna.session.change_member(group.id, carl[0].me, verb="add")
    for device in carl:
        await device.until(lambda device=device: group.id in device.state.conversations)
        assert device.at(group.id).unread == 0
        page = await device.session.history(group.id)
        assert contents(page.messages) == ["all", "secret"]
        await device.until(lambda device=device: device.session.is_ready)
    await ben.until(lambda: carl[0].me in ben.at(group.id).participants)
    fresh = await connect(pair.people[1])
    await asyncio.gather(*(one.session.history(group.id) for one in (ben, fresh)))
    assert picture(ben)["messages"][group.id] == picture(fresh)["messages"][group.id]
    assert picture(ben)["conversations"] == picture(fresh)["conversations"]


async def test_a_crowd_of_sends_keeps_its_order(pair):
    anna, ben, key = pair.anna, pair.ben, pair.key
    bodies = [
        {"conversation_id": key, "client_id": str(uuid4()), "content": f"{number}"}
        for number in range(60)
    ]
    # The last stands behind the sends of the same conversation, though it waits for none of them.
    *answers, page = await asyncio.gather(
        *(anna.ask("message.send", **body) for body in bodies),
        anna.ask("message.history", conversation_id=key, limit=100),
    )
    said = [body["content"] for body in bodies]
    assert [message["content"] for message in page["messages"]] == said
    assert [answer["message"]["seq"] for answer in answers] == list(range(1, 61))
    await ben.until(lambda: ben.at(key).last_seq == 60)
    assert message_revs(await ben.told(), key) == list(range(2, 62))
    assert contents(ben.at(key).history()) == said
