"""Conversations and their members: who may, what is told, what stays whole."""

import asyncio
import time
from typing import Any
from uuid import UUID, uuid4

import pytest

from protocol.errors import ErrorCode
from protocol.objects import Conversation
from protocol.requests import (
    ConversationCreate,
    ConversationLeave,
    ConversationSettings,
    ConversationUpdate,
    MemberChange,
)
from tests.integration.changing.conftest import Ground, of, refusal

CREATED = ("realtime", "conversation.created")


async def create(ground: Ground, user: UUID, *others: UUID, **asked: Any) -> Conversation:
    request = ConversationCreate(**{"type": "group", "participant_ids": list(others)} | asked)
    return (await ground.conversations.create(of(user), request)).conversation


async def direct(ground: Ground, user: UUID, other: UUID, **asked: Any) -> Conversation:
    return await create(ground, user, other, type="direct", **asked)


async def add(ground: Ground, owner: UUID, conversation_id: UUID, user: UUID) -> Conversation:
    reply = await ground.members.add(of(owner), MemberChange(conversation_id, user))
    return reply.conversation


async def remove(ground: Ground, owner: UUID, conversation_id: UUID, user: UUID) -> Conversation:
    reply = await ground.members.remove(of(owner), MemberChange(conversation_id, user))
    return reply.conversation


async def leave(ground: Ground, user: UUID, conversation_id: UUID) -> None:
    await ground.members.leave(of(user), ConversationLeave(conversation_id))


async def update(ground: Ground, user: UUID, conversation_id: UUID, **asked: Any) -> Conversation:
    request = ConversationUpdate(conversation_id, **asked)
    return (await ground.conversations.update(of(user), request)).conversation


async def settings(ground: Ground, user: UUID, conversation_id: UUID, **asked: Any) -> Conversation:
    request = ConversationSettings(conversation_id, **asked)
    return (await ground.conversations.settings(of(user), request)).conversation


def roles(conversation: Conversation) -> dict[str, str]:
    return {one.user_id: one.role for one in conversation.participants}


async def test_a_group_is_its_creators(ground):
    one, two, three = await ground.people(3)
    made = await create(ground, one, two, three, one, two, title="Plans")
    assert (made.type, made.title, made.rev, made.last_seq) == ("group", "Plans", 1, 0)
    assert roles(made) == {str(one): "owner", str(two): "member", str(three): "member"}
    (realtime, notice) = await ground.told()
    assert realtime[:3] == (*CREATED, [1, 1, 1]) and set(realtime[3] or ()) == {one, two, three}
    assert notice[:2] == ("notifications", "conversation.created")
    assert set(notice[3] or ()) == {two, three} and ground.woken == 1


@pytest.mark.parametrize(
    ("asked", "named", "code"),
    [
        ({"type": "direct"}, ["two", "three"], "validation_failed"),
        ({"type": "direct"}, ["one"], "validation_failed"),
        ({"type": "direct"}, ["nobody"], "not_found"),
        ({"type": "direct"}, ["blocked"], "blocked"),
        ({"type": "direct"}, ["blocker"], "blocked"),
        ({"type": "support"}, [], "validation_failed"),
        ({"type": "job_inquiry"}, ["one"], "validation_failed"),
        ({}, ["two", "nobody"], "not_found"),
        ({}, ["two", "suspended"], "not_found"),
        ({}, ["two", "blocker"], "blocked"),
        ({"title": " "}, ["two"], "validation_failed"),
        ({"title": "x" * 201}, ["two"], "validation_failed"),
        ({}, ["crowd"], "conflict"),
    ],
)
async def test_creations_that_are_refused_leave_nothing(ground, asked, named, code):
    names = ["one", "two", "three", "blocked", "blocker", "suspended"]
    people = dict(zip(names, await ground.people(6), strict=True)) | {"nobody": uuid4()}
    await ground.block(people["one"], people["blocked"])
    await ground.block(people["blocker"], people["one"])
    await ground.connection.execute(
        "update users set status = 'suspended' where id = $1", people["suspended"]
    )
    await ground.told()
    others = await ground.people(34) if named == ["crowd"] else [people[name] for name in named]
    assert await refusal(create(ground, people["one"], *others, **asked)) == code
    assert await ground.connection.fetchval("select count(*) from conversations") == 0
    assert await ground.told() == [] and ground.woken == 0


