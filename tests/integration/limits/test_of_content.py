"""How long, how many and how large: the limits that handlers and files keep."""

from uuid import uuid4

from tests.app import Answer
from tests.integration.limits.scene import Room, is_invalid, limits

WAVE = "👋"  # one code point beyond the first plane
CODER = "👩\u200d💻"  # three code points, one to look at


@limits(content_chars=5)
async def test_content_chars_are_code_points(room):
    sent = await room.send(WAVE * 5)
    assert sent["content"] == WAVE * 5
    assert is_invalid(await room.refused_send(WAVE * 5 + "."), "content", limit=5)
    edit = {"conversation_id": room.id, "message_id": sent["id"]}
    await room.a.ask("message.edit", edit, content="è" * 5)
    error = await room.a.refusal("message.edit", edit, content="e\u0300" * 3)
    assert is_invalid(error, "content", limit=5)
    await room.a.ask("template.create", title="x", content="12345")
    error = await room.a.refusal("template.create", title="x", content="123456")
    assert is_invalid(error, "content", limit=5)
    report = {"subject_type": "user", "subject_id": room.ben.id, "reason": "other"}
    error = await room.a.refusal("report.create", report, text="123456")
    assert is_invalid(error, "text", limit=5)
    await room.a.ask("report.create", report, text="12345")
    over_http = await room.served.command("message.send", room.anna, room.message("123456"))
    assert over_http.status == 422
    assert is_invalid(over_http.body["error"], "content", limit=5)


@limits(attachments=2)
async def test_attachments(room):
    uploaded = [await room.served.upload(room.anna) for _ in range(3)]
    files = [{"file_id": answer.body["file"]["file_id"]} for answer in uploaded]
    assert is_invalid(await room.refused_send(attachments=files), "attachments", limit=2)
    assert len((await room.send(None, attachments=files[:2]))["attachments"]) == 2


@limits(mentions=2)
async def test_mentions(room):
    named = [str(room.ben.id), str(room.anna.id)]
    await room.send(mentions=named)
    error = await room.refused_send(mentions=[*named, str(uuid4())])
    assert is_invalid(error, "mentions", limit=2)


@limits(emojis_per_message=2)
async def test_emojis_per_message(room):
    at = {"conversation_id": room.id, "message_id": (await room.send())["id"]}
    await room.a.ask("reaction.add", at, emoji="👍")
    await room.a.ask("reaction.add", at, emoji="🎉")
    error = await room.b.refusal("reaction.add", at, emoji="🚀")
    assert (error["code"], error["details"]) == ("conflict", {"limit": 2})
    reacted = await room.b.ask("reaction.add", at, emoji="👍")
    assert reacted["message"]["reaction_counts"] == {"👍": 2, "🎉": 1}
    await room.a.ask("reaction.remove", at, emoji="🎉")
    await room.b.ask("reaction.add", at, emoji="🚀")


@limits(emojis_per_person=2)
async def test_emojis_per_person(room):
    at = {"conversation_id": room.id, "message_id": (await room.send())["id"]}
    await room.a.ask("reaction.add", at, emoji="👍")
    await room.a.ask("reaction.add", at, emoji="🎉")
    error = await room.a.refusal("reaction.add", at, emoji="🚀")
    assert (error["code"], error["details"]) == ("conflict", {"limit": 2})
    await room.b.ask("reaction.add", at, emoji="🚀")
    joined = await room.a.ask("reaction.remove", at, emoji="🎉")
    assert joined["message"]["reaction_counts"] == {"👍": 1, "🚀": 1}
    await room.a.ask("reaction.add", at, emoji="🚀")


@limits(emoji_users_shown=1)
async def test_emoji_users_shown(room):
    at = {"conversation_id": room.id, "message_id": (await room.send())["id"]}
    alone = await room.a.ask("reaction.add", at, emoji="👍")
    assert alone["message"]["reactions"] == {"👍": [str(room.anna.id)]}
    both = await room.b.ask("reaction.add", at, emoji="👍")
    assert both["message"]["reactions"] == {"👍": [str(room.anna.id)]}
    assert both["message"]["reaction_counts"] == {"👍": 2}


