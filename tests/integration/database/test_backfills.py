"""Rows of the release before, after the migration and what servers fill in afterwards."""

import contextlib
from collections.abc import AsyncIterator, Mapping
from uuid import UUID

import asyncpg
import pytest

from protocol.errors import RequestError
from server import background
from storage.database import migrate
from storage.database.backfills import Backfills, Step
from storage.database.bounded import database_within
from storage.database.postgres import connect_pool
from tests.seeding import Seeded, Seeder


@contextlib.asynccontextmanager
async def database_of_before(url: str) -> AsyncIterator[Seeder]:
    """A database as the release before left it."""
    await migrate.upgrade(url, "0009")
    connection = await asyncpg.connect(url, timeout=10)
    try:
        await connection.execute("select maintain_message_partitions()")
        yield Seeder(connection)
    finally:
        await connection.close()


async def filled(
    url: str,
    rows: int,
    monkeypatch: pytest.MonkeyPatch,
    others: Mapping[str, Step] | None = None,
) -> None:
    """As a server does it beside what else it does, `rows` at a time."""
    for name, value in {"ROWS": rows, "PAUSE_S": 0, "AGAIN_S": 0}.items():
        monkeypatch.setattr(background, f"BACKFILL_{name}", value)
    pool = await connect_pool(url, size=1, statement_timeout_ms=5_000)
    try:
        await background.fill_rows(Backfills(pool, others))
    finally:
        await pool.close()


async def archived(seeder: Seeder) -> dict[tuple[UUID, UUID], tuple[bool, int | None]]:
    rows = await seeder.connection.fetch(
        "select conversation_id, user_id, is_archived, archived_seq from conversation_participants"
    )
    return {(row[0], row[1]): (row[2], row[3]) for row in rows}


async def archives(seeder: Seeder, count: int) -> tuple[UUID, list[Seeded]]:
    """Conversations that somebody has archived, each with messages."""
    me, other = await seeder.user("me"), await seeder.user("other")
    places = [await seeder.conversation(me, other) for _ in range(count)]
    for number, place in enumerate(places):
        for _ in range(number):
            await seeder.message(place)
        await seeder.change_member(place, me, "is_archived = true")
    return me, places


async def test_what_was_archived_is_so_up_to_the_last_message(empty_database_url, monkeypatch):
    async with database_of_before(empty_database_url) as seeder:
        me, places = await archives(seeder, 4)
        await migrate.upgrade(empty_database_url)
        assert {seq for _, seq in (await archived(seeder)).values()} == {None}
        await filled(empty_database_url, 3, monkeypatch)
        found = await archived(seeder)
        for place in places:
            (other,) = set(place.members) - {me}
            assert found[place.id, me] == (True, place.last_seq)
            assert found[place.id, other] == (False, None)


async def test_what_the_migration_left_is_filled_in_while_servers_run(
    empty_database_url, monkeypatch
):
    async with database_of_before(empty_database_url) as seeder:
        me, places = await archives(seeder, 7)
        await migrate.upgrade(empty_database_url)
        await seeder.connection.execute("update conversation_participants set archived_seq = null")
        shown = await seeder.connection.fetch(
            "select own_is_archived from own_conversations where own_user_id = $1", me
        )
        assert [row[0] for row in shown] == [True] * len(places)
        await filled(empty_database_url, 3, monkeypatch)
        found = await archived(seeder)
        assert {found[place.id, me] for place in places} == {
            (True, place.last_seq) for place in places
        }
        assert sum(seq is not None for _, seq in found.values()) == len(places)
        # Done is done: nobody looks again.
        await seeder.connection.execute("update conversation_participants set archived_seq = null")
        await filled(empty_database_url, 3, monkeypatch)
        assert {seq for _, seq in (await archived(seeder)).values()} == {None}


async def test_a_part_that_another_process_is_at_is_left_to_it(empty_database_url):
    async with database_of_before(empty_database_url) as seeder:
        await migrate.upgrade(empty_database_url)
        pool = await connect_pool(empty_database_url, size=1, statement_timeout_ms=5_000)
        try:
            backfills = Backfills(pool)
            async with seeder.connection.transaction():
                await seeder.connection.execute("select from backfills for update")
                for name in await backfills.open():
                    assert await backfills.step(name, 10) is None
            for name in await backfills.open():
                assert await backfills.step(name, 10) == 0
            assert await backfills.open() == []
        finally:
            await pool.close()


async def of_before(seeder: Seeder, name: str) -> None:
    """A backfill that takes more than a statement."""
    await seeder.connection.execute("insert into backfills (name) values ($1)", name)


