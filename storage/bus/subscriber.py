"""Subscribes to sharded channels of one Redis node, read directly with hiredis.

redis-py's pub/sub costs more for each message than the rest of a delivery, so the few commands of a
subscriber are implemented here. After a loss it reconnects and subscribes everything again; events
published meanwhile are lost, and `on_gap` names the channels.
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
"""If Redis confirms no subscription within this time, the connection counts as lost."""
BATCH = 500
"""Channels subscribed in one go, so that a reconnect does not block the event loop."""
PING_S = 10.0
BACKOFF_S = (0.05, 0.1, 0.25, 0.5, 1.0)
SETTLED_S = 1.0
"""A connection that lasted less counts as a failure."""

OnMessage = Callable[[bytes, bytes], None]
OnGap = Callable[[frozenset[bytes]], None]


class SubscriberLostError(ConnectionError):
    """The connection to Redis is lost; subscriptions are renewed when it is back."""


class _Wire(asyncio.Protocol):
    """One connection: feeds the parser, and knows the channels that the node has confirmed."""

    def __init__(self, on_message: OnMessage) -> None:
        self.subscribed: set[bytes] = set()
        self.refused: set[bytes] = set()
        """Channels of which the node says that another node has them."""
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
        """True while a confirmation is expected."""
        return channel in self._awaited

    def subscribe(self, channel: bytes) -> "asyncio.Future[bool]":
        """Subscribe a channel; the future is False if it is another node's."""
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        if self.is_lost:
            future.set_exception(SubscriberLostError())
            return future
        self._awaited[channel].append(future)
        self.send("SSUBSCRIBE", channel)
        return future

    def unsubscribe(self, channel: bytes) -> None:
        """Unsubscribe a channel."""
        self.subscribed.discard(channel)
        self.refused.discard(channel)
        self._leaving[channel] += 1
        self.send("SUNSUBSCRIBE", channel)

    def abort(self) -> None:
        """Close the connection without waiting."""
        if self._transport is not None:
            self._transport.abort()

    def send(self, *words: str | bytes) -> None:
        """Write one command."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(hiredis.pack_command(words))  # type: ignore[arg-type]  # any length

    def _answered(self, reply: object) -> None:
        """`OK`, `PONG`, or an error: of `AUTH`, or that a channel is another node's."""
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
        """An unsubscribe of ours is confirmed; otherwise the slot has moved to another node."""
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
    """The channels that this process subscribes at one node. Calls `on_message(channel, payload)`.

    `on_gap(channels)` is called after every connect, the first included, with the channels that
    were subscribed again or late: something may have been published to them meanwhile.
    `on_trouble(is_lost)` is called when the node is lost, or refuses channels that another node
    has; `retry` subscribes those again.
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
        """Subscribe a channel; True once the node confirms: all that is published later arrives.

        False if it does not confirm: the channel is subscribed later, followed by `on_gap`.
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
            # A late confirmation would leave an unnoticed gap: reconnect instead.
            wire.abort()
            return False

    def adopt(self, channels: Iterable[bytes]) -> None:
        """Subscribe channels as soon as possible, followed by `on_gap`."""
        self._channels.update(channels)
        if self._wire is not None:
            self._wire.stirred.set()

    def unsubscribe(self, channel: bytes) -> None:
        """Listen no longer."""
        self._channels.discard(channel)
        if self._wire is not None:
            self._wire.unsubscribe(channel)

    def retry(self) -> None:
        """Subscribe refused channels again: by the map of nodes they belong here."""
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
        """Serve one connection until it is lost."""
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
        """Subscribe missing channels, at once and when woken; ping meanwhile."""
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
        """Subscribe channels that nobody else awaits, then call `on_gap`."""
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

        # Messages that come with the confirmations are passed on after `on_gap`: before it, they
        # would seem to follow without a gap.
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
