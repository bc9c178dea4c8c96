"""Readers of what a session tells: queues that are bounded, and conditions that are awaited."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Self

from client.errors import ClientError, LaggedBehind
from client.state.changes import Change


class Subscription:
    """The changes from now on, as an async iterator; ends when the session does.

    Raises `LaggedBehind` when more changes wait than it may hold: what it missed is in the state.
    """

    def __init__(self, limit: int, leave: Callable[["Subscription"], None]) -> None:
        self._queue: asyncio.Queue[Change | None] = asyncio.Queue(limit + 1)
        self._limit = limit
        self._leave = leave
        self._has_lagged = False

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Change:
        if self._has_lagged and self._queue.empty():
            raise LaggedBehind(f"more than {self._limit} changes waited")
        change = await self._queue.get()
        if change is None:
            raise StopAsyncIteration
        return change

    def close(self) -> None:
        """No more changes are wanted."""
        self._leave(self)

    def put(self, change: Change) -> None:
        """Adds a change; the one too many ends the subscription."""
        if self._queue.qsize() < self._limit:
            self._queue.put_nowait(change)
        else:
            self._has_lagged = True
            self._leave(self)

    def end(self) -> None:
        """The session is over."""
        self._queue.put_nowait(None)


class Publisher:
    """Hands changes to all subscriptions, and looks at the conditions awaited after each."""

    def __init__(self) -> None:
        self._subscriptions: list[Subscription] = []
        self._conditions: list[tuple[Callable[[], bool], asyncio.Future[None]]] = []
        self._ended: ClientError | None = None

    def subscribe(self, limit: int) -> Subscription:
        """A new reader that may hold `limit` changes."""
        subscription = Subscription(limit, self._leave)
        if self._ended is None:
            self._subscriptions.append(subscription)
        else:
            subscription.end()
        return subscription

    def publish(self, changes: Iterable[Change]) -> None:
        """Something may have changed: these changes, and whatever conditions look at."""
        for change in changes:
            for subscription in list(self._subscriptions):
                subscription.put(change)
        for condition, met in self._conditions:
            if not met.done() and condition():
                met.set_result(None)

    async def until(self, condition: Callable[[], bool], timeout_s: float) -> None:
        """Waits until `condition` holds. Raises `TimeoutError`, or what ended the session."""
        if condition():
            return
        if self._ended is not None:
            raise self._ended
        entry = (condition, asyncio.get_running_loop().create_future())
        self._conditions.append(entry)
        try:
            async with asyncio.timeout(timeout_s):
                await entry[1]
        finally:
            self._conditions.remove(entry)

    def end(self, reason: ClientError) -> None:
        """The session is over: readers end, and those who wait get the reason."""
        self._ended = reason
        for subscription in self._subscriptions:
            subscription.end()
        self._subscriptions.clear()
        for _, met in self._conditions:
            if not met.done():
                met.set_exception(reason)

    def _leave(self, subscription: Subscription) -> None:
        if subscription in self._subscriptions:
            self._subscriptions.remove(subscription)
