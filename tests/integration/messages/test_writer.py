"""Group commit on a real PostgreSQL: numbers, verdicts, repeats, locks, and rows at fault."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest

from protocol.bus import unpack
from protocol.errors import ErrorCode, RequestError
from protocol.limits import Limits
from protocol.objects import Message
from protocol.replies import MessageReply
from protocol.requests import AttachmentRef, MessageSend
from storage.bus.publisher import Publication, Publisher
from storage.database.postgres import connect_pool
from storage.messages.pending import Pending
from storage.messages.reader import MessageReader, MessageRows
from storage.messages.writer import MessageWriter, WriterSettings
from storage.outbox.published import PublishedRows
from tests.integration.marketplace import make_conversation, make_users
from tests.seeding import Seeder


@dataclass
class Writing:
    """A writer at work, with what it needs."""

    writer: MessageWriter
    pool: asyncpg.Pool
    published: list[Publication] = field(default_factory=list)

    async def send(
        self,
        conversation_id: UUID,
        sender_id: UUID,
        content: str = "hello",
        client_id: UUID | None = None,
        **more: object,
    ) -> Message:
        """Send one message through the writer."""
        request = MessageSend(conversation_id, client_id or uuid4(), content, **more)  # type: ignore[arg-type]  # any of its fields
        return (await self.writer.put(request, sender_id, "")).message


class _Kept(Publisher):
    """The real publisher's queue, read by the test instead of by Redis."""

    def __init__(self, kept: list[Publication]) -> None:
        self._kept = kept

    def publish(self, publications, done=None) -> None:
        self._kept.extend(publications)
        if done is not None:
            done()


@contextlib.asynccontextmanager
async def writing_on(database_url: str) -> AsyncIterator[Writing]:
    """A writer on the database, its task running."""
    pool = await connect_pool(database_url, size=4, statement_timeout_ms=5_000)
    published: list[Publication] = []
    rows = MessageRows(lambda _file: ("/file", "2030-01-01T00:00:00.000Z"), Limits())
    settings = WriterSettings(database_url, uuid4(), 256, 500, 5_000)
    writer = MessageWriter(
        settings, MessageReader(pool, rows), _Kept(published), PublishedRows(pool, uuid4())
    )
    task = asyncio.create_task(writer.run())
    try:
        yield Writing(writer, pool, published)
    finally:
        task.cancel()
        await asyncio.wait([task])
        await pool.close()


@pytest.fixture
async def writing(database_url: str) -> AsyncIterator[Writing]:
    """A writer on a database of the test's own."""
    async with writing_on(database_url) as one:
        yield one


async def _verdicts(sends: Sequence[asyncio.Task[Message]]) -> list[str]:
    results = await asyncio.gather(*sends, return_exceptions=True)
    return [one.code if isinstance(one, RequestError) else "ok" for one in results]


async def test_sending_brings_an_archived_conversation_back_to_the_sender(writing: Writing) -> None:
    people = await make_users(writing.pool, 2)
    conversation = await make_conversation(writing.pool, people)
    await writing.pool.execute(
        "UPDATE conversation_participants "
        "SET archived_seq = 0, is_archived = true, is_muted = true WHERE conversation_id = $1",
        conversation,
    )
    await writing.send(conversation, people[0])
    rows = await writing.pool.fetch(
        "SELECT user_id, archived_seq, is_archived FROM conversation_participants "
        "WHERE conversation_id = $1",
        conversation,
    )
    assert {tuple(row) for row in rows} == {(people[0], None, False), (people[1], 0, True)}


async def test_a_crowd_is_numbered_without_gaps_in_the_order_of_the_sends(writing: Writing) -> None:
    people = await make_users(writing.pool, 3)
    conversation = await make_conversation(writing.pool, people)
    messages = await asyncio.gather(
        *(writing.send(conversation, people[n % 3], f"message {n}") for n in range(600))
    )
    assert [message.seq for message in messages] == list(range(1, 601))
    assert [message.rev for message in messages] == list(range(2, 602))
    rows = await writing.pool.fetch(
        "SELECT seq, content, created_at FROM messages WHERE conversation_id = $1 ORDER BY seq",
        conversation,
    )
    assert [row["content"] for row in rows] == [f"message {n}" for n in range(600)]
    assert [row["created_at"] for row in rows] == sorted(row["created_at"] for row in rows)
    revs = [int(unpack(publication.body).rev) for publication in writing.published]
    assert revs == list(range(2, 602))
    assert set(writing.published[0].targets) == {str(person) for person in people}


