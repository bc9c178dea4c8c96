"""Limits across processes: token buckets in Redis, and in this process while Redis is away."""

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import cast

import redis.asyncio

from protocol.tokenbucket import Grant, Rate, grant
from storage.redis.guard import RedisAwayError, RedisGuard
from storage.redis.scripts import read_script

_PREFIX = "parley:ratelimit:"
_SCRIPT = read_script("grant")
_LOCAL_BUCKETS = 20_000


class SharedBuckets:
    """The buckets that all processes take from."""

    def __init__(
        self,
        client: redis.asyncio.Redis,
        guard: RedisGuard,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._script = client.register_script(_SCRIPT)
        self._guard = guard
        self._clock = clock

    async def grant(self, key: str, rate: Rate, *, least: float, want: float) -> Grant:
        """As `protocol.tokenbucket.grant`, on the bucket `key`; `full_at` is on our own clock.

        Raises `RedisAwayError`.
        """
        arguments = [rate.per_s, rate.burst, least, want]

        def run() -> Awaitable[list[bytes]]:
            answer = self._script(keys=[_PREFIX + key], args=arguments)
            return cast("Awaitable[list[bytes]]", answer)

        tokens, wait_s, full_in_s = await self._guard.call(run)
        return Grant(self._clock() + float(full_in_s), float(tokens), float(wait_s))


class LocalBuckets:
    """The buckets of this process, the longest unused ones forgotten beyond a bound."""

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, bound: int = _LOCAL_BUCKETS
    ) -> None:
        self._clock = clock
        self._bound = bound
        self._full_at: OrderedDict[str, float] = OrderedDict()

    def grant(self, key: str, rate: Rate, *, least: float, want: float) -> Grant:
        """As `protocol.tokenbucket.grant`, on the bucket `key`."""
        answer = grant(self._full_at.get(key, 0.0), self._clock(), rate, least=least, want=want)
        self._full_at[key] = answer.full_at
        self._full_at.move_to_end(key)
        if len(self._full_at) > self._bound:
            self._full_at.popitem(last=False)
        return answer


class RateLimiter:
    """Says whether something may be done now; with `enabled` false everything may."""

    def __init__(
        self, client: redis.asyncio.Redis, guard: RedisGuard, *, enabled: bool = True
    ) -> None:
        self._shared = SharedBuckets(client, guard)
        self._local = LocalBuckets()
        self._enabled = enabled

    async def take(
        self, key: str, rate_per_s: float, burst: float, cost: float = 1.0
    ) -> float | None:
        """Take `cost` tokens of the bucket `key`, which refills at `rate_per_s` up to `burst`.

        None when it gave; otherwise the seconds after which it will. `key` must name the limit
        and hold nothing private: it is stored as it is. Raises `ValueError` for a cost beyond the
        burst, which no wait could satisfy.
        """
        if not self._enabled:
            return None
        rate = Rate(rate_per_s, burst)
        try:
            answer = await self._shared.grant(key, rate, least=cost, want=cost)
        except RedisAwayError:
            answer = self._local.grant(key, rate, least=cost, want=cost)
        return None if answer.tokens else answer.wait_s
