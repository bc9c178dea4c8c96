"""Notifications, search, and what people keep or report: through both doors."""

import asyncio
from uuid import uuid4

import pytest

from tests.wire import WAIT_S


async def found(device, query, count, **more):
    """The messages found, as soon as they are `count`: the index follows by the outbox."""
    async with asyncio.timeout(WAIT_S):
        while True:
            page = await device.ask("message.search", query=query, **more)
            if len(page["messages"]) == count:
                return page["messages"]
            await asyncio.sleep(0.05)


async def test_a_mention_and_a_reply_notify(pair, app, connect):
    anna, ben = pair.anna, pair.ben
    phone = await connect(pair.people[1])
    (carl_person,) = await app.people("carl")
    carl = await connect(carl_person)
    group = await anna.session.create([ben.me, carl.me], title="Pier")
    invited = await carl.hear("notification.created")
    assert invited.d.notification.type == "conversation.invited"
    first = await ben.session.send(group.id, "hello")
    await anna.session.send(group.id, "look", mentions=[carl.me, anna.me], parent_id=first.id)
    for device in (ben, phone):
        reply = await device.hear(
            "notification.created", lambda d: d.notification.type == "message.reply"
        )
        assert reply.d.notification.title == "anna replied to you"
        assert reply.d.notification.data["conversation_id"] == group.id
        assert reply.d.notification.data["seq"] == 2
    mention = await carl.hear("notification.created")
    assert mention.d.notification.type == "message.mention"
    assert carl.state.notifications.unread == 2
    # A second mention counts on the first, while that is unread.
    await anna.session.send(group.id, "look again", mentions=[carl.me])
    counted = await carl.hear("notification.updated")
    assert counted.d.notification.id == mention.d.notification.id
    assert counted.d.notification.count == 2
    # The one who is read, and the one who is muted, hear nothing more of it.
    reply = await carl.ask("notification.read", ids=[mention.d.notification.id])
    assert reply == {"unread": 1}
    await carl.session.configure(group.id, is_muted=True)
    await anna.session.send(group.id, "carl?", mentions=[carl.me])
    await anna.session.send(group.id, "ben?", mentions=[ben.me])
    await ben.hear("notification.created", lambda d: d.notification.type == "message.mention")
    page = await carl.ask("notification.list", unread=True)
    assert [item["type"] for item in page["notifications"]] == ["conversation.invited"]
    assert page["unread"] == 1
    assert "notification.created" not in await anna.names()
    fresh = await connect(carl_person)
    assert fresh.state.notifications.unread == 1
    assert fresh.state.notifications.newest_first() == carl.state.notifications.newest_first()
    await carl.until(lambda: carl.state.notifications.unread == 1)
    archived = await carl.ask("notification.archive", ids=[invited.d.notification.id])
    assert archived == {"unread": 0}
    await fresh.until(lambda: fresh.state.notifications.unread == 0)


async def test_search_follows_what_is_said(pair, app, connect):
    anna, ben, key = pair.anna, pair.ben, pair.key
    (stranger_person,) = await app.people("carl")
    stranger = await connect(stranger_person)
    english = await anna.session.send(key, "The storyboard comes tomorrow")
    chinese = await ben.session.send(key, "明天我们开始剪辑视频")
    assert [m["id"] for m in await found(ben, "storyboard TOMORROW", 1)] == [english.id]
    assert [m["id"] for m in await found(anna, "剪辑", 1)] == [chinese.id]
    assert [m["id"] for m in await found(anna, "开始剪辑", 1, conversation_id=key)] == [chinese.id]
    assert await found(anna, "编辑", 0) == []
    assert await found(stranger, "剪辑", 0) == []
    assert await stranger.refusal("message.search", query="剪辑", conversation_id=key) == (
        "not_found"
    )
    assert [m["id"] for m in await found(anna, "剪", 1)] == [chinese.id]
    assert await anna.refusal("message.search", query="c") == "validation_failed"
    await anna.session.edit(english, "The rough cut comes tomorrow")
    (edited,) = await found(ben, "rough cut", 1)
    assert edited["content"] == "The rough cut comes tomorrow"
    assert await found(ben, "storyboard", 0) == []
    await ben.session.delete(chinese)
    assert await found(anna, "剪辑", 0) == []