async def test_sending_is_reading(writing: Writing) -> None:
    people = await make_users(writing.pool, 2)
    conversation = await make_conversation(writing.pool, people, "direct")
    await writing.send(conversation, people[0])
    await writing.send(conversation, people[0])
    rows = await writing.pool.fetch(
        "SELECT user_id, last_read_seq, has_written FROM conversation_participants "
        "WHERE conversation_id = $1",
        conversation,
    )
    assert {row["user_id"]: tuple(row)[1:] for row in rows} == {
        people[0]: (2, True),
        people[1]: (0, False),
    }


async def test_ten_bad_rows_of_each_kind_hold_up_nobody(
    writing: Writing, owner: asyncpg.Connection
) -> None:
    people = await make_users(writing.pool, 4)
    stranger = people[3]
    good = await make_conversation(writing.pool, people[:3])
    closed = await make_conversation(writing.pool, people[:3])
    direct = await make_conversation(writing.pool, people[:2], "direct")
    watched = await make_conversation(writing.pool, people[:3])
    await writing.pool.execute("UPDATE conversations SET status = 'closed' WHERE id = $1", closed)
    await writing.pool.execute("INSERT INTO user_blocks VALUES ($1, $2)", people[1], people[0])
    await writing.pool.execute(
        "UPDATE conversation_participants SET role = 'observer' "
        "WHERE conversation_id = $1 AND user_id = $2",
        watched,
        people[0],
    )
    # A row that makes the statement itself raise: found by halving.
    await owner.execute("ALTER TABLE messages ADD CONSTRAINT poison CHECK (content <> 'poison')")
    known = uuid4()
    await writing.send(good, people[0], "first", known)

    def start(*args: object, **more: object) -> asyncio.Task[Message]:
        return asyncio.create_task(writing.send(*args, **more))  # type: ignore[arg-type]  # any of its fields

    kinds = {
        ErrorCode.NOT_FOUND: lambda: start(good, stranger),
        ErrorCode.CONVERSATION_CLOSED: lambda: start(closed, people[0]),
        ErrorCode.BLOCKED: lambda: start(direct, people[0]),
        ErrorCode.FORBIDDEN: lambda: start(watched, people[0]),
        ErrorCode.DUPLICATE_MISMATCH: lambda: start(good, people[0], "other", known),
        ErrorCode.VALIDATION_FAILED: lambda: start(good, people[0], parent_id=uuid4()),
        ErrorCode.INTERNAL: lambda: start(good, people[0], "poison"),
    }
    absent = [start(uuid4(), people[0]) for _ in range(10)]
    foreign_file = [start(good, people[0], attachments=[AttachmentRef(uuid4())]) for _ in range(10)]
    repeats = [start(good, people[0], "first", known) for _ in range(10)]
    expected: list[str] = []
    sends: list[asyncio.Task[Message]] = []
    for _ in range(10):
        for code, kind in kinds.items():
            sends.append(kind())
            expected.append(code)
    accepted = [start(good, people[n % 3], f"good {n}") for n in range(156)]
    assert await _verdicts(sends) == expected
    assert await _verdicts(absent) == [ErrorCode.NOT_FOUND] * 10
    assert await _verdicts(foreign_file) == [ErrorCode.VALIDATION_FAILED] * 10
    assert {message.seq for message in await asyncio.gather(*repeats)} == {1}
    assert [message.seq for message in await asyncio.gather(*accepted)] == list(range(2, 158))


