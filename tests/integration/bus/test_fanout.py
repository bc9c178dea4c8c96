"""Where a stored message goes: to each member, to the conversation's channel, or to both."""

from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from storage.database.queries import load_queries
from storage.messages.writer import SEND_SQL
from tests.integration.marketplace import make_conversation, make_users

CREATE_SQL = load_queries("conversations/members")["create"]
ADD_SQL = load_queries("conversations/members")["add_member"]
LARGE = 40


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[asyncpg.Pool]:
    """Connections to a database of the test's own."""
    async with asyncpg.create_pool(database_url, min_size=1, max_size=2, timeout=10) as pool:
        yield pool


async def store(
    pool: asyncpg.Pool,
    conversation_id: UUID,
    senders: Sequence[UUID],
    *,
    owner: UUID | None = None,
    mentions: Sequence[UUID] = (),
) -> list[asyncpg.Record]:
    """A group of one message of each sender."""
    count = len(senders)
    named = "{" + ",".join(map(str, mentions)) + "}" if mentions else None
    return await pool.fetch(
        SEND_SQL,
        [conversation_id] * count,
        list(senders),
        [uuid4() for _ in senders],
        [b"1" * 16] * count,
        ["text"] * count,
        ["hello"] * count,
        None,
        [named] * count,
        None,
        owner,
        None,
        True,
        500,
    )


async def create(pool: asyncpg.Pool, people: Sequence[UUID]) -> UUID:
    """A group as the server makes it."""
    row = await pool.fetchrow(
        CREATE_SQL,
        *["group", people[0], list(people[1:]), "Title", None, None, uuid4(), b"1" * 16],
        *[1000, 1000, 32, 500],
    )
    assert row is not None
    assert row["verdict"] == "ok"
    conversation_id: UUID = row["conversation_id"]
    return conversation_id


async def change(pool: asyncpg.Pool, user: UUID, assignment: str) -> None:
    """`assignment`: SQL over conversation_participants."""
    await pool.execute(
        f"UPDATE conversation_participants SET {assignment} WHERE user_id = $1", user
    )


def told(rows: Sequence[asyncpg.Record]) -> tuple[Any, ...]:
    """Fanout and recipients as the first row says; the others of the conversation say nothing."""
    first, *others = rows
    assert {(row["fanout"], row["recipients"]) for row in others} <= {(None, None)}
    return first["fanout"], first["recipients"] and set(first["recipients"])


async def test_up_to_32_people_each_is_told(pool: asyncpg.Pool) -> None:
    people = await make_users(pool, 32)
    here = await create(pool, people)
    assert told(await store(pool, here, people[:3])) == ("user", set(people))


async def test_the_growth_is_told_both_ways_for_30_s(pool: asyncpg.Pool) -> None:
    people = await make_users(pool, 33)
    here = await create(pool, people[:32])
    row = await pool.fetchrow(ADD_SQL, here, people[0], people[32], 1000, 32, 1000, 500)
    assert row is not None
    assert row["verdict"] == "ok"
    assert told(await store(pool, here, people[:3])) == ("both", set(people))
    await pool.execute(
        "UPDATE conversations SET fanout_changed_at = fanout_changed_at - interval '31 seconds'"
    )
    assert told(await store(pool, here, people[:3])) == ("conversation", None)
    # It only grows: who goes does not bring the others back to their own channels.
    await change(pool, people[32], "left_at = now()")
    await pool.execute("UPDATE conversations SET participant_count = 32")
    assert told(await store(pool, here, people[:3])) == ("conversation", None)


async def test_who_is_in_from_the_start_is_told_by_the_conversation(
    pool: asyncpg.Pool,
) -> None:
    people = await make_users(pool, LARGE)
    here = await create(pool, people)
    assert told(await store(pool, here, people[:3])) == ("conversation", None)


async def test_a_large_conversation_is_judged_as_a_small_one(
    pool: asyncpg.Pool,
) -> None:
    people = await make_users(pool, LARGE + 1)
    here = await create(pool, people[:LARGE])
    member, gone, observer, stranger = people[1], people[2], people[3], people[LARGE]
    await change(pool, gone, "left_at = now()")
    await change(pool, observer, "role = 'observer'")
    # Blocks count between two: here there are more.
    await pool.execute("INSERT INTO user_blocks VALUES ($1, $2)", people[0], member)
    rows = await store(
        pool, here, [member, gone, observer, stranger], mentions=[people[5], gone, stranger]
    )
    assert [row["verdict"] for row in rows] == ["ok", "not_found", "forbidden", "not_found"]
    assert rows[0]["mentions"] == [people[5]]


async def test_a_large_conversation_of_which_two_are_left_heeds_blocks(
    pool: asyncpg.Pool,
) -> None:
    people = await make_users(pool, LARGE)
    here = await create(pool, people)
    for person in people[2:]:
        await change(pool, person, "left_at = now()")
    await pool.execute("UPDATE conversations SET participant_count = 2")
    rows = await store(pool, here, people[:1])
    assert (rows[0]["verdict"], *told(rows)) == ("ok", "conversation", None)
    await pool.execute("INSERT INTO user_blocks VALUES ($1, $2)", people[0], people[1])
    assert (await store(pool, here, people[:1]))[0]["verdict"] == "blocked"


async def test_what_nobody_publishes_at_once_is_due_at_once(
    pool: asyncpg.Pool,
) -> None:
    people = await make_users(pool, 2)
    here = await make_conversation(pool, people)
    for owner, wait_s in [(uuid4(), 1.5), (None, 0.0)]:
        await store(pool, here, people[:1], owner=owner)
        row = await pool.fetchrow(
            "DELETE FROM outbox WHERE consumer = 'realtime' "
            "RETURNING owner, extract(epoch FROM available_at - created_at)::float8 AS wait_s"
        )
        assert row is not None
        assert (row["owner"], row["wait_s"]) == (owner, pytest.approx(wait_s, abs=0.1))
