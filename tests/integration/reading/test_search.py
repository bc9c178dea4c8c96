"""Search finds words and Chinese text where the caller may look, and what messages say now."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from handlers.caller import Caller
from handlers.messages.search import Search
from protocol.cursor import CursorSigner
from protocol.errors import ErrorCode, RequestError
from protocol.limits import Limits
from protocol.requests import MessageSearch as SearchRequest
from server.outbox.consumer import OutboxConsumer
from server.outbox.indexer import indexer
from storage.database import migrate
from storage.database.postgres import connect_pool
from storage.messages.search import MessageSearch
from storage.outbox.rows import Batch, claim_of, delete_claimed
from tests.seeding import START, Seeded, Seeder

SIGNER = CursorSigner(b"0123456789abcdef")
PAGE = 32
"""Messages whose words are kept together."""


@pytest.fixture
def handler(pool, rows, conversations) -> Search:
    return Search(conversations, MessageSearch(pool, rows), SIGNER, Limits())


@pytest.fixture
def index(pool) -> OutboxConsumer:
    return indexer(pool)


async def changed(seeder: Seeder, to: Seeded, *seqs: int, kind: str = "message.updated") -> None:
    """What a writer leaves in the outbox."""
    await seeder.connection.execute(
        """
        insert into outbox (consumer, kind, conversation_ids, seqs, revs)
        values ('search', $3, $1, $2, $2)
        """,
        [to.id] * len(seqs),
        list(seqs),
        kind,
    )


async def completed(seeder: Seeder, to: Seeded, text: str = "別に nothing") -> None:
    """More messages, until the last page is full."""
    while to.last_seq % PAGE:
        await seeder.message(to, text)


async def kept(seeder: Seeder, index: OutboxConsumer) -> list[tuple[UUID, int]]:
    """Work the outbox off; the pages whose words are kept then."""
    await index_all(index)
    rows = await seeder.connection.fetch(
        "select conversation_id, page from message_words order by conversation_id, page"
    )
    return [(row["conversation_id"], row["page"]) for row in rows]


async def index_all(index: OutboxConsumer) -> None:
    while (await index.consume()).rows:
        pass


async def found(handler: Search, user_id: UUID, query: str, **more: Any) -> list[str | None]:
    page = await handler.search(Caller(user_id, uuid4()), SearchRequest(query=query, **more))
    assert page.next_cursor is None
    return [message.content for message in page.messages]


@pytest.mark.parametrize("is_kept", [False, True])
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
        ("İstanbul and Ürgüp", "ürgüp"),
        ("100% of it", "100%"),
        ("she was dying", "die"),
        ("clear skies", "sky"),
        ("using it", "use"),
        ("payment tries", "try payments"),
        ("a sensible fix", "sensibility fixes"),
        ("ΛΌΓΟΣ", "λόγος"),
        ("λόγος", "ΛΟΓΟΣ"),
        ("STRASSE", "straße"),
        ("an der Straße", "STRASSE"),
        ("naïve café", "cafe NAIVE"),
        ("cafe\u0301", "CAFÉ"),
        ("Ærøskøbing", "aeroskobing"),
        ("ISTANBUL", "ıstanbul"),
        ("Ёж и ёлка", "елка ЕЖ"),
        ("мой дом", "МОЙ"),
        ("كِتَاب", "كتاب"),
        ("أحمد", "احمد"),
        ("שָׁלוֹם", "שלום"),
        ("می‌خواهم", "میخواهم"),
        ("co\u00adoperate", "cooperate"),
        ("zero\u200bwidth", "ZEROWIDTH"),
        ("पता ४२ है", "42"),
        ("room ١٢٣", "123"),
        ("हिन्दी में लिखो", "हिन्दी"),
        ("สวัสดีครับ", "สวัสดี"),
        ("ສະບາຍດີ", "ບາຍ"),
        ("សួស្តី", "សួ"),
        ("မင်္ဂလာပါ", "လာ"),
        ("བཀྲ་ཤིས", "ཤིས"),
        ("找一位剪辑师", "剪"),
        ("สวัสดี", "ส"),
        ("that is great 👍", "👍"),
        ("👍🏽 great", "👍"),
        ("with love ❤️", "❤"),
        ("with love ❤", "❤️"),
        ("really‼️", "‼"),
        ("press 1️⃣", "1️⃣"),
        ("from 🇩🇪🇫🇷", "🇫🇷"),
        ("family 👨‍👩‍👧", "👩"),
        ("Ⓜ️ is the metro", "Ⓜ️"),
        ("x\u0308" * 3, "xxx"),
        ("ｶﾞｷﾞ", "ガギ"),
    ],
)
async def test_what_is_found(seeder, handler, index, text, query, is_kept):
    me = await seeder.user()
    to = await seeder.conversation(me)
    await seeder.message(to, text)
    await seeder.message(to, "别的事情 with other matters")
    if is_kept:
        await completed(seeder, to)
    await changed(seeder, to, 1, 2)
    assert await kept(seeder, index) == [(to.id, 0)] * is_kept
    assert await found(handler, me, query) == [text]


@pytest.mark.parametrize(
    "query",
    [
        "剪师",
        "辑剪",
        "invoices paid",
        "!!",
        "🙂🙂",
        "' & | ! ( :*",
        "\\'",
        "कि",
        "мои",
        "👍🏿",
        "🇪🇷",
    ],
)
async def test_what_is_not_found(seeder, handler, index, query):
    me = await seeder.user()
    to = await seeder.conversation(me)
    for text in ("剪辑 invoice", "who paid it?", "की मой мой 👍🏽 🇩🇪"):
        await seeder.message(to, text)
        await completed(seeder, to)
    await seeder.message(to, "剪辑 invoice")
    await changed(seeder, to, 1, PAGE + 1)
    await index_all(index)
    assert await found(handler, me, query) == []


@pytest.mark.parametrize(
    "query", ["", " ", "a", " я ", "é", "e\u0301", "a\u200b", "\u200b\u2060", "!", "x" * 201]
)
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
        await completed(seeder, to)
        await changed(seeder, to, 1)
    await seeder.change_member(left, me, "left_at = now()")
    assert len(await kept(seeder, index)) == 3
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
    await completed(seeder, to)
    await changed(seeder, to, 1)
    assert await kept(seeder, index) == [(to.id, 0)]
    assert await found(handler, me, "apple") == ["second apple", "first apple"]
    await seeder.edit(to, 1, "first pear")
    await seeder.delete(to, 2)
    # What is kept only says where to look: what is found is what messages say now.
    assert await found(handler, me, "apple") == []
    await changed(seeder, to, 1, 2, 1)
    await index_all(index)
    assert await found(handler, me, "pear") == ["first pear"]
    tokens = await seeder.connection.fetchval("select tokens::text from message_words")
    assert "pear" in tokens
    assert "appl" not in tokens


@pytest.mark.parametrize(
    "change", ["edit_message($1, $2, $3, 'a pear', 500)", "delete_message($1, $2, $3, 500)"]
)
async def test_a_change_of_text_empties_what_is_kept(seeder, handler, index, change):
    me = await seeder.user()
    to = await seeder.conversation(me)
    await seeder.message(to, "an apple")
    await completed(seeder, to)
    await changed(seeder, to, 1)
    assert await kept(seeder, index) == [(to.id, 0)]
    await seeder.connection.execute(f"select {change}", to.id, me, to.ids[1])
    assert await seeder.connection.fetchval("select count(*) from message_words") == 0
    # The page is read until it is kept anew.
    assert await found(handler, me, "pears") == ["a pear"] * change.startswith("edit")
    assert await kept(seeder, index) == [(to.id, 0)]
    assert await found(handler, me, "apple") == []
    assert await found(handler, me, "pears") == ["a pear"] * change.startswith("edit")


async def test_words_are_kept_once_of_a_page_that_is_complete(seeder, index):
    to = await seeder.conversation(await seeder.user())
    for _ in range(PAGE + 1):
        await seeder.message(to)
    await changed(seeder, to, *range(1, PAGE), PAGE + 1, kind="message.created")
    assert await kept(seeder, index) == []
    await changed(seeder, to, PAGE, kind="message.created")
    assert await kept(seeder, index) == [(to.id, 0)]


async def test_a_page_whose_words_are_others_is_not_read(seeder, handler, index):
    me = await seeder.user()
    to = await seeder.conversation(me)
    await seeder.message(to, "an apple")
    await completed(seeder, to)
    await changed(seeder, to, 1)
    await index_all(index)
    await seeder.connection.execute("update message_words set tokens = 'pear'")
    assert await found(handler, me, "apple") == []


async def test_a_page_with_too_much_text_is_read(seeder, handler, index):
    me = await seeder.user()
    to = await seeder.conversation(me)
    await seeder.message(to, "an apple")
    await completed(seeder, to, "长" * 2_000)
    await changed(seeder, to, 1)
    assert await kept(seeder, index) == [(to.id, 0)]
    assert await found(handler, me, "apple") == ["an apple"]


async def test_pages_hold_everything_once_newest_first(seeder, handler, index):
    me = await seeder.user()
    several = [await seeder.conversation(me) for _ in range(3)]
    expected = []
    for number in range(150):
        to = several[number * number % 3 if number < 75 else number % 3]
        text = f"word {number}" if number % 4 == 0 else "other"
        # Some of one moment: the order goes on by conversation and seq.
        seq = await seeder.message(to, text, at=START + timedelta(days=number // 40 * 20))
        if number % 4 == 0:
            expected.append((to.at, to.id, seq, text))
        await changed(seeder, to, seq, kind="message.created")
    assert len(await kept(seeder, index)) > 2
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


async def test_a_failed_turn_leaves_the_rows(seeder, index, owner):
    to = await seeder.conversation(await seeder.user())
    await seeder.message(to, "hello")
    await changed(seeder, to, 1)
    await owner.execute("alter table message_words rename to elsewhere")
    taken = await index.consume()
    assert (taken.rows, taken.failed) == (1, 1)
    await owner.execute("alter table elsewhere rename to message_words")
    assert (await index.consume()).rows == 0
    assert await seeder.connection.fetchval(
        "update outbox set available_at = now() where tries = 1 returning true"
    )
    assert (await index.consume()).failed == 0
    assert await seeder.connection.fetchval("select count(*) from outbox") == 0


async def test_consumers_share_rows_without_waiting_and_take_only_their_own(seeder, pool):
    to = await seeder.conversation(await seeder.user())
    for _ in range(4):
        await changed(seeder, to, 1)
    await seeder.connection.execute(
        """
        insert into outbox (consumer, kind, available_at)
        values ('search', 'message.updated', now() + interval '1 hour'),
               ('notifications', 'message.updated', now())
        """
    )
    async with pool.acquire() as one, pool.acquire() as two:
        first, second = one.transaction(), two.transaction()
        await first.start()
        await second.start()
        claim, kinds = claim_of("search"), ["message.updated"]
        held = await claim(one, kinds, Batch(3, 99))
        rest = await claim(two, kinds, Batch(3, 99))
        assert [len(held), len(rest)] == [3, 1]
        assert max(row.id for row in held) < rest[0].id
        assert (rest[0].conversation_ids, rest[0].seqs, rest[0].data) == ([to.id], [1], {})
        await first.rollback()
        await delete_claimed(two, [rest[0].id])
        await second.commit()
        async with two.transaction():
            assert len(await claim(two, kinds, Batch(9, 99))) == 3
            assert len(await claim(two, kinds, Batch(9, 2))) == 2
            assert await claim(two, ["message.created"], Batch(9, 99)) == []


async def test_one_process_indexes_at_a_time(seeder, index, pool):
    to = await seeder.conversation(await seeder.user())
    await changed(seeder, to, 1)
    async with pool.acquire() as other, other.transaction():
        await other.execute("select pg_advisory_xact_lock(7237533916302115)")
        assert (await index.consume()).rows == 0
    assert (await index.consume()).rows == 1


async def test_the_loop_indexes_until_it_is_stopped(seeder, index):
    to = await seeder.conversation(await seeder.user())
    for _ in range(PAGE):
        await seeder.message(to, "eventually")
    task = asyncio.create_task(index.run())
    await changed(seeder, to, PAGE, kind="message.created")
    async with asyncio.timeout(10):
        while not await seeder.connection.fetchval("select count(*) from message_words"):
            await asyncio.sleep(0.02)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_messages_of_before_are_left_to_the_consumer(empty_database_url):
    await migrate.upgrade(empty_database_url, "0004")
    pool = await connect_pool(empty_database_url, size=1, statement_timeout_ms=5000)
    connection = await asyncpg.connect(empty_database_url, timeout=10)
    try:
        seeder = Seeder(connection)
        to = await seeder.conversation(await seeder.user())
        for _ in range(2 * PAGE + 1):
            await seeder.message(to)
        await migrate.upgrade(empty_database_url)
        assert await kept(seeder, indexer(pool)) == [(to.id, 0), (to.id, 1)]
        await migrate.downgrade(empty_database_url, "0004")
        left = "select count(distinct s) from outbox, unnest(seqs) s where consumer = 'search'"
        assert await connection.fetchval(left) == 2 * PAGE + 1
    finally:
        await connection.close()
        await pool.close()