async def test_a_repeat_answers_with_the_message_as_it_is_now(writing: Writing) -> None:
    people = await make_users(writing.pool, 3)
    conversation = await make_conversation(writing.pool, people)
    client_id = uuid4()
    first = await writing.send(conversation, people[1], "as sent", client_id)
    await writing.pool.execute(
        "UPDATE messages SET content = 'edited', edited_at = now(), rev = 3, is_changed = true"
    )
    await writing.pool.execute("UPDATE conversations SET rev = 3")
    again = await writing.send(conversation, people[1], "as sent", client_id)
    assert (again.id, again.content, again.rev) == (first.id, "edited", 3)
    # Also once the sender is gone: whether it was stored is the sender's to know.
    await writing.pool.execute(
        "UPDATE conversation_participants SET left_at = now() WHERE user_id = $1", people[1]
    )
    assert (await writing.send(conversation, people[1], "as sent", client_id)).id == first.id
    with pytest.raises(RequestError) as refused:
        await writing.send(conversation, people[1], "something else", client_id)
    assert refused.value.code is ErrorCode.DUPLICATE_MISMATCH
    with pytest.raises(RequestError) as gone:
        await writing.send(conversation, people[1], "new")
    assert gone.value.code is ErrorCode.NOT_FOUND
    assert await writing.pool.fetchval("SELECT count(*) FROM messages") == 1


SEND = """SELECT verdict, seq FROM commit_group(
    ARRAY[$1::uuid], ARRAY[$2::uuid], ARRAY[$3::uuid], ARRAY[$4::bytea],
    ARRAY['text'], ARRAY['hello'], ARRAY[NULL::uuid], ARRAY[NULL], ARRAY[NULL],
    NULL, NULL, true, 5000)"""


@pytest.mark.parametrize("point", ["before", "locked", "stored", "committed"])
async def test_two_writers_with_one_client_id_store_one_message(
    writing: Writing, point: str
) -> None:
    people = await make_users(writing.pool, 2)
    conversation = await make_conversation(writing.pool, people, "direct")
    client_id = uuid4()
    request = MessageSend(conversation, client_id, "hello")
    second: asyncio.Future[MessageReply] | None = None

    def interleave(reached: str) -> None:
        nonlocal second
        if reached == point:
            second = writing.writer.put(request, people[0], "")

    # The first writer, step by step in a transaction of its own; the second begins at `point`.
    connection = await asyncpg.connect(dsn_of(writing))
    try:
        transaction = connection.transaction()
        await transaction.start()
        interleave("before")
        if second is not None:
            await asyncio.wait([second])
        await connection.execute(
            "SELECT 1 FROM conversations WHERE id = $1 FOR NO KEY UPDATE", conversation
        )
        interleave("locked")
        if point == "locked":
            await until_waiting(writing)
        from_first = await connection.fetchrow(
            SEND, conversation, people[0], client_id, hash_of(request)
        )
        interleave("stored")
        if point == "stored":
            await until_waiting(writing)
        await transaction.commit()
        interleave("committed")
    finally:
        await connection.close()
    assert second is not None
    message = (await second).message
    assert from_first is not None
    assert {from_first["verdict"]} <= {"ok", "repeat"}
    assert message.seq == from_first["seq"] == 1
    assert await writing.pool.fetchval("SELECT count(*) FROM messages") == 1
    assert await writing.pool.fetchval("SELECT last_seq FROM conversations") == 1


async def test_a_locked_conversation_delays_no_other(writing: Writing) -> None:
    people = await make_users(writing.pool, 2)
    locked = await make_conversation(writing.pool, people)
    others = [await make_conversation(writing.pool, people) for _ in range(3)]
    connection = await asyncpg.connect(dsn_of(writing))
    try:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute(
            "SELECT 1 FROM conversations WHERE id = $1 FOR NO KEY UPDATE", locked
        )
        held = [asyncio.create_task(writing.send(locked, people[0], f"held {n}")) for n in range(5)]
        # While those wait for the lock, everybody else's messages go through.
        for n in range(20):
            await asyncio.gather(*(writing.send(other, people[0], f"{n}") for other in others))
        assert not any(one.done() for one in held)
        # None of them is stored once the lock was waited for in vain, so none overtakes another.
        assert await _verdicts(held) == [ErrorCode.UNAVAILABLE] * 5
        await transaction.rollback()
    finally:
        await connection.close()
    assert (await writing.send(locked, people[0], "after")).seq == 1


