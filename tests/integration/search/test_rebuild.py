"""What an earlier version kept of texts is made anew: resumably, in turn, and unseen by rows."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from protocol.limits import Limits
from server.background import paced, rebuild_search
from server.cli.command_line import main
from server.outbox.indexer import indexer
from storage.database import migrate
from storage.database.postgres import connect_pool
from storage.messages.reader import MessageRows
from storage.messages.search import MessageSearch, SearchQuery
from storage.search.rebuild import Batch, RenewedColumns, SearchRebuild
from tests.seeding import Seeded, Seeder

PAGE = 32
BEFORE = "0009"
"""The schema before there was a fold."""
LISTINGS = 7


class Old:
    """A database that the version before has filled, migrated since."""

    def __init__(self, url: str, connection: asyncpg.Connection, pool: Any) -> None:
        self.url = url
        self.connection = connection
        self.pool = pool
        self.seeder = Seeder(connection)
        self.search = MessageSearch(pool, MessageRows(lambda _: ("", ""), Limits()))

    async def pages(self, *texts: str) -> Seeded:
        """A conversation of as many pages, each with one of these texts, and their words kept."""
        to = await self.seeder.conversation(await self.seeder.user())
        for text in texts:
            await self.seeder.message(to, text)
            for _ in range(PAGE - 1):
                await self.seeder.message(to, "nothing")
        await self.connection.execute(
            """
            insert into outbox (consumer, kind, conversation_ids, seqs)
            select 'search', 'message.updated', array_agg($1::uuid), array_agg(s)
            from generate_series(32, $2::bigint, 32) s
            """,
            to.id,
            to.last_seq,
        )
        while (await indexer(self.pool).consume()).rows:
            pass
        return to

    async def listings(self) -> None:
        """Gigs, of which the last says what only the fold finds."""
        await self.connection.execute(
            """
            insert into categories (slug, name) values ('x', 'x');
            insert into users (display_name, kind) values ('anna', 'both');
            insert into gigs (freelancer_id, title, slug, description, category_id)
            select u.id, case n when 7 then 'Straße' else 'Logo' end, 's' || n, 'x', c.id
            from users u, categories c, generate_series(1, 7) n where u.display_name = 'anna';
            update gigs set status = 'active';
            insert into skills (name, names) values ('Metallurgy', '{"el": "ΛΌΓΟΣ"}')
            """
        )

    async def found(self, to: Seeded, text: str) -> list[str | None]:
        messages, _ = await self.search.find(SearchQuery(to.members[0], text, None), None, 50)
        return [message.content for message in messages]

    async def folds(self) -> list[int]:
        rows = await self.connection.fetch("select fold from message_words order by page")
        return [row["fold"] for row in rows]


@pytest.fixture
async def old(empty_database_url: str) -> AsyncIterator[Old]:
    await migrate.upgrade(empty_database_url, BEFORE)
    async with contextlib.AsyncExitStack() as stack:
        connection = await asyncpg.connect(empty_database_url, timeout=10)
        stack.push_async_callback(connection.close)
        pool = await connect_pool(empty_database_url, size=4, statement_timeout_ms=20_000)
        stack.push_async_callback(pool.close)
        yield Old(empty_database_url, connection, pool)


async def stepped(rebuild: SearchRebuild) -> Batch:
    """The next batch, where something is left to do."""
    batch = await rebuild.step()
    assert batch is not None
    return batch


async def renewed(rebuild: SearchRebuild) -> int:
    """Take it to its end; how many rows were made anew."""
    return sum([batch.renewed async for batch in paced(rebuild, 1.0)])


async def test_pages_of_before_are_read_and_then_made_anew(old):
    to = await old.pages("ΛΌΓΟΣ", "Straße", "plain")
    await migrate.upgrade(old.url)
    # Their words do not say λόγος: they are not trusted.
    assert await old.folds() == [0, 0, 0]
    for text, said in (("λόγος", "ΛΌΓΟΣ"), ("STRASSE", "Straße"), ("plain", "plain")):
        assert await old.found(to, text) == [said]
    assert await renewed(SearchRebuild(old.pool, 2)) == 3
    assert await old.folds() == [1, 1, 1]
    for text, said in (("λόγος", "ΛΌΓΟΣ"), ("STRASSE", "Straße"), ("plain", "plain")):
        assert await old.found(to, text) == [said]
    # And are then: a page whose words are others is not read.
    await old.connection.execute("update message_words set tokens = 'other'")
    assert await old.found(to, "plain") == []
    assert await renewed(SearchRebuild(old.pool, 2)) == 0


async def test_it_goes_on_where_it_was_stopped(old):
    await old.pages("one", "two", "three", "four")
    await migrate.upgrade(old.url)
    first = SearchRebuild(old.pool, 1)
    assert [(await stepped(first)).renewed for _ in range(2)] == [1, 1]
    assert await old.folds() == [1, 1, 0, 0]
    again = SearchRebuild(old.pool, 1)
    progress = {p.subject: p for p in await again.progress()}
    assert (progress["messages"].done, progress["messages"].is_finished) == (2, False)
    assert (await stepped(again)).renewed == 1
    assert await old.folds() == [1, 1, 1, 0]
    assert await renewed(again) == 1
    assert all(p.is_finished for p in await again.progress())


async def test_a_page_that_takes_too_long_gets_no_words_and_does_not_hold_up_others(old):
    await old.pages("one", "two", "three", "four")
    await migrate.upgrade(old.url)
    # Whatever it is that takes so long: the second page waits.
    await old.connection.execute(
        """
        alter function page_terms(uuid, bigint) rename to prompt_terms;
        create function page_terms(p_conversation uuid, p_page bigint)
        returns table (first_at timestamptz, last_at timestamptz, tokens tsvector)
        language plpgsql volatile as $$
        begin
            perform pg_sleep(case p_page when 1 then 60 else 0 end);
            return query select * from prompt_terms(p_conversation, p_page);
        end $$
        """
    )
    pool = await connect_pool(old.url, size=2, statement_timeout_ms=500)
    assert await renewed(SearchRebuild(pool, 4)) == 4
    await pool.close()
    assert await old.folds() == [1, 1, 1, 1]
    kept = "select page from message_words where tokens is null"
    assert [row["page"] for row in await old.connection.fetch(kept)] == [1]


async def test_one_process_at_a_time(old):
    await old.pages("one", "two")
    await migrate.upgrade(old.url)
    async with old.pool.acquire() as other, other.transaction():
        await other.execute("select from search_rebuilds where subject = 'messages' for update")
        batch = await stepped(SearchRebuild(old.pool, 1))
        assert (batch.is_busy, batch.renewed) == (True, 0)
    async with old.pool.acquire() as other, other.transaction():
        # The index is being written.
        await other.execute("select pg_advisory_xact_lock(7237533916302115)")
        assert (await stepped(SearchRebuild(old.pool, 1))).is_busy
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(renewed(SearchRebuild(old.pool, 1))) for _ in range(2)]
    assert sum(task.result() for task in tasks) == 2


async def test_an_edit_meanwhile_is_not_overtaken(old):
    to = await old.pages("one")
    await migrate.upgrade(old.url)
    async with old.pool.acquire() as other, other.transaction():
        await other.execute(
            "select edit_message($1, $2, $3, 'changed', 500)", to.id, to.members[0], to.ids[1]
        )
        step = asyncio.create_task(stepped(SearchRebuild(old.pool, 1)))
        while not await old.connection.fetchval(
            "select exists (select from pg_locks where not granted)"
        ):
            await asyncio.sleep(0.01)
    assert (await step).renewed == 0
    assert await old.folds() == []
    assert await old.found(to, "changed") == ["changed"]
    assert await old.found(to, "one") == []


async def test_listings_are_filled_without_a_trace_on_them(old):
    await old.listings()
    rows = """
        select id, version, updated_at from gigs
        union all select id, version, updated_at from skills order by id
    """
    # Later steps leave a trace of what they seed, on other rows.
    told = (
        "select (select count(*) from audit_log where entity_type in ('gigs', 'skills')),"
        " (select count(*) from outbox)"
    )
    before = [await old.connection.fetch(rows), await old.connection.fetchrow(told)]
    await migrate.upgrade(old.url)
    columns = RenewedColumns(old.pool)
    assert not await columns.are_filled("gigs")
    assert await columns.are_filled("jobs"), "there are none"
    rebuild = SearchRebuild(old.pool, 2)
    assert (await stepped(rebuild)).renewed == 2
    async with old.pool.acquire() as other, other.transaction():
        # What somebody changes is passed by, and not forgotten.
        last = "(select id from gigs order by id desc limit 1)"
        await other.execute(f"update gigs set view_count = 1 where id = {last}")
        assert sum([(await stepped(rebuild)).renewed for _ in range(4)]) == LISTINGS - 3
        assert not await columns.are_filled("gigs")
    assert await renewed(rebuild) == 1
    assert await columns.are_filled("gigs")
    assert [await old.connection.fetch(rows), await old.connection.fetchrow(told)] == before
    found = "select title from gigs where status = 'active' and search_terms @@ terms_query($1)"
    assert await old.connection.fetchval(found, "STRASSE") == "Straße"
    skills = "select name from skills where search_terms @@ terms_query('λόγος')"
    assert await old.connection.fetchval(skills) == "Metallurgy"
    # From then on whoever writes keeps it, the version before too.
    await old.connection.execute("update gigs set title = 'ΛΌΓΟΣ' where slug = 's1'")
    assert await old.connection.fetchval(found, "λόγος") == "ΛΌΓΟΣ"


async def test_who_writes_a_listing_meanwhile_and_the_rebuild_do_not_wait_for_each_other(old):
    await old.listings()
    await old.connection.execute(
        """
        update gigs set title = 'zebra' where id = (select id from gigs order by id limit 1);
        update gigs set title = 'apple' where id = (select id from gigs order by id desc limit 1)
        """
    )
    await migrate.upgrade(old.url)
    async with old.pool.acquire() as other, other.transaction():
        await other.execute("select keep_search_words('{apple}')")
        step = asyncio.create_task(stepped(SearchRebuild(old.pool, LISTINGS)))
        while not await old.connection.fetchval(
            "select exists (select from pg_locks where not granted)"
        ):
            await asyncio.sleep(0.01)
        await other.execute("select keep_search_words('{zebra}')")
    assert (await step).renewed == LISTINGS


async def test_a_server_does_it_by_itself(old):
    await old.pages("one", "two")
    await old.listings()
    await migrate.upgrade(old.url)
    await old.connection.execute("alter table message_words rename to elsewhere")
    task = asyncio.create_task(rebuild_search(SearchRebuild(old.pool, 4), 1.0))
    async with asyncio.timeout(20):
        # What fails is tried again; the rest is not held up by it.
        while await old.connection.fetchval("select count(*) from gigs where search_terms is null"):
            await asyncio.sleep(0.02)
        await old.connection.execute("alter table elsewhere rename to message_words")
        await task
    assert await old.folds() == [1, 1]


async def test_the_command_tells_how_far_it_is(old, monkeypatch, capsys):
    await old.pages("one")
    await old.listings()
    monkeypatch.setenv("PARLEY_DATABASE_URL", old.url)
    arguments = ["search", "rebuild", "--search-rebuild-share", "1"]
    assert await asyncio.to_thread(main, arguments) == 1
    assert "run parley migrate" in capsys.readouterr().err
    await migrate.upgrade(old.url)
    assert await asyncio.to_thread(main, arguments) == 0
    assert "messages done" in capsys.readouterr().out
    assert await old.folds() == [1]
