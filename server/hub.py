"""Fan-out within a process: an event from Redis to the connections that it is for."""

import orjson
import structlog

from protocol.bus import BusEvent, unpack
from protocol.codec import Codec, transcode
from protocol.errors import SESSION_ENDED
from server.mailbox import Mailbox, frame
from storage.publisher import USER_PREFIX
from storage.subscriber import Subscriber

log = structlog.get_logger()

WATCH_PREFIX = b"parley:watch:"


class Hub:
    """Who is connected here, by user, and who watches whose presence."""

    def __init__(self, redis_url: str) -> None:
        self._subscriber = Subscriber(redis_url, self._on_message, self._on_gap)
        self._listeners: dict[bytes, set[Mailbox]] = {}
        self._last: tuple[bytes, bytes] = (b"", b"")
        self.delivered = 0

    @property
    def is_connected(self) -> bool:
        """False while nothing can arrive from other processes."""
        return self._subscriber.is_connected

    async def run(self) -> None:
        """Listen until cancelled."""
        await self._subscriber.run()

    async def join(self, user_id: str, mailbox: Mailbox) -> bool:
        """Send a user's events to this connection; False while Redis is away."""
        return await self._listen(USER_PREFIX + user_id.encode(), mailbox)

    def leave(self, user_id: str, mailbox: Mailbox) -> None:
        """Send it no more of them."""
        self._forget(USER_PREFIX + user_id.encode(), mailbox)

    async def watch(self, user_id: str, mailbox: Mailbox) -> None:
        """Send the presence of a user to this connection."""
        await self._listen(WATCH_PREFIX + user_id.encode(), mailbox)

    def unwatch(self, user_id: str, mailbox: Mailbox) -> None:
        """Send it no more."""
        self._forget(WATCH_PREFIX + user_id.encode(), mailbox)

    def mailboxes(self) -> list[Mailbox]:
        """All connections of this process that have said hello."""
        unique: set[Mailbox] = set()
        for channel, listeners in self._listeners.items():
            if channel.startswith(USER_PREFIX):
                unique |= listeners
        return list(unique)

    def end_sessions(self, session_ids: set[str]) -> None:
        """Close the connections of these logins."""
        for mailbox in self.mailboxes():
            if str(mailbox.session_id) in session_ids:
                mailbox.end(SESSION_ENDED)

    async def _listen(self, channel: bytes, mailbox: Mailbox) -> bool:
        listeners = self._listeners.get(channel)
        if listeners is None:
            listeners = self._listeners[channel] = set()
        listeners.add(mailbox)
        # Also for a second listener: the first one's subscription may not be confirmed yet.
        return await self._subscriber.subscribe(channel)

    def _forget(self, channel: bytes, mailbox: Mailbox) -> None:
        listeners = self._listeners.get(channel)
        if listeners is None:
            return
        listeners.discard(mailbox)
        if not listeners:
            del self._listeners[channel]
            self._subscriber.unsubscribe(channel)

    def _on_message(self, channel: bytes, payload: bytes) -> None:
        listeners = self._listeners.get(channel)
        if listeners is None:
            return
        at, _, body = payload.partition(b" ")
        try:
            event = unpack(body)
        except ValueError:
            log.exception("bus_body_refused", channel=channel.decode(errors="replace"))
            return
        if event.ev == b"session.revoked":
            self.end_sessions(set(orjson.loads(event.d)["session_ids"]))
            return
        self._fan_out(listeners, event, at.decode())

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
            self.delivered += 1

    def _finish(self, codec: Codec, event: BusEvent, at: str) -> bytes:
        d = event.d if codec.is_text else self._packed(event.d)
        payload = codec.event(event.ev.decode(), event.eid.decode(), at if event.eid else "", d)
        return frame(payload, is_text=codec.is_text)

    def _packed(self, d: bytes) -> bytes:
        """A group's members here get the same `d` one after the other: packed once."""
        if self._last[0] != d:
            self._last = (d, transcode(d))
        return self._last[1]

    def _on_gap(self) -> None:
        """Events may have been published while nobody here listened."""
        for mailbox in self.mailboxes():
            payload = mailbox.codec.event("resync", "", "", mailbox.codec.encode({}))
            mailbox.deliver("", frame(payload, is_text=mailbox.codec.is_text))