async def test_a_pair_has_one_direct_conversation(ground):
    one, two, three = await ground.people(3)
    await ground.warm_up()
    made = await asyncio.gather(
        *(direct(ground, *pair) for pair in ((one, two), (two, one), (one, two), (two, one)))
    )
    assert len({conversation.id for conversation in made}) == 1
    assert [kind[:2] for kind in await ground.told()] == [CREATED]
    await ground.block(two, one)
    again = await direct(ground, one, two, title="other words")
    assert (again.id, again.title) == (made[0].id, None)
    assert (await direct(ground, one, three)).id != again.id


async def test_a_client_id_makes_one_conversation(ground):
    one, two, three = await ground.people(3)
    key = uuid4()
    made = await asyncio.gather(
        *(
            create(ground, one, *others, client_id=key)
            for others in ((two, three), (three, two, one))
        )
    )
    assert made[0].id == made[1].id and len(await ground.told()) == 2
    assert await refusal(create(ground, one, two, client_id=key)) == "duplicate_mismatch"
    assert (await create(ground, two, one, three, client_id=key)).id != made[0].id


async def test_title_and_status_are_the_owners(ground):
    one, two, stranger = await ground.people(3)
    here = (await ground.seeder.conversation(one, two)).id
    assert await refusal(update(ground, stranger, here, title="x")) == ErrorCode.NOT_FOUND
    assert await refusal(update(ground, two, here, title="x")) == ErrorCode.FORBIDDEN
    assert await refusal(update(ground, one, here, title="")) == ErrorCode.VALIDATION_FAILED
    for asked, rev, title, status in (
        ({}, 1, "Title", "open"),
        ({"title": "Title", "status": "open"}, 1, "Title", "open"),
        ({"title": "New", "status": "closed"}, 2, "New", "closed"),
        ({"title": None}, 3, None, "closed"),
        ({"title": None, "status": "closed"}, 3, None, "closed"),
        ({"status": "open"}, 4, None, "open"),
    ):
        changed = await update(ground, one, here, **asked)
        assert (changed.rev, changed.title, changed.status) == (rev, title, status)
    assert await ground.told() == [
        ("realtime", "conversation.updated", [rev], None) for rev in (2, 3, 4)
    ]


async def test_settings_are_ones_own_and_no_rev(ground):
    one, two, stranger = await ground.people(3)
    here = await ground.seeder.conversation(one, two)
    await ground.seeder.change_member(here, two, "role = 'observer'")
    await ground.close(here)
    assert await refusal(settings(ground, stranger, here.id, is_muted=True)) == "not_found"
    hint = ("realtime", "unread.changed", None, [two])
    event = ("realtime", "conversation.settings", None, [two])
    for asked, told in (
        ({}, []),
        ({"is_muted": True}, [event, hint]),
        ({"is_muted": True, "is_pinned": True}, [event]),
        ({"is_archived": True, "is_muted": True}, [event, hint]),
        ({"is_muted": False, "is_archived": True}, [event, hint]),
        ({"is_pinned": True, "is_archived": True}, []),
    ):
        view = await settings(ground, two, here.id, **asked)
        assert all(getattr(view, name) is value for name, value in asked.items())
        assert await ground.told() == told
    mine = (await ground.reader.for_user(two, [here.id]))[here.id]
    assert (mine.is_muted, mine.is_archived, mine.is_pinned) == (False, True, True)
    theirs = (await ground.reader.for_user(one, [here.id]))[here.id]
    assert (theirs.is_muted, theirs.is_archived, theirs.is_pinned) == (False, False, False)
    assert await ground.rev(here.id) == 1


