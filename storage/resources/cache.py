"""Copies in Redis: single rows by reader, lists and searches by question, dropped by changes.

A row has one key, a hash: a generation, the public representation, and those of the parties that a
row names which is not public. A reader keeps what it read only under the generation that it saw
before it read, so that a copy from before a change never outlives the change. Lists and searches
are kept under the generations of all resources they show, seen before they were made; a change of
any of their rows makes a new one, and what was kept under the old is never asked for again.
"""

import hashlib
import secrets
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

import msgspec

from storage.redis.calls import RedisCalls, load_script
from storage.redis.guard import RedisAwayError
from storage.redis.keys import address_key, key
from storage.resources.resource import Resource
from storage.resources.store import Row

T = TypeVar("T")

_KEEP = load_script("cache_keep")
_DROP = load_script("cache_drop")
_DROPPED_S = 300
LIST_S = 300
"""How long lists and searches are kept: figures that drift are as old at most."""
BOARD_S = 3600

FoundKey = tuple[str, str, bool]
"""A key, its rank, and whether it was found by likeness."""
_PUBLIC = b"p"

LookedUp = Callable[[str, bool], None]
"""`(cache, hit)`, for the figures."""
Change = tuple[Resource, UUID]


class Found(NamedTuple):
    """A look-up: the row, if it is there, and the generation under which it may be kept."""

    row: Row | None
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
        found = None if copy is None else msgspec.msgpack.decode(copy, type=Row)
        return Found(found, generation or b"")

    def keep(
        self, resource: Resource, row: UUID, reader: UUID | None, found: Found, copy: Row
    ) -> None:
        """Keep a copy: the public one with no reader. Nobody waits for it."""
        if found.generation is not None:
            name = _reader(reader)
            body = msgspec.msgpack.encode(copy)
            self._calls.script(
                _KEEP, [_key(resource, row)], [found.generation, name, body, resource.cache_s]
            )

    async def changed(self, changes: Iterable[Change]) -> None:
        """Forget what is kept of rows and of all that may show them, once the change is committed.

        Raises `RedisAwayError`; then some of it may still be there.
        """
        changes = set(changes)
        calls = [
            self._calls.script(_DROP, [_key(resource, row)], [secrets.token_hex(8), _DROPPED_S])
            for resource, row in changes
        ]
        calls += [
            self._calls.command("SET", _generation(resource), secrets.token_hex(8))
            for resource in {resource for resource, _row in changes}
        ]
        for call in calls:
            await call

    async def find_answer(
        self, name: str, shows: Iterable[Resource], question: Any, shape: type[T]
    ) -> tuple[str, T | None]:
        """What was answered to a question within the last minutes, and the place to keep it in.

        `question` is all that the answer depends on, but for the rows of what it `shows`.
        """
        try:
            generations = [self._calls.command("GET", _generation(r)) for r in shows]
            seen = b"".join([await generation or b"0" for generation in generations])
            digest = hashlib.sha256(seen + msgspec.msgpack.encode(question)).hexdigest()[:32]
            place = address_key("search", f"{name}:{digest}")
            kept = await self._calls.command("GET", place)
        except RedisAwayError:
            return "", None
        self._looked_up(name, kept is not None)
        return place, None if kept is None else msgspec.msgpack.decode(kept, type=shape)

    def keep_answer(self, place: str, answer: Any) -> None:
        """Keep what was answered. Nobody waits for it."""
        if place:
            self._calls.command("SET", place, msgspec.msgpack.encode(answer), "EX", LIST_S)

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
    return address_key("generation", resource.path)


def _key(resource: Resource, row: UUID) -> str:
    return key(resource.noun.replace(" ", "-"), str(row))


def _reader(reader: UUID | None) -> bytes:
    return _PUBLIC if reader is None else reader.bytes
