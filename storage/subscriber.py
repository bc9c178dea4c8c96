"""Subscriptions of one process to sharded Redis channels, read straight from hiredis.

redis-py's pub/sub costs more a message than all else that a delivery does, so the few commands that
a subscriber needs are spoken here. A lost connection is reopened and everything subscribed again;
what was published meanwhile is gone, and `on_gap` says on which channels.
"""

import asyncio
import ssl
from collections.abc import Callable, Iterable
from typing import Any

import hiredis
import structlog
from redis.asyncio.connection import parse_url
from redis.exceptions import RedisError

log = structlog.get_logger()

CONNECT_S = 5.0
CONFIRM_S = 2.0
"""A Redis that confirms no subscription for so long is taken for lost."""
PING_S = 10.0
BACKOFF_S = (0.05, 0.1, 0.25, 0.5, 1.0)

OnMessage = Callable[[bytes, bytes], None]
OnGap = Callable[[frozenset[bytes]], None]


class SubscriberLostError(ConnectionError):
    """The connection to Redis is lost; subscriptions are renewed when it is back."""


class _Wire(asyncio.Protocol):
    """One connection: feeds the parser and sorts messages from confirmations."""

    def __init__(self, on_message: OnMessage) -> None:
        self.transport: asyncio.Transport | None = None
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.replies: asyncio.Queue[Any] = asyncio.Queue()
        self.awaited: dict[bytes, asyncio.Future[None]] = {}
        self.subscribed: set[bytes] = set()
        self.last_heard = 0.0
        self._on_message = on_message
        self._parser = hiredis.Reader()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]  # asyncio types it as the base

    def connection_lost(self, _exc: Exception | None) -> None:
        if not self.closed.done():
            self.closed.set_result(None)
        for future in self.awaited.values():
            if not future.done():
                future.set_exception(SubscriberLostError())
        self.awaited.clear()

    def data_received(self, data: bytes) -> None:
        self.last_heard = asyncio.get_running_loop().time()
        self._parser.feed(data)
        while (reply := self._parser.gets()) is not False:
            if isinstance(reply, list) and reply[0] == b"smessage":
                self._on_message(reply[1], reply[2])
            elif isinstance(reply, list) and reply[0] == b"ssubscribe":
                self.subscribed.add(reply[1])
                future = self.awaited.pop(reply[1], None)
                if future is not None and not future.done():
                    future.set_result(None)
            elif not isinstance(reply, list) and reply != b"PONG":
                self.replies.put_nowait(reply)

    def abort(self) -> None:
        """Give the connection up, waiting for nothing."""
        if self.transport is not None:
            self.transport.abort()

    def send(self, *words: str | bytes) -> None:
        """Write one command."""
        if self.transport is not None and not self.transport.is_closing():
            self.transport.write(hiredis.pack_command(words))  # type: ignore[arg-type]  # any length


class Subscriber:
    """Channels that this process listens to. `on_message(channel, payload)` runs in the loop.

    `on_gap(channels)` is called at every connection, the first included, with the channels that are
    subscribed again or later than asked for: something may have been published to them meanwhile.
    """

    def __init__(self, url: str, on_message: OnMessage, on_gap: OnGap) -> None:
        self._options = parse_url(url)
        self._on_message = on_message
        self._on_gap = on_gap
        self._channels: set[bytes] = set()
        self._wire: _Wire | None = None

    @property
    def is_connected(self) -> bool:
        """False while Redis is away."""
        return self._wire is not None

    async def subscribe(self, channel: bytes) -> bool:
        """Listen to a channel; returns once Redis confirms: all published later arrives.

        False when Redis is away: the channel is subscribed when it is back, and `on_gap` tells.
        """
        self._channels.add(channel)
        wire = self._wire
        if wire is None:
            return False
        try:
            async with asyncio.timeout(CONFIRM_S):
                await _confirm(wire, [channel])
        except SubscriberLostError:
            return False
        except TimeoutError:
            # Confirmed late, it would leave a gap that nobody is told of: begin anew instead.
            wire.abort()
            return False
        return True

    def unsubscribe(self, channel: bytes) -> None:
        """Listen no longer."""
        self._channels.discard(channel)
        if self._wire is not None:
            self._wire.subscribed.discard(channel)
            self._wire.send("SUNSUBSCRIBE", channel)

    async def run(self) -> None:
        """Keep the connection until cancelled."""
        failures = 0
        while True:
            try:
                wire = await self._open()
            except (OSError, TimeoutError, RedisError) as error:
                log.warning("subscriber_unreachable", reason=type(error).__name__)
                await asyncio.sleep(BACKOFF_S[min(failures, len(BACKOFF_S) - 1)])
                failures += 1
                continue
            failures = 0
            self._wire = wire
            self._on_gap(frozenset(self._channels))
            try:
                await self._watch(wire)
            finally:
                self._wire = None
                wire.abort()
            log.warning("subscriber_lost")

    async def _open(self) -> _Wire:
        options = self._options
        loop = asyncio.get_running_loop()
        context = ssl.create_default_context() if "connection_class" in options else None
        wire = _Wire(self._on_message)
        async with asyncio.timeout(CONNECT_S):
            if "path" in options:
                await loop.create_unix_connection(lambda: wire, options["path"])
            else:
                host, port = options.get("host", "localhost"), options.get("port", 6379)
                await loop.create_connection(lambda: wire, host, port, ssl=context)
            try:
                await self._sign_in(wire)
                # Channels subscribed while the confirmations are awaited are asked for in turn.
                while missing := self._channels - wire.subscribed:
                    await _confirm(wire, missing)
            except BaseException:
                wire.abort()
                raise
        return wire

    async def _sign_in(self, wire: _Wire) -> None:
        password = self._options.get("password")
        if password is None:
            return
        user = self._options.get("username")
        wire.send("AUTH", *([user] if user else []), password)
        reply = await wire.replies.get()
        if isinstance(reply, Exception):
            raise RedisError(str(reply))

    async def _watch(self, wire: _Wire) -> None:
        """Return when the connection is lost or no longer answers."""
        loop = asyncio.get_running_loop()
        wire.last_heard = loop.time()
        while not wire.closed.done():
            wire.send("PING")
            await asyncio.wait([wire.closed], timeout=PING_S)
            if loop.time() - wire.last_heard > 2 * PING_S:
                return


async def _confirm(wire: _Wire, channels: Iterable[bytes]) -> None:
    """Subscribe and await every confirmation."""
    futures = []
    for channel in channels:
        future = wire.awaited.get(channel)
        if future is None:
            future = wire.awaited[channel] = asyncio.get_running_loop().create_future()
            future.add_done_callback(_forget)
            wire.send("SSUBSCRIBE", channel)
        futures.append(asyncio.shield(future))
    await asyncio.gather(*futures)


def _forget(future: "asyncio.Future[None]") -> None:
    """Those who waited may have given up: then nobody looks at how it ended."""
    if not future.cancelled():
        future.exception()