@limits(emoji_chars=3)
async def test_emoji_chars(room):
    at = {"conversation_id": room.id, "message_id": (await room.send())["id"]}
    await room.a.ask("reaction.add", at, emoji=CODER)
    error = await room.a.refusal("reaction.add", at, emoji=CODER + "\ufe0f")
    assert is_invalid(error, "emoji", limit=3)


@limits(title_chars=3)
async def test_title_chars(room):
    others = {"type": "group", "participant_ids": [room.ben.id]}
    await room.a.ask("conversation.create", others, title=WAVE * 3)
    error = await room.a.refusal("conversation.create", others, title=WAVE * 4)
    assert is_invalid(error, "title", limit=3)
    await room.a.ask("conversation.update", conversation_id=room.id, title="abc")
    error = await room.a.refusal("conversation.update", conversation_id=room.id, title="abcd")
    assert is_invalid(error, "title", limit=3)


@limits(participants=3)
async def test_participants(room):
    first, second = [str(person.id) for person in await room.served.people("carl", "dora")]
    ben = str(room.ben.id)
    await room.a.ask("conversation.create", type="group", participant_ids=[ben, first])
    error = await room.a.refusal(
        "conversation.create", type="group", participant_ids=[ben, first, second]
    )
    assert (error["code"], error["details"]) == ("conflict", {"limit": 3})
    await room.a.ask("member.add", conversation_id=room.id, user_id=first)
    error = await room.a.refusal("member.add", conversation_id=room.id, user_id=second)
    assert (error["code"], error["details"]) == ("conflict", {"limit": 3})


@limits(pins=1)
async def test_pins(room):
    first, second = [
        {"conversation_id": room.id, "message_id": (await room.send())["id"]} for _ in range(2)
    ]
    await room.a.ask("message.pin", first)
    await room.a.ask("message.pin", first)
    error = await room.a.refusal("message.pin", second)
    assert (error["code"], error["details"]) == ("conflict", {"limit": 1})
    await room.a.ask("message.unpin", first)
    await room.a.ask("message.pin", second)


@limits(new_direct_per_day=1)
async def test_new_direct_per_day(room):
    carl = await room.served.person("carl")
    direct = {"type": "direct"}
    # Ben, in the room, is the first stranger that Anna has reached.
    await room.a.ask("conversation.create", direct, participant_ids=[room.ben.id])
    error = await room.a.refusal("conversation.create", direct, participant_ids=[carl.id])
    assert (error["code"], error["retryable"]) == ("rate_limited", True)
    assert 0 < error["details"]["retry_after_s"] <= 86_400
    # The one that is there already is opened again, and no other type is a way round.
    await room.a.ask("conversation.create", direct, participant_ids=[room.ben.id])
    for kind in ("group", "job_inquiry", "contract_discussion"):
        error = await room.a.refusal("conversation.create", type=kind, participant_ids=[carl.id])
        assert error["code"] == "rate_limited"
    added = {"conversation_id": room.id, "user_id": carl.id}
    assert (await room.a.refusal("member.add", added))["code"] == "rate_limited"
    crowd = [carl.id, (await room.served.person("dora")).id]
    error = await room.a.refusal("conversation.create", type="group", participant_ids=crowd)
    assert is_invalid(error, "participant_ids", limit=1)
    over_http = await room.served.command(
        "conversation.create", room.anna, {"type": "direct", "participant_ids": [str(carl.id)]}
    )
    assert over_http.status == 429
    assert 0 < int(over_http.headers["Retry-After"]) <= 86_400


