"""The logs that a connection goes on from: one a user, and one a large conversation.

They are streams in Redis, written by storage/bus/publisher.py and kept for an hour. A log's epoch
names it and the run of Redis that holds it: under another one nothing proves that it is whole.
"""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from redis.asyncio import Redis

from protocol.bus import BusEvent, unpack
from protocol.resume import Logged
from storage.bus.publisher import LOG_KEPT_S
from storage.redis.calls import RedisCalls, load_script
from storage.redis.client import ScriptCall, by_shard, call_each
from storage.redis.keys import conversation_log, key, user_log
from storage.redis.scripts import read_script


class LogPosition(NamedTuple):
    """An entry of a user's log; both are empty where nothing is known."""

    epoch: str
    entry: str


class Joined(NamedTuple):
    """Where a user's log stands when a connection joins."""

    newest: LogPosition
    large: dict[str, int] | None
    """The large conversations that the user is in, with a rev each; None when nobody has said."""
    entries: list[Logged] | None
    """What follows the place asked for; None when the log does not hold it."""
    marks: list[BusEvent]
    """The newest receipts of others since then."""


class LogTail(NamedTuple):
    """What a log holds after a place; None when it cannot be told that this is all."""

    newest: LogPosition
    entries: list[Logged] | None


JOINS: Final = 32
"""Logs read in one round trip: each may answer with 256 KB."""

_JOIN = load_script("log_join")


class EventLog:
    """Reads the logs. Raises `redis.RedisError`, `OSError` or `TimeoutError` when Redis is away."""

    def __init__(self, redis: "Redis", joins: RedisCalls) -> None:
        """`joins` is the queue of those who join: a crowd shares round trips."""
        self._redis = redis
        self._joins = joins
        self._read_after = redis.register_script(read_script("log_read_after"))
        self._note_large = redis.register_script(read_script("log_note_large"))
        self._conversation = redis.register_script(read_script("log_conversation"))

    async def join(self, user_id: str, wanted: LogPosition) -> Joined:
        """The log of a user, made if there is none, and what follows `wanted` in it.

        Raises `RedisAwayError`.
        """
        epoch, newest, is_known, place, entries, marks = await self._joins.script(
            _JOIN,
            [key(kind, user_id) for kind in ("log", "place", "marks")],
            [_log_id(), LOG_KEPT_S, wanted.epoch, wanted.entry],
        )
        return Joined(
            LogPosition(epoch.decode(), newest.decode()),
            _conversations(place) if is_known else None,
            None if entries is None else _logged(entries),
            [unpack(body) for body in marks],
        )

    async def note_large(
        self, user_id: str, epoch: str, large: Mapping[str, int]
    ) -> dict[str, int]:
        """Note the user's large conversations, each with the rev at which it was read; all noted.

        Of what was noted before, the later rev stays.
        """
        pairs = [text for name, rev in large.items() for text in (name, rev)]
        noted = await self._note_large(keys=[key("place", user_id)], args=[epoch, *pairs])
        return _conversations(noted)

    async def read_after(self, places: Mapping[str, LogPosition]) -> dict[str, LogTail]:
        """Keep the logs of these users, and tell what followed each place, where anything did."""
        groups = by_shard(self._redis, places)
        calls = [
            ScriptCall(
                [user_log(user_id) for user_id in users],
                [_log_id(), LOG_KEPT_S, *(text for user_id in users for text in places[user_id])],
            )
            for users in groups
        ]
        tails: dict[str, LogTail] = {}
        answers = await call_each(self._redis, self._read_after, calls)
        for users, told in zip(groups, answers, strict=True):
            for number, epoch, newest, entries in told:
                tails[users[number - 1]] = LogTail(
                    LogPosition(epoch.decode(), newest.decode()),
                    None if entries is None else _logged(entries),
                )
        return tails

    async def conversation(
        self, conversation_id: str, rev: int | None
    ) -> tuple[int, list[Logged]] | None:
        """The newest rev in a large conversation's log, and what it holds after `rev`.

        None without a log, or when this Redis may have lost some of it.
        """
        told = await self._conversation(
            keys=[conversation_log(conversation_id), key("run", conversation_id)],
            args=["" if rev is None else rev, LOG_KEPT_S],
        )
        return None if told is None else (int(told[0]), _logged(told[1]))


def _logged(entries: Sequence[Any]) -> list[Logged]:
    """Events of stream entries; the marker at a log's beginning is none."""
    logged = []
    for place, (field, body) in entries:
        if field == b"e":
            logged.append(Logged(place.decode(), unpack(body)))
    return logged


def _conversations(fields: Sequence[bytes]) -> dict[str, int]:
    """The conversations of a place that the user is in: those with a positive rev."""
    pairs = zip(fields[::2], fields[1::2], strict=True)
    noted = {name[2:].decode(): int(rev) for name, rev in pairs if name.startswith(b"c:")}
    return {name: rev for name, rev in noted.items() if rev > 0}


def _log_id() -> str:
    return secrets.token_hex(8)
