"""Changes of messages: who may, what is left, what is told."""

import asyncio
import time
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from protocol.errors import ErrorCode
from protocol.objects import Message
from protocol.requests import MessageDelete, MessageEdit, MessagePin, ReactionChange
from storage.database.change_call import ChangeCalls
from storage.database.queries import load_queries
from tests.integration.changing.conftest import Ground, of, refusal

ALL = ("edit", "delete", "pin", "unpin", "react", "unreact")
BUT_DELETE = tuple(name for name in ALL if name != "delete")


async def change(
    ground: Ground, name: str, user: UUID, conversation_id: UUID, message_id: UUID, text: str = "👍"
) -> Message:
    ids = (conversation_id, message_id)
    request = {
        "edit": lambda: MessageEdit(*ids, text),
        "delete": lambda: MessageDelete(*ids),
        "pin": lambda: MessagePin(*ids),
        "unpin": lambda: MessagePin(*ids),
        "react": lambda: ReactionChange(*ids, text),
        "unreact": lambda: ReactionChange(*ids, text),
    }[name]()
    reply = await getattr(ground.changes, name)(of(user), request)
    message: Message = reply.message
    return message


@pytest.mark.parametrize("name", ALL)
async def test_who_may_not_see_is_told_the_same_as_of_nothing(ground, name):
    owner, left, stranger = await ground.people(3)
    here = await ground.seeder.conversation(owner, left)
    other = await ground.seeder.conversation(owner, stranger)
    seq = await ground.seeder.message(here, sender=owner)
    await ground.seeder.message(other, sender=stranger)
    await ground.seeder.change_member(here, left, "left_at = now()")
    await ground.seeder.connection.execute("begin")
    await ground.seeder.connection.execute(
        "select 1 from conversations where id = $1 for update", here.id
    )
    # Also while somebody holds the conversation: a stranger does not wait for it.
    for user, conversation_id in ((stranger, here.id), (left, here.id), (owner, uuid4())):
        code = await refusal(change(ground, name, user, conversation_id, here.ids[seq]))
        assert code == ErrorCode.NOT_FOUND
    await ground.seeder.connection.execute("rollback")
    for message_id in (uuid4(), other.ids[1]):
        code = await refusal(change(ground, name, owner, here.id, message_id))
        assert code == ErrorCode.NOT_FOUND
    assert await ground.told() == [] and ground.woken == 0


@pytest.mark.parametrize("name", ALL)
async def test_observers_change_nothing(ground, name):
    owner, observer = await ground.people(2)
    here = await ground.seeder.conversation(owner, observer)
    await ground.seeder.message(here, sender=observer)
    await ground.seeder.change_member(here, observer, "role = 'observer'")
    code = await refusal(change(ground, name, observer, here.id, here.ids[1]))
    assert code == ErrorCode.FORBIDDEN and await ground.told() == []


@pytest.mark.parametrize("name", BUT_DELETE)
async def test_a_closed_conversation_and_a_block_refuse_all_but_deleting(ground, name):
    one, two, three = await ground.people(3)
    pair = await ground.seeder.conversation(one, two, kind="direct")
    last_two = await ground.seeder.conversation(one, two, three)
    await ground.seeder.change_member(last_two, three, "left_at = now()")
    group = await ground.seeder.conversation(one, two, three)
    for here in (pair, last_two, group):
        await ground.seeder.message(here, sender=one)
    await ground.block(two, one)
    for here in (pair, last_two):
        code = await refusal(change(ground, name, one, here.id, here.ids[1]))
        assert code == ErrorCode.BLOCKED
    await change(ground, name, one, group.id, group.ids[1])
    await ground.close(group)
    code = await refusal(change(ground, name, one, group.id, group.ids[1]))
    assert code == ErrorCode.CONVERSATION_CLOSED
    for here in (pair, group):
        assert (await change(ground, "delete", one, here.id, here.ids[1])).is_deleted


async def test_an_edit_is_the_senders(ground):
    one, two = await ground.people(2)
    here = await ground.seeder.conversation(one, two)
    await ground.seeder.message(here, "old", sender=two)
    assert await refusal(change(ground, "edit", one, here.id, here.ids[1])) == ErrorCode.FORBIDDEN
    for text in ("", " \n", "x" * 4001):
        code = await refusal(change(ground, "edit", two, here.id, here.ids[1], text))
        assert code == ErrorCode.VALIDATION_FAILED
    same = await change(ground, "edit", two, here.id, here.ids[1], "old")
    assert (same.rev, same.edited_at) == (2, None) and await ground.told() == []
    edited = await change(ground, "edit", two, here.id, here.ids[1], "x" * 4000)
    assert (edited.rev, edited.content) == (3, "x" * 4000) and edited.edited_at
    assert await ground.rev(here.id) == 3 and ground.woken == 1
    assert await ground.told() == [
        ("realtime", "message.updated", [3], None),
        ("search", "message.updated", [3], None),
    ]


