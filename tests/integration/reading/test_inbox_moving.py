"""Paging the inbox while conversations move up in it."""

from datetime import datetime, timedelta
from uuid import UUID

import asyncpg

from storage.conversations import reader
from storage.conversations.reader import ConversationReader, InboxPosition
from tests.seeding import START, Seeded, Seeder


async def inbox(seeder: Seeder, count: int) -> tuple[UUID, list[Seeded]]:
    """A person, with conversations, the newest first."""
    me = await seeder.user()
    places = [
        await seeder.conversation(me, created_at=START + timedelta(hours=number))
        for number in range(count)
    ]
    return me, places[::-1]


async def later(seeder: Seeder) -> datetime:
    """Now, but after every message: the inbox does not tell apart what one millisecond sees."""
    at: datetime = await seeder.connection.fetchval(
        """
        select greatest(date_trunc('milliseconds', clock_timestamp()),
                        max(last_message_at) + interval '1 millisecond')
        from conversations
        """
    )
    return at


async def move(seeder: Seeder, place: Seeded, at: datetime | None = None) -> None:
    """A message of now, or of that time."""
    await seeder.message(place, at=at or await later(seeder))


async def rest(
    conversations: ConversationReader, me: UUID, position: InboxPosition | None, limit: int = 2
) -> list[UUID]:
    """The pages from a position to the end."""
    seen = []
    while position is not None:
        page, position = await conversations.inbox(me, position, limit)
        seen += [UUID(one.id) for one in page]
    return seen


async def test_what_moves_up_comes_after_the_last_page(seeder, conversations):
    me, places = await inbox(seeder, 6)
    page, position = await conversations.inbox(me, None, 2)
    assert [one.id for one in page] == [str(place.id) for place in places[:2]]
    await move(seeder, places[4])
    await move(seeder, places[0])
    seen = await rest(conversations, me, position)
    # The one that was shown and moved comes again, every other one once.
    assert seen == [places[n].id for n in (2, 3, 5, 0, 4)]


async def test_nothing_comes_twice_where_nothing_moves(seeder, conversations):
    me, places = await inbox(seeder, 5)
    for place in places[::-1]:
        await move(seeder, place)
    _, position = await conversations.inbox(me, None, 2)
    assert await rest(conversations, me, position) == [place.id for place in places[2:]]


async def test_what_commits_after_the_first_page_with_a_time_before_is_not_missed(
    seeder, conversations, database_url
):
    me, places = await inbox(seeder, 4)
    other = await asyncpg.connect(database_url, timeout=10)
    try:
        async with other.transaction():
            at = await later(seeder)
            await move(Seeder(other), places[3], at)
            await move(seeder, places[0], at + timedelta(milliseconds=1))
            page, position = await conversations.inbox(me, None, 2)
            assert [one.id for one in page] == [str(place.id) for place in places[:2]]
    finally:
        await other.close()
    assert await rest(conversations, me, position) == [places[2].id, places[3].id]


async def test_many_that_move_are_paged_in_turn(seeder, conversations):
    me, places = await inbox(seeder, 8)
    _, position = await conversations.inbox(me, None, 2)
    for place in places[3:8]:
        await move(seeder, place)
    page, position = await conversations.inbox(me, position, 2)
    seen = [UUID(one.id) for one in page]
    assert seen == [places[2].id, places[7].id]
    # One more moves while those are paged, and one of them again.
    await move(seeder, places[0])
    await move(seeder, places[4])
    seen += await rest(conversations, me, position)
    assert seen == [places[n].id for n in (2, 7, 6, 5, 3, 4, 0)]


async def test_those_of_one_millisecond_are_paged_by_their_ids(seeder, conversations):
    me, places = await inbox(seeder, 7)
    _, position = await conversations.inbox(me, None, 1)
    at = await later(seeder)
    for n in (4, 2, 6, 3):
        await move(seeder, places[n], at)
    page, position = await conversations.inbox(me, position, 2)
    seen = [UUID(one.id) for one in page]
    assert seen == [places[1].id, places[5].id]
    first, *others = sorted((places[n].id for n in (2, 3, 4, 6)), reverse=True)
    page, position = await conversations.inbox(me, position, 1)
    assert [UUID(one.id) for one in page] == [first]
    # One that was shown moves to that time too, while they are paged.
    await move(seeder, places[5], at)
    assert await rest(conversations, me, position, 1) == [*others, places[5].id]


async def test_a_snapshot_of_many_transactions_is_shortened(seeder, conversations, monkeypatch):
    me, places = await inbox(seeder, 4)
    monkeypatch.setattr(reader, "SNAPSHOT_CHARS", 1)
    _, position = await conversations.inbox(me, None, 2)
    assert position.began.snapshot.endswith(":") and position.began.snapshot.count(":") == 2
    await move(seeder, places[3])
    assert await rest(conversations, me, position) == [places[2].id, places[3].id]
