"""People, conversations and what is sent to them, for tests of deliveries."""

import os
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import orjson
from prometheus_client import CollectorRegistry

from server.notifications.deliverer import Deliverer, Pace
from server.notifications.sender import Handed
from server.telemetry.delivery_metrics import DeliveryMetrics
from storage.notifications.deliveries import Deliveries
from storage.notifications.judging import Facts, Judging
from tests.seeding import Seeded, Seeder

SEQ_KINDS = {"message.run": "run", "message.mention": "message.mention"}


class Post:
    """A channel's sender that keeps what it is handed, and answers as it is told to."""

    timeout_s = 1.0
    at_once = 8

    def __init__(self) -> None:
        self.sent: list[Facts] = []
        self.answers: list[Handed] = []
        """What it answers, in order; then that it has sent."""
        self.shut: set[UUID] = set()

    def provider(self, facts: Facts) -> str:
        return facts.channel

    async def unreachable(self, batch: Sequence[Facts]) -> Collection[UUID]:
        return {one.ref.id for one in batch} & self.shut

    async def written(self, batch: Sequence[Facts]) -> Mapping[UUID, object]:
        return {one.ref.id: one for one in batch}

    async def send(self, facts: Facts, written: object) -> Handed:
        if self.answers:
            return self.answers.pop(0)
        assert written is facts
        self.sent.append(facts)
        return Handed(state="sent", message_id=f"<{facts.ref.id}@test>")


class Ground:
    """A queue and a worker over the tables of a test."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", owner: asyncpg.Connection) -> None:
        self.pool = pool
        self.owner = owner
        self.seeder = Seeder(owner)
        self.queue = Deliveries(pool)
        self.judging = Judging(pool)
        self.mail, self.push = Post(), Post()
        self.active: dict[UUID, datetime] = {}
        self.metrics = DeliveryMetrics(CollectorRegistry())

    def worker(self, pace: Pace | None = None, **senders: Any) -> Deliverer:
        """A worker; `senders` are those of the channels, instead of `mail` and `push`."""
        return Deliverer(
            (self.queue, self.judging),
            {"email": self.mail, "push": self.push, **senders},
            self._active,
            self.metrics,
            pace or Pace(),
        )

    async def _active(self, users: Sequence[UUID]) -> Mapping[UUID, datetime]:
        return {user: until for user, until in self.active.items() if user in set(users)}

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
                updated_at = updated_at - make_interval(secs => $1),
                held_since = held_since - make_interval(secs => $1)
            """,
            seconds,
        )

    async def analyse(self) -> None:
        """Have PostgreSQL gather statistics, as it does by itself in service."""
        await self.owner.execute("analyze")

    async def work(self, worker: Deliverer | None = None) -> None:
        """Work off all that is due."""
        worker = worker or self.worker()
        while await worker.turn():
            pass

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
