"""From an event to the bytes on sockets: `d` is encoded once a format, the envelope spliced in."""

from collections.abc import Iterable
from datetime import UTC, datetime

import orjson

from protocol.bus import BusEvent
from protocol.codec import Codec, transcode
from server.connection.mailbox import Mailbox, frame
from server.telemetry.metrics import Metrics

SAMPLE = 16
"""One delivery in so many is measured from the message's creation."""


class FanOut:
    """Writes events to mailboxes."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._last: tuple[bytes, bytes] = (b"", b"")
        self._delivered = 0

    def deliver(
        self, listeners: Iterable[Mailbox], event: BusEvent, at: str, place: str = ""
    ) -> None:
        """To all of them but the one that has the reply instead.

        `at` is the mark that clients may go on from, `place` the entry in the log of an event that
        has no order.
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
        """A group's members here get the same `d` one after the other: packed once."""
        if self._last[0] != d:
            self._last = (d, transcode(d))
        return self._last[1]
