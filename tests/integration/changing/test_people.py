"""Blocks, reports, templates, and notifications with the consumer that makes them."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import msgspec
import pytest

from protocol.errors import ErrorCode, RequestError
from protocol.objects import Notification
from protocol.replies import NotificationPage
from protocol.requests import (
    BlockChange,
    BlockList,
    NotificationArchive,
    NotificationList,
    NotificationRead,
    ReportCreate,
    TemplateCreate,
    TemplateDelete,
    TemplateList,
)
from server.outbox.claiming import Taken
from storage.notifications.store import NewNotification
from tests.integration.changing.conftest import Ground, of, refusal

TIME = "2026-11-01T00:00:00Z"


async def test_blocks_are_a_set_of_people(ground):
    one, two, three, four = await ground.people(4)
    for user, count in ((two, 1), (two, 1), (three, 2)):
        reply = await ground.blocks.add(of(one), BlockChange(user))
        assert len(reply.blocks) == count and reply.blocks[0].user_id == str(user)
    assert await refusal(ground.blocks.add(of(one), BlockChange(four))) == ErrorCode.CONFLICT
    for command in (ground.blocks.add, ground.blocks.remove):
        assert await refusal(command(of(one), BlockChange(uuid4()))) == ErrorCode.NOT_FOUND
        assert await refusal(command(of(one), BlockChange(one))) == ErrorCode.VALIDATION_FAILED
    for _ in range(2):
        left = (await ground.blocks.remove(of(one), BlockChange(three))).blocks
        assert [block.user_id for block in left] == [str(two)]
        assert (await ground.blocks.list(of(one), BlockList())).blocks == left
    assert (await ground.blocks.list(of(two), BlockList())).blocks == []


async def test_only_what_one_can_see_is_reported(ground):
    one, two, stranger = await ground.people(3)
    here = await ground.seeder.conversation(one, two)
    await ground.seeder.conversation(two, stranger)
    await ground.seeder.message(here)
    seen = (
        ReportCreate("message", here.ids[1], "spam", "look"),
        ReportCreate("conversation", here.id, "spam", "look"),
        ReportCreate("user", two, "spam", "look"),
    )
    change = msgspec.structs.replace
    for request in seen:
        made = (await ground.reports.create(of(one), request)).report
        assert (made.subject_type, made.subject_id) == (
            request.subject_type,
            str(request.subject_id),
        )
        assert (made.reason, made.text, made.status) == ("spam", "look", "open")
        other = change(request, reason="fraud", text=None)
        again = (await ground.reports.create(of(one), other)).report
        assert (again.id, again.reason, again.text) == (made.id, "fraud", None)
        absent = change(request, subject_id=uuid4())
        assert await refusal(ground.reports.create(of(one), absent)) == ErrorCode.NOT_FOUND
        if request.subject_type != "user":
            assert await refusal(ground.reports.create(of(stranger), request)) == "not_found"
    await ground.seeder.change_member(here, one, "left_at = now()")
    for request, code in (
        (seen[0], "not_found"),
        (seen[1], "not_found"),
        (ReportCreate("user", one, "spam"), "validation_failed"),
        (ReportCreate("user", two, "spam", "x" * 4001), "validation_failed"),
    ):
        assert await refusal(ground.reports.create(of(one), request)) == code


async def test_templates_are_ones_own(ground):
    one, two = await ground.people(2)
    for number in (1, 2):
        await ground.templates.create(of(one), TemplateCreate(f"t{number}", "text"))
    full = TemplateCreate("t3", "text")
    assert await refusal(ground.templates.create(of(one), full)) == ErrorCode.CONFLICT
    for bad in (("", "x"), ("x", " "), ("x" * 201, "x"), ("x", "x" * 4001)):
        code = await refusal(ground.templates.create(of(two), TemplateCreate(*bad)))
        assert code == ErrorCode.VALIDATION_FAILED
    kept = (await ground.templates.list(of(one), TemplateList())).templates
    assert [(one.title, one.content) for one in kept] == [("t1", "text"), ("t2", "text")]
    gone = TemplateDelete(UUID(kept[0].id))
    assert await refusal(ground.templates.delete(of(two), gone)) == ErrorCode.NOT_FOUND
    assert (await ground.templates.delete(of(one), gone)).templates == kept[1:]
    assert await refusal(ground.templates.delete(of(one), gone)) == ErrorCode.NOT_FOUND


def item(user: UUID, key: str | None = None, **rest: Any) -> NewNotification:
    return msgspec.structs.replace(NewNotification(user, "t", "message", group_key=key), **rest)


async def page(ground: Ground, user: UUID, **asked: Any) -> NotificationPage:
    return await ground.notifications.page(of(user), NotificationList(**asked))


async def listed(ground: Ground, user: UUID) -> list[Notification]:
    return (await page(ground, user, limit=3)).notifications


async def numbered(ground: Ground, count: int, *users: UUID) -> None:
    """Numbered notifications, a second apart."""
    for number in range(count):
        await ground.store.notify([item(user, data={"n": number}) for user in users])
    await ground.connection.execute(
        "update notifications set created_at = created_at - interval '1 hour',"
        " updated_at = updated_at - interval '1 minute' + "
        "(data ->> 'n')::int * interval '1 second'"
    )


async def test_unread_repeats_of_a_group_are_one(ground):
    one, two = await ground.people(2)
    await ground.store.notify(
        [item(one, "g", data={"n": 1}), item(one, "g", data={"n": 2}), item(two, "g")]
    )
    (first,) = await listed(ground, one)
    assert (first.count, first.priority, first.data) == (2, "normal", {"n": 2})
    (told,) = await ground.told()
    assert told[:3] == ("realtime", "notification.created", None) and set(told[3]) == {one, two}
    await ground.store.notify([item(one, "g", data={"n": 3}), item(one), item(one)])
    again = {one.id: one for one in await listed(ground, one)}
    assert len(again) == 3
    assert (again[first.id].count, again[first.id].data) == (3, {"n": 3})
    assert [kind for _, kind, _, _ in await ground.told()] == [
        "notification.created",
        "notification.updated",
    ]
    await ground.notifications.read(of(one), NotificationRead(ids=[UUID(first.id)]))
    await ground.store.notify([item(one, "g")])
    await ground.connection.execute(
        "update notifications set updated_at = updated_at - interval '1 hour' where id = any($1)",
        [UUID(known) for known in again],
    )
    (fresh,) = (await page(ground, one, limit=1)).notifications
    assert fresh.id not in again and fresh.count == 1 and ground.woken == 4


async def test_simultaneous_repeats_lose_no_count(ground):
    (one,) = await ground.people(1)
    await ground.warm_up()
    await asyncio.gather(*(ground.store.notify([item(one, "g")]) for _ in range(8)))
    assert [one.count for one in await listed(ground, one)] == [8]


async def test_the_list_goes_on_where_it_stopped(ground):
    one, two = await ground.people(2)
    await numbered(ground, 5, one, two)
    past = datetime.now(UTC) - timedelta(seconds=1)
    await ground.store.notify([item(one, data={"n": 9}, expires_at=past)])
    first = await page(ground, one)
    assert [one.data["n"] for one in first.notifications] == [4, 3] and first.unread == 5
    rest = await page(ground, one, cursor=first.next_cursor, limit=3)
    assert [one.data["n"] for one in rest.notifications] == [2, 1, 0]
    assert rest.next_cursor is None
    for user, asked in ((two, {}), (one, {"unread": True})):
        code = await refusal(page(ground, user, cursor=first.next_cursor, **asked))
        assert code == ErrorCode.BAD_REQUEST
    assert await refusal(page(ground, one, limit=4)) == ErrorCode.VALIDATION_FAILED
    read = [UUID(rest.notifications[0].id)]
    await ground.notifications.read(of(one), NotificationRead(ids=read))
    unread = await page(ground, one, limit=3, unread=True)
    assert [one.data["n"] for one in unread.notifications] == [4, 3, 1] and unread.unread == 4


async def test_reading_and_putting_away(ground):
    one, two = await ground.people(2)
    await numbered(ground, 3, one, two)
    newest, middle, oldest = await listed(ground, one)
    (theirs, *_) = await listed(ground, two)
    await ground.told()
    read = ("realtime", "notification.updated", None, [one])
    for request, unread in (
        (NotificationRead(up_to=middle.updated_at), 1),
        (NotificationRead(up_to=middle.updated_at), 1),
        (NotificationArchive([UUID(newest.id)]), 0),
        (NotificationArchive([UUID(newest.id)]), 0),
        (NotificationRead(ids=[UUID(theirs.id), uuid4()]), 0),
        (NotificationRead(ids=[]), 0),
    ):
        is_read = isinstance(request, NotificationRead)
        command = ground.notifications.read if is_read else ground.notifications.archive
        assert (await command(of(one), request)).unread == unread, request
    assert await ground.told() == [
        ("realtime", "notification.updated", None, [one, one]),
        read,
    ]
    assert [one.id for one in await listed(ground, one)] == [middle.id, oldest.id]
    found = await ground.listed.by_ids([one, one, two], [UUID(newest.id), UUID(theirs.id), uuid4()])
    assert list(found) == [UUID(newest.id)] and found[UUID(newest.id)].read_at
    assert await ground.listed.unread([one, two]) == {one: 0, two: 3}


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"ids": [], "up_to": TIME},
        {"ids": [uuid4() for _ in range(4)]},
        {"up_to": "yesterday"},
        {"up_to": "2026-11-01T00:00:00"},
        {"up_to": "0001-01-01T00:00:00+23:00"},
    ],
)
async def test_what_is_read_must_be_named_well(ground, asked):
    (one,) = await ground.people(1)
    code = await refusal(ground.notifications.read(of(one), NotificationRead(**asked)))
    assert code == ErrorCode.VALIDATION_FAILED


async def test_both_ways_of_naming_what_is_read_are_one_too_many(ground):
    (one,) = await ground.people(1)
    with pytest.raises(RequestError, match="ids and up_to were both given"):
        await ground.notifications.read(of(one), NotificationRead(ids=[], up_to=TIME))


async def note(ground: Ground, kind: str, **arrays: object) -> None:
    await ground.connection.execute(
        """
        insert into outbox (consumer, kind, conversation_ids, seqs, user_ids)
        values ('notifications', $1, $2, $3, $4)
        """,
        kind,
        arrays["conversations"],
        arrays.get("seqs"),
        arrays.get("users"),
    )


async def test_mentions_and_replies_are_noticed_by_those_they_concern(ground):
    names = ["author", "named", "muted", "left", "blocked", "other"]
    people = dict(zip(names, await ground.people(6), strict=True))
    author, named = people["author"], people["named"]
    here = await ground.seeder.conversation(*people.values())
    await ground.seeder.change_member(here, people["muted"], "is_muted = true")
    await ground.seeder.change_member(here, people["left"], "left_at = now()")
    await ground.block(people["blocked"], named)
    await ground.told()
    for sender in (author, people["muted"], people["blocked"], named):
        await ground.seeder.message(here, "secret", sender=sender)
    for parent in (1, 2, 3, 4):
        await ground.seeder.message(here, "secret", sender=named, parent_seq=parent)
    everyone = list(people.values())
    for seq, mentions in ((4, everyone), (5, [author])):
        await ground.connection.execute(
            "update messages set mentions = $2 where seq = $1", seq, mentions
        )
    seqs = list(range(4, 9))
    await note(ground, "message.created", conversations=[here.id] * 5, seqs=seqs)
    assert (await ground.notifier.consume()).rows == 1 and ground.woken == 1
    assert (await ground.notifier.consume()).rows == 0

    heard = {name: await listed(ground, user) for name, user in people.items()}
    assert [(one.type, one.count) for one in heard["author"]] == [("message.mention", 2)]
    assert [(one.type, one.count) for one in heard["other"]] == [("message.mention", 1)]
    for name in ("named", "muted", "left", "blocked"):
        assert heard[name] == [], name
    (mention,) = heard["other"]
    assert (mention.title, mention.content) == ("person 1 mentioned you", "Title")
    assert mention.data == {
        "conversation_id": str(here.id),
        "message_id": str(here.ids[4]),
        "seq": 4,
        "sender_id": str(named),
    }
    assert [kind for _, kind, _, _ in await ground.told()] == ["notification.created"]

    await ground.seeder.message(here, sender=people["other"], parent_seq=1)
    await note(ground, "message.created", conversations=[here.id], seqs=[9])
    await ground.notifier.consume()
    reply = (await listed(ground, author))[0]
    assert (reply.type, reply.title) == ("message.reply", "person 5 replied to you")


async def test_invitations_are_noticed_in_groups(ground):
    one, two, three = await ground.people(3)
    group = await ground.seeder.conversation(one, two, three)
    pair = await ground.seeder.conversation(one, two, kind="direct")
    await ground.seeder.change_member(group, three, "left_at = now()")
    conversations = [group.id, group.id, pair.id]
    await note(ground, "conversation.created", conversations=conversations, users=[two, three, two])
    await ground.notifier.consume()
    (invited,) = await listed(ground, two)
    assert (invited.type, invited.title) == (
        "conversation.invited",
        "You were added to “Title”",
    )
    assert invited.data == {"conversation_id": str(group.id)}
    assert await listed(ground, three) == []


async def test_the_notifier_runs_until_it_is_stopped(ground, monkeypatch):
    one, two = await ground.people(2)
    group = await ground.seeder.conversation(one, two)
    consume, calls = ground.notifier.consume, []

    async def flaky() -> Taken:
        calls.append(1)
        if len(calls) == 1:
            raise asyncpg.InterfaceError("away")
        taken: Taken = await consume()
        return taken

    monkeypatch.setattr(ground.notifier, "consume", flaky)
    running = asyncio.ensure_future(ground.notifier.run())
    await note(ground, "conversation.created", conversations=[group.id], users=[two])
    ground.notifier.wake()
    async with asyncio.timeout(10):
        while not await listed(ground, two):
            await asyncio.sleep(0.02)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