async def test_who_joins_has_read_what_was_there(ground):
    one, two, three = await ground.people(3)
    here = await ground.seeder.conversation(one, two)
    await ground.seeder.message(here)
    joined = await add(ground, one, here.id, three)
    assert joined.rev == 3 and roles(joined)[str(three)] == "member"
    assert (await ground.reader.for_user(three, [here.id]))[here.id].unread == 0
    assert await ground.told() == [
        ("realtime", "conversation.created", [3], [three]),
        ("realtime", "member.joined", [3], [three]),
        ("notifications", "conversation.created", [3], [three]),
    ]
    assert (await add(ground, one, here.id, three)).rev == 3 and await ground.told() == []

    assert str(three) not in roles(await remove(ground, one, here.id, three))
    assert await ground.told() == [
        ("realtime", "member.left", [4], [three]),
        ("notifications", "member.left", None, [three]),
        ("realtime", "unread.changed", None, [three]),
    ]
    assert (await remove(ground, one, here.id, three)).rev == 4 and await ground.told() == []
    here.rev = 4
    await ground.seeder.message(here)
    assert (await add(ground, one, here.id, three)).rev == 6
    back = (await ground.reader.for_user(three, [here.id]))[here.id]
    assert (back.last_read_seq, back.unread) == (2, 0)
    assert await ground.connection.fetchval("select participant_count from conversations") == 3


@pytest.mark.parametrize("command", [add, remove])
@pytest.mark.parametrize(
    ("kind", "who", "whom", "code"),
    [
        ("group", "stranger", "three", "not_found"),
        ("group", "left", "three", "not_found"),
        ("group", "two", "three", "forbidden"),
        ("group", "observer", "three", "forbidden"),
        ("direct", "one", "three", "forbidden"),
        ("group", "one", "nobody", "not_found"),
    ],
)
async def test_members_are_the_owners_to_change(ground, command, kind, who, whom, code):
    one, two, three, left, observer, stranger = await ground.people(6)
    here = await ground.seeder.conversation(
        *((one, two) if kind == "direct" else (one, two, left, observer)), kind=kind
    )
    await ground.seeder.change_member(here, left, "left_at = now()")
    await ground.seeder.change_member(here, observer, "role = 'observer'")
    people = {
        "one": one,
        "two": two,
        "three": three,
        "left": left,
        "observer": observer,
        "stranger": stranger,
        "nobody": uuid4(),
    }
    assert await refusal(command(ground, people[who], here.id, people[whom])) == code
    assert await ground.told() == [] and await ground.rev(here.id) == 1


async def test_who_may_not_be_taken_in(ground):
    one, two, blocked, blocker, suspended, other = await ground.people(6)
    here = await ground.seeder.conversation(one, two)
    await ground.block(one, blocked)
    await ground.block(blocker, one)
    await ground.block(two, other)
    await ground.connection.execute(
        "update users set status = 'suspended' where id = $1", suspended
    )
    for user, code in ((blocked, "blocked"), (blocker, "blocked"), (suspended, "not_found")):
        assert await refusal(add(ground, one, here.id, user)) == code
    assert await refusal(remove(ground, one, here.id, one)) == ErrorCode.VALIDATION_FAILED
    await ground.close(here)
    assert await refusal(add(ground, one, here.id, other)) == ErrorCode.CONVERSATION_CLOSED
    await remove(ground, one, here.id, two)
    await update(ground, one, here.id, status="open")
    await add(ground, one, here.id, other)


async def test_a_crowd_is_told_over_one_channel_and_ends_somewhere(ground):
    one, *others = await ground.people(35)
    here = UUID((await create(ground, one, *others[:31])).id)
    fanout = "select fanout, fanout_changed_at is not null, participant_count from conversations"
    assert tuple(await ground.connection.fetchrow(fanout)) == ("user", False, 32)
    await add(ground, one, here, others[31])
    assert tuple(await ground.connection.fetchrow(fanout)) == ("conversation", True, 33)
    await remove(ground, one, here, others[0])
    changed_at = await ground.connection.fetchval("select fanout_changed_at from conversations")
    await add(ground, one, here, others[0])
    assert changed_at == await ground.connection.fetchval(
        "select fanout_changed_at from conversations"
    )
    await add(ground, one, here, others[32])
    assert await refusal(add(ground, one, here, others[33])) == ErrorCode.CONFLICT
    assert (await add(ground, one, here, others[32])).rev == 5
    large = UUID((await create(ground, one, *others[:32])).id)
    assert (
        await ground.connection.fetchval("select fanout from conversations where id = $1", large)
        == "conversation"
    )


