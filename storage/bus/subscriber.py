"""Sharded channels heard from one Redis node, read straight from hiredis.

redis-py's pub/sub costs more a message than all else that a delivery does, so the few commands that
a subscriber needs are spoken here. A lost connection is reopened and everything subscribed again;
what was published meanwhile is gone, and `on_gap` says on which channels.
"""

import asyncio
import contextlib
import ssl
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import hiredis
import structlog
from redis.crc import key_slot
from redis.exceptions import RedisError

log = structlog.get_logger()

CONNECT_S = 5.0
CONFIRM_S = 2.0
"""A Redis that confirms no subscription for so long is taken for lost."""
BATCH = 500
"""Channels subscribed at once; the others wait, and so does nobody else in the process."""
PING_S = 10.0
BACKOFF_S = (0.05, 0.1, 0.25, 0.5, 1.0)
SETTLED_S = 1.0
"""A connection that lived for less counts as a failure."""

OnMessage = Callable[[bytes, bytes], None]
OnGap = Callable[[frozenset[bytes]], None]


class SubscriberLostError(ConnectionError):
    """The connection to Redis is lost; subscriptions are renewed when it is back."""


class _Wire(asyncio.Protocol):
    """One connection: feeds the parser, and knows to what the node listens for it."""

    def __init__(self, on_message: OnMessage) -> None:
        self.subscribed: set[bytes] = set()
        self.refused: set[bytes] = set()
        """Channels that the node says are not its own."""
        self.stirred = asyncio.Event()
        self.is_lost = False
        self.last_heard = 0.0
        self.signed_in: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._transport: asyncio.Transport | None = None
        self._awaited: defaultdict[bytes, deque[asyncio.Future[bool]]] = defaultdict(deque)
        self._leaving: Counter[bytes] = Counter()
        self.on_message = on_message
        self._parser = hiredis.Reader()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # asyncio types it as the base

    def connection_lost(self, _exc: Exception | None) -> None:
        self.is_lost = True
        lost = SubscriberLostError()
        if not self.signed_in.done():
            self.signed_in.set_exception(lost)
            self.signed_in.exception()
        for future in (one for many in self._awaited.values() for one in many):
            if not future.done():
                future.set_exception(lost)
                future.exception()  # those who waited may have given up
        self._awaited.clear()
        self.stirred.set()

    def data_received(self, data: bytes) -> None:
        self.last_heard = asyncio.get_running_loop().time()
        self._parser.feed(data)
        while (reply := self._parser.gets()) is not False:
            if not isinstance(reply, list):
                self._answered(reply)
            elif reply[0] == b"smessage":
                self.on_message(reply[1], reply[2])
            elif reply[0] == b"ssubscribe":
                self.subscribed.add(reply[1])
                self.refused.discard(reply[1])
                self._settle(reply[1], is_subscribed=True)
            elif reply[0] == b"sunsubscribe":
                self._left(reply[1])

    def awaits(self, channel: bytes) -> bool:
        """True when a confirmation is under way."""
        return channel in self._awaited

    def subscribe(self, channel: bytes) -> "asyncio.Future[bool]":
        """Ask for a channel; False comes when it is another node's."""
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        if self.is_lost:
            future.set_exception(SubscriberLostError())
            return future
        self._awaited[channel].append(future)
        self.send("SSUBSCRIBE", channel)
        return future

    def unsubscribe(self, channel: bytes) -> None:
        """Give a channel up."""
        self.subscribed.discard(channel)
        self.refused.discard(channel)
        self._leaving[channel] += 1
        self.send("SUNSUBSCRIBE", channel)

    def abort(self) -> None:
        """Give the connection up, waiting for nothing."""
        if self._transport is not None:
            self._transport.abort()

    def send(self, *words: str | bytes) -> None:
        """Write one command."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(hiredis.pack_command(words))  # type: ignore[arg-type]  # any length

    def _answered(self, reply: object) -> None:
        """`OK`, `PONG`, or an error: of signing in, or that a channel is another node's."""
        text = str(reply)
        if not isinstance(reply, Exception):
            if not self.signed_in.done():
                self.signed_in.set_result(None)
        elif text.startswith("MOVED "):
            slot = int(text.split()[1])
            for channel in [one for one in self._awaited if key_slot(one) == slot]:
                self._refuse(channel)
        else:
            if not self.signed_in.done():
                self.signed_in.set_exception(RedisError(text))
            log.warning("subscription_refused", reason=text)
            self.abort()

    def _left(self, channel: bytes) -> None:
        """We have asked for it; otherwise the channel's slot has moved to another node."""
        self.subscribed.discard(channel)
        if self._leaving[channel] > 1:
            self._leaving[channel] -= 1
        elif self._leaving.pop(channel, 0) == 0:
            self._refuse(channel)

    def _refuse(self, channel: bytes) -> None:
        self.refused.add(channel)
        while channel in self._awaited:
            self._settle(channel, is_subscribed=False)
        self.stirred.set()

    def _settle(self, channel: bytes, *, is_subscribed: bool) -> None:
        futures = self._awaited.get(channel)
        if futures:
            future = futures.popleft()
            if not future.done():
                future.set_result(is_subscribed)
        if not futures:
            self._awaited.pop(channel, None)


