"""The server's own repositories and consumers on the tables of a test.

Each scenario has people and conversations of its own. What one leaves in the queues is taken away
before the next.
"""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Awaitable, Iterable, Sequence
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import asyncpg

from protocol.errors import RequestError
from protocol.limits import Limits
from protocol.objects import Notification
from protocol.requests import MessageSend, ReceiptMark
from server.outbox.notifier import notifier, run_teller
from storage.bus.publisher import Publication, Publisher
from storage.conversations.members import ConversationChanges, NewConversation, NewSettings
from storage.conversations.reader import ConversationReader
from storage.database.change_call import ChangeCalls
from storage.database.postgres import connect_pool
from storage.messages.changes import MessageChanges, Target
from storage.messages.reader import MessageReader, MessageRows
from storage.messages.receipts import ReceiptSettings, ReceiptWriter
from storage.messages.writer import MessageWriter, WriterSettings
from storage.notifications.preferences import Preferences
from storage.notifications.reader import NotificationReader
from storage.notifications.store import Notifications
from storage.outbox.published import PublishedRows
from storage.people.blocks import Blocks
from tests.faults.deliveries.scenarios.clock import Clock
from tests.faults.deliveries.scenarios.script import TALKS, Channel

NAMES = ("Ann", "Ben", "Cyd", "Dan")
STATEMENT_MS, LOCK_MS = 10_000, 5_000

_PERSON = """
with person as (
    insert into users (display_name, kind) values ($1, 'both') returning id
), address as (
    insert into user_private (user_id, email) select id, id || '@example.org' from person
), login as (
    insert into sessions (
        user_id, access_hash, access_expires_at, refresh_hash, refresh_expires_at)
    select p.id, sha256(uuid_send(gen_random_uuid())), 'infinity',
           sha256(uuid_send(gen_random_uuid())), 'infinity'
    from person p
    returning id, user_id
), device as (
    insert into push_devices (user_id, session_id, platform, token, p256dh, auth)
    select l.user_id, l.id, 'web', 'https://push.example/' || gen_random_uuid(), $2, $3
    from login l, generate_series(1, $4)
    returning token
)
select (select id from person) as id, array(select token from device) as devices
"""
_SWEPT = """
delete from notification_deliveries;
delete from notifications;
delete from outbox
"""
_UNCAPPED = """
update platform_settings set value = '10000' where key in ('pushes_per_hour', 'mails_per_day')
"""
_NEXT = """
select min(at) filter (where at > moved.now()) as later, bool_or(at <= moved.now()) as is_due
from (
    select min(next_attempt_at) as at from notification_deliveries
    union all
    select min(available_at) from outbox where consumer = 'message_runs'
) o
"""


class _Silent(Publisher):
    """Publishes nothing: rows of the outbox are left to the consumers."""

    def __init__(self) -> None:
        pass

    def publish(self, publications: Iterable[Publication], done: Any = None) -> None:
        """Nothing is ever done."""


class Look(NamedTuple):
    """What somebody's inbox shows: what is unread, and the badges."""

    rows: Sequence[Notification]
    notifications: int
    messages: int
    by_talk: Sequence[int]


