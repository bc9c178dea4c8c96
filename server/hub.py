"""Fan-out within a process: an event from Redis to the connections that it is for."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

import orjson
import structlog

from protocol.bus import BusEvent, unpack
from protocol.codec import Codec, transcode
from protocol.errors import SESSION_ENDED
from protocol.objects import Message
from protocol.sequencer import Sequencer
from server.mailbox import Mailbox, frame
from server.metrics import Metrics
from storage.keys import user_channel, watch_channel
from storage.message_events import message_eid
from storage.subscriber import Subscriber

log = structlog.get_logger()

HOLD_S = 0.25
"""How long an event waits for those before it; what still lacks them then, the client fetches."""


SAMPLE = 16
"""One delivery in so many is measured from the message's creation."""


class _Arrived(NamedTuple):
    """An event with its offset in the channel's log."""

    at: str
    event: BusEvent


@dataclass(slots=True)
class _Channel:
    """Who listens, and the order of the conversations told here."""

    listeners: set[Mailbox] = field(default_factory=set)
    sequencer: Sequencer[_Arrived | None] = field(default_factory=lambda: Sequencer(HOLD_S))
    is_due: bool = False


class Hub:
    """Who is connected here, by user, and who watches whose presence."""

    def __init__(self, redis_url: str, metrics: Metrics) -> None:
        self._metrics = metrics
        self._subscriber = Subscriber(redis_url, self._on_message, self._on_gap)
        self._channels: dict[bytes, _Channel] = {}
        self._last: tuple[bytes, bytes] = (b"", b"")
        self.reopened = asyncio.Event()
        """Set when Redis is back: it may have forgotten who is connected."""
        self._delivered = 0

    @property
    def is_connected(self) -> bool:
        """False while nothing can arrive from other processes."""
        return self._subscriber.is_connected

    async def run(self) -> None:
        """Listen until cancelled."""
        await self._subscriber.run()

    async def join(self, user_id: str, mailbox: Mailbox) -> bool:
        """Send a user's events to this connection; False while Redis is away."""
        return await self._listen(user_channel(user_id), mailbox)

    def leave(self, user_id: str, mailbox: Mailbox) -> None:
        """Send it no more of them."""
        self._forget(user_channel(user_id), mailbox)

    async def watch(self, user_id: str, mailbox: Mailbox) -> None:
        """Send the presence of a user to this connection."""
        await self._listen(watch_channel(user_id), mailbox)

    def unwatch(self, user_id: str, mailbox: Mailbox) -> None:
        """Send it no more."""
        self._forget(watch_channel(user_id), mailbox)

    def mailboxes(self) -> list[Mailbox]:
        """All connections of this process that have said hello."""
        unique: set[Mailbox] = set()
        for name, channel in self._channels.items():
            if b":user:" in name:
                unique |= channel.listeners
        return list(unique)

    def has_reply(self, message: Message, origin: str) -> None:
        """A connection here has sent a message, and has it by its reply.

        Alone, its user's channel is not published to: the order there goes on all the same.
        """
        channel = self._channels.get(user_channel(message.sender_id))
        if channel is None or len(channel.listeners) != 1:
            return
        (mailbox,) = channel.listeners
        if mailbox.connection_id == origin:
            conversation_id = message.conversation_id.encode()
            eid = message_eid(message.conversation_id, message.rev)
            now = asyncio.get_running_loop().time()
            ready = channel.sequencer.offer(conversation_id, message.rev, eid, None, now)
            self._deliver(channel, ready)

    def end_sessions(self, session_ids: set[str]) -> None:
        """Close the connections of these logins."""
        for mailbox in self.mailboxes():
            if str(mailbox.session_id) in session_ids:
                mailbox.end(SESSION_ENDED)

    async def _listen(self, name: bytes, mailbox: Mailbox) -> bool:
        self._channels.setdefault(name, _Channel()).listeners.add(mailbox)
        # Also for a second listener: the first one's subscription may not be confirmed yet.
        return await self._subscriber.subscribe(name)

    def _forget(self, name: bytes, mailbox: Mailbox) -> None:
        channel = self._channels.get(name)
        if channel is None:
            return
        channel.listeners.discard(mailbox)
        if not channel.listeners:
            del self._channels[name]
            self._subscriber.unsubscribe(name)

    def _on_message(self, name: bytes, payload: bytes) -> None:
        channel = self._channels.get(name)
        if channel is None:
            return
        at, _, body = payload.partition(b" ")
        try:
            event = unpack(body)
            rev = int(event.rev or 0)
        except ValueError:
            log.exception("bus_body_refused", channel=name.decode(errors="replace"))
            return
        if rev:
            self._in_order(channel, _Arrived(at.decode(), event), rev)
        elif event.ev == b"session.revoked":
            self.end_sessions(set(orjson.loads(event.d)["session_ids"]))
        else:
            self._fan_out(channel.listeners, event, at.decode())

    def _in_order(self, channel: _Channel, arrived: _Arrived, rev: int) -> None:
        """Deliver a change of a conversation, after those before it."""
        event, sequencer = arrived.event, channel.sequencer
        if event.ev == b"conversation.created":
            # The whole conversation as of this rev: the recipient needs nothing before it.
            sequencer.restart(event.conversation_id, rev - 1)
        loop = asyncio.get_running_loop()
        ready = sequencer.offer(event.conversation_id, rev, event.eid, arrived, loop.time())
        self._deliver(channel, ready)
        if sequencer.is_holding and not channel.is_due:
            channel.is_due = True
            self._metrics.held()
            loop.call_later(HOLD_S, self._release, channel)

    def _deliver(self, channel: _Channel, ready: list[_Arrived | None]) -> None:
        for arrived in ready:
            if arrived is not None:
                self._fan_out(channel.listeners, arrived.event, arrived.at)

    def _release(self, channel: _Channel) -> None:
        loop = asyncio.get_running_loop()
        self._deliver(channel, channel.sequencer.release_due(loop.time()))
        channel.is_due = channel.sequencer.is_holding
        if channel.is_due:
            loop.call_later(HOLD_S / 4, self._release, channel)

    def _fan_out(self, listeners: set[Mailbox], event: BusEvent, at: str) -> None:
        """`d` is encoded once a format; each connection gets finished bytes."""
        frames: dict[Codec, bytes] = {}
        for mailbox in listeners:
            if event.origin and mailbox.origin == event.origin:
                continue
            finished = frames.get(mailbox.codec)
            if finished is None:
                finished = frames[mailbox.codec] = self._finish(mailbox.codec, event, at)
            mailbox.deliver(at, finished)
        self._delivered += 1
        if event.ev == b"message.created" and self._delivered % SAMPLE == 0:
            created_at = orjson.loads(event.d)["message"]["created_at"]
            age = datetime.now(UTC) - datetime.fromisoformat(created_at)
            self._metrics.delivered(max(0.0, age.total_seconds()))

    def _finish(self, codec: Codec, event: BusEvent, at: str) -> bytes:
        d = event.d if codec.is_text else self._packed(event.d)
        payload = codec.event(event.ev.decode(), event.eid.decode(), at if event.eid else "", d)
        return frame(payload, is_text=codec.is_text)

    def _packed(self, d: bytes) -> bytes:
        """A group's members here get the same `d` one after the other: packed once."""
        if self._last[0] != d:
            self._last = (d, transcode(d))
        return self._last[1]

    def _on_gap(self, _channels: frozenset[bytes]) -> None:
        """Events may have been published while nobody here listened."""
        self.reopened.set()
        for mailbox in self.mailboxes():
            payload = mailbox.codec.event("resync", "", "", mailbox.codec.encode({}))
            mailbox.deliver("", frame(payload, is_text=mailbox.codec.is_text))