async def test_a_deletion_leaves_a_tombstone_and_nothing_else(ground):
    one, two, three = await ground.people(3)
    here = await ground.seeder.conversation(one, two, three)
    await ground.seeder.message(here, "secret", sender=two)
    await ground.seeder.attach(here, 1, "secret.png")
    await change(ground, "react", three, here.id, here.ids[1])
    await change(ground, "pin", three, here.id, here.ids[1])
    await ground.connection.execute("update messages set mentions = $1", [three])
    await ground.seeder.read(here, one, 1)
    await ground.told()

    assert await refusal(change(ground, "delete", three, here.id, here.ids[1])) == "forbidden"
    gone = await change(ground, "delete", one, here.id, here.ids[1])
    assert gone.is_deleted and gone.rev == 5 and gone.content is None and not gone.is_pinned
    assert not (gone.attachments or gone.reactions or gone.reaction_counts or gone.mentions)
    for table in ("message_attachments", "message_reactions", "message_pins"):
        assert await ground.connection.fetchval(f"select count(*) from {table}") == 0
    ended, *told = await ground.told()
    assert ended == ("notifications", "message.deleted", None, None)
    assert told[:2] == [
        ("realtime", "message.updated", [5], None),
        ("search", "message.updated", [5], None),
    ]
    consumer, kind, revs, users = told[2]
    assert (consumer, kind, revs, set(users or ())) == (
        "realtime",
        "unread.changed",
        None,
        {two, three},
    )
    assert await ground.reader.unread_of([(three, here.id)]) == {(three, here.id): 0}

    assert (await change(ground, "delete", two, here.id, here.ids[1])).rev == 5
    for name in ("unpin", "unreact"):
        assert (await change(ground, name, two, here.id, here.ids[1])).rev == 5
    for name in ("edit", "pin", "react"):
        assert await refusal(change(ground, name, two, here.id, here.ids[1])) == "conflict"
    assert await ground.told() == [] and await ground.rev(here.id) == 5


async def test_in_a_direct_conversation_each_deletes_only_their_own(ground):
    one, two = await ground.people(2)
    here = await ground.seeder.conversation(one, two, kind="direct")
    await ground.seeder.message(here, sender=two)
    assert await refusal(change(ground, "delete", one, here.id, here.ids[1])) == "forbidden"
    assert (await change(ground, "delete", two, here.id, here.ids[1])).is_deleted


async def test_reactions_are_counted_limited_and_each_once(ground):
    one, two = await ground.people(2)
    here = await ground.seeder.conversation(one, two)
    await ground.seeder.message(here)
    mid = here.ids[1]
    for user, emoji, rev in ((one, "👍", 3), (one, "👍", 3), (two, "👍", 4), (one, "👩‍👩‍👧‍👦", 5)):
        assert (await change(ground, "react", user, here.id, mid, emoji)).rev == rev
    assert await refusal(change(ground, "react", two, here.id, mid, "🎉")) == "conflict"
    for bad in ("", " ", "a b", "\x07", "x" * 33):
        code = await refusal(change(ground, "react", two, here.id, mid, bad))
        assert code == ErrorCode.VALIDATION_FAILED
    told = await ground.told()
    assert told == [("realtime", "message.updated", [rev], None) for rev in (3, 4, 5)]

    gone = await change(ground, "unreact", two, here.id, mid)
    assert gone.reactions == {"👍": [str(one)], "👩‍👩‍👧‍👦": [str(one)]} and gone.rev == 6
    assert (await change(ground, "unreact", two, here.id, mid)).rev == 6
    assert await ground.connection.fetchval("select reaction_count from messages") == 2
    await change(ground, "unreact", one, here.id, mid)
    assert (await change(ground, "react", two, here.id, mid, "🎉")).reaction_counts["🎉"] == 1


async def test_pins_are_limited_and_each_once(ground):
    one, two = await ground.people(2)
    here = await ground.seeder.conversation(one, two)
    for _ in range(3):
        await ground.seeder.message(here)
    for seq, rev in ((1, 5), (1, 5), (2, 6)):
        pinned = await change(ground, "pin", two, here.id, here.ids[seq])
        assert pinned.is_pinned and pinned.rev == rev
    assert await refusal(change(ground, "pin", two, here.id, here.ids[3])) == "conflict"
    for rev in (7, 7):
        unpinned = await change(ground, "unpin", one, here.id, here.ids[1])
        assert not unpinned.is_pinned and unpinned.rev == rev
    assert (await change(ground, "pin", two, here.id, here.ids[3])).rev == 8


