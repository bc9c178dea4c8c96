"""Reactions in several spellings: one in all that is shown, counted, limited and told."""

import asyncio
from uuid import UUID, uuid4

import asyncpg
import pytest

from handlers.messages.changes import Changes
from protocol.errors import ErrorCode, RequestError
from protocol.limits import Limits
from protocol.requests import ReactionChange
from storage.database import backfills, migrate
from storage.database.change_call import ChangeCalls
from storage.database.queries import load_queries
from storage.messages.changes import MessageChanges
from storage.messages.reaction_merge import ReactionMerge
from tests.integration.changing.conftest import Ground, of, refusal
from tests.seeding import Seeded

BEFORE = "0012"
"""The step before the one of reactions."""

HEART, RED_HEART = "\u2764", "\u2764\ufe0f"


async def scene(ground: Ground, people: int = 2) -> tuple[Seeded, list[UUID]]:
    users = await ground.people(people)
    here = await ground.seeder.conversation(*users)
    await ground.seeder.message(here)
    return here, users


def change(here: Seeded, emoji: str, seq: int = 1) -> ReactionChange:
    return ReactionChange(here.id, here.ids[seq], emoji)


async def stored(ground: Ground, seq: int = 1) -> list[tuple[str, UUID]]:
    rows = await ground.connection.fetch(
        "select emoji, user_id from message_reactions where seq = $1 order by created_at", seq
    )
    return [tuple(row) for row in rows]


def merge_of(ground: Ground) -> ReactionMerge:
    return ReactionMerge(ground.pool, ChangeCalls(ground.pool, ground._wake, lock_timeout_ms=100))


async def merged(ground: Ground, most: int = 500) -> tuple[int, int]:
    """Messages looked at and changed, until all are done."""
    merge = merge_of(ground)
    messages = changed = 0
    while batch := await merge.take_batch(most):
        messages += batch.messages
        changed += batch.merged
    assert await merge.is_finished()
    return messages, changed


async def unfinished(ground: Ground) -> None:
    """As the step leaves a database that has reactions."""
    await merge_of(ground).restart()


@pytest.mark.parametrize(
    ("first", "second", "shown"),
    [
        ("👍", "👍\ufe0f", "👍"),
        ("👍\ufe0f", "👍", "👍"),
        (HEART, RED_HEART, RED_HEART),
        (RED_HEART, HEART, RED_HEART),
        ("1\u20e3", "1\ufe0f\u20e3", "1\ufe0f\u20e3"),
        ("\u2764\u200d🔥", "\u2764\ufe0f\u200d🔥", "\u2764\ufe0f\u200d🔥"),
    ],
)
async def test_two_phones_make_one_reaction(ground, first, second, shown):
    here, (one, two) = await scene(ground)
    await ground.changes.react(of(one), change(here, first))
    both = (await ground.changes.react(of(two), change(here, second))).message
    assert both.reactions == {shown: [str(one), str(two)]}
    assert both.reaction_counts == {shown: 2}
    again = (await ground.changes.react(of(one), change(here, second))).message
    assert again.rev == both.rev
    left = (await ground.changes.unreact(of(one), change(here, second))).message
    assert left.reactions == {shown: [str(two)]}
    none = (await ground.changes.unreact(of(two), change(here, first))).message
    assert none.reactions == {}
    assert await ground.connection.fetchval("select reaction_count from messages") == 0


async def test_skin_tones_are_different_reactions(ground):
    here, (one, two) = await scene(ground)
    await ground.changes.react(of(one), change(here, "👍"))
    both = (await ground.changes.react(of(two), change(here, "👍🏽"))).message
    assert both.reaction_counts == {"👍": 1, "👍🏽": 1}


async def test_only_an_emoji_is_added_and_the_field_is_named(ground):
    here, (one, _) = await scene(ground)
    for bad in ("", "ok", "剪", "1", "👍👍", "👍\u200d", "🇩", "\ufe0f", "👍\u0301", "x" * 33):
        with pytest.raises(RequestError, match=r"^emoji: ") as refused:
            await ground.changes.react(of(one), change(here, bad))
        assert refused.value.code == ErrorCode.VALIDATION_FAILED
    assert await ground.told() == []


