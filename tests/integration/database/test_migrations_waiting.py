"""Migrations beside a long read: the traffic goes on, and the schema is migrated after it."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from storage.database import migrate, migrate_ahead
from storage.database.lock_retries import MigrationBlockedError
from tests.integration.database.test_migrations import revisions
from tests.program import parley, serving
from tests.seeding import Seeder

BEFORE = "0007"
"""The step after it alters the tables of conversations and of who is in them."""
HEAD = revisions()[-1]
SEND_S = 1.0
"""A send may wait for an attempt of the migration, and for a slow machine."""
SEND = """
    select verdict from commit_messages(
        array[$1::uuid], array[$2::uuid], array[$3::uuid], array['\\x00'::bytea], array['text'],
        array['hello'], null, null, null, null, null, true, 60000
    )
"""
"""As the version before sends, which goes on during an update."""

SQL = Path(migrate.__file__).parents[1] / "migrations" / "sql"
READ_ALL = "select from conversation_participants, messages, outbox limit 1"
"""A read of what is written by every send, but for conversations: that has to lose an index."""


class Place:
    """A database at the schema before, a conversation in it, and a long read of its people."""

    def __init__(self, url: str, reader: asyncpg.Connection, sender: asyncpg.Connection) -> None:
        self.url = url
        self.reader = reader
        self._sender = sender
        self._conversation: UUID | None = None
        self._person: UUID | None = None

    async def build(self) -> None:
        """A conversation that is sent to, and a transaction that has read it."""
        await migrate.upgrade(self.url, BEFORE)
        seeder = Seeder(self._sender)
        people = [await seeder.user(name) for name in ("anna", "ben")]
        seeded = await seeder.conversation(*people)
        self._conversation, self._person = seeded.id, people[0]
        await self.reader.execute("begin; select count(*) from conversation_participants")

    async def send(self) -> float:
        """A message; how long it took in seconds."""
        started = time.perf_counter()
        how = (self._conversation, self._person, uuid4())
        assert await self._sender.fetchval(SEND, *how, timeout=5) == "ok"
        return time.perf_counter() - started

    async def revision(self) -> str:
        """The step that has been taken last."""
        found = await self._sender.fetchval("select version_num from alembic_version")
        return str(found)

    async def waits(self) -> None:
        """Return when somebody waits for a lock."""
        waiting = "select exists (select from pg_locks where not granted)"
        async with asyncio.timeout(30):
            while not await self._sender.fetchval(waiting):
                await asyncio.sleep(0.01)


@pytest.fixture
async def place(empty_database_url: str) -> AsyncIterator[Place]:
    """A long read is on."""
    async with contextlib.AsyncExitStack() as stack:
        connections = []
        for name in ("a long read", "sends"):
            settings = {"application_name": name}
            connection = await asyncpg.connect(
                empty_database_url, timeout=10, server_settings=settings
            )
            stack.push_async_callback(connection.close)
            connections.append(connection)
        place = Place(empty_database_url, *connections)
        await place.build()
        yield place


async def test_sends_go_on_while_a_migration_waits_for_a_long_read(place: Place, logs) -> None:
    took_s: list[float] = []
    waits: list[Any] = []
    async with asyncio.timeout(50), asyncio.TaskGroup() as group:
        migration = group.create_task(migrate.upgrade(place.url))
        while len(waits) < 3:
            assert not migration.done()
            took_s.append(await place.send())
            waits = [one for one in logs if one["event"] == "migration_waits"]
        assert len(took_s) > 10
        await place.reader.execute("commit")
        while not migration.done():
            took_s.append(await place.send())
    assert max(took_s) < SEND_S
    assert await migration == await migrate.revision_of(place.url) == HEAD
    for wait in waits:
        assert wait["wanted"] == "conversation_participants"
        holder = wait["holders"][0]
        assert holder["application"] == "a long read"
        assert holder["pid"] == place.reader.get_server_pid()


async def test_a_migration_that_never_gets_its_locks_fails_and_leaves_nothing(
    place: Place, data_dir: Path, redis_url: str
) -> None:
    held = r"conversation_participants, which is held by process \d+ \(a long read, "
    with pytest.raises(MigrationBlockedError, match=held):
        async with asyncio.timeout(20):
            await migrate.upgrade(place.url, wait_s=1.0)
    urls = {"PARLEY_DATABASE_URL": place.url, "PARLEY_REDIS_URL": redis_url}
    failed = await parley("migrate", "--migration-wait-s", "1", data_dir=data_dir, **urls)
    assert (failed.code, failed.output) == (1, "")
    assert f"the schema at {BEFORE} is left as it was" in failed.complaint
    assert "(a long read, " in failed.complaint
    assert await migrate.revision_of(place.url) == BEFORE
    await place.reader.execute("commit")
    done = await parley("migrate", data_dir=data_dir, **urls)
    assert (done.code, done.output.splitlines()[0]) == (0, f"the schema is at {HEAD}")


@pytest.mark.timeout(120)
async def test_a_start_waits_for_a_long_read_too(
    place: Place, data_dir: Path, redis_url: str
) -> None:
    urls = {"PARLEY_DATABASE_URL": place.url, "PARLEY_REDIS_URL": redis_url}

    async def end_of_read() -> None:
        await place.waits()
        await place.send()
        await place.reader.execute("commit")

    async with asyncio.TaskGroup() as group:
        group.create_task(end_of_read())
        async with serving(data_dir, **urls) as server:
            await server.logged("migration_waits", wanted="conversation_participants")
            assert await migrate.revision_of(place.url) == HEAD


async def test_while_a_step_waits_the_steps_before_it_are_done_and_hold_nothing(
    place: Place,
) -> None:
    await place.reader.execute("commit; begin; select count(*) from gigs")
    async with asyncio.TaskGroup() as group:
        migration = group.create_task(migrate.upgrade(place.url))
        async with asyncio.timeout(30):
            while await place.revision() != "0011":
                await asyncio.sleep(0.01)
        await place.waits()
        assert await place.send() < SEND_S
        await place.reader.execute("commit")
    assert await migration == HEAD


async def test_a_step_locks_no_table_of_sending_for_what_was_made_ahead(place: Place) -> None:
    await place.reader.execute("commit")
    await migrate.upgrade(place.url, "0009")
    for step in revisions()[9:]:
        async with migrate_ahead.turn_at(place.url, 1.0) as connection:
            assert connection
            files = sorted(SQL.glob(f"{step}_*_ahead.sql"))
            await migrate_ahead.run_ahead(place.url, connection, files, 10.0)
        await place.reader.execute(f"begin; {READ_ALL}")
        assert await migrate.upgrade(place.url, step, wait_s=1.0) == step
        await place.reader.execute("commit")