class Stage:
    """People do things by numbers; each method returns whether the server let them."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", dsn: str, clock: Clock) -> None:
        self.pool = pool
        self.clock = clock
        self.people: list[UUID] = []
        self.devices: list[list[str]] = []
        self.talks: list[UUID] = []
        rows = MessageRows(lambda file_id: (str(file_id), "never"), Limits())
        calls = ChangeCalls(pool, lambda: None, lock_timeout_ms=LOCK_MS)
        self._conversations = ConversationReader(pool, rows)
        self._changes = MessageChanges(calls)
        self._members = ConversationChanges(calls, max_participants=50, max_direct_a_day=50)
        self._blocks = Blocks(calls, max_blocks=50)
        self._wishes = Preferences(calls)
        self._notifications = Notifications(calls)
        self._inbox = NotificationReader(pool)
        self._consumers = (notifier(pool, lambda: None), run_teller(pool, lambda: None))
        owner, publisher = uuid4(), _Silent()
        self.writer = MessageWriter(
            WriterSettings(dsn, owner, 256, LOCK_MS, STATEMENT_MS),
            MessageReader(pool, rows),
            publisher,
            PublishedRows(pool, owner),
        )
        self.receipts = ReceiptWriter(
            ReceiptSettings(dsn, owner, 256, STATEMENT_MS, lambda *_: None),
            publisher,
            PublishedRows(pool, owner),
        )

    async def begin(self, owner: asyncpg.Connection, devices: Sequence[int]) -> None:
        """New people and conversations, at the clock's beginning. Nobody is told of these."""
        await self.clock.set(0)
        self.people, self.devices, self.talks = [], [], []
        for name, number in zip(NAMES, devices, strict=True):
            made = await owner.fetchrow(_PERSON, name, os.urandom(65), os.urandom(16), number)
            assert made is not None
            self.people.append(made["id"])
            self.devices.append(made["devices"])
        for creator, *others in TALKS:
            new = NewConversation(
                creator_id=self.people[creator],
                type="group" if len(others) > 1 else "direct",
                others=[self.people[one] for one in others],
                title=None,
                job_id=None,
                contract_id=None,
                client_id=None,
                request_hash=b"",
            )
            self.talks.append((await self._members.create(new)).conversation_id)
        await owner.execute(_SWEPT)

    async def next_ms(self, owner: asyncpg.Connection) -> tuple[bool, int | None]:
        """Whether something is due for workers and consumers, and when the next will be."""
        row = await owner.fetchrow(_NEXT)
        assert row is not None
        later = row["later"]
        return bool(row["is_due"]), None if later is None else self.clock.passed_ms(later)

    # What people do.

    async def say(
        self, who: int, where: int, text: str, named: Sequence[int], answered: UUID | None
    ) -> UUID | None:
        """A message's id, or None where it is refused."""
        request = MessageSend(
            self.talks[where],
            uuid4(),
            text,
            parent_id=answered,
            mentions=[self.people[one] for one in named],
        )
        try:
            reply = await self.writer.put(request, self.people[who], "")
        except RequestError:
            return None
        return UUID(reply.message.id)

    async def edit(self, who: int, where: int, message: UUID, text: str) -> bool:
        target = Target(self.people[who], self.talks[where], message)
        return await _is_done(self._changes.edit(target, text))

    async def delete(self, who: int, where: int, message: UUID) -> bool:
        target = Target(self.people[who], self.talks[where], message)
        return await _is_done(self._changes.delete(target))

    async def read(self, who: int, where: int, seq: int) -> bool:
        mark = ReceiptMark(self.talks[where], seq)
        return await _is_done(self.receipts.put(mark, self.people[who], "", is_read=True))

    async def leave(self, who: int, where: int) -> bool:
        return await _is_done(self._members.leave(self.talks[where], self.people[who]))

    async def mute(self, who: int, where: int, *, is_muted: bool) -> bool:
        wanted = NewSettings(is_muted, None, None)
        return await _is_done(
            self._members.set_settings(self.talks[where], self.people[who], wanted)
        )

    async def block(self, who: int, whom: int, *, is_blocked: bool) -> bool:
        pair = self.people[who], self.people[whom]
        return await _is_done((self._blocks.add if is_blocked else self._blocks.remove)(*pair))

    async def want(self, who: int, channel: Channel, *, is_on: bool) -> bool:
        chosen = {"category": "message", "channel": channel, "is_enabled": is_on}
        return await _is_done(self._wishes.set(self.people[who], {"preferences": [chosen]}))

    async def see(self, who: int, ids: Sequence[UUID]) -> None:
        """Mark notifications as read."""
        await self._notifications.read(self.people[who], ids)

    async def archive(self, who: int, ids: Sequence[UUID]) -> None:
        """Put notifications away."""
        await self._notifications.archive(self.people[who], ids)

    # What the server does, and shows.

    async def consume(self) -> None:
        """The consumers of the outbox take all that is due."""
        for consumer in self._consumers:
            while (taken := await consumer.consume()).rows:
                assert not taken.failed, f"{consumer.name} cannot process a row"

    async def look(self, who: int) -> Look:
        """Somebody's inbox."""
        user = self.people[who]
        rows, _ = await self._inbox.page(user, None, 100, only_unread=True)
        views = await self._conversations.for_user(user, self.talks)
        return Look(
            rows,
            (await self._inbox.unread([user]))[user],
            (await self._conversations.unread_totals([user]))[user],
            [_unread(views.get(talk)) for talk in self.talks],
        )


def _unread(view: Any) -> int:
    return 0 if view is None or view.is_muted else view.unread


async def _is_done(command: Awaitable[object]) -> bool:
    try:
        await command
    except RequestError:
        return False
    return True


@contextlib.asynccontextmanager
async def stage_on(dsn: str, owner: asyncpg.Connection) -> AsyncIterator[Stage]:
    """The stage with its writers at work."""
    clock = await Clock.of(owner)
    await owner.execute(_UNCAPPED)
    pool = await connect_pool(dsn, size=8, statement_timeout_ms=STATEMENT_MS)
    stage = Stage(pool, dsn, clock)
    tasks = [asyncio.create_task(writer.run()) for writer in (stage.writer, stage.receipts)]
    try:
        yield stage
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        await pool.close()
