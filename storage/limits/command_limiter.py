"""The limit of a person's commands, over both doors and all processes, at a tenth of a round trip.

A process leases tokens of the person's bucket in Redis by the chunk and spends them here. They are
paid for when leased, so all processes together never spend more than the bucket gave; spent late,
they can add at most one chunk a process to a burst.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from uuid import UUID

import redis.asyncio

from protocol.tokenbucket import Rate
from storage.limits.rate_limiter import LocalBuckets, SharedBuckets
from storage.redis.guard import RedisAwayError, RedisGuard

_CHUNK = 10
_PEOPLE = 50_000


class _Lease:
    """What one person may still spend here without asking."""

    __slots__ = ("asking", "full_at", "refused_until", "tokens", "used_at")

    def __init__(self, now: float) -> None:
        self.tokens = 0.0
        self.used_at = now
        self.full_at = now
        self.refused_until = 0.0
        self.asking = asyncio.Lock()


class CommandLimiter:
    """Tokens for commands, `commands_per_s` steadily and `burst` at once, a person.

    With Redis away each process limits by itself. With `enabled` false nothing is limited.
    """

    def __init__(
        self,
        client: redis.asyncio.Redis,
        guard: RedisGuard,
        rate: Rate,
        *,
        enabled: bool = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._shared = SharedBuckets(client, guard, clock)
        self._local = LocalBuckets(clock)
        self._rate = rate
        self._enabled = enabled
        self._clock = clock
        self._refill_s = rate.burst / rate.per_s
        self._leases: OrderedDict[UUID, _Lease] = OrderedDict()

    def take_leased(self, user_id: UUID, cost: float = 1.0) -> bool:
        """Take `cost` tokens that are here already; False when `take` has to ask."""
        if not self._enabled:
            return True
        lease = self._lease_of(user_id, self._clock())
        if lease.tokens < min(cost, self._rate.burst) or lease.asking.locked():
            return False
        lease.tokens -= min(cost, self._rate.burst)
        return True

    async def take(self, user_id: UUID, cost: float = 1.0) -> float | None:
        """Take `cost` tokens; None when given, otherwise the seconds to wait.

        A cost above the burst counts as the whole burst. Asks Redis once a chunk, and while the
        person is refused not at all.
        """
        if not self._enabled:
            return None
        cost = min(cost, self._rate.burst)
        now = self._clock()
        lease = self._lease_of(user_id, now)
        if lease.tokens >= cost:
            lease.tokens -= cost
            return None
        async with lease.asking:
            return await self._ask(user_id, lease, cost)

    def left(self, user_id: UUID) -> float | None:
        """How many tokens a person has left: those here, and those in the bucket when last asked.

        What other processes have taken since is not counted. None where nothing is limited.
        """
        if not self._enabled:
            return None
        lease = self._lease_of(user_id, self._clock())
        lacking = max(0.0, lease.full_at - self._clock()) * self._rate.per_s
        return max(0.0, min(self._rate.burst, self._rate.burst - lacking + lease.tokens))

    def _lease_of(self, user_id: UUID, now: float) -> _Lease:
        lease = self._leases.get(user_id)
        if lease is None:
            lease = self._leases[user_id] = _Lease(now)
            if len(self._leases) > _PEOPLE:
                self._leases.popitem(last=False)
        elif now - lease.used_at > self._refill_s:
            # The bucket has filled up meanwhile: tokens kept longer would come on top of it.
            lease.tokens = 0.0
        lease.used_at = now
        self._leases.move_to_end(user_id)
        return lease

    async def _ask(self, user_id: UUID, lease: _Lease, cost: float) -> float | None:
        if lease.tokens >= cost:  # another command of the same person has asked meanwhile
            lease.tokens -= cost
            return None
        now = self._clock()
        if now < lease.refused_until:
            return lease.refused_until - now
        least = cost - lease.tokens
        try:
            answer = await self._shared.grant(
                f"commands:{user_id}", self._rate, least=least, want=max(least, _CHUNK)
            )
        except RedisAwayError:
            answer = self._local.grant(f"{user_id}", self._rate, least=least, want=least)
        lease.full_at = answer.full_at
        if answer.tokens:
            lease.tokens += answer.tokens - cost
            return None
        lease.refused_until = self._clock() + answer.wait_s
        return answer.wait_s
