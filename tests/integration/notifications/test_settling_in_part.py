"""What ends a part of a notification, or would come between it and its making."""

import asyncio
from typing import Any
from uuid import UUID

import asyncpg
import orjson
import pytest

from storage.notifications.rules import of_invitations
from tests.app import Served
from tests.integration.notifications.conftest import Group
from tests.integration.notifications.test_settling import of
from tests.wire import WAIT_S

WAITING = """
    select count(*) from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock' and wait_event = 'advisory'
"""


@pytest.mark.parametrize(("blocked", "left"), [("cyd", "ada"), ("ada", "cyd")])
async def test_a_block_takes_out_what_its_author_has_said(make, blocked, left):
    group = await make("ada", "ben", "cyd")
    first = {who: await group.mention(who, "ben") for who in ("ada", "cyd")}
    async with asyncio.timeout(WAIT_S):
        while (await group.until("ben", "message.mention", "conversation.invited"))[0]["count"] < 2:
            await asyncio.sleep(0.05)
    await group.wires["ben"].ask("block.add", user_id=group.people[blocked].id)
    told = await group.wires["ben"].expect(
        "notification.updated",
        where=lambda d: (
            d["notification"]["data"].get("message_id") == first[left]["id"]
            and d["notification"]["count"] == 1
        ),
    )
    assert told["d"]["notification"]["read_at"] is None
    await group.until("ben", "message.mention", "conversation.invited")


async def test_whose_account_is_closed_is_told_of_nothing_new(make, owner):
    group = await make("ada", "ben", "cyd")
    said = await group.say("ben")
    ben, cyd = (group.people[name].id for name in ("ben", "cyd"))
    await owner.execute("update users set status = 'deleted' where id = $1", ben)
    await group.say("ada", parent_id=said["id"], mentions=[cyd])
    told = "select array_agg(type order by type) from notifications where user_id = $1"
    async with asyncio.timeout(WAIT_S):
        while "message.mention" not in await owner.fetchval(told, cyd):
            await asyncio.sleep(0.05)
    assert await owner.fetchval(told, ben) == ["conversation.invited"]
    invited = await of_invitations(owner, [UUID(group.id)] * 2, [ben, cyd])
    assert [one.user_id for one in invited] == [cyd]


async def test_a_run_ends_with_its_last_message_whatever_else_is_unread(make):
    group = await make("ada", "ben")
    plain = await group.say("ada")
    await group.until("ben", "message.run", "conversation.invited")
    await group.mention("ada", "ben")
    await group.until("ben", "message.mention", "message.run", "conversation.invited")
    await group.wires["ada"].ask("message.delete", conversation_id=group.id, message_id=plain["id"])
    await group.until("ben", "message.mention", "conversation.invited")


async def test_a_run_names_nobody_of_whose_messages_none_is_left(make):
    group = await make("ada", "ben", "cyd")
    await group.say("cyd")
    last = await group.say("ada")
    await _titled(group, "ben", "2 new messages from ada and cyd")
    await group.wires["ada"].ask("message.delete", conversation_id=group.id, message_id=last["id"])
    await _titled(group, "ben", "New message from cyd")
    await group.wires["ben"].ask("block.add", user_id=group.people["cyd"].id)
    await group.until("ben", "conversation.invited")


async def test_a_block_takes_who_is_blocked_out_of_a_run(make):
    group = await make("ada", "ben", "cyd")
    await group.say("cyd")
    await group.say("ada")
    await _titled(group, "ben", "2 new messages from ada and cyd")
    await group.wires["ben"].ask("block.add", user_id=group.people["ada"].id)
    # What the conversation shows as unread stays.
    await _titled(group, "ben", "2 new messages from cyd")


async def test_a_run_that_was_put_away_does_not_come_back_with_a_mention(make, owner):
    group = await make("ada", "ben")
    await group.say("ada")
    run, _ = await group.until("ben", "message.run", "conversation.invited")
    await group.wires["ben"].ask("notification.archive", ids=[run["id"]])
    await group.mention("ada", "ben")
    async with asyncio.timeout(WAIT_S):
        while await owner.fetchval("select count(*) from outbox where consumer = 'message_runs'"):
            await asyncio.sleep(0.05)
    await group.until("ben", "message.mention", "conversation.invited")
    await group.say("ada")
    await group.until("ben", "message.run", "message.mention", "conversation.invited")


