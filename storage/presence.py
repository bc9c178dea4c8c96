"""Who is connected, and how they show themselves: a Redis hash a user, a field a connection.

Each field carries its own expiry, refreshed by the process that holds the connection; what a dead
process left expires. An offline status is announced only after some seconds, so that a connection
that flaps shows nothing.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import msgspec
from redis.asyncio import Redis

from protocol.bus import BusEvent, pack
from protocol.objects import Presence
from protocol.text import format_time
from storage.keys import key, watch_channel

EXPIRY_MS = 30_000
KEYS_LIVE_S = 3600
BATCH = 200

_LUA = Path(__file__).parent / "lua"
_encode = msgspec.json.Encoder().encode


@dataclass(slots=True)
class Connected:
    """One connection as it is registered."""

    user_id: str
    connection_id: str
    status: str = "online"
    text: str = ""

    def value(self, now_ms: int) -> str:
        """What stands in the hash: expiry, status, text."""
        return f"{now_ms + EXPIRY_MS} {self.status} {self.text}"


class PresenceStore:
    """The registry of connections. Raises `redis.RedisError`, `OSError` or `TimeoutError` when
    Redis is away.
    """

    def __init__(self, redis: "Redis") -> None:
        self._redis = redis
        self._connect = redis.register_script(_read("connect"))
        self._refresh = redis.register_script(_read("refresh"))
        self._announce = redis.register_script(_read("announce"))

    async def connect(self, connected: Connected, most: int) -> str | None:
        """Register a connection; the newest entry of the user's log, or None with `most` open."""
        now = _now_ms()
        user = connected.user_id
        entry = await self._connect(
            keys=[key("presence", user), key("log", user)],
            args=[connected.connection_id, connected.value(now), now, most, KEYS_LIVE_S],
        )
        return None if entry is None else entry.decode()

    async def disconnect(self, connected: Connected) -> None:
        """Forget a connection; `announce` some seconds later tells who is offline then."""
        await self._redis.hdel(key("presence", connected.user_id), connected.connection_id)

    async def refresh(self, connections: Sequence[Connected]) -> None:
        """Keep connections alive; to be called three times an expiry."""
        now = _now_ms()
        for start in range(0, len(connections), BATCH):
            part = connections[start : start + BATCH]
            keys = [
                name
                for one in part
                for name in (key("presence", one.user_id), key("log", one.user_id))
            ]
            values = [text for one in part for text in (one.connection_id, one.value(now))]
            await self._refresh(keys=keys, args=[KEYS_LIVE_S, *values])

    async def announce(self, user_id: str) -> None:
        """Tell the watchers of a user if what they see has changed."""
        is_news, status, text, seen = await self._announce(
            keys=[key("presence", user_id), key("announced", user_id), key("seen", user_id)],
            args=[_now_ms()],
        )
        if is_news:
            presence = _presence(user_id, status, text, seen)
            event = BusEvent(b"presence.changed", d=_encode(presence))
            await self._redis.spublish(watch_channel(user_id), b" " + pack(event))

    async def of(self, user_ids: Sequence[UUID]) -> list[Presence]:
        """What watchers see of these users."""
        if not user_ids:
            return []
        names = [str(user_id) for user_id in user_ids]
        shown: list[bytes | None] = await self._redis.mget(
            [key("announced", name) for name in names]
        )  # type: ignore[assignment]  # this client decodes nothing
        seen: list[bytes | None] = await self._redis.mget([key("seen", name) for name in names])  # type: ignore[assignment]  # nor here
        presences = []
        for name, one, at in zip(names, shown, seen, strict=True):
            status, _, text = (one or b"offline ").partition(b" ")
            presences.append(_presence(name, status, text, at or b""))
        return presences

    async def with_others(self, user_ids: Sequence[str]) -> list[str]:
        """Those who have more than one connection open."""
        pipeline = self._redis.pipeline(transaction=False)
        for user_id in user_ids:
            pipeline.hlen(key("presence", user_id))
        counts = await pipeline.execute()
        return [user_id for user_id, count in zip(user_ids, counts, strict=True) if count > 1]


def _presence(user_id: str, status: bytes, text: bytes, seen: bytes) -> Presence:
    at = datetime.fromtimestamp(int(seen) / 1000, UTC) if seen else None
    return Presence(
        user_id, status.decode(), text.decode() or None, None if at is None else format_time(at)
    )


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def _read(name: str) -> str:
    return (_LUA / f"{name}.lua").read_text(encoding="utf-8")