async def test_a_change_moves_the_bound_of_an_older_month(ground):
    one, two = await ground.people(2)
    here = await ground.seeder.conversation(one, two, created_at=datetime(2026, 9, 1, tzinfo=UTC))
    for month in (9, 10, 11):
        await ground.seeder.message(here, at=datetime(2026, month, 9, tzinfo=UTC))
    bounds = "select max_rev from conversation_months order by month"
    before = [row[0] for row in await ground.connection.fetch(bounds)]
    assert before == [2, 3, None]
    for name, seq in (("react", 2), ("pin", 3), ("edit", 1), ("delete", 2)):
        await change(ground, name, one, here.id, here.ids[seq])
    assert [row[0] for row in await ground.connection.fetch(bounds)] == [7, 8, None]
    found = await ground.connection.fetch(
        "select seq, rev from messages where conversation_id = $1 and is_changed order by rev",
        here.id,
    )
    assert [tuple(row) for row in found] == [(3, 6), (1, 7), (2, 8)]


@pytest.mark.parametrize("name", ALL)
async def test_a_locked_conversation_is_unavailable_in_time(ground, name):
    one, two = await ground.people(2)
    here = await ground.seeder.conversation(one, two)
    await ground.seeder.message(here)
    async with ground.connection.transaction():
        await ground.connection.execute(
            "select 1 from conversations where id = $1 for update", here.id
        )
        began = time.monotonic()
        code = await refusal(change(ground, name, one, here.id, here.ids[1]))
        assert code == ErrorCode.UNAVAILABLE and 0.4 < time.monotonic() - began < 3
    await change(ground, name, one, here.id, here.ids[1])


async def test_simultaneous_changes_give_out_each_rev_once(ground):
    people = await ground.people(6)
    await ground.warm_up()
    here = await ground.seeder.conversation(*people)
    await ground.seeder.message(here)
    mid = here.ids[1]
    changed = await asyncio.gather(*(change(ground, "react", one, here.id, mid) for one in people))
    assert max(message.rev for message in changed) == 8
    told = await ground.told()
    assert sorted(revs[0] for _, _, revs, _ in told if revs) == [3, 4, 5, 6, 7, 8]
    assert await ground.connection.fetchval("select reaction_count from messages") == 6


async def test_a_member_removed_while_the_change_waits_may_no_longer(ground):
    one, two = await ground.people(2)
    here = await ground.seeder.conversation(one, two)
    await ground.seeder.message(here, "old", sender=two)
    async with ground.connection.transaction():
        await ground.connection.execute(
            "select 1 from conversations where id = $1 for no key update", here.id
        )
        await ground.connection.execute(
            "update conversation_participants set left_at = now() where user_id = $1", two
        )
        waiting = asyncio.ensure_future(
            refusal(change(ground, "edit", two, here.id, here.ids[1], "new"))
        )
        while not await ground.pool.fetchval("select count(*) from pg_locks where not granted"):
            await asyncio.sleep(0.01)
    assert await waiting == ErrorCode.NOT_FOUND
    assert await ground.connection.fetchval("select content from messages") == "old"


async def test_a_deadlock_repeats_the_call_a_bounded_number_of_times(ground, owner):
    await owner.execute(
        """
        create sequence tries;
        create function flaky(successful bigint) returns text language plpgsql as $$
        begin
            if nextval('tries') % successful <> 0 then
                raise exception 'again' using errcode = '40P01';
            end if;
            return 'ok';
        end $$
        """
    )
    calls = ChangeCalls(ground.pool, lambda: None)
    assert (await calls.row("select flaky(3) as verdict"))["verdict"] == "ok"
    assert await refusal(calls.row("select flaky(100) as verdict")) == ErrorCode.UNAVAILABLE
    assert await owner.fetchval("select last_value from tries") == 6


@pytest.mark.parametrize(
    "repository",
    [
        "messages/changes",
        "conversations/members",
        "people/blocks",
        "people/reports",
        "people/templates",
        "notifications/store",
        "notifications/reader",
        "notifications/rules",
    ],
)
async def test_queries_fit_the_schema(ground, repository):
    for query in load_queries(repository).values():
        await ground.connection.prepare(query)