async def test_one_person_has_a_few_kinds_and_the_others_theirs(ground):
    here, (one, two) = await scene(ground)
    calls = ChangeCalls(ground.pool, lambda: None)
    changes = Changes(MessageChanges(calls), ground.messages, Limits())
    for emoji in "👍🎉🚀😀🐱":
        await changes.react(of(one), change(here, emoji))
    with pytest.raises(RequestError) as refused:
        await changes.react(of(one), change(here, "🔥"))
    assert (refused.value.code, refused.value.details) == (ErrorCode.CONFLICT, {"limit": 5})
    assert "of yours" in refused.value.message
    await changes.react(of(one), change(here, "👍"))  # it is there
    await changes.react(of(two), change(here, "🔥"))
    await changes.unreact(of(one), change(here, "👍"))
    assert len((await changes.react(of(one), change(here, "🔥"))).message.reactions) == 5


async def test_what_an_earlier_version_stored_can_be_removed(ground):
    here, (one, _) = await scene(ground)
    for old in ("剪", "ok", "👍👍", "\u00e9", HEART):
        await ground.seeder.react(here, 1, old, one)
    for old in ("剪", "ok", "👍👍", "e\u0301", RED_HEART):
        await ground.changes.unreact(of(one), change(here, old))
    assert await stored(ground) == []
    assert await ground.connection.fetchval("select reaction_count from messages") == 0
    assert await refusal(ground.changes.unreact(of(one), change(here, "x" * 33))) == (
        ErrorCode.VALIDATION_FAILED
    )


async def test_old_spellings_are_shown_as_one_before_they_are_merged(ground):
    here, (one, two, three) = await scene(ground, 3)
    for user, emoji in ((one, HEART), (two, RED_HEART), (one, RED_HEART), (three, "ok")):
        await ground.seeder.react(here, 1, emoji, user)
    shown = (await ground.changes.react(of(three), change(here, HEART))).message
    assert shown.reactions == {RED_HEART: [str(one), str(two), str(three)], "ok": [str(three)]}
    assert shown.reaction_counts == {RED_HEART: 3, "ok": 1}
    left = (await ground.changes.unreact(of(one), change(here, HEART))).message
    assert left.reaction_counts == {RED_HEART: 2, "ok": 1}
    assert await ground.connection.fetchval("select reaction_count from messages") == 3


async def test_merging_keeps_the_earliest_corrects_the_count_and_tells_once(ground):
    here, (one, two) = await scene(ground)
    await ground.seeder.message(here)
    await ground.seeder.message(here)
    for user, emoji in ((one, HEART), (two, RED_HEART), (one, RED_HEART), (two, "ok")):
        await ground.seeder.react(here, 1, emoji, user)
    await ground.seeder.react(here, 2, "👍", one)
    await ground.seeder.react(here, 3, "👍\ufe0f", one)
    before = await ground.rev(here.id)
    earliest = await ground.connection.fetchval("select min(created_at) from message_reactions")
    await unfinished(ground)

    assert await merged(ground) == (3, 2)
    assert await stored(ground) == [(RED_HEART, one), (RED_HEART, two), ("ok", two)]
    assert earliest == await ground.connection.fetchval(
        "select created_at from message_reactions where user_id = $1 and seq = 1", one
    )
    assert await stored(ground, 3) == [("👍", one)]
    counts = await ground.connection.fetch("select reaction_count from messages order by seq")
    assert [row[0] for row in counts] == [3, 1, 1]
    assert await ground.rev(here.id) == before + 2
    told = await ground.told()
    revs = [[before + 1], [before + 2]]
    assert told == [("realtime", "message.updated", rev, None) for rev in revs]

    await unfinished(ground)
    assert await merged(ground) == (3, 0)
    assert await ground.told() == []


