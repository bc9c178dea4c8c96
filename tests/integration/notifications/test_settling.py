"""Notifications live and die with what they point to, on every device."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from server.http.documents.notifications import DATA
from tests.wire import WAIT_S


async def test_reading_reads_the_notification_on_every_device(make):
    group = await make("ada", "ben")
    laptop = await group.app.connect(group.people["ben"], "msgpack")
    message = await group.mention("ada", "ben")
    await group.until("ben", "message.mention", "conversation.invited")
    told = await laptop.expect("notification.created", where=of("message.mention"))
    assert told["d"]["unread"] == {"messages": 1, "notifications": 2}
    await group.read("ben", message["seq"])
    assert await group.until("ben") == []
    read = await laptop.expect("notification.updated", where=of("message.mention"))
    assert read["d"]["notification"]["read_at"]
    assert read["d"]["unread"] == {"messages": 0, "notifications": 0}


async def test_answering_reads_the_notification(make):
    group = await make("ada", "ben")
    laptop = await group.app.connect(group.people["ben"])
    message = await group.mention("ada", "ben")
    await group.until("ben", "message.mention", "conversation.invited")
    await group.say("ben", "yes", parent_id=message["id"])
    assert await group.until("ben") == []
    await laptop.expect("notification.updated", where=of("message.mention"))
    await group.until("ada", "message.reply")
    tablet = await group.app.connect(group.people["ada"], "msgpack")
    await group.say("ada", "whatever it is, who writes has read")
    assert await group.until("ada") == []
    await tablet.expect("notification.updated", where=of("message.reply"))


async def test_who_is_named_while_they_read_has_nothing_left(make, owner):
    group = await make("ada", "ben")

    async def name(number: int) -> None:
        await group.mention("ada", "ben")
        if number % 3 == 0:
            await group.read("ben", number)

    async def answer(number: int) -> None:
        await asyncio.sleep(number / 100)
        await group.say("ben", f"answer {number}")

    for _ in range(3):
        await asyncio.gather(*map(name, range(20)), *map(answer, range(20)))
    await group.say("ben", "the last word")
    async with asyncio.timeout(WAIT_S):
        while await owner.fetchval("select count(*) from outbox where consumer = 'notifications'"):
            await asyncio.sleep(0.05)
    left = """
        select p.noticed, n.type, n.seq, p.last_read_seq
        from conversation_participants p
        left join notifications n on n.user_id = p.user_id and n.subject_id = p.conversation_id
            and n.read_at is null and n.archived_at is null
        where p.user_id = $1
    """
    assert [tuple(row)[:2] for row in await owner.fetch(left, group.people["ben"].id)] == [
        (False, None)
    ]


async def test_what_is_read_in_part_counts_less(make):
    group = await make("ada", "ben")
    first = await group.mention("ada", "ben")
    await group.mention("ada", "ben")
    mention, _ = await group.until("ben", "message.mention", "conversation.invited")
    while mention["count"] < 2:
        mention, _ = await group.until("ben", "message.mention", "conversation.invited")
    await group.read("ben", first["seq"])
    (mention,) = await group.until("ben", "message.mention")
    assert mention["count"] == 1


async def test_a_deletion_lowers_and_ends(make):
    group = await make("ada", "ben", "cyd")
    first = await group.mention("ada", "ben")
    second = await group.mention("cyd", "ben")
    mention, _ = await group.until("ben", "message.mention", "conversation.invited")
    while mention["count"] < 2:
        mention, _ = await group.until("ben", "message.mention", "conversation.invited")
    assert (mention["data"]["message_id"], mention["title"]) == (
        second["id"],
        "2 new mentions of you",
    )
    await group.wires["cyd"].ask(
        "message.delete", conversation_id=group.id, message_id=second["id"]
    )
    await group.wires["ben"].expect("notification.updated", where=counting(1))
    mention, _ = await group.until("ben", "message.mention", "conversation.invited")
    assert mention["data"]["message_id"] == first["id"]
    assert mention["data"].keys() == set(DATA["message.mention"])
    assert mention["data"]["sender_id"] == str(group.people["ada"].id)
    await group.wires["ada"].ask("message.delete", conversation_id=group.id, message_id=first["id"])
    await group.until("ben", "conversation.invited")
    items, _unread = await group.listed("ben")
    assert [one["type"] for one in items] == ["conversation.invited"]


@pytest.mark.parametrize("who", ["ben", "ada"])
async def test_leaving_and_removal_end_all_of_the_conversation(make, who):
    group = await make("ada", "ben")
    await group.mention("ada", "ben")
    await group.until("ben", "message.mention", "conversation.invited")
    if who == "ben":
        await group.wires["ben"].ask("conversation.leave", conversation_id=group.id)
    else:
        await group.wires["ada"].ask(
            "member.remove", conversation_id=group.id, user_id=group.people["ben"].id
        )
    assert await group.until("ben") == []
    left = await group.wires["ben"].expect("notification.updated", where=of("message.mention"))
    assert left["d"]["notification"]["archived_at"] and left["d"]["unread"]["notifications"] == 0
    assert await group.listed("ben") == ([], 0)


async def test_a_block_ends_what_the_other_has_said(make):
    group = await make("ada", "ben", "cyd")
    await group.mention("ada", "ben")
    await group.until("ben", "message.mention", "conversation.invited")
    await group.wires["ben"].ask("block.add", user_id=group.people["ada"].id)
    await group.until("ben", "conversation.invited")
    await group.mention("cyd", "ben")
    await group.until("ben", "message.mention", "conversation.invited")


async def test_a_closed_account_has_nothing_open(make, owner):
    group = await make("ada", "ben")
    await group.mention("ada", "ben")
    await group.until("ben", "message.mention", "conversation.invited")
    await owner.execute("update users set status = 'deleted' where id = $1", group.people["ben"].id)
    left = await group.wires["ben"].expect("notification.updated", where=of("message.mention"))
    assert left["d"]["notification"]["archived_at"]


async def test_who_reads_in_time_leaves_no_trace(make):
    group = await make("ada", "ben", kind="direct")
    message = await group.say("ada")
    await group.read("ben", message["seq"])
    await group.say("ben", "what nobody reads")
    (run,) = await group.until("ada", "message.run")
    assert (run["count"], run["title"]) == (1, "New message from ben")
    assert await group.listed("ben") == ([], 0)


async def test_a_run_is_one_row_and_read_with_its_conversation(make):
    group = await make("ada", "ben", kind="direct")
    for number in range(3):
        await group.say("ada", f"message {number}")
    (run,) = await group.until("ben", "message.run")
    created = await group.wires["ben"].expect("notification.created", where=of("message.run"))
    # It counts in no figure of notifications: the conversation's is its badge.
    assert created["d"]["unread"] == {"messages": 3, "notifications": 0}
    assert run["count"] == 3 and (await group.listed("ben"))[1] == 0
    last = await group.say("ada", "one more")
    (run,) = await group.until("ben", "message.run")
    assert run["count"] == 4
    # Reading it here is seeing it: what is unread stays unread.
    seen = await group.wires["ben"].ask("notification.read", ids=[run["id"]])
    assert seen == {"unread": 0}
    (run,) = await group.until("ben", "message.run")
    assert run["seen_at"] and run["read_at"] is None
    assert (await group.app.http("GET", "/v1/unread", group.people["ben"])).body["messages"] == 4
    await group.read("ben", last["seq"])
    read = await group.wires["ben"].expect(
        "notification.updated", where=lambda d: bool(d["notification"]["read_at"])
    )
    assert read["d"]["notification"]["id"] == run["id"]
    assert await group.until("ben") == []


async def test_a_run_is_moved_once_the_next_messages_may_be_told(make, owner):
    group = await make("ada", "ben", kind="direct")
    first = await group.say("ada")
    (run,) = await group.until("ben", "message.run")
    later = [await group.say("ada", f"later {number}") for number in range(4)]
    seqs = "select seq, again_at from notifications where type = 'message.run'"
    async with asyncio.timeout(WAIT_S):
        while (await owner.fetchrow(seqs))["seq"] == first["seq"]:
            await asyncio.sleep(0.05)
    row = await owner.fetchrow(seqs)
    assert (row["seq"], row["again_at"]) == (later[-1]["seq"], None)
    (again,) = await group.until("ben", "message.run")
    assert again["id"] == run["id"] and again["updated_at"] > run["updated_at"]


async def test_who_is_mentioned_has_no_run_of_that_message(make):
    group = await make("ada", "ben", "cyd")
    await group.mention("ada", "ben")
    await group.until("cyd", "message.run", "conversation.invited")
    await group.until("ben", "message.mention", "conversation.invited")
    await group.say("ada", "and one for all")
    await group.until("ben", "message.run", "message.mention", "conversation.invited")


async def test_muted_and_blocked_people_have_no_run(make):
    group = await make("ada", "ben", "cyd", "dee")
    await group.wires["ben"].ask("conversation.settings", conversation_id=group.id, is_muted=True)
    await group.wires["cyd"].ask("block.add", user_id=group.people["ada"].id)
    await group.say("ada")
    await group.until("dee", "message.run", "conversation.invited")
    for who in ("ben", "cyd"):
        await group.until(who, "conversation.invited")


async def test_a_run_of_deleted_messages_ends(make):
    group = await make("ada", "ben", kind="direct")
    messages = [await group.say("ada"), await group.say("ada")]
    await group.until("ben", "message.run")
    for message in messages:
        await group.wires["ada"].ask(
            "message.delete", conversation_id=group.id, message_id=message["id"]
        )
    assert await group.until("ben") == []
    assert await group.listed("ben") == ([], 0)


async def test_above_32_people_only_those_named_are_told(make, owner):
    names = [f"person{number}" for number in range(33)]
    group = await make(*names)
    await group.mention("person0", "person1")
    await group.until("person1", "message.mention", "conversation.invited")
    async with asyncio.timeout(WAIT_S):
        while await owner.fetchval("select count(*) from outbox where consumer = 'message_runs'"):
            await asyncio.sleep(0.05)
    assert not await owner.fetchval("select count(*) from notifications where type = 'message.run'")


def of(kind: str) -> Callable[[dict[str, Any]], bool]:
    """Whether an event is of a notification of this type."""
    return lambda d: d["notification"]["type"] == kind


def counting(count: int) -> Callable[[dict[str, Any]], bool]:
    """Whether an event is of a notification that counts so many."""
    return lambda d: d["notification"]["count"] == count
