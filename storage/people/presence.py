"""Who is connected, and how they show themselves, kept in Redis for all processes.

Each connection is kept alive by the process that holds it, and runs out when that has died; whoever
looks next tells that its user is gone (`sweep`). Watchers are told by the scripts themselves, so
that what they hear last is what is so.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, NamedTuple
from uuid import UUID

from protocol.bus import BusEvent, pack
from protocol.objects import Presence
from protocol.text import format_time
from storage.redis.calls import RedisCalls, load_script
from storage.redis.keys import SHARDS, key, shard_key, shard_of

EXPIRY_MS: Final = 20_000
"""A connection that is not refreshed for so long belongs to a process that died."""

BATCH: Final = 100
"""Connections of one script call: 0.2 ms of Redis, and a good 1 ms where all are announced. A round
trip may hold 256 calls and has half a second (storage/redis/calls.py)."""

_CONNECT = load_script("presence", "presence_connect")
_REFRESH = load_script("presence", "presence_refresh")
_LEAVE = load_script("presence", "presence_leave")
_ANNOUNCE = load_script("presence", "presence_announce")
_RETELL = load_script("presence", "presence_retell")
_DUE = load_script("presence", "presence_due")
_HEAD = pack(BusEvent(b"presence.changed"))


@dataclass(slots=True)
class Connected:
    """One connection as it is registered."""

    user_id: str
    connection_id: str
    status: str = "online"
    text: str = ""


class Kept(NamedTuple):
    """What a refresh found."""

    now_ms: int
    """Redis' time."""
    lost: int
    """Connections that Redis had not: it was emptied, or this process was thought dead."""


class PresenceStore:
    """The connections of everybody. Each call raises `RedisAwayError` when Redis is away.

    What is not a coroutine is asked when it is called: calls take effect in their order.
    """

    def __init__(self, calls: RedisCalls) -> None:
        self._calls = calls

    async def connect(self, connected: Connected, most: int) -> bool:
        """Register a connection and tell the watchers; False when the user has `most` open."""
        shown = f"{connected.status} {connected.text}"
        admitted = await self._calls.script(
            _CONNECT,
            _ends(connected.user_id),
            [*_of(connected.user_id), connected.connection_id, shown, EXPIRY_MS, most],
        )
        return bool(admitted)

    def refresh(
        self, connections: Iterable[Connected], *, announce: bool
    ) -> "asyncio.Future[list[list[int]]]":
        """Keep connections alive; to be called twice an expiry. See `kept` for the answers.

        `announce` compares what is shown with what the connections add up to, in case that Redis
        holds an old state.
        """
        head = [*_event(), EXPIRY_MS, int(announce)]
        asked = []
        for shard, batch in _batches(connections):
            args = list(head)
            for one in batch:
                args += (f"{one.user_id} {one.connection_id}", f"{one.status} {one.text}")
            asked.append(self._calls.script(_REFRESH, [shard_key("ends", shard)], args))
        return asyncio.gather(*asked)

    def leave(self, connected: Connected, flap_s: float) -> "asyncio.Future[int]":
        """Forget a connection; somebody without another is due to be told gone after `flap_s`."""
        args = [*_of(connected.user_id), connected.connection_id, int(flap_s * 1000)]
        return self._calls.script(_LEAVE, _ends(connected.user_id), args)

    def announce(self, user_id: str) -> "asyncio.Future[int]":
        """Tell the watchers of a user if what they see has changed, or the user is gone by now."""
        return self._calls.script(_ANNOUNCE, _ends(user_id), _of(user_id))

    async def sweep(self, most: int) -> int:
        """Announce those who are gone, at most so many of a shard; how many there were."""
        asked = [
            self._calls.script(_DUE, [shard_key("ends", shard)], [*_event(), most])
            for shard in range(SHARDS)
        ]
        due = [user.decode() for users in await asyncio.gather(*asked) for user in users]
        await asyncio.gather(*(self.announce(user_id) for user_id in due))
        return len(due)

    async def retell(self, user_ids: Iterable[str], since_ms: int, until_ms: int) -> None:
        """Tell anew what was told of these users in between, in Redis' time, or was forgotten."""
        asked = [
            self._calls.script(_RETELL, _ends(user_id), [*_of(user_id), since_ms, until_ms])
            for user_id in user_ids
        ]
        await asyncio.gather(*asked)

    async def of(self, user_ids: Sequence[UUID]) -> list[Presence]:
        """What watchers see of these users."""
        names = [str(user_id) for user_id in user_ids]
        asked = [
            self._calls.command("MGET", key("announced", name), key("seen", name)) for name in names
        ]
        return [
            _presence(name, announced or b"0 offline ", seen)
            for name, (announced, seen) in zip(names, await asyncio.gather(*asked), strict=True)
        ]

    async def with_others(self, user_ids: Sequence[str]) -> list[str]:
        """Those who have more than one connection open."""
        asked = [self._calls.command("HLEN", key("presence", user_id)) for user_id in user_ids]
        counts = await asyncio.gather(*asked)
        return [user_id for user_id, count in zip(user_ids, counts, strict=True) if count > 1]


def kept(answers: Sequence[Sequence[int]]) -> Kept:
    """What the answers to a refresh say together."""
    return Kept(min((now for now, _lost in answers), default=0), sum(one[1] for one in answers))


def _ends(user_id: str) -> list[str]:
    return [shard_key("ends", shard_of(user_id))]


def _event() -> list[str | bytes | int]:
    return [_HEAD, format_time(datetime.now(UTC))]


def _of(user_id: str) -> list[str | bytes | int]:
    return [*_event(), user_id]


def _batches(connections: Iterable[Connected]) -> Iterable[tuple[int, list[Connected]]]:
    """Those of one shard together, in parts."""
    shards: dict[int, list[Connected]] = defaultdict(list)
    for one in connections:
        shards[shard_of(one.user_id)].append(one)
    for shard, all_of_it in shards.items():
        for start in range(0, len(all_of_it), BATCH):
            yield shard, all_of_it[start : start + BATCH]


def _presence(user_id: str, announced: bytes, seen: bytes | None) -> Presence:
    _since, status, text = announced.decode().split(" ", 2)
    return Presence(user_id, status, text or None, None if seen is None else seen.decode())
