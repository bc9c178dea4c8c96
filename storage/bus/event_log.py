"""The logs from which a connection resumes: one for each user and each large conversation.

They are streams in Redis, written by storage/bus/publisher.py and kept for an hour. A log's epoch
identifies the log and the run of Redis: if it differs, the log may be incomplete.
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
    """An entry of a user's log; both fields are empty if unknown."""

    epoch: str
    entry: str


class Joined(NamedTuple):
    """The state of a user's log when a connection joins."""

    newest: LogPosition
    large: dict[str, int] | None
    """The user's large conversations, each with a rev; None if they are not recorded."""
    entries: list[Logged] | None
    """The entries after the requested position; None if the log does not have it."""
    marks: list[BusEvent]
    """The newest receipts of other users since then."""


class LogTail(NamedTuple):
    """The entries of a log after a position; None if they may be incomplete."""

    newest: LogPosition
    entries: list[Logged] | None


JOINS: Final = 32
"""Logs read in one round trip: each may return 256 KB."""

_JOIN = load_script("log_join")


class EventLog:
    """Reads the logs. Raises `redis.RedisError`, `OSError` or `TimeoutError` when Redis is away."""

    def __init__(self, redis: "Redis", joins: RedisCalls) -> None:
        """`joins` is the queue of connections that join: many of them share round trips."""
        self._redis = redis
        self._joins = joins
        self._read_after = redis.register_script(read_script("log_read_after"))
        self._note_large = redis.register_script(read_script("log_note_large"))
        self._conversation = redis.register_script(read_script("log_conversation"))

    async def join(self, user_id: str, wanted: LogPosition) -> Joined:
        """The state of a user's log, created if there is none, with the entries after `wanted`.

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
        """Record the user's large conversations, each with the rev at which it was read.

        A later rev that is recorded already stays. Returns all that are recorded.
        """
        pairs = [text for name, rev in large.items() for text in (name, rev)]
        noted = await self._note_large(keys=[key("place", user_id)], args=[epoch, *pairs])
        return _conversations(noted)

    async def read_after(self, places: Mapping[str, LogPosition]) -> dict[str, LogTail]:
        """Renew the expiry of these users' logs; returns any entries after each position."""
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
        """The newest rev in a large conversation's log, and its entries after `rev`.

        None without a log, or if Redis may have lost a part of it.
        """
        told = await self._conversation(
            keys=[conversation_log(conversation_id), key("run", conversation_id)],
            args=["" if rev is None else rev, LOG_KEPT_S],
        )
        return None if told is None else (int(told[0]), _logged(told[1]))


def _logged(entries: Sequence[Any]) -> list[Logged]:
    """The events of stream entries; the marker at the start of a log is skipped."""
    logged = []
    for place, (field, body) in entries:
        if field == b"e":
            logged.append(Logged(place.decode(), unpack(body)))
    return logged


def _conversations(fields: Sequence[bytes]) -> dict[str, int]:
    """The large conversations recorded for a user: those with a positive rev."""
    pairs = zip(fields[::2], fields[1::2], strict=True)
    noted = {name[2:].decode(): int(rev) for name, rev in pairs if name.startswith(b"c:")}
    return {name: rev for name, rev in noted.items() if rev > 0}


def _log_id() -> str:
    return secrets.token_hex(8)
