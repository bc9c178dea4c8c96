"""What a process stands on: connections, readers, writers, and the way of events out and in.

Built once, in order; each thing gets what it needs and nothing else.
"""

import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from uuid import UUID, uuid4

import asyncpg
from redis.asyncio import Redis

from server.config import Settings
from server.delivery.gap_filler import GapFiller, hold_s
from server.delivery.hub import Hub
from server.delivery.large_conversation_joiner import LargeConversationJoiner
from server.delivery.own_messages import OwnMessages
from server.delivery.reconciler import Reconciler
from server.delivery.resumer import Resumer
from server.outbox.consumer import OutboxConsumer
from server.outbox.event_builder import EventBuilder, EventReaders
from server.outbox.indexer import indexer
from server.outbox.notifier import notifier
from server.outbox.relay import Relay
from server.outbox.unread import UnreadTeller
from server.telemetry.metrics import Metrics
from server.ws.registry import Registry
from storage.bus.event_log import JOINS, EventLog
from storage.bus.publisher import Publisher
from storage.conversations.audience import Audience
from storage.conversations.gap_reader import GapReader
from storage.conversations.reader import ConversationReader
from storage.database.change_call import ChangeCalls
from storage.database.postgres import connect_pool
from storage.files.files import FileLinks
from storage.limits.open_sockets import OpenSockets
from storage.messages.reader import MessageReader, MessageRows
from storage.messages.receipts import ReceiptSettings, ReceiptWriter
from storage.messages.writer import MessageWriter, WriterSettings
from storage.notifications.store import Notifications
from storage.outbox.process_lease import ProcessLease
from storage.outbox.published import PublishedRows
from storage.people.presence import PresenceStore
from storage.redis.calls import RedisCalls
from storage.redis.client import connect_redis
from storage.redis.guard import RedisGuard
from storage.redis.node_map import NodeMap


@dataclass(frozen=True, slots=True)
class Core:
    """The parts, as `opened` wires them."""

    owner: UUID
    lease: ProcessLease
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
    redis_calls: RedisCalls
    joins: RedisCalls
    presence: PresenceStore
    publisher: Publisher
    published: PublishedRows
    hub: Hub
    resumer: Resumer
    large_joiner: LargeConversationJoiner
    reconciler: Reconciler
    gap_filler: GapFiller
    registry: Registry
    sockets: OpenSockets
    unread: UnreadTeller
    relay: Relay
    indexer: OutboxConsumer
    notifier: OutboxConsumer
    calls: ChangeCalls
    writer: MessageWriter
    receipts: ReceiptWriter

    @property
    def consumers(self) -> tuple[OutboxConsumer, ...]:
        """Those of the outbox, but for what belongs to the marketplace."""
        return self.relay.consumer, self.indexer, self.notifier


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
        nodes = NodeMap(settings.redis_url, is_cluster=settings.redis_cluster)
        redis = connect_redis(nodes, connections=settings.redis_pool)
        stack.push_async_callback(redis.aclose)
        lease = ProcessLease(settings.database_url, uuid4())
        stack.callback(lease.close)
        await lease.open()
        core = _core(settings, pool, lease, nodes, redis)
        stack.push_async_callback(core.redis_calls.close)
        stack.push_async_callback(core.joins.close)
        yield core


def _core(
    settings: Settings,
    pool: "asyncpg.Pool[asyncpg.Record]",
    lease: ProcessLease,
    nodes: NodeMap,
    redis: "Redis",
) -> Core:
    assert settings.database_url is not None
    assert settings.secret_key is not None
    owner = lease.owner
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
    published = PublishedRows(pool, owner)
    redis_calls = RedisCalls(redis, guard)
    presence = PresenceStore(redis_calls)
    own = OwnMessages()
    hub = Hub(nodes, metrics, own)
    joins = RedisCalls(redis, guard, JOINS)
    event_log = EventLog(redis, joins)
    gap_reader = GapReader(pool, rows)
    large_joiner = LargeConversationJoiner(hub, event_log, guard, gap_reader)
    # The relay is woken by changes, and tells of notifications that changes made.
    relay_wake = _Later()
    calls = ChangeCalls(pool, relay_wake, lock_timeout_ms=settings.lock_timeout_ms)
    notifications = Notifications(calls)
    unread = UnreadTeller(conversations, notifications.unread, presence, publisher)
    readers = EventReaders(messages, conversations, notifications.by_ids, unread.moved)
    relay = Relay(
        pool,
        EventBuilder(readers),
        publisher,
        published,
        lambda: hub.listeners.is_connected,
        metrics.outbox_lag,
    )
    relay_wake.call = relay.wake
    return Core(
        owner=owner,
        lease=lease,
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
        redis_calls=redis_calls,
        joins=joins,
        presence=presence,
        publisher=publisher,
        published=published,
        hub=hub,
        resumer=Resumer(hub, event_log, large_joiner, lambda: lease.timeline),
        large_joiner=large_joiner,
        reconciler=Reconciler(hub, event_log, guard, gap_reader),
        gap_filler=GapFiller(
            hub.delivery,
            hub.large,
            gap_reader,
            metrics,
            lambda: hold_s(settings.hold_ms / 1000, publisher.slowest_s()),
        ),
        registry=Registry(hub, presence, settings.limits.connections_per_user),
        sockets=OpenSockets(
            redis_calls,
            settings.limits.connections_per_address,
            settings.limits.unauthenticated_per_address,
        ),
        unread=unread,
        relay=relay,
        indexer=indexer(pool, metrics.outbox_lag),
        notifier=notifier(pool, relay.wake, metrics.outbox_lag),
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
                sent=own.sent,
                deferred=relay.wake,
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
