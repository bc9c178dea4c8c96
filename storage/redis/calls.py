"""Small calls to Redis in the order they were made; those that wait share one round trip.

A crowd that connects at once costs a few round trips and not several each. And what was asked later
happens later: the end of a connection is never overtaken by a refresh that still knew it.
"""

import asyncio
import hashlib
from collections import deque
from typing import Any, Final, NamedTuple

import structlog
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import NoScriptError

from storage.redis.guard import RedisAwayError, RedisGuard
from storage.redis.scripts import read_script

log = structlog.get_logger()

MOST: Final = 256
"""Calls of one round trip: it takes Redis a few milliseconds."""

Words = tuple[str | bytes | int, ...]


class Script(NamedTuple):
    """A script of `storage/redis/lua/`. It may run twice: running it again must change nothing."""

    text: str
    sha: str


def load_script(*names: str) -> Script:
    """The script that these files make, one after the other."""
    text = read_script(*names)
    return Script(text, hashlib.sha1(text.encode()).hexdigest())  # noqa: S324  # Redis' own name


class RedisCalls:
    """The queue of one process. Each call is made at once and answered by a future.

    The future raises `RedisAwayError` when Redis did not do it in time, or refused; nobody needs to
    look at it.
    """

    def __init__(self, client: Redis, guard: RedisGuard, most: int = MOST) -> None:
        """At most `most` calls go at once: few, where answers are long."""
        self._client = client
        self._most = most
        self._guard = guard
        self._waiting: deque[tuple[Words, asyncio.Future[Any]]] = deque()
        self._texts: dict[str, str] = {}
        self._sending: asyncio.Task[None] | None = None

    def command(self, *words: str | bytes | int) -> "asyncio.Future[Any]":
        """Any command on keys of one shard."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Any] = loop.create_future()
        future.add_done_callback(_forget)
        self._waiting.append((words, future))
        if self._sending is None:
            self._sending = loop.create_task(self._send())
        return future

    def script(
        self, script: Script, keys: "list[str]", args: "list[str | bytes | int]"
    ) -> "asyncio.Future[Any]":
        """A script, on keys of one shard."""
        self._texts[script.sha] = script.text
        return self.command("EVALSHA", script.sha, len(keys), *keys, *args)

    async def close(self) -> None:
        """Return when all that was asked is done or given up."""
        if self._sending is not None:
            await asyncio.wait([self._sending])

    async def _send(self) -> None:
        try:
            while self._waiting:
                await self._send_group()
        finally:
            self._sending = None

    async def _send_group(self) -> None:
        group = [self._waiting.popleft() for _ in range(min(self._most, len(self._waiting)))]
        calls = [words for words, _future in group]
        try:
            answers = await self._guard.call(lambda: self._answers(calls))
        except RedisAwayError:
            answers = [RedisAwayError()] * len(group)
        for (words, future), answer in zip(group, answers, strict=True):
            if future.done():
                continue
            if not isinstance(answer, Exception):
                future.set_result(answer)
                continue
            if not isinstance(answer, RedisAwayError | RedisConnectionError):
                log.warning("redis_refused", command=str(words[0]), reason=str(answer))
            future.set_exception(RedisAwayError())

    async def _answers(self, calls: list[Words]) -> list[Any]:
        answers = await self._round_trip(calls)
        missing = (i for i, answer in enumerate(answers) if isinstance(answer, NoScriptError))
        first = next(missing, None)
        if first is not None:
            # A Redis that was started anew. What follows the first ran before it: all again.
            answers[first:] = await self._round_trip([self._in_full(one) for one in calls[first:]])
        return answers

    async def _round_trip(self, calls: list[Words]) -> list[Any]:
        pipeline = self._client.pipeline(transaction=False)
        for words in calls:
            pipeline.execute_command(*words)
        return await pipeline.execute(raise_on_error=False)

    def _in_full(self, words: Words) -> Words:
        if words[0] != "EVALSHA":
            return words
        return ("EVAL", self._texts[str(words[1])], *words[2:])


def _forget(future: "asyncio.Future[Any]") -> None:
    """Nobody may be waiting: then nobody looks at how it ended."""
    if not future.cancelled():
        future.exception()
