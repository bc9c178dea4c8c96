"""Copies of single rows in Redis, each of one reader's view, dropped when the row changes.

A row has one key, a hash: a generation, the public representation, and those of readers who see a
row that is not public. A reader keeps what it read only under the generation that it saw before it
read, so that a copy from before a change never outlives the change. Each call is on one key.
"""

import contextlib
import hashlib
import secrets
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from storage.keys import address_key, key
from storage.redis_calls import RedisCalls, load_script
from storage.redis_guard import RedisAwayError
from storage.resources.resource import Resource

_KEEP = load_script("cache_keep")
_DROP = load_script("cache_drop")
_DROPPED_S = 300
SEARCH_S = 300
BOARD_S = 3600

FoundKey = tuple[str, str, bool]
"""A key, its rank, and whether it was found by likeness."""
_PUBLIC = b"p"

LookedUp = Callable[[str, bool], None]
"""`(cache, hit)`, for the figures."""


class CachedRow(msgspec.Struct, frozen=True, array_like=True):
    """A row as it is answered."""

    body: str
    version: int | None
    asked: dict[str, str | None]


class Found(NamedTuple):
    """A look-up: the row, if it is there, and the generation under which it may be kept."""

    row: CachedRow | None
    generation: bytes | None


class RowCache:
    """The copies. With Redis away nothing is found and nothing kept."""

    def __init__(self, calls: RedisCalls, looked_up: LookedUp) -> None:
        self._calls = calls
        self._looked_up = looked_up

    async def find(self, resource: Resource, row: UUID, reader: UUID | None) -> Found:
        """The public copy, or this reader's own."""
        names = (b"g", _PUBLIC, _reader(reader))
        try:
            generation, *copies = await self._calls.command("HMGET", _key(resource, row), *names)
        except RedisAwayError:
            return Found(None, None)
        copy = next((c for c in copies if c is not None), None)
        self._looked_up(resource.noun, copy is not None)
        found = None if copy is None else msgspec.msgpack.decode(copy, type=CachedRow)
        return Found(found, generation or b"")

    def keep(
        self, resource: Resource, row: UUID, reader: UUID | None, found: Found, copy: CachedRow
    ) -> None:
        """Keep a copy: the public one with no reader. Nobody waits for it."""
        if found.generation is not None:
            name = _PUBLIC if reader is None else _reader(reader)
            body = msgspec.msgpack.encode(copy)
            self._calls.script(
                _KEEP, [_key(resource, row)], [found.generation, name, body, resource.cache_s]
            )

    async def changed(self, resource: Resource, row: UUID | None = None) -> None:
        """Forget what is kept of a row, or of lists that a new one belongs to, after the commit."""
        calls = []
        if resource.cache_s and row is not None:
            dropped: list[str | bytes | int] = [secrets.token_hex(8), _DROPPED_S]
            calls.append(self._calls.script(_DROP, [_key(resource, row)], dropped))
        calls.append(self._calls.command("INCR", _generation(resource)))
        with contextlib.suppress(RedisAwayError):  # what is kept ends with its time
            for call in calls:
                await call

    async def find_keys(self, resource: Resource, search: Any) -> tuple[str, list[FoundKey] | None]:
        """What a search found within the last minutes, and the place to keep it in."""
        try:
            generation = await self._calls.command("GET", _generation(resource)) or b"0"
            digest = hashlib.sha256(msgspec.msgpack.encode(search)).hexdigest()[:32]
            place = address_key("search", f"{resource.path}:{generation.decode()}:{digest}")
            kept = await self._calls.command("GET", place)
        except RedisAwayError:
            return "", None
        self._looked_up("search", kept is not None)
        return place, None if kept is None else msgspec.msgpack.decode(kept, type=list[FoundKey])

    def keep_keys(self, place: str, keys: list[FoundKey]) -> None:
        """Keep what a search found. Nobody waits for it."""
        if place:
            self._calls.command("SET", place, msgspec.msgpack.encode(keys), "EX", SEARCH_S)

    async def board(self, name: str, make: Callable[[], Awaitable[bytes]]) -> bytes:
        """A leaderboard of the last hour, or a new one."""
        place = address_key("leaderboard", name)
        try:
            kept: bytes | None = await self._calls.command("GET", place)
        except RedisAwayError:
            return await make()
        self._looked_up("leaderboard", kept is not None)
        if kept is None:
            kept = await make()
            self._calls.command("SET", place, kept, "EX", BOARD_S)
        return kept


def _generation(resource: Resource) -> str:
    return address_key("search-generation", resource.path)


def _key(resource: Resource, row: UUID) -> str:
    return key(resource.noun.replace(" ", "-"), str(row))


def _reader(reader: UUID | None) -> bytes:
    return b"p" if reader is None else reader.bytes