async def test_templates_reports_and_blocks(pair):
    anna, ben, key = pair.anna, pair.ben, pair.key
    kept = await anna.ask("template.create", title="Greeting", content="Hello, and welcome!")
    (template,) = kept["templates"]
    assert (template["title"], template["content"]) == ("Greeting", "Hello, and welcome!")
    assert await anna.ask("template.list") == kept
    assert await ben.ask("template.list") == {"templates": []}
    assert await ben.refusal("template.delete", template_id=template["id"]) == "not_found"
    assert await anna.ask("template.delete", template_id=template["id"]) == {"templates": []}
    message = await ben.session.send(key, "buy my watches")
    subject = {"subject_type": "message", "subject_id": message.id, "reason": "spam"}
    report = (await anna.ask("report.create", **subject, text="again"))["report"]
    assert (report["subject_id"], report["reason"]) == (message.id, "spam")
    unseen = subject | {"subject_id": str(uuid4())}
    assert await anna.refusal("report.create", **unseen) == "not_found"
    assert await anna.refusal("block.add", user_id=anna.me) == "validation_failed"
    assert await anna.refusal("block.add", user_id=str(uuid4())) == "not_found"
    blocks = await anna.ask("block.add", user_id=ben.me)
    assert await anna.ask("block.list") == blocks
    assert await ben.ask("block.list") == {"blocks": []}


READS: tuple[tuple[str, tuple[str, ...], dict[str, object]], ...] = (
    ("conversation.get", ("conversation_id",), {}),
    ("conversation.list", (), {"limit": 1}),
    ("message.history", ("conversation_id",), {"limit": 2}),
    ("message.history", ("conversation_id",), {"around_seq": 2}),
    ("message.get", ("conversation_id", "message_id"), {}),
    ("message.thread", ("conversation_id", "parent_id"), {}),
    ("receipt.read", ("conversation_id",), {"seq": 99}),
    ("message.send", ("conversation_id", "client_id"), {"content": "hello"}),
    ("reaction.add", ("conversation_id", "message_id"), {"emoji": "👍"}),
    ("message.pin", ("conversation_id", "message_id"), {}),
    ("notification.list", (), {}),
    ("template.list", (), {}),
    ("block.list", (), {}),
    ("sync", ("conversations",), {}),
    # Refused, and alike.
    ("message.history", (), {}),
    ("message.history", ("conversation_id",), {"limit": 0}),
    ("message.history", (), {"conversation_id": str(uuid4())}),
    ("message.edit", ("conversation_id", "message_id"), {"content": ""}),
    ("message.send", ("conversation_id", "client_id"), {"content": "another text"}),
    ("receipt.read", ("conversation_id",), {"seq": -1}),
    ("typing.start", (), {"conversation_id": 3}),
    ("no.such.command", (), {}),
)


@pytest.mark.parametrize("form", ["json", "msgpack"])
async def test_both_doors_answer_alike(app, form):
    anna, ben = await app.people("anna", "ben")
    wire = await app.connect(anna, form)
    made = await wire.ask("conversation.create", type="direct", participant_ids=[ben.id])
    key = made["conversation"]["id"]
    client_id = str(uuid4())
    sent = {"conversation_id": key, "client_id": client_id, "content": "hello"}
    first = (await wire.ask("message.send", sent))["message"]
    answer = sent | {"client_id": str(uuid4()), "content": "reply", "parent_id": first["id"]}
    await wire.ask("message.send", answer)
    await wire.ask("receipt.read", conversation_id=key, seq=2)
    await wire.ask("reaction.add", conversation_id=key, message_id=first["id"], emoji="👍")
    await wire.ask("message.pin", conversation_id=key, message_id=first["id"])
    known = {
        "conversation_id": key,
        "message_id": first["id"],
        "parent_id": first["id"],
        "client_id": client_id,
        "conversations": {key: 1},
    }
    for op, names, rest in READS:
        d = {name: known[name] for name in names} | rest
        over_http = await app.command(op, anna, d)
        reply = await wire.reply(await wire.tell(op, d))
        if "error" in reply:
            error = over_http.body["error"]
            assert over_http.status >= 400, op
            assert (error["code"], error["message"]) == (
                reply["error"]["code"],
                reply["error"]["message"],
            ), op
        else:
            assert (over_http.status, over_http.body) == (200, reply["d"]), op
