"""The handlers of changes over a real database, as the server builds them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from uuid import UUID, uuid4

import asyncpg
import pytest

from handlers.caller import Caller
from handlers.conversations.conversations import Conversations
from handlers.conversations.members import Members
from handlers.messages.changes import Changes
from handlers.notifications.notifications import NotificationCommands
from handlers.people.blocks_reports_templates import (
    BlockCommands,
    ReportCommands,
    TemplateCommands,
)
from protocol.cursor import CursorSigner
from protocol.errors import ErrorCode, RequestError
from protocol.limits import Limits
from server.outbox.notifier import notifier
from storage.conversations.members import ConversationChanges
from storage.conversations.reader import ConversationReader
from storage.database.change_call import ChangeCalls
from storage.database.postgres import connect_pool
from storage.messages.changes import MessageChanges
from storage.messages.reader import MessageReader, MessageRows
from storage.notifications.reader import NotificationReader
from storage.notifications.store import Notifications
from storage.people.blocks import Blocks
from storage.people.reports import Reports
from storage.people.templates import Templates
from tests.seeding import Seeded, Seeder

LIMITS = Limits(
    emojis_per_message=2,
    pins=2,
    participants=34,
    new_direct_per_day=100,
    blocks=2,
    templates=2,
    page_default=2,
    page_max=3,
)


class Ground:
    """Everything a test of changes needs: handlers, seeds, and a look at what they left."""

    def __init__(
        self, pool: "asyncpg.Pool[asyncpg.Record]", connection: asyncpg.Connection
    ) -> None:
        self.pool = pool
        self.connection = connection
        self.seeder = Seeder(connection)
        self.woken = 0
        calls = ChangeCalls(pool, self._wake)
        rows = MessageRows(lambda file_id: (str(file_id), "never"), LIMITS)
        reader = ConversationReader(pool, rows)
        members = ConversationChanges(
            calls,
            max_participants=LIMITS.participants,
            max_direct_a_day=LIMITS.new_direct_per_day,
        )
        self.reader = reader
        self.calls = calls
        self.store = Notifications(calls)
        self.notifier = notifier(pool, self._wake)
        self.messages = MessageReader(pool, rows)
        self.changes = Changes(MessageChanges(calls), self.messages, LIMITS)
        self.conversations = Conversations(members, reader, LIMITS)
        self.members = Members(members, reader)
        self.listed = NotificationReader(pool)
        self.notifications = NotificationCommands(
            self.store, self.listed, CursorSigner(b"k" * 16), LIMITS
        )
        self.blocks = BlockCommands(Blocks(calls, max_blocks=LIMITS.blocks))
        self.reports = ReportCommands(Reports(calls), LIMITS)
        self.templates = TemplateCommands(Templates(calls, max_templates=LIMITS.templates), LIMITS)

    def reaching(self, strangers: int) -> None:
        """From now on so many strangers may be reached a day."""
        changes = ConversationChanges(
            self.calls, max_participants=LIMITS.participants, max_direct_a_day=strangers
        )
        self.conversations = Conversations(changes, self.reader, LIMITS)
        self.members = Members(changes, self.reader)

    async def people(self, count: int) -> list[UUID]:
        return [await self.seeder.user(f"person {number}") for number in range(count)]

    async def warm_up(self) -> None:
        """Opens every connection of the pool, so that what is started at once runs at once."""
        await asyncio.gather(*(self.pool.execute("select pg_sleep(0.05)") for _ in range(6)))

    async def block(self, blocker: UUID, blocked: UUID) -> None:
        await self.connection.execute("insert into user_blocks values ($1, $2)", blocker, blocked)

    async def close(self, conversation: Seeded) -> None:
        await self.connection.execute(
            "update conversations set status = 'closed' where id = $1", conversation.id
        )

    async def rev(self, conversation_id: UUID) -> int:
        rev: int = await self.connection.fetchval(
            "select rev from conversations where id = $1", conversation_id
        )
        return rev

    async def told(self) -> list[tuple[str, str, list[int] | None, list[UUID] | None]]:
        """Takes the outbox: consumer, kind, revs and users of each row, in order."""
        rows = await self.connection.fetch(
            "select * from outbox where consumer <> 'copies' order by id"
        )
        await self.connection.execute("delete from outbox")
        for row in rows:
            arrays = [row[name] for name in ("conversation_ids", "seqs", "revs", "user_ids")]
            assert len({len(array) for array in arrays if array is not None}) == 1, row
        return [(row["consumer"], row["kind"], row["revs"], row["user_ids"]) for row in rows]

    def _wake(self) -> None:
        self.woken += 1


def of(user_id: UUID) -> Caller:
    """The user as the caller of a command."""
    return Caller(user_id, uuid4())


async def refusal(command: Awaitable[object]) -> ErrorCode:
    """The code that a command is refused with; it must be refused."""
    with pytest.raises(RequestError) as refused:
        await command
    return refused.value.code


@pytest.fixture
async def ground(database_url: str, owner: asyncpg.Connection) -> AsyncIterator[Ground]:
    pool = await connect_pool(database_url, size=6, statement_timeout_ms=5000)
    yield Ground(pool, owner)
    await pool.close()