class Subscriber:
    """Channels that this process hears from one node. `on_message(channel, payload)`.

    `on_gap(channels)` is called at every connection, the first included, with the channels that are
    subscribed again or later than asked for: something may have been published to them meanwhile.
    `on_trouble(is_lost)` tells that the node is lost, or that it says of channels that they are
    another's; these are asked for again after `retry`.
    """

    def __init__(
        self,
        options: Mapping[str, Any],
        on_message: OnMessage,
        on_gap: OnGap,
        on_trouble: Callable[[bool], None],
    ) -> None:
        self._options = options
        self._on_message = on_message
        self._on_gap = on_gap
        self._on_trouble = on_trouble
        self._channels: set[bytes] = set()
        self._wire: _Wire | None = None

    @property
    def is_connected(self) -> bool:
        """False while the node is away."""
        return self._wire is not None

    async def subscribe(self, channel: bytes) -> bool:
        """Listen to a channel; returns once the node confirms: all published later arrives.

        False when it does not: the channel is subscribed later, and `on_gap` tells.
        """
        self._channels.add(channel)
        wire = self._wire
        if wire is None:
            return False
        try:
            async with asyncio.timeout(CONFIRM_S):
                return await wire.subscribe(channel)
        except SubscriberLostError:
            return False
        except TimeoutError:
            # Confirmed late, it would leave a gap that nobody is told of: begin anew instead.
            wire.abort()
            return False

    def adopt(self, channels: Iterable[bytes]) -> None:
        """Listen to channels as soon as possible; `on_gap` tells when."""
        self._channels.update(channels)
        if self._wire is not None:
            self._wire.stirred.set()

    def unsubscribe(self, channel: bytes) -> None:
        """Listen no longer."""
        self._channels.discard(channel)
        if self._wire is not None:
            self._wire.unsubscribe(channel)

    def retry(self) -> None:
        """Ask once more for what the node has refused; the map says that it is right here."""
        if self._wire is not None and self._wire.refused:
            self._wire.refused.clear()
            self._wire.stirred.set()

    async def run(self) -> None:
        """Keep the connection until cancelled."""
        loop = asyncio.get_running_loop()
        failures = 0
        while True:
            began = loop.time()
            try:
                await self._connected()
            except (OSError, TimeoutError, RedisError) as error:
                log.warning("subscriber_lost", reason=type(error).__name__, node=self._name())
            self._on_trouble(True)  # noqa: FBT003 - the callback's one word
            if loop.time() - began < SETTLED_S:
                await asyncio.sleep(BACKOFF_S[min(failures, len(BACKOFF_S) - 1)])
                failures += 1
            else:
                failures = 0

    async def _connected(self) -> None:
        """One connection, until it is lost."""
        async with asyncio.timeout(CONNECT_S):
            wire = await self._open()
        self._wire = wire
        try:
            await self._keep(wire)
        finally:
            self._wire = None
            wire.abort()

    async def _open(self) -> _Wire:
        options = self._options
        loop = asyncio.get_running_loop()
        context = ssl.create_default_context() if "connection_class" in options else None
        wire = _Wire(self._on_message)
        if "path" in options:
            await loop.create_unix_connection(lambda: wire, options["path"])
        else:
            host, port = options.get("host", "localhost"), options.get("port", 6379)
            await loop.create_connection(lambda: wire, host, port, ssl=context)
        try:
            password, user = options.get("password"), options.get("username")
            if password is not None:
                wire.send("AUTH", *([user] if user else []), password)
                await wire.signed_in
        except BaseException:
            wire.abort()
            raise
        return wire

    async def _keep(self, wire: _Wire) -> None:
        """Subscribe what is missing, at once and whenever something stirs; ping meanwhile."""
        loop = asyncio.get_running_loop()
        ping_at = wire.last_heard = loop.time()
        await self._subscribe_missing(wire, is_new=True)
        while loop.time() - wire.last_heard < 2 * PING_S:
            if loop.time() >= ping_at:
                wire.send("PING")
                ping_at += PING_S
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(ping_at):
                    await wire.stirred.wait()
            wire.stirred.clear()
            if wire.is_lost:
                raise SubscriberLostError
            if wire.refused & self._channels:
                self._on_trouble(False)  # noqa: FBT003 - the callback's one word
            await self._subscribe_missing(wire)
        raise SubscriberLostError

    async def _subscribe_missing(self, wire: _Wire, *, is_new: bool = False) -> None:
        """Subscribe the channels that nobody else awaits, and tell."""
        missing = [
            channel
            for channel in self._channels - wire.subscribed - wire.refused
            if not wire.awaits(channel)
        ]
        names = frozenset(missing)
        early: list[tuple[bytes, bytes]] = []

        def keep(channel: bytes, payload: bytes) -> None:
            if channel in names:
                early.append((channel, payload))
            else:
                self._on_message(channel, payload)

        # What comes with the confirmations is told behind the gap: before it, it would look as if
        # nothing were missing up to there.
        wire.on_message = keep
        try:
            for start in range(0, len(missing), BATCH):
                async with asyncio.timeout(CONFIRM_S):
                    await asyncio.gather(*map(wire.subscribe, missing[start : start + BATCH]))
        finally:
            wire.on_message = self._on_message
        if missing or is_new:
            self._on_gap(names & wire.subscribed)
        for channel, payload in early:
            self._on_message(channel, payload)

    def _name(self) -> str:
        return str(self._options.get("path") or self._options.get("port", 6379))