@limits(blocks=1)
async def test_blocks(room):
    carl = await room.served.person("carl")
    await room.a.ask("block.add", user_id=carl.id)
    await room.a.ask("block.add", user_id=carl.id)
    error = await room.a.refusal("block.add", user_id=room.ben.id)
    assert (error["code"], error["details"]) == ("conflict", {"limit": 1})


@limits(quiet_hours=1)
async def test_quiet_hours(room):
    hours = [{"weekday": day, "from": "22:00:00", "until": "07:00:00"} for day in (0, 1)]
    await room.a.ask("preference.set", quiet_hours=hours[:1])
    error = await room.a.refusal("preference.set", quiet_hours=hours)
    assert (error["code"], error["details"]["path"]) == ("validation_failed", "quiet_hours")


@limits(templates=1)
async def test_templates(room):
    await room.a.ask("template.create", title="one", content="1")
    error = await room.a.refusal("template.create", title="two", content="2")
    assert (error["code"], error["details"]) == ("conflict", {"limit": 1})


@limits(presence_chars=3)
async def test_presence_chars(room):
    await room.a.ask("presence.set", status="away", text=WAVE * 3)
    error = await room.a.refusal("presence.set", status="away", text=WAVE * 4)
    assert is_invalid(error, "text", limit=3)


@limits(search_chars=4)
async def test_search_chars(room):
    await room.a.ask("message.search", query="12 4")
    error = await room.a.refusal("message.search", query="12 45")
    assert is_invalid(error, "query", limit=4)


@limits(watches=1)
async def test_watches(room):
    await room.send()
    await room.b.ask("message.send", room.message())
    assert len((await room.a.ask("presence.watch", user_ids=[room.ben.id]))["presences"]) == 1
    error = await room.a.refusal("presence.watch", user_ids=[room.ben.id, uuid4()])
    assert is_invalid(error, "user_ids", limit=1)
    # People whom one may not see are not watched, and those watched already count once.
    assert (await room.a.ask("presence.watch", user_ids=[uuid4()]))["presences"] == []
    await room.a.ask("presence.watch", user_ids=[room.ben.id])
    carl = await room.served.person("carl")
    c = await room.served.connect(carl)
    direct = await c.ask("conversation.create", type="direct", participant_ids=[room.anna.id])
    in_direct = {"conversation_id": direct["conversation"]["id"]}
    await c.ask("message.send", room.message(**in_direct))
    await room.a.ask("message.send", room.message(**in_direct))
    error = await room.a.refusal("presence.watch", user_ids=[carl.id])
    assert is_invalid(error, "user_ids", limit=1)
    await room.a.ask("presence.unwatch", user_ids=[room.ben.id])
    assert len((await room.a.ask("presence.watch", user_ids=[carl.id]))["presences"]) == 1


@limits(file_bytes=10)
async def test_file_bytes(room):
    async def post(data):
        return await room.served.http("POST", "/v1/files?name=a.txt", room.anna, data=data)

    assert (await post(b"0123456789")).body["file"]["bytes"] == 10
    for answer in (await post(b"0123456789a"), await room.served.upload(room.anna, b"x" * 11)):
        assert answer.status == 413
        assert answer.body["error"]["code"] == "payload_too_large"
        assert answer.body["error"]["details"] == {"limit": "file_bytes", "limit_bytes": 10}
    assert (await room.served.upload(room.anna, b"x" * 10)).status == 201


@limits(push_devices=2)
async def test_push_devices(room):
    for number in range(2):
        assert (await registered(room, number)).status == 201
    refused = (await registered(room, 3)).body["error"]
    assert (refused["code"], refused["details"]) == ("conflict", {"limit": 2})
    assert (await registered(room, 1)).status < 300  # it has it already


async def registered(room: Room, number: int) -> Answer:
    """The answer to registering one of Anna's telephones."""
    device = {"platform": "ios", "token": f"{number:032x}"}
    return await room.served.http("POST", "/v1/push-devices", room.anna, device)
