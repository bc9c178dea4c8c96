"""Search finds words and Chinese text where the caller may look, and follows what changes."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from handlers.caller import Caller
from handlers.search import Search
from protocol.cursor import CursorSigner
from protocol.errors import ErrorCode, RequestError
from protocol.limits import Limits
from protocol.requests import MessageSearch as SearchRequest
from server.indexer import BUSY_S, IDLE_S, ROWS, keep_indexed, next_pause_s
from storage.claims import claim
from storage.search import MessageSearch, SearchIndex
from tests.seeding import START, Seeded, Seeder

SIGNER = CursorSigner(b"0123456789abcdef")


@pytest.fixture
def handler(pool, rows, conversations) -> Search:
    return Search(conversations, MessageSearch(pool, rows), SIGNER, Limits())


@pytest.fixture
def index(pool) -> SearchIndex:
    return SearchIndex(pool)


async def changed(seeder: Seeder, to: Seeded, *seqs: int) -> None:
    """What a writer leaves in the outbox."""
    await seeder.connection.execute(
        """
        insert into outbox (consumer, kind, conversation_ids, seqs, revs)
        values ('search', 'message.updated', $1, $2, $2)
        """,
        [to.id] * len(seqs),
        list(seqs),
    )


async def index_all(index: SearchIndex) -> None:
    while await index.index_next(ROWS):
        pass


async def found(handler: Search, user_id: UUID, query: str, **more: Any) -> list[str | None]:
    page = await handler.search(Caller(user_id, uuid4()), SearchRequest(query=query, **more))
    assert page.next_cursor is None
    return [message.content for message in page.messages]


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("找一位短视频剪辑师", "剪辑"),
        ("找一位短视频剪辑师", "短视频剪辑师"),
        ("找一位短视频剪辑师", "短视频 剪辑"),
        ("𠀀𠀁𠀂 and 﨑", "𠀁𠀂"),
        ("明天交付first draft吗", "draft 交付"),
        ("计划 b", "b 划"),
        ("ﾃｽﾄを始める", "テスト"),
        ("안녕하세요", "하세"),
        ("We signed two contracts", "contract signing"),
        ("The Who", "the who"),
        ("ask Müller about ＡＢＣ", "müller abc"),
        ("see https://www.example.com/final_report.pdf", "report"),
        ("a<b and c>d", "and"),
        ("invoice #1042, 12.50", "1042"),
        ("don't do that", "don't"),
        ("end-to-end", "end to end"),
    ],
)
async def test_what_is_found(seeder, handler, index, text, query):
    me = await seeder.user()
    to = await seeder.conversation(me)
    await seeder.message(to, text)
    await seeder.message(to, "别的事情 with other matters")
    await changed(seeder, to, 1, 2)
    await index_all(index)
    assert await found(handler, me, query) == [text]


@pytest.mark.parametrize(
    "query", ["剪师", "辑剪", "invoices paid", "!!", "🙂🙂", "' & | ! ( :*", "\\'"]
)
async def test_what_is_not_found(seeder, handler, index, query):
    me = await seeder.user()
    to = await seeder.conversation(me)
    await seeder.message(to, "剪辑 invoice")
    await changed(seeder, to, 1)
    await index_all(index)
    assert await found(handler, me, query) == []


@pytest.mark.parametrize("query", ["", " ", "计", " 计 ", "a", "x" * 201])
async def test_too_short_and_too_long(seeder, handler, query):
    with pytest.raises(RequestError) as refusal:
        await found(handler, uuid4(), query)
    assert refusal.value.code is ErrorCode.VALIDATION_FAILED
    assert refusal.value.details["path"] == "query"


async def test_only_ones_own_conversations(seeder, handler, index):
    me, other = await seeder.user(), await seeder.user()
    mine, theirs, left = [
        await seeder.conversation(*members) for members in [(me, other), (other,), (me, other)]
    ]
    for to in (mine, theirs, left):
        await seeder.message(to, f"secret word {to.id}")
        await changed(seeder, to, 1)
    await seeder.change_member(left, me, "left_at = now()")
    await index_all(index)
    assert await found(handler, me, "secret") == [f"secret word {mine.id}"]
    assert await found(handler, me, "secret", conversation_id=mine.id) == [f"secret word {mine.id}"]
    assert len(await found(handler, other, "secret")) == 3
    bodies = []
    for hidden in (theirs.id, left.id, uuid4()):
        with pytest.raises(RequestError) as refusal:
            await found(handler, me, "secret", conversation_id=hidden)
        bodies.append(refusal.value.body())
    assert bodies[0] == bodies[1] == bodies[2] == RequestError.not_found("conversation").body()


async def test_edits_and_deletions_are_followed(seeder, handler, index):
    me = await seeder.user()
    to = await seeder.conversation(me)
    for text in ("first apple", "second apple"):
        await seeder.message(to, text, at=to.at + timedelta(days=40))
    await changed(seeder, to, 1, 2)
    await index_all(index)
    assert await found(handler, me, "apple") == ["second apple", "first apple"]
    await seeder.edit(to, 1, "first pear")
    await seeder.delete(to, 2)
    # A tombstone is not shown even before the index knows of it.
    assert await found(handler, me, "apple") == ["first pear"]
    await changed(seeder, to, 1, 2, 1)
    await index_all(index)
    assert await found(handler, me, "apple") == []
    assert await found(handler, me, "pear") == ["first pear"]
    assert await seeder.connection.fetchval("select count(*) from message_search") == 1


async def test_pages_hold_everything_once_newest_first(seeder, handler, index):
    me = await seeder.user()
    several = [await seeder.conversation(me) for _ in range(3)]
    expected = []
    for number in range(12):
        to = several[number % 3]
        # Some of one moment: the order goes on by conversation and seq.
        seq = await seeder.message(
            to, f"word {number}", at=START + timedelta(days=number // 4 * 20)
        )
        expected.append((to.at, to.id, seq, f"word {number}"))
        await changed(seeder, to, seq)
    await index_all(index)
    seen, cursor = [], None
    while True:
        page = await handler.search(
            Caller(me, uuid4()), SearchRequest(query="word", cursor=cursor, limit=5)
        )
        seen += [message.content for message in page.messages]
        cursor = page.next_cursor
        if cursor is None:
            break
        with pytest.raises(RequestError):
            await handler.search(Caller(me, uuid4()), SearchRequest(query="other", cursor=cursor))
    assert seen == [text for *_, text in sorted(expected, reverse=True)]


async def test_a_failed_turn_leaves_the_rows(seeder, index, pool):
    to = await seeder.conversation(await seeder.user())
    await seeder.message(to, "hello")
    await changed(seeder, to, 1)
    await seeder.connection.execute("alter table message_search rename to elsewhere")
    with pytest.raises(asyncpg.UndefinedTableError):
        await index.index_next(ROWS)
    await seeder.connection.execute("alter table elsewhere rename to message_search")
    assert await index.index_next(ROWS) == 1
    assert await index.index_next(ROWS) == 0


async def test_consumers_share_rows_without_waiting_and_take_only_their_own(seeder, pool):
    to = await seeder.conversation(await seeder.user())
    for _ in range(4):
        await changed(seeder, to, 1)
    await seeder.connection.execute(
        """
        insert into outbox (consumer, kind, available_at)
        values ('search', 'later', now() + interval '1 hour'), ('notifications', 'other', now())
        """
    )
    async with pool.acquire() as one, pool.acquire() as two:
        first, second = one.transaction(), two.transaction()
        await first.start()
        await second.start()
        held = await claim(one, "search", 3)
        rest = await claim(two, "search", 3)
        assert [len(held), len(rest)] == [3, 1]
        assert max(row.id for row in held) < rest[0].id
        assert (rest[0].conversation_ids, rest[0].seqs, rest[0].data) == ([to.id], [1], {})
        await first.rollback()
        await second.commit()
        async with two.transaction():
            assert len(await claim(two, "search", 9)) == 3


async def test_one_process_indexes_at_a_time(seeder, index, pool):
    to = await seeder.conversation(await seeder.user())
    await changed(seeder, to, 1)
    async with pool.acquire() as other, other.transaction():
        await other.execute("select pg_advisory_xact_lock(7237533916302115)")
        assert await index.index_next(ROWS) == 0
    assert await index.index_next(ROWS) == 1


async def test_the_loop_indexes_until_it_is_stopped(seeder, handler, index):
    me = await seeder.user()
    to = await seeder.conversation(me)
    task = asyncio.create_task(keep_indexed(index))
    await seeder.message(to, "eventually")
    await changed(seeder, to, 1)
    async with asyncio.timeout(10):
        while not await found(handler, me, "eventually"):
            await asyncio.sleep(0.02)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def test_pauses_grow_while_nothing_comes():
    assert next_pause_s(1.0, ROWS) == 0
    assert next_pause_s(1.0, 1) == BUSY_S
    pauses = [BUSY_S]
    while pauses[-1] < IDLE_S:
        pauses.append(next_pause_s(pauses[-1], 0))
    assert pauses == [0.2, 0.4, 0.8, 1.0]
    assert next_pause_s(0.0, 0) == BUSY_S
