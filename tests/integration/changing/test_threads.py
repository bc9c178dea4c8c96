"""Deleting replies: the tombstone and the parent, a rev for each."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

from protocol.objects import Message
from protocol.requests import MessageDelete
from protocol.text import format_time
from storage.messages.reader import MessageReader, MessageRows
from tests.integration.changing.conftest import LIMITS, Ground, of
from tests.seeding import Seeded

LONG_AGO = datetime(2026, 1, 10, tzinfo=UTC)


async def delete(ground: Ground, user: UUID, here: Seeded, seq: int) -> Message:
    request = MessageDelete(here.id, here.ids[seq])
    return (await ground.changes.delete(of(user), request)).message


def reader(ground: Ground) -> MessageReader:
    return MessageReader(ground.pool, MessageRows(lambda _file: ("", "never"), LIMITS))


async def thread(ground: Ground, here: Seeded, seq: int) -> list[int]:
    found = await reader(ground).thread(here.id, here.ids[seq], here.last_seq + 1, 10)
    return [message.seq for message in found]


async def message(ground: Ground, here: Seeded, seq: int) -> Message:
    (found,) = await reader(ground).range(here.id, seq, seq)
    return found


async def test_the_tombstone_and_the_parent_take_a_rev_each(ground):
    one, two = await ground.people(2)
    here = await ground.seeder.conversation(one, two)
    await ground.seeder.message(here, sender=one)
    for _ in range(2):
        await ground.seeder.message(here, sender=two, parent_seq=1)
    gone = await delete(ground, two, here, 2)
    assert (gone.is_deleted, gone.rev, gone.reply_count) == (True, 5, 0)
    assert [row for row in await ground.told() if row[1] != "unread.changed"] == [
        ("notifications", "message.deleted", None, None),
        ("realtime", "message.updated", [5], None),
        ("search", "message.updated", [5], None),
        # The parent's text is as it was.
        ("realtime", "message.updated", [6], None),
    ]
    parent = await message(ground, here, 1)
    assert (parent.rev, parent.reply_count, parent.content) == (6, 1, "hello")
    assert parent.last_reply_at == format_time(here.times[3])
    # Nothing to change, no rev.
    assert (await delete(ground, two, here, 2)).rev == 5
    assert await ground.rev(here.id) == 6


async def test_the_last_reply_is_the_newest_one_that_stands(ground):
    one, two = await ground.people(2)
    here = await ground.seeder.conversation(one, two)
    await ground.seeder.message(here, at=LONG_AGO)
    for month in range(1, 4):
        await ground.seeder.message(here, at=LONG_AGO + timedelta(days=30 * month), parent_seq=1)
    shown = []
    for seq in (3, 4, 2):
        await delete(ground, one, here, seq)
        parent = await message(ground, here, 1)
        shown.append((parent.reply_count, parent.last_reply_at))
        # What was deleted stays in the thread, also at its end.
        assert await thread(ground, here, 1) == [2, 3, 4]
    assert shown == [(2, format_time(here.times[4])), (1, format_time(here.times[2])), (0, None)]


async def test_a_deleted_parent_has_one_reply_less_too(ground):
    one, two = await ground.people(2)
    here = await ground.seeder.conversation(one, two)
    await ground.seeder.message(here, sender=one)
    await ground.seeder.message(here, sender=two, parent_seq=1)
    await delete(ground, one, here, 1)
    await delete(ground, two, here, 2)
    parent = await message(ground, here, 1)
    assert (parent.is_deleted, parent.reply_count, parent.rev) == (True, 0, 6)


async def test_replies_that_are_deleted_at_once_are_counted_once_each(ground):
    one, two = await ground.people(2)
    here = await ground.seeder.conversation(one, two)
    await ground.seeder.message(here, sender=one)
    for _ in range(5):
        await ground.seeder.message(here, sender=two, parent_seq=1)
    await ground.warm_up()
    await asyncio.gather(*(delete(ground, two, here, seq) for seq in (2, 3, 4, 5, 2, 3)))
    parent = await message(ground, here, 1)
    assert parent.reply_count == 1
    assert await ground.rev(here.id) == 7 + 8
