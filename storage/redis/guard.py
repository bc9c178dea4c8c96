"""Redis may be away: every call is bounded in time, and a failure spares the next ones the wait."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import redis.exceptions
import structlog

from storage.redis.client import NodeSilentError

log = structlog.get_logger()
T = TypeVar("T")

_STEPS = 5


class RedisAwayError(Exception):
    """Redis did not answer in time, or did not a moment ago."""


class RedisGuard:
    """Calls Redis for at most `timeout_s`, and after a failure not at all for `pause_s`.

    Shared by all that can do without Redis for a while: with it away, a request waits once in
    `pause_s` and not each time. It comes back by itself.
    """

    def __init__(
        self,
        timeout_s: float = 0.5,
        pause_s: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._timeout_s = timeout_s
        self._pause_s = pause_s
        self._clock = clock
        self._closed_until = 0.0
        self._is_away = False

    async def call(self, operation: Callable[[], Awaitable[T]]) -> T:
        """Run one operation on Redis; raises `RedisAwayError` when it cannot be done now."""
        if self._clock() < self._closed_until:
            raise RedisAwayError
        try:
            async with asyncio.timeout(None) as bound:
                listening = _Listening(bound, self._timeout_s)
                try:
                    answer = await operation()
                finally:
                    listening.end()
        except NodeSilentError as error:
            raise RedisAwayError from error  # known at once, and true of one node only
        except (TimeoutError, OSError, redis.exceptions.RedisError) as error:
            self._closed_until = self._clock() + self._pause_s
            if not self._is_away:
                self._is_away = True
                log.warning("redis_away", error=type(error).__name__)
            raise RedisAwayError from error
        if self._is_away:
            self._is_away = False
            log.info("redis_back")
        return answer


class _Listening:
    """Ends a timeout after so long, not counting time in which the event loop did not run.

    A process that stands still for a moment has the answer in its socket, but would see its timer
    first. So the time passes in steps, and a loop reads its sockets between any two.
    """

    __slots__ = ("_bound", "_left", "_loop", "_step_s", "_timer")

    def __init__(self, bound: asyncio.Timeout, timeout_s: float) -> None:
        self._bound = bound
        self._loop = asyncio.get_running_loop()
        self._step_s = timeout_s / _STEPS
        self._left = _STEPS
        self._timer = self._loop.call_later(self._step_s, self._stepped)

    def _stepped(self) -> None:
        self._left -= 1
        if self._left:
            self._timer = self._loop.call_later(self._step_s, self._stepped)
        else:
            self._bound.reschedule(self._loop.time())

    def end(self) -> None:
        """The answer has come."""
        self._timer.cancel()
