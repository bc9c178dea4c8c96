"""What every room of a process is built on: settings, figures, and connections to the stores."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID, uuid4

import asyncpg
from redis.asyncio import Redis

from server.config import Settings
from server.telemetry.metrics import Metrics
from storage.bus.event_log import JOINS
from storage.database.postgres import connect_pool
from storage.outbox.process_lease import ProcessLease
from storage.redis.calls import RedisCalls
from storage.redis.client import connect_redis
from storage.redis.guard import RedisGuard
from storage.redis.node_map import NodeMap

CACHE_CONNECTIONS = 4


@dataclass(frozen=True, slots=True)
class Foundation:
    """Handed to each room as it is built."""

    settings: Settings
    metrics: Metrics
    pool: "asyncpg.Pool[asyncpg.Record]"
    lease: ProcessLease
    nodes: NodeMap
    redis: "Redis"
    guard: RedisGuard
    redis_calls: RedisCalls
    joins: RedisCalls
    """The queue of connections that join their users' logs: its answers are long."""
    cache_calls: RedisCalls
    """The queue of copies: to the same Redis, or one of their own."""

    @property
    def owner(self) -> UUID:
        """The process, as the owner of rows in the outbox."""
        return self.lease.owner


@contextlib.asynccontextmanager
async def foundation(settings: Settings) -> AsyncIterator[Foundation]:
    """Connected as long as the block lasts. Raises what asyncpg raises without PostgreSQL."""
    assert settings.database_url is not None
    assert settings.redis_url is not None
    async with contextlib.AsyncExitStack() as stack:
        pool = await connect_pool(
            settings.database_url,
            size=settings.database_pool,
            statement_timeout_ms=settings.statement_timeout_ms,
            **{
                "parley.run_delay": f"{settings.unread_notice_s} s",
                "parley.run_interval": f"{settings.unread_notice_again_s} s",
            },
        )
        stack.callback(pool.terminate)
        nodes = NodeMap(settings.redis_url, is_cluster=settings.redis_cluster)
        redis = connect_redis(nodes, connections=settings.redis_pool)
        stack.push_async_callback(redis.aclose)
        lease = ProcessLease(settings.database_url, uuid4())
        stack.callback(lease.close)
        await lease.open()
        guard = RedisGuard()
        redis_calls = RedisCalls(redis, guard)
        stack.push_async_callback(redis_calls.close)
        joins = RedisCalls(redis, guard, JOINS)
        stack.push_async_callback(joins.close)
        cache_calls = redis_calls
        if settings.cache_redis_url:
            cache_calls = await stack.enter_async_context(_calls_of(settings.cache_redis_url))
        yield Foundation(
            *(settings, Metrics(), pool, lease, nodes, redis, guard, redis_calls, joins),
            cache_calls,
        )


@contextlib.asynccontextmanager
async def _calls_of(url: str) -> AsyncIterator[RedisCalls]:
    """Calls to a Redis that may be away by itself."""
    redis = connect_redis(NodeMap(url, is_cluster=False), connections=CACHE_CONNECTIONS)
    calls = RedisCalls(redis, RedisGuard())
    try:
        yield calls
    finally:
        await calls.close()
        await redis.aclose()
