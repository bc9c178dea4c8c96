"""What a process stands on: connections, readers, writers, and the way of events out and in.

Built once, in order; each thing gets what it needs and nothing else.
"""

import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from uuid import UUID, uuid4

import asyncpg
from redis.asyncio import BlockingConnectionPool, Redis

from server.config import Settings
from server.events import EventBuilder, EventReaders
from server.hub import Hub
from server.metrics import Metrics
from server.registry import Registry
from server.relay import Relay
from server.unread import UnreadTeller
from storage.audience import Audience
from storage.change_call import ChangeCalls
from storage.conversations import ConversationReader
from storage.files import FileLinks
from storage.messages import MessageReader, MessageRows
from storage.notifications import Notifications
from storage.postgres import connect_pool
from storage.presence import PresenceStore
from storage.published import PublishedRows
from storage.publisher import Publisher
from storage.receipts import ReceiptSettings, ReceiptWriter
from storage.redis_guard import RedisGuard
from storage.writer import MessageWriter, WriterSettings

REDIS_WAIT_S = 2.0


@dataclass(frozen=True, slots=True)
class Core:
    """The parts, as `opened` wires them."""

    owner: UUID
    pool: "asyncpg.Pool[asyncpg.Record]"
    redis: "Redis"
    guard: RedisGuard
    metrics: Metrics
    links: FileLinks
    rows: MessageRows
    messages: MessageReader
    conversations: ConversationReader
    notifications: Notifications
    audience: Audience
    presence: PresenceStore
    publisher: Publisher
    published: PublishedRows
    hub: Hub
    registry: Registry
    unread: UnreadTeller
    relay: Relay
    calls: ChangeCalls
    writer: MessageWriter
    receipts: ReceiptWriter


@contextlib.asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Core]:
    """The core, connected. Raises what asyncpg raises when PostgreSQL is not there."""
    assert settings.database_url is not None
    assert settings.redis_url is not None
    async with contextlib.AsyncExitStack() as stack:
        pool = await connect_pool(
            settings.database_url,
            size=settings.database_pool,
            statement_timeout_ms=settings.statement_timeout_ms,
        )
        stack.callback(pool.terminate)
        # `from_pool` hands the pool over, to be closed with the client.
        redis = Redis.from_pool(
            BlockingConnectionPool.from_url(
                settings.redis_url,
                max_connections=settings.redis_pool,
                timeout=REDIS_WAIT_S,
                socket_connect_timeout=REDIS_WAIT_S,
            )
        )
        stack.push_async_callback(redis.aclose)
        yield _core(settings, pool, redis)


def _core(settings: Settings, pool: "asyncpg.Pool[asyncpg.Record]", redis: "Redis") -> Core:
    assert settings.database_url is not None
    assert settings.redis_url is not None
    assert settings.secret_key is not None
    owner = uuid4()
    metrics = Metrics()
    guard = RedisGuard()
    links = FileLinks(settings.secret_key.get_secret_value().encode(), settings.public_url)
    rows = MessageRows(links.url, settings.limits)
    messages = MessageReader(pool, rows)
    conversations = ConversationReader(pool, rows)
    publisher = Publisher(
        redis,
        max_entries=settings.publish_entries,
        max_bytes=settings.publish_bytes,
        observe=metrics.published,
        dropped=metrics.dropped,
    )
    published = PublishedRows(pool)
    presence = PresenceStore(redis)
    hub = Hub(settings.redis_url, metrics)
    # The relay is woken by changes, and tells of notifications that changes made.
    relay_wake = _Later()
    calls = ChangeCalls(pool, relay_wake, lock_timeout_ms=settings.lock_timeout_ms)
    notifications = Notifications(calls)
    unread = UnreadTeller(conversations, notifications.unread, presence, guard, publisher)
    readers = EventReaders(messages, conversations, notifications.by_ids, unread.moved)
    relay = Relay(pool, EventBuilder(readers), publisher, lambda: hub.is_connected)
    relay_wake.call = relay.wake
    return Core(
        owner=owner,
        pool=pool,
        redis=redis,
        guard=guard,
        metrics=metrics,
        links=links,
        rows=rows,
        messages=messages,
        conversations=conversations,
        notifications=notifications,
        audience=Audience(pool),
        presence=presence,
        publisher=publisher,
        published=published,
        hub=hub,
        registry=Registry(hub, presence, guard, settings.limits.connections_per_user),
        unread=unread,
        relay=relay,
        calls=calls,
        writer=MessageWriter(
            WriterSettings(
                dsn=settings.database_url,
                owner=owner,
                group_max=settings.group_max,
                lock_timeout_ms=settings.lock_timeout_ms,
                statement_timeout_ms=settings.statement_timeout_ms,
                observe=metrics.committed,
                stored=hub.has_reply,
            ),
            messages,
            publisher,
            published,
        ),
        receipts=ReceiptWriter(
            ReceiptSettings(
                dsn=settings.database_url,
                owner=owner,
                group_max=settings.group_max,
                statement_timeout_ms=settings.statement_timeout_ms,
                moved=unread.read,
            ),
            publisher,
            published,
        ),
    )


class _Later:
    """A call whose target is known only once what needs it is built."""

    def __init__(self) -> None:
        self.call: Callable[[], None] = _nothing

    def __call__(self) -> None:
        self.call()


def _nothing() -> None:
    return
