"""People, conversations and what is sent to them, for tests of deliveries."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import orjson
from prometheus_client import CollectorRegistry

from protocol.notifications.rendering import Rendered
from server.notifications.channel_worker import Pace
from server.notifications.deliverer import Deliverer
from server.notifications.sender import Handed
from server.notifications.telling import told
from server.telemetry.delivery_metrics import DeliveryMetrics
from storage.notifications.deliveries import Deliveries
from storage.notifications.judging import Facts, Judging
from storage.notifications.rendering import Renderer
from tests.seeding import Seeded, Seeder

POLL_S = 0.02
LEFT = """
select count(*) from notification_deliveries
where next_attempt_at <= clock_timestamp() or status = 'leased' and updated_at >= $1
"""
"""What is due, and what has been leased since then."""
SEQ_KINDS = {"message.run": "run", "message.mention": "message.mention"}


class Post:
    """A channel's sender that keeps what it is handed, and answers as it is told to."""

    def __init__(self) -> None:
        self.timeout_s = 1.0
        self.at_once = 8
        self.sent: list[Facts] = []
        self.answers: list[Handed] = []
        """What it answers, in order; then that it has sent."""
        self.shut: set[UUID] = set()
        self.noted = 0
        """How many of those that were sent it had sent when it was asked to store what it knows."""

    def provider(self, facts: Facts) -> str:
        return facts.channel

    async def unreachable(self, batch: Sequence[Facts]) -> Collection[UUID]:
        return {one.ref.id for one in batch} & self.shut

    def compose(self, facts: Facts, words: Sequence[Rendered]) -> object:
        return facts, words

    async def send(self, facts: Facts, composed: object) -> Handed:
        if self.answers:
            return self.answers.pop(0)
        assert isinstance(composed, tuple) and composed[0] is facts
        self.sent.append(facts)
        return Handed(state="sent", message_id=f"<{facts.ref.id}@test>")

    async def note(self) -> None:
        self.noted = len(self.sent)


class Ground:
    """A queue and a worker over the tables of a test."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", owner: asyncpg.Connection) -> None:
        self.pool = pool
        self.owner = owner
        self.seeder = Seeder(owner)
        self.queue = Deliveries(pool)
        self.judging = Judging(pool)
        self.renderer = Renderer(pool)
        self.mail, self.push = Post(), Post()
        self.active: dict[UUID, datetime] = {}
        self.metrics = DeliveryMetrics(CollectorRegistry())

    def worker(self, pace: Pace | None = None, **senders: Any) -> Deliverer:
        """A worker; `senders` are those of the channels, instead of `mail` and `push`."""
        return Deliverer(
            (self.queue, self.judging),
            {"email": self.mail, "push": self.push, **senders},
            (self._active, self._words),
            self.metrics,
            pace or Pace(poll_s=POLL_S),
        )

    async def _active(self, users: Sequence[UUID]) -> Mapping[UUID, datetime]:
        return {user: until for user, until in self.active.items() if user in set(users)}

    async def _words(self, batch: Sequence[Facts]) -> Mapping[UUID, Sequence[Rendered]]:
        return await told(self.renderer, batch)

    async def person(self, name: str = "ben", *, devices: int = 0) -> UUID:
        """Somebody with an address, and so many browsers that take pushes."""
        user = await self.seeder.user(name)
        await self.owner.execute(
            "insert into user_private (user_id, email) values ($1::uuid, $1 || '@example.org')",
            user,
        )
        for _ in range(devices):
            await self.device(user)
        return user

    async def device(self, user: UUID) -> UUID:
        """A browser of somebody's, and the login that it belongs to."""
        session = await self.owner.fetchval(
            """
            insert into sessions (user_id, access_hash, access_expires_at, refresh_hash,
                                  refresh_expires_at)
            values ($1, $2, now() + interval '1 day', $3, now() + interval '1 day') returning id
            """,
            user,
            os.urandom(32),
            os.urandom(32),
        )
        device: UUID = await self.owner.fetchval(
            """
            insert into push_devices (user_id, session_id, platform, token, p256dh, auth)
            values ($1, $2, 'web', $3, $4, $5) returning id
            """,
            user,
            session,
            f"https://push.example/{uuid4()}",
            os.urandom(65),
            os.urandom(16),
        )
        return device

    async def due(self, count: int, **more: Any) -> list[UUID]:
        """So many people, to each of whom an e-mail is due."""
        people = [await self.person(str(number)) for number in range(count)]
        for person in people:
            await self.notify(person, **more)
        await self.passes(130)
        return people

    async def talk(self, *members: UUID) -> Seeded:
        """A conversation of these."""
        return await self.seeder.conversation(*members, kind="direct")

    async def notify(self, user: UUID, **more: Any) -> None:
        """Store a notification, as the functions of the database do."""
        item = {"user_id": str(user), "type": "contract.funded", "category": "contract"} | more
        await self.pool.execute(
            "select notify_users($1::jsonb)", orjson.dumps([item], default=str).decode()
        )

    async def tell(self, talk: Seeded, user: UUID, seq: int, kind: str = "message.run") -> None:
        """Store what tells somebody of a message."""
        await self.notify(
            user,
            type=kind,
            category="message",
            group_key=f"{SEQ_KINDS[kind]}:{talk.id}",
            subject_type="conversation",
            subject_id=talk.id,
            actor_id=talk.members[0],
            seq=seq,
        )

    async def passes(self, seconds: float) -> None:
        """Let time pass for the queue."""
        await self.owner.execute(
            """
            update notification_deliveries set
                next_attempt_at = next_attempt_at - make_interval(secs => $1),
                edition = edition - case group_key when 'digest' then $1::float8 else 0 end,
                sent_at = sent_at - make_interval(secs => $1),
                tried_since = tried_since - make_interval(secs => $1),
                updated_at = updated_at - make_interval(secs => $1),
                held_since = held_since - make_interval(secs => $1)
            """,
            seconds,
        )

    async def analyse(self) -> None:
        """Have PostgreSQL gather statistics, as it does by itself in service."""
        await self.owner.execute("analyze")

    @contextlib.asynccontextmanager
    async def working(self, worker: Deliverer | None = None) -> AsyncIterator[Deliverer]:
        """A worker that is stopped at the end of the block, unless that fails."""
        worker = worker or self.worker()
        async with asyncio.TaskGroup() as group:
            group.create_task(worker.run())
            yield worker
            await worker.stop()

    async def work(self, worker: Deliverer | None = None) -> None:
        """Work off all that is due."""
        began = await self.pool.fetchval("select clock_timestamp()")
        async with self.working(worker):
            while await self.pool.fetchval(LEFT, began):
                await asyncio.sleep(POLL_S)

    async def rows(self, order: str = "channel, edition") -> list[asyncpg.Record]:
        """The queue."""
        return await self.owner.fetch(
            f"""
            select *, extract(epoch from next_attempt_at - now())::float8 as in_s
            from notification_deliveries order by {order}
            """
        )

    async def states(self) -> list[tuple[str, str, str | None]]:
        """The channel, state and reason of each."""
        return [(row["channel"], row["status"], row["reason"]) for row in await self.rows()]
