"""A bug below the writers: those who wait are told, and the writer ends with it, loudly."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from protocol.errors import ErrorCode, RequestError
from protocol.requests import MessageSend, ReceiptMark
from storage.bus.publisher import Publisher
from storage.database.postgres import connect_pool
from storage.messages.receipts import ReceiptSettings, ReceiptWriter
from storage.messages.writer import MessageWriter, WriterSettings
from storage.outbox.published import PublishedRows
from tests.integration.marketplace import make_conversation, make_users

WAIT_S = 10.0


class Bug(Exception):
    """What nobody expects."""


class Loader:
    """Reads no message."""

    async def by_refs(self, _refs):
        """Fail."""
        raise Bug


class Silent(Publisher):
    """Nothing is ever published."""

    def __init__(self) -> None:
        pass

    def publish(self, publications, done=None) -> None:
        """Forget it."""


class Broken(Silent):
    """Fails."""

    def publish(self, _publications, _done=None) -> None:
        """Fail."""
        raise Bug


@contextlib.asynccontextmanager
async def running(run: Coroutine[Any, Any, None]) -> AsyncIterator["asyncio.Task[None]"]:
    """A writer at work in a task."""
    task = asyncio.create_task(run)
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait([task])


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[asyncpg.Pool]:
    """Connections to the test's database."""
    pool = await connect_pool(database_url, size=3, statement_timeout_ms=5_000)
    yield pool
    await pool.close()


def writer_of(pool: asyncpg.Pool, dsn: str, publisher: Publisher) -> MessageWriter:
    """A writer that can read no message."""
    settings = WriterSettings(dsn, uuid4(), 2, 5_000, 5_000)
    return MessageWriter(settings, Loader(), publisher, PublishedRows(pool, uuid4()))


def send(conversation_id: UUID) -> MessageSend:
    """A new message."""
    return MessageSend(conversation_id, uuid4(), "hello")


async def until_waiting(pool: asyncpg.Pool) -> None:
    """Return once somebody waits for a lock."""
    async with asyncio.timeout(WAIT_S):
        while not await pool.fetchval("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"):
            await asyncio.sleep(0.01)


async def told(future: "asyncio.Future[Any]") -> BaseException | None:
    """What a sender is told in place of a reply."""
    async with asyncio.timeout(WAIT_S):
        await asyncio.wait([future])
    return future.exception()


def is_unavailable(error: BaseException | None) -> bool:
    """Whether that is a refusal for now."""
    return isinstance(error, RequestError) and error.code is ErrorCode.UNAVAILABLE


async def test_a_bug_in_a_lane_of_the_writer(pool: asyncpg.Pool, database_url: str) -> None:
    people = await make_users(pool, 2)
    conversation = await make_conversation(pool, people)
    writer = writer_of(pool, database_url, Silent())
    async with running(writer.run()) as task:
        first = send(conversation)
        await writer.put(first, people[0], "")
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute(
                "SELECT FROM conversations WHERE id = $1 FOR NO KEY UPDATE", conversation
            )
            # It has been stored, so it is read, by which the group fails.
            waiting = [writer.put(first, people[0], "")]
            waiting += [writer.put(send(conversation), people[1], "") for _ in range(3)]
            await until_waiting(pool)
        errors = [await told(future) for future in waiting]
        # The lane took the first two as one group; the others may be sent again.
        assert [type(error) for error in errors[:2]] == [Bug, Bug]
        assert all(is_unavailable(error) for error in errors[2:])
        async with asyncio.timeout(WAIT_S):
            await asyncio.wait([task])
        raised = task.exception()
        assert isinstance(raised, ExceptionGroup)
        assert raised.subgroup(Bug) is not None
        with pytest.raises(RequestError):
            writer.put(send(conversation), people[0], "")


async def test_a_bug_of_the_writer_itself(pool: asyncpg.Pool, database_url: str) -> None:
    people = await make_users(pool, 2)
    conversation = await make_conversation(pool, people)
    writer = writer_of(pool, database_url, Silent())
    async with running(writer.run()) as task:
        first = send(conversation)
        await writer.put(first, people[0], "")
        again, other, later = (
            writer.put(request, people[0], "")
            for request in (first, send(conversation), send(conversation))
        )
        assert [type(await told(future)) for future in (again, other)] == [Bug, Bug]
        assert is_unavailable(await told(later))
        async with asyncio.timeout(WAIT_S):
            await asyncio.wait([task])
        assert isinstance(task.exception(), ExceptionGroup)


async def test_a_bug_after_the_answers(pool: asyncpg.Pool, database_url: str) -> None:
    people = await make_users(pool, 2)
    conversation = await make_conversation(pool, people)
    writer = writer_of(pool, database_url, Broken())
    async with running(writer.run()) as task:
        assert (await writer.put(send(conversation), people[0], "")).message.seq == 1
        async with asyncio.timeout(WAIT_S):
            await asyncio.wait([task])
        assert isinstance(task.exception(), ExceptionGroup)


async def test_a_bug_among_receipts(pool: asyncpg.Pool, database_url: str) -> None:
    people = await make_users(pool, 2)
    conversation = await make_conversation(pool, people)
    sender = writer_of(pool, database_url, Silent())
    async with running(sender.run()):
        await sender.put(send(conversation), people[0], "")

    def moved(_user: UUID, _conversation: UUID) -> None:
        raise Bug

    settings = ReceiptSettings(database_url, uuid4(), 256, 5_000, moved)
    receipts = ReceiptWriter(settings, Silent(), PublishedRows(pool, uuid4()))
    async with running(receipts.run()) as task:
        mark = ReceiptMark(conversation, 1)
        asked = [receipts.put(mark, person, "", is_read=True) for person in (people[1], people[0])]
        # Of one group the first has its answer when the bug comes, and the other is told of it.
        assert await told(asked[0]) is None
        assert type(await told(asked[1])) is Bug
        async with asyncio.timeout(WAIT_S):
            await asyncio.wait([task])
        assert type(task.exception()) is Bug
        with pytest.raises(RequestError):
            receipts.put(mark, people[0], "", is_read=True)
