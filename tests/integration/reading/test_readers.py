"""Messages and conversations come out of the tables as the wire shows them."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import msgspec
import pytest

from protocol.limits import Limits
from protocol.text import format_time
from storage.conversations.reader import Committed
from storage.messages.reader import MessageReader, MessageRows
from tests.integration.reading.conftest import link
from tests.seeding import START

DECEMBER = datetime(2026, 12, 3, tzinfo=UTC)


async def test_a_plain_message(seeder, messages):
    user = await seeder.user()
    to = await seeder.conversation(user)
    seq = await seeder.message(to, "Grüße 你好")
    message = await messages.get(to.id, to.ids[seq])
    assert (message.seq, message.rev, message.content) == (1, 2, "Grüße 你好")
    assert (message.id, message.sender_id) == (str(to.ids[seq]), str(user))
    assert message.created_at == format_time(START + timedelta(seconds=1))
    assert (message.attachments, message.reactions, message.mentions) == ([], {}, [])
    assert (await messages.by_refs([(to.id, 1)]))[to.id, 1] == message


async def test_attachments_come_in_order_with_signed_links(seeder, messages):
    to = await seeder.conversation(await seeder.user())
    seq = await seeder.message(to)
    file_ids = await seeder.attach(to, seq, "a.png", "b.png")
    message = await messages.get(to.id, to.ids[seq])
    assert [attachment.name for attachment in message.attachments] == ["a.png", "b.png"]
    assert message.attachments[1].url == link(file_ids[1])[0]
    assert message.attachments[0].bytes == 5


async def test_reactions_list_the_first_people_and_count_all(seeder, messages, pool):
    users = [await seeder.user() for _ in range(23)]
    to = await seeder.conversation(*users)
    seq = await seeder.message(to)
    for user in users:
        await seeder.react(to, seq, "👍", user)
    await seeder.react(to, seq, "剪", users[3])
    message = await messages.get(to.id, to.ids[seq])
    assert message.reaction_counts == {"👍": 23, "剪": 1}
    assert message.reactions == {"👍": [str(user) for user in users[:20]], "剪": [str(users[3])]}
    few = MessageReader(pool, MessageRows(link, Limits(emoji_users_shown=2)))
    fewer = await few.get(to.id, to.ids[seq])
    assert fewer is not None and fewer.reactions["👍"] == [str(user) for user in users[:2]]


async def test_a_tombstone_shows_nothing_of_the_message(seeder, messages):
    user = await seeder.user()
    to = await seeder.conversation(user)
    seq = await seeder.message(to, "secret")
    await seeder.attach(to, seq, "secret.png")
    await seeder.react(to, seq, "👍", user)
    await seeder.delete(to, seq)
    message = await messages.get(to.id, to.ids[seq])
    assert message.is_deleted
    assert (message.content, message.attachments, message.reactions) == (None, [], {})


async def test_references_find_messages_of_any_month_and_state(seeder, messages):
    to = await seeder.conversation(await seeder.user())
    other = await seeder.conversation(to.members[0])
    for month in range(3):
        await seeder.message(to, at=START + timedelta(days=31 * month))
    await seeder.message(other, at=DECEMBER)
    await seeder.delete(to, 2)
    refs = [(to.id, 3), (to.id, 1), (to.id, 2), (other.id, 1), (to.id, 4), (uuid4(), 1)]
    found = await messages.by_refs(refs)
    assert set(found) == set(refs[:4])
    assert all(found[ref].seq == ref[1] for ref in found)
    assert found[to.id, 2].is_deleted


@pytest.mark.parametrize("message_id", [UUID(int=0), UUID(int=2**128 - 1), uuid4()])
async def test_an_id_of_nothing_finds_nothing(seeder, messages, message_id):
    to = await seeder.conversation(await seeder.user())
    await seeder.message(to)
    assert await messages.get(to.id, message_id) is None
    of_another_conversation = await seeder.conversation(to.members[0])
    assert await messages.get(of_another_conversation.id, to.ids[1]) is None


async def test_an_id_with_the_right_time_and_seq_but_other_bits_finds_nothing(seeder, messages):
    to = await seeder.conversation(await seeder.user())
    await seeder.message(to)
    forged = UUID(int=to.ids[1].int ^ (1 << 40))
    assert await messages.get(to.id, forged) is None


async def test_ranges_cross_months_and_end_with_the_conversation(seeder, messages):
    to = await seeder.conversation(await seeder.user())
    for day in range(0, 100, 10):
        await seeder.message(to, at=START + timedelta(days=day))
    for first, last in [(1, 10), (1, 1), (10, 10), (3, 4), (2, 7), (8, 30)]:
        found = await messages.range(to.id, first, last)
        assert [message.seq for message in found] == list(range(first, min(last, 10) + 1))
    assert await messages.range(to.id, 5, 4) == []


async def test_a_thread_holds_the_replies_to_one_message(seeder, messages):
    to = await seeder.conversation(await seeder.user())
    for day, parent in enumerate([None, None, 1, 2, 1, 1, None, 1]):
        await seeder.message(to, at=START + timedelta(days=day * 9), parent_seq=parent)

    async def seqs(before: int, limit: int) -> list[int]:
        found = await messages.thread(to.id, to.ids[1], before, limit)
        return [message.seq for message in found]

    assert await seqs(99, 10) == [3, 5, 6, 8]
    assert await seqs(99, 2) == [6, 8]
    assert await seqs(6, 2) == [3, 5]
    assert await seqs(3, 2) == []
    parent = await messages.get(to.id, to.ids[1])
    assert (parent.reply_count, parent.rev) == (4, 9)


async def test_a_conversation_of_ones_own(seeder, conversations):
    me, other, stranger = [await seeder.user() for _ in range(3)]
    to = await seeder.conversation(me, other, stranger)
    for text in ("one", "two", "three"):
        await seeder.message(to, text, sender=other)
    await seeder.read(to, me, 1)
    await seeder.delete(to, 2)
    await seeder.change_member(to, me, "is_muted = true")
    await seeder.change_member(to, stranger, "left_at = now()")
    conversation = (await conversations.for_user(me, [to.id]))[to.id]
    assert (conversation.last_seq, conversation.rev, conversation.unread) == (3, 5, 1)
    assert (conversation.last_read_seq, conversation.is_muted) == (1, True)
    assert (conversation.is_archived, conversation.is_pinned) == (False, False)
    assert conversation.last_message.content == "three"
    assert [(p.user_id, p.role, p.last_read_seq) for p in conversation.participants] == [
        (str(me), "owner", 1),
        (str(other), "member", 0),
    ]
    assert await conversations.for_user(stranger, [to.id, uuid4()]) == {}


async def test_what_everyone_sees_has_nobodys_own_fields(seeder, conversations):
    me, other = await seeder.user(), await seeder.user()
    to = await seeder.conversation(me, other)
    conversation = (await conversations.shared([to.id, uuid4()]))[to.id]
    assert conversation.last_message is None
    told = msgspec.to_builtins(conversation)
    assert not {"unread", "last_read_seq", "is_muted", "is_archived", "is_pinned"} & set(told)


async def test_what_was_told_to_each_before_the_growth_and_to_the_conversation_after(
    seeder, conversations
):
    me, other, gone = [await seeder.user() for _ in range(3)]
    small, large = [await seeder.conversation(me, other, gone) for _ in range(2)]
    for to in (small, large):
        await seeder.change_member(to, gone, "left_at = now(), left_rev = 0")
    at = small.at
    await seeder.connection.execute(
        "update conversations set fanout = 'conversation', fanout_changed_at = $2 where id = $1",
        large.id,
        at,
    )
    people = sorted([str(me), str(other)])
    for committed_at, fanout in [
        (at - timedelta(hours=1), "both"),
        (at + timedelta(seconds=29), "both"),
        (at + timedelta(seconds=31), "conversation"),
    ]:
        committed = dict.fromkeys([small.id, large.id], Committed(committed_at, 1))
        audience = await conversations.audience(committed)
        assert audience[small.id].fanout == "user"
        assert audience[small.id].of(1) == people
        assert audience[large.id].fanout == fanout
        assert audience[large.id].of(1) == (people if fanout == "both" else [])


async def test_visible_means_having_joined_and_not_left(seeder, conversations):
    me, gone, stranger = [await seeder.user() for _ in range(3)]
    to = await seeder.conversation(me, gone)
    await seeder.change_member(to, gone, "left_at = now()")
    assert await conversations.visible_last_seq(me, to.id) == 0
    assert await conversations.visible_last_seq(gone, to.id) is None
    assert await conversations.visible_last_seq(stranger, to.id) is None
    assert await conversations.visible_last_seq(me, uuid4()) is None


async def test_the_inbox_is_paged_by_activity(seeder, conversations):
    me = await seeder.user()
    all_of_them = []
    for number in range(7):
        to = await seeder.conversation(me, created_at=START + timedelta(hours=number // 2))
        if number % 3 == 0:
            await seeder.message(to, at=START + timedelta(days=1))
        all_of_them.append(to)
    expected = [to.id for to in sorted(all_of_them, key=lambda to: (to.at, to.id), reverse=True)]
    seen, position = [], None
    for _ in range(4):
        page, position = await conversations.inbox(me, position, 2)
        seen += [UUID(conversation.id) for conversation in page]
    assert seen == expected
    assert position is None


async def test_the_inbox_is_filtered(seeder, conversations):
    me = await seeder.user()
    plain, archived, left = [await seeder.conversation(me) for _ in range(3)]
    direct = await seeder.conversation(me, kind="direct")
    await seeder.change_member(archived, me, "is_archived = true")
    await seeder.change_member(left, me, "left_at = now()")

    async def ids(**filters: object) -> set[str]:
        page, _ = await conversations.inbox(me, None, 10, **filters)
        return {conversation.id for conversation in page}

    assert await ids() == {str(plain.id), str(direct.id)}
    assert await ids(is_archived=True) == {str(archived.id)}
    assert await ids(kind="direct") == {str(direct.id)}
    assert await ids(kind="direct", is_archived=True) == set()


async def test_unread_totals_leave_out_muted_and_archived(seeder, conversations):
    me, other = await seeder.user(), await seeder.user()
    counted, muted, archived, left = [await seeder.conversation(me, other) for _ in range(4)]
    for to in (counted, muted, archived, left):
        for _ in range(3):
            await seeder.message(to, sender=other)
    await seeder.delete(counted, 1)
    await seeder.read(counted, me, 1)
    await seeder.change_member(muted, me, "is_muted = true")
    await seeder.change_member(archived, me, "is_archived = true")
    await seeder.change_member(left, me, "left_at = now()")
    nobody = uuid4()
    assert await conversations.unread_totals([me, nobody]) == {me: 2, nobody: 0}
    asked = [(me, one) for one in (counted.id, muted.id, left.id, nobody)]
    assert await conversations.unread_of([*asked, (other, counted.id), (nobody, muted.id)]) == {
        (me, counted.id): 2,
        (me, muted.id): 3,
        # The deleted one counts for nobody.
        (other, counted.id): 2,
    }