async def test_merging_goes_on_where_it_was_stopped_and_one_process_does_it(ground):
    here, (one, _) = await scene(ground)
    for seq in range(1, 6):
        if seq > 1:
            await ground.seeder.message(here)
        await ground.seeder.react(here, seq, HEART, one)
    await unfinished(ground)
    first = merge_of(ground)
    batch = await first.take_batch(2)
    assert batch == (2, 2, False)
    assert await merge_of(ground).take_batch(2) is None  # the first has the lease
    assert not await first.is_finished()
    await ground.connection.execute("update backfills set leased_until = now()")
    assert await merged(ground, 2) == (3, 3)
    assert await merge_of(ground).take_batch(2) is None


async def test_who_begins_anew_takes_it_from_who_is_at_it(ground):
    here, (one, _) = await scene(ground)
    await ground.seeder.react(here, 1, HEART, one)
    await unfinished(ground)
    lease = load_queries("messages/reaction_merge")
    slow = uuid4()
    assert await ground.connection.fetchval(lease["lease"], slow, 60.0) is not None
    await unfinished(ground)
    await ground.connection.execute(lease["keep"], slow, here.id, 1, True)
    assert await merged(ground) == (1, 1)


async def test_a_locked_conversation_is_waited_for_in_bounds(ground):
    here, (one, _) = await scene(ground)
    await ground.seeder.react(here, 1, HEART, one)
    await unfinished(ground)
    merge = merge_of(ground)
    async with ground.connection.transaction():
        await ground.connection.execute(
            "select 1 from conversations where id = $1 for update", here.id
        )
        assert await refusal(merge.take_batch()) == ErrorCode.UNAVAILABLE
    batch = await merge.take_batch()
    assert batch == (1, 1, True)


async def test_merging_while_people_react_loses_nothing(ground):
    here, users = await scene(ground, 6)
    for seq in range(1, 8):
        if seq > 1:
            await ground.seeder.message(here)
        for user in users[:3]:
            await ground.seeder.react(here, seq, HEART, user)
        await ground.seeder.react(here, seq, RED_HEART, users[0])
    await unfinished(ground)

    async def react(user: UUID) -> None:
        for seq in range(1, 8):
            emoji = HEART if seq % 2 else RED_HEART
            await ground.changes.react(of(user), change(here, emoji, seq))

    await asyncio.gather(merged(ground, 2), *(react(user) for user in users[3:]))
    for seq in range(1, 8):
        shown = (await ground.messages.by_refs([(here.id, seq)]))[here.id, seq]
        assert shown.reaction_counts == {RED_HEART: 6}
        assert {emoji for emoji, _ in await stored(ground, seq)} == {RED_HEART}
    counts = await ground.connection.fetch("select reaction_count from messages")
    assert {row[0] for row in counts} == {6}


async def test_the_version_before_reacts_on_the_new_schema(ground):
    """Its statements are those of the schema before; it stores what was sent."""
    here, (one, two) = await scene(ground)
    old = "select verdict from add_reaction($1, $2, $3, $4, 20, 500)"
    for user, emoji in ((one, HEART), (two, RED_HEART)):
        assert (await ground.connection.fetchval(old, here.id, user, here.ids[1], emoji)) == "ok"
    assert {emoji for emoji, _ in await stored(ground)} == {HEART}  # one spelling a message
    row = await ground.connection.fetchrow("select reactions from shown_messages")
    assert row["reactions"].startswith(f'[["{HEART}", 2, ')
    gone = "select verdict from remove_reaction($1, $2, $3, $4, 500)"
    for user in (one, two):
        assert (
            await ground.connection.fetchval(gone, here.id, user, here.ids[1], RED_HEART)
        ) == "ok"


async def test_the_step_leaves_work_only_where_there_are_reactions(empty_database_url):
    await migrate.upgrade(empty_database_url)
    assert await backfills.open_at(empty_database_url) == []
    await migrate.downgrade(empty_database_url, BEFORE)
    connection = await asyncpg.connect(empty_database_url, timeout=10)
    try:
        await connection.execute("insert into message_reactions values (uuid7(), 1, '👍', uuid7())")
        await migrate.upgrade(empty_database_url)
    finally:
        await connection.close()
    assert await backfills.open_at(empty_database_url) == ["reactions"]