async def test_leaving_passes_the_conversation_on(ground):
    one, observer, *members = await ground.people(4)
    three, two = sorted(members)
    here = await ground.seeder.conversation(one, three, two, observer)
    await ground.seeder.change_member(
        here, observer, "role = 'observer', joined_at = now() - interval '3 days'"
    )
    await ground.seeder.change_member(here, two, "joined_at = now() - interval '2 days'")
    await leave(ground, one, here.id)
    assert await refusal(leave(ground, one, here.id)) == ErrorCode.NOT_FOUND
    assert await ground.told() == [
        ("realtime", "member.left", [2], [one]),
        ("notifications", "member.left", None, [one]),
        ("realtime", "unread.changed", None, [one]),
        ("realtime", "conversation.updated", [3], None),
    ]
    view = (await ground.reader.for_user(two, [here.id]))[here.id]
    assert view.rev == 3 and roles(view) == {
        str(two): "owner",
        str(three): "member",
        str(observer): "observer",
    }
    for user, rev in ((observer, 4), (two, 6), (three, 7)):
        await leave(ground, user, here.id)
        assert await ground.rev(here.id) == rev
    assert await ground.connection.fetchval("select participant_count from conversations") == 0


async def test_nobody_leaves_a_direct_conversation(ground):
    one, two, stranger = await ground.people(3)
    here = await ground.seeder.conversation(one, two, kind="direct")
    assert await refusal(leave(ground, two, here.id)) == ErrorCode.FORBIDDEN
    assert await refusal(leave(ground, stranger, here.id)) == ErrorCode.NOT_FOUND
    assert await ground.rev(here.id) == 1


async def test_simultaneous_additions_make_one_member(ground):
    one, two, three = await ground.people(3)
    await ground.warm_up()
    here = await ground.seeder.conversation(one, two)
    await asyncio.gather(*(add(ground, one, here.id, three) for _ in range(4)))
    assert await ground.rev(here.id) == 2
    assert [kind for _, kind, _, _ in await ground.told()].count("member.joined") == 1
    assert await ground.connection.fetchval("select participant_count from conversations") == 3


async def test_simultaneous_departures_leave_one_owner(ground):
    one, two, three, four = await ground.people(4)
    await ground.warm_up()
    here = await ground.seeder.conversation(one, two, three, four)
    await ground.seeder.change_member(here, two, "role = 'owner'")
    await asyncio.gather(*(leave(ground, user, here.id) for user in (one, two, three)))
    view = (await ground.reader.for_user(four, [here.id]))[here.id]
    assert roles(view) == {str(four): "owner"}
    revs = [rev for _, _, revs, _ in await ground.told() for rev in revs or ()]
    assert revs == list(range(2, view.rev + 1))


async def test_locked_rows_are_unavailable_in_time(ground):
    one, two, three = await ground.people(3)
    here = await ground.seeder.conversation(one, two)
    async with ground.connection.transaction():
        await ground.connection.execute("select 1 from conversations for update")
        await ground.connection.execute("select 1 from conversation_participants for update")
        began = time.monotonic()
        codes = await asyncio.gather(
            refusal(add(ground, one, here.id, three)),
            refusal(remove(ground, one, here.id, two)),
            refusal(leave(ground, two, here.id)),
            refusal(update(ground, one, here.id, title="x")),
            refusal(settings(ground, one, here.id, is_muted=True)),
        )
        assert set(codes) == {ErrorCode.UNAVAILABLE} and time.monotonic() - began < 3
    assert await ground.told() == [] and await ground.rev(here.id) == 1
