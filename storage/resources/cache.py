"""Copies in Redis: single rows by reader, lists and searches by question, dropped by changes.

A row has one key, a hash: a generation, the public representation, and those of the parties that a
row names which is not public. A reader keeps what it read only under the generation that it saw
before it read, so that a copy from before a change never outlives the change. Lists and searches
are kept under the generations of all resources they show, seen before they were made; a change of
any of their rows makes a new one, and what was kept under the old is never asked for again.

Anybody may ask new questions without end. So an answer is kept once its question comes for the
second time; a copy has a greatest size, and all together have one, beyond which the oldest go.
"""

import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

import msgspec

from storage.redis.calls import RedisCalls, Script, load_script
from storage.redis.guard import RedisAwayError
from storage.redis.keys import SHARDS, address_key, key
from storage.resources.resource import Resource
from storage.resources.store import Row

T = TypeVar("T")

_KEEP = load_script("cache_books", "cache_keep")
_ANSWER = load_script("cache_books", "cache_answer")
_DROP = load_script("cache_books", "cache_drop")
_RENEW = load_script("cache_renew")
_DROPPED_S = 300
LIST_S = 300
"""How long lists and searches are kept: figures that drift are as old at most."""
BOARD_S = 3600

_PUBLIC = b"p"

LookedUp = Callable[[str, bool], None]
"""`(cache, hit)`, for the figures."""
Change = tuple[Resource, UUID]


class Found(NamedTuple):
    """A look-up: the row, if it is there, and the generation under which it may be kept."""

    row: Row | None
    generation: bytes | None


class Place(NamedTuple):
    """Where the answer to a question is kept; it is to be kept where the question `came_again`."""

    key: str = ""
    came_again: bool = False


@dataclass(frozen=True, slots=True)
class Bounds:
    """What copies may take: all together, and one; and how full, in percent, Redis may be.

    So many `questions` a process remembers, to know which of them comes again.
    """

    all_bytes: int
    copy_bytes: int
    full_percent: int
    questions: int

    @property
    def shard_bytes(self) -> int:
        """Names spread evenly over the shards, and each is counted by itself."""
        return self.all_bytes // SHARDS


class RowCache:
    """The copies. With Redis away nothing is found and nothing kept."""

    def __init__(self, calls: RedisCalls, looked_up: LookedUp, bounds: Bounds) -> None:
        self._calls = calls
        self._looked_up = looked_up
        self._bounds = bounds
        self._questions: OrderedDict[bytes, None] = OrderedDict()

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
            body = msgspec.msgpack.encode(copy)
            of: list[str | bytes | int] = [
                found.generation,
                _reader(reader),
                body,
                resource.cache_s,
            ]
            self._keep(_KEEP, _key(resource, row), of, len(body))

    async def changed(self, changes: Iterable[Change]) -> None:
        """Forget what is kept of rows and of all that may show them, once the change is committed.

        Raises `RedisAwayError`; then some of it may still be there.
        """
        changes = set(changes)
        calls = [
            self._calls.script(
                _DROP, _counted(_key(resource, row)), [secrets.token_hex(8), _DROPPED_S]
            )
            for resource, row in changes
        ]
        calls += [
            self._calls.script(_RENEW, [_generation(resource)], [secrets.token_hex(8)])
            for resource in {resource for resource, _row in changes}
        ]
        for call in calls:
            await call

    async def find_answer(
        self, name: str, shows: Iterable[Resource], question: Any, shape: type[T]
    ) -> tuple[Place, T | None]:
        """What was answered to a question within the last minutes, and the place to keep it in.

        `question` is all that the answer depends on, but for the rows of what it `shows`.
        """
        asked = hashlib.sha256(msgspec.msgpack.encode((name, question))).digest()
        came_again = self._came_again(asked)
        names = [_generation(resource) for resource in shows]
        try:
            generations = [self._calls.command("GET", one) for one in names]
            seen = [await generation for generation in generations]
            if None in seen:
                self._begin(names)
                return Place(), None
            digest = hashlib.sha256(asked + b"".join(seen)).hexdigest()[:32]
            place = Place(address_key("answer", f"{name}:{digest}"), came_again)
            kept = await self._calls.command("GET", place.key)
        except RedisAwayError:
            return Place(), None
        self._looked_up(name, kept is not None)
        return place, None if kept is None else msgspec.msgpack.decode(kept, type=shape)

    def keep_answer(self, place: Place, *forms: Any) -> None:
        """Keep what was answered, in the first of its forms that is small enough.

        Nobody waits for it.
        """
        if not place.came_again:
            return
        for form in forms:
            body = msgspec.msgpack.encode(form)
            if self._keep(_ANSWER, place.key, [body, LIST_S], len(body)):
                return

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
            self._keep(_ANSWER, place, [kept, BOARD_S], len(kept))
        return kept

    def _begin(self, names: Iterable[str]) -> None:
        """Give a first generation to what has none: it is new, or Redis has lost it."""
        for name in names:
            self._calls.script(_RENEW, [name], [secrets.token_hex(8), "NX"])

    def _came_again(self, asked: bytes) -> bool:
        known = asked in self._questions
        self._questions[asked] = None
        self._questions.move_to_end(asked)
        if len(self._questions) > self._bounds.questions:
            self._questions.popitem(last=False)
        return known

    def _keep(self, script: Script, name: str, of: list[str | bytes | int], size: int) -> bool:
        """Keep a copy, if it is small enough."""
        bounds = self._bounds
        if size > min(bounds.copy_bytes, bounds.shard_bytes):
            return False
        limits = [bounds.shard_bytes, bounds.full_percent]
        self._calls.script(script, _counted(name), [*of, *limits])
        return True


def _counted(name: str) -> list[str]:
    """A copy's key, and those by which the copies of its shard are counted."""
    tag = name[: name.index("}") + 2]
    return [name, *(f"{tag}{kind}" for kind in ("copy_ages", "copy_sizes", "copy_books"))]


def _generation(resource: Resource) -> str:
    return address_key("generation", resource.path)


def _key(resource: Resource, row: UUID) -> str:
    return key(resource.noun.replace(" ", "-"), str(row))


def _reader(reader: UUID | None) -> bytes:
    return _PUBLIC if reader is None else reader.bytes