async def test_a_lock_released_in_time_keeps_the_order(writing: Writing) -> None:
    people = await make_users(writing.pool, 2)
    conversation = await make_conversation(writing.pool, people)
    connection = await asyncpg.connect(dsn_of(writing))
    try:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute(
            "SELECT 1 FROM conversations WHERE id = $1 FOR NO KEY UPDATE", conversation
        )
        sends = [
            asyncio.create_task(writing.send(conversation, people[0], f"{n}")) for n in range(50)
        ]
        await until_waiting(writing)
        await transaction.commit()
    finally:
        await connection.close()
    messages = await asyncio.gather(*sends)
    assert [message.content for message in messages] == [f"{n}" for n in range(50)]
    assert [message.seq for message in messages] == list(range(1, 51))


@pytest.mark.parametrize("pause_s", [0, 0.001, 0.01])
async def test_a_connection_lost_repeats_the_group(
    writing: Writing, owner: asyncpg.Connection, pause_s: float
) -> None:
    people = await make_users(writing.pool, 2)
    conversation = await make_conversation(writing.pool, people)
    for start in range(1, 60, 20):
        ended = await owner.fetch(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND query LIKE '%FROM commit_group%' "
            "AND pid <> pg_backend_pid()"
        )
        assert bool(ended) is (start > 1)
        # Before its end is known, as it becomes known, and after: asyncpg answers each in its way.
        await asyncio.sleep(pause_s)
        messages = await asyncio.gather(
            *(writing.send(conversation, people[0], f"{n}") for n in range(start, start + 20))
        )
        assert [message.seq for message in messages] == list(range(start, start + 20))


async def test_the_outbox_names_every_message_until_it_is_published(writing: Writing) -> None:
    people = await make_users(writing.pool, 2)
    conversation = await make_conversation(writing.pool, people)
    await writing.send(conversation, people[0], "1")
    row = await writing.pool.fetchrow("SELECT * FROM outbox WHERE consumer = 'realtime'")
    assert row is not None
    assert (row["kind"], row["conversation_ids"], row["seqs"], row["revs"]) == (
        "message.created",
        [conversation],
        [1],
        [2],
    )
    # The next group takes it along: its events are published.
    await writing.send(conversation, people[0], "2")
    seqs = await writing.pool.fetchval("SELECT seqs FROM outbox WHERE consumer = 'realtime'")
    assert seqs == [2]


def dsn_of(writing: Writing) -> str:
    """The address of the writer's database."""
    return writing.writer._settings.dsn


def hash_of(request: MessageSend) -> bytes:
    """What the writer stores of a request."""
    return Pending(request, uuid4(), "", lambda _answer: None).request_hash


async def until_waiting(writing: Writing) -> None:
    """Return once a writer waits for a lock."""
    async with asyncio.timeout(5):
        while not await writing.pool.fetchval(
            "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted)"
        ):
            await asyncio.sleep(0.01)


async def test_a_reply_that_opens_a_month_tells_where_its_parent_lies(
    writing: Writing, owner: asyncpg.Connection
) -> None:
    seeder = Seeder(owner)
    people = [await seeder.user("one"), await seeder.user("two")]
    last_month = datetime.now(UTC).replace(day=1, microsecond=0) - timedelta(days=10)
    seeded = await seeder.conversation(*people, created_at=last_month)
    seq = await seeder.message(seeded, sender=people[0], at=last_month)
    reply = await writing.send(seeded.id, people[1], "a reply", parent_id=seeded.ids[seq])
    months = await writing.pool.fetch(
        "SELECT first_seq, max_rev FROM conversation_months WHERE conversation_id = $1 "
        "ORDER BY month",
        seeded.id,
    )
    # The parent's change is the newest rev of the month that ended, and the new one is open.
    assert [tuple(month) for month in months] == [(1, reply.rev), (2, None)]