async def done(seeder: Seeder) -> set[str]:
    rows = await seeder.connection.fetch("select name from backfills where done_at is not null")
    return {row["name"] for row in rows}


async def is_done(seeder: Seeder, name: str) -> int:
    await seeder.connection.execute("update backfills set done_at = now() where name = $1", name)
    return 0


async def test_one_that_fails_keeps_none_of_those_after_it(empty_database_url, monkeypatch, logs):
    async with database_of_before(empty_database_url) as seeder:
        await archives(seeder, 2)
        await migrate.upgrade(empty_database_url)
        await of_before(seeder, "a first one")
        found = []

        async def fails_at_first(_limit: int) -> int:
            found.append(await done(seeder))
            if len(found) == 1:
                raise RequestError.unavailable("postgres")
            return await is_done(seeder, "a first one")

        await filled(empty_database_url, 3, monkeypatch, {"a first one": fails_at_first})
    assert found[1] >= {"archived", "replies"}
    (told,) = [line for line in logs if line["event"] == "rows_not_filled"]
    assert told["backfill"] == "a first one"


async def test_a_part_that_takes_too_long_is_taken_smaller(empty_database_url, monkeypatch):
    async with database_of_before(empty_database_url) as seeder:
        await migrate.upgrade(empty_database_url)
        await of_before(seeder, "long ones")
        asked = []

        async def takes_long_of_many(limit: int) -> int:
            asked.append(limit)
            if limit <= 25:
                return await is_done(seeder, "long ones")
            async with database_within(10):
                await seeder.connection.execute(
                    "set statement_timeout = 100; select pg_sleep(5); reset statement_timeout"
                )
            return limit

        await filled(empty_database_url, 200, monkeypatch, {"long ones": takes_long_of_many})
        assert asked == [200, 100, 50, 25]


@pytest.mark.parametrize(
    ("name", "held"),
    [
        ("archived", "select from conversation_participants for update"),
        ("replies", "select from conversations for update"),
    ],
)
async def test_a_row_that_others_hold_is_not_waited_for_long(empty_database_url, name, held):
    async with database_of_before(empty_database_url) as seeder:
        _, places = await archives(seeder, 1)
        for parent_seq in (None, 1):
            await seeder.message(places[0], parent_seq=parent_seq)
        await seeder.delete(places[0], 2)
        await migrate.upgrade(empty_database_url)
        await seeder.connection.execute("update conversation_participants set archived_seq = null")
        pool = await connect_pool(empty_database_url, size=1, statement_timeout_ms=5_000)
        try:
            backfills = Backfills(pool)
            async with seeder.connection.transaction():
                await seeder.connection.execute(held)
                with pytest.raises(asyncpg.LockNotAvailableError):
                    await backfills.step(name, 10)
            assert await backfills.step(name, 10)
        finally:
            await pool.close()


async def test_the_step_back_leaves_what_was_shown(empty_database_url, monkeypatch):
    async with database_of_before(empty_database_url) as seeder:
        me, places = await archives(seeder, 2)
        await migrate.upgrade(empty_database_url)
        await filled(empty_database_url, 3, monkeypatch)
        await seeder.message(places[0])
        await migrate.downgrade(empty_database_url, "0009")
        rows = await seeder.connection.fetch(
            "select conversation_id, is_archived from conversation_participants where user_id = $1",
            me,
        )
        assert {tuple(row) for row in rows} == {(places[0].id, False), (places[1].id, True)}


async def test_counts_of_threads_leave_out_what_was_deleted_before(empty_database_url, monkeypatch):
    async with database_of_before(empty_database_url) as seeder:
        places = [await seeder.conversation(await seeder.user()) for _ in range(3)]
        for place in places:
            for parent_seq in (None, 1, 1, None, 4, 1):
                await seeder.message(place, parent_seq=parent_seq)
            for seq in (3, 5, 6):
                await seeder.delete(place, seq)
        revs = await seeder.connection.fetch("select conversation_id, seq, rev from messages")
        await migrate.upgrade(empty_database_url)
        await filled(empty_database_url, 2, monkeypatch)
        for place in places:
            rows = await seeder.connection.fetch(
                "select seq, reply_count, last_reply_at, last_deleted_reply_at from messages "
                "where conversation_id = $1 and seq in (1, 4) order by seq",
                place.id,
            )
            assert [tuple(row) for row in rows] == [
                (1, 1, place.times[2], place.times[6]),
                (4, 0, None, place.times[5]),
            ]
        assert set(revs) == set(
            await seeder.connection.fetch("select conversation_id, seq, rev from messages")
        )
