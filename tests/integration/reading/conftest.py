"""What the tests of reading share: a pool as the server has it, and hands that fill the tables."""

from collections.abc import AsyncIterator
from uuid import UUID

import asyncpg
import pytest

from protocol.limits import Limits
from storage.conversations.reader import ConversationReader
from storage.database.postgres import connect_pool
from storage.messages.reader import MessageReader, MessageRows
from tests.seeding import Seeder


def link(file_id: UUID) -> tuple[str, str]:
    """A link that tells its file."""
    return f"/v1/files/{file_id}", "2026-12-01T00:00:00.000Z"


@pytest.fixture
async def pool(database_url: str) -> "AsyncIterator[asyncpg.Pool[asyncpg.Record]]":
    pool = await connect_pool(database_url, size=4, statement_timeout_ms=5000)
    yield pool
    await pool.close()


@pytest.fixture
def seeder(owner: asyncpg.Connection) -> Seeder:
    return Seeder(owner)


@pytest.fixture
def rows() -> MessageRows:
    return MessageRows(link, Limits())


@pytest.fixture
def messages(pool: "asyncpg.Pool[asyncpg.Record]", rows: MessageRows) -> MessageReader:
    return MessageReader(pool, rows)


@pytest.fixture
def conversations(pool: "asyncpg.Pool[asyncpg.Record]", rows: MessageRows) -> ConversationReader:
    return ConversationReader(pool, rows)
