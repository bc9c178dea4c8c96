"""Who has just done something: the time of each person's last command, on all nodes.

A command stores a number in a dictionary and nothing else. What was stored is published to Redis
every few seconds. Without Redis only what happened in this process is known: nobody else is taken
for active, and is told rather once too often than not at all.
"""

import asyncio
import time
from collections.abc import Collection
from datetime import UTC, datetime
from uuid import UUID

import structlog

from storage.redis.calls import RedisCalls
from storage.redis.guard import RedisAwayError
from storage.redis.keys import key

log = structlog.get_logger()

ACTIVE_S = 60.0
"""So long after a command its person is taken for being there."""
PUBLISH_S = 5.0


class Activity:
    """The last commands of people. `acted` is written by the doors: by `time.perf_counter`."""

    def __init__(self, calls: RedisCalls) -> None:
        self.acted: dict[UUID, float] = {}
        self._calls = calls
        self._recent: dict[UUID, float] = {}
        """What was published, by `time.time`: as long as it counts."""

    async def run(self) -> None:
        """Publish until cancelled."""
        while True:
            await asyncio.sleep(PUBLISH_S)
            await self.publish()

    async def publish(self) -> None:
        """Tell the other nodes who has done something since the last time."""
        now = time.time()
        self._recent = {u: at for u, at in self._recent.items() if at > now - ACTIVE_S}
        moved = self._moved(now)
        self._recent |= moved
        words = [
            (key("active", str(user)), int(at * 1000), int((at + ACTIVE_S - now) * 1000))
            for user, at in moved.items()
        ]
        asked = [
            self._calls.command("SET", name, at_ms, "PX", left_ms)
            for name, at_ms, left_ms in words
            if left_ms > 0
        ]
        try:
            await asyncio.gather(*asked)
        except RedisAwayError:
            log.warning("activity_not_published", people=len(asked))

    async def until(self, user_ids: Collection[UUID]) -> dict[UUID, datetime]:
        """When the last command of each no longer counts; who is not active is absent."""
        now, clock = time.time(), time.perf_counter()
        users = list(dict.fromkeys(user_ids))
        asked = [self._calls.command("GET", key("active", str(user))) for user in users]
        answers = await asyncio.gather(*asked, return_exceptions=True)
        found = {}
        for user, answer in zip(users, answers, strict=True):
            told = float(answer) / 1000 if isinstance(answer, bytes) else 0.0
            here = self.acted.get(user)
            own = self._recent.get(user, 0.0) if here is None else now - (clock - here)
            end = max(told, own) + ACTIVE_S
            if end > now:
                found[user] = datetime.fromtimestamp(end, UTC)
        return found

    def _moved(self, now: float) -> dict[UUID, float]:
        """Who has acted since the last time, taken out."""
        clock = time.perf_counter()
        moved = {user: now - (clock - at) for user, at in self.acted.items()}
        self.acted.clear()
        return moved
