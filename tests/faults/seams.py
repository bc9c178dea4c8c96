"""Where a test takes hold of a running process: its way to Redis, its ear, its clocks.

What is held here is held between two steps that the network may part as well: after the commit and
before the publishing, after the publishing and before the hearing.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from redis.asyncio import Redis

from server.delivery.listeners import Listeners
from storage.bus.subscriber import _Wire
from storage.conversations import audience, gap_reader, sync
from storage.conversations import reader as conversations
from storage.database import change_call, postgres
from storage.messages import reader as messages
from storage.messages import search
from storage.notifications import reader as notifications
from storage.redis.guard import RedisAwayError, RedisGuard
from tests.app import Served
from tests.wire import WAIT_S

Call = Callable[[Any], Awaitable[None]]


_READERS = (audience, gap_reader, notifications, conversations, messages, search, sync)


def shorten_waits(patch: pytest.MonkeyPatch) -> None:
    """For a PostgreSQL that does not answer; beside a setting, `statement_timeout_ms`."""
    patch.setattr(postgres, "CONNECT_S", 1.0)
    patch.setattr(change_call, "CALL_S", 2.0)
    for reader in _READERS:
        patch.setattr(reader, "READ_S", 2.0)


class Publishing:
    """The calls by which a process publishes: passed on at first. `bodies` holds all asked for."""

    def __init__(self, app: Served) -> None:
        publisher: Any = app.app.core.bus.publisher
        self.bodies: list[bytes] = []
        self._publisher = publisher
        self._call: Call = publisher._call
        self._then = self._call
        self._gate = asyncio.Event()
        self._answers = asyncio.Event()
        self._asked = asyncio.Event()
        publisher._call = self._through
        self.go_on()

    def go_on(self) -> None:
        """Calls pass, those that were held first."""
        self._then = self._call
        self._gate.set()
        self._answers.set()

    def hold(self) -> None:
        """From now on calls wait."""
        self._asked.clear()
        self._gate.clear()

    def hold_answers(self) -> None:
        """From now on calls reach Redis at once, and their answers wait."""
        self._answers.clear()
        self._asked.clear()

    def lose(self) -> None:
        """Calls do nothing and are taken for done: what was published, Redis has lost."""
        self._then = _nothing

    def fail(self) -> None:
        """Calls fail: what is stored stays unpublished."""
        self._then = _refuse

    async def held(self) -> None:
        """Waits until a call is held."""
        async with asyncio.timeout(WAIT_S):
            await self._asked.wait()

    async def done(self) -> None:
        """Waits until all that was handed over has been called for."""
        async with asyncio.timeout(WAIT_S):
            await self._publisher.publish_and_wait(())

    async def _through(self, part: Any) -> None:
        self.bodies += [publication.body for publication in part]
        if self._answers.is_set():
            self._asked.set()
        await self._gate.wait()
        await self._then(part)
        self._asked.set()
        await self._answers.wait()


async def _nothing(_part: Any) -> None:
    return


async def _refuse(_part: Any) -> None:
    raise ConnectionError("the way to Redis is closed by a test")


class Ear:
    """The connection on which a process hears Redis."""

    def __init__(self, app: Served) -> None:
        self._listeners: Listeners = app.app.core.delivery.hub.listeners

    def _wire(self) -> _Wire:
        (node,) = self._listeners._subscriptions._nodes.values()
        wire = node.subscriber._wire
        assert wire is not None
        return wire

    def stop(self) -> None:
        """It reads no more: what Redis writes stays in the socket."""
        transport = self._wire()._transport
        assert transport is not None
        transport.pause_reading()

    def go_on(self) -> None:
        """It reads again, what has waited first."""
        transport = self._wire()._transport
        assert transport is not None
        transport.resume_reading()

    def cut(self) -> None:
        """The connection is gone, and what it had not read with it."""
        self._wire().abort()


def never_fetches(app: Served) -> None:
    """What skipped ahead waits for what comes before it, however long that takes."""
    app.app.core.delivery.gap_filler._hold_s = lambda: 60.0


async def holds_something(app: Served) -> None:
    """Waits until an event waits for others there."""
    async with asyncio.timeout(WAIT_S):
        await app.app.core.delivery.hub.delivery.has_gaps.wait()


async def stop_relay(app: Served) -> None:
    """Waits until the relay is between two turns; from then on it takes nothing from the outbox."""
    relay = app.app.core.outbox.relay
    relay._is_listening = lambda: False
    async with asyncio.timeout(WAIT_S), relay._turn:
        pass


def start_relay(app: Served) -> None:
    """It takes rows again as long as Redis is heard."""
    core = app.app.core
    core.outbox.relay._is_listening = lambda: core.delivery.hub.listeners.is_connected


async def outbox_is_empty(app: Served) -> None:
    """Waits until nothing waits in the outbox for clients."""
    query = "select count(*) from outbox where consumer = 'realtime'"
    async with asyncio.timeout(WAIT_S):
        while await app.app.core.foundation.pool.fetchval(query):
            await asyncio.sleep(0.05)


async def redis_is_back(app: Served) -> None:
    """Waits until commands are asked of Redis again, and what it publishes is heard."""
    core = app.app.core
    async with asyncio.timeout(WAIT_S):
        while not (
            core.delivery.hub.listeners.is_connected
            and await _answers(core.foundation.guard, core.foundation.redis)
        ):
            await asyncio.sleep(0.05)


async def _answers(guard: RedisGuard, redis: Redis) -> bool:
    try:
        await guard.call(redis.ping)
    except RedisAwayError:
        return False
    return True
