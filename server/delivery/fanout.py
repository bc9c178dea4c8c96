"""From an event to the bytes on sockets: `d` and the envelope are encoded once for each format."""

from collections.abc import Iterable
from datetime import UTC, datetime

import orjson

from protocol.bus import BusEvent
from protocol.codec import Codec, transcode
from server.connection.mailbox import Mailbox, frame
from server.telemetry.metrics import Metrics

SAMPLE = 16
"""One delivery in this many is measured from the message's creation."""


class FanOut:
    """Writes events to mailboxes."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._last: tuple[bytes, bytes] = (b"", b"")
        self._delivered = 0

    def deliver(
        self, listeners: Iterable[Mailbox], event: BusEvent, at: str, place: str = ""
    ) -> None:
        """Write to all of them but the sender's connection, which gets the reply instead.

        `at` is the entry that clients may resume from, `place` the log entry of an event without a
        rev.
        """
        frames: dict[Codec, bytes] = {}
        for mailbox in listeners:
            if event.origin and mailbox.origin == event.origin:
                continue
            finished = frames.get(mailbox.codec)
            if finished is None:
                finished = frames[mailbox.codec] = self.finished(mailbox.codec, event, at)
            mailbox.deliver(event, place, finished)
        self._delivered += 1
        if event.ev == b"message.created" and self._delivered % SAMPLE == 0:
            created_at = orjson.loads(event.d)["message"]["created_at"]
            age = datetime.now(UTC) - datetime.fromisoformat(created_at)
            self._metrics.delivered(max(0.0, age.total_seconds()))

    def finished(self, codec: Codec, event: BusEvent, at: str) -> bytes:
        """The frame of an event in one format."""
        d = event.d if codec.is_text else self._packed(event.d)
        payload = codec.event(event.ev, event.eid, at if event.eid else "", d)
        return frame(payload, is_text=codec.is_text)

    def _packed(self, d: bytes) -> bytes:
        """Members of a group get the same `d` one after the other, so the last one is cached."""
        if self._last[0] != d:
            self._last = (d, transcode(d))
        return self._last[1]