async def _titled(group: Group, who: str, title: str) -> None:
    """Return once somebody's unread run says this."""
    async with asyncio.timeout(WAIT_S):
        while title not in [
            one["title"]
            for one in (await group.listed(who))[0]
            if one["type"] == "message.run" and one["read_at"] is None
        ]:
            await asyncio.sleep(0.05)


async def test_what_is_turned_on_again_is_shown(make):
    group = await make("ada", "ben")
    change = {"category": "message", "channel": "in_app"}
    ben = group.wires["ben"]
    await ben.ask("preference.set", preferences=[change | {"is_enabled": False}])
    await group.mention("ada", "ben")
    await ben.ask("preference.set", preferences=[change | {"is_enabled": True}])
    await group.mention("ada", "ben")
    created = await ben.expect("notification.created", where=of("message.mention"))
    assert created["d"]["unread"]["notifications"] == 2
    await group.until("ben", "message.mention", "conversation.invited")


async def test_a_run_does_not_hang_on_the_clock(make, owner):
    group = await make("ada", "ben", kind="direct")
    await group.say("ada")
    await group.until("ben", "message.run")
    # As after a clock that was an hour ahead: messages are never older than those before.
    await owner.execute(
        "update conversations set last_message_at = now() + interval '1 hour' where id = $1",
        UUID(group.id),
    )
    await owner.execute(
        """
        insert into conversation_months (conversation_id, month, first_seq)
        select id, date_trunc('month', last_message_at, 'UTC'), 2 from conversations where id = $1
        on conflict do nothing
        """,
        UUID(group.id),
    )
    last = await group.say("ada")
    seq = "select seq from notifications where type = 'message.run'"
    async with asyncio.timeout(WAIT_S):
        while await owner.fetchval(seq) != last["seq"]:
            await asyncio.sleep(0.05)


async def test_the_release_before_tells_of_messages_that_are_read(make, owner):
    group = await make("ada", "ben")
    message = await group.say("ada")
    data = {"conversation_id": group.id, "message_id": message["id"], "seq": message["seq"]}
    item = {
        "user_id": str(group.people["ben"].id),
        "type": "message.mention",
        "category": "message",
        "title": "Ada mentioned you",
        "content": "in Group",
        "data": data | {"sender_id": str(group.people["ada"].id)},
        "group_key": f"message.mention:{group.id}",
    }
    await owner.execute("select notify_users($1::jsonb)", orjson.dumps([item]).decode())
    async with asyncio.timeout(WAIT_S):
        while "message.mention" not in await _unread(group, "ben"):
            await asyncio.sleep(0.05)
    await group.read("ben", message["seq"])
    assert await group.until("ben") == []


async def _unread(group: Group, who: str) -> list[str]:
    return [one["type"] for one in (await group.listed(who))[0] if one["read_at"] is None]


async def test_what_ends_a_notification_waits_for_who_makes_it(app: Served, owner) -> None:
    ada, ben = await app.people("ada", "ben")
    wires = [await app.connect(person) for person in (ada, ben)]
    made = await wires[0].ask("conversation.create", type="group", participant_ids=[ben.id])
    group = Group(app, {"ada": ada, "ben": ben}, dict(zip(("ada", "ben"), wires, strict=True)))
    group.id = made["conversation"]["id"]
    pool: asyncpg.Pool[Any] = app.app.core.foundation.pool
    async with pool.acquire() as other, other.transaction():
        # Another process is about to tell of a message, whose deletion comes meanwhile.
        await other.execute("select notifications_turn()")
        message = await group.mention("ada", "ben")
        item = {
            "user_id": str(ben.id),
            "type": "message.mention",
            "category": "message",
            "data": {"message_id": message["id"], "conversation_id": group.id},
            "group_key": f"message.mention:{group.id}",
            "subject_type": "conversation",
            "subject_id": group.id,
            "actor_id": str(ada.id),
            "seq": message["seq"],
        }
        await other.execute("select notify_users($1::jsonb)", orjson.dumps([item]).decode())
        await wires[0].ask("message.delete", conversation_id=group.id, message_id=message["id"])
        async with asyncio.timeout(WAIT_S):
            while not await owner.fetchval(WAITING):
                await asyncio.sleep(0.02)
    async with asyncio.timeout(WAIT_S):
        while "message.mention" in await _unread(group, "ben") or await owner.fetchval(
            "select count(*) from outbox where consumer = 'notifications'"
        ):
            await asyncio.sleep(0.05)
    ended = await owner.fetch("select ended from notifications where type = 'message.mention'")
    assert {row["ended"] for row in ended} == {"deleted"}
